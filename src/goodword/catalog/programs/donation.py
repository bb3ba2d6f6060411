"""Donation: the client gives to a cause in the name of the referrer."""

from __future__ import annotations

from goodword.core.kind import Template

DONATION = Template(
    slug="donation",
    title="Donation",
    help=__doc__ or "",
    headline="Recommend us, and {advocate}",
    asks=(),
    defaults={"milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}}},
    example="""\
program: good-cause
name: Good word, good cause
type: donation
currency: EUR
promises:
  - {to: advocate, on: first_order, give: {donation: {amount: "10.00", to: Sea Rescue}}, hold: 14d}
""",
    scenarios="""\
scenario: a first order brings a donation in the referrer's name
d1 signup bob code ALICE
d2 purchase bob 60.00 -> alice pending 10.00
d17 time -> alice payable 10.00
""",
)
