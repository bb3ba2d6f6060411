"""Referrer and friend were seen on the same device."""

from __future__ import annotations

from goodword.core.kind import Finding, Need, Signal
from goodword.core.screening import View

POINTS = 35  # a family tablet or a shop's kiosk: hold, never deny alone


def _find(view: View) -> Finding | None:
    if not view.shared_traits("device"):
        return None
    return Finding("same_device", "self", POINTS, "Referrer and friend used the same device.")


SAME_DEVICE = Signal("same_device", "Same device", "self", __doc__ or "", Need(trait="device"), _find)
