"""What may stand at a place of a program document? Places, their values, and their definitions as the language declares them.

Nothing here lists fields: what the documents' definitions declare is what the editor offers.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import inspect

from goodword.core.documents import ProgramDocument
from goodword.core.kind import Template

Step = str | int
ABSENT: Any = object()  # nothing stands there
_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,4})\]")


@dataclass(frozen=True)
class Spec:
    """What may stand at a place. `kind`: choice, flag, whole, day, text, texts, conditions, gift, group, rows, pairs (values by
    names), named (groups by names), any.
    """

    kind: str
    name: str
    help: str = ""
    choices: tuple[str, ...] = ()
    fields: tuple[Spec, ...] = ()  # of a group, or of one row
    item: Spec | None = None
    default: Any = ABSENT
    needed: bool = False
    least: int | None = None
    most: int | None = None
    or_alone: bool = False  # of pairs: whether a value without a name may stand there by itself
    or_word: str = ""  # a word that may stand there in place of the whole group
    takes_many: bool = False  # of a gift: whether several may stand there, by conditions, choice or chance


def steps_of(place: str) -> tuple[Step, ...]:
    """promises[0].give -> ("promises", 0, "give"). Raises ValueError where it is no place."""
    found: list[Step] = []
    end = 0
    for match in _STEP.finditer(place):
        if place[end : match.start()] not in ("", "."):
            raise ValueError(place)
        found.append(match[1] if match[1] is not None else int(match[2]))
        end = match.end()
    if not found or end != len(place):
        raise ValueError(place)
    return tuple(found)


def place_of(steps: tuple[Step, ...]) -> str:
    """The same back: ("promises", 0, "give") -> promises[0].give"""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def anchor(place: str) -> str:
    """The place as the id of an element."""
    return "at-" + re.sub(r"[^a-z0-9_]+", "-", place.lower()).strip("-")


# ---- values


def value_at(document: Mapping[str, Any], place: str) -> Any:
    """What stands there; ABSENT where nothing does. One thing where several may stand is the first of them."""
    found: Any = document
    for step in steps_of(place):
        if isinstance(step, int):
            listed = found if isinstance(found, list) else [found]
            if found is ABSENT or step >= len(listed):
                return ABSENT
            found = listed[step]
        elif isinstance(found, Mapping) and step in found:
            found = found[step]
        else:
            return ABSENT
    return found


def changed(document: Mapping[str, Any], place: str, value: Any) -> dict[str, Any]:
    """The document with this value there, or without it (ABSENT); parts that are empty then are gone too."""
    made = copy.deepcopy(dict(document))
    _put(made, steps_of(place), value)
    return made


def _put(holder: Any, steps: tuple[Step, ...], value: Any) -> None:
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        while len(holder) <= step:
            holder.append({})
    if not rest:
        _set(holder, step, value)
        return
    inner = holder[step] if isinstance(step, int) else holder.get(step)
    if isinstance(rest[0], int) and not isinstance(inner, list):
        inner = [] if inner is None else [inner]
    elif isinstance(rest[0], str) and not isinstance(inner, dict):
        inner = {}
    _put(inner, rest, value)
    _set(holder, step, ABSENT if inner in ({}, []) else inner)


def _set(holder: Any, step: Step, value: Any) -> None:
    if value is not ABSENT:
        holder[step] = value
    elif isinstance(step, int):
        del holder[step]
    else:
        holder.pop(step, None)


def filled(document: Mapping[str, Any], templates: Mapping[str, Template]) -> dict[str, Any]:
    """The document with whatever its template says where it is silent, so that each of its values can be changed."""
    template = templates.get(str(document.get("type")))
    made = copy.deepcopy(dict(document))
    for name, value in (template.defaults if template else {}).items():
        made.setdefault(name, copy.deepcopy(value))
    return made


# ---- definitions


@lru_cache(maxsize=1)
def whole() -> Spec:
    """The whole document."""
    return _spec("", inspect.type_info(ProgramDocument))


def spec_at(place: str) -> Spec | None:
    """What may stand there; None where the language knows no such place."""
    try:
        steps = steps_of(place)
    except ValueError:
        return None
    spec: Spec | None = whole()
    for step in steps:
        if spec is None:
            return None
        if isinstance(step, int):
            spec = spec.item if spec.kind in ("rows", "texts") else None
        elif spec.kind == "group":
            spec = next((one for one in spec.fields if one.name == step), None)
        else:
            spec = replace(spec.item, name=step) if spec.kind in ("named", "pairs") and spec.item else None
    return spec


def _spec(name: str, info: Any) -> Spec:
    help_, least, most = "", None, None
    while isinstance(info, inspect.Metadata):
        help_ = help_ or (info.extra_json_schema or {}).get("description", "")
        info = info.type
    if isinstance(info, inspect.UnionType):
        return _of_union(name, help_, info)
    if isinstance(info, inspect.IntType):
        least, most = info.ge, info.le
    if isinstance(info, inspect.StructType):
        fields = tuple(_field(one) for one in info.fields)
        return Spec("group", name, help_ or _first_line(info.cls.__doc__), fields=fields)
    if isinstance(info, inspect.LiteralType):
        return Spec("choice", name, help_, choices=tuple(str(one) for one in info.values))
    if isinstance(info, inspect.DictType):
        return _of_names(name, help_, info)
    if isinstance(info, inspect.ListType | inspect.VarTupleType):
        return _of_list(name, help_, info)
    kinds: dict[type, str] = {
        inspect.BoolType: "flag",
        inspect.IntType: "whole",
        inspect.DateType: "day",
        inspect.StrType: "text",
    }
    return Spec(kinds.get(type(info), "any"), name, help_, least=least, most=most)


def _of_names(name: str, help_: str, info: Any) -> Spec:
    """Groups by names, each a place of its own; other values by names, as pairs."""
    item = _spec("", info.value_type)
    if item.kind == "group":
        return Spec("named", name, help_, item=item)
    if item.kind == "any" and _may_be_a_list(info.value_type):
        item = Spec("gift", name, takes_many=True)
    return Spec("any" if item.kind == "any" else "pairs", name, help_, item=None if item.kind == "any" else item)


def _of_list(name: str, help_: str, info: Any) -> Spec:
    item = _spec("", info.item_type)
    if item.kind == "group":
        return Spec("rows", name, help_, fields=item.fields, item=item)
    if isinstance(info.item_type, inspect.UnionType) and item.kind == "text":
        item = replace(item, kind="either")  # a number where it is one, else a word
    if item.kind in ("text", "whole", "day", "either"):
        return Spec("conditions" if name == "if" else "texts", name, help_, item=item)
    return Spec("any", name, help_)


def _of_union(name: str, help_: str, info: Any) -> Spec:
    """Of several kinds the one with most structure; a list of things may be written as one thing."""
    found = [_spec(name, one) for one in info.types if not isinstance(one, inspect.NoneType)]
    rank = ("rows", "group", "named", "pairs", "texts", "choice", "text", "day", "whole", "flag", "any")
    chosen = min(found, key=lambda one: rank.index(one.kind) if one.kind in rank else 0)
    word = next((one.choices[0] for one in found if one.kind == "choice" and chosen.kind == "group"), "")
    or_alone = chosen.kind == "pairs" and chosen.item is not None and chosen.item.kind in {one.kind for one in found}
    return replace(chosen, help=help_ or chosen.help, or_word=word, or_alone=or_alone)


def _field(one: Any) -> Spec:
    spec = _spec(one.encode_name, one.type)
    default = ABSENT
    if one.default is not msgspec.NODEFAULT:
        default = one.default
    elif one.default_factory is not msgspec.NODEFAULT:
        default = msgspec.to_builtins(one.default_factory())
    kind = "gift" if one.encode_name == "give" and spec.kind in ("any", "rows") else spec.kind
    takes_many = kind == "gift" and _may_be_a_list(one.type)
    return replace(spec, name=one.encode_name, kind=kind, default=default, needed=one.required, takes_many=takes_many)


def _may_be_a_list(info: Any) -> bool:
    while isinstance(info, inspect.Metadata):
        info = info.type
    return isinstance(info, inspect.UnionType) and any(isinstance(one, inspect.ListType) for one in info.types)


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n")[0]
