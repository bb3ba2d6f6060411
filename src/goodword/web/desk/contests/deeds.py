"""What does a person do with a contest? Freeze, award, take down an answer, disqualify, and names for boards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goodword.actions import contests
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.core.contest import Round
from goodword.errors import GoodwordError
from goodword.web.desk import doing
from goodword.web.desk.contests.views import Room, address, room_of
from goodword.web.desk.door import Ask, asking
from goodword.web.desk.review.item import see_other
from goodword.web.toasts import toast

LONGEST_WORDS = 500


@require_POST
@asking(May.CLOSE_CONTEST)
def freeze(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """The board as it stands from now on."""
    room = _room(ask, request, program)

    def do(chain: Chain, client: ClientRow, now: datetime) -> Round:
        return contests.freeze(chain, client, ask.desk.actor, room.round.id, at=now)

    return _done(ask, request, room, do, _("The board is frozen. Nothing is added to it any more."))


@require_POST
@asking(May.CLOSE_CONTEST)
def award(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """Prizes to whom they fall; `leave_out` is how many waiting friends the person saw."""
    room = _room(ask, request, program)
    typed = request.POST.get("leave_out", "")
    leave_out = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else None

    def do(chain: Chain, client: ClientRow, now: datetime) -> Round:
        return contests.award(chain, client, ask.desk.actor, room.round.id, leave_out, at=now)

    return _done(ask, request, room, do, _("Awarded. The winners stand below."))


@require_POST
@asking(May.ANSWER_CONTEST)
def accept(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """A winner said yes."""
    room, record = _room(ask, request, program), request.POST.get("record", "")

    def do(chain: Chain, client: ClientRow, now: datetime) -> Round:
        return contests.accept(chain, client, ask.desk.actor, room.round.id, record, at=now)

    return _done(ask, request, room, do, _("Taken down: the prize is accepted."))


@require_POST
@asking(May.CLOSE_CONTEST)
def disqualify(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """A winner loses the prize for a reason, and the next in order moves up."""
    room, record = _room(ask, request, program), request.POST.get("record", "")
    why, said = request.POST.get("why", ""), request.POST.get("words", "").strip()[:LONGEST_WORDS]

    def do(chain: Chain, client: ClientRow, now: datetime) -> Round:
        return contests.disqualify(chain, client, ask.desk.actor, room.round.id, record, why, said or None, at=now)

    return _done(ask, request, room, do, _("Disqualified. The next in order moves up."))


@require_POST
@asking(May.ANSWER_CONTEST)
def called(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """How somebody is called on boards, or that they are not named."""
    room, party = _room(ask, request, program), request.POST.get("party", "")
    name, is_hidden = request.POST.get("name", ""), request.POST.get("hidden") == "on"

    def do(chain: Chain, client: ClientRow, now: datetime) -> None:
        contests.call(chain, client, ask.desk.actor, party, name, is_hidden=is_hidden, at=now)

    return _done(ask, request, room, do, _("Kept. Boards for the public follow it at once."))


def _room(ask: Ask, request: HttpRequest, program: str) -> Room:
    return room_of(ask, program, request.POST.get("round", ""))


def _done(
    ask: Ask, request: HttpRequest, room: Room, do: Callable[[Chain, ClientRow, datetime], Any], said: str
) -> HttpResponseBase:
    try:
        with doing.chain_of(ask) as (chain, client):
            do(chain, client, datetime.now(UTC))
    except GoodwordError as refusal:
        toast(request, f"{refusal.what} {refusal.repair}", tone="stop")
    else:
        toast(request, said)
    return see_other(address(ask, room))
