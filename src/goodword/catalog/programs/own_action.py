"""Own action: people are rewarded for what they do themselves, such as a renewal, an upgrade or a review; no friend is needed."""

from __future__ import annotations

from goodword.core.kind import Template

OWN_ACTION = Template(
    slug="own_action",
    title="Own action",
    help=__doc__ or "",
    headline="Get {person} for your loyalty",
    asks=(),
    defaults={"milestones": {"renewed": {"event": "renewal", "repeat": {}}}},
    example="""\
program: loyal
name: Stay with us
type: own_action
currency: EUR
milestones:
  renewed: {event: renewal, repeat: {}}
  reviewed: {event: review_written}
promises:
  - {to: person, on: renewed, give: {credit: "5.00"}, limit: {grants: 1 per year}}
  - {to: person, on: reviewed, give: {voucher: "3.00"}}
""",
    scenarios="""\
scenario: a renewal is rewarded once a year
d1 renewal bob 100.00 -> bob payable 5.00
d30 renewal bob 100.00 -> limit_reached, bob payable 5.00

scenario: a review needs no friend
d1 event review_written bob -> bob payable 3.00
""",
)
