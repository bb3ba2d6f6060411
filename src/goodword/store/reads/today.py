"""What is due with several clients? One bounded query a kind for all of them; sums come from rollups, moments from indexes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import msgspec
from django.db import connection

from goodword.catalog import SHELVES
from goodword.core.payouts import paid_out_by
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.store.reads.deadlines import DEADLINE

MOST_COUNTED = 1_000  # of what is counted row by row

Money = tuple[tuple[str, int], ...]  # (asset, minor units)


@dataclass(frozen=True)
class Pile:
    """Work of one kind with one client: how much of it, since when the oldest waits, the money at stake.

    `first` is the id of what comes first; `at` is the moment from which its time is reckoned, or by which it is promised.
    """

    client_id: str
    n: int
    at: datetime | None
    first: str = ""
    name: str = ""
    money: Money = ()


def clocks(clients: Sequence[str]) -> dict[str, datetime]:
    """The moment at which a client's clock is held; whose clock runs is not named."""
    rows = _rows(
        "SELECT client_id, held_at FROM lane WHERE client_id = ANY(%s::uuid[]) AND held_at IS NOT NULL", clients
    )
    return {client.hex: held_at for client, held_at in rows}


# Waits for an answer by the client's clock, else by the wall's: true of the row `r`.
_WAITS = (
    "EXISTS (SELECT FROM review_pause u WHERE u.client_id = r.client_id AND u.referral_id = r.id"
    " AND u.until > coalesce((SELECT held_at FROM lane l WHERE l.client_id = r.client_id), now()))"
)
# What its clock stood still for is added to the moment from which its time is reckoned.
_SINCE = (
    "r.state_at + make_interval(secs => coalesce((SELECT u.paused_seconds FROM review_pause u"
    " WHERE u.client_id = r.client_id AND u.referral_id = r.id), 0))"
)


def held(clients: Sequence[str]) -> tuple[Pile, ...]:
    """Referrals that wait for a person's look and for nothing else, with all the rewards that wait for a look."""
    rows = _rows(
        "SELECT c.id, first.id, first.since, sums.n - beside.n, sums.assets, sums.minors FROM unnest(%s::uuid[]) AS c(id)"
        f" CROSS JOIN LATERAL (SELECT r.id, {_SINCE} AS since FROM referral r WHERE r.client_id = c.id AND r.state = 'held'"
        f" AND NOT {_WAITS} ORDER BY r.created_at, r.id LIMIT 1) first"
        f" CROSS JOIN LATERAL ({_sums('stand:held:', 'due:in_review')}) sums"
        " CROSS JOIN LATERAL (SELECT count(*) AS n FROM review_pause p JOIN referral r ON r.client_id = p.client_id"
        f" AND r.id = p.referral_id AND r.state = 'held' WHERE p.client_id = c.id AND {_WAITS}) beside",
        clients,
    )
    return tuple(
        Pile(client.hex, n, since, first.hex, money=_money(assets, minors))
        for client, first, since, n, assets, minors in rows
    )


def handed(clients: Sequence[str], user_id: str) -> tuple[Pile, ...]:
    """Held referrals that a colleague asked this person to decide, since the first was; the riskiest comes first."""
    rows = _rows(
        "SELECT h.client_id, (array_agg(r.id ORDER BY r.points DESC, r.id DESC))[1], min(h.at), count(*)"
        " FROM review_handover h JOIN referral r ON r.client_id = h.client_id AND r.id = h.referral_id AND r.state = 'held'"
        f" WHERE h.client_id = ANY(%s::uuid[]) AND h.to_user_id = %s::uuid AND NOT {_WAITS} GROUP BY 1",
        clients,
        user_id,
    )
    return tuple(Pile(client.hex, n, at, first.hex) for client, first, at, n in rows)


def payable(clients: Sequence[str]) -> tuple[Pile, ...]:
    """Rewards that may leave the house; the first of them is promised by `at`, as the terms that promised it say.

    Under the same terms the first to become payable is the first that is promised, so one of each version is looked at,
    among the oldest of a program.
    """
    rows = _rows(
        "SELECT c.id, v.document, v.number, v.live_from, first.referral_id, first.at, sums.n, sums.assets, sums.minors"
        " FROM unnest(%s::uuid[]) AS c(id) CROSS JOIN LATERAL ("
        "SELECT program_id FROM rollup WHERE client_id = c.id AND metric = 'due:payable' AND NOT starts_with(asset, 'PTS:')"
        " GROUP BY program_id HAVING sum(n) > 0) p CROSS JOIN LATERAL ("
        "SELECT DISTINCT ON (r.version) r.version, greatest(w.due_at, w.granted_at) AS at, w.referral_id FROM ("
        "SELECT referral_id, due_at, granted_at FROM reward WHERE client_id = c.id AND program_id = p.program_id"
        f" AND state = 'payable' AND NOT starts_with(asset, 'PTS:') ORDER BY due_at LIMIT {MOST_COUNTED}) w"
        " JOIN referral r ON r.client_id = c.id AND r.id = w.referral_id ORDER BY r.version, at) first"
        f" CROSS JOIN LATERAL ({_sums('due:payable', 'due:payable', 'PTS:')}) sums LEFT JOIN program_version v"
        " ON v.client_id = c.id AND v.program_id = p.program_id AND v.number = first.version",
        clients,
    )
    found: dict[str, Pile] = {}
    for client, document, number, live_from, first, at, n, assets, minors in rows:
        by = paid_out_by(at, _terms(document, number, live_from) if document and live_from else None)
        known = found.get(client.hex)
        if known is None or known.at is None or by < known.at:
            found[client.hex] = Pile(client.hex, n, by, first.hex, money=_money(assets, minors))
    return tuple(found.values())


