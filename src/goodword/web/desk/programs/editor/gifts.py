"""How is a reward asked for? Inputs derived from each kind's own schema on the shelf; a kind that is new there is new here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.core.kind import RewardKind
from goodword.web import words
from goodword.web.desk.programs.editor import places, rows, said
from goodword.web.desk.programs.editor.rows import At

WRITTEN = "written"  # as the document writes it: what the inputs of a kind that nobody foresaw cannot say
TABLE, CHOICE, CHANCE = "table", "choice", "chance"
SEVERAL: dict[str, Words] = {
    TABLE: gettext_lazy("A table: which reward hangs on conditions"),
    CHOICE: gettext_lazy("Several rewards: the person chooses one"),
    CHANCE: gettext_lazy("Several rewards: chance decides, by weights"),
}
LEAST_LINES = 2


@dataclass(frozen=True)
class Ask:
    """One input of a kind: its name in the form, its label and hint, and what stands in it; or a table of them."""

    name: str
    label: str
    hint: str
    value: str
    options: tuple[tuple[str, str], ...] = ()
    keyboard: str = "text"  # decimal | numeric | text
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Ask, ...], ...] = ()
    begins: tuple[str, ...] = ()  # where each row of a table of bands begins: at the end of the one above it
    wrong: str = ""

    @property
    def table(self) -> list[tuple[At, str, tuple[Ask, ...]]]:
        """Its rows: where each is, where it begins, and its inputs."""
        begins = self.begins or ("",) * len(self.rows)
        return [(At(self.name, n, len(self.rows)), begins[n], row) for n, row in enumerate(self.rows)]

    @property
    def id(self) -> str:
        """The id of its element."""
        return f"{places.anchor(self.name)}-in"


@dataclass(frozen=True)
class Shape:
    """One way to write a kind: a plain value (its one input has no key), or an object with a key an input."""

    id: str  # voucher-1
    slug: str
    title: str
    hint: str
    parts: Mapping[str, Mapping[str, Any]]  # {"": schema} for a plain value

    def asks(self, name: str, gift: Any, typed: Mapping[str, str] | None, wrong: Mapping[str, str]) -> tuple[Ask, ...]:
        """Its inputs with what stands there, or with what was typed."""
        value = gift.get(self.slug) if isinstance(gift, dict) else None
        return tuple(
            _ask(self.name_of(name, key), key, schema, _at(value, key), typed, wrong)
            for key, schema in self.parts.items()
        )

    def name_of(self, name: str, key: str) -> str:
        """The name of an input in the form."""
        return f"{name}.{self.id}.{key or 'value'}"


def shapes(kinds: Mapping[str, RewardKind]) -> dict[str, Shape]:
    """Every way to promise one thing, by the shelf."""
    found = {}
    for slug, kind in kinds.items():
        forms = list(_forms(kind.schema))
        for n, (name, parts) in enumerate(forms):
            title = _(kind.title) if len(forms) == 1 else _way(_(kind.title), name, parts)
            hint = _(kind.help.strip().split("\n")[0])
            found[f"{slug}-{n}"] = Shape(f"{slug}-{n}", slug, title, hint, parts)
    return found


def chosen_of(kinds: Mapping[str, RewardKind], gift: Any) -> str:
    """Which shape says what stands there; `written` where none does, '' where nothing stands there."""
    if not gift:
        return ""
    if isinstance(gift, list):
        return TABLE if all(isinstance(one, dict) for one in gift) else WRITTEN
    if not isinstance(gift, dict) or len(gift) != 1:
        return WRITTEN
    ((slug, value),) = gift.items()
    if slug in (CHOICE, CHANCE) and isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return str(slug)
    kind = kinds.get(slug)
    for n, (_name, parts) in enumerate(_forms(kind.schema) if kind else ()):
        if _fits(value, parts):
            return f"{slug}-{n}"
    return WRITTEN


def lines_of(how: str, gift: Any) -> list[dict[str, Any]]:
    """The lines of several gifts; what stood there alone before is the last of them."""
    if how == TABLE and isinstance(gift, list):
        return list(gift)
    if isinstance(gift, dict) and isinstance(gift.get(how), list):
        return list(gift[how])
    one: dict[str, Any] = gift if isinstance(gift, dict) and not {CHOICE, CHANCE} & set(gift) else {}
    return [{}] * (LEAST_LINES - 1) + [one]


def name_of_line(name: str, how: str, n: int) -> str:
    """The place of a line, as the terms name it when something is wrong with it."""
    return f"{list_of(name, how)}[{n}]"


def list_of(name: str, how: str) -> str:
    """The list that holds the lines."""
    return name if how == TABLE else f"{name}.{how}"


def alone(line: Mapping[str, Any]) -> dict[str, Any]:
    """The gift of a line without its conditions and its weight."""
    return {key: value for key, value in line.items() if key not in ("if", "weight")}


def as_written(gift: Any) -> str:
    """The gift in the document's own spelling."""
    return str(yaml.safe_dump(gift, sort_keys=False, allow_unicode=True, default_flow_style=None)) if gift else ""


