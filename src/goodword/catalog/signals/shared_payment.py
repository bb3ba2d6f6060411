"""The friend pays with a card or account that the referrer, or several other people, also use."""

from __future__ import annotations

from goodword.core.kind import Finding, Need, Signal
from goodword.core.screening import View

POINTS_WITH_REFERRER = 45  # couples share cards: hold, never deny alone
POINTS_WITH_OTHERS = 30
OTHERS = 3


def _find(view: View) -> Finding | None:
    if view.shared_traits("payment"):
        return Finding(
            "shared_payment", "self", POINTS_WITH_REFERRER, "Referrer and friend paid with the same means of payment."
        )
    holders = view.holders("payment")
    if holders > OTHERS:
        return Finding(
            "shared_payment", "cluster", POINTS_WITH_OTHERS, f"{holders} people paid with the same means of payment."
        )
    return None


SHARED_PAYMENT = Signal("shared_payment", "Shared payment", "cluster", __doc__ or "", Need(trait="payment"), _find)
