"""What is missing to a guaranteed sum: earnings are topped up by the difference, and nothing is given above it."""

from __future__ import annotations

from goodword.catalog.sums import MONEY, fixed_sum, sentence_of
from goodword.core.kind import Give, RewardKind


def _missing_minor(give: Give, base: int | None) -> int | None:
    return None if base is None else max(0, (give.fixed_minor or 0) - base)


GUARANTEE = RewardKind(
    slug="guarantee",
    title="Guaranteed sum",
    help=__doc__ or "",
    schema=MONEY,
    parse=fixed_sum("guarantee"),
    amount_minor=_missing_minor,
    most_minor=lambda give: give.fixed_minor,
    sentence=sentence_of("what is missing to {}"),
)
