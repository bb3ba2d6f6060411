"""What does the API tell and keep of programs, and to whom? On a real database, asked with keys of two clients."""

from __future__ import annotations

import hashlib
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from django.test import Client

from goodword.store.sql.connect import connect
from goodword.store.sql.keys import create_key, revoke_key
from tests.web.world import CANARY, World, document

ADDRESSES = (
    ("POST", "/v1/events/try"),
    ("GET", "/v1/programs"),
    ("GET", "/v1/programs/friends"),
    ("PUT", "/v1/programs/friends"),
    ("POST", "/v1/programs/friends/diff"),
    ("GET", "/v1/programs/friends/texts"),
    ("POST", "/v1/backtests"),
    ("GET", "/v1/backtests/00"),
    ("DELETE", "/v1/backtests/00"),
)


def _key(world: World, client: str, *scopes: str) -> str:
    id_ = uuid.uuid4().hex
    with connect(world.urls.engine, "test") as conn, conn.transaction():
        create_key(
            conn,
            client_id=world.clients[client],
            key_id=id_,
            secret=f"gw_{id_}",
            name="api",
            created_at=datetime.now(UTC),
            scopes=scopes,
        )
    return f"gw_{id_}"


def _ask(key: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
    data = body if isinstance(body, bytes) else msgspec.json.encode(body) if body is not None else b""
    more = {"Authorization": f"Bearer {key}"} if key else {}
    return Client(SERVER_NAME="127.0.0.1").generic(
        method, path, data, content_type="application/json", headers={**more, **headers}
    )


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_without_a_key_nothing_is_told(world: World, method: str, path: str) -> None:
    for key in ("", "gw_nobody_knows_this"):
        response = _ask(key, method, path, document("x"))
        assert response.status_code == 401
        assert response.headers["Content-Type"] == "application/problem+json"
        assert "Builder" not in response.content.decode()


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_a_key_of_a_shop_opens_none_of_it(world: World, method: str, path: str) -> None:
    response = _ask(_key(world, "acme", "events:write", "codes:read"), method, path, document("x"))
    assert response.status_code == 403
    assert ("events:try" if path == "/v1/events/try" else "programs:") in response.json()["detail"]


def test_a_revoked_key_is_refused(world: World) -> None:
    key = _key(world, "acme", "programs:read")
    with connect(world.urls.engine, "test") as conn, conn.transaction():
        revoke_key(conn, client_id=world.clients["acme"], key_id=key[3:], revoked_at=datetime.now(UTC))
    assert _ask(key, "GET", "/v1/programs").status_code == 401


def test_each_client_sees_its_own_programs_only(world: World) -> None:
    mine = _ask(_key(world, "acme", "programs:read"), "GET", "/v1/programs")
    assert {one["program"] for one in mine.json()["programs"]} >= {"friends"}
    theirs = _ask(_key(world, "globex", "programs:read"), "GET", "/v1/programs/friends")
    assert theirs.json()["document"]["name"].startswith(CANARY)
    assert CANARY not in _ask(_key(world, "acme", "programs:read"), "GET", "/v1/programs/friends").content.decode()


def test_a_document_is_kept_as_a_draft_and_twice_is_once(world: World) -> None:
    key = _key(world, "acme", "programs:read", "programs:write")
    terms = document("Spring", program="spring")
    first = _ask(key, "PUT", "/v1/programs/spring", terms)
    assert (first.status_code, first.json()["state"], first.json()["version"]) == (201, "draft", 1)
    assert _ask(key, "PUT", "/v1/programs/spring", terms).status_code == 200
    read = _ask(key, "GET", "/v1/programs/spring?version=1")
    assert read.json()["document"]["name"] == "Spring"
    assert _ask(key, "GET", "/v1/programs/spring?version=9").status_code == 404
    assert _ask(key, "PUT", "/v1/programs/autumn", terms).json()["code"] == "program_differs"
    reading = _key(world, "acme", "programs:read")
    assert _ask(reading, "PUT", "/v1/programs/spring", terms).status_code == 403


def test_a_document_with_mistakes_names_each_with_its_repair_and_keeps_nothing(world: World) -> None:
    key = _key(world, "acme", "programs:read", "programs:write")
    wrong = document("Wrong", program="wrong", currency="ZZZ")
    wrong["promises"][0]["give"] = {"gold": "1"}
    response = _ask(key, "PUT", "/v1/programs/wrong", wrong)
    assert response.status_code == 422
    fields = {one["field"]: one["repair"] for one in response.json()["errors"]}
    assert "currency" in fields and any(field.startswith("promises[0].give") for field in fields)
    assert _ask(key, "GET", "/v1/programs/wrong").status_code == 404
    assert _ask(key, "PUT", "/v1/programs/wrong", b"x" * 300_000).status_code == 413


def test_the_texts_of_a_version_are_told_as_they_were_kept_with_their_hashes(world: World) -> None:
    key = _key(world, "acme", "programs:read", "programs:write")
    assert _ask(key, "PUT", "/v1/programs/worded", document("Worded", program="worded")).status_code == 201
    told = _ask(key, "GET", "/v1/programs/worded/texts").json()
    assert (told["version"], told["occasion"], told["reads_the_same_today"]) == (1, "kept", True)
    assert told["texts"].keys() >= {"en", "de", "fr", "es", "ar"} and len(told["mark"]) == 64
    english = told["texts"]["en"]["terms"]
    assert "Acme runs the program “Worded”." in english["text"]
    assert english["sha256"] == hashlib.sha256(english["text"].encode()).hexdigest()
    assert _ask(key, "GET", "/v1/programs/worded/texts?version=9").status_code == 404
    assert _ask(key, "GET", "/v1/programs/nothing/texts").status_code == 404


def test_what_a_document_would_change_is_said_in_words(world: World) -> None:
    key = _key(world, "acme", "programs:read")
    changed = document("Autumn friends")
    changed["milestones"]["first_order"]["min"] = "40.00"
    told = _ask(key, "POST", "/v1/programs/friends/diff", changed).json()
    assert any("50.00" in one["before"] and "40.00" in one["after"] for one in told["changes"]), told


def test_a_backtest_is_begun_watched_and_told_and_is_nobody_elses(world: World) -> None:
    key = _key(world, "acme", "programs:read")
    changed = document("Autumn friends")
    changed["milestones"]["first_order"]["min"] = "40.00"
    begun = _ask(key, "POST", "/v1/backtests", changed)
    assert begun.status_code in (200, 202)
    where = begun.headers["Location"]
    for _ in range(300):
        stands = _ask(key, "GET", where).json()
        if stands["state"] != "running":
            break
        time.sleep(0.1)
    assert stands["state"] == "done", stands
    assert stands["outcome"]["counts"]["newly"] == 1, "Eve's 43.20 is enough now"
    assert stands["changed"][0]["change"] == "newly"
    assert stands["outcome"]["by_channel"].keys() == {"code"}
    assert {"by_market", "by_tier"} <= stands["outcome"].keys()
    assert _ask(_key(world, "globex", "programs:read"), "GET", where).status_code == 404
    assert _ask(key, "DELETE", where).status_code == 204
    assert _ask(key, "GET", where).status_code == 404


def test_a_wrong_way_names_the_right_ones(world: World) -> None:
    response = _ask(_key(world, "acme", "programs:read"), "DELETE", "/v1/programs")
    assert response.status_code == 405 and "GET" in response.json()["detail"]


def test_what_the_checks_find_names_the_line_of_the_body_and_nothing_goes_live(world: World) -> None:
    key = _key(world, "acme", "programs:read", "programs:write")
    body = (
        "program: ladder\nname: Ladder\ntype: direct\ncurrency: EUR\n"
        "milestones: {joined: {event: signup}, bought: {event: purchase}}\npromises:\n"
        '  - to: advocate\n    on: bought\n    when: {tiers: [{at: 5, give: {cash: "40.00"}}]}\n    limit: {joins: 4}\n'
    )
    kept = _ask(key, "PUT", "/v1/programs/ladder", body.encode())
    assert (kept.status_code, kept.json()["state"]) == (201, "draft")
    found = {one["check"]: one for one in kept.json()["checks"]}["tier-limit"]
    assert (found["severity"], found["field"], found["line"]) == ("block", "promises[0].limit", 10)
    assert found["repair"] == "Allow at least 5 joins."
    wrong = _ask(
        key, "PUT", "/v1/programs/ladder", body.replace("limit: {joins: 4}", "limit: {amount: 90.00}").encode()
    )
    assert wrong.status_code == 422
    (told,) = wrong.json()["errors"]
    assert (told["line"], told["repair"]) == (10, 'write it in quotes, amount: "90.00"')
    assert [
        one["state"] for one in _ask(key, "GET", "/v1/programs").json()["programs"] if one["program"] == "ladder"
    ] == ["draft"]
