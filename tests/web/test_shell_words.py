"""Is every visible sentence of the frame marked for translation, and are the catalogues what their sources say?"""

from __future__ import annotations

import gettext
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from goodword.web.own import messages
from tests.web.conftest import As

OPEN, SHUT = "⟦", "⟧"
# What is the same in every language: names, numbers, codes, keys, languages in their own words.
_NOT_READ = ("script", "style", "bdi", "code", "pre")
_SPOKEN = ("aria-label", "title", "placeholder", "data-label", "alt")
_ALWAYS = {"Goodword", "Ctrl", "Esc", "K", "EUR", "UTC", "Europe/Berlin", "Acme"}


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    """A made-up language: every sentence that goes through gettext stands in brackets and is a third longer."""
    from django.utils import translation
    from django.utils.translation import trans_real

    def said(text: str) -> str:
        return f"{OPEN}{text}{'~' * (len(text) // 3)}{SHUT}"

    fakes = {
        "gettext": said,
        "pgettext": lambda _context, text: said(text),
        "ngettext": lambda one, many, n: said(one if n == 1 else many),
        "npgettext": lambda _context, one, many, n: said(one if n == 1 else many),
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(trans_real, name, fake)
        monkeypatch.setattr(translation._trans, name, fake, raising=False)


class _Unmarked(HTMLParser):
    """Collects visible words that stand outside the brackets."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        for name in _SPOKEN:
            self._look(told.get(name) or "", f"{tag} {name}")
        is_silent = tag in _NOT_READ or (told.get("class") or "") in ("kbd", "code") or (tag == "option" and told.get("lang"))
        if is_silent or (self.silent and tag == self.silent[-1]):
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        self._look(data, "text", is_silent=bool(self.silent))

    def _look(self, text: str, where: str, *, is_silent: bool = False) -> None:
        outside = []
        for mark in re.split(f"([{OPEN}{SHUT}])", text):
            self.depth += {OPEN: 1, SHUT: -1}.get(mark, 0)
            if self.depth == 0 and mark not in (OPEN, SHUT):
                outside.append(mark)
        words = " ".join(outside).strip()
        if re.search(r"[^\W\d_]{2,}", words) and not is_silent and words not in _ALWAYS:
            self.found.append(f"{where}: {words[:80]}")


@pytest.mark.parametrize("path", ["/styleguide", "/styleguide?confirm=sample", "/settings", "/c/acme/nowhere"])
def test_no_visible_word_is_left_out(as_: As, foreign: None, path: str) -> None:
    page = as_("carl").get(path).content.decode()
    assert page.count(OPEN) > 50
    reader = _Unmarked()
    reader.feed(page)
    names = ("carl@house.test", "· Goodword", "· Acme · Goodword")
    assert [one for one in reader.found if not one.endswith(names)] == []


def test_what_the_scripts_say_is_translated_too(as_: As, foreign: None) -> None:
    import json

    page = as_("carl").get("/settings").content.decode()
    found = re.search(r'<script id="desk-data" type="application/json">(.*?)</script>', page)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    assert [name for name, says in data["words"].items() if OPEN not in says] == []
    assert [room["name"] for room in data["go"] if OPEN not in room["name"]] == []


def test_every_compiled_catalogue_is_its_sources() -> None:
    catalogues = sorted(messages.LOCALE.glob("*/LC_MESSAGES/django.po"))
    assert catalogues
    for po in catalogues:
        entries = messages.read(po.read_text(encoding="utf-8"))
        assert po.with_suffix(".mo").read_bytes() == messages.compiled(entries), f"{po}: run `make messages`"


def test_a_catalogue_is_read_as_gettext_reads_it() -> None:
    po = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        '#, python-format\nmsgctxt "room"\nmsgid "Run"\nmsgstr "Betrieb"\n\nmsgid "Run"\nmsgstr "Lauf"\n\n'
        'msgid "%(n)s row"\nmsgid_plural "%(n)s rows"\nmsgstr[0] "%(n)s Zeile"\nmsgstr[1] "%(n)s "\n"Zeilen"\n\n'
        '#, fuzzy\nmsgid "Deny"\nmsgstr "Leugnen"\n\nmsgid "Not said"\nmsgstr ""\n'
    )
    found = gettext.GNUTranslations(io.BytesIO(messages.compiled(messages.read(po))))
    assert found.pgettext("room", "Run") == "Betrieb"
    assert found.gettext("Run") == "Lauf"
    assert (found.ngettext("%(n)s row", "%(n)s rows", 1), found.ngettext("%(n)s row", "%(n)s rows", 3)) == (
        "%(n)s Zeile", "%(n)s Zeilen",
    )  # fmt: skip
    assert found.gettext("Deny") == "Deny"
    assert found.gettext("Not said") == "Not said"


def test_translations_keep_the_names_that_are_filled_in() -> None:
    for po in messages.LOCALE.glob("*/LC_MESSAGES/django.po"):
        for entry in messages.read(po.read_text(encoding="utf-8")):
            if entry.id and entry.is_said:
                wanted = sorted(re.findall(r"%\(\w+\)s|\{\w*\}|</?\w+>", entry.plural or entry.id))
                assert sorted(re.findall(r"%\(\w+\)s|\{\w*\}|</?\w+>", entry.said[max(entry.said)])) == wanted, entry.id


def test_a_finding_is_told_in_the_language_of_the_page_with_its_own_numbers(site: None) -> None:
    from django.utils import translation

    from goodword.web import words

    found = "12 people paid with the same means of payment."
    assert words.found(found) == found and words.found("Something of 3 kinds.") == "Something of 3 kinds."
    with translation.override("de"):
        assert words.found(found) == "12 Personen zahlten mit demselben Zahlungsmittel."
