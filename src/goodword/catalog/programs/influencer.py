"""Influencer and ambassador: an own code and a commission, with contract values that override the program for one party."""

from __future__ import annotations

from goodword.core.kind import Template

INFLUENCER = Template(
    slug="influencer",
    title="Influencer or ambassador",
    help=__doc__ or "",
    headline="Recommend with your own code, earn {advocate}",
    asks=(),
    defaults={
        "milestones": {"joined": {"event": "signup"}, "order": {"event": "purchase", "repeat": {}}},
        "advocates": {"who": "audience:ambassadors"},
        "attribution": {"methods": ["code", "click", "named"]},
        "friends": {"new": "anyone"},
    },
    example="""\
program: ambassadors
name: House ambassadors
type: influencer
currency: EUR
advocates: {who: anyone}
contracts: {needed: false, tail: 60d}
promises:
  - to: advocate
    on: order
    hold: 30d
    give:
      - {if: [advocate.contract == gold], commission: {percent: 15, max: "150.00"}}
      - {commission: {percent: 8, max: "150.00"}}
""",
    scenarios="""\
scenario: every order with the code earns commission
d0 known alice contract=silver
d1 purchase bob 100.00 code ALICE -> alice pending 8.00
d5 purchase bob 50.00 -> alice pending 12.00
d40 time -> alice payable 12.00

scenario: a contract of gold overrides the rate
d0 known alice contract=gold
d1 purchase bob 100.00 code ALICE -> alice pending 15.00

scenario: a contract of one's own overrides the table for one creator, until the tail after its end is over
d0 contract alice accept 1 order commission 20% max 300.00 program ambassadors
d1 purchase bob 100.00 code ALICE -> alice pending 20.00
d10 contract alice end program ambassadors
d11 purchase carol 100.00 code ALICE -> contract_ended, carol not referred
d69 purchase bob 100.00 -> alice pending 20.00
d71 purchase bob 100.00 -> contract_tail_over
""",
)
