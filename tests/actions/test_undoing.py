"""Is an import taken back by acts: shown first, judged anew, never where money left, and brought again when the file is mended?"""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from goodword.house.roles import Urls
from tests.commands.conftest import Type

UNTIL = "2026-04-30"


class Desk:
    """What the tests type for one client."""

    def __init__(self, goodword: Type, slug: str, world: Path) -> None:
        self.goodword, self.slug, self.world = goodword, slug, world

    def bring(self, kind: str, text: str, name: str = "") -> str:
        """Import a file; the id of the import."""
        name = name or f"{kind}.csv"
        (self.world / name).write_text(text)
        said = self.goodword("import", kind, name, "--client", self.slug, "--as-of", UNTIL, "--json")
        assert said.code == 0, said.err
        return str(json.loads(said.out)["id"])

    def undo(self, id_: str, *more: str, code: int = 0) -> dict[str, object]:
        said = self.goodword("import", "undo", id_, "--client", self.slug, "--json", *more)
        assert said.code == code, said.err
        found: dict[str, object] = json.loads(said.out if said.out else "{}")
        return found | {"err": said.err}

    def referrals(self) -> dict[str, tuple[str, list[tuple[str, str]]]]:
        self.goodword("export", "referrals", "--client", self.slug, "--out", "served.ndjson")
        lines = map(json.loads, (self.world / "served.ndjson").read_text().splitlines())
        return {one["friend"]: (one["state"], [(w["state"], w["amount"]) for w in one["rewards"]]) for one in lines}

    def balances(self) -> list[dict[str, str]]:
        """What lies anywhere; accounts that are empty left away."""
        said = self.goodword("ledger", "balances", "--client", self.slug, "--json")
        return [
            one
            for one in json.loads(said.out)["balances"]
            if any(float(one[k]) for k in ("posted", "pending_in", "pending_out"))
        ]

    def is_sound(self) -> bool:
        replayed = self.goodword("replay", "--client", self.slug).out.endswith("no difference.\n")
        checks = [
            self.goodword(*what, "--client", self.slug).code for what in (("ledger", "verify"), ("proof", "verify"))
        ]
        return replayed and checks == [0, 0]


@pytest.fixture
def desk(installation: Urls, world: Path, goodword: Type, request: pytest.FixtureRequest) -> Desk:
    """A fresh client with the tutorial's program, people and codes."""
    slug = "u" + request.node.name.replace("_", "-")[-50:].strip("-")
    assert goodword("client", "add", slug, "--name", "Acme").code == 0
    said = goodword("program", "push", "--client", slug, "friends.yaml", "--publish", "--live-from", "1990-01-01")
    assert said.code == 0, said.err
    found = Desk(goodword, slug, world)
    found.bring("people", (world / "people.csv").read_text())
    found.bring("codes", (world / "codes.csv").read_text())
    return found


def test_events_are_taken_back_judged_anew_and_brought_again(desk: Desk, world: Path) -> None:
    events = (world / "events.ndjson").read_text()
    id_ = desk.bring("events", events, "events.ndjson")
    before, balances = desk.referrals(), desk.balances()
    shown = desk.undo(id_)
    assert (shown["referrals"], shown["hindered"]) == (4, None)
    assert desk.referrals() == before  # shown only
    done = desk.undo(id_, "--yes")
    assert (done["withdrawn"], done["kept"]) == (10, {})
    after = desk.referrals()
    assert {state for state, _ in after.values()} <= {"not_qualified", "reversed", "denied"}
    assert all(reward == "voided" for _, rewards in after.values() for reward, _ in rewards)
    assert desk.balances() == []
    assert desk.is_sound()
    assert "undone already" in str(desk.undo(id_, code=1)["hindered"])
    again = desk.bring("events", events, "events.ndjson")
    assert again != id_
    assert desk.balances() == balances
    assert desk.is_sound()
    assert desk.undo(again, "--yes")["withdrawn"] == 10
    assert desk.is_sound()


