"""How does a scenario name its program? The one-line form and the YAML block, both to a program document."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from goodword.catalog import SHELVES
from goodword.catalog.reading import read_program

# What an indented block may leave out.
FILLED_IN = {"program": "acme", "name": "Friends of Acme", "type": "two_sided", "currency": "EUR"}

_MONEY = r"\d+(?:\.\d+)?"


class ProgramError(ValueError):
    """The program part of a scenario cannot be read."""


def from_block(text: str, at: datetime) -> dict[str, Any]:
    """The document of an indented YAML block; `program`, `name`, `type` and `currency` may be left out."""
    for key, value in FILLED_IN.items():
        if not re.search(rf"^{key}:", text, re.MULTILINE):
            text = f"{key}: {value}\n{text}"
    read = read_program(text, SHELVES, version=1, live_from=at)
    if isinstance(read, list):
        raise ProgramError("; ".join(f"{problem.field} {problem.why}" for problem in read))
    return read[0]


def from_line(line: str) -> dict[str, Any]:
    """The document of the one-line form: `two_sided: advocate 10.00 EUR after 14d, friend voucher 20.00, window 30d`."""
    head, _, rest = line.partition(":")
    type_, _, slug = head.strip().partition(" named ")
    document: dict[str, Any] = {**FILLED_IN, "type": type_.strip() or "two_sided", "promises": []}
    document["program"] = slug.strip() or FILLED_IN["program"]
    for part in filter(None, (part.strip() for part in rest.split(","))):
        _read_part(part, document)
    return document


def _read_part(part: str, document: dict[str, Any]) -> None:
    for pattern, put in _PARTS:
        found = re.fullmatch(pattern, part)
        if found:
            put(document, found)
            return
    raise ProgramError(f'"{part}" is not a part of a program line')


def _promise(document: dict[str, Any], found: re.Match[str]) -> None:
    give: Any = f"{float(found['amount']):.2f}"
    kind = found["kind"] or "cash"
    if found["percent"]:
        kind = "voucher" if found["kind"] == "voucher" else "percent"
        give = {"percent": found["amount"]} | ({"max": found["most"]} if found["most"] else {})
    promise: dict[str, Any] = {"to": found["to"], "on": found["on"] or "first_order", "give": {kind: give}}
    if found["hold"]:
        promise["hold"] = found["hold"]
    document["promises"].append(promise)


def _limit(document: dict[str, Any], found: re.Match[str]) -> None:
    period = {"a day": "day", "a week": "week", "a month": "month", "a year": "year", "ever": "lifetime"}[
        found["period"]
    ]
    for promise in document["promises"]:
        if promise["to"] == "advocate":
            promise["limit"] = {"grants": f"{found['most']} per {period}"}


def _first_order(document: dict[str, Any], **fields: Any) -> None:
    milestones = document.setdefault("milestones", {"joined": {"event": "signup"}})
    milestones.setdefault("first_order", {"event": "purchase", "count": 1}).update(fields)


def _under(document: dict[str, Any], section: str, **fields: Any) -> None:
    document.setdefault(section, {}).update(fields)


_PARTS: tuple[tuple[str, Any], ...] = (
    (
        rf"(?P<to>advocate|friend) (?:(?P<kind>cash|voucher) )?(?P<amount>{_MONEY})(?P<percent> ?%)?(?: EUR)?"
        rf"(?: up to (?P<most>{_MONEY}))?(?: after (?P<hold>\d+d))?(?: on (?P<on>\w+))?",
        _promise,
    ),
    (r"at most (?P<most>\d+) (?P<period>a day|a week|a month|a year|ever)", _limit),
    (r"window (\d+d)", lambda document, found: _under(document, "attribution", window=found[1])),
    (r"late claim (\d+d)", lambda document, found: _under(document, "attribution", late_claim=found[1])),
    (r"bind (\w+)", lambda document, found: _under(document, "attribution", bind=found[1])),
    (r"first click", lambda document, found: _under(document, "attribution", touch="first")),
    (rf"minimum ({_MONEY})", lambda document, found: _first_order(document, min=found[1])),
    (r"within (.+)", lambda document, found: _first_order(document, within=found[1])),
    (rf"budget ({_MONEY})", lambda document, found: _under(document, "budget", amount=found[1])),
    (r"while funds last", lambda document, found: _under(document, "budget", at_end="while_funds_last")),
    (r"reserve (join|grant)", lambda document, found: _under(document, "budget", reserve=found[1])),
    (r"new (.+)", lambda document, found: _under(document, "friends", new=found[1])),
    (r"timezone (.+)", lambda document, found: document.update(timezone=found[1])),
    (r"currency (\w+)", lambda document, found: document.update(currency=found[1])),
    (r"screening off", lambda document, found: document.update(screening="off")),
)
