"""Is a new type of program, and a new kind of reward, one file each, and known everywhere without another change?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

MADE_UP_KIND = '''"""A tree that the client plants in the person's name: so many of a kind."""

from __future__ import annotations

from goodword.catalog.sums import PIECES, pieces, pieces_sentence
from goodword.core.kind import RewardKind

TREE = RewardKind(
    slug="tree",
    title="Tree",
    help=__doc__ or "",
    schema=PIECES,
    parse=pieces("tree", "TREE", '{tree: {name: "Oak", quantity: 1, cost: "3.00"}}'),
    amount_minor=lambda give, base: give.fixed_minor,
    most_minor=lambda give: give.fixed_minor,
    sentence=pieces_sentence("{count} × {name} planted"),
)
'''

MADE_UP_TYPE = '''"""Neighbours: who brings somebody from the same street is rewarded at the first order."""

from __future__ import annotations

from goodword.core.kind import Template

NEIGHBOURS = Template(
    slug="neighbours",
    title="Neighbours",
    help=__doc__ or "",
    headline="Bring your street, get {advocate}",
    asks=("advocate",),
    defaults={"milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase"}}},
    example="""\\
program: street
name: The whole street
type: neighbours
currency: EUR
promises:
  - {to: advocate, on: first_order, give: {tree: {name: Oak, quantity: 2, cost: "3.00"}}, hold: 14d}
""",
    scenarios="",
)
'''

# Runs on a copy of the package that holds the two files: prints what each part of the product then knows.
ASKED = """
import json, os
from datetime import UTC, datetime
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.settings")
import django
django.setup()
from django.test import RequestFactory
from goodword.catalog import SHELVES
from goodword.catalog.reading import read_program
from goodword.commands.schema import program_document_schema
from goodword.scenarios.player import CorePlayer
from goodword.web.desk.clients import first_program
from goodword.web.desk.programs.editor import gifts, preview
from tests.core.program_reference import reference

template = SHELVES.templates["neighbours"]
document, terms = read_program(template.example, SHELVES, version=1, live_from=datetime(2026, 1, 1, tzinfo=UTC))
schema = program_document_schema()
player = CorePlayer()
player.publish(document, datetime(2026, 1, 1, tzinfo=UTC))
at = datetime(2026, 3, 1, tzinfo=UTC)
for raw in (
    {"id": "1", "type": "code_issued", "at": at.isoformat(), "code": "ANA", "person": {"id": "ana"}, "act": {}},
    {"id": "2", "type": "purchase", "at": at.isoformat(), "code": "ANA", "person": {"id": "bo"},
     "order": {"id": "o", "amount": "10.00", "currency": "EUR"}},
):
    player.deliver(raw, at)
shown = preview.told(terms, "Acme", "en")
print(json.dumps({
    "types": schema["$defs"]["ProgramDocument"]["properties"]["type"]["enum"],
    "kinds": sorted(schema["$defs"]["Gift"]["properties"]),
    "page": reference(),
    "short_form": [slug for slug, *_ in first_program.templates()],
    "form": sorted({shape.slug for shape in gifts.shapes(SHELVES.rewards).values()}),
    "inputs": [ask.name for ask in gifts.shapes(SHELVES.rewards)["tree-0"].asks("give", {"tree": {"name": "Oak"}}, None, {})],
    "portal": repr(shown),
    "given": [[reward.kind, reward.asset, reward.amount_minor] for one in player.situation.referrals.values()
              for reward in one.rewards],
}))
"""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "src" / "goodword", folder / "goodword", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "goodword" / "catalog" / "rewards" / "tree.py").write_text(MADE_UP_KIND, encoding="utf-8")
    (folder / "goodword" / "catalog" / "programs" / "neighbours.py").write_text(MADE_UP_TYPE, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "GOODWORD_SECRET_KEY": "for this test only"}
    done = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_schema_and_the_reference_know_both(known: dict[str, Any]) -> None:
    assert "neighbours" in known["types"] and "tree" in known["kinds"]
    assert "| `tree` | A tree that the client plants" in known["page"]
    assert "| `neighbours` | Neighbours:" in known["page"]


def test_the_forms_offer_both_with_inputs_of_their_own(known: dict[str, Any]) -> None:
    assert "neighbours" in known["short_form"]
    assert "tree" in known["form"]
    assert len(known["inputs"]) == 3, "name, quantity and cost"


def test_it_is_decided_and_told_in_the_portal(known: dict[str, Any]) -> None:
    assert known["given"] == [["tree", "TREE:oak", 2]]
    assert "2 × Oak" in known["portal"]
