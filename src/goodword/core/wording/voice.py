"""How does a program speak in one language? Messages filled with its amounts, spans, days and names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from goodword.core.terms import Promise, Terms
from goodword.core.wording import numbers
from goodword.core.wording.messages import CATALOGUES

_ISOLATE, _END = "\u2068", "\u2069"  # so that values keep their own direction inside a text that runs the other way
_OPEN, _BETWEEN, _CLOSE = "\ue000", "\ue001", "\ue002"  # private use: no text of a person may hold them
_MARKS = re.compile("\ue000[^\ue001]*\ue001|\ue002")
_PIECES = re.compile("([^\ue000]+)|\ue000([^\ue001]*)\ue001([^\ue002]*)\ue002")
_RIGHT_TO_LEFT = frozenset({"ar"})


class Speaker:
    """One language, with the names of units and the currency that bare amounts are in."""

    def __init__(self, language: str, currency: str = "", names: Mapping[str, str] | None = None) -> None:
        self.language = language
        self._currency = currency
        self._messages = CATALOGUES[language]
        self._names: Mapping[str, str] = names or {}

    def say(self, key: str, **values: str) -> str:
        """A message with its values."""
        message = self._messages[key]
        assert isinstance(message, str), key
        return message.format(**{name: self._apart(value) for name, value in values.items()})

    def knows(self, key: str) -> bool:
        """Whether there is a message of that key."""
        return key in self._messages

    def count(self, key: str, number: int) -> str:
        """A number of things, in the plural form that it takes."""
        forms = self._messages[key]
        assert not isinstance(forms, str), key
        return forms[numbers.plural(number, self.language)].format(n=numbers.plain(number, self.language))

    def number(self, number: int | Decimal) -> str:
        """A bare number."""
        return numbers.plain(number, self.language)

    def amount(self, minor: int, asset: str | None = None) -> str:
        """An amount, by default in the program's currency."""
        return numbers.amount(minor, asset or self._currency, self.language, self._names)

    def percent(self, share: Decimal) -> str:
        """A share in percent."""
        return numbers.percent(share, self.language)

    def listed(self, told: Iterable[str], *, is_either: bool = False) -> str:
        """a, b and c; or a, b or c."""
        parts = list(told)
        if len(parts) < 2:
            return "".join(parts)
        return self.say("list.or" if is_either else "list", first=str(self._messages["comma"]).join(parts[:-1]), last=parts[-1])

    def apart(self, told: Iterable[str]) -> str:
        """Parts that hold commas themselves."""
        return str(self._messages["semicolon"]).join(told)

    def _apart(self, value: str) -> str:
        return f"{_ISOLATE}{value}{_END}" if self.language in _RIGHT_TO_LEFT else value


class Voice(Speaker):
    """One language, for one version of terms."""

    def __init__(self, terms: Terms, language: str) -> None:
        super().__init__(language, terms.currency, {unit.asset: unit.name for unit in terms.units})
        self.terms = terms

    def at(self, place: str, text: str) -> str:
        """A text that tells the value at a place of the document; nothing is seen of it here."""
        return text

    def place_of(self, promise: Promise) -> str:
        """Where a promise stands in the document."""
        return f"promises[{self.terms.promises.index(promise)}]"

    def span(self, span: timedelta) -> str:
        """A span in days."""
        return self.count("days", span.days)

    def day(self, at: datetime) -> str:
        """A day as the program's zone counts it."""
        return numbers.day(at.astimezone(self.terms.zone).date(), self.language)


class Piece(NamedTuple):
    """A part of a sentence: its text, and the place of the document that it tells ('' for what stands between)."""

    text: str
    place: str = ""


class MarkedVoice(Voice):
    """A voice whose sentences can be taken apart again into what tells a value, and what stands between."""

    def at(self, place: str, text: str) -> str:
        """The text with its place; a value that holds others is told by its own place alone."""
        return f"{_OPEN}{place}{_BETWEEN}{_MARKS.sub('', text)}{_CLOSE}"


def pieces_of(sentence: str) -> tuple[Piece, ...]:
    """The parts of a sentence of a marked voice."""
    found = [Piece(text, place or "") for text, place in _apart(sentence)]
    return tuple(one for one in found if one.text)


def with_capital(sentence: str) -> str:
    """A sentence with a capital first, whether a value begins it or not."""
    begin = sentence.index(_BETWEEN) + 1 if sentence.startswith(_OPEN) else 0
    return f"{sentence[:begin]}{sentence[begin : begin + 1].upper()}{sentence[begin + 1 :]}"


def _apart(sentence: str) -> Iterator[tuple[str, str]]:
    for outside, place, inside in _PIECES.findall(sentence):
        yield (outside, "") if outside else (inside, place)


def label(name: str) -> str:
    """A name of the document as people read it: first_order -> first order."""
    return name.replace("_", " ").replace("-", " ")
