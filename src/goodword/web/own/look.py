"""How is the desk set up? The page of settings, and the small buttons that change one thing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goodword.store import own
from goodword.web.desk.door import asking_house, page
from goodword.web.own import preferences
from goodword.web.own.preferences import KEYS, Preferences
from goodword.web.shell import Desk, desk_of, preferences_of
from goodword.web.toasts import toast


@require_POST
def look(request: HttpRequest) -> HttpResponseBase:
    """Change one thing from any page and come back to it; a script is answered without a page."""
    desk = desk_of(request)
    if desk is not None:
        now = preferences_of(request)
        chosen = replace(
            now,
            theme=_one_of(request, "theme", preferences.THEMES, now.theme),
            density=_one_of(request, "density", preferences.DENSITIES, now.density),
            rail=_one_of(request, "rail", preferences.RAILS, now.rail),
            language=_one_of(request, "language", ("", *dict(settings.LANGUAGES)), now.language),
        )
        own.keep_settings(desk.user, chosen.stored(), chosen.language)
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    onward = request.POST.get("next", "/")
    inside = url_has_allowed_host_and_scheme(onward, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(onward if inside else "/")


@require_http_methods(["GET", "HEAD", "POST"])
@asking_house(None)
def page_of_settings(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """Theme, rows, language and keys. What is wrong is said beside its field, and everything typed stays."""
    now = preferences_of(request)
    if request.method != "POST":
        return page(request, "goodword/own/settings.html", _context(now, {}))
    if "default" in request.POST:
        kept = replace(now, keys={}, single_keys=True)
        own.keep_settings(desk.user, kept.stored(), kept.language)
        toast(request, _("Every key is as it was at first."))
        return HttpResponseRedirect("/settings", status=303)
    typed = {key: request.POST.get(f"key_{number}", key).strip() or key for number, key in enumerate(KEYS)}
    wanted = Preferences(
        theme=_one_of(request, "theme", preferences.THEMES, now.theme),
        density=_one_of(request, "density", preferences.DENSITIES, now.density),
        rail=now.rail,
        language=_one_of(request, "language", ("", *dict(settings.LANGUAGES)), now.language),
        single_keys="single_keys" in request.POST,
        keys={key: mine for key, mine in typed.items() if mine != key},
    )
    wrong = _wrong(wanted.keys)
    if wrong:
        answer = page(request, "goodword/own/settings.html", _context(wanted, wrong))
        answer.status_code = 422
        return answer
    own.keep_settings(desk.user, wanted.stored(), wanted.language)
    if wanted.language:
        translation.activate(wanted.language)
    toast(request, _("Your settings are kept, for every browser you sign in from."))
    return HttpResponseRedirect("/settings", status=303)


def _wrong(mapped: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the wanted keys, by the key of the desk."""
    found = {key: _("One visible character, please.") for key, mine in mapped.items() if not preferences.is_key(mine)}
    for first, second in preferences.clashes(mapped):
        at = second if second in mapped else first
        other = first if at == second else second
        found.setdefault(
            at,
            _("“%(key)s” already means “%(meaning)s”. Choose another, or change that one too.")
            % {"key": mapped.get(at, at), "meaning": KEYS[other]},
        )
    return found


def _context(chosen: Preferences, wrong: Mapping[str, str]) -> dict[str, object]:
    keys = [
        (key, f"key_{number}", meaning, chosen.keys.get(key, key), wrong.get(key, ""))
        for number, (key, meaning) in enumerate(KEYS.items())
    ]
    return {
        "chosen": chosen,
        "keys": keys,
        "wrong": [(field, meaning, why) for _key, field, meaning, _mine, why in keys if why],
        "languages": settings.LANGUAGES,
    }


def _one_of(request: HttpRequest, name: str, known: tuple[str, ...], otherwise: str) -> str:
    value = request.POST.get(name, otherwise)
    return value if value in known else otherwise
