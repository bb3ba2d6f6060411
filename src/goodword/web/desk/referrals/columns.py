"""Which columns does this person want to see? Chosen once, kept with the person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from goodword.actions.permissions import May
from goodword.store.models import User
from goodword.web.desk.door import Ask, asking
from goodword.web.shell import desk_of

_KEPT = "referral_columns"
KNOWN: tuple[tuple[str, Promise], ...] = (
    ("referrer", _("Referrer")),
    ("friend", _("Friend")),
    ("program", _("Program")),
    ("state", _("Stage")),
    ("reward", _("Reward")),
    ("method", _("Came by")),
    ("code", _("Code")),
    ("joined", _("Joined")),
    ("due", _("Due")),
)
AT_FIRST = frozenset({"referrer", "friend", "program", "state", "reward", "joined", "due"})


def chosen(request: HttpRequest) -> frozenset[str]:
    """The columns to show; the ref is always there."""
    desk = desk_of(request)
    kept = desk.user.settings.get(_KEPT) if desk and isinstance(desk.user.settings, dict) else None
    if not isinstance(kept, list):
        return AT_FIRST
    return frozenset(name for name, _label in KNOWN if name in kept) or AT_FIRST


@require_POST
@asking(May.REFERRALS)
def referrals_columns(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """Keep the columns, and back to the list as it was."""
    wanted = request.POST.getlist("column")
    user = ask.desk.user
    settings = user.settings if isinstance(user.settings, dict) else {}
    User.objects.filter(id=user.id).update(
        settings=settings | {_KEPT: [name for name, _label in KNOWN if name in wanted]}
    )
    onward = request.POST.get("next", "")
    mine = reverse("referrals", args=[ask.slug])
    inside = onward.startswith(mine) and url_has_allowed_host_and_scheme(onward, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(onward if inside else mine, status=303)
