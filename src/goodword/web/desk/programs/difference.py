"""What changed from one version of a program to the next? Value by value, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodword.catalog import SHELVES
from goodword.catalog.difference import can_be_read, differences
from goodword.web import words


@dataclass(frozen=True)
class Change:
    """One thing that the terms say otherwise: `kind` is added, gone or changed."""

    about: str
    kind: str
    before: SafeString
    after: SafeString


def of_documents(older: Mapping[str, Any], newer: Mapping[str, Any]) -> list[Change] | None:
    """What the newer one says otherwise, as `goodword program diff` tells it; None where this release knows one no more."""
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
