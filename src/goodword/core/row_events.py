"""Which rows become which acts? One table of the kinds of files, for imports and for deciding on files alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from goodword.core import history_rows, rows
from goodword.core.events import Problem
from goodword.core.rows import Row

# In the order in which they build on each other: a reward needs its referral, a referral its people.
ROW_EVENTS: dict[str, Callable[[Row], dict[str, Any] | list[Problem]]] = {
    "organizations": history_rows.organization_row_event,
    "people": rows.person_row_event,
    "codes": rows.code_row_event,
    "audiences": history_rows.audience_row_event,
    "referrals": history_rows.referral_row_event,
    "rewards": history_rows.reward_row_event,
    "balances": history_rows.balance_row_event,
}
# At least one of these columns makes a file one of its kind.
NEEDED_COLUMNS = {
    "organizations": ("id", "domain", "vat_id"),
    "people": ("id", "email", "phone"),
    "codes": ("code",),
    "audiences": ("audience",),
    "referrals": ("advocate",),
    "rewards": ("granted_at",),
    "balances": ("amount",),
}
OF_ONE_PROGRAM = frozenset({"referrals", "rewards"})  # where the row names none, the client's only one is meant
