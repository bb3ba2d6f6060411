"""What happens at Acme, a web shop? Both sides are rewarded at the first order; orders come back, and people try it on."""

from __future__ import annotations

from datetime import datetime, timedelta

from goodword.demo import cheats, names
from goodword.demo.crowd import claim_late, join, method, passers_by
from goodword.demo.pen import Pen, Person

FOUNDERS = 70
FRIENDS = 520
STRANGERS = 160
PASSING = 700


def write(pen: Pen, scale: float) -> list[Person]:
    """Write the half year; returns who was known before it began."""
    founders = _founders(pen, max(8, int(FOUNDERS * scale)))
    advocates = list(founders)
    for at in sorted(pen.day() for _ in range(int(FRIENDS * scale))):
        friend = pen.person(_land(pen))
        join(pen, friend, pen.referrer(at, advocates), at, method(pen))
        _shop(pen, friend, at)
        if pen.chance(0.12):
            pen.give_code(friend, pen.after(at, 15, 30))
            advocates.append(friend)
    for _ in range(int(STRANGERS * scale)):
        _come_alone(pen, advocates)
    passers_by(pen, advocates, int(PASSING * scale))
    _those_everybody_knows(pen, founders[0])
    _cheat(pen, founders, scale)
    return founders


def _founders(pen: Pen, count: int) -> list[Person]:
    founders = [pen.person(names.GERMANY, "Alice Albrecht")]
    founders += [pen.person(names.GERMANY, "Mallory Krüger"), pen.person(names.AUSTRIA, names.LONG, "maximiliane")]
    founders += [pen.person(names.GERMANY, names.ARABIC, "layla.alkhatib")]
    founders += [pen.person(_land(pen, abroad=0)) for _ in range(count - len(founders))]
    for person in founders:
        pen.give_code(
            person, pen.begin - timedelta(days=pen.rng.randrange(2, 400)), "ALICE1" if person is founders[0] else ""
        )
    return founders


def _land(pen: Pen, abroad: float = 0.05) -> names.Land:
    if pen.chance(abroad):
        return names.FRANCE
    return names.AUSTRIA if pen.chance(0.2) else names.GERMANY


def _shop(pen: Pen, friend: Person, joined_at: datetime) -> None:
    """What a friend does after the sign-up: two of three buy, some send back, some too little, some too late."""
    if not pen.chance(0.72):
        return
    at = pen.after(joined_at, 0, 40) if pen.chance(0.15) else pen.after(joined_at, 0, 9)
    order_id, amount_minor = _buy(pen, friend, at)
    fate = pen.rng.random()
    if fate < 0.09:
        pen.give_back(friend, order_id, pen.after(at, 2, 13), amount_minor, "sent back")
        if pen.chance(0.4):
            _buy(pen, friend, pen.after(at, 14, 30))
    elif fate < 0.16:
        pen.give_back(friend, order_id, pen.after(at, 2, 20), amount_minor // 3, "one item sent back")
    elif fate < 0.19:
        pen.give_back(friend, order_id, pen.after(at, 35, 70), amount_minor, "complaint")
    elif fate < 0.21:
        order = {"id": order_id, "currency": pen.currency}
        pen.write("cancel", pen.after(at, 0.1, 1), person={"id": friend.id}, cancels="order", order=order)
    while pen.chance(0.35):
        at = pen.after(at, 8, 45)
        _buy(pen, friend, at)


def _buy(pen: Pen, friend: Person, at: datetime) -> tuple[str, int]:
    amount_minor = pen.amount_minor(4200, 21_000)
    shipping = 0 if amount_minor > 8000 else 490
    order = {
        "tax": f"{amount_minor * 19 // 119 // 100}.{amount_minor * 19 // 119 % 100:02d}",
        "shipping": f"{shipping // 100}.{shipping % 100:02d}",
        "items": [{"sku": pen.rng.choice(("A1", "B7", "C3", "K9")), "quantity": 1}],
    }
    return pen.order(friend, at, amount_minor, order=order), amount_minor


def _cheaply(pen: Pen) -> cheats.Buy:
    """Just above the minimum, as those buy who are after the reward."""

    def buy(friend: Person, at: datetime) -> None:
        pen.order(friend, at, 7900 + pen.rng.randrange(0, 9) * 100)

    return buy


def _come_alone(pen: Pen, advocates: list[Person]) -> None:
    """Customers whom nobody referred; a few remember later that somebody did, some in time."""
    at = pen.day(0.02)
    stranger = pen.person(_land(pen))
    pen.write("signup", at, person=stranger.as_known(), context={"device": stranger.device})
    if not pen.chance(0.6):
        return
    bought_at = pen.after(at, 0, 12)
    _buy(pen, stranger, bought_at)
    if pen.chance(0.22):
        claim_late(pen, stranger, pen.referrer(at, advocates), pen.after(bought_at, 1, 20))
    elif pen.chance(0.1):
        late = pen.after(bought_at, 20, 60)
        advocate = pen.referrer(late, advocates)
        pen.order(stranger, late, pen.amount_minor(5000, 12_000), code=advocate.code)  # no longer new: says why not


def _those_everybody_knows(pen: Pen, alice: Person) -> None:
    """Bob, whom Alice refers; and friends whose names try every table."""
    bob = pen.person(names.GERMANY, "Bob Bauer")
    at = pen.hour(pen.end - timedelta(days=40))
    join(pen, bob, alice, at, "click")
    order_id, amount_minor = _buy(pen, bob, pen.after(at, 1, 2))
    pen.give_back(bob, order_id, pen.after(at, 6, 8), amount_minor // 4, "one item sent back")
    for name, stem in ((names.CHINESE, "ouyang.yuxin"), (names.LONG_GREEK, "aikaterini")):
        friend = pen.person(names.GERMANY, name, stem)
        at = pen.hour(pen.end - timedelta(days=pen.rng.randrange(5, 30)))
        join(pen, friend, alice, at, "code")
        pen.order(friend, pen.after(at, 0.5, 2), 12_900)


def _cheat(pen: Pen, founders: list[Person], scale: float) -> None:
    buy, land = _cheaply(pen), names.GERMANY
    mallory = founders[1]
    cheats.refer_oneself(pen, mallory, land, pen.day(0.3, 0.35), buy, max(2, int(6 * scale)))
    farmer = founders[4]
    pen.order(farmer, pen.day(0.4, 0.45), 6900)  # from here on the farmer's own telephone is known
    cheats.farm_devices(pen, farmer, land, pen.day(0.86, 0.9), buy, max(3, int(12 * scale)))
    cheats.burst(pen, founders[5], land, pen.day(0.93, 0.96), buy, 30 if scale >= 1 else 13)
    cheats.share_card(pen, founders[6], land, pen.day(0.5, 0.6), buy, max(5, int(8 * scale)))
