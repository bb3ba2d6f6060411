"""What is wrong with a document, and where? Collects every problem, so that an author sees all of them at once."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from goodword.core.amounts import to_minor
from goodword.core.conditions import MOMENTS, Condition, contradiction, read_condition
from goodword.core.documents import ProgramDocument
from goodword.core.events import Problem
from goodword.core.kind import Shelves


class Reader:
    """A document that is being read, and its problems so far. The chapters beside this file read its parts."""

    def __init__(self, part: ProgramDocument, shelves: Shelves, market: str = "") -> None:
        self.part = part
        self.shelves = shelves
        self.market = market  # the country, where the document is written for one market alone
        self.problems: list[Problem] = []
        self.zone = ZoneInfo("UTC")

    def wrong(self, field: str, why: str, repair: str) -> None:
        self.problems.append(Problem(field, why, repair, "terms"))

    def moment(self, day: date | None, field: str, *, end_of_day: bool) -> datetime | None:
        if day is None:
            return None
        at = datetime.combine(day, time(23, 59, 59, 999999) if end_of_day else time(0), self.zone)
        return at.astimezone(UTC)

    def days(self, text: str, field: str) -> timedelta:
        match = re.fullmatch(r"(\d{1,4})\s*d", text.strip())
        if not match:
            self.wrong(field, f'"{text}" is not a number of days', 'write for example "30d"')
            return timedelta(0)
        return timedelta(days=int(match.group(1)))

    @property
    def declared(self) -> dict[str, str]:
        """Fields of data and of items that may be compared: declared, and not personal."""
        return {name: field.type for name, field in self.part.fields.items() if not field.personal}

    def conditions(
        self, texts: list[str], moments: list[str], field: str, late: str | None = None
    ) -> tuple[Condition, ...]:
        for moment in moments:
            if moment not in MOMENTS:
                self.wrong(f"{field}.at", f'"{moment}" is not a moment', f"use some of: {', '.join(MOMENTS)}")
        kept, defer = self._late(late, f"{field}.if_late")
        found = []
        for n, text in enumerate(texts):
            try:
                read = read_condition(text, tuple(moments), self.declared, self.part.currency)
            except ValueError as error:
                self.wrong(f"{field}.if[{n}]", str(error), "see the conditions in the program documentation")
                continue
            found.append(msgspec.structs.replace(read, late=kept, defer=defer))
        self._check_together(tuple(found), field)
        return tuple(found)

    def _late(self, text: str | None, field: str) -> tuple[str, timedelta | None]:
        """What follows where a condition fails after the join."""
        match = re.fullmatch(r"(deny|forfeit)|defer (\d{1,4}d)", (text or "forfeit").strip())
        if not match:
            self.wrong(field, f'"{text}" is not known', 'use forfeit, deny, or "defer 90d" (how long at most)')
            return "forfeit", None
        return match.group(1) or "defer", self.days(match.group(2), field) if match.group(2) else None

    def _check_together(self, found: tuple[Condition, ...], field: str) -> None:
        try:
            clash = contradiction(found, self.part.currency)
        except ValueError:
            return  # an amount with too many decimals; told where it is compared
        if clash:
            first, second = (found[n].words for n in clash)
            self.wrong(
                f"{field}.if[{clash[1]}]",
                f'"{second}" contradicts "{first}": nothing can meet both',
                "leave one of them out, or change its value",
            )

    def money(self, text: str, field: str, asset: str | None = None) -> int:
        try:
            minor = to_minor(text, asset or self.part.currency)
        except ValueError as error:
            self.wrong(field, str(error), 'write a decimal string in quotes, for example "50.00"')
            return 0
        if minor <= 0:
            self.wrong(field, f'"{text}" is not above zero', "write an amount above zero")
        return minor
