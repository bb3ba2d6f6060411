"""Is what does not work red, with the command that repairs it, and what works not?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from goodword.actions.backing_up import BackedUp
from goodword.actions.backup_rounds import ROUNDS, Failure, Rounds
from tests.web.conftest import As
from tests.web.test_desk import text_of
from tests.web.test_walls import body


@pytest.fixture
def owner(world: Any) -> Iterator[Any]:
    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        yield conn


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data folder of this test, with what `serve` would have written there."""
    monkeypatch.setenv("GOODWORD_DATA", str(tmp_path))
    monkeypatch.setenv("GOODWORD_MIN_FREE_MB", "1")
    (tmp_path / "run").mkdir()
    children = {"web": {"pid": 7, "falls": 0}, "worker": {"pid": None, "falls": 5}}
    (tmp_path / "run" / "serve.json").write_text(
        json.dumps({"started_at": "2026-11-01T00:00:00+00:00", "children": children})
    )
    return tmp_path


def line(browser: Any, key: str) -> str:
    return text_of(body(browser.get("/system")), rf'<tr id="line-{key}".*?</tr>')


def test_the_page_tells_versions_and_refreshes_itself(world: Any, as_: As, house: Path) -> None:
    isa = as_("isa")
    page = body(isa.get("/system"))
    told = text_of(page, r"<main.*</main>")
    for word in ("Goodword", "PostgreSQL", "Python", "Django", "htmx 2.", "Open sessions"):
        assert word in told, word
    assert 'hx-trigger="every 10s"' in page
    part = body(isa.get("/system", headers={"HX-Request": "true"}))
    assert "<html" not in part and part.lstrip().startswith('<div id="health"')
    found = json.loads(body(isa.get("/system.json")))
    assert {one["key"] for one in found["lines"]} >= {
        "worker",
        "disk",
        "database",
        "months",
        "astray",
        "backups",
        "mail",
    }
    assert [one["client"] for one in found["lanes"]] == ["acme", "globex", "house"]


def test_a_worker_that_is_away_is_red_and_one_that_works_is_not(world: Any, as_: As, house: Path) -> None:
    isa = as_("isa")
    told = line(isa, "worker")
    assert "needs you" in told and "None is connected" in told and "goodword serve" in told
    with psycopg.connect(world.urls.engine, application_name="goodword worker"):
        assert "well" in line(isa, "worker") and "At work" in line(isa, "worker")
    assert "Down; it is being started again." in line(isa, "process-worker")
    assert f"{house}/log/worker.log" in line(isa, "process-worker")


