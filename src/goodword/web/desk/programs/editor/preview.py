"""How will people read the draft? The same small templates that portal, mail, widget and terms are made of, in any state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise as Words
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from goodword.catalog import SHELVES
from goodword.core import wording
from goodword.core.terms import Terms
from goodword.core.wording import Paragraph

VIEWS: dict[str, Words] = {
    "phone": gettext_lazy("Phone"), "mail": gettext_lazy("Mail"), "widget": gettext_lazy("Widget"),
    "terms": gettext_lazy("Terms"),
}  # fmt: skip
SAMPLE_CODE = "ANNA7"
_RTL = ("ar", "fa", "he", "ur")


@dataclass(frozen=True)
class Told:
    """What any of the templates needs: the headline, what each gets, the rule and its small print, as sentences."""

    name: str
    client: str
    headline: str
    mine: str
    theirs: str
    rule: str
    paragraphs: tuple[Paragraph, ...]
    for_friends: str
    language: str
    is_rtl: bool
    code: str = SAMPLE_CODE


def told(terms: Terms, client: str, language: str) -> Told:
    """The draft as people are told it, all of it in their language."""
    gifts = {role: _gift(terms, role, language) for role in ("advocate", "friend", "person")}
    return Told(
        terms.name, client, _headline(terms, gifts), gifts["advocate"] or gifts["person"], gifts["friend"],
        wording.rule(terms, language), wording.paragraphs(terms, language, organiser=client),
        wording.for_the_friend(terms, language), language, language in _RTL,
    )  # fmt: skip


def language_of(asked: str) -> str:
    """The language to show: the one asked for, else the desk's, as far as there are texts in it."""
    for one in (asked, (get_language() or "en").split("-")[0]):
        if one in wording.LANGUAGES:
            return one
    return "en"


def rendered(request: HttpRequest, terms: Terms, client: str, view: str, language: str) -> SafeString:
    """One of the views by its template, in the language of whoever will read it."""
    with translation.override(language):
        context: dict[str, Any] = {"told": told(terms, client, language), "terms": terms}
        return SafeString(render_to_string(f"goodword/promise/{view}.html", context, request))


def _gift(terms: Terms, role: str, language: str) -> str:
    """The first gift to a role; '' where it is promised none."""
    line = next((promise.lines[0] for promise in terms.promises if promise.to == role), None)
    return wording.gift(wording.Speaker(language), line.kind, line.give) if line else ""


def _headline(terms: Terms, gifts: Mapping[str, str]) -> str:
    """The portal's: that of the template where its gifts are promised, else one by who gets something."""
    template = SHELVES.templates.get(terms.type)
    asked = {name for _text, name, *_more in Formatter().parse(template.headline) if name} if template else set()
    if template and template.headline and all(gifts.get(role) for role in asked):
        return _(template.headline).format(**gifts)
    mine, theirs = gifts["advocate"], gifts["friend"]
    if mine and theirs:
        return _("Give {theirs}, get {mine}").format(mine=mine, theirs=theirs)
    if mine:
        return _("Get {mine} for a friend").format(mine=mine)
    if theirs:
        return _("Give a friend {theirs}").format(theirs=theirs)
    return _("Tell a friend")
