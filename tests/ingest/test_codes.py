"""What does a code check tell the client's shop before the friend has bought?"""

from __future__ import annotations

import json

from goodword.store.sql.connect import connect
from tests.ingest.conftest import Front
from tests.ingest.front import DOCUMENT, add_key, until


def test_a_good_code_names_what_the_friend_gets(front: Front) -> None:
    with front.server.client(front.acme.keys["all"]) as acme:
        for spelled in ("ALICE1", "alice1", "ACM-ALICE1"):
            answer = acme.get(f"/v1/codes/{spelled}")
            assert answer.status_code == 200
            body = answer.json()
            assert (body["code"], body["valid"], body["program"], body["reasons"]) == ("ALICE1", True, "autumn", [])
            assert body["friend"] == [{"on": "first_order", "kind": "cash", "text": "5.00 EUR"}]


def test_a_bad_code_says_why(front: Front) -> None:
    with front.server.client(front.acme.keys["all"]) as acme:
        unknown = acme.get("/v1/codes/NOBODY").json()
        assert unknown["valid"] is False and unknown["friend"] == []
        assert unknown["reasons"][0]["code"] == "code_unknown" and unknown["reasons"][0]["text"]
        assert acme.get("/v1/codes/OLD1").json()["reasons"][0]["code"] == "code_ended"


def test_a_code_needs_a_key_that_may_read_codes(front: Front) -> None:
    assert front.server.client().get("/v1/codes/ALICE1").status_code == 401
    writer = add_key(front.urls.owner, front.acme, "writer", scopes=("events:write",))
    narrow = front.server.client(writer)
    until(lambda: narrow.get("/v1/codes/ALICE1").status_code != 401)
    assert narrow.get("/v1/codes/ALICE1").status_code == 403


def test_a_new_code_and_changed_terms_are_seen_at_once(front: Front) -> None:
    with front.server.client(front.globex.keys["all"]) as globex:
        assert globex.get("/v1/codes/NEW1").json()["valid"] is False
        with connect(front.urls.owner, "test") as conn:
            conn.execute(
                "INSERT INTO code (client_id, code, program_id, created_at) VALUES (%s::uuid, 'NEW1', %s::uuid, now())",
                (front.globex.id, front.globex.program_id),
            )
        until(lambda: globex.get("/v1/codes/NEW1").json()["valid"] is True)
        ended = DOCUMENT | {"runs": {"last_touch": "2026-01-31"}}
        with connect(front.urls.owner, "test") as conn:
            conn.execute(
                "UPDATE program_version SET document = %s WHERE client_id = %s::uuid", (json.dumps(ended), front.globex.id)
            )
        assert globex.get("/v1/codes/NEW1").json()["reasons"][0]["code"] == "program_ended"
