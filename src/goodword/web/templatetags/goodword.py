"""How do templates write a state, an amount, a moment, a person? Small components, each one tag."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString

from goodword.store import own
from goodword.store.reads.people import Person
from goodword.web import rooms, shell, waiting, words
from goodword.web.own.preferences import Preferences
from goodword.web.own.views import narrowed
from goodword.web.toasts import Toast, take

register = template.Library()

# 16 px, drawn with strokes in the colour of the text beside them.
_PATHS = {
    "ok": "M3 8.5 6.5 12 13 4.5",
    "no": "M4 4l8 8M12 4l-8 8",
    "clock": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 5v3.5l2.5 1.5",
    "hold": "M3.5 3.5h9v9h-9zM6.5 6v4M9.5 6v4",
    "half": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M5.5 8.2 7.4 10 10.8 6.2",
    "person": "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8M2.5 14c.6-2.8 2.8-4.2 5.5-4.2s4.9 1.4 5.5 4.2",
    "sand": "M4 2h8M4 14h8M5 2c0 3.5 6 4.5 6 6s-6 2.5-6 6M11 2c0 3.5-6 4.5-6 6s6 2.5 6 6",
    "back": "M6 3 2.5 6.5 6 10M2.5 6.5H10a3.5 3.5 0 0 1 0 7H6",
    "dot": "M8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3",
    "search": "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5 14 14",
    "referrals": "M5 6.5A2 2 0 1 0 5 2.5a2 2 0 0 0 0 4M11 13.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4M5 6.5v3.5a1.5 1.5 0 0 0 1.5 1.5H9",
    "events": "M2 8h3l2-5 2.5 10L11.5 8H14",
    "down": "M8 2.5v7.5M4.5 7 8 10.5 11.5 7M3 13.5h10",
    "out": "M6.5 2.5H3v11h3.5M9.5 5l3 3-3 3M12.5 8H6",
    "today": "M3 3.5h10v10H3zM3 6.5h10M6 2v3M10 2v3",
    "program": "M3 3h10v4H3zM3 9.5h6v4H3zM11.5 9.5v4M9.8 11.5h3.4",
    "chart": "M2.5 13.5h11M4.5 11V7.5M8 11V3M11.5 11V5.5",
    "proof": "M8 1.8 13.2 4v4c0 3-2.2 5.2-5.2 6.2C5 13.2 2.8 11 2.8 8V4zM5.8 8l1.7 1.7L10.4 6.5",
    "team": "M6 7.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4M1.8 13c.4-2.4 2.1-3.6 4.2-3.6s3.8 1.2 4.2 3.6"
    "M11 7.2a1.8 1.8 0 1 0-.6-3.5M11.8 9.2c1.4.4 2.2 1.6 2.5 3.3",
    "client": "M2.5 13.5v-8L8 2.5l5.5 3v8zM6.5 13.5V10h3v3.5",
    "system": "M3 3h10v4.5H3zM3 8.5h10V13H3zM5.5 5.2h.1M5.5 10.8h.1",
    "menu": "M2.5 4h11M2.5 8h11M2.5 12h11",
    "fold": "M13.5 3v10M10 4.5 6.5 8l3.5 3.5M6.5 8h-4",
    "unfold": "M2.5 3v10M6 4.5 9.5 8 6 11.5M9.5 8h4",
    "view": "M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4M8 6.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2",
    "filter": "M2.5 3.5h11L9.5 8.5v4l-3 1v-5z",
    "print": "M4.5 6V2.5h7V6M4.5 11h-2V6h11v5h-2M4.5 9.5h7v4h-7z",
    "plus": "M8 3v10M3 8h10",
    "more": "M3.5 8h.1M8 8h.1M12.5 8h.1",
    "copy": "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
    "lock": "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
    "money": "M2 4h12v8H2zM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6",
    "key": "M10 9.5a3.5 3.5 0 1 0-3.3-2.3L2.5 11.5v2H5V12h1.5v-1.5L7.6 9.4",
}
_FLIPPED = frozenset({"back", "out", "fold", "unfold"})


@register.simple_tag(takes_context=True)
def frame(context: template.Context) -> dict[str, object]:
    """What stands around the page: `{% frame as frame %}`."""
    return shell.frame(context["request"])


@register.simple_tag(takes_context=True)
def toasts(context: template.Context) -> list[Toast]:
    """What was just done, once: `{% toasts as told %}`. A page about a failure leaves it for the next one."""
    return [] if "repair" in context else take(context["request"])


@register.simple_tag(takes_context=True, name="waiting")
def waiting_tag(context: template.Context, framed: Mapping[str, Any]) -> dict[str, str]:
    """What waits in the rooms of the rail, as the rail writes it; a page about a failure asks nothing more."""
    desk = framed["desk"]
    if desk is None or "repair" in context:
        return {}
    return waiting.counts(desk, [entry.name for entry in framed["rail"]])


@register.filter
def of(table: Mapping[str, Any], name: str) -> Any:
    """One of a table, by name; '' where there is none."""
    return table.get(name, "")


@register.simple_tag
def for_scripts(framed: Mapping[str, Any]) -> SafeString:
    """What palette and keys need, as data in the page: the content security policy runs none of it."""
    return json_script(shell.for_scripts(framed), "desk-data")


@register.simple_tag
def address_of(name: str, *arguments: Any) -> str:
    """The address of a page, or '' where this installation has none of that name: `{% address_of "account" as href %}`."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def key(context: template.Context, pressed: str) -> SafeString | str:
    """The cap of a single key as this person has it, for the element with `aria-keyshortcuts`; nothing where keys are off."""
    mine = _look(context).key(pressed)
    return format_html('<span class="kbd" aria-hidden="true">{}</span>', mine) if mine else ""


