"""Tiered: the more friends, the greater the reward, for example a free month for 1, a class for 5, VIP for 10."""

from __future__ import annotations

from goodword.core.kind import Template

TIERED = Template(
    slug="tiered",
    title="Tiered",
    help=__doc__ or "",
    headline="{advocate} and more with every friend",
    asks=(),
    defaults={"milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}}},
    example="""\
program: friends-ladder
name: Bring your crew
type: tiered
currency: EUR
milestones:
  joined: {event: signup}
  member: {event: membership_started, cancelled_by: membership}
promises:
  - to: advocate
    on: member
    hold: 14d
    when:
      tiers:
        - {at: 1, give: {free_time: {name: month, cost: "29.00"}}}
        - {at: 5, give: {product: {name: Private class, cost: "60.00"}}}
        - {at: 10, give: {upgrade: {name: VIP year, cost: "240.00"}}}
""",
    scenarios="""\
scenario: the first friend brings a free month
d1 event membership_started bob code ALICE -> alice pending 1 TIME:month, ladder_stands(1)
d16 time -> alice payable 1 TIME:month

scenario: the fifth friend brings a class, and no second month
d1 event membership_started bob code ALICE
d1 event membership_started carol code ALICE
d1 event membership_started erin code ALICE
d1 event membership_started frank code ALICE -> alice pending 0 ITEM:private-class
d1 event membership_started grace code ALICE -> alice pending 1 ITEM:private-class, alice pending 1 TIME:month
""",
)
