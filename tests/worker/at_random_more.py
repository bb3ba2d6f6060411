"""What else may befall a client? Points that are collected, redeemed and gone, contests with their prizes, markets, contracts."""

from __future__ import annotations

import hashlib
import random
from datetime import timedelta
from typing import Any

import msgspec

from goodword.catalog import SHELVES
from goodword.core.contest import Round
from goodword.core.contest_acts import DISQUALIFY_WHYS
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.core.wallet import Wallet
from tests.worker.at_random import PEOPLE, Befalling, document
from tests.worker.lane import START, Lane

KINDS = ("contest", "points", "markets", "contracts")
FOLK = tuple(f"p{n}" for n in range(30))  # the first of them have codes
_WEIGHTS = {"stop": 0, "share": 2, "publish": 2, "move": 4, "sign_up": 30, "buy": 26}
UNIT = "PTS:stars"
HOMES = ("north", "south", "west")
COUNTRIES = ("DE", "AT", "CH", "FR")


class Collecting(Befalling):
    """A client whose programs give points, and hold contests, differ by country, or work with contracts: one kind a client,
    so that what was begun under a version is gone on with under the next."""

    def __init__(self, lane: Lane, seed: int) -> None:
        super().__init__(lane, seed)
        self.kind = KINDS[seed % len(KINDS)]

    def drawn(self, program: str) -> dict[str, Any]:
        while True:
            drawn = document(self.chance, program)
            for asked in ("advocates", "friends", "runs", "stacking") if self.chance.random() < 0.7 else ():
                drawn.pop(asked, None)
            drawn = _with_points(self.chance, _of_kind(self.chance, drawn, self.kind))
            if isinstance(read_terms(drawn, SHELVES, version=1, live_from=START), Terms):
                return drawn

    def somebody(self) -> str:
        return self.chance.choice(FOLK)

    def code(self) -> str:
        return self.chance.choice(("", "X")) + self.chance.choice(PEOPLE).upper()

    def advocate(self) -> str:
        """One of those who have codes."""
        return self.chance.choice(PEOPLE)

    # -- what people do ------------------------------------------------------------------------------------------------

    def sign_up(self) -> None:
        """As ever, and some say where they live, and with whom."""
        name, brought = self.somebody(), self.chance.random()
        by = {"code": self.code()} if brought < 0.7 else {"advocate": {"id": self.advocate()}} if brought < 0.9 else {}
        who: dict[str, Any] = {"id": name, "attributes": {"status": self.chance.choice(("active", "gone"))}}
        if self.chance.random() < 0.6:
            who["attributes"]["country"] = self.chance.choice(COUNTRIES)
        if self.chance.random() < 0.3:
            who["household"] = self.chance.choice(HOMES)
        at = self.late()
        self.say("signup", at, person=who, visitor=f"browser-of-{name}", **by)
        if self.chance.random() < 0.7:  # most buy soon: else hardly anything would ever be given
            order = {"id": f"{name}-first", "amount": "45.00", "currency": "EUR"}
            self.orders[order["id"]] = name
            self.say("purchase", at + timedelta(minutes=5), person={"id": name}, order=order)

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
        item, program = self.chance.choice(("mug", "mug", "trip")), self.chance.choice(list(self.versions))
        act = {"item": item, "quantity": self.chance.choice((1, 1, 2)), "program": program, "by": "ana"}
        self.say("redeem", person={"id": self.advocate()}, act=act)

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
            if self.chance.random() < 0.5:
                act |= {"values": {"first_order": {"cash": self.chance.choice(("9.00", "15.00"))}}}
        self.say("contract", person={"id": self.advocate()}, act=act)

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
            act = {
                "round": round_.id,
                "record": winner.record,
                "why": self.chance.choice(sorted(DISQUALIFY_WHYS)),
                "by": "ana",
            }
            self.say(self.chance.choice(("contest_accept", "contest_disqualify")), act=act)

    def close(self) -> None:
        """What is asked of a round before its time, at it, or again."""
        if rounds := self.rounds():
            round_ = self.chance.choice(rounds)
            seed = {"seed": b"seed".hex()} if round_.commitment else {}
            act = {"round": round_.id, "by": "ana", "leave_out": [], **seed}
            self.say(self.chance.choice(("contest_freeze", "contest_award")), act=act)


Collecting.HAPPENINGS = (
    *((happens, _WEIGHTS.get(happens.__name__, weight)) for happens, weight in Befalling.HAPPENINGS),
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


def _with_points(chance: random.Random, drawn: dict[str, Any]) -> dict[str, Any]:
    """The terms with points for both, and something to redeem them for."""
    pick = chance.choice
    if chance.random() < 0.85:
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
        if "contest" in drawn and chance.random() < 0.5:
            drawn["contest"]["prizes"] = [
                {"place": 1, "give": {"points": 300}}, {"place": "2-3", "give": {"points": 100}},
            ]  # fmt: skip
    return drawn


def _of_kind(chance: random.Random, drawn: dict[str, Any], kind: str) -> dict[str, Any]:
    """The terms as a contest, with markets, or with contracts."""
    pick = chance.choice
    if kind == "contest":
        prizes: list[dict[str, Any]] = [{"place": 1, "give": pick(({"cash": "30.00"}, {"voucher": "9.00"}))}]
        contest = {
            "on": "first_order",
            "rounds": pick(("week", "month")),
            "freeze": pick(("1d", "3d")),
            "prizes": prizes,
        }
        contest |= {"award": pick(("14d", "20d")), "ties": pick(("reached_first", "draw"))}
        drawn["contest"] = contest | pick(({}, {"accept": "4d"})) | pick(({}, {"metric": "amount"}))
    elif kind == "markets":
        markets: dict[str, Any] = {"DE": {}, "AT": {"give": {"advocate": {"cash": "7.00"}}}}
        if chance.random() < 0.5:
            markets["CH"] = {"currency": "CHF", "give": {"advocate": {"cash": "11.00"}, "friend": {"voucher": "6.00"}}}
        drawn["markets"] = markets
    elif kind == "contracts":
        drawn["contracts"] = {"tail": pick(("0d", "10d")), "needed": pick((True, False, False))}
    return drawn
