"""More friends join through one referrer in a day than people usually bring."""

from __future__ import annotations

from goodword.core.kind import Finding, Need, Signal
from goodword.core.screening import View

DAYS = 1
USUAL = 10  # parties and influencers are honest bursts: hold, never deny alone
POINTS = 30


def _find(view: View) -> Finding | None:
    joins = view.joins(DAYS)
    if joins <= USUAL:
        return None
    return Finding(
        "velocity",
        "velocity",
        POINTS,
        f"{joins} friends joined through this referrer within {DAYS * 24} hours; usual are up to {USUAL}.",
    )


VELOCITY = Signal(
    "velocity", "Many in a short time", "velocity", __doc__ or "", Need(signups_by="advocate", days=DAYS), _find
)
