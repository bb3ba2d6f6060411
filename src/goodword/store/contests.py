"""Where do contests lie? Rounds and scores are loaded with the batch that may move them, and written as its decisions left them.

What a referral adds stands beside it; where an advocate stands is summed anew from that whenever something moved, so that
a board is exact after reversals. A whole round is loaded only where it is frozen, awarded or answered in the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec
import psycopg

from goodword.core.contest import Round, Score
from goodword.core.contest_board import Standing, with_households
from goodword.core.events import Event
from goodword.core.referral import Referral
from goodword.core.situation import Situation
from goodword.store.decided import Decided
from goodword.store.sql.bulk import Bulk
from goodword.store.sql.connect import array_literal

_decode = msgspec.json.Decoder(Round).decode
_decode_referral = msgspec.json.Decoder(Referral).decode
_encode = msgspec.json.Encoder().encode

_ROUND = {
    "id": "uuid",
    "program_id": "uuid",
    "name": "text",
    "opens_at": "timestamptz",
    "closes_at": "timestamptz",
    "state": "text",
    "next_due_at": "timestamptz",
    "body": "text",
}
_SCORE = {
    "referral_id": "uuid",
    "round_id": "uuid",
    "party_id": "uuid",
    "value": "bigint",
    "at": "timestamptz",
    "provisional": "boolean",
    "excluded": "boolean",
    "household": "uuid",
    "team": "text",
}


class Asks(Protocol):
    """Rows of a query about one client."""

    def __call__(self, query: str, **values: Any) -> list[tuple[Any, ...]]: ...


# -- loading -----------------------------------------------------------------------------------------------------------


def load_contests(ask: Asks, situation: Situation, events: Sequence[Event], due: Iterable[str]) -> set[str]:
    """Rounds that may still move or in which anything at hand may lie, those that are due or named by an act with all their
    scores and winners.

    Returns everybody who may win something in this batch.
    """
    named = [event.act["round"] for event in events if isinstance(event.act.get("round"), str)]
    wanted = _ids([*named, *due])
    # What lies in a round that is over counts in no other one.
    firsts = [trail[0].at for trail in situation.trails.values() if trail]
    first_at = min([*firsts, *(event.at for event in events)], default=None)
    rows = ask(
        "SELECT body FROM contest_round WHERE client_id = %(client)s::uuid AND state <> 'closed'"
        " UNION ALL SELECT body FROM contest_round r WHERE r.client_id = %(client)s::uuid AND r.state = 'closed'"
        " AND (r.id = ANY(%(wanted)s::uuid[]) OR r.closes_at > %(first_at)s::timestamptz)",
        wanted=array_literal(wanted),
        first_at=first_at,
    )
    for (body,) in rows:
        round_ = _decode(body)
        situation.contests[round_.id] = round_
    whole = [id_ for id_ in wanted if id_ in situation.contests]
    if not whole:
        return set()
    _records(ask, situation, [winner.record for id_ in whole for winner in situation.contests[id_].winners])
    rows = ask(
        "SELECT s.referral_id, s.round_id, s.party_id, s.value, s.at, s.provisional, s.excluded, s.household, s.team"
        " FROM contest_score s WHERE s.client_id = %(client)s::uuid AND s.round_id = ANY(%(rounds)s::uuid[])",
        rounds=array_literal(whole),
    )
    for referral, round_id, party, value, at, provisional, excluded, household, team in rows:
        score = Score(round_id, party, value, at, provisional, excluded, household or "", team or "")
        situation.scores.setdefault(round_id, {})[referral] = score
    return {row[2] for row in rows}


def _records(ask: Asks, situation: Situation, records: list[str]) -> None:
    """What winners were given, where it was not loaded already."""
    missing = [id_ for id_ in records if id_ not in situation.referrals]
    for (body,) in ask(
        "SELECT f.body FROM unnest(%(ids)s::uuid[]) AS q(id), LATERAL (SELECT body FROM referral r"
        " WHERE r.client_id = %(client)s::uuid AND r.id = q.id OFFSET 0) f",
        ids=array_literal(missing),
    ):
        situation.put(_decode_referral(body))


def _ids(ids: Iterable[str]) -> list[str]:
    return [id_ for id_ in ids if len(id_) == 32 and all(character in "0123456789abcdef" for character in id_)]


# -- writing -----------------------------------------------------------------------------------------------------------


def write_contests(
    bulk: Bulk, situation: Situation, batch: Sequence[Decided], programs: dict[str, str], before: dict[str, Referral]
) -> None:
    """Rounds, scores and standings as the last decision of the batch left them."""
    touched = {round_.id for one in batch for round_ in one.decision.rounds}
    touched |= {one.decision.due for one in batch if one.decision.due and one.decision.due in situation.contests}
    rounds = [situation.contests[id_] for id_ in sorted(touched)]
    bulk.put(
        "contest_round",
        "client_id, id",
        _ROUND,
        (
            (r.id, programs[r.program], r.name, r.opens_at, r.closes_at, r.state, r.next_due_at, _encode(r).decode())
            for r in rounds
        ),
    )
    changed = {referral.id for one in batch for referral in one.decision.referrals}
    pairs = [(before[id_].score if id_ in before else None, situation.referrals[id_]) for id_ in sorted(changed)]
    moved = [(was, referral) for was, referral in pairs if was != referral.score]
    if moved:
        _scores(bulk, moved)


def _scores(bulk: Bulk, moved: list[tuple[Score | None, Referral]]) -> None:
    gone = [referral.id for _, referral in moved if referral.score is None]
    if gone:
        bulk.conn.execute(
            "DELETE FROM contest_score WHERE client_id = %s::uuid AND referral_id = ANY(%s::uuid[])",
            (bulk.client_id, array_literal(gone)),
        )
    kept = ((referral.id, referral.score) for _, referral in moved if referral.score)
    bulk.put(
        "contest_score",
        "client_id, referral_id",
        _SCORE,
        (
            (id_, s.round, s.party, s.value, s.at, s.provisional, s.excluded, s.household or None, s.team or None)
            for id_, s in kept
        ),
    )
    places = {(s.round, s.party) for was, referral in moved for s in (was, referral.score) if s}
    _stand(bulk, sorted(places))


def _stand(bulk: Bulk, places: list[tuple[str, str]]) -> None:
    """Sum anew where these advocates stand in these rounds."""
    arrays = (array_literal(round_ for round_, _ in places), array_literal(party for _, party in places))
    bulk.conn.execute(
        "DELETE FROM contest_standing s USING unnest(%s::uuid[], %s::uuid[]) AS q(round_id, party_id)"
        " WHERE s.client_id = %s::uuid AND s.round_id = q.round_id AND s.party_id = q.party_id",
        (*arrays, bulk.client_id),
    )
    bulk.conn.execute(
        "INSERT INTO contest_standing (client_id, round_id, party_id, value, friends, provisional_value,"
        " provisional_friends, reached_at, excluded, household, team)"
        " SELECT %s::uuid, q.round_id, q.party_id, f.* FROM unnest(%s::uuid[], %s::uuid[]) AS q(round_id, party_id),"
        " LATERAL (SELECT coalesce(sum(value) FILTER (WHERE NOT provisional), 0)::bigint,"
        "  count(*) FILTER (WHERE NOT provisional),"
        "  coalesce(sum(value) FILTER (WHERE provisional), 0)::bigint, count(*) FILTER (WHERE provisional),"
        "  max(at) FILTER (WHERE NOT provisional), bool_or(excluded),"
        "  (array_agg(household ORDER BY at DESC, value DESC))[1], (array_agg(team ORDER BY at DESC, value DESC))[1]"
        "  FROM contest_score s WHERE s.client_id = %s::uuid AND s.round_id = q.round_id AND s.party_id = q.party_id"
        "  HAVING count(*) > 0) f",
        (bulk.client_id, *arrays, bulk.client_id),
    )


# -- reading -----------------------------------------------------------------------------------------------------------


def standings_of(conn: psycopg.Connection[Any], client_id: str, round_: str) -> list[Standing]:
    """Everybody with a score in a round, from the sums that are kept."""
    rows = conn.execute(
        "SELECT party_id, value, friends, provisional_value, provisional_friends, reached_at, excluded, household, team"
        " FROM contest_standing WHERE client_id = %s::uuid AND round_id = %s::uuid",
        (client_id, round_),
    ).fetchall()
    found = [
        Standing(party, value, friends, held_value, held_friends, reached_at, excluded, home or "", team or "")
        for party, value, friends, held_value, held_friends, reached_at, excluded, home, team in rows
    ]
    return with_households(found)
