"""Which draft is at hand? The working copy where there is one, else the newest version as if it had just been taken up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404

from goodword.actions import drafting
from goodword.actions.drafting import Copy
from goodword.catalog import SHELVES
from goodword.core.events import Problem
from goodword.core.terms import Terms
from goodword.store.reads.programs import VersionRow
from goodword.web.desk.door import Ask
from goodword.web.desk.programs.editor import forms, places
from goodword.web.desk.programs.views import Line, lines, terms_of


@dataclass(frozen=True)
class Draft:
    """A program that is being written on. `line` is None where no version of it exists yet."""

    slug: str
    copy: Copy
    document: dict[str, Any]
    found: Terms | list[Problem]
    line: Line | None

    @property
    def terms(self) -> Terms | None:
        """The terms, where they can be read."""
        return None if isinstance(self.found, list) else self.found

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.document.get("name") or self.slug)

    @property
    def is_saved(self) -> bool:
        """Whether anything was changed since the last version."""
        return self.copy.revision > 0

    @property
    def newest(self) -> VersionRow | None:
        """The version with the greatest number."""
        return self.line.row.versions[0] if self.line and self.line.row.versions else None

    @property
    def live(self) -> VersionRow | None:
        """The version in force."""
        return self.line.live if self.line else None

    @property
    def live_terms(self) -> Terms | None:
        """Its terms."""
        return terms_of(self.live) if self.live else None

    @property
    def next_number(self) -> int:
        """The number that it gets when it is kept."""
        return self.newest.number + 1 if self.newest else 1


def opened(ask: Ask, program: str) -> Draft:
    """The draft of a program of this client; Http404 where there is neither a version nor a working copy."""
    known = lines(ask.client_id, program)
    line = known[0] if known else None
    copy = drafting.working_copy(ask.client_id, program)
    if copy is None:
        newest = line.row.versions[0] if line and line.row.versions else None
        if newest is None:
            raise Http404
        copy = Copy(program, newest.as_document(), newest.number, 0)
    document = places.filled(copy.document, SHELVES.templates)
    return Draft(program, copy, document, forms.problems_of(document), line)
