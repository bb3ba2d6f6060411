"""Partners bring customers for a share of what they pay, for so many payments."""

from __future__ import annotations

from goodword.core.kind import Template

PARTNER = Template(
    slug="partner",
    title="Partner",
    help=__doc__ or "",
    headline="Bring customers, earn {advocate}",
    asks=(),
    defaults={
        "milestones": {"joined": {"event": "signup"}, "paid": {"event": "renewal", "repeat": {"most": 12}}},
        "friends": {"new": "anyone"},
    },
    example="""\
program: partners
name: Partner program
type: partner
currency: EUR
promises:
  - {to: advocate, on: paid, give: {commission: {percent: 15, max: "500.00"}}, hold: 30d}
""",
    scenarios="""\
scenario: a share of every payment
d1 signup bob code ALICE
d2 renewal bob 100.00 -> alice pending 15.00
d32 renewal bob 100.00 -> alice pending 15.00, alice payable 15.00
""",
)
