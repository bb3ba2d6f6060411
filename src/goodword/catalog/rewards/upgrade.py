"""A higher plan or class for some time: its name, for how many periods, and what one costs the client."""

from __future__ import annotations

from goodword.catalog.sums import PIECES, pieces, pieces_sentence
from goodword.core.kind import RewardKind

UPGRADE = RewardKind(
    slug="upgrade",
    title="Upgrade",
    help=__doc__ or "",
    schema=PIECES,
    parse=pieces("upgrade", "UPGRADE", '{upgrade: {name: "Premium month", quantity: 3, cost: "5.00"}}'),
    amount_minor=lambda give, base: give.fixed_minor,
    most_minor=lambda give: give.fixed_minor,
    sentence=pieces_sentence("an upgrade: {count} × {name}"),
)
