"""What speaks against putting the draft live, and where is it mended? What blocks first, then what is rarely meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from goodword.catalog.reading import Lines
from goodword.core.checks import Remark
from goodword.core.events import Problem
from goodword.core.terms import Terms
from goodword.web import words
from goodword.web.desk.clients.fields import SERVED_AS
from goodword.web.desk.programs.editor import places, said
from goodword.web.desk.programs.editor.horizon import Horizon


@dataclass(frozen=True)
class Check:
    """One finding: whether it blocks, what it says, and the place where it is mended ('' where there is none)."""

    tone: str  # stop | wait | ok
    icon: str
    says: str
    place: str = ""
    source: str = ""
    in_settings: str = ""  # the field of the client's settings that can say it, once for all its programs
    line: int | None = None  # of the document as text


def checks(
    found: Terms | list[Problem], document: Mapping[str, Any], bar: Horizon | None, remarks: Sequence[Remark], text: str
) -> list[Check]:
    """All findings about a draft, the blocking ones first; a line that all is well where there is none.

    `remarks` are what the packs by law and sense say, the same as at its publication; `text` is the document as
    the page of the whole document shows it.
    """
    lines = Lines(text)
    if isinstance(found, list):
        return [Check("stop", "no", said.problem(one), _known(one.field), line=lines.of(one.field)) for one in found]
    by_law = [_by_law_or_sense(one, lines) for one in remarks]
    looked_at = {one.place for one in by_law}
    own = (one for one in (*_rarely_meant(found, document), *_of_budget(bar)) if one.place not in looked_at)
    told = [*by_law, *own]
    if not told:
        return [Check("ok", "ok", _("The terms can be read, and nothing in them is unusual."))]
    return sorted(told, key=lambda one: ("stop", "wait", "ok").index(one.tone))


def _by_law_or_sense(one: Remark, lines: Lines) -> Check:
    """What a pack says, with its line, where its rule stands and since when; publishing asks again."""
    tone, icon = ("stop", "no") if one.severity == "block" else ("wait", "warn")
    says = said.sentence(" ".join(words.remark(one)))
    in_settings = SERVED_AS[one.field] if one.pack == "facts" and one.severity == "warn" else ""
    source = f"{one.source}, {one.as_of:%Y-%m-%d}"
    return Check(tone, icon, says, _known(one.field), source, in_settings, lines.of(one.field))


def _rarely_meant(terms: Terms, document: Mapping[str, Any]) -> Iterator[Check]:
    for one in terms.milestones:
        if one.event == "purchase" and not one.min_minor and any(promise.on == one.name for promise in terms.promises):
            says = _("There is no smallest order: an order of one cent earns the reward.")
            yield Check("wait", "warn", says, f"milestones.{one.name}.min")
    least = min((one.min_minor or 0 for one in terms.milestones if one.event == "purchase"), default=0)
    for n, promise in enumerate(terms.promises):
        give = promise.give
        if least and give.asset == terms.currency and give.percent is None and (give.fixed_minor or 0) > least:
            says = _("One reward is worth more than the smallest order that earns it. Is that meant?")
            yield Check("wait", "warn", says, f"promises[{n}].give")
        if promise.hold_days == 0 and give.asset == terms.currency and promise.to != "friend":
            says = _("There is no time in which an order may come back: the reward is payable at once.")
            yield Check("wait", "warn", says, f"promises[{n}].hold")
    if terms.budget is None and terms.promises:
        yield Check("wait", "warn", _("There is no budget: nothing stops the spending."), "budget")
    if terms.promises and not document.get("objective"):
        says = _("No objective is named, so nobody can say later whether it was reached.")
        yield Check("wait", "warn", says, "objective")


def _of_budget(bar: Horizon | None) -> Iterator[Check]:
    if bar is not None and bar.percent >= 100:
        says = _("The budget is used up already: nobody new would be promised anything.")
        yield Check("stop", "no", says, "budget.amount")


def _known(field: str) -> str:
    """The nearest place around a problem that has a form."""
    at = field
    while at and places.spec_at(at) is None:
        at = at[: max(at.rfind("."), at.rfind("["))] if max(at.rfind("."), at.rfind("[")) > 0 else ""
    return at
