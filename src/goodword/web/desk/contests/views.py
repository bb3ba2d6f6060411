"""Who leads? The board of a round with everything about it, as a page and as files that an outsider can check a draw by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from goodword.actions.permissions import May
from goodword.core.amounts import to_decimal
from goodword.core.contest import Contest, Round, Span, Winner, round_id
from goodword.core.contest_board import Standing, tickets_of
from goodword.core.outcomes import moment
from goodword.core.terms import Terms
from goodword.store.reads import contests as reads
from goodword.store.reads.people import find, people
from goodword.web.desk import twins
from goodword.web.desk.contests import told
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.programs.views import Line, lines, terms_of

SHOWN = 50
MOST = 1000
TEMPLATE = "goodword/contests/contest.html"
COLUMNS = ("rank", "person", "score", "friends", "provisional", "reached_at", "team")


@dataclass(frozen=True)
class Room:
    """What the address names: the program, its rounds, the one that is looked at and its rules."""

    line: Line
    rounds: list[Round]
    round: Round
    contest: Contest
    terms: Terms
    is_planned: bool
    clock: datetime


def room_of(ask: Ask, program: str, name: str = "") -> Room:
    """The contest of a program, by default its latest round; there is none without a contest."""
    found = lines(ask.client_id, program)
    if not found:
        raise Http404
    line, clock = found[0], reads.clock_of(ask.client_id, datetime.now(UTC))
    rounds = reads.rounds(ask.client_id, line.row.id)
    planned = _planned(line, clock)
    if planned is not None and all(known.id != planned.id for known in rounds):
        rounds.insert(0, planned)
    round_ = next((known for known in rounds if name in ("", known.name, known.id)), None)
    version = line.row.version(round_.version) if round_ else None
    terms = terms_of(version) if version else None
    if round_ is None or terms is None or terms.contest is None:
        raise Http404
    return Room(line, rounds, round_, terms.contest, terms, round_.state == "planned", clock)


def _planned(line: Line, clock: datetime) -> Round | None:
    """The round of the calendar that nobody joined yet."""
    terms = line.terms
    contest = terms.contest if terms and line.live else None
    span: Span | None = contest.span_at(clock, terms.zone) if terms and contest else None
    if terms is None or contest is None or span is None:
        return None
    freeze_at = span.closes_at + contest.freeze_after
    id_ = round_id(terms.program, span.name)
    return Round(
        id_, terms.program, span.name, terms.version, span.opens_at, span.closes_at, freeze_at,
        freeze_at + contest.award_after, "planned", clock,
    )  # fmt: skip


@require_GET
@asking(May.PROGRAMS)
def shown(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """The board, the rounds, and what can be done now."""
    room = room_of(ask, program, request.GET.get("round", ""))
    return page(request, TEMPLATE, context_of(ask, request, room))


def context_of(ask: Ask, request: HttpRequest, room: Room, wrong: str = "") -> dict[str, Any]:
    """All that the page shows."""
    typed = request.GET.get("person", "").strip()
    sought = find(ask.client_id, typed) if typed else None
    own = sought.id if sought and sought.kind == "party" else None
    places = max((prize.last for prize in room.contest.prizes), default=0)  # whoever would win is shown
    board = reads.board(ask.client_id, room.round.id, room.contest, most=max(SHOWN, min(places, MOST)), party=own)
    parties = [one.standing.party for one in (*board.places, *board.around)]
    parties += [one.party for one in board.waiting] + [winner.party for winner in room.round.winners]
    known = people(ask.client_id, parties, masked=ask.desk.is_masked)
    called = reads.called(ask.client_id, parties)
    currency, contest = room.terms.currency, room.contest
    is_live = room.round.state in ("planned", "open", "frozen")
    prizes = told.would_win(contest, room.round.id, board.places) if is_live else told.have_won(room.round)
    winning, sum_won = told.falls(contest, room.round.id, board.places) if is_live else (0, "")
    word, icon, tone = told.ROUND_STATES[room.round.state]
    return {
        "line": room.line,
        "round": room.round,
        "rounds": [(one, *told.ROUND_STATES[one.state]) for one in room.rounds],
        "word": word,
        "icon_name": icon,
        "tone": tone,
        "contest": contest,
        "is_live": is_live,
        "winning": winning,
        "sum_won": sum_won,
        "last_day": room.round.closes_at - timedelta(microseconds=1),
        "rules": told.rules(contest, currency),
        "prizes": [(told.prize_words(prize), prize.tax) for prize in contest.prizes],
        "rows": told.rows(contest, currency, board.places, known, called, prizes, own),
        "around": told.rows(contest, currency, board.around, known, called, prizes, own),
        "waiting": told.waiting_rows(contest, currency, board.waiting, known, called),
        "teams": [(one, told.worth(contest, currency, one.value)) for one in board.teams],
        "board": board,
        "winners": told.winner_rows(contest, room.round, known),
        "pool": told.pool(room.round) or told.total(contest),
        "whys": told.WHYS.items(),
        "typed": typed,
        "is_unknown": bool(typed) and not board.around,
        "wrong": wrong,
        "may_close": May.CLOSE_CONTEST in ask.desk.may,
        "may_answer": May.ANSWER_CONTEST in ask.desk.may,
        "may_freeze": room.round.state == "open" and room.clock >= room.round.closes_at,
        "may_award": room.round.state == "frozen",
        "here": address(ask, room),
    }


def address(ask: Ask, room: Room) -> str:
    """The page of this round."""
    return f"{reverse('contest', args=[ask.slug, room.line.row.slug])}?round={room.round.name}"


@require_GET
@asking(May.PROGRAMS)
def as_csv(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """The whole board as a file."""
    room = room_of(ask, program, request.GET.get("round", ""))
    board = reads.board(ask.client_id, room.round.id, room.contest, most=twins.MOST_ROWS)
    known = people(ask.client_id, [one.standing.party for one in board.places], masked=ask.desk.is_masked)
    told_rows = (
        _flat(room, one.standing) | {"rank": one.rank, "person": _name(known, one.standing.party)}
        for one in board.places
    )
    return twins.as_csv(f"{ask.slug}-{program}-{room.round.name}", COLUMNS, told_rows)


@require_GET
@asking(May.PROGRAMS)
def as_json(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """The round for programs and for whoever checks a draw: entrants by their ids with their tickets, commitment and seed."""
    room = room_of(ask, program, request.GET.get("round", ""))
    board = reads.board(ask.client_id, room.round.id, room.contest, most=twins.MOST_ROWS)
    parties = [one.standing.party for one in board.places]
    called = reads.called(ask.client_id, parties)
    order = [one.standing for one in board.places]
    tickets = {prize.key: tickets_of(prize, order) for prize in room.contest.prizes if prize.is_draw}
    entrants = [
        _flat(room, one.standing)
        | {"rank": one.rank, "id": one.standing.party, "called": _called(called, one.standing.party)}
        | {"reached_at": moment(one.standing.reached_at) if one.standing.reached_at else None}
        | {"tickets": {key: known.get(one.standing.party, 0) for key, known in tickets.items()}}
        for one in board.places
    ]
    round_ = room.round
    answer = {
        "program": round_.program,
        "round": round_.name,
        "id": round_.id,
        "state": round_.state,
        "opens_at": round_.opens_at,
        "closes_at": round_.closes_at,
        "freeze_at": round_.freeze_at,
        "award_at": round_.award_at,
        "ties": room.contest.ties,
        "commitment": round_.commitment,
        "seed": round_.seed,
        "entrants": entrants,
        "teams": [{"rank": one.rank, "team": one.name, "score": one.value} for one in board.teams],
        "winners": [_winner(winner) for winner in round_.winners],
    }  # fmt: skip
    return twins.as_json(f"{ask.slug}-{program}-{round_.name}", [answer])


def _winner(winner: Winner) -> dict[str, Any]:
    return {
        "prize": winner.prize,
        "place": winner.place,
        "id": winner.party,
        "state": winner.state,
        "amount": to_decimal(winner.amount_minor, winner.asset),
        "currency": winner.asset,
    }


def _flat(room: Room, one: Standing) -> dict[str, Any]:
    is_money, currency = room.contest.metric == "amount", room.terms.currency
    score, held = one.value, one.provisional_value
    return {
        "score": to_decimal(score, currency) if is_money else score,
        "friends": one.friends,
        "provisional": to_decimal(held, currency) if is_money else held,
        "reached_at": one.reached_at,
        "team": one.team,
    }


def _name(known: dict[str, Any], party: str) -> str:
    found = known.get(party)
    return found.name if found and found.name else f"prs_{party[:8]}"


def _called(called: dict[str, reads.Called], party: str) -> str | None:
    """The name of a board for the public: one's own, or none."""
    found = called.get(party)
    return found.name or None if found and not found.is_hidden else None
