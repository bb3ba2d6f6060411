"""What else does a house do? It brings history in and takes it back, keeps lists, lets people choose, and forgets them."""

from __future__ import annotations

import random
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from goodword.actions.deeds import Actor
from goodword.actions.erasing import erase
from goodword.actions.opening import open_chain
from goodword.catalog import SHELVES
from goodword.core.history_rows import KINDS_OF_BALANCE, METHODS, STATES_OF_REFERRAL, STATES_OF_REWARD
from goodword.core.reading import read_terms
from goodword.core.referral import Referral
from goodword.core.terms import Terms
from goodword.errors import GoodwordError
from tests.worker.at_random import PEOPLE
from tests.worker.at_random_more import UNIT, Collecting
from tests.worker.lane import START, Lane

LISTS = ("vip", "staff")
COMPANIES = ("umbrella", "stark")
_ON_A_LIST = ("advocate.audience in [vip]", "not advocate.audience in [staff]", "friend.audience in [vip]")


class Carrying(Collecting):
    """A client that came from another system, with gifts to choose from, lists, companies, and people who want to be forgotten."""

    def __init__(self, lane: Lane, seed: int) -> None:
        super().__init__(lane, seed)
        self.brought: list[tuple[str, dict[str, Any]]] = []  # (id on the server, as it was sent)

    def drawn(self, program: str) -> dict[str, Any]:
        while True:
            drawn = _with_choices(self.chance, super().drawn(program))
            if isinstance(read_terms(drawn, SHELVES, version=1, live_from=START), Terms):
                return drawn

    def somebody(self) -> str:
        return self.chance.choice(PEOPLE)

    def bring(self, kind: str, **more: Any) -> None:
        """A row of another system's history, kept so that it can be taken back."""
        self.decide()
        self._number += 1
        at = self.now - timedelta(days=self.chance.choice((1, 20, 60)))
        wire = {"id": f"e{self._number}", "type": kind, "at": at.isoformat(), **more}
        (id_,) = self.lane.send(wire, received_at=self.now)
        self.brought.append((id_, wire))

    def of_a_program(self) -> dict[str, Any]:
        return {"program": self.chance.choice(list(self.versions))} if self.chance.random() < 0.7 else {}

    # -- what another system knew --------------------------------------------------------------------------------------

    def bring_a_referral(self) -> None:
        act = {"state": self.chance.choice((*("joined",) * 5, *STATES_OF_REFERRAL)), "method": self.chance.choice(METHODS)}
        people = {"person": {"id": self.somebody()}, "advocate": {"id": self.advocate()}}
        self.bring("referred", **people, act=act, **self.of_a_program())

    def bring_a_reward(self) -> None:
        act = {"to": self.chance.choice(("advocate", "friend")), "state": self.chance.choice(STATES_OF_REWARD)}
        act |= {"amount_minor": self.chance.choice((300, 1000)), "asset": "EUR", "milestone": "first_order"}
        self.bring("rewarded", person={"id": self.somebody()}, act=act, **self.of_a_program())

    def bring_a_balance(self) -> None:
        kind = self.chance.choice(KINDS_OF_BALANCE)
        act = {"kind": kind, "amount_minor": 500, "asset": UNIT if kind == "points" else "EUR"}
        self.bring("balance", person={"id": self.advocate()}, act=act)

    def put_on_a_list(self) -> None:
        since = self.now - timedelta(days=self.chance.choice((0, 3, 30)))
        act = {"audience": self.chance.choice(LISTS), "since": since.isoformat()}
        if self.chance.random() < 0.4:
            act["until"] = (since + timedelta(days=self.chance.choice((2, 20)))).isoformat()
        self.bring("listed", person={"id": self.somebody()}, act=act)

    def bring_an_order(self) -> None:
        name = self.somebody()
        order = {"id": f"{name}-{self.chance.randint(5, 7)}", "amount": "45.00", "currency": "EUR"}
        self.orders[order["id"]] = name
        self.bring("purchase", person={"id": name}, order=order)

    def bring_a_person(self) -> None:
        act = {"joined_at": (self.now - timedelta(days=90)).isoformat()}
        if self.chance.random() < 0.5:
            act["purchased_at"] = (self.now - timedelta(days=80)).isoformat()
        who = {"id": self.somebody(), "attributes": {"status": self.chance.choice(("active", "gone"))}}
        self.bring("known", person=who, act=act)

    def take_back(self) -> None:
        """One row of it, in the words of the act that the undo of an import writes."""
        if self.brought:
            id_, wire = self.brought.pop(self.chance.randrange(len(self.brought)))
            act = wire.get("act", {}) | {"event": id_, "type": wire["type"]}
            if wire["type"] == "known":
                act = {"event": id_, "type": "known", "valid_from": wire["at"], "attributes": ["status"]}
            named = {key: wire[key] for key in ("person", "advocate", "order", "program") if key in wire}
            self.say("withdrawn", act=act, **named)

    # -- companies, choices, people who want to be forgotten -----------------------------------------------------------

    def act_for_a_company(self) -> None:
        company = {"organization": {"id": self.chance.choice(COMPANIES)}}
        self.say(self.chance.choice(("signup", "update")), self.late(), person={"id": self.somebody()}, **company)

    def choose(self) -> None:
        """One of several gifts, or what chance drew; also where nothing is open."""
        self.decide()
        rows = self.lane.rows("SELECT body FROM referral WHERE client_id = %s::uuid ORDER BY id", self.lane.client_id)
        known = [msgspec.json.decode(body, type=Referral) for (body,) in rows]
        found = [(one.id, claim.key) for one in known for claim in one.claims if claim.kind == "choice"]
        if found:
            referral, promise = self.chance.choice(found)
            act = {"referral": referral, "promise": promise, "by": "ana"}
            chosen = self.chance.choice(({"option": 0}, {"option": 1}, {"number": 2**52}))
            self.say("drawn" if "number" in chosen else "choose", act=act | chosen)

    def forget(self) -> None:
        """Somebody is forgotten; what is owed was waived in writing, or hinders it."""
        if found := self.ids("party", "erased_at IS NULL AND kind = 'person'"):
            waived = self.chance.choice((None, "by letter"))
            with (
                open_chain(self.lane.urls.engine, self.lane.keyring, "worker") as chain,
                tempfile.TemporaryDirectory() as folder,
            ):
                client, actor = chain.client_of(self.lane.client_id), Actor("ana", "admin")
                try:
                    erase(
                        chain, client, actor, self.chance.choice(found), Path(folder) / "erased", waived=waived, now=self.now
                    )
                except GoodwordError as refusal:
                    assert "open" in refusal.what, refusal

    def give_up(self) -> None:
        if found := self.ids("party", "erased_at IS NULL"):
            self.say("waive", act={"party": self.chance.choice(found)})


