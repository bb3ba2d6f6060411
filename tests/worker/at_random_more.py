"""What else may befall a client? Points that are collected, redeemed and gone, contests with their prizes, markets, contracts."""

from __future__ import annotations

import hashlib
import random
from datetime import timedelta
from typing import Any

import msgspec

from goodword.catalog import SHELVES
from goodword.core.contest import Round
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.core.wallet import Wallet
from tests.worker.at_random import Befalling, document
from tests.worker.lane import START

UNIT = "PTS:stars"
HOMES = ("north", "south", "west")
COUNTRIES = ("DE", "AT", "CH", "FR")


class Collecting(Befalling):
    """A client whose programs give points, hold contests, differ by country, or work with contracts."""

    def drawn(self, program: str) -> dict[str, Any]:
        while True:
            drawn = _more(self.chance, document(self.chance, program))
            if isinstance(read_terms(drawn, SHELVES, version=1, live_from=START), Terms):
                return drawn

    # -- what people do ------------------------------------------------------------------------------------------------

    def sign_up(self) -> None:
        """As ever, and some say where they live, and with whom."""
        name, brought = self.somebody(), self.chance.random()
        by = {"code": self.code()} if brought < 0.5 else {"advocate": {"id": self.somebody()}} if brought < 0.7 else {}
        who: dict[str, Any] = {"id": name, "attributes": {"status": self.chance.choice(("active", "gone"))}}
        if self.chance.random() < 0.6:
            who["attributes"]["country"] = self.chance.choice(COUNTRIES)
        if self.chance.random() < 0.3:
            who["household"] = self.chance.choice(HOMES)
        self.say("signup", self.late(), person=who, visitor=f"browser-of-{name}", **by, **self.somewhere())

    def move_house(self) -> None:
        told = {"id": self.somebody(), "household": self.chance.choice(HOMES)}
        self.say("update", self.late(), person=told | {"attributes": {"country": self.chance.choice(COUNTRIES)}})

    def dispute(self) -> None:
        if self.orders:
            order = self.chance.choice(sorted(self.orders))
            kind = self.chance.choice(("dispute_opened", "dispute_lost", "dispute_won"))
            self.say(kind, self.late(), person={"id": self.orders[order]}, order={"id": order})

    # -- what the house does -------------------------------------------------------------------------------------------

    def redeem(self) -> None:
        item, program = self.chance.choice(("mug", "trip")), self.chance.choice(list(self.versions))
        act = {"item": item, "quantity": self.chance.choice((1, 1, 2)), "program": program, "by": "ana"}
        self.say("redeem", person={"id": self.somebody()}, act=act)

    def cancel_redemption(self) -> None:
        self.decide()
        rows = self.lane.rows("SELECT body FROM wallet WHERE client_id = %s::uuid ORDER BY id", self.lane.client_id)
        known = [one.id for (body,) in rows for one in msgspec.json.decode(body, type=Wallet).redemptions]
        if known:
            self.say("redeem_cancelled", act={"redemption": self.chance.choice(known), "by": "ana"})

    def contract(self) -> None:
        deed = self.chance.choice(("accept", "accept", "pause", "resume", "end"))
        act: dict[str, Any] = {"deed": deed, "program": self.chance.choice(list(self.versions)), "by": "ana"}
        if deed == "accept":
            act |= {"number": self.chance.choice((1, 2)), "text": hashlib.sha256(b"text").hexdigest()}
            act |= {"values": {"first_order": {"cash": self.chance.choice(("9.00", "15.00"))}}}
        self.say("contract", person={"id": self.somebody()}, act=act)

    def rounds(self) -> list[Round]:
        self.decide()
        rows = self.lane.rows(
            "SELECT body FROM contest_round WHERE client_id = %s::uuid ORDER BY id", self.lane.client_id
        )
        return [msgspec.json.decode(body, type=Round) for (body,) in rows]

    def commit(self) -> None:
        act = {"program": self.chance.choice(list(self.versions)), "commitment": _commitment(b"seed"), "by": "ana"}
        self.say("contest_open", act=act)

    def answer(self) -> None:
        """A winner says yes, or is found to have cheated."""
        if winners := [(one, winner) for one in self.rounds() for winner in one.winners]:
            round_, winner = self.chance.choice(winners)
            act = {"round": round_.id, "record": winner.record, "why": "fraud", "by": "ana"}
            self.say(self.chance.choice(("contest_accept", "contest_disqualify")), act=act)

    def close(self) -> None:
        """What is asked of a round before its time, at it, or again."""
        if rounds := self.rounds():
            round_ = self.chance.choice(rounds)
            seed = {"seed": b"seed".hex()} if round_.commitment else {}
            act = {"round": round_.id, "by": "ana", "leave_out": [], **seed}
            self.say(self.chance.choice(("contest_freeze", "contest_award")), act=act)


