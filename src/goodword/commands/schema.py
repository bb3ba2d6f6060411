"""What may stand in a document? JSON Schema of programs and events, made from the definitions that read them."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from goodword.catalog import SHELVES
from goodword.commands.written import as_json
from goodword.core.documents import program_schema
from goodword.core.events import WireEvent

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def register(subparsers: Any) -> None:
    """schema program | event"""
    parser = subparsers.add_parser("schema", help="JSON Schema of the documents")
    parser.add_argument("document", choices=("program", "event"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print it."""
    print(as_json(program_document_schema() if args.document == "program" else event_schema()))
    return 0


def program_document_schema() -> dict[str, Any]:
    """The schema of a program; what `give` may hold comes from the shelf of reward kinds, `type` from that of templates.

    Templates fill in milestones, so a document need not name them.
    """
    schema = program_schema()
    parts = schema["$defs"]
    document = parts["ProgramDocument"]
    document["properties"]["type"] = {
        "enum": sorted(SHELVES.templates),
        "description": " ".join(f"{slug}: {template.help}" for slug, template in sorted(SHELVES.templates.items())),
    }
    if all("milestones" in template.defaults for template in SHELVES.templates.values()):
        document["required"] = [name for name in document["required"] if name != "milestones"]
    parts["Gift"] = gift_schema()
    one: dict[str, Any] = {"$ref": "#/$defs/Gift"}
    for name, part in parts.items():
        if name != "PromisePart" and "give" in part.get("properties", {}):
            part["properties"]["give"] = {**one, "description": part["properties"]["give"].get("description", "")}
    give = parts["PromisePart"]["properties"]["give"]
    lines = {"type": "array", "minItems": 1, "items": gift_schema({"if": {"type": "array", "items": {"type": "string"}}})}
    parts["PromisePart"]["properties"]["give"] = {
        "description": give.get("description", ""),
        "anyOf": [one, lines, _one_of("choice", {}), _one_of("chance", {"weight": {"type": "integer", "minimum": 1}})],
    }
    return {"$schema": _DIALECT, "title": "Goodword program", **schema}


def gift_schema(beside: dict[str, Any] | None = None) -> dict[str, Any]:
    """One kind of reward of the shelf and its value; `beside` are fields that may stand next to it."""
    more = beside or {}
    return {
        "type": "object",
        "description": "Exactly one kind of reward.",
        "properties": {
            **{
                slug: {"title": kind.title, "description": kind.help.strip(), **kind.schema}
                for slug, kind in sorted(SHELVES.rewards.items())
            },
            **more,
        },
        "minProperties": 1,
        "maxProperties": 1 + len(more),
        "additionalProperties": False,
    }


def _one_of(how: str, beside: dict[str, Any]) -> dict[str, Any]:
    """Several gifts of which one is given: by the payee's choice, or by a recorded draw."""
    gifts = {"type": "array", "minItems": 2, "items": gift_schema(beside)}
    return {"type": "object", "required": [how], "properties": {how: gifts}, "additionalProperties": False}


def event_schema() -> dict[str, Any]:
    """The schema of a native event; fields it does not name are kept, never refused."""
    return {"$schema": _DIALECT, "title": "Goodword event", **msgspec.json.schema(WireEvent)}
