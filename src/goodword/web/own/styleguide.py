"""What is the desk made of? Every component with all its states on one page, for whoever builds or judges a screen."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from goodword.web.desk.door import asking_house, page
from goodword.web.icons import PATHS
from goodword.web.own.samples import drawings
from goodword.web.shell import Desk
from goodword.web.words import REFERRAL_STATES, REWARD_STATES

_TONES = ("ok", "wait", "stop", "hold", "info", "mute")
_COLOURS = (
    ("bg", "surface", "surface-2", "overlay"), ("ink", "ink-2", "ink-3", "line", "line-strong"),
    ("act", "act-soft", "mark", "focus", "brand"), ("ok", "wait", "stop", "hold"),
    ("ok-soft", "wait-soft", "stop-soft", "hold-soft"), ("c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"),
)  # fmt: skip


@require_GET
@asking_house(None)
def styleguide(_desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """All of it; the samples are nobody's data."""
    return page(
        request,
        "goodword/own/styleguide.html",
        {
            "tones": _TONES,
            "icons": sorted(PATHS),
            "confirms": request.GET.get("confirm") == "sample",
            "colours": _COLOURS,
            **drawings(),
            "referral_states": sorted(REFERRAL_STATES),
            "reward_states": sorted(REWARD_STATES),
            "wrong": [
                ("sample-amount", _("Amount"), _("Write a sum like 25.00, with two digits behind the point.")),
                ("sample-day", _("First day"), _("This day is past. Choose today or later.")),
            ],
        },
    )
