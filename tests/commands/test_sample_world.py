"""Do files and server agree on a simulated year of two brands, referral by referral, and does everything verify afterwards?

The sample world lies beside the repository or where GOODWORD_SAMPLE_WORLD says; without it these tests skip.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from goodword.house.roles import Urls

from .conftest import Type

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "program" / "examples"
UNTIL = "2026-12-31T23:59:59Z"
BRANDS = ("B0", "B1")


@pytest.fixture
def sample_world() -> Path:
    named = os.environ.get("GOODWORD_SAMPLE_WORLD")
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "sample-world"
    if not (folder / "B0" / "events.ndjson.gz").exists():
        pytest.skip(f"no sample world in {folder}; name it with GOODWORD_SAMPLE_WORLD")
    return folder


def files_of(folder: Path) -> tuple[str, ...]:
    program = EXAMPLES / f"sample-world-{folder.name.lower()}.yaml"
    return (str(program), str(folder / "events.ndjson.gz"), "--people", str(folder / "people.csv"), "--codes",
            str(folder / "codes.csv"), "--until", UNTIL)  # fmt: skip


@pytest.mark.parametrize("brand", BRANDS)
def test_programs_are_those_of_the_terms(sample_world: Path, brand: str) -> None:
    terms = json.loads((sample_world / brand / "terms.json").read_text())
    program = (EXAMPLES / f"sample-world-{brand.lower()}.yaml").read_text()
    assert f'{{cash: "{terms["reward"]}.00"}}, hold: {terms["hold_days"]}d' in program
    assert f"currency: {terms['currency']}" in program


@pytest.mark.timeout(600)
def test_thirty_thousand_events_are_decided_the_same_twice(sample_world: Path, goodword: Type, tmp_path: Path) -> None:
    outputs = [tmp_path / name for name in ("a", "b")]
    for path in outputs:
        path.mkdir()
        said = goodword("decide", *files_of(sample_world / "B0"), "--out", str(path / "decisions"), "--referrals",
                        str(path / "referrals"), "--summary", str(path / "summary"))  # fmt: skip
        assert said.code == 0, said.err
    for name in ("decisions", "referrals", "summary"):
        assert (outputs[0] / name).read_bytes() == (outputs[1] / name).read_bytes()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("brand", BRANDS)
def test_files_and_server_agree_and_everything_verifies(
    sample_world: Path, installation: Urls, goodword: Type, tmp_path: Path, brand: str
) -> None:
    folder, client = sample_world / brand, brand.lower()
    decided, served, summary = (tmp_path / name for name in ("decided.ndjson", "served.ndjson", "summary.json"))
    program, *_ = files_of(folder)
    goodword("decide", *files_of(folder), "--referrals", str(decided), "--summary", str(summary))
    goodword("client", "add", client, "--name", f"Brand {brand}", "--currency", "USD")
    goodword("program", "push", "--client", client, program, "--publish", "--live-from", "1990-01-01")
    for kind, name in (("people", "people.csv"), ("codes", "codes.csv"), ("events", "events.ndjson.gz")):
        said = goodword("import", kind, str(folder / name), "--client", client, "--as-of", UNTIL, "--json")
        assert said.code == 0, said.err
        told = json.loads(said.out)
        assert (told["same"], told["bad"], told["later"], told["dead_letters"]) == (0, 0, 0, 0)
    goodword("export", "referrals", "--client", client, "--out", str(served))
    assert served.read_bytes() == decided.read_bytes()
    balances = json.loads(goodword("ledger", "balances", "--client", client, "--json").out)
    assert balances["balances"] == json.loads(summary.read_text())["ledger"]["balances"]
    for words in (("replay",), ("ledger", "verify"), ("proof", "verify")):
        said = goodword(*words, "--client", client)
        assert said.code == 0, said.out
