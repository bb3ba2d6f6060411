"""Which worlds are there to show? Eleven brands with their people, programs and events, cut into chapters of a week."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from typing import NamedTuple

import msgspec

from goodword.core.served import Served
from goodword.demo import acme, globex, initech, smaller
from goodword.demo.pen import Pen, Person

WEEKS = 26
WEEK = timedelta(days=7)
SEED = 2026
_PERSON_COLUMNS = ("id", "joined_at", "name", "email", "phone", "city", "postcode", "country", "purchased_at")
_CODE_COLUMNS = ("code", "person", "program")


class Program(NamedTuple):
    """A version of a brand's promise and from when on it holds: the number of chapters told before it."""

    text: str
    after_chapters: int


class Chapter(NamedTuple):
    """What reached a brand within a week: codes that were given out before it, then events in the order they were sent."""

    until: datetime
    codes: str
    events: tuple[bytes, ...]


class Brand(NamedTuple):
    """One brand of the world. `people` is known before the first chapter."""

    slug: str
    name: str
    prefix: str
    currency: str
    timezone: str
    served: Served
    programs: tuple[Program, ...]
    people: str
    begin: datetime
    chapters: tuple[Chapter, ...]


class _Plot(NamedTuple):
    slug: str
    name: str
    prefix: str
    currency: str
    timezone: str
    served: Served
    program: str
    files: tuple[tuple[str, int], ...]
    write: Callable[[Pen, float], list[Person]]


# A shop, a gym or a software house is of no sector whose laws differ; where each serves is where its people live.
_GERMANY, _GERMAN_SPEAKING = Served("other", ("DE",), ("de",)), Served("other", ("DE", "AT"), ("de",))
_AUSTRIA, _FRANCE = Served("other", ("AT",), ("de",)), Served("other", ("FR",), ("fr",))
_BRITAIN, _NEW_YORK = Served("other", ("GB",), ("en",)), Served("other", ("US-NY", "US-NJ"), ("en",))

_PLOTS = (
    _Plot("acme", "Acme", "ACM", "EUR", "Europe/Berlin", _GERMAN_SPEAKING, "friends",
          (("acme-friends-1", 0), ("acme-friends-2", WEEKS // 2)), acme.write),
    _Plot("globex", "Globex Gyms", "GBX", "USD", "America/New_York", _NEW_YORK, "train-together",
          (("globex-train-together-1", 0),), globex.write),
    _Plot("initech", "Initech Software", "INI", "GBP", "Europe/London", _BRITAIN, "partners",
          (("initech-partners-1", 0),), initech.write),
    _Plot("parcel", "Parcel & Pine", "PAR", "EUR", "Europe/Berlin", _GERMANY, "recommend-a-friend",
          (("parcel-1", 0),), smaller.parcel),
    _Plot("brewbox", "Brewbox", "BRW", "GBP", "Europe/London", _BRITAIN, "share-the-brew", (("brewbox-1", 0),), smaller.brewbox),
    _Plot("peak", "Peak Gyms", "PEK", "EUR", "Europe/Vienna", _AUSTRIA, "climb-together", (("peak-1", 0),), smaller.peak),
    _Plot("sundial", "Sundial Travel", "SUN", "EUR", "Europe/Paris", _FRANCE, "traveller-of-the-month",
          (("sundial-1", 0),), smaller.sundial),
    _Plot("glow", "Glow & Co", "GLO", "EUR", "Europe/Paris", _FRANCE, "glow-points", (("glow-1", 0),), smaller.glow),
    _Plot("market", "Market Hall", "MKT", "USD", "America/New_York", _NEW_YORK, "share-and-collect",
          (("market-1", 0),), smaller.market),
    _Plot("atelier", "Atelier Nord", "ATN", "EUR", "Europe/Berlin", _GERMANY, "ambassadors", (("atelier-1", 0),), smaller.atelier),
    _Plot("ledgerline", "Ledgerline", "LDG", "GBP", "Europe/London", _BRITAIN, "business-refers-business",
          (("ledgerline-1", 0),), smaller.ledgerline),
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """What a world depends on, and nothing else: the same three give the same bytes."""

    seed: int
    end_on: date
    scale: float = 1.0

    @property
    def end(self) -> datetime:
        """The midnight with which the last day begins: all of it lies in the past."""
        return datetime.combine(self.end_on, time(0), UTC)

    def brands(self) -> list[Brand]:
        """All brands, written out."""
        return [self._brand(plot) for plot in _PLOTS]

    def _brand(self, plot: _Plot) -> Brand:
        begin = self.end - WEEKS * WEEK
        pen = Pen(plot.slug, plot.currency, begin, self.end, self.seed)
        known = plot.write(pen, self.scale)
        programs = tuple(Program(program_text(file), after) for file, after in plot.files)
        identity = (plot.slug, plot.name, plot.prefix, plot.currency, plot.timezone, plot.served)
        return Brand(*identity, programs, _people(pen, known), begin, _chapters(pen, plot.program))


def program_text(file: str) -> str:
    """A program document of the demo, as a client would write it."""
    return (resources.files("goodword.demo") / "programs" / f"{file}.yaml").read_text(encoding="utf-8")


def _people(pen: Pen, known: list[Person]) -> str:
    """The people file: customers from before, with what is known of them."""
    attributes = sorted({name for person in known for name in person.attributes})
    rows = []
    for person in known:
        joined_at = (person.since or pen.begin) - timedelta(days=40)
        rows.append(
            {
                "id": person.id,
                "joined_at": f"{joined_at:%Y-%m-%d}",
                "name": person.name,
                "email": person.email,
                "phone": person.phone,
                "city": person.town,
                "postcode": person.postcode,
                "country": person.country,
                "purchased_at": f"{joined_at + timedelta(days=3):%Y-%m-%d}",
                **person.attributes,
            }
        )
    return _csv((*_PERSON_COLUMNS, *attributes), rows)


def _chapters(pen: Pen, program: str) -> tuple[Chapter, ...]:
    told = pen.told()
    encode = msgspec.json.Encoder().encode
    chapters = []
    for number in range(WEEKS):
        since, until = pen.begin + number * WEEK, pen.begin + (number + 1) * WEEK
        codes = [
            {"code": person.code, "person": person.id, "program": program}
            for person in pen.people
            if person.since is not None and (since <= person.since < until or (number == 0 and person.since < since))
        ]
        events = tuple(
            encode(sent.body)
            for sent in told
            if since <= sent.sent_at < until or (number == 0 and sent.sent_at < since)
        )
        chapters.append(Chapter(until, _csv(_CODE_COLUMNS, codes) if codes else "", events))
    return tuple(chapters)


def _csv(columns: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
