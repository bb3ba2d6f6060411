"""Half a year of a busy brand from a seed: clicks, sign-ups, orders, refunds, corrections and cheats, some of it late."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from tests.worker.lane import START, code_of, direct, person, purchase, refund, signup


def crowded() -> dict[str, Any]:
    """Terms in which everything can run out: limits, a budget, screening, a condition that waits."""
    return direct(
        type="two_sided",
        screening={"hold_at": 30, "deny_at": 70},
        friends={"if": ["friend.plan in [gold, silver]"], "at": ["milestone"]},
        milestones={
            "joined": {"event": "signup"},
            "first_order": {"event": "purchase", "min": "20.00", "grace": "20d"},
        },
        promises=[
            {
                "to": "advocate",
                "on": "first_order",
                "give": {"cash": "10.00"},
                "hold": "14d",
                "limit": {"grants": "3 per month"},
            },
            {"to": "friend", "on": "first_order", "give": {"percent": {"percent": 10, "max": "8.00"}}, "hold": "5d"},
        ],
        budget={"amount": "500.00", "reserve": "join", "at_end": "while_funds_last"},
    )


def half_a_year(seed: int = 7, friends: int = 60, advocates: int = 9) -> list[dict[str, Any]]:
    """Events in order of arrival, which is not the order in which they happened."""
    chance = random.Random(seed)
    told: list[tuple[float, dict[str, Any]]] = []

    def happens(days: float, event: dict[str, Any]) -> None:
        late = chance.choice((0, 0, 0, 0, 0.5, 3, 12)) * chance.random()
        told.append((days + late, event))

    for n in range(advocates):
        told.append((-1 + n / 1000, code_of(f"a{n}")))
    for n in range(friends):
        name, advocate = f"f{n}", f"a{chance.randrange(advocates)}"
        day = chance.random() * 150
        at = START + timedelta(days=day)
        device = f"d{chance.randrange(friends)}" if chance.random() < 0.4 else f"own-{n}"
        context = {"device": device, "ip": "203.0.113.9"}
        if chance.random() < 0.5:
            touched = {"code": f"CODE-{advocate}"}
            happens(day, {"id": f"click-{n}", "type": "click", "at": at.isoformat(), "visitor": f"v{n}", **touched})
            happens(day + 0.1, signup(name, at + timedelta(hours=2), visitor=f"v{n}", context=context))
        else:
            happens(day + 0.1, signup(name, at + timedelta(hours=2), advocate, context=context))
        if chance.random() < 0.7:
            plan = chance.choice(("gold", "silver", "tin"))
            attributes = {"attributes": {"plan": plan}}
            updated_at = at + timedelta(days=chance.random() * 12)
            told.append(
                (
                    day + chance.random() * 25,
                    {
                        "id": f"update-{n}",
                        "type": "update",
                        "at": updated_at.isoformat(),
                        "person": person(name, **attributes),
                    },
                )
            )
        if chance.random() < 0.85:
            orders = chance.choice((1, 1, 2))
            for m in range(orders):
                bought = day + 1 + chance.random() * 10 + 9 * m
                order, amount = f"o{n}-{m}", f"{chance.randrange(1000, 12000) / 100:.2f}"
                happens(bought, purchase(name, START + timedelta(days=bought), amount, order, context=context))
                if chance.random() < 0.3:
                    back = bought + 1 + chance.random() * 30
                    part = f"{float(amount) / chance.choice((1, 2)):.2f}"
                    happens(back, refund(name, START + timedelta(days=back), part, order=order))
    told.sort(key=lambda pair: pair[0])
    return [event for _, event in told]