def is_table(schema: Mapping[str, Any]) -> bool:
    """Whether it is a list of rows of named values."""
    return schema.get("type") == "array" and bool(schema.get("items", {}).get("properties"))


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a JSON Schema allows."""
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _forms(schema: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Mapping[str, Any]]]]:
    """The ways that a JSON Schema leaves open: what each is called, and the schema of each key; of '' for a plain value."""
    for key in ("oneOf", "anyOf"):
        if key in schema:
            for one in schema[key]:
                yield from _forms(one)
            return
    title = str(schema.get("title", ""))
    if schema.get("type") == "object" or "properties" in schema:
        parts = dict(schema.get("properties") or {})
        for needed in schema.get("required", ()):
            parts.setdefault(needed, {})
        if parts:
            yield title, parts
    elif schema.get("type") != "array":
        yield title, {"": schema}


def _fits(value: Any, parts: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the inputs of this way can say the value."""
    if not isinstance(value, dict):
        return set(parts) == {""} and not isinstance(value, list)
    return (
        "" not in parts
        and set(value) <= set(parts)
        and all(is_table(parts[key]) or not isinstance(one, list | dict) for key, one in value.items())
        and all(isinstance(one, list) for key, one in value.items() if is_table(parts[key]))
    )


def _way(title: str, name: str, parts: Mapping[str, Mapping[str, Any]]) -> str:
    """What one of several ways is called: by its own name, else by what is asked for."""
    if set(parts) == {""} and not name:
        return title
    named = _(name) if name else ", ".join(_label(key, schema).lower() for key, schema in parts.items())
    return _("{title}: {parts}").format(title=title, parts=named)


def _label(key: str, schema: Mapping[str, Any]) -> str:
    return _(schema["title"]) if schema.get("title") else words.label(key) if key else _("How much")


def _at(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key, "")
    return value if key == "" and value is not None else ""


def _ask(
    name: str,
    key: str,
    schema: Mapping[str, Any],
    stands: Any,
    typed: Mapping[str, str] | None,
    wrong: Mapping[str, str],
) -> Ask:
    """An input for one value of the schema, with its own words where it has some."""
    label, hint = _label(key, schema), _(schema["description"]) if schema.get("description") else ""
    if is_table(schema):
        return _table(name, label, hint, schema, stands, typed, wrong)
    if not hint and schema.get("examples"):
        hint = _("For example {example}.").format(example=schema["examples"][0])
    shown = (typed or {}).get(name, stands)
    options = tuple((str(one), said.choice(str(one))) for one in schema.get("enum", ()))
    return Ask(name, label, hint, str(shown), options, _keyboard(schema), wrong=wrong.get(name, ""))


def _table(
    name: str, label: str, hint: str, schema: Mapping[str, Any], stands: Any, typed: Mapping[str, str] | None,
    wrong: Mapping[str, str],
) -> Ask:  # fmt: skip
    """Rows of named values: those that were sent, else those that stand there, else as many blank ones as it needs."""
    columns: Mapping[str, Mapping[str, Any]] = schema["items"]["properties"]
    listed = stands if isinstance(stands, list) else []
    sent = rows.numbers(typed or {}, name)
    count = len(sent) or max(len(listed), int(schema.get("minItems", 1)))
    made = tuple(
        tuple(
            _ask(f"{name}[{n}].{key}", key, part, listed[n].get(key, "") if n < len(listed) else "", typed, wrong)
            for key, part in columns.items()
        )
        for n in range(count)
    )
    titles = tuple(_label(key, part) for key, part in columns.items())
    ends = [row[list(columns).index("to")].value for row in made] if "to" in columns else []
    begins = ("0", *ends[:-1]) if ends else ()
    return Ask(name, label, hint, "", columns=titles, rows=made, begins=begins, wrong=wrong.get(name, ""))


def _keyboard(schema: Mapping[str, Any]) -> str:
    """Which keys a phone shows for it."""
    types = types_of(schema)
    if types == ("integer",):
        return "numeric"
    return "decimal" if "number" in types or str(schema.get("pattern", "")).startswith(r"^\d") else "text"
