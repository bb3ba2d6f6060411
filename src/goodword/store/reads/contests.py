"""Who leads in which round? Boards from the sums kept; ties share a rank, and anybody can be found with both neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import msgspec
from django.db import connection

from goodword.core.contest import Contest, Round
from goodword.core.contest_board import Standing
from goodword.store.models import ContestName, ContestRound
from goodword.store.open_vault import vault
from goodword.store.sql.envelope import Unreadable

ROUNDS_SHOWN = 60
TEAMS_SHOWN = 100
_decode_round = msgspec.json.Decoder(Round).decode


@dataclass(frozen=True)
class Placed:
    """One entrant with the rank that the board shows."""

    rank: int
    standing: Standing


@dataclass(frozen=True)
class TeamRow:
    """A team: the sum of its members."""

    rank: int
    name: str
    value: int
    members: int


@dataclass(frozen=True)
class Board:
    """The first places of a round, somebody's neighbourhood, who is provisional only, and how many there are."""

    places: tuple[Placed, ...]
    around: tuple[Placed, ...]
    waiting: tuple[Standing, ...]
    entrants: int
    provisional: int
    excluded: int
    teams: tuple[TeamRow, ...]


@dataclass(frozen=True)
class Called:
    """How somebody is called on boards: a name of their own, or not at all."""

    name: str = ""
    is_hidden: bool = False


def rounds(client_id: str, program_id: str) -> list[Round]:
    """The rounds of a program, the latest first."""
    rows = ContestRound.objects.of(client_id).filter(program_id=program_id).order_by("-opens_at", "id")
    return [_decode_round(body) for body in rows.values_list("body", flat=True)[:ROUNDS_SHOWN]]


# Who lives with somebody excluded is excluded too; who has only provisional friends is not ranked yet.
_RANKED = """
WITH entrant AS (
  SELECT s.* FROM contest_standing s WHERE s.client_id = %(client)s AND s.round_id = %(round)s AND NOT s.excluded
   AND NOT EXISTS (SELECT FROM contest_standing b WHERE b.client_id = s.client_id AND b.round_id = s.round_id
    AND b.household = s.household AND b.excluded)
), ranked AS (
  SELECT e.*, rank() OVER (ORDER BY value DESC{tie}) AS rank,
   row_number() OVER (ORDER BY value DESC, reached_at, party_id) AS n
  FROM entrant e WHERE value > 0
)
"""
_PLACES = """
SELECT n, rank, party_id, value, friends, provisional_value, provisional_friends, reached_at, household, team
FROM ranked WHERE n <= %(most)s OR n BETWEEN (SELECT n - 1 FROM ranked WHERE party_id = %(party)s)
 AND (SELECT n + 1 FROM ranked WHERE party_id = %(party)s) ORDER BY n
"""
_TEAMS = """
SELECT rank() OVER (ORDER BY sum(value) DESC), team, sum(value)::bigint, count(*), max(reached_at)
FROM ranked WHERE team IS NOT NULL GROUP BY team ORDER BY sum(value) DESC, max(reached_at), team LIMIT %(most)s
"""
_COUNTS = """
SELECT count(*) FILTER (WHERE value > 0), coalesce(sum(provisional_friends), 0)::bigint,
 (SELECT count(*) FROM contest_standing a WHERE a.client_id = %(client)s AND a.round_id = %(round)s) - count(*)
FROM entrant
"""
_WAITING = """
SELECT party_id, value, friends, provisional_value, provisional_friends, reached_at, household, team FROM entrant
WHERE value = 0 AND provisional_value > 0 ORDER BY provisional_value DESC, party_id LIMIT %(most)s
"""


def board(client_id: str, round_: str, contest: Contest, *, most: int, party: str | None = None) -> Board:
    """The board of a round: at most `most` places, and around `party` both neighbours."""
    ranked = _RANKED.format(tie=", reached_at" if contest.ties == "reached_first" else "")
    values = {"client": client_id, "round": round_, "most": most, "party": party}
    placed = [(row[0], Placed(row[1], _standing(row[2:]))) for row in _rows(ranked + _PLACES, values)]
    entrants, provisional, excluded = _rows(ranked + _COUNTS, values)[0]
    first = tuple(one for n, one in placed if n <= most)
    own = next((n for n, one in placed if one.standing.party == party), None)
    return Board(
        first,
        () if own is None else tuple(one for n, one in placed if abs(n - own) <= 1),
        tuple(_standing(row) for row in _rows(ranked + _WAITING, values)),
        entrants,
        provisional,
        excluded,
        tuple(TeamRow(*row[:4]) for row in _rows(ranked + _TEAMS, values | {"most": TEAMS_SHOWN}))
        if contest.team
        else (),
    )


def _standing(row: tuple[Any, ...]) -> Standing:
    party, value, friends, held_value, held_friends, reached_at, household, team = row
    home = household.hex if household else ""
    return Standing(party.hex, value, friends, held_value, held_friends, reached_at, False, home, team or "")


def _rows(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cast("list[tuple[Any, ...]]", cursor.fetchall())


def called(client_id: str, parties: list[str]) -> dict[str, Called]:
    """How these people are called on boards; whoever said nothing is missing."""
    rows = ContestName.objects.of(client_id).filter(party_id__in=parties).values_list("party_id", "is_hidden", "sealed")
    found = {party.hex: (is_hidden, bytes(sealed) if sealed else None) for party, is_hidden, sealed in rows}
    sealed_of = {party for party, (_, sealed) in found.items() if sealed}
    keys = vault().person_keys(connection.connection, client_id, sealed_of, create=False) if sealed_of else {}
    names: dict[str, Called] = {}
    for party, (is_hidden, sealed) in found.items():
        name = ""
        if sealed and party in keys:
            try:
                name = keys[party].open("contest_name", "name", party, sealed).decode()
            except Unreadable:
                name = ""
        names[party] = Called(name, is_hidden)
    return names


def clock_of(client_id: str, now: datetime) -> datetime:
    """The present of the client: the moment its clock is held at, else the world's."""
    rows = _rows("SELECT held_at FROM lane WHERE client_id = %(client)s", {"client": client_id})
    return rows[0][0] if rows and rows[0][0] else now
