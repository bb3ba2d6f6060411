"""How do the pages about types, rewards and checks come about? From the one file of each kind on its shelf.

`python -m tests.core.program_pages` writes docs/program/types/, docs/program/rewards.md and docs/program/checks.md; a test
fails where they are not what the shelves hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from goodword.catalog import SHELVES
from goodword.catalog.packs import PACKS
from goodword.catalog.reading import read_program
from goodword.core.checks import Pack
from goodword.core.kind import RewardKind, Template
from goodword.core.wording import for_the_friend, paragraphs, rule

FOLDER = Path(__file__).parents[2] / "docs" / "program"
HERE = "Made by `python -m tests.core.program_pages`"
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def pages() -> dict[Path, str]:
    """Every page with its text."""
    found = {FOLDER / "types" / f"{slug}.md": type_page(one) for slug, one in sorted(SHELVES.templates.items())}
    found[FOLDER / "types" / "README.md"] = types_page()
    found[FOLDER / "rewards.md"] = rewards_page()
    found[FOLDER / "checks.md"] = checks_page()
    return found


def types_page() -> str:
    """The list of types."""
    rows = [
        f"| [{one.title}]({slug}.md) | `{slug}` | {_line(one.help)} |"
        for slug, one in sorted(SHELVES.templates.items())
    ]
    return "\n".join(["# Types of program", "", f"{HERE} from the shelf of templates: a type only fills in what a document leaves out.",
                      "", "| type | `type:` | what it is |", "|---|---|---|", *rows]) + "\n"  # fmt: skip


def type_page(one: Template) -> str:
    """One type: what it fills in, a ready document, what people read of it, and stories that are played as tests."""
    return "\n".join(_type_lines(one)) + "\n"


def _type_lines(one: Template) -> Iterator[str]:
    yield from (f"# {one.title}", "", _line(one.help), "")
    yield f"{HERE} from `catalog/programs/{one.slug}.py`."
    yield from (
        "",
        "## What the type fills in",
        "",
        "What a document says itself stands; milestones are taken as a whole.",
        "",
    )
    yield from (
        "```yaml",
        yaml.safe_dump(dict(one.defaults), sort_keys=False, allow_unicode=True).strip() if one.defaults else "{}",
        "```",
    )
    if one.headline:
        yield from ("", f"On the portal it is headed: “{one.headline}”.")
    if one.example:
        read = read_program(one.example, SHELVES, version=1, live_from=_SOME_DAY)
        assert not isinstance(read, list), read
        yield from ("", "## A ready program", "", "```yaml", one.example.strip(), "```", "", "## What people read", "")
        yield from (f"> {rule(read[1], 'en')}", "", f"The friend is told: {for_the_friend(read[1], 'en')}", "")
        yield from ("| terms & conditions | |", "|---|---|")
        yield from (f"| {part.heading} | {_line(part.text)} |" for part in paragraphs(read[1], "en"))
    if one.scenarios:
        yield from ("", "## Stories", "", "Each is played by the core, the whole stack and in batches.", "")
        yield from ("```", one.scenarios.strip(), "```")


def rewards_page() -> str:
    """Every kind of reward: how it is written, and an example."""
    lines = ["# Kinds of reward", "", f"{HERE} from the shelf of rewards. Each is written behind `give:`; a unit that is not money has",
             "a dated cost, so that a budget can carry it.", ""]  # fmt: skip
    for slug, kind in sorted(SHELVES.rewards.items()):
        lines += [
            f"## `{slug}`: {kind.title}",
            "",
            _line(kind.help),
            "",
            "```json",
            json.dumps(_plain(kind), indent=1),
            "```",
            "",
        ]
    return "\n".join(lines)


def _plain(kind: RewardKind) -> Any:
    return json.loads(json.dumps(kind.schema, default=dict))


def checks_page() -> str:
    """Every rule of the packs with its source and the day on which it was read."""
    lines = [
        "# Checks by law and sense",
        "",
        f"{HERE} from the shelf of packs. **This is no legal advice.** The packs know some rules that referral programs meet most",
        "often; they do not know all of them, laws change, and what is read here second-hand may be wrong. Ask a lawyer. A rule",
        "that was read more than a year ago is called stale. What is not in a table is said to be so, never taken as allowed;",
        "what is in one from a source that nobody verified only warns, and is for counsel to confirm.",
        "",
        "A check that **blocks** refuses the publication; a named person may override it with a reason, and name, reason and",
        "remarks are kept in the log of acts. A check that **warns** is shown. `goodword check --program FILE.yaml` and `goodword",
        "program push` tell both. A document says where it runs by `sector`, `places` (countries and states) and `languages`; what it",
        "leaves out is what [the client's settings](../clients.md#sector-places-and-languages) say. What neither says is a remark.",
    ]
    for pack in sorted(PACKS.values(), key=lambda one: one.slug):
        lines += ["", *_pack_lines(pack)]
    return "\n".join(lines) + "\n"


def _pack_lines(pack: Pack) -> Iterator[str]:
    yield from (f"## {pack.title}", "", _line(pack.help), "")
    yield f"Looks at: {', '.join(f'`sector: {one}`' for one in pack.sectors) or 'every program'}."
    yield from ("", "| check | where | does | rule | source, read on |", "|---|---|---|---|---|")
    for one in pack.checks:
        where = "the EU" if len(one.where) > 20 else ", ".join(one.where) or "everywhere"
        source = f"[{one.source.name}]({one.source.url})" if one.source.url else one.source.name
        yield f"| `{pack.slug}/{one.slug}` | {where} | {one.severity}s | {_line(one.says)} | {source}, {one.source.as_of} |"


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    (FOLDER / "types").mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
