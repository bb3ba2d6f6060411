"""Actions are tested as they are typed, on the same world and database as the commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from goodword.commands.chain import opened_chain
from goodword.house.roles import Urls
from tests.actions.shops import Shop
from tests.commands.conftest import Type, goodword, installation, world

__all__ = ["goodword", "installation", "shop", "world"]


@pytest.fixture
def shop(installation: Urls, world: Path, goodword: Type, request: pytest.FixtureRequest) -> Iterator[Shop]:
    slug: str = "v" + request.node.name.replace("_", "-")[-50:].strip("-")
    assert goodword("client", "add", slug, "--name", "Globex").code == 0
    pushed = goodword("program", "push", "--client", slug, "friends.yaml", "--publish", "--live-from", "2026-01-01")
    assert pushed.code == 0, pushed.err
    for kind, file in (("people", "people.csv"), ("codes", "codes.csv"), ("events", "events.ndjson")):
        said = goodword(
            "import", kind, file, "--client", slug, *(["--as-of", "2026-04-30"] if kind == "events" else [])
        )
        assert said.code == 0, said.err
    with opened_chain("test") as (chain, _):
        yield Shop(chain, chain.client(slug))
