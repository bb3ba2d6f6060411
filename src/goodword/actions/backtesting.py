"""What would a draft have decided on what really happened? The recorded history is folded anew under it; nothing is written.

One side is what stands in the database. The other is the same log in the same order, with the draft in the place of the
program's versions: of all of them, or of those since a day. What people did meanwhile (reviews, sent rewards) they do again.
Where the draft changes nothing but sums, and no sum ever decided anything, the record itself tells what they come to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
import psycopg

from goodword.actions.by_record import by_record
from goodword.actions.drain import no_garbage_rounds
from goodword.catalog import SHELVES
from goodword.core.comparison import Comparison, compare, counts
from goodword.core.decide import Lane
from goodword.core.events import Event
from goodword.core.recorded import Recorded, read_recorded
from goodword.core.repricing import DecidedAnew
from goodword.core.situation import Situation
from goodword.core.splitting import part_of
from goodword.core.terms import Terms
from goodword.errors import BadInput
from goodword.store.recompute import StoredRow, erased_parties, stored_rows
from goodword.store.sql.vault import Vault

PROGRESS_EVERY = 1_000
_PIECE_ROWS = 2_000
_BUDGET_IS_OVER = frozenset({"budget_ended", "funds_ended", "paid_from_overrun"})

Progress = Callable[[int, int], bool]  # (decisions done, of how many) -> whether to go on


class Backtest(msgspec.Struct):
    """The outcome over `events`; `left_out` people were erased, so of them nothing can be said.

    `anew` says why every event was decided anew; '' where the record itself could tell.
    """

    comparison: Comparison
    events: int
    left_out: int
    budget_ended_at: datetime | None  # when the draft's budget first refused somebody
    until: datetime | None
    anew: str = ""


class Cancelled(Exception):
    """Whoever watched said stop; nothing was kept."""


def backtest(
    conn: psycopg.Connection[Any],
    vault: Vault,
    client_id: str,
    document: dict[str, Any],
    terms: Terms,
    *,
    since: datetime | None = None,
    progress: Progress = lambda done, of: True,
) -> Backtest:
    """Judge history by a draft, in a transaction of the database that cannot write.

    `since`: touches before it keep the version they had, as a publication then would have left them. Raises BadInput where
    the program was never live: there is no history of it.
    """
    with _reading(conn):
        total = decisions_on_record(conn, client_id)
        erased = frozenset(erased_parties(conn, client_id))
        try:
            found = _recorded(conn, vault, client_id, terms, since, erased, partial(_go_on, progress, total))
        except DecidedAnew as why:
            found = _folded(conn, vault, client_id, document, terms, since, erased, partial(_go_on, progress, total))
            found.anew = str(why)
        progress(total, total)
    return found


def folded(
    conn: psycopg.Connection[Any],
    vault: Vault,
    client_id: str,
    document: dict[str, Any],
    terms: Terms,
    *,
    since: datetime | None = None,
) -> Backtest:
    """The same with every event decided anew, whatever the record could tell."""
    with _reading(conn):
        erased = frozenset(erased_parties(conn, client_id))
        return _folded(conn, vault, client_id, document, terms, since, erased, lambda done: None)


def decisions_on_record(conn: psycopg.Connection[Any], client_id: str) -> int:
    """How many decisions about the client there are."""
    row = conn.execute("SELECT decision_seq FROM lane WHERE client_id = %s::uuid", (client_id,)).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _reading(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """One view of the whole history, in a transaction that cannot write."""
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _go_on(progress: Progress, total: int, done: int) -> None:
    if not progress(done, total):
        raise Cancelled


def _recorded(
    conn: psycopg.Connection[Any],
    vault: Vault,
    client_id: str,
    terms: Terms,
    since: datetime | None,
    erased: frozenset[str],
    go_on: Callable[[int], None],
) -> Backtest:
    """As the record tells it. Raises DecidedAnew where it cannot."""
    row = conn.execute(
        "SELECT clock FROM decision WHERE client_id = %s::uuid ORDER BY seq DESC LIMIT 1", (client_id,)
    ).fetchone()
    if row is None:
        raise DecidedAnew("Nothing is on record.")
    with no_garbage_rounds():  # some seconds, and no cycles: looking for garbage would take as long again
        found = by_record(conn, vault, client_id, terms, since=since, until=row[0], leave_out=erased, go_on=go_on)
    logged = conn.execute(
        "SELECT count(*) FROM decision WHERE client_id = %s::uuid AND event_id IS NOT NULL", (client_id,)
    ).fetchone()
    return Backtest(found, int(logged[0]) if logged else 0, len(erased), None, row[0])


def _folded(
    conn: psycopg.Connection[Any],
    vault: Vault,
    client_id: str,
    document: dict[str, Any],
    terms: Terms,
    since: datetime | None,
    erased: frozenset[str],
    go_on: Callable[[int], None],
) -> Backtest:
    """As the log tells it, decided anew."""
    play = _Play(document, terms, since)
    # Whose browser an erased person used is not known any more: then every click is looked at.
    rows = stored_rows(conn, vault, client_id, nobodys_clicks=bool(erased))
    for done, row in enumerate(rows, start=1):
        if done % PROGRESS_EVERY == 0:
            go_on(done)
        play.receive(row)
    if not play.is_published:
        raise BadInput(
            f"Nothing is on record for the program {terms.program!r}.",
            "A backtest judges what happened while a version of it was live"
            + (f", and none was since {since:%Y-%m-%d}." if since else "."),
            "Test a program that has been live, or an earlier day.",
        )
    situation = play.lane.situation
    compared = partial(counts, program=terms.program, since=since, leave_out=erased)
    before, after = _stored_referrals(conn, client_id), situation.referrals.values()
    found = compare(filter(compared, before), filter(compared, after), part_of=partial(part_of, situation))
    return Backtest(found, play.events, len(erased), play.budget_ended_at, play.clock)


class _Play:
    """The other history: the draft takes the place of the versions it replaces, all else happens as it did."""

    def __init__(self, document: dict[str, Any], terms: Terms, since: datetime | None) -> None:
        self.lane = Lane(Situation(SHELVES))
        self.is_published = False
        self.events = 0
        self.clock: datetime | None = None
        self.budget_ended_at: datetime | None = None
        self._document = document
        self._terms = terms
        self._since = since
        self._last_publish: Event | None = None

    def receive(self, row: StoredRow) -> None:
        """One stored decision's place in time: what came due by then, then its event if it had one."""
        self.clock = row.clock
        if self._since and not self.is_published and self._last_publish and row.clock >= self._since:
            self._publish(self._last_publish, self._since)
        self._follow(self.lane.advance(row.clock))
        self.events += row.event is not None or row.is_nobodys
        if row.event is None:
            return
        if row.event.type == "publish" and self._is_of_program(row.event):
            self._published(row.event, row.clock)
        else:
            self._decide(row.event, row.clock)

    def _published(self, event: Event, clock: datetime) -> None:
        live_from = datetime.fromisoformat(event.act["live_from"])
        if self._since and live_from < self._since:
            self._last_publish = event
            self._decide(event, clock)
        elif not self.is_published:
            self._publish(event, max(live_from, self._since) if self._since else live_from)

    def _publish(self, instead_of: Event, live_from: datetime) -> None:
        number = int(instead_of.act["version"]) + (0 if instead_of is not self._last_publish else 1)
        act = {"document": self._document, "version": number, "live_from": live_from.isoformat()}
        self._decide(msgspec.structs.replace(instead_of, id=f"{'0' * 31}1", act=act), self.clock or live_from)
        self.is_published = True

    def _decide(self, event: Event, clock: datetime) -> None:
        situation = self.lane.situation
        situation.clock = max(situation.clock, clock) if situation.clock else clock
        self._follow(self.lane.receive(event, clock))

    def _follow(self, decisions: Iterator[Any]) -> None:
        for decision in decisions:
            if self.is_published and self.budget_ended_at is None and any(
                referral.program == self._terms.program
                and any(reason.code in _BUDGET_IS_OVER for reason in referral.reasons)
                for referral in decision.referrals
            ):
                self.budget_ended_at = decision.clock

    def _is_of_program(self, event: Event) -> bool:
        document = event.act.get("document")
        return isinstance(document, dict) and document.get("program") == self._terms.program


def _stored_referrals(conn: psycopg.Connection[Any], client_id: str) -> Iterator[Recorded]:
    """One after another: beside the history that was folded anew, the recorded one need not stand in memory too."""
    with conn.cursor("recorded") as rows:
        rows.itersize = _PIECE_ROWS
        rows.execute("SELECT body FROM referral WHERE client_id = %s::uuid", (client_id,))
        for (body,) in rows:
            yield read_recorded(body)
