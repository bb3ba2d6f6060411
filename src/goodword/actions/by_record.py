"""What would a draft that changes only sums and shares come to? Told from the referrals on record, without deciding anything anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.catalog import SHELVES
from goodword.core.comparison import Comparison, Pair, counts, gathered
from goodword.core.events import decode_facts
from goodword.core.ledger import budget_account, overrun_account
from goodword.core.recorded import Known, Recorded, read_recorded
from goodword.core.repricing import DecidedAnew, Repricing, is_less_for_referrers, only_sums
from goodword.core.situation import Situation
from goodword.core.splitting import UNKNOWN, Part, part_of, tier_of
from goodword.core.terms import Terms, with_version
from goodword.store.book import Book
from goodword.store.load import attribute_row
from goodword.store.sql.ahead import ahead
from goodword.store.sql.connect import array_literal
from goodword.store.sql.vault import Vault

_PIECE_ROWS = 2_000


def by_record(
    conn: psycopg.Connection[Any],
    vault: Vault,
    client_id: str,
    draft: Terms,
    *,
    since: datetime | None,
    until: datetime,
    leave_out: frozenset[str],
    go_on: Callable[[int], None],
) -> Comparison:
    """Both histories up to `until`, the second with the draft's sums. Raises DecidedAnew where the record cannot tell.

    `go_on` is called with the number of referrals done, and may raise to stop.
    """
    book = Book()
    book.refresh(conn, client_id, SHELVES)
    if draft.program not in book.programs:
        raise DecidedAnew("Nothing of the program is on record.")
    own = sorted((terms for terms in book.versions if terms.program == draft.program), key=lambda one: one.live_from)
    _stopped_by_law(conn, client_id, book.programs[draft.program])
    replaced, number = _replaced(own, since, until)
    _shared_before(conn, client_id, draft, [terms for terms in own if since and terms.live_from < since])
    others = [terms for terms in book.versions if terms.program != draft.program]
    repricing = only_sums(draft, replaced, others, number)
    _carried_by_the_budgets(conn, client_id, draft, replaced, repricing)
    live = msgspec.structs.replace(draft, version=number)
    countries = _Countries(conn, vault, client_id, live)

    def pairs() -> Iterator[Pair]:
        done = 0
        for piece in _pieces(conn, client_id, book.programs[draft.program]):
            compared = [one for one in piece if counts(one, draft.program, since, leave_out)]
            for one in piece if len(compared) < len(piece) else ():
                if not counts(one, draft.program, since, leave_out):
                    repricing.beside(one)
            countries.learn(compared)
            for one in compared:
                yield one, repricing.of(one)
            done += len(piece)
            go_on(done)

    return gathered(pairs(), countries.part_of)


def _stopped_by_law(conn: psycopg.Connection[Any], client_id: str, program_id: str) -> None:
    """A legal stop speaks of one version; the draft would have had another number."""
    row = conn.execute(
        "SELECT FROM program_version WHERE client_id = %s::uuid AND program_id = %s::uuid AND stopped_at IS NOT NULL"
        " LIMIT 1",
        (client_id, program_id),
    ).fetchone()
    if row is not None:
        raise DecidedAnew("A version was stopped by law.")


def _shared_before(conn: psycopg.Connection[Any], client_id: str, draft: Terms, earlier: list[Terms]) -> None:
    """What a referrer shared before the draft's day holds for a while, where it promised the referrer more."""
    if not any(is_less_for_referrers(draft, terms) for terms in earlier):
        return
    if conn.execute("SELECT FROM event WHERE client_id = %s::uuid AND type = 'share' LIMIT 1", (client_id,)).fetchone():
        raise DecidedAnew("A promise that was shared before may still hold.")


def _replaced(own: list[Terms], since: datetime | None, until: datetime) -> tuple[list[Terms], int]:
    """The versions in whose place the draft stands, and the number that it would have had."""
    if [terms.version for terms in own] != sorted(terms.version for terms in own):
        raise DecidedAnew("Versions went live in another order than they were numbered.")
    before = [terms for terms in own if since is not None and terms.live_from < since]
    later = [terms for terms in own if terms not in before and terms.live_from <= until]
    if (since is not None and since > until) or not (before or later):
        raise DecidedAnew("Nothing of the program is on record since then.")
    number = before[-1].version + 1 if before else later[0].version
    return [*before[-1:], *later], number


