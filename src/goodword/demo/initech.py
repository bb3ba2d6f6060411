"""What happens at Initech, a software house? Partners earn a share of the first contract, up to limits, from a budget that ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from goodword.demo import cheats, names
from goodword.demo.crowd import claim_late, join, method, passers_by
from goodword.demo.pen import Pen, Person

PARTNERS = 40
FRIENDS = 420
STRANGERS = 90
PASSING = 520
_FIRMS = "Brightwell Larkspur Ironbridge Copperfield Harrow Kestrel Marlow Northgate Pennine Quayside Redwood Stonecroft".split()
_KINDS = "Ltd LLP Consulting Studios Logistics Partners Foods Clinics Works".split()


def write(pen: Pen, scale: float) -> list[Person]:
    """Write the half year; returns who was known before it began."""
    partners = _partners(pen, max(8, int(PARTNERS * scale)))
    for number, at in enumerate(sorted(pen.day() for _ in range(int(FRIENDS * scale))), 1):
        friend = pen.person(names.BRITAIN)
        join(pen, friend, pen.referrer(at, partners), at, method(pen), organization=_firm(pen, number))
        _subscribe(pen, friend, at)
    for _ in range(int(STRANGERS * scale)):
        _come_alone(pen, partners)
    passers_by(pen, partners, int(PASSING * scale))
    _cheat(pen, partners, scale)
    return partners


def _partners(pen: Pen, count: int) -> list[Person]:
    partners = [pen.person(names.BRITAIN) for _ in range(count)]
    for person in partners:
        person.attributes = {"tier": pen.rng.choice(("registered", "registered", "silver", "gold"))}
        pen.give_code(person, pen.begin - timedelta(days=pen.rng.randrange(20, 600)))
    return partners


def _firm(pen: Pen, number: int) -> dict[str, Any]:
    name = f"{pen.rng.choice(_FIRMS)} {pen.rng.choice(_KINDS)}"
    return {"id": f"org-{number:04d}", "name": name, "domain": f"{name.split()[0].lower()}{number}.example"}


def _subscribe(pen: Pen, friend: Person, joined_at: datetime) -> None:
    """Trials that become contracts, after a while or never; contracts that are cut back or given up."""
    if not pen.chance(0.62):
        return
    at = pen.after(joined_at, 50, 90) if pen.chance(0.1) else pen.after(joined_at, 3, 28)
    seats = pen.rng.choice((1, 2, 3, 5, 5, 8, 10, 20, 40))
    amount_minor = seats * 4900
    order = {"tax": f"{amount_minor // 6 // 100}.{amount_minor // 6 % 100:02d}"}
    order_id = pen.order(friend, at, amount_minor, order=order, data={"seats": seats})
    fate = pen.rng.random()
    if fate < 0.07:
        pen.give_back(friend, order_id, pen.after(at, 3, 25), amount_minor, "given up in the trial month")
    elif fate < 0.15:
        pen.give_back(friend, order_id, pen.after(at, 5, 28), amount_minor // 2, "half of the seats")
    elif fate < 0.21:
        pen.give_back(friend, order_id, pen.after(at, 50, 75), amount_minor, "contract undone")
    for month in range(1, pen.rng.choice((1, 3, 6, 6))):
        pen.order(friend, at + timedelta(days=30 * month), amount_minor, type_="renewal", data={"seats": seats})


def _come_alone(pen: Pen, partners: list[Person]) -> None:
    at = pen.day(0.02)
    stranger = pen.person(names.BRITAIN)
    pen.write("signup", at, person=stranger.as_known(), context={"device": stranger.device})
    _subscribe(pen, stranger, at)
    if pen.chance(0.15):
        claim_late(pen, stranger, pen.referrer(at, partners), pen.after(at, 10, 40))


def _cheat(pen: Pen, partners: list[Person], scale: float) -> None:
    def buy(friend: Person, at: datetime) -> None:
        pen.order(friend, at, 14_700)

    schemer = partners[3]
    pen.order(schemer, pen.day(0.1, 0.12), 9800, type_="renewal")
    cheats.refer_oneself(pen, schemer, names.BRITAIN, pen.day(0.15, 0.2), buy, max(2, int(4 * scale)))
    cheats.share_card(pen, partners[4], names.BRITAIN, pen.day(0.25, 0.3), buy, max(5, int(7 * scale)))
    cheats.burst(pen, partners[5], names.BRITAIN, pen.day(0.34, 0.4), buy, 24 if scale >= 1 else 12)
