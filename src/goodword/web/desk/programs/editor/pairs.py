"""How are values by names asked for, such as the smallest order of each step in a country? As rows: a name, and its value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from goodword.web.desk.programs.editor import rows
from goodword.web.desk.programs.editor.places import ABSENT, Spec

NAME, VALUE = "name", "value"
COLUMNS = (NAME, VALUE)
_BY_ROLE, _DOCUMENT, _PEOPLE = ("give", "tiers"), "advocate", "referrer"
_EXAMPLE = re.compile(r"[,:]? ?\{.*\}")


def row_of(spec: Spec) -> Spec:
    """What may stand in one row: the name, and a value as the language declares it."""
    assert spec.item is not None
    return Spec("group", spec.name, fields=(Spec("text", NAME), replace(spec.item, name=VALUE, needed=True)))


def listed(spec: Spec, value: Any) -> list[dict[str, Any]]:
    """The rows of what stands there; values without any name are one row."""
    if isinstance(value, Mapping):
        return [{NAME: _spoken(spec, str(name)), VALUE: one} for name, one in value.items()]
    return [{VALUE: value}] if value not in (ABSENT, None, [], {}) else []


def is_blank(typed: Mapping[str, str], row: Spec) -> bool:
    """Whether a row says nothing: without a name, and without anything in its value that was typed."""
    value = row.fields[1]
    if typed.get(f".{NAME}", "").strip():
        return False
    inner = {key: text for key, text in typed.items() if key.startswith(f".{VALUE}")}
    if value.kind in ("choice", "flag"):  # it always says something
        return True
    if value.kind == "gift":
        return not inner.get(f".{VALUE}", "").strip()
    return not any(text.strip() for key, text in inner.items() if not key.endswith(rows.MARK))


def wrong_with(spec: Spec, name: str, told: Sequence[tuple[int, Mapping[str, Any]]]) -> dict[str, str]:
    """What is wrong with the rows, by the input that shows it."""
    wrong: dict[str, str] = {}
    seen: set[str] = set()
    for n, one in told:
        key = one.get(NAME, "")
        if not key and not (spec.or_alone and len(told) == 1):
            wrong[f"{name}[{n}].{NAME}"] = _("A name is missing. Write what the value is for, or remove the row.")
        elif key and key in seen:
            wrong[f"{name}[{n}].{NAME}"] = _("This name stands in a row above already. Each may stand once.")
        seen.add(key)
        if VALUE not in one:
            wrong[f"{name}[{n}].{VALUE}"] = _("A value is missing. Fill it in, or remove the row.")
    return wrong


def together(spec: Spec, told: Sequence[Mapping[str, Any]]) -> Any:
    """The rows as the document writes them."""
    if spec.or_alone and len(told) == 1 and not told[0].get(NAME):
        return told[0][VALUE]
    return {meant(spec, str(one[NAME])): one[VALUE] for one in told}


def hint(text: str) -> str:
    """What the rows are for, without the example of how a document writes them."""
    return _EXAMPLE.sub("", text)


def meant(spec: Spec, name: str) -> str:
    """A name as the document writes it: whoever refers has another word there."""
    return _DOCUMENT + name.removeprefix(_PEOPLE) if spec.name in _BY_ROLE and name.startswith(_PEOPLE) else name


def _spoken(spec: Spec, name: str) -> str:
    return _PEOPLE + name.removeprefix(_DOCUMENT) if spec.name in _BY_ROLE and name.startswith(_DOCUMENT) else name
