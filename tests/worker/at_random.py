"""What may befall a client whose programs change all the time? Events and acts by chance, from a seed, at uneven moments."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from goodword.catalog import SHELVES
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from tests.worker.lane import START, Lane

PEOPLE = tuple(f"p{n}" for n in range(10))
ELSEWHERE = timezone(timedelta(hours=2))
STEPS_OF_TIME = (timedelta(minutes=1), timedelta(hours=5), timedelta(days=1), timedelta(days=3), timedelta(days=7))
LATE = (timedelta(0), timedelta(0), timedelta(0), timedelta(hours=3), timedelta(days=2), timedelta(days=9))
_LIMITS: tuple[dict[str, Any], ...] = (
    {"grants": "2 per month"},
    {"amount": "25.00 per month", "edge": "partial"},
    {"open": 3},
    {"joins": "3 per month"},
    {"payments": "1 per month"},
    {"grants": 3, "over": "program"},
)
_SCREENINGS: tuple[Any, ...] = ("off", {"hold_at": 20}, {"hold_at": 31, "deny_at": 61}, {"hold_at": 50, "deny_at": 101})
_CONDITIONS = ("advocate.referrals >= 1", "advocate.status == active", "advocate.tier in [gold]")
_MOMENTS = ("touch", "join", "milestone", "release")


def document(chance: random.Random, program: str) -> dict[str, Any]:
    """Some terms that can be read; hardly two are alike."""
    while True:
        drawn = _drawn(chance, program)
        if isinstance(read_terms(drawn, SHELVES, version=1, live_from=START), Terms):
            return drawn


def _drawn(chance: random.Random, program: str) -> dict[str, Any]:
    def perhaps(likely: float, **field: Callable[[], Any]) -> dict[str, Any]:
        return {name: made() for name, made in field.items()} if chance.random() < likely else {}

    pick = chance.choice
    last_day = f"{START + timedelta(days=chance.randint(20, 70)):%Y-%m-%d}"
    other = "club" if program == "friends" else "friends"
    own: dict[str, Any] = {"to": "advocate", "on": "first_order", "give": {"cash": pick(("8.00", "10.00", "12.00"))}}
    own |= {"hold": pick(("0d", "5d", "14d")), **perhaps(0.3, limit=lambda: pick(_LIMITS))}
    theirs = {
        "to": "friend",
        "on": "first_order",
        "give": {"voucher": pick(("5.00", "6.00"))},
        "hold": pick(("0d", "3d")),
    }
    least, within = pick(("20.00", "30.00")), pick(("20d of joined", "30d of joined"))
    milestones: dict[str, Any] = {"joined": {"event": "signup"}}
    milestones["first_order"] = {"event": "purchase", "min": least, "within": within}
    promises = [own, theirs]
    if chance.random() < 0.4:
        milestones["stays"] = {"moment": f"{pick((10, 20))}d after first_order"}
        promises.append({"to": "advocate", "on": "stays", "give": {"cash": "3.00"}, "hold": "2d"})
    if chance.random() < 0.5:
        tiers = [{"at": 2, "give": {"cash": pick(("2.00", "2.50"))}}, {"at": pick((3, 4)), "give": {"cash": "6.00"}}]
        promises.append({"to": "advocate", "on": "joined", "hold": pick(("0d", "4d")), "when": {"tiers": tiers}})
    budget = {"amount": pick(("40.00", "60.00", "100.00")), "reserve": pick(("join", "grant"))}
    attribution = {"late_claim": "14d", "promise_days": pick((0, 10, 30))}
    return {
        "program": program,
        "name": program,
        "type": "two_sided",
        "currency": "EUR",
        "timezone": pick(("UTC", "Europe/Berlin")),
        "milestones": milestones,
        "promises": promises,
        "attribution": attribution | perhaps(0.3, bound=lambda: "lapses after 40d"),
        **perhaps(0.5, budget=lambda: budget | {"at_end": pick(("stop_new", "while_funds_last"))}),
        **perhaps(0.5, screening=lambda: pick(_SCREENINGS)),
        **perhaps(0.3, advocates=lambda: {"if": [pick(_CONDITIONS)], "at": [pick(_MOMENTS)]}),
        **perhaps(0.2, friends=lambda: {"new": pick(("never_bought", "no_account", "anyone"))}),
        **perhaps(0.25, runs=lambda: {pick(("last_touch", "last_join", "last_milestone")): last_day}),
        **perhaps(0.3, stacking=lambda: {"programs": {other: pick(("all", "best", "before"))}}),
    }


class Befalling:
    """A client to whom things happen. What the house does is asked of the tables as they stand then."""

    HAPPENINGS: tuple[tuple[Callable[[Any], None], int], ...] = ()

    def __init__(self, lane: Lane, seed: int) -> None:
        self.lane, self.chance, self.now = lane, random.Random(seed), START
        self.at_once = self.chance.choice((1, 4, 1000))  # events that are decided together
        self.versions: dict[str, int] = {}
        self.orders: dict[str, str] = {}
        self._waiting: list[dict[str, Any]] = []
        self._number = 0

    def begin(self) -> None:
        """Two programs, or one, and everybody has a code that names its program and one that does not."""
        for program in ("friends", "club")[: self.chance.choice((1, 2, 2))]:
            self.publish(program)
        for name in PEOPLE:
            self.say("code_issued", person={"id": name}, code=name.upper(), act={})
            self.say("code_issued", person={"id": name}, code=f"X{name.upper()}", program="friends", act={})
        self.decide()

    def go_on(self, steps: int) -> None:
        """So many things happen."""
        happenings, weights = zip(*self.HAPPENINGS, strict=True)
        for happens in self.chance.choices(happenings, weights, k=steps):
            if self.chance.random() < 0.5:
                if self.chance.random() < 0.5:
                    self.decide(tick=True)
                self.now += self.chance.choice(STEPS_OF_TIME)
            getattr(self, happens.__name__)()  # as a kind of world of its own may do it

    def end(self) -> None:
        """All that is due comes about."""
        for days in (0, 40, 400):
            self.now += timedelta(days=days)
            self.decide(tick=True)

    def say(self, kind: str, at: datetime | None = None, **more: Any) -> None:
        """Something is heard of; decided now, or with what comes after it."""
        self._number += 1
        self._waiting.append({"id": f"e{self._number}", "type": kind, "at": (at or self.now).isoformat(), **more})
        if len(self._waiting) >= self.at_once:
            self.decide(tick=self.chance.random() < 0.3)

    def decide(self, *, tick: bool = False) -> None:
        """The worker comes to it."""
        if self._waiting:
            self.lane.send(*self._waiting, received_at=self.now)
            self._waiting.clear()
        self.lane.drain_all(now=self.now, tick=tick)

    def ids(self, table: str, where: str = "true") -> list[str]:
        """Rows there are by now."""
        self.decide()
        rows = self.lane.rows(f"SELECT id FROM {table} WHERE client_id = %s::uuid AND {where}", self.lane.client_id)
        return sorted(str(row[0]) for row in rows)

    # -- what people do ------------------------------------------------------------------------------------------------

    def late(self) -> datetime:
        return self.now - self.chance.choice(LATE)

    def somebody(self) -> str:
        return self.chance.choice(PEOPLE)

    def code(self) -> str:
        return self.chance.choice(("", "X")) + self.somebody().upper()

    def somewhere(self) -> dict[str, Any]:
        """Of one program, perhaps; on a device and with a card that others have too."""
        named = {"program": self.chance.choice(list(self.versions))} if self.chance.random() < 0.5 else {}
        seen = {"device": self.chance.choice("abc"), "payment": self.chance.choice("abcd")}
        return named | ({"context": seen} if self.chance.random() < 0.3 else {})

    def click(self) -> None:
        self.say("click", self.late(), code=self.code(), visitor=f"browser-of-{self.somebody()}")

    def sign_up(self) -> None:
        name, brought = self.somebody(), self.chance.random()
        by = {"code": self.code()} if brought < 0.4 else {"advocate": {"id": self.somebody()}} if brought < 0.6 else {}
        told = {"status": self.chance.choice(("active", "gone"))}
        who = {"id": name, "attributes": told}
        self.say("signup", self.late(), person=who, visitor=f"browser-of-{name}", **by, **self.somewhere())

    def buy(self, at: datetime | None = None) -> None:
        name, amount = self.somebody(), self.chance.choice(("20.00", "25.00", "45.00"))
        order = f"{name}-{self.chance.randint(1, 4)}"
        self.orders[order] = name
        by = {"code": self.code()} if self.chance.random() < 0.2 else {}
        bought = {"id": order, "amount": amount, "currency": "EUR"}
        self.say("purchase", at or self.late(), person={"id": name}, order=bought, **by, **self.somewhere())

    def buy_ahead(self) -> None:
        self.buy(self.now + timedelta(hours=self.chance.choice((1, 10))))

    def give_back(self) -> None:
        if self.orders:
            order, amount = self.chance.choice(sorted(self.orders)), self.chance.choice(("10.00", "20.00", "45.00"))
            back = {"id": order, "amount": amount, "currency": "EUR"}
            self.say("refund", self.late(), person={"id": self.orders[order]}, order=back)

    def share(self) -> None:
        name = self.somebody()
        with_code = {"code": self.chance.choice(("", "X")) + name.upper()} if self.chance.random() < 0.6 else {}
        self.say("share", self.late(), person={"id": name}, **with_code)

    def claim(self) -> None:
        self.say("claim", self.late(), person={"id": self.somebody()}, code=self.code())

    def tell(self) -> None:
        told = {"status": self.chance.choice(("active", "gone")), "tier": self.chance.choice(("gold", "blue"))}
        self.say("known", person={"id": self.somebody(), "attributes": told}, act={})

    # -- what the house does -------------------------------------------------------------------------------------------

    def publish(self, program: str = "") -> None:
        """A version, at once or from a later day, said in whatever offset."""
        slug = program or self.chance.choice(list(self.versions))
        ahead = timedelta(days=0 if program else self.chance.choice((0, 0, 2, 5, 12)))
        live_from = (self.now + ahead).astimezone(self.chance.choice((None, ELSEWHERE)))
        number = self.versions[slug] = self.versions.get(slug, 0) + 1
        drawn = self.drawn(slug)
        self.say("publish", act={"document": drawn, "version": number, "live_from": live_from.isoformat()})

    def drawn(self, program: str) -> dict[str, Any]:
        """The terms of the next version."""
        return document(self.chance, program)

    def move(self) -> None:
        """All open referrals, or besides those that lose and are named."""
        slug, referrals = self.chance.choice(list(self.versions)), self.ids("referral")
        named = self.chance.sample(referrals, min(len(referrals), self.chance.choice((0, 0, 2, 5))))
        number = max(1, self.versions[slug] - self.chance.choice((0, 0, 1)))
        self.say("move", act={"program": slug, "version": number, "named": sorted(named), "by": "ana"})

    def switch(self) -> None:
        signal, is_off = self.chance.choice(sorted(SHELVES.signals)), self.chance.random() < 0.6
        act = {"program": self.chance.choice(list(self.versions)), "signal": signal, "off": is_off, "why": "other"}
        self.say("signal", act=act)

    def stop(self) -> None:
        slug, voids = self.chance.choice(list(self.versions)), self.chance.random() < 0.5
        self.say("stop", act={"program": slug, "by": "ana", "second": "carl", "voids": voids})

    def review(self) -> None:
        if found := self.ids("referral", "state = 'held'") or self.ids("referral"):
            verdict = self.chance.choice(("clear", "deny", "reopen"))
            act = {"referral": self.chance.choice(found), "verdict": verdict, "why": "other", "by": "ana"}
            self.say("review", act=act)

    def pay(self) -> None:
        if found := self.ids("reward", "state = 'payable'"):
            self.say("sent", act={"reward": self.chance.choice(found)})

    def extend(self) -> None:
        if found := self.ids("referral"):
            self.say("extend", act={"referral": self.chance.choice(found), "days": 10, "by": "ana"})

    def let_time_run(self) -> None:
        self.decide()
        self.lane.advance(self.now, self.now)


Befalling.HAPPENINGS = (
    (Befalling.click, 8),
    (Befalling.sign_up, 18),
    (Befalling.buy, 16),
    (Befalling.buy_ahead, 2),
    (Befalling.give_back, 6),
    (Befalling.share, 8),
    (Befalling.claim, 4),
    (Befalling.tell, 3),
    (Befalling.publish, 7),
    (Befalling.move, 10),
    (Befalling.switch, 3),
    (Befalling.stop, 2),
    (Befalling.review, 6),
    (Befalling.pay, 5),
    (Befalling.extend, 1),
    (Befalling.let_time_run, 2),
)
