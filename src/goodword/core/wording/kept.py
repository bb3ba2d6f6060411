"""Which wording of a version is evidence? What people read of it in every language, and one mark by which it is approved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from goodword.core.checks import Remark
from goodword.core.terms import Terms
from goodword.core.wording.messages import LANGUAGES
from goodword.core.wording.texts import for_the_friend, paragraphs, plain_text


class Told(msgspec.Struct, frozen=True):
    """What people read of a version in one language: terms & conditions, and what a friend is told before joining."""

    terms: str
    friend: str


class Heard(msgspec.Struct, frozen=True):
    """A remark of a check by law or sense, with the name that its pack had then."""

    pack_title: str
    remark: Remark


class Wording(msgspec.Struct, frozen=True):
    """What is kept beside a version: its texts by language, and what the checks said; None: nobody asked them.

    What was kept has to be read for ever: whatever is added to these shapes, or to a remark, has a default.
    """

    texts: dict[str, Told]
    remarks: tuple[Heard, ...] | None = None
    by: str = ""


def texts_of(terms: Terms, organiser: str) -> dict[str, Told]:
    """Every text that is made of terms, by language; each ends its last line, so that a file of it has the same hash."""
    return {
        language: Told(
            plain_text(paragraphs(terms, language, organiser=organiser)),
            "" if terms.is_own else f"{for_the_friend(terms, language)}\n",
        )
        for language in LANGUAGES
    }


def mark_of(document: Mapping[str, Any], texts: Mapping[str, Told]) -> str:
    """SHA-256 over a document and every text made of it, keys in order: an approval is for exactly that."""
    return hashlib.sha256(msgspec.json.encode((document, texts), order="sorted")).hexdigest()
