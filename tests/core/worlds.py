"""Which little worlds are properties tried on? Programs without and with scarce things, and the events of a few people."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from goodword.scenarios.player import CorePlayer
from goodword.scenarios.programs import from_block

# The same examples on every machine and every run; a new seed is a deliberate act.
CAREFULLY = settings(
    derandomize=True, max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)

START = datetime(2026, 3, 1, tzinfo=UTC)
PUBLISHED = datetime(2025, 1, 1, tzinfo=UTC)
THE_END = START + timedelta(days=2000)
FRIENDS = ("bob", "carol", "erin")
ADVOCATES = ("alice", "mallory")

_FREE = [
    """
promises:
  - {to: advocate, on: first_order, give: {cash: "10.00"}, hold: 14d}
  - {to: friend, on: first_order, give: {percent: {percent: 10, max: "5.00"}}}
screening: off
""",
    """
attribution: {touch: first, window: 10d}
milestones:
  joined: {event: signup}
  first_order: {event: purchase, min: "30.00", first_matching: true, within: 20d of joined}
promises:
  - {to: advocate, on: joined, give: {cash: "1.00"}}
  - {to: advocate, on: first_order, give: {percent: 7}, hold: 5d}
screening: off
""",
    """
attribution: {bind: milestone, methods: [click, code]}
friends: {new: not_for 15d}
milestones:
  joined: {event: signup}
  second_order: {event: purchase, count: 2}
promises: [{to: advocate, on: second_order, give: {percent: 5}}]
screening: off
""",
    """
friends: {new: anyone}
milestones:
  joined: {event: signup}
  first_order: {event: purchase, first_order_decides: true}
  still_here: {moment: 30d after first_order, if: [friend.status == active], grace: 10d}
promises:
  - {to: advocate, on: first_order, give: {cash: "10.00"}, hold: 14d}
  - {to: advocate, on: still_here, give: {percent: 10}}
screening: off
""",
    """
attribution: {bound: lapses after 12d}
advocates: {if: [advocate.status != closed], at: [touch]}
milestones:
  joined: {event: signup}
  first_order: {event: purchase, if: [friend.status == active]}
promises: [{to: advocate, on: first_order, give: {cash: "10.00"}, hold: 3d}]
screening: off
""",
    """
friends: {new: anyone}
milestones:
  joined: {event: signup}
  spent: {counts: purchase, sum: "90.00", days: 2, within: 30d of joined}
  first_order: {event: purchase}
  bigger: {event: purchase, count: 2, if: [order.amount >= first_order.amount]}
  done: {all: [spent, bigger]}
promises:
  - {to: advocate, on: spent, give: {percent: 10}, hold: 5d}
  - {to: friend, on: done, give: {cash: "5.00"}}
screening: off
""",
    """
milestones:
  joined: {event: signup}
  payment: {event: purchase, min: "20.00", repeat: {most: 3}}
promises: [{to: advocate, on: payment, give: {percent: 10}, hold: 5d}]
screening: off
""",
    """
friends: {new: anyone}
milestones:
  joined: {event: signup}
  month_here: {moment: 10d after joined, if: [friend.status != closed], repeat: {most: 4, gap: go_on}}
  stayed: {moment: 20d after joined, pauses: [friend.status == closed], if: [advocate.status != closed], if_late: defer 30d}
  either: {any: [stayed, month_here]}
promises:
  - {to: advocate, on: month_here, give: {cash: "1.00"}}
  - {to: friend, on: stayed, give: {cash: "5.00"}, hold: 3d}
  - {to: advocate, on: either, give: {cash: "2.00"}}
screening: off
""",
    """
advocates: {if: [advocate.referrals <= 2], at: [join]}
promises:
  - {to: advocate, on: joined, give: {cash: "1.00"}}
  - {to: friend, on: first_order, give: {cash: "2.00"}}
milestones:
  joined: {event: signup}
  first_order: {event: purchase, if: [advocate.referrals >= 2]}
