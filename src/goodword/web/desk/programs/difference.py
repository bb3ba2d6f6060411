"""What changed from one version of a program to the next? The same sentences side by side, and only those that differ."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString

from goodword.core.terms import Terms
from goodword.web.desk.programs.sentence import Part, parts


@dataclass(frozen=True)
class Change:
    """One thing that the terms say otherwise: `kind` is added, gone or changed."""

    about: str
    kind: str
    before: SafeString
    after: SafeString


def between(older: Terms, newer: Terms) -> list[Change]:
    """What the newer terms say otherwise, in the order of their sentences."""
    before, after = _by_about(parts(older)), _by_about(parts(newer))
    found = []
    for about in dict.fromkeys([*after, *before]):
        was, is_now = before.get(about, SafeString("")), after.get(about, SafeString(""))
        if was != is_now:
            kind = "added" if not was else "gone" if not is_now else "changed"
            found.append(Change(about, kind, was, is_now))
    return found


def _by_about(told: list[Part]) -> dict[str, SafeString]:
    return {one.about: one.text for one in told}
