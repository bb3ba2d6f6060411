"""One-sided: the referrer is rewarded after a set action of the friend, such as the first purchase."""

from __future__ import annotations

from goodword.core.kind import Template

DIRECT = Template(
    slug="direct",
    title="Direct",
    help=__doc__ or "",
    headline="Recommend us, get {advocate}",
    asks=("advocate",),
    defaults={"milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}}},
    example="""\
program: friends-direct
name: Tell a friend
type: direct
currency: EUR
promises:
  - {to: advocate, on: first_order, give: {cash: "10.00"}, hold: 14d, limit: {grants: 10 per month}}
""",
    scenarios="""\
scenario: the referrer is rewarded for the friend's first order, after the return window
d1 signup bob code ALICE
d2 purchase bob 60.00 -> alice pending 10.00
d17 time -> alice payable 10.00

scenario: an order sent back in the return window brings nothing
d1 signup bob code ALICE
d2 purchase bob 60.00
d5 refund bob 60.00 -> alice voided 10.00
""",
)
