"""What follows from one event, or from one due moment? The chain of the core: observe, attribute, qualify, screen, reward, enter.

Whoever reads this file first has read the specification. `Lane` plays events in order and lets time run between them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from heapq import heapify, heappop, heappush

import msgspec

from goodword.core import acts, moving
from goodword.core.asking import is_forgotten
from goodword.core.attribution import bears_touch
from goodword.core.contest import Round
from goodword.core.contest_closing import come_due
from goodword.core.draft import Draft
from goodword.core.events import ACTS, TAKES_BACK, Event, ident
from goodword.core.forgetting import settle_forgotten
from goodword.core.ladders import counter_of, record_id, settle_ladder, terms_of_record
from goodword.core.observation import observe
from goodword.core.qualification import Merit, merits, pinned_merit, why_not_referred
from goodword.core.reasons import Reason, verdict
from goodword.core.redeeming import bring_along, wallet_due
from goodword.core.referral import Referral
from goodword.core.screening import judged_anew
from goodword.core.settlement import dissolve, settle
from goodword.core.situation import HISTORY_EVENTS, HOUSEHOLD, Decision, Situation
from goodword.core.waking import woken_by, woken_by_share
from goodword.core.wallet import Wallet

SETTLED_STATES = frozenset({"sent", "clawed_back", "written_off"})


def decide(event: Event, situation: Situation, clock: datetime) -> Decision:
    """All that follows from an event at business time `clock`.

    What the event says is noted in the situation at once; its consequences are only in the decision and become part of the
    situation by `fold`.
    """
    id_ = ident("decision", event.id)
    situation.tick(clock)
    if event.type in ACTS:
        draft = Draft(situation, id_, clock)
        outcome = acts.perform(event, draft)
        noted = msgspec.structs.replace(outcome.decision, id=id_, cause="event", clock=clock, event=event.id)
        situation.note(noted, event)
        _bring_along(draft, noted)
        return _settled(noted, draft, outcome.friends, outcome.referrals)
    observed = observe(event, situation, Decision(id_, "event", clock, event.id))
    situation.note(observed.decision, event)
    decision = observed.decision
    if observed.friends:
        draft = Draft(situation, id_, clock)
        _bring_along(draft, decision)
        decision = _settled(decision, draft, observed.friends, {})
        if event.type == "share" and decision.party:
            decision = _with_shared(decision, situation, event, clock)
    return (
        decision
        if decision.referrals
        else msgspec.structs.replace(decision, reasons=_why_nothing(decision, event, situation))
    )


def _with_shared(decision: Decision, situation: Situation, event: Event, clock: datetime) -> Decision:
    """What a share that was heard of late makes due, beside what the decision settled itself."""
    settled = {referral.id for referral in decision.referrals}
    woken = woken_by_share(situation, decision.party or "", event, clock)
    more = tuple(referral for id_, referral in woken.items() if id_ not in settled)
    return msgspec.structs.replace(decision, referrals=(*decision.referrals, *more)) if more else decision


def decide_due(due_id: str, situation: Situation, clock: datetime) -> Decision:
    """All that follows from a moment that came for a referral (a hold or grace that ends, a milestone that is a moment, a lapse),
    for a wallet (points expire, or will soon) or for a round of a contest (its freeze, its award, the end of an answer)."""
    situation.tick(clock)
    if due_id in situation.wallets:
        return _wallet_due(due_id, situation, clock)
    if due_id in situation.contests:
        return _round_due(due_id, situation, clock)
    return _referral_due(due_id, situation, clock)


def _wallet_due(wallet_id: str, situation: Situation, clock: datetime) -> Decision:
    id_ = ident("decision", "due", wallet_id, clock.isoformat())
    draft = Draft(situation, id_, clock)
    reasons = wallet_due(draft, wallet_id)
    blank = Decision(id_, "due", clock, due=wallet_id, party=situation.wallets[wallet_id].holder, reasons=reasons)
    return _settled(blank, draft, (), {})


def _round_due(round_: str, situation: Situation, clock: datetime) -> Decision:
    id_ = ident("decision", "due", round_, clock.isoformat(), situation.contests[round_].state)
    draft = Draft(situation, id_, clock)
    records = come_due(draft, situation.contests[round_]).records
    blank = Decision(id_, "due", clock, due=round_, reasons=tuple(draft.reasons))
    draft.reasons.clear()
    return _settled(blank, draft, (), records)


def _bring_along(draft: Draft, decision: Decision) -> None:
    """Points follow people into their household."""
    if draft.situation.wallets:
        for owner in decision.owners:
            if owner.kind == HOUSEHOLD:
                bring_along(draft, owner.party)


def _referral_due(referral_id: str, situation: Situation, clock: datetime) -> Decision:
    referral = situation.referrals[referral_id]
    # Under a clock that is held, a signal may go off and on again at one and the same moment.
    is_switched = judged_anew(situation, referral, clock) is not None
    more = ("switched", str(len(referral.claims))) if is_switched else ()
    if referral.woken:  # so may something that it reads
        more = (*more, "woken", str(referral.woken))
    if moving.is_due(situation, referral, clock):
        more = (*more, "moved", str(len(referral.claims)))
    id_ = ident("decision", "due", referral_id, clock.isoformat(), *more)
    blank = Decision(id_, "due", clock, due=referral_id, party=referral.friend)
    friends = () if referral.is_record else (referral.friend,)
    return _settled(blank, Draft(situation, id_, clock), friends, {referral.id: referral} if referral.is_record else {})


def fingerprint(decision: Decision) -> str:
    """SHA-256 over everything a decision says; a replay must come to the same."""
    plain = msgspec.structs.replace(decision, publication=None)
    return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()


def _settled(decision: Decision, draft: Draft, friends: tuple[str, ...], touched: dict[str, Referral]) -> Decision:
    """Settle every referral of the friends concerned; `touched` are referrals that an act already changed."""
    changed: dict[str, Referral] = dict(touched)
    held: list[Reason] = []
    for friend in friends:
        if draft.situation.is_too_long(friend):  # what a person did stands; nothing is computed anew from a part
            held.append(Reason("history_too_long", None, None, str(HISTORY_EVENTS)))
            continue
        is_gone = is_forgotten(draft.situation, friend)
        found = {} if is_gone else {merit.id: merit for merit in merits(draft.situation, friend, draft.clock)}
        known = {id_: draft.situation.referrals[id_] for id_ in sorted(draft.situation.of_friend.get(friend, ()))} | {
            id_: referral for id_, referral in touched.items() if referral.friend == friend and not referral.is_record
        }
        found, known, moved = moving.decide_moves(draft.situation, friend, found, known, draft.clock)
        for id_ in (*found, *(id_ for id_ in known if id_ not in found)):
            before = known.get(id_)
            is_withdrawn = before is not None and (before.friend, before.bound_event) in decision.withdrawn
            after = _settle(draft, found.get(id_), before, is_withdrawn=is_withdrawn)
            if after is not None and (after != before or id_ in touched or id_ in moved):
                changed[id_] = moving.waits_for(draft.situation, after, draft.clock)
        waiting = (draft.situation.referrals[id_] for id_ in sorted(draft.situation.waiting.get(friend, ())))
        touched = {record.id: record for record in waiting if record.is_record} | touched
    changed |= _ladders(draft, touched)
    changed |= woken_by(draft.situation, changed, draft.clock)
    referrals = tuple(changed.values())
    settled = (
        referral for referral in referrals if referral.friend in friends or referral.is_record
    )  # others were only made due
    reasons = (*decision.reasons, *held, *(reason for referral in settled for reason in referral.reasons))
    return msgspec.structs.replace(
        decision,
        referrals=referrals,
        wallets=draft.wallets,
        rounds=draft.rounds,
        entries=(*decision.entries, *draft.entries),
        counters=draft.counted,
        notices=(*decision.notices, *draft.notices),
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _ladders(draft: Draft, touched: dict[str, Referral]) -> dict[str, Referral]:
    """The records of ladders that this decision moved, or that an act or a moment speaks of."""
    for record in touched.values():
        if record.is_record and counter_of(record) not in draft.touched:
            draft.touch(counter_of(record), terms_of_record(draft, record), record.bound_at)
    found: dict[str, Referral] = {}
    for counter, (terms, moved_at) in draft.touched.items():
        known = touched.get(record_id(counter))
        after = settle_ladder(draft, counter, terms, moved_at, known)
        if after is not None and (known is not None or after != draft.situation.referrals.get(after.id)):
            found[after.id] = after
    return found


def _settle(
    draft: Draft, merit: Merit | None, before: Referral | None, *, is_withdrawn: bool = False
) -> Referral | None:
    """One referral by its merit. What left the house settles whose it is; what events no longer bear out is dissolved."""
    if before is not None and (standing := settle_forgotten(draft, before)):
        return standing
    if before is not None and any(reward.state in SETTLED_STATES for reward in before.rewards):
        pinned: Merit | None = merit
        if merit is None:
            why = Reason("superseded", False, "the events no longer bind the friend")
            pinned = pinned_merit(draft.situation, before, why, draft.clock)
        elif before.advocate != merit.touch.advocate:
            why = Reason("attribution_settled", False, merit.touch.method, None, merit.touch.event)
            pinned = pinned_merit(draft.situation, before, why, draft.clock)
        return settle(draft, pinned, before) if pinned else before
    if merit is not None:
        return settle(draft, merit, before)
    if before is None or not (is_withdrawn or _is_on_record(draft.situation, before)):
        return before
    return dissolve(draft, before, Reason("superseded", False, "the events no longer bind the friend"))


def _is_on_record(situation: Situation, referral: Referral) -> bool:
    """Whether the binding event is at hand: what was decided on a longer history is not undone by a shorter one."""
    return any(event.id == referral.bound_event for event in situation.history(referral.friend))


def _why_nothing(decision: Decision, event: Event, situation: Situation) -> tuple[Reason, ...]:
    """An event without consequence still says so, and why it made nobody an advocate."""
    if decision.reasons:
        return decision.reasons
    if not any(situation.terms_at(program, event.at) for program in situation.book):
        return (Reason("not_running", False, f"{event.at:%Y-%m-%d}"),)
    own = [situation.referrals[id_] for id_ in sorted(situation.of_friend.get(decision.party or "", ()))]
    if any(not _is_on_record(situation, referral) for referral in own):
        return (Reason("history_too_long", None, None, str(HISTORY_EVENTS)),)
    if own and _may_count(event, situation):
        standing = (verdict(referral.reasons) for referral in own)
        return tuple(dict.fromkeys(reason for reason in standing if reason))
    if decision.party and not own:
        why = why_not_referred(situation, decision.party, event, decision.clock)
        if why:
            return why
    if event.type == "signup" and not bears_touch(event):
        return (Reason("no_touch", False),)
    return (Reason("recorded", True),)


def _may_count(event: Event, situation: Situation) -> bool:
    """Whether such events count in a program, or take back what counted."""
    if event.type == "claim" or event.type in TAKES_BACK:
        return True
    return any(event.type in terms.event_types for versions in situation.book.values() for terms in versions)


class Lane:
    """Events of one client in order of arrival; before each, every moment that came due by its time is decided first.

    Where only a part of the client is at hand, `at_hand` names the friends who are there with all they did, and `due` what is
    to come about. What comes due for somebody else waits, and everything after it: `asks_for_more` then says so.
    """

    def __init__(
        self,
        situation: Situation,
        *,
        pass_over: frozenset[str] = frozenset(),
        at_hand: Collection[str] | None = None,
        due: Iterable[str] | None = None,
    ) -> None:
        self.situation = situation
        self.deciding: str | None = None  # event, referral or wallet at hand, for whoever has to set it aside
        self.asks_for_more = False
        self._pass_over = pass_over  # referrals and wallets whose moments were set aside
        self._at_hand = at_hand
        known = situation.dues() if due is None else ((situation.due_at(id_), id_) for id_ in due)
        self._dues = [(at, id_) for at, id_ in known if at is not None]
        heapify(self._dues)

    def clock_for(self, at: datetime, now: datetime) -> datetime:
        """Business time never runs back, and never ahead of `now` for an event from the future."""
        clock = min(at, now)
        return clock if self.situation.clock is None else max(self.situation.clock, clock)

    def receive(self, event: Event, now: datetime) -> Iterator[Decision]:
        """Decisions of due moments, then of the event itself (the last one), unless a moment before it asks for more."""
        clock = self.clock_for(event.at, now)
        yield from self.advance(clock)
        if self.asks_for_more:
            return
        self.deciding = event.id
        decision = decide(event, self.situation, clock)
        self._fold(decision)
        yield decision

    def advance(self, until: datetime) -> Iterator[Decision]:
        """Let time run: every moment that comes due up to and including `until`, in order."""
        while self._dues and self._dues[0][0] <= until:
            due_at, due_id = self._dues[0]
            is_over = self.situation.due_at(due_id) != due_at or due_id in self._pass_over
            if not is_over and not self._is_at_hand(due_id):
                self.asks_for_more = True
                return
            heappop(self._dues)
            if is_over:
                continue  # decided anew since: another moment stands in the heap
            self.deciding = due_id
            decision = decide_due(due_id, self.situation, self.clock_for(due_at, until))
            self._fold(decision)
            yield decision

    def _is_at_hand(self, due_id: str) -> bool:
        referral = self.situation.referrals.get(due_id)
        return self._at_hand is None or referral is None or referral.is_record or referral.friend in self._at_hand

    def _fold(self, decision: Decision) -> None:
        fold(self.situation, decision)
        for changed in _changed(decision):
            if changed.next_due_at:
                heappush(self._dues, (changed.next_due_at, changed.id))


def fold(situation: Situation, decision: Decision) -> None:
    """Make what follows part of the situation; a moment that changed nothing is over all the same."""
    situation.tick(decision.clock)
    situation.conclude(decision)
    if decision.due and all(one.id != decision.due for one in _changed(decision)):
        situation.nothing_due(decision.due)


def _changed(decision: Decision) -> tuple[Referral | Wallet | Round, ...]:
    """Everything with moments of its own that the decision leaves otherwise."""
    return (*decision.referrals, *decision.wallets, *decision.rounds)
