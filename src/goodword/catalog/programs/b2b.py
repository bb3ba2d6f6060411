"""B2B: companies refer companies; deals are registered and approved, and each company that subscribes earns a commission."""

from __future__ import annotations

from goodword.core.kind import Template

B2B = Template(
    slug="b2b",
    title="B2B",
    help=__doc__ or "",
    headline="Refer a company, earn {advocate}",
    asks=(),
    defaults={
        "milestones": {
            "joined": {"event": "deal_registered"},
            "approved": {"event": "deal_approved"},
            "subscribed": {"event": "subscription_started", "cancelled_by": "subscription"},
        },
        "attribution": {"methods": ["named", "code"], "window": "180d", "bound": "lapses after 180d"},
        "friends": {"new": "anyone"},
    },
    example="""\
program: partners-b2b
name: Business refers business
type: b2b
currency: EUR
promises:
  - to: advocate
    on: subscribed
    hold: 30d
    give: {commission: {bands: [{to: "25000.00", percent: 10}, {percent: 12}], max: "20000.00"}}
""",
    scenarios="""\
scenario: a company that subscribes earns the company that referred it a commission
d1 event deal_registered bob by alice
d5 event deal_approved bob
d20 event subscription_started bob order s-1 amount 12000.00 -> alice pending 1200.00
d51 time -> alice payable 1200.00

scenario: above the band the higher rate holds for the whole
d1 event deal_registered bob by alice
d20 event subscription_started bob order s-1 amount 30000.00 -> alice pending 3600.00
""",
)
