"""Is what terms promise allowed where it runs, and does it make sense? The shapes of checks; the packs are on a shelf above."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from goodword.core.served import Served
from goodword.core.terms import Terms

SEVERITIES = ("block", "warn")


class Circumstances(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of the client beside the document. None: nobody looked, so nothing is said about it."""

    served: Served | None = None
    texts: tuple[str, ...] = ()  # languages in which texts can be made
    delivered: frozenset[str] | None = None  # attributes of people that a feed brought: "status"
    stacking: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)  # other live programs: rules


class Case(msgspec.Struct, frozen=True):
    """What a check looks at: the terms, the document they were read from, and where the program runs."""

    terms: Terms
    document: Mapping[str, Any]
    around: Circumstances

    @property
    def sector(self) -> str:
        """The sector that the program names, else the client's."""
        return str(self.document.get("sector") or self._served.sector)

    @property
    def places(self) -> tuple[str, ...]:
        """The countries and states that the program names, else its markets, else the client's."""
        named = self.document.get("places") or self.document.get("markets") or self._served.places
        return tuple(str(one).upper() for one in named)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the program names, else the client's."""
        return tuple(self.document.get("languages") or self._served.languages)

    @property
    def _served(self) -> Served:
        return self.around.served or Served()

    def within(self, where: tuple[str, ...]) -> tuple[str, ...]:
        """The places among `where` that the program reaches: a state is reached by its country, a country by its state."""
        return tuple(place for place in where if any(_overlap(place, own) for own in self.places))


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")


class Source(msgspec.Struct, frozen=True):
    """Where a rule stands, and when somebody last read it there."""

    name: str
    as_of: date
    url: str = ""


Values = tuple[tuple[str, str], ...]


class Place(msgspec.Struct, frozen=True):
    """Where a check found something: the field, what is wrong, how to repair it, and the country or state that it is about.

    Words and repair are whole sentences; `values` stand in them at {name}, so that they can be said in other languages.
    """

    field: str
    words: str
    repair: str
    where: str = ""
    values: Values = ()
    source: Source | None = None  # where it differs from the check's


def values(**named: object) -> Values:
    """What stands at {name} in the sentences of a place."""
    return tuple((name, str(value)) for name, value in named.items())


def in_sentence(sentence: str, known: Values) -> str:
    """A sentence with its values; one that has none may hold braces of its own."""
    return sentence.format_map(dict(known)) if known else sentence


class Check(msgspec.Struct, frozen=True):
    """One rule: what it says, how hard it is, where it stands, and how it looks."""

    slug: str
    says: str
    severity: str
    source: Source
    look: Callable[[Case], Iterable[Place]]
    where: tuple[str, ...] = ()  # countries and states; () everywhere


class Pack(msgspec.Struct, frozen=True):
    """Rules that belong together, of a sector or of all. `stale_after_days`: its law should be read anew by then."""

    slug: str
    title: str
    help: str
    checks: tuple[Check, ...]
    sectors: tuple[str, ...] = ()  # () every sector
    stale_after_days: int = 365


class Remark(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a check found: the place, the words, the repair and the source. No legal advice."""

    pack: str
    check: str
    severity: str
    field: str
    words: str
    repair: str
    source: str
    as_of: date
    url: str = ""
    where: str = ""
    sentences: tuple[str, str] = ("", "")  # words and repair as they were before their values were set in
    values: Values = ()


def look_at(case: Case, packs: Iterable[Pack]) -> list[Remark]:
    """All that the packs have to say about the terms and those of each market, what blocks first, nothing twice."""
    cases = (case, *(Case(own, case.document, case.around) for _, own in case.terms.markets))
    found = [
        _remark(pack, check, place)
        for pack in packs
        if not pack.sectors or case.sector in pack.sectors
        for check in pack.checks
        if not check.where or case.within(check.where)
        for one in cases
        for place in check.look(one)
    ]
    return sorted(dict.fromkeys(found), key=lambda one: SEVERITIES.index(one.severity))


def _remark(pack: Pack, check: Check, place: Place) -> Remark:
    source = place.source or check.source
    return Remark(
        pack.slug,
        check.slug,
        check.severity,
        place.field,
        in_sentence(place.words, place.values),
        in_sentence(place.repair, place.values),
        source.name,
        source.as_of,
        source.url,
        place.where,
        (place.words, place.repair) if place.values else ("", ""),
        place.values,
    )


def blocking(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Those that refuse a publication unless a named person overrides them with a reason."""
    return tuple(one for one in remarks if one.severity == "block")


def stale(packs: Iterable[Pack], today: date) -> tuple[str, ...]:
    """Packs whose rules were read too long ago to be relied upon."""
    return tuple(
        pack.slug
        for pack in packs
        if any(today - check.source.as_of > timedelta(days=pack.stale_after_days) for check in pack.checks)
    )
