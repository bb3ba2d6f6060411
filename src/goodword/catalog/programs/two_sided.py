"""Two-sided: referrer and friend are both rewarded, for example 20 % for both when the friend subscribes."""

from __future__ import annotations

from goodword.core.kind import Template

TWO_SIDED = Template(
    slug="two_sided",
    title="Two-sided",
    help=__doc__ or "",
    headline="Give {friend}, get {advocate}",
    asks=("advocate", "friend"),
    defaults={"milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}}},
    example="""\
program: friends-both
name: Better together
type: two_sided
currency: EUR
milestones:
  joined: {event: signup}
  subscribed: {event: subscription_started, min: "10.00", cancelled_by: subscription}
promises:
  - {to: advocate, on: subscribed, give: {credit: {percent: 20, max: "50.00"}}, hold: 14d}
  - {to: friend, on: subscribed, give: {discount: {percent: 20, max: "50.00"}}}
""",
    scenarios="""\
scenario: 20 % for both when the friend subscribes
d1 signup bob code ALICE
d2 event subscription_started bob order s-1 amount 100.00 -> alice pending 20.00, bob payable 20.00
d17 time -> alice payable 20.00

scenario: a subscription cancelled in time brings the referrer nothing
d1 signup bob code ALICE
d2 event subscription_started bob order s-1 amount 100.00
d5 cancel bob subscription -> alice voided 20.00
""",
)
