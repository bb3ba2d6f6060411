"""What does a program promise, as a person would say it? The texts of `core.wording`, in the language of the page."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from goodword.core import wording
from goodword.core.kind import Give, RewardKind
from goodword.core.terms import Terms
from goodword.web import words

_BEYOND = ("paid", "limits", "friend", "referral", "budget")


@dataclass(frozen=True)
class Part:
    """One thing that terms say: what it is about, and the sentence."""

    about: str
    text: SafeString


def language() -> str:
    """The language of the page, where terms are told in it; else English."""
    spoken = (get_language() or "en").split("-")[0]
    return spoken if spoken in wording.LANGUAGES else "en"


def rule(terms: Terms) -> SafeString:
    """The promise in short, as portal, mail and law say it."""
    return words.text(wording.rule(terms, language()))


def beyond(terms: Terms) -> SafeString:
    """What belongs to the rule beyond its sentence: when it is paid, limits, who is new, how a friend is won, the budget."""
    told = {one.about: one.text for one in wording.paragraphs(terms, language())}
    return format_html_join(" ", "{}", ((told[about],) for about in _BEYOND if about in told))


def parts(terms: Terms) -> list[Part]:
    """All that the terms say, by what it is about; the last part is for the house alone."""
    told = [Part(one.heading, words.text(one.text)) for one in wording.paragraphs(terms, language())]
    return [*told, Part(_("Screening"), _screening(terms))]


def gift(kind: RewardKind, give: Give) -> str:
    """What is given: 10.00 EUR, a voucher of 20 %."""
    return wording.gift(wording.Speaker(language()), kind, give)


def _screening(terms: Terms) -> SafeString:
    if terms.screening is None:
        return words.text(_("Referrals are not screened for fraud."))
    names = format_html_join(", ", "{}", ((words.bdi(_(signal.title)),) for signal in terms.screening.signals))
    text = _("A person looks from {hold} points on, and {deny} points deny. These signals look: {names}.")
    return format_html(
        text, hold=words.bdi(terms.screening.hold_at), deny=words.bdi(terms.screening.deny_at), names=names
    )
