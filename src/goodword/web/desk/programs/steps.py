"""What has to happen where it is more than one event? Counted, combined, dated and repeated steps, as a person would say them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils.formats import date_format
from django.utils.functional import Promise as Words
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from goodword.core.requirements import Combination, Counting, Milestone
from goodword.core.terms import Terms
from goodword.web import words

Noun = Callable[[Terms, str], str]  # a milestone as a noun: joining, the first order

_ENDS: dict[str, Words] = {
    "week": gettext_lazy("at the end of the week of {base}"),
    "month": gettext_lazy("at the end of the month of {base}"),
    "quarter": gettext_lazy("at the end of the quarter of {base}"),
    "year": gettext_lazy("at the end of the year of {base}"),
    "fiscal_year": gettext_lazy("at the end of the fiscal year of {base}"),
}


def clause(terms: Terms, one: Milestone, noun: Noun) -> SafeString | None:
    """The clause of a step that is more than an event or a span; None where it is no more than that."""
    if one.counting:
        return _counted(terms, one, one.counting, noun)
    if one.combines:
        return _combined(terms, one.combines, noun)
    if one.moment_on:
        day = date_format((one.moment_on - timedelta(seconds=1)).astimezone(terms.zone), "j M Y")
        return format_html(_("on {day}"), day=day)
    if one.moment_end_of:
        base = words.text(noun(terms, one.moment_after or "joined"))
        return format_html(str(_ENDS[one.moment_end_of]), base=base)
    return None


def with_repeats(said: SafeString, one: Milestone) -> SafeString:
    """The clause with how often it counts, and whether pauses stop its clock."""
    if one.pauses:
        said = format_html(_("{clause}, pauses not counted"), clause=said)
    if one.repeat is None:
        return said
    if one.repeat.most is None:
        return format_html(_("{clause}, each time"), clause=said)
    often = ngettext("{n} time", "{n} times", one.repeat.most).format(n=one.repeat.most)
    return format_html(_("{clause}, each time, at most {often}"), clause=said, often=often)


def _counted(terms: Terms, one: Milestone, wanted: Counting, noun: Noun) -> SafeString:
    parts = []
    if wanted.number:
        parts.append(ngettext("{n} time", "{n} times", wanted.number).format(n=wanted.number))
    if wanted.sum_minor:
        parts.append(str(format_html(_("{amount} in all"), amount=words.money(wanted.sum_minor, terms.currency))))
    if wanted.days:
        parts.append(ngettext("on {n} day", "on {n} different days", wanted.days).format(n=wanted.days))
    values = {
        "event": words.event_word(wanted.event).lower(),
        "parts": SafeString(", ".join(parts)),
        "least": words.money(one.min_minor, terms.currency) if one.min_minor else "",
    }
    said = (
        format_html(_("when the friend's events “{event}” of at least {least} each came together: {parts}"), **values)
        if one.min_minor
        else format_html(_("when the friend's events “{event}” came together: {parts}"), **values)
    )
    if one.within is None:
        return said
    days = ngettext("{n} day", "{n} days", one.within.days).format(n=one.within.days)
    since = words.text(noun(terms, one.within_of))
    return format_html(_("{clause}, within {days} of {since}"), clause=said, days=days, since=since)


def _combined(terms: Terms, wanted: Combination, noun: Noun) -> SafeString:
    steps = ", ".join(noun(terms, name) for name in wanted.names)
    if wanted.needed == 1:
        return format_html(_("when any of these is reached: {steps}"), steps=steps)
    if wanted.in_order:
        return format_html(_("when these are reached in this order: {steps}"), steps=steps)
    if wanted.needed == len(wanted.names):
        return format_html(_("when all of these are reached: {steps}"), steps=steps)
    return format_html(_("when {n} of these are reached: {steps}"), n=wanted.needed, steps=steps)
