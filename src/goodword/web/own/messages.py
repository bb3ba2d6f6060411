"""How do sentences get into other languages? Gathered into catalogues by gettext's tools, compiled here without them.

    python -m goodword.web.own.messages             gather (needs xgettext) and compile: `make messages`
    python -m goodword.web.own.messages compile     compile alone
"""

from __future__ import annotations

import ast
import os
import re
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

WEB = Path(__file__).parents[1]
LOCALE = WEB / "locale"
LANGUAGES = ("de", "es", "fr", "ar")
_MAGIC = 0x950412DE


@dataclass
class Entry:
    """One sentence of a catalogue. `said` has one text, or one for each plural form."""

    context: str | None = None
    id: str = ""
    plural: str | None = None
    said: dict[int, str] = field(default_factory=dict)
    is_fuzzy: bool = False

    @property
    def key(self) -> str:
        """As a compiled catalogue looks it up."""
        before = f"{self.context}\x04" if self.context is not None else ""
        after = f"\x00{self.plural}" if self.plural is not None else ""
        return f"{before}{self.id}{after}"

    @property
    def is_said(self) -> bool:
        """Whether it is translated, and nobody doubts the translation."""
        return bool(self.said) and all(self.said.values()) and not (self.is_fuzzy and self.id)


def read(po: str) -> list[Entry]:
    """The entries of a catalogue; the first is its heading."""
    found: list[Entry] = []
    entry, at = Entry(), ""
    for line in [*po.splitlines(), ""]:
        word, _, rest = line.partition(" ")
        if line.startswith("#,") and "fuzzy" in line:
            entry.is_fuzzy = True
        elif line.startswith("#"):
            continue
        elif not line.strip():
            if entry.said:
                found.append(entry)
            entry, at = Entry(), ""
        elif line.startswith('"'):
            _add(entry, at, _text(line))
        else:
            at = word
            _add(entry, at, _text(rest))
    return found


def _text(quoted: str) -> str:
    return str(ast.literal_eval(quoted.strip()))


def _add(entry: Entry, at: str, text: str) -> None:
    if at == "msgctxt":
        entry.context = (entry.context or "") + text
    elif at == "msgid":
        entry.id += text
    elif at == "msgid_plural":
        entry.plural = (entry.plural or "") + text
    elif at.startswith("msgstr"):
        number = int(at[7:-1]) if at.startswith("msgstr[") else 0
        entry.said[number] = entry.said.get(number, "") + text


def compiled(entries: list[Entry]) -> bytes:
    """The same as a compiled catalogue (.mo), sorted by key, without what is not translated."""
    said = sorted(
        (entry.key.encode(), "\x00".join(text for _, text in sorted(entry.said.items())).encode())
        for entry in entries
        if entry.is_said
    )
    start = 28 + 16 * len(said)
    keys, texts, key_places, text_places = b"", b"", [], []
    for key, _said in said:
        key_places.append((len(key), start + len(keys)))
        keys += key + b"\x00"
    for _key, text in said:
        text_places.append((len(text), start + len(keys) + len(texts)))
        texts += text + b"\x00"
    places = [number for place in (*key_places, *text_places) for number in place]
    head = struct.pack("<7I", _MAGIC, 0, len(said), 28, 28 + 8 * len(said), 0, start)
    return head + struct.pack(f"<{len(places)}I", *places) + keys + texts


def compile_all() -> list[Path]:
    """Write the compiled catalogue beside each other one."""
    made = []
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        mo = po.with_suffix(".mo")
        mo.write_bytes(compiled(read(po.read_text(encoding="utf-8"))))
        made.append(mo)
    return made


def from_below() -> list[str]:
    """The sentences that pages say in the reader's language and that are written where no gettext is known."""
    from goodword.actions.permissions import May
    from goodword.catalog import SHELVES
    from goodword.catalog.packs import PACKS
    from goodword.core.reasons import REVIEW_TOLD, TEXTS

    said = {text for line in TEXTS.values() for text in (line.agent, line.advocate, line.friend)}
    said |= {text for told in REVIEW_TOLD.values() for text in told}
    said |= {signal.title for signal in SHELVES.signals.values()}
    said |= {text for kind in SHELVES.rewards.values() for text in (kind.title, kind.help.strip().split("\n")[0])}
    said |= {text for template in SHELVES.templates.values() for text in (template.title, template.help)}
    said |= {may.says for may in May}
    said |= {text for signal in SHELVES.signals.values() for text in _findings(signal.find)}
    said |= {text for pack in PACKS.values() for check in pack.checks for text in _whole_sentences(check.look)}
    return sorted(said - {"", "{value}"})


def _findings(find: Callable[..., object]) -> Iterator[str]:
    """What a signal may find, as its file writes it: the sentences, their numbers set aside as `words.found` does."""
    for node in ast.walk(ast.parse(Path(find.__code__.co_filename).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
            for text in node.args[3:]:
                parts = text.values if isinstance(text, ast.JoinedStr) else [text]
                said = (str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
                yield re.sub(r"\d+", "{}", "".join(said))


def _whole_sentences(look: Callable[..., object]) -> Iterator[str]:
    """What a check by law and sense says and how it is repaired: sentences of a place, or of a name that ends in _WORDS."""
    for node in ast.walk(ast.parse(Path(look.__code__.co_filename).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Place":
            yield from _texts(node.args[1:3])
        elif isinstance(node, ast.Assign) and any(_is_of_words(target) for target in node.targets):
            yield from _texts(node.value.values if isinstance(node.value, ast.Dict) else [node.value])


def _is_of_words(target: ast.expr) -> bool:
    """Whether a name holds sentences: _LIMIT_WORDS of the module, words and repair of a place that is put together below."""
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    return any(isinstance(one, ast.Name) and (one.id.endswith("_WORDS") or one.id in ("words", "repair")) for one in names)


def _texts(written: list[ast.expr]) -> Iterator[str]:
    for one in written:
        if isinstance(one, ast.Tuple):
            yield from _texts(one.elts)
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def gather() -> None:
    """Bring the catalogues up to what the pages say now."""
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.settings")
    os.environ.setdefault("GOODWORD_SECRET_KEY", "none is needed to read sentences")
    django.setup()
    LOCALE.mkdir(exist_ok=True)
    os.chdir(WEB)
    aside = WEB / "from_below.py"  # read by xgettext only
    aside.write_text("".join(f"_({text!r})\n" for text in from_below()), encoding="utf-8")
    try:
        call_command(
            "makemessages", locale=list(LANGUAGES), no_location=True, no_obsolete=True, no_wrap=True, verbosity=0
        )
    finally:
        aside.unlink()


if __name__ == "__main__":
    if "compile" not in sys.argv[1:]:
        gather()
    compile_all()