def _carried_by_the_budgets(
    conn: psycopg.Connection[Any], client_id: str, draft: Terms, replaced: list[Terms], repricing: Repricing
) -> None:
    """What was in use of the budget at its height, grown by as much as any sum grows, still fits: then it decided nothing."""
    if draft.budget is None:
        return
    used, parts, is_overrun = conn.execute(_MOST_USED, {
        "client": client_id, "budget": budget_account(draft.program), "overrun": overrun_account(draft.program),
        "asset": draft.currency,
    }).fetchone() or (0, 0, False)  # fmt: skip
    growth = repricing.growth
    rounding = parts * (growth + 1) / 2 if repricing.are_rounded else 0  # each up, where it was rounded down
    least = min(terms.budget.amount_minor for terms in (draft, *replaced) if terms.budget)
    if is_overrun or growth * int(used or 0) + rounding > least:
        raise DecidedAnew("The budget may have run short.")


_MOST_USED = """
WITH own AS (SELECT id FROM account WHERE client_id = %(client)s::uuid AND name = %(budget)s AND asset = %(asset)s)
SELECT max(used), count(*), EXISTS (SELECT FROM account WHERE client_id = %(client)s::uuid AND name = %(overrun)s)
FROM (SELECT sum(CASE
    WHEN e.phase = 'post' THEN 0
    WHEN e.phase = 'void' OR e.destination_id = own.id THEN -e.amount_minor
    ELSE e.amount_minor END) OVER (ORDER BY e.seq) used
  FROM entry e, own WHERE e.client_id = %(client)s::uuid AND own.id IN (e.source_id, e.destination_id)
  AND e.reason NOT IN ('budget', 'budget_cut')) course
"""


def _pieces(conn: psycopg.Connection[Any], client_id: str, program_id: str) -> Iterator[list[Recorded]]:
    with conn.cursor("recorded") as rows:
        rows.execute(
            "SELECT body FROM referral WHERE client_id = %s::uuid AND program_id = %s::uuid", (client_id, program_id)
        )
        for piece in ahead(iter(lambda: rows.fetchmany(_PIECE_ROWS), [])):
            yield [read_recorded(body) for (body,) in piece]


class _Countries:
    """Where friends were at the binding, for the split by market; learned piece by piece, where anybody said it at all."""

    def __init__(self, conn: psycopg.Connection[Any], vault: Vault, client_id: str, live: Terms) -> None:
        self._conn, self._vault, self._client_id = conn, vault, client_id
        self._situation = Situation(SHELVES)
        self._situation.book = with_version({}, live)
        self._has_tiers = any(promise.ladder for promise in live.promises)
        self._of_people: bool
        self._of_events: bool
        self._of_people, self._of_events = conn.execute(
            "SELECT EXISTS (SELECT FROM attribute WHERE client_id = %(client)s::uuid AND name = 'country'),"
            # No EXISTS: where nobody said it, the whole log is looked through, and that by all cores.
            " (SELECT count(*) > 0 FROM event WHERE client_id = %(client)s::uuid AND type <> 'click'"
            " AND facts LIKE '%%\"country\":%%')",
            {"client": client_id},
        ).fetchone() or (True, True)

    def part_of(self, referral: Known) -> Part:
        """Where a referral of the piece that was learned last belongs."""
        if self._of_people or self._of_events:
            return part_of(self._situation, referral)
        return Part(referral.method, UNKNOWN, tier_of(self._situation, referral) if self._has_tiers else UNKNOWN)

    def learn(self, piece: Iterable[Recorded]) -> None:
        """What is known of these friends; what was known of others is forgotten."""
        self._situation.attributes.clear()
        self._situation.trails.clear()
        if self._of_people:
            self._attributes({one.friend for one in piece})
        if self._of_events:
            self._events({one.bound_event: one.friend for one in piece})

    def _attributes(self, friends: set[str]) -> None:
        rows = self._conn.execute(
            "SELECT party_id, valid_from, value_sealed FROM attribute WHERE client_id = %s::uuid AND name = 'country'"
            " AND party_id = ANY(%s::uuid[]) ORDER BY party_id, valid_from",
            (self._client_id, array_literal(friends)),
        ).fetchall()
        keys = self._vault.person_keys(self._conn, self._client_id, {row[0] for row in rows}, create=False)
        for party, valid_from, sealed in rows:
            if party in keys:
                row = attribute_row(party, "country", valid_from)
                value = msgspec.json.decode(keys[party].open("attribute", "country", row, sealed))
                self._situation.attributes.setdefault((party, "country"), []).append((valid_from, value))

    def _events(self, friends: dict[str, str]) -> None:
        rows = self._conn.execute(
            "SELECT id, facts FROM event WHERE client_id = %s::uuid AND id = ANY(%s::uuid[])"
            " AND facts LIKE '%%\"country\":%%'",
            (self._client_id, array_literal(friends)),
        ).fetchall()
        for id_, facts in rows:
            self._situation.trails.setdefault(friends[id_], []).append(decode_facts(facts))
