"""What happens at Globex, a gym? Only the referrer is rewarded, and only if the friend is still a member after ninety days."""

from __future__ import annotations

from datetime import datetime, timedelta

from goodword.demo import cheats, names
from goodword.demo.crowd import claim_late, join, method, passers_by
from goodword.demo.pen import Pen, Person

FOUNDERS = 55
FRIENDS = 380
STRANGERS = 110
PASSING = 420
MONTHLY_MINOR = {"basic": 2900, "plus": 4900, "family": 7900}


def write(pen: Pen, scale: float) -> list[Person]:
    """Write the half year; returns who was known before it began."""
    founders = _founders(pen, max(8, int(FOUNDERS * scale)))
    advocates = list(founders)
    for at in sorted(pen.day() for _ in range(int(FRIENDS * scale))):
        friend = pen.person(names.STATES)
        friend.attributes = {"plan": pen.rng.choice(("basic", "basic", "plus", "family"))}
        join(pen, friend, pen.referrer(at, advocates), at, method(pen))
        _train(pen, friend, at)
        if pen.chance(0.1):
            pen.give_code(friend, pen.after(at, 30, 60))
            advocates.append(friend)
    for _ in range(int(STRANGERS * scale)):
        _come_alone(pen, advocates)
    passers_by(pen, advocates, int(PASSING * scale))
    _leave(pen, founders)
    _cheat(pen, founders, scale)
    return founders


def _founders(pen: Pen, count: int) -> list[Person]:
    founders = [pen.person(names.STATES) for _ in range(count)]
    for person in founders:
        person.attributes = {"plan": pen.rng.choice(("basic", "plus")), "status": "active"}
        pen.give_code(person, pen.begin - timedelta(days=pen.rng.randrange(20, 500)))
    return founders


def _status(pen: Pen, person: Person, status: str, at: datetime) -> None:
    pen.write("update", at, person={"id": person.id, "attributes": {"status": status}})


def _train(pen: Pen, friend: Person, joined_at: datetime) -> None:
    """What a friend does: pays by the month and stays, freezes, leaves, or is never heard of by the status feed."""
    if not pen.chance(0.8):
        return
    plan = friend.attributes["plan"]
    at = pen.after(joined_at, 0, 50) if pen.chance(0.08) else pen.after(joined_at, 0, 5)
    pen.order(friend, at, MONTHLY_MINOR[plan], data={"plan": plan})
    fate = pen.rng.random()
    months = 7
    if fate < 0.68:
        _status(pen, friend, "active", pen.after(at, 0.1, 2))
    elif fate < 0.78:
        _status(pen, friend, "active", pen.after(at, 0.1, 1))
        _status(pen, friend, "frozen", pen.after(at, 40, 85))
        if pen.chance(0.5):
            _status(pen, friend, "active", pen.after(at, 86, 89))
        months = 2
    elif fate < 0.9:
        _status(pen, friend, "active", pen.after(at, 0.1, 1))
        ended_at = pen.after(at, 20, 88)
        pen.write("cancel", ended_at, person={"id": friend.id}, cancels="subscription")
        _status(pen, friend, "ended", ended_at + timedelta(minutes=1))
        months = 1
    elif fate < 0.95:
        _status(pen, friend, "active", pen.after(at, 93, 101))  # the feed knew only after the ninetieth day
    for month in range(1, months):
        pen.order(friend, at + timedelta(days=30 * month), MONTHLY_MINOR[plan], type_="renewal", data={"plan": plan})


def _come_alone(pen: Pen, advocates: list[Person]) -> None:
    at = pen.day(0.02)
    stranger = pen.person(names.STATES)
    stranger.attributes = {"plan": "basic"}
    pen.write("signup", at, person=stranger.as_known(), context={"device": stranger.device})
    _train(pen, stranger, at)
    if pen.chance(0.12):
        claim_late(pen, stranger, pen.referrer(at, advocates), pen.after(at, 2, 25))


def _leave(pen: Pen, founders: list[Person]) -> None:
    """Some who referred end their own membership: from then on their links are worth nothing."""
    for person in founders[len(founders) // 2 :: 4]:
        _status(pen, person, "ended", pen.day(0.3, 0.9))


def _cheat(pen: Pen, founders: list[Person], scale: float) -> None:
    """The moment comes ninety days after the first payment, and only then anybody looks."""

    def buy(friend: Person, at: datetime) -> None:
        pen.order(friend, at, MONTHLY_MINOR["basic"])
        _status(pen, friend, "active", at + timedelta(minutes=5))

    trainer = founders[1]
    pen.order(trainer, pen.day(0.05, 0.08), MONTHLY_MINOR["plus"], type_="renewal")
    cheats.farm_devices(pen, trainer, names.STATES, pen.day(0.33, 0.36), buy, max(2, int(7 * scale)))
    cheats.refer_oneself(pen, founders[2], names.STATES, pen.day(0.2, 0.25), buy, max(1, int(3 * scale)))
    cheats.share_card(pen, founders[3], names.STATES, pen.day(0.38, 0.42), buy, max(5, int(6 * scale)))
