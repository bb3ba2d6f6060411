"""Which open referrals would lose by newer terms? Each is judged by both versions on what is stored; nothing is written."""

from __future__ import annotations

from datetime import datetime

import msgspec

from goodword.actions.opening import Chain, ClientRow
from goodword.actions.programs import Version
from goodword.actions.versions import terms_of
from goodword.catalog import SHELVES
from goodword.core.events import ident
from goodword.core.moving import OPEN_STATES, weigh
from goodword.core.qualification import Merit, merits
from goodword.core.reasons import Reason, verdict
from goodword.core.situation import Situation
from goodword.store.book import Book
from goodword.store.load import load_situation
from goodword.store.sql import runs
from goodword.store.sql.connect import array_literal

MOST_WEIGHED = 2_000
_AT_ONCE = 250


class Loser(msgspec.Struct, frozen=True):
    """An open referral that would lose: by what, and how it stands under both versions."""

    id: str
    friend: str
    version: int
    reasons: tuple[Reason, ...]
    before: Reason | None
    after: Reason | None


class Weighing(msgspec.Struct, frozen=True):
    """How many open referrals there are of older versions, how many were looked at, and those that would lose."""

    open: int
    weighed: int
    losers: tuple[Loser, ...]


def weigh_open(chain: Chain, client: ClientRow, version: Version, *, at: datetime) -> Weighing:
    """Judge a program's open referrals by a version that may not be published yet, the oldest first."""
    clock = runs.business_now(chain.conn, client.id, at)
    with chain.conn.transaction():
        chain.conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = chain.conn.execute(
            "SELECT id FROM referral WHERE client_id = %s::uuid AND program_id = %s::uuid AND state = ANY(%s::text[])"
            " AND version < %s ORDER BY created_at, id",
            (client.id, ident("program", version.slug), array_literal(sorted(OPEN_STATES)), version.number),
        ).fetchall()
        ids = [str(row[0]).replace("-", "") for row in rows]
        book = Book()
        book.refresh(chain.conn, client.id, SHELVES)
        losers: list[Loser] = []
        for begin in range(0, min(len(ids), MOST_WEIGHED), _AT_ONCE):
            some = ids[begin : begin + _AT_ONCE]
            situation = load_situation(chain.conn, chain.vault, client.id, SHELVES, book, [], some, clock).situation
            if all(one.version != version.number for one in situation.book.get(version.slug, ())):
                situation.publish(msgspec.structs.replace(terms_of(version), live_from=clock))
            losers += [loser for id_ in some if (loser := _loses(situation, id_, version.number, clock))]
    return Weighing(len(ids), min(len(ids), MOST_WEIGHED), tuple(losers))


def _loses(situation: Situation, referral_id: str, number: int, clock: datetime) -> Loser | None:
    referral = situation.referrals.get(referral_id)
    if referral is None or referral.is_record or situation.is_too_long(referral.friend):
        return None
    old = _merit(merits(situation, referral.friend, clock), referral_id)
    new = _merit(merits(situation, referral.friend, clock, {referral_id: number}), referral_id)
    reasons = weigh(referral, old, new) if old and new else ()
    if not reasons or old is None or new is None:
        return None
    return Loser(
        referral_id, referral.friend, referral.version, reasons, verdict(old.reasons), verdict(new.reasons)
    )  # fmt: skip


def _merit(found: list[Merit], referral_id: str) -> Merit | None:
    return next((merit for merit in found if merit.id == referral_id), None)
