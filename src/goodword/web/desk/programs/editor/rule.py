"""How does a draft read, each of its values a token? The sentences of `core.wording`, whose values know their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodword.core import wording
from goodword.core.requirements import Milestone
from goodword.core.terms import Terms
from goodword.core.wording import Piece
from goodword.web import words
from goodword.web.desk.programs.editor import places, said
from goodword.web.desk.programs.editor.tokens import Tokens
from goodword.web.desk.programs.sentence import language

# What stands below the rule, a line each.
_BEYOND = (("paid", "limits", "stacking"), ("who", "friend", "contracts"), ("referral", "disclosure"), ("budget", "runs"))


@dataclass(frozen=True)
class Line:
    """One or several sentences of the draft."""

    text: SafeString
    is_calm: bool = False


def lines(terms: Terms, tokens: Tokens) -> list[Line]:
    """The rule: what has to happen and who gets what, then what belongs to it."""
    spoken = language()
    beyond = wording.paragraphs_in_pieces(terms, spoken)
    found = [Line(_told([sentence], tokens)) for sentence in wording.rule_in_pieces(terms, spoken)]
    for about in _BEYOND:
        sentences = [sentence for one in about for sentence in beyond.get(one, ())]
        if sentences:
            found.append(Line(_told(sentences, tokens), is_calm=True))
    return found


def more(document: Mapping[str, Any], terms: Terms | None) -> list[tuple[str, str]]:
    """What can be added: (place, words); derived from what the document does not say yet."""
    promises = document.get("promises")
    listed = promises if isinstance(promises, list) else []
    found = [(f"promises[{len(listed)}]", _("Reward")), ("milestones.new_one", _("Step"))]
    if terms is not None:
        found += _of_promises(terms, listed)
        found += [pair for one in terms.milestones for pair in _of_step(terms, one)]
    for place, says in (
        ("advocates", _("Audience")), ("friends", _("Condition of the friend")), ("limits", _("Limit over all")),
        ("stacking", _("Stacking")), ("currency", _("Currency")), ("markets", _("Markets")), ("runs", _("End date")),
        ("contest", _("Contest")), ("contracts", _("Contracts")), ("objective", _("Objective")), ("budget", _("Budget")),
        ("payout_days", _("Payout days")), ("holidays", _("Holidays")),
    ):  # fmt: skip
        if places.spec_at(place) is not None:
            found.append((place, says))
    return found


def _of_promises(terms: Terms, listed: list[Any]) -> Iterator[tuple[str, str]]:
    """Limits and tiers of promises that have none."""
    for n, promise in enumerate(listed):
        if not isinstance(promise, Mapping) or n >= len(terms.promises):
            continue
        who = said.choice(str(promise.get("to", "")))
        if "limit" not in promise:
            yield f"promises[{n}].limit", _("Limit for {who}").format(who=who)
        if "when" not in promise and isinstance(promise.get("give"), Mapping):
            yield f"promises[{n}].when", _("Tiers for {who}").format(who=who)


def _of_step(terms: Terms, one: Milestone) -> Iterator[tuple[str, str]]:
    """The smallest order and the time limit of a rewarded step that has none."""
    if one.event is None or one.event == "signup" or all(promise.on != one.name for promise in terms.promises):
        return
    step = words.label(one.name).lower()
    if one.min_minor is None:
        yield f"milestones.{one.name}.min", _("Smallest amount: {step}").format(step=step)
    if one.within is None:
        yield f"milestones.{one.name}.within", _("Time limit: {step}").format(step=step)


def _told(sentences: Iterable[tuple[Piece, ...]], tokens: Tokens) -> SafeString:
    return format_html_join(" ", "{}", ((_sentence(sentence, tokens),) for sentence in sentences))


def _sentence(sentence: tuple[Piece, ...], tokens: Tokens) -> SafeString:
    return format_html_join("", "{}", ((_piece(one, tokens),) for one in sentence))


def _piece(piece: Piece, tokens: Tokens) -> SafeString:
    """A token where the language knows a form for the place; a point at its end stays outside."""
    if not piece.place or places.spec_at(piece.place) is None:
        return words.text(piece.text)
    text = piece.text.rstrip(".")
    return format_html_join("", "{}", ((tokens.token(piece.place, words.bdi(text)),), (piece.text[len(text) :],)))
