"""Referrer and friend gave the same phone number, however it was written."""

from __future__ import annotations

from goodword.core.kind import Finding, Need, Signal
from goodword.core.screening import View

POINTS = 50  # family plans and shared landlines: a person looks


def _find(view: View) -> Finding | None:
    if not view.same_identity("phone"):
        return None
    return Finding("same_phone", "self", POINTS, "Referrer and friend gave the same phone number.")


SAME_PHONE = Signal("same_phone", "Same phone", "self", __doc__ or "", Need(), _find)