def test_where_money_left_an_import_stays(desk: Desk, world: Path, goodword: Type, installation: Urls) -> None:
    id_ = desk.bring("events", (world / "events.ndjson").read_text(), "events.ndjson")
    with psycopg.connect(installation.owner) as conn:
        (reward,) = conn.execute(
            "SELECT w.id FROM reward w JOIN client c ON c.id = w.client_id WHERE c.slug = %s AND w.state = 'payable'"
            " AND w.role = 'advocate' LIMIT 1", (desk.slug,)
        ).fetchone() or (None,)  # fmt: skip
    assert goodword("reward", "sent", "--client", desk.slug, f"rwd_{reward.hex}").code == 0
    assert "Money left" in str(desk.undo(id_, code=1)["hindered"])
    assert "Money left" in str(desk.undo(id_, "--yes", code=2)["err"])


def test_after_its_time_an_import_stays(desk: Desk, installation: Urls) -> None:
    id_ = desk.bring("audiences", "id,audience\nc-1,vip\n")
    with psycopg.connect(installation.owner) as conn:
        conn.execute(
            "UPDATE import_run r SET started_at = started_at - interval '31 days' FROM client c"
            " WHERE c.id = r.client_id AND c.slug = %s AND r.kind = 'audiences'", (desk.slug,)
        )  # fmt: skip
    assert "older than 30 days" in str(desk.undo(id_, code=1)["hindered"])
    assert "does not name an import" in str(desk.undo("imp_ffffffffffff", code=2)["err"])


def test_referrals_rewards_and_balances_go_in_their_order(desk: Desk) -> None:
    referrals = desk.bring("referrals", "friend,advocate,joined_at,state\nc-70,c-1,2026-03-01,joined\n")
    rewards = desk.bring(
        "rewards", "friend,to,amount,currency,state,granted_at\nc-70,advocate,9.00,EUR,paid,2026-03-05\n"
    )
    balances = desk.bring("balances", "id,kind,amount,currency\nc-1,credit,4.00,EUR\nc-2,owed,1.00,EUR\n")
    assert desk.referrals()["c-70"] == ("rewarded", [("sent", "9.00")])
    assert "rewards first" in str(desk.undo(referrals, code=1)["hindered"])
    assert desk.undo(balances, "--yes")["withdrawn"] == 2
    assert desk.undo(rewards, "--yes")["withdrawn"] == 1
    assert desk.referrals()["c-70"][1] == [("voided", "9.00")]
    assert desk.undo(referrals, "--yes")["withdrawn"] == 1
    assert desk.referrals()["c-70"][0] == "reversed"
    assert desk.balances() == []
    assert desk.is_sound()


def test_people_lists_and_codes_go_back_to_what_was_known(desk: Desk, goodword: Type, installation: Urls) -> None:
    people = desk.bring(
        "people", "id,joined_at,purchased_at,status\nc-1,2024-01-01,2024-02-02,gold\nc-80,2024-01-01,,new\n"
    )
    lists = desk.bring("audiences", "id,audience\nc-1,vip\n")
    codes = desk.bring("codes", "code,person\nNEW80,c-80\n")

    def known() -> list[object]:
        with psycopg.connect(installation.owner) as conn:
            return [
                conn.execute(
                    "SELECT p.known_since::date::text, p.purchased_at::date::text FROM party p JOIN client c ON c.id = p.client_id"
                    " WHERE c.slug = %s ORDER BY 1, 2", (desk.slug,)
                ).fetchall(),
                conn.execute(
                    "SELECT count(*) FROM audience_member m JOIN client c ON c.id = m.client_id WHERE c.slug = %s", (desk.slug,)
                ).fetchone(),
            ]  # fmt: skip

    assert known() == [[("2024-01-01", "2024-02-02"), ("2024-01-01", None), ("2025-06-12", None)], (1,)]
    for id_ in (people, lists, codes):
        desk.undo(id_, "--yes")
    assert known() == [[("2025-03-07", None), ("2025-06-12", None), (None, None)], (0,)]
    line = {"id": "e-80", "type": "signup", "at": "2026-04-30T20:00:00Z", "person": {"id": "c-81"}, "code": "NEW80"}
    assert goodword("client", "clock", desk.slug, "live").code == 0
    (desk.world / "late.ndjson").write_text(json.dumps(line | {"at": "2026-05-01T20:00:00Z"}))
    assert goodword("import", "events", "late.ndjson", "--client", desk.slug).code == 0
    assert "c-81" not in desk.referrals()
    assert desk.is_sound()
