"""Points: people collect points for friends and for what they do themselves, and redeem them from a catalogue."""

from __future__ import annotations

from goodword.core.kind import Template

POINTS = Template(
    slug="points",
    title="Points",
    help=__doc__ or "",
    headline="Collect {advocate} for every friend",
    asks=(),
    defaults={"milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}}},
    example="""\
program: friends-points
name: Glow points
type: points
currency: EUR
units:
  "PTS:glow": {name: Glow points, cost: {from: 2026-01-01, each: "0.01"}, expires: {after: 12 months}}
catalogue:
  mini-set: {name: Mini set, points: 500, stock: 100, cost: "4.00"}
promises:
  - {to: advocate, on: first_order, give: {points: {points: 500, unit: "PTS:glow"}}, hold: 14d}
  - {to: friend, on: first_order, give: {points: {points: 200, unit: "PTS:glow"}}, hold: 14d}
""",
    scenarios="""\
scenario: both collect points after the return window
d1 signup bob code ALICE
d2 purchase bob 60.00 -> alice pending 500 PTS:glow
d17 time -> alice payable 500 PTS:glow, bob payable 200 PTS:glow
""",
)
