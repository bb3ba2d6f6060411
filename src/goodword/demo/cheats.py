"""How is a referral program cheated? The few who try it at every brand, each in the way that one signal is there to see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from goodword.demo.crowd import join
from goodword.demo.names import Land
from goodword.demo.pen import Pen, Person

Buy = Callable[[Person, datetime], None]  # reach the milestone that pays


def refer_oneself(pen: Pen, mallory: Person, land: Land, at: datetime, buy: Buy, count: int) -> None:
    """One mailbox, many friends: the same address with a +tag each time."""
    local, _, host = mallory.email.partition("@")
    for number in range(count):
        friend = pen.person(land)
        friend.email = f"{local}+{pen.rng.choice(('shop', 'new', 'x', 'two'))}{number}@{host}"
        joined_at = pen.after(at, number * 3, number * 3 + 1)
        join(pen, friend, mallory, joined_at, "code")
        buy(friend, pen.after(joined_at, 0.1, 2))


def farm_devices(pen: Pen, farmer: Person, land: Land, at: datetime, buy: Buy, count: int) -> None:
    """A dozen accounts made on the farmer's own telephone."""
    for number in range(count):
        friend = pen.person(land)
        friend.device = farmer.device
        joined_at = pen.after(at, number * 0.7, number * 0.7 + 0.5)
        join(pen, friend, farmer, joined_at, "code")
        buy(friend, pen.after(joined_at, 0.05, 1))


def burst(pen: Pen, advocate: Person, land: Land, at: datetime, buy: Buy, count: int) -> None:
    """Thirty friends within a day, who all buy at once: a party, an influencer, or a script."""
    for number in range(count):
        friend = pen.person(land)
        joined_at = at + timedelta(minutes=9 * number)
        join(pen, friend, advocate, joined_at, "code")
        buy(friend, joined_at + timedelta(minutes=3))


def share_card(pen: Pen, advocate: Person, land: Land, at: datetime, buy: Buy, count: int) -> None:
    """Friends of one advocate who all pay with the same card."""
    card = f"pm_{pen.rng.getrandbits(48):012x}"
    for number in range(count):
        friend = pen.person(land)
        friend.payment = card
        joined_at = pen.after(at, number * 2, number * 2 + 1)
        join(pen, friend, advocate, joined_at, "click")
        buy(friend, pen.after(joined_at, 0.1, 2))
