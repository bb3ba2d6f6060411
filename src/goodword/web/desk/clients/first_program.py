"""What does a first program ask for? A form made of what lies on the shelves, and the document that its answers make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.catalog import SHELVES
from goodword.core.amounts import exponent, to_decimal
from goodword.core.events import Problem
from goodword.core.kind import RewardKind
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.errors import BadInput

FIELDS = ("name", "type", "kind_advocate", "give_advocate", "most_advocate", "kind_friend", "give_friend", "most_friend",
          "min", "window", "hold", "limit", "budget")  # fmt: skip
STANDARD = {"type": "two_sided", "kind_advocate": "cash", "give_advocate": "10.00", "kind_friend": "voucher",
            "give_friend": "10.00", "min": "50.00", "window": "30", "hold": "14", "limit": "10", "budget": "5000.00"}  # fmt: skip
LONGEST_DAYS = 400
TITLES: dict[str, tuple[Promise, Promise]] = {  # what the shelf's templates are called for people
    "two_sided": (gettext_lazy("Both get something"),
                  gettext_lazy("Referrer and friend are rewarded after the friend's first order.")),
    "direct": (gettext_lazy("The referrer gets something"),
               gettext_lazy("Only the referrer is rewarded, after the friend's first order.")),
}  # fmt: skip
KINDS: dict[str, Promise] = {
    "cash": gettext_lazy("Money"),
    "voucher": gettext_lazy("Voucher"),
    "percent": gettext_lazy("Share of the order"),
}
_PLACE = re.compile(r"promises\[\d\]")
_AMOUNT = re.compile(r"\d{1,15}(?:[.,]\d{1,6})?\Z")
_SHARE = re.compile(r"(\d{1,3}(?:[.,]\d{1,4})?)\s*%\Z")
# The beginning of a place in the document -> the field that the problem is shown by.
_PLACES = (("promises[0]", "give_advocate"), ("promises[1]", "give_friend"), ("milestones", "min"), ("attribution", "window"),
           ("budget", "budget"), ("program", "name"), ("name", "name"), ("type", "type"))  # fmt: skip
Wrong = dict[str, str]


def templates() -> list[tuple[str, Any, Any]]:
    """What can be chosen: every template of the shelf that a few questions are enough for."""
    simple = (one for one in SHELVES.templates.values() if one.asks)
    return [(one.slug, *TITLES.get(one.slug, (one.title, one.help))) for one in simple]


def kinds() -> list[tuple[str, Any]]:
    """The kinds of reward on the shelf that are a sum of money or a share of one."""
    found = [(slug, KINDS.get(slug, kind.title)) for slug, kind in SHELVES.rewards.items() if _is_of_money(kind)]
    return sorted(found, key=lambda one: list(KINDS).index(one[0]) if one[0] in KINDS else len(KINDS))


def _is_of_money(kind: RewardKind) -> bool:
    for value in ("10.00", {"percent": "10", "max": "5.00"}):
        try:
            return kind.parse(value, "EUR").asset == "EUR"
        except ValueError:
            continue
    return False


def read(typed: Mapping[str, str], currency: str, timezone: str) -> tuple[dict[str, Any], Terms] | Wrong:
    """The document and its terms, or what is wrong by field."""
    wrong = _checked(typed)
    if wrong:
        return wrong
    document = _document(typed, currency, timezone)
    read_as = read_terms(document, SHELVES, version=1, live_from=datetime.now(UTC))
    if isinstance(read_as, Terms):
        return document, read_as
    found: Wrong = {}
    for problem in read_as:
        found.setdefault(
            _field(problem), _("{why}; {repair}.").format(why=problem.why.capitalize(), repair=problem.repair)
        )
    return found


def program_slug(name: str) -> str:
    """The program's own name, made from what people call it."""
    slug = slugify(name)[:60].strip("-")
    return slug if slug[:1].isalpha() else f"p-{slug}".strip("-")