Carrying.HAPPENINGS = (
    *Collecting.HAPPENINGS,
    (Carrying.bring_a_referral, 10),
    (Carrying.bring_a_reward, 10),
    (Carrying.bring_a_balance, 4),
    (Carrying.put_on_a_list, 5),
    (Carrying.bring_an_order, 5),
    (Carrying.bring_a_person, 4),
    (Carrying.take_back, 10),
    (Carrying.act_for_a_company, 4),
    (Carrying.choose, 10),
    (Carrying.give_up, 2),
    (Carrying.forget, 1),
)


def _with_choices(chance: random.Random, drawn: dict[str, Any]) -> dict[str, Any]:
    """The terms with a gift to be chosen in time, and with somebody's place on a list asked for."""
    if chance.random() < 0.7:
        several = [{"cash": "4.00"}, {"voucher": "9.00"}]
        by_chance = [{"cash": "4.00", "weight": 3}, {"voucher": "9.00", "weight": 1}]
        claim = {"within": "10d", "otherwise": chance.choice(("default", "forfeit"))}
        give: dict[str, Any] = {"give": {"choice": several}, "claim": claim}
        if chance.random() < 0.3:
            give = {"give": {"chance": by_chance}}
        drawn["promises"].append({"to": chance.choice(("advocate", "friend")), "on": "joined", **give})
    if chance.random() < 0.4:
        whose = chance.choice(_ON_A_LIST)
        drawn["friends" if "friend." in whose else "advocates"] = {
            "if": [whose], "at": [chance.choice(("join", "milestone", "release"))],
        }  # fmt: skip
    return drawn
