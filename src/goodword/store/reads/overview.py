"""Is it working? The sums of a period, of the one before it, and of what is owed now: all from rollups, in two queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from django.db import connection

from goodword.core.referral import STANDING
from goodword.store.models import Program

CUSTOMER_STATES = ("qualified", "held", "rewarded")  # the friend did what the program asks, and it stands
NOW, BEFORE, AROUND = "now", "before", "around"

Asset = str
Money = dict[Asset, int]  # minor units by asset


@dataclass(frozen=True)
class Asked:
    """Which days: the period, the one it is compared with, and the trend around it; each end is the first day after."""

    begin: date
    end: date
    before_begin: date
    before_end: date
    trend_begin: date
    grain: str  # day | week | month
    program_id: str = ""


@dataclass
class Sums:
    """What one stretch of days adds up to. Referrals are counted at the day on which the friend joined, as they stand now."""

    stand: Counter[tuple[str, str]] = field(default_factory=Counter)  # (state, method) -> referrals
    given: Money = field(default_factory=dict)
    stopped: Money = field(default_factory=dict)
    stopped_rewards: int = 0
    sent: int = 0
    sent_seconds: int = 0
    clicks: int = 0
    shares: int = 0
    owed_moved: Money = field(default_factory=dict)

    @property
    def referrals(self) -> int:
        """All friends who joined."""
        return sum(self.stand.values())

    def in_states(self, states: Iterable[str], method: str | None = None) -> int:
        """Those of them who stand in one of these states now."""
        wanted = set(states)
        return sum(n for (state, how), n in self.stand.items() if state in wanted and method in (None, how))

    @property
    def customers(self) -> int:
        """Those who became customers and still are."""
        return self.in_states(CUSTOMER_STATES)

    @property
    def states(self) -> Counter[str]:
        """Referrals by state."""
        found: Counter[str] = Counter()
        for (state, _method), n in self.stand.items():
            found[state] += n
        return found

    @property
    def methods(self) -> tuple[str, ...]:
        """How friends came, the most frequent way first."""
        found: Counter[str] = Counter()
        for (_state, method), n in self.stand.items():
            found[method] += n
        return tuple(method for method, n in found.most_common() if n)

    @property
    def seconds_to_reward(self) -> int | None:
        """The mean time from the deed that earned a reward until it was sent; None: none was sent."""
        return round(self.sent_seconds / self.sent) if self.sent else None


@dataclass(frozen=True)
class Liability:
    """What is owed: by the ledger, and line by line (state, month in which it comes due, asset) -> rewards, sum."""

    owed: Money
    lines: dict[tuple[str, date, Asset], tuple[int, int]]

    @property
    def netted(self) -> Money:
        """What the lines say beyond the ledger: rewards that were netted against what people owe back."""
        found: Counter[Asset] = Counter()
        for (_state, _month, asset), (_n, minor) in self.lines.items():
            found[asset] += minor
        found.subtract(self.owed)
        return {asset: minor for asset, minor in found.items() if minor}


@dataclass(frozen=True)
class Overview:
    """All numbers of the page."""

    now: Sums
    before: Sums
    trend: dict[date, Sums]
    cohorts: dict[date, dict[int, int]]  # joined in -> weeks until the first reward was earned -> friends
    liability: Liability
    is_empty: bool  # nothing was ever counted for this client


def programs(client_id: str) -> tuple[tuple[str, str, str], ...]:
    """(id, own name, name) of every program of the client."""
    rows = Program.objects.of(client_id).order_by("name").values_list("id", "slug", "name")
    return tuple((id.hex, slug, name) for id, slug, name in rows)


def overview(client_id: str, asked: Asked) -> Overview:
    """Everything that the page says."""
    parts: dict[str, Sums] = {NOW: Sums(), BEFORE: Sums()}
    trend: dict[date, Sums] = {}
    cohorts: dict[date, dict[int, int]] = {}
    for part, bucket, metric, asset, n, minor in _moving(client_id, asked):
        kind, _, rest = metric.partition(":")
        if kind == "after":
            if part == NOW:
                cohorts.setdefault(bucket, {})[int(rest)] = n
            continue
        if part in parts:
            _add(parts[part], kind, rest, asset, n, minor)
        if part == NOW or bucket >= asked.trend_begin:
            _add(trend.setdefault(bucket, Sums()), kind, rest, asset, n, minor)
    liability, is_empty = _owed(client_id, asked)
    return Overview(parts[NOW], parts[BEFORE], dict(sorted(trend.items())), cohorts, liability, is_empty)


def _moving(client_id: str, asked: Asked) -> list[tuple[str, date, str, str, int, int]]:
    """Sums of the days that the page looks at, grouped by part and step of the trend."""
    begin = min(asked.before_begin, asked.trend_begin)
    sql = (
        f"SELECT CASE WHEN day >= %s THEN '{NOW}' WHEN day >= %s AND day < %s THEN '{BEFORE}' ELSE '{AROUND}' END,"
        " date_trunc(%s, day)::date, metric, asset, sum(n)::bigint, sum(amount_minor)::bigint FROM rollup"
        " WHERE client_id = %s::uuid AND day >= %s AND day < %s AND (%s = '' OR program_id = nullif(%s, '')::uuid)"
        " AND (starts_with(metric, 'stand:') OR starts_with(metric, 'given:') OR starts_with(metric, 'after:')"
        " OR starts_with(metric, 'event:') OR metric IN ('stopped', 'sent_after', 'owed'))"
        " GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 OR sum(amount_minor) <> 0"
    )
    values = (
        asked.begin, asked.before_begin, asked.before_end, asked.grain, client_id, begin, asked.end, asked.program_id,
        asked.program_id,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cast("list[tuple[str, date, str, str, int, int]]", cursor.fetchall())


def _add(sums: Sums, kind: str, rest: str, asset: str, n: int, minor: int) -> None:
    if kind == "stand":
        state, _, method = rest.partition(":")
        sums.stand[(state, method)] += n
    elif kind == "given" and rest in STANDING:
        sums.given[asset] = sums.given.get(asset, 0) + minor
    elif kind == "stopped":
        sums.stopped[asset] = sums.stopped.get(asset, 0) + minor
        sums.stopped_rewards += n
    elif kind == "sent_after":
        sums.sent += n
        sums.sent_seconds += minor
    elif kind == "owed":
        sums.owed_moved[asset] = sums.owed_moved.get(asset, 0) + minor
    elif kind == "event" and rest == "click":
        sums.clicks += n
    elif kind == "event" and rest == "share":
        sums.shares += n


def _owed(client_id: str, asked: Asked) -> tuple[Liability, bool]:
    """What is owed as of now, whatever the period; and whether anything was ever counted."""
    sql = (
        "SELECT metric, CASE WHEN metric = 'owed' THEN NULL ELSE date_trunc('month', day)::date END, asset,"
        " sum(n)::bigint, sum(amount_minor)::bigint FROM rollup"
        " WHERE client_id = %s::uuid AND (%s = '' OR program_id = nullif(%s, '')::uuid)"
        " AND (starts_with(metric, 'due:') OR metric IN ('owed', 'referral')) GROUP BY 1, 2, 3"
    )
    owed: Money = {}
    lines: dict[tuple[str, date, Asset], tuple[int, int]] = {}
    is_empty = True
    with connection.cursor() as cursor:
        cursor.execute(sql, (client_id, asked.program_id, asked.program_id))
        for metric, month, asset, n, minor in cursor.fetchall():
            if metric == "owed":
                owed[asset] = minor
            elif metric == "referral":
                is_empty = False
            elif n or minor:
                lines[(metric.removeprefix("due:"), month, asset)] = (n, minor)
    return Liability({asset: minor for asset, minor in owed.items() if minor}, lines), is_empty