screening: off
""",
    """
friends: {new: anyone}
milestones:
  joined: {event: signup, if: [friend.status != closed]}
  first_order: {event: purchase, if: [advocate.referrals >= 1], if_late: defer 20d}
  later: {event: purchase, count: 2, if: [friend.referrals < 1, advocate.orders_in_20d < 2], if_late: defer 30d}
promises:
  - {to: advocate, on: first_order, give: {percent: 10}, hold: 3d}
  - {to: friend, on: later, give: {cash: "2.00"}}
screening: off
""",
    """
runs: {last_milestone: 2026-03-25, notice: 9d}
milestones:
  joined: {event: signup}
  first_order: {event: purchase, within: 20d of joined}
  still_here: {moment: 8d after first_order, if: [friend.status != closed]}
promises:
  - {to: advocate, on: first_order, give: {cash: "10.00"}, hold: 3d}
  - {to: friend, on: still_here, give: {percent: 10}}
screening: off
""",
]
_SCARCE = [
    """
budget: {amount: "60.00"}
promises:
  - {to: advocate, on: first_order, give: {percent: {percent: 20, max: "20.00"}}, hold: 14d, limit: {grants: 2 per month}}
  - {to: friend, on: first_order, give: {cash: "5.00"}}
""",
    """
budget: {amount: "25.00", at_end: while_funds_last}
promises: [{to: advocate, on: first_order, give: {percent: 20}, hold: 14d, limit: {amount: "20.00 per month", edge: partial}}]
""",
    """
budget: {amount: "15.00", reserve: grant}
promises: [{to: advocate, on: first_order, give: {percent: 20}, limit: {amount: "12.00 per lifetime"}}]
""",
    """
budget: {amount: "30.00"}
screening: {hold_at: 30, deny_at: 80}
promises:
  - {to: advocate, on: joined, give: {cash: "2.00"}, limit: {joins: 2 per month}}
  - {to: advocate, on: first_order, give: {cash: "8.00"}, hold: 7d, limit: {grants: 1 per lifetime, over: program}}
""",
]
# Two markets with a currency of their own, points and things that cost: Carol is Swiss.
_ABROAD = [
    """
units: {PTS:club: {name: Club points, cost: [{from: 2025-01-01, each: "0.01"}, {from: 2026-03-20, each: "0.025"}]}}
budget: {amount: "20.00"}
promises:
  - {to: advocate, on: first_order, give: {points: 500}, hold: 9d}
  - {to: friend, on: first_order, give: {cash: "5.00"}}
  - {to: friend, on: joined, give: {product: {name: Bag, cost: "1.50"}}, hold: 3d}
markets:
  DE: {}
  CH:
    currency: CHF
    give: {"friend:first_order": {cash: "6.00"}, "friend:joined": {product: {name: Bag, cost: "1.70"}}}
    budget: "9.00"
""",
    """
units: {PTS:club: {name: Club points, cost: [{from: 2025-01-01, each: "0.015"}, {from: 2026-03-20, each: "0.007"}]}}
budget: {amount: "4.00", at_end: while_funds_last}
promises:
  - {to: advocate, on: first_order, give: {points: {points: 3, per: "1.00"}}, hold: 9d}
  - {to: friend, on: first_order, give: {percent: 5}}
markets:
  DE: {}
  CH: {currency: CHF, give: {advocate: {points: {points: 3, per: "1.00"}}}, budget: "2.50"}
""",
    """
budget: {amount: "12.00", reserve: grant}
promises:
  - to: advocate
    on: first_order
    when: {per: month, apply: whole_period, tiers: [{from: 1, give: {cash: "3.00"}}, {from: 2, give: {cash: "5.00"}}]}
  - {to: friend, on: first_order, when: {by: amount, per: week, tiers: [{from: "0", give: {percent: 10}}]}}
