"""How will people read the draft? The same small templates that portal, mail, widget and terms are made of, in any state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise as Words
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from goodword.core import wording
from goodword.core.terms import Terms
from goodword.core.wording import Paragraph
from goodword.web.desk.programs.editor import rule

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
    mine: SafeString | str
    theirs: SafeString | str
    rule: str
    paragraphs: tuple[Paragraph, ...]
    for_friends: str
    language: str
    is_rtl: bool
    code: str = SAMPLE_CODE


def told(terms: Terms, client: str, language: str) -> Told:
    """The draft as people are told it: the texts of law and promise in their language, the rest in the desk's."""
    mine, theirs = _gets(terms, "advocate"), _gets(terms, "friend")
    return Told(
        terms.name, client, _headline(mine, theirs), mine, theirs, wording.rule(terms, language),
        wording.paragraphs(terms, language, organiser=client), wording.for_the_friend(terms, language), language,
        language in _RTL,
    )  # fmt: skip


def language_of(asked: str) -> str:
    """The language to show: the one asked for, else the desk's, as far as there are texts in it."""
    for one in (asked, (get_language() or "en").split("-")[0]):
        if one in wording.LANGUAGES:
            return one
    return "en"


def rendered(request: HttpRequest, terms: Terms, client: str, view: str, language: str) -> SafeString:
    """One of the views by its template."""
    context: dict[str, Any] = {"told": told(terms, client, language), "terms": terms}
    return SafeString(render_to_string(f"goodword/promise/{view}.html", context, request))


def _gets(terms: Terms, to: str) -> SafeString | str:
    mine = [promise for promise in terms.promises if promise.to == to]
    return rule.gift(mine[0].lines[0].kind, mine[0].lines[0].give) if mine else ""


def _headline(mine: SafeString | str, theirs: SafeString | str) -> str:
    """In plain words: a headline stands in subjects and titles too."""
    values = {"mine": _plain(mine), "theirs": _plain(theirs)}
    if mine and theirs:
        return _("Give {theirs}, get {mine}").format(**values)
    if mine:
        return _("Get {mine} for a friend").format(**values)
    if theirs:
        return _("Give a friend {theirs}").format(**values)
    return _("Tell a friend")


def _plain(text: SafeString | str) -> str:
    return strip_tags(text)
