"""What is one thing to fill in? Its name, what stands in it, and the rows and inputs that it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from goodword.web.desk.programs.editor import gifts, places
from goodword.web.desk.programs.editor.conditions import Offer, Row
from goodword.web.desk.programs.editor.rows import At


@dataclass(frozen=True)
class Input:
    """One thing to fill in: its name in the form is its place in the document, so that a problem finds it."""

    kind: str
    name: str
    label: str
    hint: str = ""
    value: str = ""
    options: tuple[tuple[str, str, bool], ...] = ()  # value, words, chosen
    suggested: tuple[str, ...] = ()
    children: tuple[Input, ...] = ()
    rows: tuple[tuple[Input, ...], ...] = ()
    columns: tuple[str, ...] = ()  # of its rows: the names of those inputs that each row shows at once
    hint_of_kind: str = ""
    asks: tuple[gifts.Ask, ...] = ()
    conditions: tuple[Row, ...] = ()
    offers: tuple[Offer, ...] = ()
    wrong: str = ""
    keyboard: str = "text"
    list_name: str = ""  # where the rows stand in the document
    column_name: str = ""  # its column, where that is not the end of its name
    is_needed: bool = False
    is_late: bool = False  # one of many, and nothing stands in it

    @property
    def id(self) -> str:
        """The id of its element."""
        return f"{places.anchor(self.name)}-in"

    @property
    def column(self) -> str:
        """In which column of a row it stands."""
        return self.column_name or self.name.rpartition(".")[2]

    @property
    def is_aside(self) -> bool:
        """Whether it has a default that rarely needs a look, so that it stands folded away beside the others."""
        if self.is_needed or self.wrong or (self.kind == "pairs" and self.told_wrong()):
            return False
        return self.is_late or self.kind in ("choice", "flag", "checks", "written")

    def told_wrong(self) -> set[str]:
        """The inputs in it that say by themselves what is wrong with them, so that nothing needs to be said above."""
        inner = [*self.children, *(one for row in self.rows for one in row)]
        told = {name for one in inner for name in one.told_wrong()}
        told |= {one.name for one in self.asks if one.wrong} | {one.name for one in self.conditions if one.wrong}
        told |= {cell.name for one in self.asks for row in one.rows for cell in row if cell.wrong}
        return told | ({self.name} if self.wrong and self.kind not in ("group", "rows", "pairs", "flag", "checks") else set())

    @property
    def head(self) -> Sequence[tuple[str, str]]:
        """The columns of its rows: what each is called and what it is for."""
        first = {one.column: one for one in self.rows[0]} if self.rows else {}
        return [(first[name].label, first[name].hint) for name in self.columns]

    @property
    def table(self) -> Sequence[tuple[At, Sequence[Input], Sequence[Input]]]:
        """Its rows: where each is, what it shows at once, and what is folded away."""
        return [
            (
                At(self.list, n, len(self.rows)),
                [one for name in self.columns for one in row if one.column == name],
                [one for one in row if one.column not in self.columns],
            )
            for n, row in enumerate(self.rows)
        ]

    @property
    def list(self) -> str:
        """Where its rows stand in the document."""
        return self.list_name or self.name

    @property
    def has_aside(self) -> bool:
        """Whether some of its parts stand folded away."""
        return any(one.is_aside for one in self.children)
