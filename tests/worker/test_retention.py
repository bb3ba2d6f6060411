"""Does what nobody owns become unreadable in time, and what a person owns stay?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from goodword.house.roles import Urls
from goodword.store.sql.connect import Connection, connect
from goodword.store.sql.envelope import Unreadable
from goodword.store.sql.log import read_events
from goodword.worker.loop import Worker
from tests.worker.lane import NOW, START, code_of, direct, lane_on, new_keyring, signup


def test_a_click_is_readable_for_so_many_months_and_a_persons_event_for_as_long_as_the_person(urls: Urls) -> None:
    with lane_on(urls, "retention", new_keyring()) as lane:
        lane.publish(direct())
        lane.send(code_of("alice"))
        click = {"id": "c1", "type": "click", "at": START.isoformat(), "visitor": "v1", "code": "CODE-ALICE"}
        lane.send(click, signup("bob", START, "alice"))
        lane.drain_all()
        worker = Worker(lambda: connect(urls.engine, "worker"), lane.lanes.vault, lambda: NOW, anonymous_months=2)
        ids = [row[0] for row in lane.conn.execute("SELECT id FROM event WHERE type = 'click'").fetchall()]
        (event,) = read_events(lane.conn, lane.client_id, ids)
        assert event.key_id and event.sealed
        worker._forget_anonymous(lane.conn, (event.received_at + timedelta(days=40)).date())
        keys = lane.lanes.vault.open_client(lane.client_id)
        assert b'"visitor"' in keys.open_intake(event.id, event.key_id, bytes(event.sealed))
        worker._forget_anonymous(lane.conn, (event.received_at + timedelta(days=120)).date())
        keys = lane.lanes.vault.open_client(lane.client_id)
        with pytest.raises(Unreadable):
            keys.open_intake(event.id, event.key_id, bytes(event.sealed))
        people = lane.lanes.vault.person_keys(lane.conn, lane.client_id, _people(lane.conn), create=False)
        party, id_, sealed = lane.conn.execute(
            "SELECT b.party_id, b.id, b.sealed FROM event_body b JOIN event e ON e.id = b.id WHERE e.type = 'signup'"
        ).fetchone() or ("", "", b"")
        assert b'"signup"' in people[party].open("event_body", "raw", id_, bytes(sealed))


def _people(conn: Connection) -> list[str]:
    return [row[0] for row in conn.execute("SELECT id FROM party").fetchall()]
