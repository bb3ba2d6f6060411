"""What happens at eight smaller brands? Each shows one type of program: a discount, a subscription, a ladder, a contest and more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from goodword.demo import names
from goodword.demo.crowd import join, method, passers_by
from goodword.demo.names import Land
from goodword.demo.pen import Pen, Person

FOUNDERS = 22
FRIENDS = 84
PASSING = 60

Act = Callable[[Pen, Person, datetime], None]  # what a friend does after the sign-up
Write = Callable[[Pen, float], list[Person]]


def story(land: Land, act: Act, *, traits: dict[str, tuple[str, ...]] | None = None) -> Write:
    """A half year in which founders bring friends, who act; `traits` are what is known of founders."""

    def write(pen: Pen, scale: float) -> list[Person]:
        founders = [pen.person(land) for _ in range(max(6, int(FOUNDERS * scale)))]
        for person in founders:
            person.attributes = {name: pen.rng.choice(values) for name, values in (traits or {}).items()}
            pen.give_code(person, pen.begin - timedelta(days=pen.rng.randrange(20, 300)))
        for at in sorted(pen.day() for _ in range(max(12, int(FRIENDS * scale)))):
            friend = pen.person(land)
            join(pen, friend, pen.referrer(at, founders), at, method(pen))
            act(pen, friend, at)
        passers_by(pen, founders, int(PASSING * scale))
        return founders

    return write


def _shop(pen: Pen, friend: Person, joined_at: datetime) -> None:
    """Buys or does not, now and then sends something back, sometimes comes again."""
    if not pen.chance(0.7):
        return
    at = pen.after(joined_at, 0.1, 9)
    amount_minor = pen.amount_minor(1900, 16000)
    order_id = pen.order(friend, at, amount_minor)
    if pen.chance(0.12):
        back = amount_minor if pen.chance(0.6) else amount_minor // 2
        pen.give_back(friend, order_id, pen.after(at, 2, 12), back, "did not fit")
    elif pen.chance(0.4):
        pen.order(friend, pen.after(at, 15, 60), pen.amount_minor(1900, 12000))


def _subscribe(pen: Pen, friend: Person, joined_at: datetime) -> None:
    """Starts a subscription, pays by the month, and perhaps gives it up."""
    if not pen.chance(0.65):
        return
    at = pen.after(joined_at, 0.1, 14)
    pen.order(friend, at, 2400, type_="subscription_started")
    if pen.chance(0.15):
        pen.write("cancel", pen.after(at, 1, 30), person={"id": friend.id}, cancels="subscription")
        return
    for month in range(1, 6):
        pen.order(friend, at + timedelta(days=30 * month), 2400, type_="renewal")


def _train(pen: Pen, friend: Person, joined_at: datetime) -> None:
    """Becomes a member, or never does."""
    if not pen.chance(0.75):
        return
    at = pen.after(joined_at, 0.1, 6)
    pen.order(friend, at, 5900, type_="membership_started")
    if pen.chance(0.1):
        pen.write("cancel", pen.after(at, 1, 20), person={"id": friend.id}, cancels="membership")


def _travel(pen: Pen, friend: Person, joined_at: datetime) -> None:
    """Books a journey; some call it off."""
    if not pen.chance(0.6):
        return
    at = pen.after(joined_at, 0.1, 12)
    amount_minor = pen.amount_minor(24000, 180000)
    order_id = pen.order(friend, at, amount_minor)
    if pen.chance(0.12):
        pen.give_back(friend, order_id, pen.after(at, 3, 20), amount_minor, "journey called off")


def _follow(pen: Pen, friend: Person, joined_at: datetime) -> None:
    """Buys again and again what an influencer shows."""
    at = pen.after(joined_at, 0, 3)
    for _ in range(pen.rng.choice((0, 1, 1, 2, 3, 4))):
        order_id = pen.order(friend, at, pen.amount_minor(3900, 42000))
        if pen.chance(0.1):
            pen.give_back(friend, order_id, pen.after(at, 2, 14), 3900, "one piece sent back")
        at = pen.after(at, 10, 40)


def _contract(pen: Pen, friend: Person, joined_at: datetime) -> None:
    """A company: the deal is registered, mostly approved, and some become subscribers."""
    pen.write("deal_registered", joined_at + timedelta(minutes=5), person={"id": friend.id})
    if not pen.chance(0.8):
        return
    at = pen.after(joined_at, 1, 10)
    pen.write("deal_approved", at, person={"id": friend.id})
    if pen.chance(0.55):
        amount_minor = pen.rng.choice((1, 2, 4, 8, 20)) * 180000
        pen.order(friend, pen.after(at, 5, 40), amount_minor, type_="subscription_started")


parcel = story(names.GERMANY, _shop)
brewbox = story(names.BRITAIN, _subscribe)
peak = story(names.AUSTRIA, _train)
sundial = story(names.FRANCE, _travel)
glow = story(names.FRANCE, _shop)
market = story(names.STATES, _shop)
atelier = story(names.GERMANY, _follow, traits={"contract": ("silver", "silver", "silver", "gold")})
ledgerline = story(names.BRITAIN, _contract)
