"""Does a process of its own judge as this one would, end when it is told to, and tell why where it is ended by the system?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from goodword.actions import apart
from goodword.actions.backtest_told import as_data, line_of
from goodword.actions.backtesting import Backtest, Cancelled, backtest
from goodword.actions.opening import Chain, open_chain
from goodword.catalog import SHELVES
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.errors import BadInput
from goodword.house.roles import Urls
from tests.worker.history import crowded, half_a_year
from tests.worker.lane import NOW, START, Lane, lane_on


@pytest.fixture(scope="module")
def busy(urls: Urls) -> Iterator[Lane]:
    """Half a year in which everything runs out."""
    with lane_on(urls, "apart") as lane:
        lane.publish(crowded())
        lane.send(*half_a_year())
        lane.drain_all()
        lane.advance(NOW)
        yield lane


@pytest.fixture
def chain(busy: Lane) -> Iterator[Chain]:
    with open_chain(busy.urls.engine, busy.keyring, "goodword-desk") as found:
        yield found


def tight() -> dict[str, Any]:
    return crowded() | {"budget": {"amount": "50.00", "reserve": "join", "at_end": "while_funds_last"}}


def here(chain: Chain, lane: Lane, document: dict[str, Any]) -> Backtest:
    terms = read_terms(document, SHELVES, version=1, live_from=START)
    assert isinstance(terms, Terms), terms
    return backtest(chain.conn, chain.vault, lane.client_id, document, terms)


def children() -> list[str]:
    """What this process has started that still runs and judges."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended just now
            if int(stat.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.append((stat.parent / "cmdline").read_bytes().decode())
    return [line for line in found if "actions.apart" in line]


def test_it_finds_what_is_found_here(chain: Chain, busy: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_OUTCOMES_A_LINE", 2)
    steps: list[tuple[int, int]] = []

    def watch(done: int, of: int) -> bool:
        steps.append((done, of))
        return True

    for document in (crowded(), tight()):
        found = apart.backtest_apart(chain, busy.client_id, document, since=None, progress=watch)
        expected = here(chain, busy, document)
        assert as_data(found) == as_data(expected)
        assert sorted(map(str, map(line_of, found.comparison.changed))) == sorted(
            map(str, map(line_of, expected.comparison.changed))
        )
    assert found.anew and found.comparison.changed
    assert steps and all(done == of for done, of in steps[-1:])
    assert children() == []


def test_a_refusal_is_told_in_its_own_words(chain: Chain, busy: Lane) -> None:
    never = datetime(2090, 1, 1, tzinfo=UTC)
    with pytest.raises(BadInput) as refused:
        apart.backtest_apart(chain, busy.client_id, tight(), since=never, progress=lambda done, of: True)
    assert "Nothing is on record for the program" in refused.value.what and refused.value.repair


def test_it_ends_when_it_is_told_to(chain: Chain, busy: Lane) -> None:
    with pytest.raises(Cancelled):
        apart.backtest_apart(chain, busy.client_id, tight(), since=None, progress=lambda done, of: False)
    assert children() == []


def test_it_ends_by_itself_where_nobody_listens(chain: Chain, busy: Lane) -> None:
    job = msgspec.json.encode(apart._Job(busy.client_id, tight(), None))
    with subprocess.Popen(
        [sys.executable, "-m", "goodword.actions.apart"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, **chain.environment()},
    ) as child:  # fmt: skip
        assert child.stdin and child.stdout and child.stderr
        child.stdout.close()
        child.stdin.write(job)
        child.stdin.close()
        assert (child.wait(60), child.stderr.read()) == (0, b"")


@pytest.mark.parametrize(
    ("deed", "raised", "says"),
    [("kill -9 $$", BadInput, "too large for this machine's memory"), ("exit 3", RuntimeError, "ended with 3")],
)
def test_an_end_without_a_word_is_told(
    chain: Chain, busy: Lane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deed: str, raised: type[Exception],
    says: str,
) -> None:  # fmt: skip
    other = tmp_path / "python"
    other.write_text(f"#!/bin/sh\ncat >/dev/null\n{deed}\n")
    other.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(other))
    with pytest.raises(raised, match=says):
        apart.backtest_apart(chain, busy.client_id, tight(), since=None, progress=lambda done, of: True)
