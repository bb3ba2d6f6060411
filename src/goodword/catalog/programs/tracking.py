"""Tracking without any promise: who referred whom is known and nothing is given, for markets in which rewards are banned."""

from __future__ import annotations

from goodword.core.kind import Template

TRACKING = Template(
    slug="tracking",
    title="Tracking",
    help=__doc__ or "",
    headline="Recommend us",
    asks=(),
    defaults={"milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}}},
    example="""\
program: tracked
name: Who knows whom
type: tracking
currency: EUR
promises: []
""",
    scenarios="""\
scenario: a referral is on record and nothing is promised
d1 signup bob code ALICE -> bob by alice
d2 purchase bob 60.00 -> bob joined, 0 rewards pending
""",
)