markets:
  DE: {}
  CH:
    currency: CHF
    tiers:
      advocate: [{from: 1, give: {cash: "4.00"}}, {from: 2, give: {cash: "7.00"}}]
      friend: [{from: "0", give: {percent: 5}}, {from: "60.00", give: {percent: 20}}]
    budget: "10.00"
""",
]
# What hangs on many friends, and on each occurrence; the places of "from here on" are claims and not among them.
_TOGETHER = [
    """
promises:
  - {to: advocate, on: first_order, when: {nth: 2, per: month}, give: {cash: "10.00"}, hold: 7d}
  - {to: advocate, on: first_order, when: {every: 2, shrinks: take_back}, give: {voucher: "4.00"}}
screening: off
""",
    """
timezone: Asia/Tokyo
milestones: {joined: {event: signup}, first_order: {event: purchase, repeat: {most: 3}}}
promises:
  - to: advocate
    on: first_order
    when: {by: amount, per: week, apply: whole_period, tiers: [{from: "0", give: {percent: 10}}, {from: "60.00", give: {percent: 15}}]}
  - {to: friend, on: first_order, give: {cash: "1.00"}, hold: 3d}
screening: off
""",
    """
stacking: {promises: best}
promises:
  - to: advocate
    on: first_order
    when: {per: week, apply: slice, tiers: [{from: 1, give: {cash: "5.00"}}, {from: 2, give: {cash: "9.00"}}]}
  - {to: friend, on: first_order, give: [{if: [order.net >= 60.00], cash: "6.00"}, {cash: "2.00"}]}
  - {to: friend, on: first_order, give: {percent: {percent: 5}}}
screening: off
""",
]
FREE_PROGRAMS = [from_block(text, PUBLISHED) for text in (*_FREE, *_TOGETHER)]
SINGLE_PROGRAMS = FREE_PROGRAMS[: len(_FREE)]  # what each friend brings hangs on no other friend
SCARCE_PROGRAMS = [from_block(text, PUBLISHED) for text in _SCARCE]
ABROAD_PROGRAMS = [from_block(text, PUBLISHED) for text in _ABROAD]

Raw = dict[str, Any]


def published(document: Raw) -> CorePlayer:
    """A player with the program live and the codes of the advocates handed out."""
    player = CorePlayer()
    player.publish(copy.deepcopy(document), PUBLISHED)
    for n, name in enumerate((*ADVOCATES, *FRIENDS), 1):
        at = PUBLISHED + timedelta(seconds=n)
        player.deliver(
            {
                "id": f"c{n}",
                "type": "code_issued",
                "at": at.isoformat(),
                "code": name,
                "person": {"id": name},
                "act": {},
            },
            at,
        )
    return player


def deliver(player: CorePlayer, arrivals: Iterable[tuple[Raw, datetime]]) -> CorePlayer:
    """Everything arrives in this order, then time runs to the end."""
    for raw, received_at in arrivals:
        player.deliver(raw, received_at)
    player.run_until(THE_END)
    return player


_moments = st.integers(0, 40 * 24 * 4).map(lambda quarter: START + timedelta(minutes=15 * quarter))
_amounts = st.sampled_from(["10.00", "29.99", "30.00", "49.95", "60.00", "120.00"])
_codes = st.sampled_from([None, None, "ALICE", "MALLORY", "BOB", "NOSUCH"])


@st.composite
def _event(draw: st.DrawFn) -> Raw:
    friend = draw(st.sampled_from(("bob", "bob", *FRIENDS)))
    person = {"person": {"id": friend}, "visitor": f"browser-of-{friend}"}
    kind = draw(
        st.sampled_from(
            ["click", "click", "signup", "purchase", "purchase", "purchase", "refund", "cancel", "dispute", "update"]
        )
    )
    if kind == "click":
        return {"type": kind, "visitor": person["visitor"], "code": draw(st.sampled_from(["ALICE", "MALLORY", "BOB"]))}
    if kind == "update":
        who = draw(st.sampled_from((*FRIENDS, *ADVOCATES)))
        status = draw(st.sampled_from(["active", "closed"]))
        return {"type": kind, "person": {"id": who, "attributes": {"status": status}}}
    raw: Raw = {"type": kind, **person}
    if kind == "signup":
        code = draw(_codes)
        return raw | ({"code": code} if code else {})
    order = {"id": f"{friend}-{draw(st.integers(1, 2))}"}
    if kind == "dispute":
        return raw | {"type": f"dispute_{draw(st.sampled_from(['opened', 'lost', 'won']))}", "order": order}
    if kind == "cancel":
        return raw | {"cancels": "order", "order": order}
    code = draw(_codes) if kind == "purchase" else None
    return raw | {"order": order | {"amount": draw(_amounts), "currency": "EUR"}} | ({"code": code} if code else {})


@st.composite
def histories(draw: st.DrawFn, most: int = 16) -> list[Raw]:
    """Events of a few people over two months, in canonical order of time, each with its own moment."""
    moments = sorted(draw(st.lists(_moments, min_size=6, max_size=most, unique=True)))
    return [draw(_event()) | {"id": f"e{n}", "at": at.isoformat()} for n, at in enumerate(moments)]


def abroad(history: list[Raw]) -> list[Raw]:
    """The same events with the countries of those who did them, and their money."""
    found = []
    for raw in history:
        name = raw.get("person", {}).get("id")
        if name in FRIENDS and raw["type"] == "signup":
            raw = raw | {"person": raw["person"] | {"address": {"country": "CH" if name == "carol" else "DE"}}}
        if name == "carol" and "amount" in raw.get("order", {}):
            raw = raw | {"order": raw["order"] | {"currency": "CHF"}}
        found.append(raw)
    return found


def _version(min_minor: str, advocate: str, friend: str) -> Raw:
    text = f"""
