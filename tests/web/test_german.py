"""Does every translated sentence fill in the same names, keep the same tags and have a form for each number?"""

from __future__ import annotations

import gettext
import io
import re
from pathlib import Path

import pytest

from goodword.web.own import messages

_KEPT = re.compile(r"%\(\w+\)[sd]|%%|\{[^{}]*\}|</?\w+[^>]*>")
_CATALOGUES = sorted(messages.LOCALE.glob("*/LC_MESSAGES/django.po"))


def _kept(text: str) -> list[str]:
    return sorted(_KEPT.findall(text))


def _entries(language: str) -> list[messages.Entry]:
    po = messages.LOCALE / language / "LC_MESSAGES" / "django.po"
    return [entry for entry in messages.read(po.read_text(encoding="utf-8")) if entry.id and entry.is_said]


@pytest.mark.parametrize("language", [po.parents[1].name for po in _CATALOGUES])
def test_every_translation_fills_in_what_its_sentence_does(language: str) -> None:
    for entry in _entries(language):
        last = max(entry.said)
        assert _kept(entry.said[last]) == _kept(entry.plural or entry.id), entry.id
        # “One” may leave its number out, as the original may.
        assert set(_kept(entry.said[0])) <= set(_kept(entry.id)) | set(_kept(entry.plural or "")), entry.id


def test_german_has_both_forms_of_every_number_and_none_of_the_rest() -> None:
    for entry in _entries("de"):
        assert sorted(entry.said) == ([0] if entry.plural is None else [0, 1]), entry.id


@pytest.mark.parametrize("po", _CATALOGUES, ids=lambda po: po.parents[1].name)
def test_a_catalogue_compiles_into_one_that_gettext_opens(po: Path) -> None:
    entries = messages.read(po.read_text(encoding="utf-8"))
    found = gettext.GNUTranslations(io.BytesIO(messages.compiled(entries)))
    one = next(
        entry for entry in entries if entry.id and entry.is_said and entry.context is None and entry.plural is None
    )
    assert found.gettext(one.id) == one.said[0]


def test_what_is_written_below_the_web_is_gathered_too() -> None:
    told = messages.from_below()
    assert {"Won the referral by {value}.", "Same device", "{} people paid with the same means of payment."} <= set(told)
    assert {"Nothing keeps minors from joining.", "Write advocate_sees: nothing."} <= set(told), "what the editor says"
    assert "" not in told and "{value}" not in told