def _checked(typed: Mapping[str, str]) -> Wrong:
    wrong: Wrong = {}
    if not typed.get("name"):
        wrong["name"] = _("Give the program a name, as people will call it.")
    if typed.get("type") not in SHELVES.templates:
        wrong["type"] = _("Choose one of the templates.")
    for side in _sides(typed):
        if typed.get(f"kind_{side}") not in SHELVES.rewards:
            wrong[f"give_{side}"] = _("Choose what is given.")
        elif not (_AMOUNT.match(typed.get(f"give_{side}", "")) or _SHARE.match(typed.get(f"give_{side}", ""))):
            wrong[f"give_{side}"] = _("Write an amount such as 10.00, or a share such as 10 %.")
        if typed.get(f"most_{side}") and not _AMOUNT.match(typed[f"most_{side}"]):
            wrong[f"most_{side}"] = _("Write an amount such as 30.00, or leave it empty.")
    for name in ("min", "budget"):
        if typed.get(name) and not _AMOUNT.match(typed[name]):
            wrong[name] = _("Write an amount such as 50.00, or leave it empty.")
    for name in ("window", "hold"):
        if not (typed.get(name, "").isdecimal() and int(typed[name]) <= LONGEST_DAYS):
            wrong[name] = _("Write a whole number of days, at most {n}.").format(n=LONGEST_DAYS)
    if typed.get("limit") and not (typed["limit"].isdecimal() and 0 < int(typed["limit"]) <= 100_000):
        wrong["limit"] = _("Write a whole number above zero, or leave it empty.")
    return wrong


def _document(typed: Mapping[str, str], currency: str, timezone: str) -> dict[str, Any]:
    order: dict[str, Any] = {"event": "purchase"}
    if typed.get("min"):
        order |= {"min": _point(typed["min"]), "of": "net"}
    promises = []
    for side in _sides(typed):
        promise: dict[str, Any] = {
            "to": side,
            "on": "first_order",
            "give": _give(typed, side),
            "hold": f"{typed['hold']}d",
        }
        if side == "advocate" and typed.get("limit"):
            promise["limit"] = {"grants": f"{int(typed['limit'])} per month"}
        promises.append(promise)
    document: dict[str, Any] = {
        "program": program_slug(typed["name"]),
        "name": typed["name"],
        "type": typed["type"],
        "currency": currency,
        "timezone": timezone,
        "attribution": {"window": f"{int(typed['window'])}d"},
        "milestones": {"joined": {"event": "signup"}, "first_order": order},
        "promises": promises,
    }
    if typed.get("budget"):
        document["budget"] = {"amount": _point(typed["budget"])}
    return document


def _give(typed: Mapping[str, str], side: str) -> dict[str, Any]:
    """What is given, in the spelling of its kind."""
    kind, text, most = typed[f"kind_{side}"], typed[f"give_{side}"], _point(typed.get(f"most_{side}", ""))
    share = _SHARE.match(text)
    if share is None and kind != "percent":
        return {kind: _point(text)}
    percent = _point(share[1]) if share else _point(text)
    if kind == "cash":  # money by a share is the kind called percent
        kind = "percent"
    return {kind: {"percent": percent, "max": most} if most else {"percent": percent}}


def _sides(typed: Mapping[str, str]) -> tuple[str, ...]:
    """Who gets something in this template."""
    template = SHELVES.templates.get(typed.get("type", ""))
    return template.asks if template else ("advocate",)


def _point(text: str) -> str:
    return text.replace(",", ".")


def _field(problem: Problem) -> str:
    return next((field for place, field in _PLACES if problem.field.startswith(place)), "name")


def decimal_above(least_minor: int, currency: str) -> str:
    """An amount that meets a minimum, for an order to try with."""
    unit = 10 ** exponent(currency)
    return to_decimal(max(least_minor + 5 * unit, 60 * unit), currency)


def warnings(terms: Terms) -> list[str]:
    """What may be meant, and is rarely: said before it is published, beside what law and sense say."""
    found = []
    least = min((one.min_minor or 0 for one in terms.milestones if one.event == "purchase"), default=0)
    if not least:
        found.append(_("There is no smallest order: an order of one cent earns the reward."))
    if terms.budget is None:
        found.append(_("There is no budget: nothing stops the spending."))
    if any(promise.hold_days == 0 for promise in terms.promises):
        found.append(_("There is no time in which an order may come back: rewards are payable at once."))
    return found


class NameTaken(BadInput):
    """A program of this name says something else already."""

    def __init__(self) -> None:
        super().__init__(
            _("A program of this name is there already."), _("This form makes first programs only."),
            _("Give this one another name, or look at the other under Programs."), "name",
        )  # fmt: skip
