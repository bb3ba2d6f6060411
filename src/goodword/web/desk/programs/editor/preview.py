"""How will people read the draft? The same small templates that portal, mail, widget and terms are made of, in any state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise as Words
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.core.terms import Terms
from goodword.web.desk.programs import sentence
from goodword.web.desk.programs.editor import rule
from goodword.web.desk.programs.sentence import Part

VIEWS: dict[str, Words] = {
    "phone": gettext_lazy("Phone"), "mail": gettext_lazy("Mail"), "widget": gettext_lazy("Widget"),
    "terms": gettext_lazy("Terms"),
}  # fmt: skip
SAMPLE_CODE = "ANNA7"


@dataclass(frozen=True)
class Told:
    """What any of the templates needs: the headline, what each gets, the rule and its small print, as sentences."""

    name: str
    client: str
    headline: str
    mine: SafeString | str
    theirs: SafeString | str
    rule: SafeString
    small: list[Part]
    code: str = SAMPLE_CODE


def told(terms: Terms, client: str) -> Told:
    """The draft as people are told it."""
    mine, theirs = _gets(terms, "advocate"), _gets(terms, "friend")
    return Told(
        terms.name, client, _headline(mine, theirs), mine, theirs, sentence.rule(terms), sentence.parts(terms)[1:]
    )


def rendered(request: HttpRequest, terms: Terms, client: str, view: str) -> SafeString:
    """One of the views by its template."""
    context: dict[str, Any] = {"told": told(terms, client), "terms": terms}
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
