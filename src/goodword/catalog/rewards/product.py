"""A thing or a service, in pieces: its name, how many, and what one costs the client."""

from __future__ import annotations

from goodword.catalog.sums import PIECES, pieces, pieces_sentence
from goodword.core.kind import RewardKind

PRODUCT = RewardKind(
    slug="product",
    title="Product or service",
    help=__doc__ or "",
    schema=PIECES,
    parse=pieces("product", "ITEM", '{product: {name: "Tote bag", quantity: 1, cost: "8.00"}}'),
    amount_minor=lambda give, base: give.fixed_minor,
    most_minor=lambda give: give.fixed_minor,
    sentence=pieces_sentence("{count} × {name}"),
)
