"""What changed from one version of a program to the next? In sentences of the whole terms, or value by value of the documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodword.catalog import SHELVES
from goodword.catalog.difference import can_be_read, differences
from goodword.core.terms import Terms
from goodword.web import words
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


def of_documents(older: Mapping[str, Any], newer: Mapping[str, Any]) -> list[Change] | None:
    """The same value by value, as `goodword program diff` tells it; None where this release does not know one of them."""
    if not (can_be_read(older, SHELVES) and can_be_read(newer, SHELVES)):
        return None
    empty = SafeString("")
    return [
        Change(
            one.about,
            one.kind,
            words.bdi(one.before) if one.before else empty,
            words.bdi(one.after) if one.after else empty,
        )
        for one in differences(older, newer, SHELVES, _)
    ]


def _by_about(told: list[Part]) -> dict[str, SafeString]:
    return {one.about: one.text for one in told}
