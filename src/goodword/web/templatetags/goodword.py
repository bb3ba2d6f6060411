"""How do templates write a state, an amount, a moment, a person? Small components, each one tag."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString

from goodword.store import own
from goodword.store.reads.people import Person
from goodword.web import rooms, shell, waiting, words
from goodword.web.icons import FLIPPED, PATHS
from goodword.web.own.preferences import Preferences
from goodword.web.own.views import narrowed
from goodword.web.toasts import Toast, take

register = template.Library()


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
    flip = " flip" if name in FLIPPED else ""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">'
        '<path d="{}" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/></svg>',
        flip,
        PATHS.get(name, PATHS["dot"]),
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
    return _badge(found.tone, found.icon, str(found.word))


@lru_cache(maxsize=1_024)  # a list says the same few states over and over
def _badge(tone: str, drawing: str, word: str) -> SafeString:
    return format_html('<span class="badge {}">{}{}</span>', tone, icon(drawing), word)


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
def found(sentence: str) -> str:
    """What a check found, in the reader's language."""
    return words.found(sentence)


@register.filter
def label(name: str) -> str:
    """first_order -> First order."""
    return words.label(name)
