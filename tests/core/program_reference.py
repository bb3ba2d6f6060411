"""How does the reference of the terms language come about? Tables made from the definitions that read the document.

`python -m tests.core.program_reference` writes docs/program/reference.md and docs/program/program.schema.json; a test
fails where they are not what the code says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from goodword.catalog import SHELVES
from goodword.commands.schema import program_document_schema
from goodword.core import documents

FOLDER = Path(__file__).parents[2] / "docs" / "program"
ORDER = (
    ("ProgramDocument", "The document"),
    ("RunsPart", "`runs`"),
    ("AdvocatesPart", "`advocates`"),
    ("ContractsPart", "`contracts` of referrers"),
    ("FriendsPart", "`friends`"),
    ("AttributionPart", "`attribution`"),
    ("ChannelsPart", "`channels` of the attribution"),
    ("MilestonePart", "`milestones`"),
    ("RepeatPart", "`repeat` of a milestone"),
    ("PromisePart", "`promises`"),
    ("WhenPart", "`when` of a promise"),
    ("TierPart", "`tiers` of a promise"),
    ("ClaimPart", "`claim` of a promise"),
    ("LimitPart", "`limit` of a promise"),
    ("SharedLimitPart", "`limits` over all promises to a role"),
    ("StackingPart", "`stacking`"),
    ("ContestPart", "`contest`"),
    ("RoundPart", "`rounds` of a contest"),
    ("PrizePart", "`prizes` of a contest"),
    ("UnitPart", "`units`: what people collect"),
    ("CostPart", "`cost` of a unit"),
    ("ExpiryPart", "`expires` of a unit"),
    ("ItemPart", "`catalogue`: what points are redeemed for"),
    ("MarketPart", "`markets`: what differs in a country"),
    ("BudgetPart", "`budget`"),
    ("ScreeningPart", "`screening`"),
    ("TakingBackPart", "`taking_back`"),
    ("MarketPart", "`markets`: what differs by the friend's country"),
    ("DisclosurePart", "`disclosure`"),
    ("FieldPart", "`fields`"),
    ("ObjectivePart", "`objective`: what it is for"),
    ("TargetPart", "`objective.target`: what shall be reached"),
)


def schema_text() -> str:
    """The JSON Schema, as `goodword schema program` prints it."""
    return json.dumps(program_document_schema(), indent=2) + "\n"


def reference() -> str:
    """The reference page."""
    schema = program_document_schema()
    parts: dict[str, Any] = schema["$defs"]
    assert {name for name, _ in ORDER} == set(parts) - {"Gift"}, "a part of the document has no place on the page"
    lines = [
        "# Reference of the program document",
        "",
        "Made from the definitions that read the document (`python -m tests.core.program_reference`); what the words mean",
        "exactly is told in [README.md](README.md). A field without a default has to be there.",
    ]
    for name, title in ORDER:
        part = parts[name]
        lines += ["", f"## {title}", "", _line(part["description"]), "", "| field | value | default | meaning |"]
        lines.append("|---|---|---|---|")
        required = part.get("required", [])
        fields = msgspec.structs.fields(getattr(documents, name))
        defaults = {
            known.encode_name: known.default
            if known.default_factory is msgspec.NODEFAULT
            else msgspec.to_builtins(known.default_factory())
            for known in fields
        }
        for field, described in part["properties"].items():
            default = "" if field in required else _default(defaults[field])
            lines.append(f"| `{field}` | {_values(described)} | {default} | {_meaning(described)} |")
    lines += ["", "## Kinds of reward", "", "| `give:` | what it is |", "|---|---|"]
    lines += [f"| `{slug}` | {_line(kind.help)} |" for slug, kind in sorted(SHELVES.rewards.items())]
    lines += ["", "## Signals", "", "| signal | what it looks for |", "|---|---|"]
    lines += [f"| `{slug}` | {_line(signal.help)} |" for slug, signal in sorted(SHELVES.signals.items())]
    lines += ["", "## Types of program", "", "| `type:` | what it is |", "|---|---|"]
    lines += [f"| `{slug}` | {_line(template.help)} |" for slug, template in sorted(SHELVES.templates.items())]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _values(described: dict[str, Any]) -> str:
    if "enum" in described:
        return ", ".join(f"`{value}`" for value in described["enum"])
    if "$ref" in described or not described.get("type", described.get("anyOf")):
        return "see below"
    if "anyOf" in described:
        shown = [_values(one) for one in described["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(shown))
    if described.get("type") == "array":
        return f"list of {_values(described['items'])}"
    if described.get("format") == "date":
        return "date"
    return {"string": "text", "integer": "whole number", "boolean": "true, false", "object": "mapping"}[
        described["type"]
    ]


def _default(default: Any) -> str:
    if default is msgspec.NODEFAULT:
        return "of the `type`"
    if default in (None, [], {}):
        return "–"
    return f"`{default}`" if isinstance(default, str) else f"`{json.dumps(default)}`"


def _meaning(described: dict[str, Any]) -> str:
    for one in (described, *described.get("anyOf", ())):
        if "description" in one:
            return _line(one["description"])
    return ""


if __name__ == "__main__":
    (FOLDER / "reference.md").write_text(reference(), encoding="utf-8")
    (FOLDER / "program.schema.json").write_text(schema_text(), encoding="utf-8")
