"""Contest: who brings the most friends in a period wins; ties, prizes and closing are fixed beforehand."""

from __future__ import annotations

from goodword.core.kind import Template

CONTEST = Template(
    slug="contest",
    title="Contest",
    help=__doc__ or "",
    headline="Bring the most friends and win {advocate}",
    asks=(),
    defaults={"milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}}},
    example="""\
program: friends-contest
name: Traveller of the month
type: contest
currency: EUR
promises: []
contest:
  on: first_order
  rounds: month
  freeze: 7d
  minimum: 1
  prizes:
    - {place: 1, give: {cash: "500.00"}, worth: "500.00"}
    - {place: 2-3, give: {voucher: "100.00"}}
""",
    scenarios="""\
scenario: the one with most friends in the month wins the first prize, after freeze and award
2026-03-02 purchase bob 60.00 code ALICE
2026-03-03 purchase carol 60.00 code ALICE
2026-03-04 purchase erin 60.00 code FRANK
2026-04-30 time -> alice payable 500.00, frank payable 100.00
""",
)
