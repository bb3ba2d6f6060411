"""Referrer and friend write from the same mailbox, once +tags and ignored dots are taken away."""

from __future__ import annotations

from goodword.core.kind import Finding, Need, Signal
from goodword.core.screening import View

POINTS = 70  # relatives who share one mailbox exist, but nobody is referred to themselves


def _find(view: View) -> Finding | None:
    if not view.same_identity("email_root"):
        return None
    return Finding("same_email", "self", POINTS, "Referrer and friend use the same mailbox.")


SAME_EMAIL = Signal("same_email", "Same mailbox", "self", __doc__ or "", Need(), _find)
