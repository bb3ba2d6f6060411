"""What usually happens between two friends? Clicks, codes and names that lead to a sign-up, and those that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from goodword.demo.pen import Pen, Person

Arrive = Callable[[Person, datetime], None]  # what a friend does after the sign-up


def join(pen: Pen, friend: Person, advocate: Person, at: datetime, method: str, **more: Any) -> None:
    """A friend signs up, tied to the advocate in one of the three ways."""
    context = {"device": friend.device, **more.pop("context", {})}
    body: dict[str, Any] = {"person": friend.as_known(), "context": context, **more}
    if method == "click":
        visitor = f"v_{pen.rng.getrandbits(64):016x}"
        for _ in range(pen.rng.choice((1, 1, 2, 3))):
            pen.click(advocate, visitor, pen.after(at, -9, -0.01))
        body["visitor"] = visitor
    elif method == "code":
        body["code"] = advocate.code.lower() if pen.chance(0.2) else advocate.code
    elif method == "named":
        body["advocate"] = {"id": advocate.id}
        body["data"] = {"registered_by": "Dan", "by": "phone"}
        body["context"] = context | {"channel": "phone"}
    pen.write("signup", at, **body)


def method(pen: Pen) -> str:
    """How a friend is tied: mostly by a link."""
    return str(pen.rng.choices(("click", "code", "named"), (55, 30, 15))[0])


def passers_by(pen: Pen, advocates: list[Person], count: int) -> None:
    """Clicks that nobody followed up, and links that were passed on."""
    for _ in range(count):
        at = pen.day(0.02)
        advocate = pen.referrer(at, advocates)
        pen.click(advocate, f"v_{pen.rng.getrandbits(64):016x}", at)
        if pen.chance(0.25):
            share = {"channel": pen.rng.choice(("whatsapp", "email", "sms"))}
            pen.write("share", at - timedelta(hours=2), person={"id": advocate.id}, code=advocate.code, context=share)


def claim_late(pen: Pen, friend: Person, advocate: Person, at: datetime) -> None:
    """ "I forgot the code": the desk takes it down with the friend's word."""
    said = {"evidence": f"{friend.name} named the referrer on the phone", "registered_by": "Dan"}
    pen.write("claim", at, at, person={"id": friend.id}, code=advocate.code, data=said)
