"""What does the store keep of a decision? The shapes that its writers and its readers share."""

from __future__ import annotations

import msgspec

from goodword.core.events import Event, ident
from goodword.core.reasons import Reason
from goodword.core.situation import Decision
from goodword.store.sql.log import LoggedEvent


class Decided(msgspec.Struct, frozen=True):
    """One decision with the log row that caused it (None for a due moment) and, where it was opened, its body."""

    decision: Decision
    logged: LoggedEvent | None
    event: Event | None
    raw: bytes | None


class StoredDecision(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a decision row: reasons, where its referrals stand now, and the fingerprint a replay must come to."""

    reasons: tuple[Reason, ...] = ()
    referrals: tuple[tuple[str, str], ...] = ()  # (referral, state)
    entries: int = 0
    party: str | None = None
    fingerprint: str = ""
    due: str | None = None  # whose moment came, where it is no referral's


def account_id(name: str, asset: str) -> str:
    """Row id of an account."""
    return ident("account", name, asset)
