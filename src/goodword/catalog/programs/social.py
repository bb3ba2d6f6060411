"""Social: a link of its own per channel, and a reward for each friend who buys through it."""

from __future__ import annotations

from goodword.core.kind import Template

SOCIAL = Template(
    slug="social",
    title="Social",
    help=__doc__ or "",
    headline="Share your link, get {advocate}",
    asks=(),
    defaults={
        "milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}},
        "attribution": {"methods": ["click", "code"], "window": "7d"},
    },
    example="""\
program: friends-social
name: Share and collect
type: social
currency: EUR
units:
  "PTS:style": {name: Style points, cost: {from: 2026-01-01, each: "0.01"}}
promises:
  - to: advocate
    on: first_order
    give: {points: {points: 10, per: "1.00", unit: "PTS:style"}}
    hold: 30d
    limit: {grants: 20 per day}
""",
    scenarios="""\
scenario: a click on a shared link and an order bring points by its amount
d1 click alice -> bob
d2 purchase bob 40.00 -> alice pending 400 PTS:style
d33 time -> alice payable 400 PTS:style

scenario: a click of last week does not count any more
d1 click alice -> bob
d9 purchase bob 40.00 -> bob not referred
""",
)
