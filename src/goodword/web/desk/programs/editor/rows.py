"""Rows of a form: how are they added, moved and taken out while nothing is saved? By the names of what was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from goodword.web.desk.programs.editor.places import Spec

MARK = ".row"  # sent along with each row, so that one in which nothing stands yet is there all the same
MOST_ROWS = 60
_WISH = re.compile(r"(add|up|down|gone|fit) ([a-z][A-Za-z0-9_.\[\]-]{0,300}?)(?: (\d{1,2}))?\Z")


@dataclass(frozen=True)
class Wish:
    """What a button beside a row asks for: add, up, down, gone; or fit: only show the fields that were chosen."""

    what: str
    name: str  # of the list
    n: int = 0

    @property
    def focus(self) -> str:
        """Where somebody goes on: the row that moved, the one that is new, or the list itself."""
        if self.what == "fit":
            return self.name
        return {"up": f"up {self.name}[{self.n - 1}]", "down": f"down {self.name}[{self.n + 1}]"}.get(
            self.what, f"add {self.name}"
        )


def wish_of(text: str) -> Wish | None:
    """The wish of a button by its value, `up promises[0].when.tiers 2`; None where it is none."""
    match = _WISH.match(text)
    return Wish(match[1], match[2], int(match[3] or 0)) if match else None


def numbers(typed: Mapping[str, str], name: str) -> list[int]:
    """Which rows of a list were sent."""
    found = {key[len(name) + 1 :].split("]")[0] for key in typed if key.startswith(f"{name}[")}
    return sorted(int(one) for one in found if one.isdecimal() and len(one) < 3)[:MOST_ROWS]


def of_row(typed: Mapping[str, str], row: str) -> dict[str, str]:
    """What was sent of one row: the rest of each name, and its value."""
    return {
        key[len(row) :]: value
        for key, value in typed.items()
        if key.startswith(row) and key[len(row) :][:1] in ("", ".", "[")
    }


def rearranged(typed: Mapping[str, str], wish: Wish) -> dict[str, str]:
    """What was typed, with the rows as the wish wants them: numbered anew, each with all that stood in it."""
    known = numbers(typed, wish.name)
    rows = [of_row(typed, f"{wish.name}[{n}]") for n in known]
    at = known.index(wish.n) if wish.n in known else -1
    if wish.what == "add" and len(rows) < MOST_ROWS:
        rows.append({MARK: "1"})
    elif wish.what == "gone" and at >= 0:
        del rows[at]
    elif wish.what in ("up", "down") and at >= 0:
        to = at + (1 if wish.what == "down" else -1)
        if 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
    kept = {key: value for key, value in typed.items() if not key.startswith(f"{wish.name}[")}
    return kept | {f"{wish.name}[{n}]{rest}": value for n, row in enumerate(rows) for rest, value in row.items()}


def is_blank_line(row: Mapping[str, str]) -> bool:
    """Whether nothing was typed in a line of several rewards: its kind and its weight alone make none."""
    return not any(value.strip() for key, value in row.items() if key not in ("", ".weight") and not key.endswith(MARK))


def is_blank(row: Mapping[str, str], spec: Spec) -> bool:
    """Whether nothing was typed in a row: what always says something (a choice, a switch, a kind of reward) makes none."""
    preset = {one.name for one in spec.fields if one.kind in ("choice", "flag", "texts", "group")}
    gift = {f".{one.name}" for one in spec.fields if one.kind == "gift"}
    return not any(
        value.strip()
        for key, value in row.items()
        if key not in gift | {MARK, ""} and not key.endswith(MARK) and key[1:].split(".")[0] not in preset
    )


@dataclass(frozen=True)
class At:
    """A row among its neighbours, with what its buttons say."""

    list: str
    n: int
    of: int

    @property
    def name(self) -> str:
        """Its place."""
        return f"{self.list}[{self.n}]"

    @property
    def mark(self) -> str:
        """The input that says that it is there."""
        return f"{self.name}{MARK}"

    @property
    def number(self) -> int:
        """As people count."""
        return self.n + 1

    @property
    def is_first(self) -> bool:
        """Whether none stands above it."""
        return self.n == 0

    @property
    def is_last(self) -> bool:
        """Whether none stands below it."""
        return self.n == self.of - 1

    @property
    def up(self) -> str:
        """What the button that moves it up says, and where somebody goes on after it."""
        return f"up {self.name}"

    @property
    def down(self) -> str:
        """The same, down."""
        return f"down {self.name}"
