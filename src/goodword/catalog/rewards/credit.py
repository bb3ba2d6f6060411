"""Credit on the account of the customer, for later purchases or bills: a fixed sum or a share of the order."""

from __future__ import annotations

from goodword.catalog.sums import money_or_share, sentence_of, share_or_sum
from goodword.core.kind import RewardKind

CREDIT = RewardKind(
    slug="credit",
    title="Account credit",
    help=__doc__ or "",
    schema=money_or_share(needs_max=False),
    parse=share_or_sum("credit"),
    amount_minor=lambda give, base: give.worth_minor(base),
    most_minor=lambda give: give.most_minor,
    sentence=sentence_of("{} of account credit"),
)