def test_a_full_disk_is_red(world: Any, as_: As, house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isa = as_("isa")
    assert "well" in line(isa, "disk")
    monkeypatch.setenv("GOODWORD_MIN_FREE_MB", "999999999")
    told = line(isa, "disk")
    assert "needs you" in told and "429" in told and "Free some room" in told


def test_a_list_of_breached_passwords_that_is_of_no_use_is_red(
    world: Any, as_: As, house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from goodword.commands.serve import warn_of_breached_file

    file = tmp_path / "breached.txt"
    isa = as_("isa")
    assert "No file is named." in line(isa, "breached")
    warn_of_breached_file()
    assert capsys.readouterr().err == "", "nothing is named, nothing is said"
    monkeypatch.setenv("GOODWORD_BREACHED_PASSWORDS", str(file))
    useless = ((None, "No such file or directory"), ("", "it is empty"), ("hunter2\n", "does not begin with a SHA-1"))
    for written, reason in useless:
        if written is not None:
            file.write_text(written)
        told = line(isa, "breached")
        assert "needs you" in told and f"{file} cannot be used: " in told and reason in told
        assert "GOODWORD_BREACHED_PASSWORDS=FILE goodword serve" in told, "the repair"
        warn_of_breached_file()
        assert reason in capsys.readouterr().err
    file.write_text(f"{'0A' * 20}:7\r\n")
    assert f"Looked up in {file}." in line(isa, "breached")
    warn_of_breached_file()
    assert capsys.readouterr().err == ""


def test_a_missing_month_and_events_astray_are_red(world: Any, as_: As, house: Path, owner: Any) -> None:
    isa = as_("isa")
    month = datetime.now(UTC).strftime("event_%Y_%m")
    engine = psycopg.connect(world.urls.engine, autocommit=True)
    engine.execute("SELECT ensure_month(%s::date)", (datetime.now(UTC).date().replace(day=1),))
    owner.execute(f"ALTER TABLE event DETACH PARTITION {month}")
    owner.execute(f"ALTER TABLE {month} RENAME TO away")
    try:
        told = line(isa, "months")
        assert "needs you" in told and datetime.now(UTC).strftime("%Y-%m") in told and "goodword serve" in told
        owner.execute(
            "INSERT INTO event (client_id, id, received_at, at, source, type, body_hash, facts)"
            " VALUES (%s, gen_random_uuid(), now(), now(), 'api', 'update', '', '{}')",
            (world.clients["acme"],),
        )
        assert "needs you" in line(isa, "astray") and datetime.now(UTC).strftime("%Y-%m") in line(isa, "astray")
    finally:
        owner.execute("DELETE FROM event_default")
        owner.execute(f"ALTER TABLE away RENAME TO {month}")
        now = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        after = (now + timedelta(days=32)).replace(day=1)
        owner.execute(f"ALTER TABLE event ATTACH PARTITION {month} FOR VALUES FROM ('{now}') TO ('{after}')")
        engine.close()
    assert "None." in line(isa, "astray")


def test_a_lane_that_lags_carries_its_repair(world: Any, as_: As, house: Path, owner: Any) -> None:
    isa = as_("isa")
    event = owner.execute(
        "INSERT INTO event (client_id, id, received_at, at, source, type, body_hash, facts)"
        " VALUES (%s, gen_random_uuid(), now() - interval '5 minutes', now(), 'api', 'update', '', '{}') RETURNING id, received_at",
        (world.clients["globex"],),
    ).fetchone()
    owner.execute("UPDATE lane SET held_at = now() WHERE client_id = %s", (world.clients["acme"],))
    try:
        told = text_of(body(isa.get("/system")), r"<main.*</main>")
        assert "globex: 1 events wait to be decided" in told and "goodword work" in told
        assert "acme: the business clock is held" in told and "goodword client clock acme live" in told
        assert "things need somebody" in told
    finally:
        owner.execute("DELETE FROM event WHERE id = %s AND received_at = %s", event)
        owner.execute("UPDATE lane SET held_at = NULL")


def test_a_backup_is_told_with_its_age_and_never_claimed(world: Any, as_: As, house: Path) -> None:
    isa = as_("isa")
    assert "not known to Goodword" in line(isa, "backups") and "pg_basebackup" in line(isa, "backups")
    (house / "postgres").mkdir()
    assert "No backup is known" in line(isa, "backups") and "goodword backup --to" in line(isa, "backups")
    for hours, is_old in ((3, False), (30, True)):
        taken_at = datetime.now(UTC) - timedelta(hours=hours)
        told = BackedUp("a.gwbackup", taken_at, 5 * 2**20, "00", 900, 40 * 2**20)
        (house / "backup.json").write_bytes(msgspec.json.encode(told))
        assert f"{hours} hours ago" in line(isa, "backups")
        assert ("could be better" in line(isa, "backups")) is is_old


def test_backups_by_plan_are_red_when_one_fails_or_none_comes(
    world: Any, as_: As, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isa, now = as_("isa"), datetime.now(UTC)
    (house / "postgres").mkdir()
    monkeypatch.setenv("GOODWORD_BACKUP_FOLDER", str(house.parent))
    monkeypatch.setenv("GOODWORD_BACKUP_HOURS", "6")
    for hours, tone in ((7, "well"), (8, "needs you")):
        told = BackedUp("a.gwbackup", now - timedelta(hours=hours), 5 * 2**20, "00", 900, 40 * 2**20)
        (house / "backup.json").write_bytes(msgspec.json.encode(told))
        assert tone in line(isa, "backups"), hours
    assert "every 6 hours" in line(isa, "backups") and f"{house}/log/backups.log" in line(isa, "backups")
    failure = Failure(now, "/away is not a folder.", "Its drive may be away.", "Bring the drive back.")
    (house / ROUNDS).write_bytes(msgspec.json.encode(Rounds(failure=failure)))
    told_now = line(isa, "backups")
    for words in ("needs you", f"{now:%Y-%m-%d %H:%M}", "/away is not a folder. Its drive may be away.", "Bring the drive"):
        assert words in told_now, words


def test_only_the_house_sees_it(world: Any, as_: As) -> None:
    for who in ("ida", "audra", "dan", "carl", "vera", "dev"):
        for path in ("/system", "/system.json"):
            response = as_(who).get(path)
            assert response.status_code == 403 and "PostgreSQL" not in body(response), who
    assert as_("").get("/system").status_code == 302
