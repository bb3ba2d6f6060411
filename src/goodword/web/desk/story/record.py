"""What did somebody earn without one certain friend? A ladder that many friends climbed together, a prize, an own act."""

from __future__ import annotations

import re
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

from goodword.core.referral import Referral
from goodword.web import words


def told(referral: Referral) -> dict[str, Any]:
    """What the page says beside checks, money and timeline: what it is about, and how far it came."""
    about = _about(referral)
    stands = next((reason for reason in referral.reasons if reason.code == "ladder_stands"), None)
    if stands is None:
        return {"about": about}
    reached, of = _number(stands.value), _number(stands.needed)
    if stands.needed is None:
        progress = format_html(_("{} reached: the top of the ladder."), words.bdi(stands.value or "0"))
    else:
        progress = format_html(
            _("{} reached; the next step is at {}."), words.bdi(stands.value or "0"), words.bdi(stands.needed)
        )
    return {"about": about, "progress": progress, "reached": reached, "of": of}


def _about(referral: Referral) -> Any:
    if referral.kind == "own":
        return _("for own acts, without any friend")
    period, _bar, market = referral.subject.partition("|")[2].partition("|")
    if referral.method == "contest":
        return format_html(_("a prize of the contest, round {}"), words.bdi(period))
    if market:
        spans = (words.bdi(market), words.bdi(period)) if period else (words.bdi(market),)
        told = _("earned together with the friends in {}, {}") if period else _("earned together with all friends in {}")
        return format_html(told, *spans)
    if not period:
        return _("earned together with all friends")
    return format_html(_("earned together with the friends of {}"), words.bdi(period))


def _number(text: str | None) -> float | None:
    found = re.match(r"\d+(?:\.\d+)?", text or "")
    return float(found[0]) if found else None