@lru_cache(maxsize=256)
def _terms(document: str, number: int, live_from: datetime) -> Terms | None:
    """A published version, which never changes; None where this one cannot be read any more."""
    read = read_terms(msgspec.json.decode(document), SHELVES, version=number, live_from=live_from)
    return read if isinstance(read, Terms) else None


def dead_letters(clients: Sequence[str]) -> tuple[Pile, ...]:
    """Events that could not be decided and that nobody asked to try again yet."""
    rows = _rows(
        "SELECT c.id, open.n, open.at, open.first FROM unnest(%s::uuid[]) AS c(id) CROSS JOIN LATERAL ("
        "SELECT count(*) AS n, min(d.at) AS at, (array_agg(d.id ORDER BY d.at, d.id))[1] AS first FROM ("
        "SELECT id, at FROM dead_letter WHERE client_id = c.id AND resolved_at IS NULL AND retry_at IS NULL"
        f" AND reason <> 'at_in_future' ORDER BY at LIMIT {MOST_COUNTED + 1}) d) open WHERE open.n > 0",
        clients,
    )
    return tuple(Pile(client.hex, n, at, first.hex) for client, n, at, first in rows)


def drafts(clients: Sequence[str]) -> tuple[Pile, ...]:
    """Programs with a version that nobody published yet, newest version first; `name` is the program, `first` its own name."""
    rows = _rows(
        "SELECT v.client_id, count(*), p.slug, p.name FROM program_version v"
        " JOIN program p ON p.client_id = v.client_id AND p.id = v.program_id"
        " WHERE v.client_id = ANY(%s::uuid[]) AND v.state IN ('draft', 'tested') GROUP BY v.client_id, p.slug, p.name"
        f" ORDER BY p.name LIMIT {MOST_COUNTED}",
        clients,
    )
    return tuple(Pile(client.hex, n, None, slug, name) for client, n, slug, name in rows)


def running_out(clients: Sequence[str], moments: Sequence[tuple[datetime, datetime]]) -> tuple[Pile, ...]:
    """Friends under way whose time ends between two moments, given a client."""
    begins, ends = [one[0] for one in moments], [one[1] for one in moments]
    rows = _rows(
        "SELECT c.id, due.n, due.at, due.first FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[])"
        " AS c(id, begins, ends) CROSS JOIN LATERAL ("
        "SELECT count(*) AS n, min(r.at) AS at, (array_agg(r.id ORDER BY r.at, r.id))[1] AS first FROM ("
        f"SELECT id, {DEADLINE} AS at FROM referral WHERE client_id = c.id AND next_due_at > c.begins AND"
        f" next_due_at <= c.ends AND state IN ('joined', 'waiting') ORDER BY next_due_at LIMIT {MOST_COUNTED + 1}) r"
        " WHERE r.at <= c.ends) due WHERE due.n > 0",
        clients,
        begins,
        ends,
    )
    return tuple(Pile(client.hex, n, at, first.hex) for client, n, at, first in rows)


def _sums(counted: str, paid: str, without: str = "-") -> str:
    """How many rows one metric counts, and the money that another one sums, for client `c.id`; no assets that begin so."""
    return (
        f"SELECT coalesce(sum(n) FILTER (WHERE starts_with(metric, '{counted}')), 0)::bigint AS n,"
        f" array_agg(asset) FILTER (WHERE metric = '{paid}') AS assets,"
        f" array_agg(amount_minor) FILTER (WHERE metric = '{paid}') AS minors"
        " FROM (SELECT metric, asset, sum(n) AS n, sum(amount_minor)::bigint AS amount_minor FROM rollup"
        f" WHERE client_id = c.id AND (starts_with(metric, '{counted}') OR metric = '{paid}')"
        f" AND NOT starts_with(asset, '{without}') GROUP BY metric, asset) own"
    )


def _money(assets: list[str] | None, minors: list[int] | None) -> Money:
    return tuple((asset, minor) for asset, minor in sorted(zip(assets or (), minors or (), strict=True)) if minor)


def _rows(sql: str, clients: Sequence[str], *more: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, (list(clients), *more))
        return cast("list[tuple[Any, ...]]", cursor.fetchall())
