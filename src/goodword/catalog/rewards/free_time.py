"""Time free of charge, in whole months, weeks, days or classes: what, how many, and what one costs the client."""

from __future__ import annotations

from goodword.catalog.sums import PIECES, pieces, pieces_sentence
from goodword.core.kind import RewardKind

FREE_TIME = RewardKind(
    slug="free_time",
    title="Free time",
    help=__doc__ or "",
    schema=PIECES,
    parse=pieces("free_time", "TIME", '{free_time: {name: "month", quantity: 1, cost: "29.00"}}'),
    amount_minor=lambda give, base: give.fixed_minor,
    most_minor=lambda give: give.fixed_minor,
    sentence=pieces_sentence("{count} × {name} free"),
)