friends: {{new: anyone}}
attribution: {{promise_days: 12}}
milestones: {{joined: {{event: signup}}, first_order: {{event: purchase, min: "{min_minor}"}}}}
promises:
  - {{to: advocate, on: first_order, give: {{cash: "{advocate}"}}}}
  - {{to: friend, on: first_order, give: {{cash: "{friend}"}}, hold: 3d}}
screening: off
"""
    return from_block(text, PUBLISHED)


# Versions of one program and the days on which they go live: less for the advocate, then a higher minimum, then more, then
# less for a smaller order too, so that the order decides which of the last two is the better one.
VERSIONS = [(_version("20.00", "9.00", "1.00"), -1), (_version("20.00", "5.00", "2.00"), 5)]
VERSIONS += [(_version("40.00", "5.00", "3.00"), 13), (_version("40.00", "6.00", "1.00"), 26)]
VERSIONS += [(_version("20.00", "5.50", "2.00"), 32)]


@st.composite
def shares(draw: st.DrawFn) -> list[Raw]:
    """Links that advocates shared."""
    moments = draw(st.lists(_moments, max_size=4, unique=True))
    who = st.sampled_from((*ADVOCATES, "bob"))
    raws = [{"type": "share", "person": {"id": draw(who)}, "at": at.isoformat()} for at in moments]
    return [raw | {"id": f"s{n}"} for n, raw in enumerate(raws)]


def on_time(history: list[Raw]) -> list[tuple[Raw, datetime]]:
    """Every event arrives when it happens."""
    return [(raw, datetime.fromisoformat(raw["at"])) for raw in history]


@st.composite
def late_arrivals(draw: st.DrawFn, history: list[Raw]) -> list[tuple[Raw, datetime]]:
    """The same events, some of them hours to months late, in the order in which they arrive."""
    delays = st.sampled_from([0, 0, 1, 30, 24 * 3, 24 * 9, 24 * 20, 24 * 70])
    arrivals = [(raw, at + timedelta(hours=draw(delays))) for raw, at in on_time(history)]
    return sorted(draw(st.permutations(arrivals)), key=lambda arrival: arrival[1])
