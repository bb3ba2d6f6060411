"""How is a program document read from YAML? Plain words stay words, dates stay dates, and every problem gets its line."""

from __future__ import annotations

import re
from collections.abc import Hashable
from datetime import datetime
from typing import Any

import yaml

from goodword.core.events import Problem
from goodword.core.kind import Shelves
from goodword.core.reading import read_terms
from goodword.core.terms import Terms


class _Loader(yaml.SafeLoader):
    """YAML in which only true and false are booleans: `on:` and `screening: off` are words here, as their authors mean them."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f'"{key}" stands here twice', key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


class LinedProblem(Problem, frozen=True):
    """A problem with the line of the document that it speaks of (1 is the first; None where the place is not in the text)."""

    line: int | None = None


def read_program(
    text: str, shelves: Shelves, *, version: int, live_from: datetime
) -> tuple[dict[str, Any], Terms] | list[LinedProblem]:
    """Document and terms of a YAML (or JSON) text, or every problem with line, field and repair."""
    try:
        document = _Loader(text).get_single_data()
        tree = yaml.compose(text, _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or str(error)
        return [
            LinedProblem(
                "",
                f"not valid YAML: {why}",
                "mend the line; strings with special signs need quotes",
                "malformed",
                mark.line + 1 if mark else None,
            )
        ]
    if not isinstance(document, dict):
        return [LinedProblem("", "is not a program document", 'begin with "program: my-program"', "malformed", 1)]
    terms = read_terms(document, shelves, version=version, live_from=live_from)
    if isinstance(terms, list):
        return [LinedProblem(p.field, p.why, p.repair, p.code, _line_of(tree, p.field)) for p in terms]
    return document, terms


class Lines:
    """In which line of a document's text does a place such as promises[0].give.cash stand?"""

    def __init__(self, text: str) -> None:
        self._tree = yaml.compose(text, _Loader)

    def of(self, field: str) -> int | None:
        """The line of the deepest part of the place that the text has; None where the text does not speak of it at all."""
        return _line_of(self._tree, field) if _names(self._tree, field) else None


def _names(tree: yaml.Node | None, field: str) -> bool:
    """Whether the text has the part of the document that a place lies in: what only a template says has no line."""
    head = re.match(r"[^.\[\]]+", field)
    keys = tree.value if isinstance(tree, yaml.MappingNode) else ()
    return head is not None and any(key.value == head[0] for key, _ in keys)


def _line_of(node: yaml.Node | None, field: str) -> int | None:
    """Line of a place such as promises[0].give.cash; the deepest part that exists in the text."""
    line = node.start_mark.line + 1 if node else None
    for part in re.findall(r"[^.\[\]]+", field):
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                if key_node.value == part:
                    child, line = value_node, key_node.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            child = node.value[int(part)]
            line = child.start_mark.line + 1
        if child is None:
            break
        node = child
    return line