@register.simple_tag(takes_context=True)
def keys(context: template.Context, sequence: str) -> SafeString | str:
    """The caps of keys pressed one after another: `{% keys "g r" %}`."""
    mine = [_look(context).key(one) for one in sequence.split()]
    if not all(mine):
        return ""
    caps = format_html_join("", '<span class="kbd">{}</span>', ((one,) for one in mine))
    return format_html('<span class="kbd-row" aria-hidden="true">{}</span>', caps)


@register.inclusion_tag("goodword/parts/saved_views.html", takes_context=True)
def saved_views(context: template.Context, room: str) -> dict[str, Any]:
    """The views of this list, one's own and the team's, and a form to keep the one on the screen: `{% saved_views "referrals" %}`."""
    request: HttpRequest = context["request"]
    desk = shell.desk_of(request)
    if desk is None or desk.client is None:
        return {}
    found = own.views(desk.client.id, desk.user.id, room)
    return {
        "own": [one for one in found if not one.is_team],
        "team": [one for one in found if one.is_team],
        "room": room,
        "slug": desk.client.slug,
        "address": rooms.address_of(rooms.room(room), desk.client.slug),
        "query": narrowed(request.META.get("QUERY_STRING", "")),
        "frame": context.get("frame"),
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
def sla(level: str, left: str) -> SafeString:
    """Time left with its shape: level is ok, soon, late or held: `{% sla "soon" "2 h" %}`."""
    return format_html('<span class="sla {}"><bdi>{}</bdi></span>', level, left)


def _look(context: template.Context) -> Preferences:
    framed = context.get("frame")
    look = framed.get("look") if isinstance(framed, Mapping) else None
    if isinstance(look, Preferences):
        return look
    return shell.preferences_of(context["request"])


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing beside a word; it says nothing by itself to those who listen."""
    flip = " flip" if name in _FLIPPED else ""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">'
        '<path d="{}" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/></svg>',
        flip,
        _PATHS.get(name, _PATHS["dot"]),
    )


@register.simple_tag
def swatch(colour: str) -> SafeString:
    """A client's colour as a drawing: the content security policy lets no style in."""
    return format_html(
        '<svg class="swatch" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true" focusable="false">'
        '<rect width="10" height="10" rx="3" fill="{}"/></svg>',
        colour,
    )


@register.simple_tag
def stripe(colour: str) -> SafeString:
    """The line in the client's colour at the top of every page."""
    return format_html(
        '<svg class="stripe" width="100%" height="4" preserveAspectRatio="none" viewBox="0 0 100 4" aria-hidden="true"'
        ' focusable="false"><rect width="100" height="4" fill="{}"/></svg>',
        colour,
    )


@register.simple_tag
def state(code: str, kind: str = "referral") -> SafeString:
    """A state: icon, word and colour."""
    table = words.REWARD_STATES if kind == "reward" else words.REFERRAL_STATES
    found = words.state_of(code, table)
    return format_html('<span class="badge {}">{}{}</span>', found.tone, icon(found.icon), found.word)


@register.filter
def person(one: Person | None) -> SafeString:
    """A person by name or id."""
    return words.person(one)


@register.filter
def day(at: datetime | None) -> SafeString | str:
    """A day in the client's zone."""
    return words.day(at) if at else ""


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """A moment in the client's zone."""
    return words.moment(at) if at else ""


@register.simple_tag
def money(line: Any) -> SafeString:
    """The amount of anything that has `amount_minor` and `asset`."""
    return words.money(line.amount_minor, line.asset)


@register.simple_tag
def code(prefix: str, id: str, length: int = 8) -> SafeString:
    """An id as screens show it: the prefix and its beginning, or all of it with length 32."""
    return words.bdi(f"{prefix}_{id[:length]}", "code")


@register.filter
def event_word(type: str) -> str:
    """What happened, in words."""
    return words.event_word(type)


@register.filter
def dead_word(reason: str) -> str:
    """Why an event could not be decided."""
    return words.dead_word(reason)


@register.filter
def method(name: str) -> str:
    """How the friend came, in words."""
    return str(words.METHODS.get(name, name))


@register.filter
def label(name: str) -> str:
    """first_order -> First order."""
    return words.label(name)
