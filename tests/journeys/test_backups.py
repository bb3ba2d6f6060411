"""Is a backup that was taken while fifty write worth having: does a killed house come back from it with all it had acknowledged?"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from goodword.house.folder import DataFolder
from goodword.store.sql.connect import connect
from tests.ingest.senders import sending
from tests.journeys.house import House
from tests.journeys.test_crashes import Friends, everything_decided, gone
from tests.worker.lane import direct, person, purchase

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ENOUGH = 200  # receipts before the backup begins
FORGOTTEN = "person-who-goes"


@pytest.fixture
def away(tmp_path: Path) -> Path:
    folder = tmp_path / "away"
    folder.mkdir()
    return folder


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "house")
    house.start()
    yield house
    house.stop()
    gone(house)


@pytest.fixture
def key(house: House) -> str:
    key = house.add_client("acme", direct())
    codes = house.folder / "codes.csv"
    codes.write_text("code,person\nCODE-alice,alice\n")
    house.goodword("import", "codes", str(codes), "--client", "acme")
    with house.client(key) as client:
        signed_up = {"id": "up", "type": "signup", "at": datetime.now(UTC).isoformat(), "person": person(FORGOTTEN)}
        assert client.post("/v1/events", json=signed_up).status_code == 202
    return key


def backed_up_under_writes(house: House, key: str, away: Path) -> tuple[Path, set[str], Friends]:
    """The backup, and the events whose receipts were held before it began."""

    async def play() -> tuple[set[str], Friends]:
        senders = Friends(house.address, key)
        async with sending(senders):
            while len(senders.receipts) < ENOUGH:
                await asyncio.sleep(0.05)
            before = set(senders.receipts.values())
            await asyncio.to_thread(house.goodword, "backup", "--to", str(away))
            assert len(senders.receipts) > len(before), "nothing was written meanwhile"
            senders.is_stopping = True
        return before, senders

    before, senders = asyncio.run(play())
    (file,) = away.glob("*.gwbackup")
    return file, before, senders


def test_a_killed_house_comes_back_from_what_was_copied_under_writes(
    house: House, key: str, away: Path, tmp_path: Path
) -> None:
    file, acknowledged, senders = backed_up_under_writes(house, key, away)
    house.goodword("erase", "--client", "acme", "--person", FORGOTTEN, "--yes")
    house.kill("serve")
    gone(house)

    restored = House(tmp_path / "restored")
    for kept in house.folder.glob("master.key*"):  # the key and the list of erasures are kept apart from the backups
        shutil.copy(kept, restored.folder / kept.name)
    told = {one["slug"]: one for one in restored.json("restore", str(file))}
    assert [one["faults"] for one in told.values()] == [[], []]
    assert told["acme"]["forgotten"] == 1, "who was forgotten after the backup is forgotten again"
    try:
        restored.start()
        everything_decided(restored)
        with connect(restored.urls().engine, "test") as conn:
            events = {row[0] for row in conn.execute("SELECT id FROM event WHERE type = 'purchase'").fetchall()}
            rewards = conn.execute("SELECT count(*), count(DISTINCT referral_id) FROM reward").fetchone()
        assert acknowledged <= events, "acknowledged before the backup began, and lost"
        # A receipt may have been on its way when the writers stopped: at most one each.
        assert len(events - set(senders.receipts.values())) <= senders.count
        assert rewards == (len(events), len(events))
        restored.assert_sound("acme")
        with restored.client(key) as client:  # the key opens this house too, and the chain goes on where it was
            late = client.post("/v1/events", json=purchase("late", datetime.now(UTC), code="alice"))
        assert late.status_code == 202
        everything_decided(restored)
        restored.assert_sound("acme")
    finally:
        restored.stop()
    gone(restored)


def test_a_house_with_a_plan_backs_itself_up(tmp_path: Path, away: Path) -> None:
    house = House(tmp_path / "house", {"GOODWORD_BACKUP_FOLDER": str(away)})
    house.start()
    try:
        rounds = DataFolder(house.data).root / "backups.json"
        deadline = time.monotonic() + 60
        while not rounds.exists():
            assert time.monotonic() < deadline, house.told()
            time.sleep(0.1)
        assert "backups" in house.pids()
        found = json.loads(rounds.read_text())
        assert found["failure"] is None, found
        (file,) = away.glob("*.gwbackup")
        assert [one["path"] for one in found["taken"]] == [str(file)]
        assert httpx.get(f"{house.address}/healthz").status_code == 200
    finally:
        house.stop()
    gone(house)
    assert list(away.glob("*.part")) == []


def test_a_plan_that_cannot_be_kept_is_refused_before_anything_starts(tmp_path: Path, away: Path) -> None:
    house = House(tmp_path / "house", {"GOODWORD_BACKUP_FOLDER": str(away), "GOODWORD_BACKUPS_DAILY": "0"})
    with pytest.raises(AssertionError, match="GOODWORD_BACKUPS_DAILY=0 is less than one"):
        house.start()
    house.stop()
    gone(house)
    assert not house.data.exists()
