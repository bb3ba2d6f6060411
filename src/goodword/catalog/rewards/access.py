"""Access that others do not have, such as a presale or a club: its name, and what one costs the client."""

from __future__ import annotations

from goodword.catalog.sums import PIECES, pieces, pieces_sentence
from goodword.core.kind import RewardKind

ACCESS = RewardKind(
    slug="access",
    title="Exclusive access",
    help=__doc__ or "",
    schema=PIECES,
    parse=pieces("access", "ACCESS", '{access: {name: "VIP evening"}}'),
    amount_minor=lambda give, base: give.fixed_minor,
    most_minor=lambda give: give.fixed_minor,
    sentence=pieces_sentence("access: {name}"),
)
