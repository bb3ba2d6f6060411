"""Which rows add up to a number of the overview? Referrals and rewards behind it, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from django.db import connection

from goodword.core.referral import REFERRAL_MOVES, REWARD_MOVES, STANDING
from goodword.store.figures import OWED
from goodword.store.reads.overview import CUSTOMER_STATES
from goodword.store.reads.people import Person, people

# name -> (whether rewards and not referrals are listed, states that count)
NUMBERS: dict[str, tuple[bool, tuple[str, ...]]] = {
    "referrals": (False, tuple(REFERRAL_MOVES)),
    "customers": (False, CUSTOMER_STATES),
    "earned": (False, tuple(REFERRAL_MOVES)),
    "denied": (False, ("denied",)),
    "given": (True, tuple(sorted(STANDING))),
    "owed": (True, tuple(sorted(OWED))),
    "sent": (True, ("sent",)),
    "stopped": (True, ("voided",)),
}
# Whole weeks from the join until the first reward was earned, as they are counted (store/figures).
_WEEKS = (
    "(SELECT floor(extract(epoch FROM min((one ->> 'milestone_at')::timestamptz) - r.bound_at) / 604800)"
    " FROM jsonb_array_elements(coalesce(r.body::jsonb -> 'rewards', '[]'::jsonb)) one"
    " WHERE one ->> 'state' IN ('" + "', '".join(sorted(STANDING)) + "'))"
)
EVER = 10_000  # weeks
_COLUMNS = (
    "r.id, r.friend_id, r.advocate_id, p.name, r.state, r.method, r.bound_at, w.id, w.payee_id, w.role, w.state,"
    " w.asset, w.amount_minor, w.due_at, w.state_at, w.granted_at"
)


@dataclass(frozen=True)
class Behind:
    """Which number, narrowed to what; `begin` is the first day, `end` the first day after, in `zone`. None: all days."""

    number: str
    begin: date | None = None
    end: date | None = None
    program_id: str = ""
    state: str = ""
    method: str = ""
    zone: tzinfo = UTC
    weeks: tuple[int, int] | None = None  # from the join to the first reward that still stands, both inclusive

    @property
    def is_of_rewards(self) -> bool:
        """Whether its rows are rewards."""
        return NUMBERS[self.number][0]

    @property
    def is_known(self) -> bool:
        """Whether the states asked for exist."""
        return not self.state or self.state in (REWARD_MOVES if self.is_of_rewards else REFERRAL_MOVES)


@dataclass(frozen=True)
class Place:
    """Where a page ends: the moment by which the rows are in order, and the row's id."""

    at: datetime
    id: str


@dataclass(frozen=True)
class Line:
    """A referral, and the reward if rewards are listed."""

    id: str
    referral: str
    state: str
    program: str
    method: str
    joined_at: datetime
    referrer: Person | None
    friend: Person
    asset: str = ""
    amount_minor: int = 0
    reward_state: str = ""
    role: str = ""
    due_at: datetime | None = None
    took_seconds: int = 0


def listed(
    client_id: str, behind: Behind, after: Place | None, size: int, *, masked: bool
) -> tuple[tuple[Line, ...], Place | None]:
    """The rows behind a place, oldest first, and where they end if there are more."""
    ordered = _ordered_by(behind)
    sql, values = _query(client_id, behind, ordered)
    own = "w.id" if behind.is_of_rewards else "r.id"
    if after:
        sql += f" AND ({ordered}, {own}) > (%s, %s::uuid)"
        values += [after.at, after.id]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ordered}, {sql} ORDER BY {ordered}, {own} LIMIT %s", [*values, size + 1])
        rows = cursor.fetchall()
    known = people(client_id, {id.hex for row in rows for id in row[2:4] if id}, masked=masked)
    lines = tuple(_line(row[1:], known) for row in rows[:size])
    return lines, Place(rows[size - 1][0], lines[-1].id) if len(rows) > size else None


def every_line(client_id: str, behind: Behind, *, masked: bool, most: int, piece: int = 500) -> Iterator[Line]:
    """All rows up to `most`, piece by piece."""
    after: Place | None = None
    while most > 0:
        lines, after = listed(client_id, behind, after, min(piece, most), masked=masked)
        yield from lines
        most -= len(lines)
        if after is None:
            return


def _ordered_by(behind: Behind) -> str:
    """The column whose day decides whether a row counts; an index begins with it."""
    return {"owed": "w.due_at", "sent": "w.state_at"}.get(behind.number, "r.bound_at")


def _query(client_id: str, behind: Behind, ordered: str) -> tuple[str, list[Any]]:
    states = [behind.state] if behind.state else list(NUMBERS[behind.number][1])
    reward = "JOIN reward w ON w.client_id = r.client_id AND w.referral_id = r.id"
    none = "LEFT JOIN reward w ON false"
    sql = (
        f"{_COLUMNS} FROM referral r {reward if behind.is_of_rewards else none}"
        " LEFT JOIN program p ON p.client_id = r.client_id AND p.id = r.program_id WHERE r.client_id = %s::uuid"
    )
    values: list[Any] = [client_id]
    if behind.is_of_rewards:
        sql += f" AND w.client_id = %s::uuid AND w.state IN ({', '.join(['%s'] * len(states))})"
        values += [client_id, *states]
    else:
        sql += " AND r.kind <> 'record'"
    if not behind.is_of_rewards and len(states) < len(REFERRAL_MOVES):
        sql += f" AND r.state IN ({', '.join(['%s'] * len(states))})"
        values += states
    if behind.number == "stopped":
        sql += " AND r.state = 'denied'"
    if behind.number == "owed":  # as the index says it
        sql += " AND w.state IN ('pending', 'in_review', 'payable')"
        sql += " AND NOT (w.state = 'payable' AND starts_with(w.asset, 'PTS:'))"  # those lie in wallets
    if behind.number == "earned":
        sql += f" AND {_WEEKS} BETWEEN %s AND %s"
        first, last = behind.weeks or (0, EVER)
        values += [first or -EVER, last]  # earned before the join (a purchase told late) is the first week
    for day, sign in ((behind.begin, ">="), (behind.end, "<")):
        if day:
            sql += f" AND {ordered} {sign} %s"
            values.append(datetime.combine(day, time(), behind.zone))
    for column, value in (("r.program_id", behind.program_id), ("r.method", behind.method)):
        if value:
            sql += f" AND {column} = %s"
            values.append(value)
    return sql, values


def _line(row: tuple[Any, ...], known: dict[str, Person]) -> Line:
    id, friend, advocate, program, state, method, joined_at, reward, _payee, role, reward_state = row[:11]
    asset, amount_minor, due_at, state_at, granted_at = row[11:]
    line = (state, program or "", method, joined_at, known[advocate.hex] if advocate else None, known[friend.hex])
    if reward is None:
        return Line(id.hex, id.hex, *line)
    took = int((state_at - granted_at).total_seconds()) if reward_state == "sent" else 0
    return Line(reward.hex, id.hex, *line, asset, amount_minor, reward_state, role, due_at, took)
