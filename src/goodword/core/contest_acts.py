"""What did people do with a contest? The commitment to a draw, an early freeze, the award, a winner's word, a disqualification."""

from __future__ import annotations

import re
from collections.abc import Callable

from goodword.core.contest import Round, Winner, round_id
from goodword.core.contest_closing import Closing, fits
from goodword.core.contest_scoring import opened
from goodword.core.draft import Draft
from goodword.core.events import Event

DISQUALIFY_WHYS = ("staff", "household", "self_referral", "fake", "terms", "other")

Refusal = tuple[str, str]  # why, and what can be done instead
_COMMITMENT = re.compile(r"[0-9a-f]{64}\Z")


def perform(event: Event, draft: Draft) -> Closing | Refusal | None:
    """What an act made of a round; why it was not possible; None: the round was opened or committed to."""
    if event.type == "contest_open":
        return _open(event, draft)
    round_ = draft.situation.contests.get(str(event.act.get("round")))
    if round_ is None:
        return "the round is not known", "take its id from the contest's page"
    return _ACTS[event.type](event, Closing(draft, round_))


def _open(event: Event, draft: Draft) -> Refusal | None:
    """The house commits to a seed before the board is frozen; a round that nobody joined yet opens with it."""
    program, commitment = str(event.act.get("program")), str(event.act.get("commitment"))
    if program not in draft.situation.book:
        return "the program is not live", "take its name from the list of programs"
    terms = draft.situation.live_terms(program)
    if not _COMMITMENT.match(commitment):
        return "this is not a commitment", "send SHA-256 of the seed in hex"
    known = draft.situation.contests.get(str(event.act.get("round")))
    span = terms.contest.span_at(event.at, terms.zone) if terms.contest else None
    if known is None and span:
        known = draft.situation.contests.get(round_id(program, span.name))
    if known is None and span is None:
        return "no round of a contest is open", "publish terms with a contest"
    if known is None and span:
        return (
            None if opened(draft, terms, span, commitment) else ("the round is over", "commit when the next one opens")
        )
    assert known is not None
    if known.commitment:
        return "the house has committed already", "nothing is left to do"
    if known.state != "open":
        return f"the round is {known.state}", "commit before the freeze"
    Closing(draft, known).put(commitment=commitment, committed_at=draft.clock)
    return None


def _freeze(event: Event, closing: Closing) -> Closing | Refusal:
    round_, clock = closing.round, closing.draft.clock
    if round_.state != "open":
        return f"the round is {round_.state}", "nothing is left to freeze"
    if clock < round_.closes_at:
        return f"the round runs until {round_.closes_at:%Y-%m-%d}", "freeze it afterwards"
    closing.freeze()
    return closing


def _award(event: Event, closing: Closing) -> Closing | Refusal:
    """With the seed of the draw where there is one; `leave_out` names how many provisional friends the person has seen."""
    round_, clock = closing.round, closing.draft.clock
    if round_.state != "frozen":
        return f"the round is {round_.state}", "award it once it is frozen"
    if clock < closing.ready_at():
        return f"a hold runs until {closing.ready_at():%Y-%m-%d}", "award it afterwards"
    seed = event.act.get("seed")
    if closing.contest.draws and round_.commitment and not fits(round_, seed):
        return "the seed is not the one that was committed to", "reveal the seed of the commitment"
    open_ = closing.provisional()
    if open_ and event.act.get("leave_out") != open_:
        return f"{open_} friends wait for review", "decide them, or leave them out by their number"
    closing.award(str(seed) if round_.commitment and seed else None)
    return closing


def _accept(event: Event, closing: Closing) -> Closing | Refusal:
    winner = _winner(event, closing.round)
    if winner is None:
        return "nobody was offered this prize", "take the record from the contest's page"
    if winner.state != "offered":
        return f"the prize is {winner.state}", "nothing is left to answer"
    closing.accept(winner)
    return closing


def _disqualify(event: Event, closing: Closing) -> Closing | Refusal:
    winner, why = _winner(event, closing.round), str(event.act.get("why"))
    if why not in DISQUALIFY_WHYS:
        return "this is not a reason of a disqualification", f"one of {', '.join(DISQUALIFY_WHYS)}"
    if winner is None or not winner.stands:
        return "no prize of theirs stands", "take the record from the contest's page"
    if closing.record(winner).rewards[-1].state == "sent":
        return "the prize was sent", "deny what it stands on: what was sent is netted against later rewards"
    closing.disqualify(winner, why)
    return closing


def _winner(event: Event, round_: Round) -> Winner | None:
    return round_.winner(str(event.act.get("record")))


_ACTS: dict[str, Callable[[Event, Closing], Closing | Refusal]] = {
    "contest_freeze": _freeze,
    "contest_award": _award,
    "contest_accept": _accept,
    "contest_disqualify": _disqualify,
}