Collecting.HAPPENINGS = (
    *((happens, 1 if happens.__name__ in ("stop", "share") else weight) for happens, weight in Befalling.HAPPENINGS),
    (Collecting.move_house, 5),
    (Collecting.dispute, 4),
    (Collecting.redeem, 8),
    (Collecting.cancel_redemption, 4),
    (Collecting.contract, 4),
    (Collecting.commit, 2),
    (Collecting.answer, 4),
    (Collecting.close, 3),
)


def _commitment(seed: bytes) -> str:
    return hashlib.sha256(seed).hexdigest()


def _more(chance: random.Random, drawn: dict[str, Any]) -> dict[str, Any]:
    """The terms with points, and with a contest, markets or contracts, as chance has it."""
    pick = chance.choice
    if chance.random() < 0.8:
        expires = pick(
            ({}, {"expires": {"after": "20d"}}, {"expires": {"end_of": "month"}}, {"expires": {"idle": "15d"}})
        )
        cost = [{"from": f"{START:%Y-%m-%d}", "each": pick(("0.01", "0.05"))}]
        if chance.random() < 0.3:
            cost.append({"from": f"{START + timedelta(days=20):%Y-%m-%d}", "each": "0.02"})
        unit = {"name": "Stars", "cost": cost, "wallet": pick(("person", "household")), **expires}
        drawn["units"] = {UNIT: unit | pick(({}, {"notices": ["5d"]}))}
        drawn["catalogue"] = {"mug": {"name": "Mug", "points": 30, "stock": pick((2, 20))}}
        drawn["catalogue"]["trip"] = {"name": "Trip", "points": 120, "cost": "1.00"}
        own = {"to": "advocate", "on": "first_order", "give": {"points": pick((50, 80))}, "hold": pick(("0d", "5d"))}
        theirs = {"to": "friend", "on": "first_order", "give": {"points": {"points": 2, "per": "1.00"}}}
        drawn["promises"] += [own, theirs]
    kind = chance.random()
    if kind < 0.4:
        prizes: list[dict[str, Any]] = [{"place": 1, "give": pick(({"cash": "30.00"}, {"voucher": "9.00"}))}]
        if "units" in drawn and chance.random() < 0.5:
            prizes = [{"place": 1, "give": {"points": 300}}, {"place": "2-3", "give": {"points": 100}}]
        contest = {
            "on": "first_order",
            "rounds": pick(("week", "month")),
            "freeze": pick(("1d", "3d")),
            "prizes": prizes,
        }
        contest |= {"award": pick(("1d", "6d")), "ties": pick(("reached_first", "draw"))}
        drawn["contest"] = contest | pick(({}, {"accept": "4d"})) | pick(({}, {"metric": "amount"}))
    elif kind < 0.7:
        markets: dict[str, Any] = {"DE": {}, "AT": {"give": {"advocate": {"cash": "7.00"}}}}
        if chance.random() < 0.5:
            markets["CH"] = {"currency": "CHF", "give": {"advocate": {"cash": "11.00"}, "friend": {"voucher": "6.00"}}}
        drawn["markets"] = markets
    elif kind < 0.8:
        drawn["contracts"] = {"tail": pick(("0d", "10d")), "needed": pick((True, False))}
    return drawn
