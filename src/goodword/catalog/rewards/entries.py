"""Entries into a draw: of which one, and how many."""

from __future__ import annotations

from goodword.catalog.sums import PIECES, pieces, pieces_sentence
from goodword.core.kind import RewardKind

ENTRIES = RewardKind(
    slug="entries",
    title="Contest entries",
    help=__doc__ or "",
    schema=PIECES,
    parse=pieces("entries", "ENTRY", '{entries: {name: "Summer draw", quantity: 3}}'),
    amount_minor=lambda give, base: give.fixed_minor,
    most_minor=lambda give: give.fixed_minor,
    sentence=pieces_sentence("{count} × entry into {name}"),
)
