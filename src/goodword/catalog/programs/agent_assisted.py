"""Agent-assisted: the agent who registers a referral on the phone is rewarded beside the referrer."""

from __future__ import annotations

from goodword.core.kind import Template

AGENT_ASSISTED = Template(
    slug="agent_assisted",
    title="Agent-assisted",
    help=__doc__ or "",
    headline="Tell us on the phone, get {advocate}",
    asks=(),
    defaults={"milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}}},
    example="""\
program: by-phone
name: Referred on the phone
type: agent_assisted
currency: EUR
promises:
  - {to: advocate, on: first_order, give: {cash: "10.00"}, hold: 14d}
  - {to: agent, on: first_order, give: {cash: "2.00"}, hold: 14d, limit: {amount: "200.00 per month", edge: partial}}
""",
    scenarios="""\
scenario: the agent who registered it and the referrer are both rewarded
d0 known judy
d1 signup bob by alice agent judy
d2 purchase bob 60.00 -> alice pending 10.00, judy pending 2.00

scenario: without an agent the referrer alone is
d1 signup bob by alice
d2 purchase bob 60.00 -> alice pending 10.00, agent_unknown
""",
)
