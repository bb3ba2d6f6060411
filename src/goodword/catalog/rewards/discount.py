"""A discount on the order itself: of a fixed value, or a percentage with a maximum."""

from __future__ import annotations

from goodword.catalog.sums import money_or_share, sentence_of, share_or_sum
from goodword.core.kind import RewardKind

DISCOUNT = RewardKind(
    slug="discount",
    title="Discount",
    help=__doc__ or "",
    schema=money_or_share(needs_max=False),
    parse=share_or_sum("discount"),
    amount_minor=lambda give, base: give.worth_minor(base),
    most_minor=lambda give: give.most_minor,
    sentence=sentence_of("a discount of {}"),
)
