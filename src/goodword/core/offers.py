"""What does a promise come to for one referral? Its occurrences, the line of its table, what was chosen, its place on a ladder."""

from __future__ import annotations

from datetime import datetime

import msgspec

from goodword.core.amounts import Amount
from goodword.core.attribution import conditions_at
from goodword.core.contracts import Own, own_values, told, why_not_earning
from goodword.core.draft import Draft
from goodword.core.journey import Step
from goodword.core.kind import Give, RewardKind
from goodword.core.limits import payee_of
from goodword.core.periods import period_of
from goodword.core.qualification import Merit
from goodword.core.reasons import Reason
from goodword.core.referral import Claim, Referral
from goodword.core.requirements import OCCURRENCE
from goodword.core.situation import Notice
from goodword.core.terms import WHOLE, Promise, Row, Terms

CHANCES = 2**53  # a recorded random number lies below it


class Due(msgspec.Struct, frozen=True):
    """One occurrence of a promise: its key ("advocate:paid:0#3"), and the step that it hangs on."""

    promise: Promise
    key: str
    step: Step

    @property
    def is_reached(self) -> bool:
        """Whether its milestone is reached."""
        return self.step.state == "reached"


class Offer(msgspec.Struct, frozen=True):
    """What is deserved: kind, gift and amount. `minor` None: nobody knows yet, for it waits on parties or on a choice."""

    kind: RewardKind
    give: Give
    minor: int | None
    waits: tuple[str, ...] = ()
    due_at: datetime | None = None


def dues_of(merit: Merit) -> list[Due]:
    """Every occurrence of every promise, in the order of the document, whatever state it is in."""
    return [due for promise in merit.terms.promises for due in occurrences(merit, promise)]


def occurrences(merit: Merit, promise: Promise) -> list[Due]:
    """The steps of a promise's milestone: one, or as many as a repeated milestone had so far."""
    found = []
    for name, step in merit.steps.items():
        base, sign, number = name.partition(OCCURRENCE)
        if base == promise.on:
            found.append(Due(promise, f"{promise.key}{sign}{number}", step))
    return found


def offer_of(draft: Draft, merit: Merit, referral: Referral, due: Due) -> Offer | None:
    """What the occurrence comes to before limits and budget; None where nothing is deserved (yet)."""
    if merit.refused or not due.is_reached:
        return None
    promise = due.promise
    if why := _why_not_earning(draft, merit, due):
        draft.reasons.append(why)
        return None
    own = _own(draft, merit, due)
    if own and not (promise.ladder or promise.choice):
        return _given(draft, due, own.rows[0], own)
    if promise.to == "agent" and merit.agent is None:
        draft.reasons.append(Reason("agent_unknown", False, None, None, due.key))
        return None
    if promise.choice:
        return _chosen(draft, referral, due, own)
    if promise.rows:
        return _of_table(draft, merit, due)
    if promise.ladder:
        return _of_ladder(draft, merit, referral, due, own)
    return _comes_to(Row(promise.kind, promise.give), due.step)


def _own(draft: Draft, merit: Merit, due: Due) -> Own | None:
    """The lines of the promise by the contract of the referrer that ruled when its milestone was reached."""
    if merit.terms.contracts is None or due.step.at is None:
        return None
    return own_values(draft.situation, merit.terms, due.promise, merit.touch.advocate, due.step.at)


def lines_with(promise: Promise, own: Own | None) -> tuple[Row, ...]:
    """The lines of a ladder or of a choice, with what the contract gives in place of the program's."""
    return own.rows if own else promise.lines


def tell_own(draft: Draft, due: Due, row: Row, own: Own | None) -> None:
    """Say that a line is given by the contract, where it is."""
    if own and all(row is not line for line in due.promise.lines):
        draft.reasons.append(told(own, row, due.key))


def _given(draft: Draft, due: Due, row: Row, own: Own | None) -> Offer | None:
    tell_own(draft, due, row, own)
    return _comes_to(row, due.step)


def _comes_to(row: Row, step: Step) -> Offer | None:
    minor = row.kind.amount_minor(row.give, step.base_minor)
    return None if minor is None else Offer(row.kind, row.give, minor)


def _of_table(draft: Draft, merit: Merit, due: Due) -> Offer | None:
    """The first line whose conditions hold; an unknown above it waits, for it might be the one."""
    assert due.step.at is not None
    event = next((known for known in draft.situation.history(merit.friend) if known.id == due.step.event), None)
    for row in due.promise.rows:
        answers = conditions_at(
            draft.situation,
            merit.terms,
            row.conditions,
            "milestone",
            merit.touch.advocate,
            merit.friend,
            event,
            due.step.at,
        )
        if any(answer.met is False for _, answer in answers):
            continue
        unknown = next((condition for condition, answer in answers if answer.met is None), None)
        if unknown is None:
            return _comes_to(row, due.step)
        named = f"{unknown.side}.{unknown.field}"
        draft.reasons.append(Reason("status_missing", None, named, unknown.words, due.key))
        waits_on = merit.touch.advocate if unknown.side == "advocate" else merit.friend
        return Offer(row.kind, row.give, None, (waits_on,))
    draft.reasons.append(Reason("no_line_holds", False, str(len(due.promise.rows)), None, due.key))
    return None


# -- a choice ----------------------------------------------------------------------------------------------------------


def _chosen(draft: Draft, referral: Referral, due: Due, own: Own | None) -> Offer | None:
    """The gift that was chosen, by the payee, by the end of the span or by chance; until then it waits."""
    claim, rows = referral.claim("choice", due.key), lines_with(due.promise, own)
    if claim is not None and claim.granted:
        return _given(draft, due, rows[min(claim.value, len(rows) - 1)], own)
    if claim is not None and claim.granted is False:
        return None
    until = choose_until(due)
    return Offer(rows[0].kind, rows[0].give, None, (), until)


def choose_until(due: Due) -> datetime | None:
    """The last moment at which the payee may choose or claim; None: there is no end."""
    choice = due.promise.choice
    if choice is None or choice.within is None or due.step.at is None:
        return None
    return due.step.at + choice.within


def asked_to_choose(draft: Draft, merit: Merit, referral: Referral, due: Due) -> Referral:
    """Ask once; after the span what the terms say otherwise. Chance is asked for from outside, for deciding knows none."""
    choice, claim = due.promise.choice, referral.claim("choice", due.key)
    if choice is None or not due.is_reached:
        return referral
    own = _own(draft, merit, due)
    if claim is not None and claim.granted is not None:
        return _told_as_it_is(referral, claim, lines_with(due.promise, own)) if own else referral
    until = choose_until(due)
    is_over = until is not None and draft.clock > until
    if is_over and choice.otherwise == "forfeit":
        reason = Reason("not_claimed", False, f"{draft.clock:%Y-%m-%d}", f"{until:%Y-%m-%d}", due.key)
        return _with_choice(referral, Claim("choice", due.key, False, draft.clock, 0, reason))
    if is_over and choice.otherwise == "default":
        line = lines_with(due.promise, own)[0]
        reason = Reason("chosen", True, line.kind.sentence(line.give), "the first of the terms", due.key)
        return _with_choice(referral, Claim("choice", due.key, True, draft.clock, 0, reason))
    by_chance = choice.by_chance or is_over
    code = "draw_waits" if by_chance else "choice_open"
    if claim is not None and claim.reason and claim.reason.code == code:
        return referral
    reason = Reason(code, None, None, f"{until:%Y-%m-%d}" if until and not by_chance else "a draw", due.key)
    draft.notices.append(Notice("draw_needed" if by_chance else "choose_reward", referral.id, words=due.key))
    return _with_choice(referral, Claim("choice", due.key, None, draft.clock, 0, reason))


def _told_as_it_is(referral: Referral, claim: Claim, rows: tuple[Row, ...]) -> Referral:
    """What was chosen, told by the value that the contract of its day gives: who chose named a line, not a value."""
    if not claim.granted or claim.reason is None:
        return referral
    line = rows[min(claim.value, len(rows) - 1)]
    reason = msgspec.structs.replace(claim.reason, value=line.kind.sentence(line.give))
    return referral if reason == claim.reason else _with_choice(referral, msgspec.structs.replace(claim, reason=reason))


def by_weight(rows: tuple[Row, ...], number: int) -> int:
    """The line that a recorded random number below 2**53 falls on, each as wide as its weight."""
    place = number * sum(row.weight for row in rows) // CHANCES
    for n, row in enumerate(rows):
        if place < row.weight:
            return n
        place -= row.weight
    return len(rows) - 1


def _with_choice(referral: Referral, claim: Claim) -> Referral:
    others = tuple(known for known in referral.claims if not (known.kind == "choice" and known.key == claim.key))
    return msgspec.structs.replace(referral, claims=(*others, claim))


# -- a place on a ladder -----------------------------------------------------------------------------------------------


def ladder_counter(payee: str, program: str, promise: Promise, period: str) -> str:
    """Counter of a ladder (or of a market's part of it): how many friends and how much came together for one person."""
    part = promise.ladder.part if promise.ladder else WHOLE
    return f"{payee}|ladder|{program}|{promise.key}|{part}|{period}"


def parts_of(counter: str, terms: Terms) -> list[str]:
    """Counters of all parts of the same ladder: the tier follows the friends of all markets, each part its own money."""
    *before, key, _, period = counter.split("|")
    markets = [promise for _, own in terms.markets if (promise := own.promise(key))]
    parts = dict.fromkeys((WHOLE, *(promise.ladder.part for promise in markets if promise.ladder)))
    return ["|".join((*before, key, part, period)) for part in parts]


def counted(draft: Draft, merit: Merit, referral: Referral, *, is_stopped: bool) -> Referral:
    """The referral's part in every ladder of its promises: taken while its milestone stands, given back when it falls.

    The place is a claim: it is taken in order of decision, and who took it keeps it until the milestone falls.
    """
    dues = dues_of(merit)
    for due in dues:
        if due.promise.ladder:
            referral = _counted(draft, merit, referral, due, is_stopped=is_stopped)
    return uncounted(draft, referral, merit.terms, frozenset(due.key for due in dues))


def uncounted(draft: Draft, referral: Referral, terms: Terms, kept: frozenset[str] = frozenset()) -> Referral:
    """The referral without its part in ladders that it has no promise of any more; the ladders are settled anew."""
    gone = [claim for claim in referral.claims if claim.kind == "counted" and claim.counters and claim.key not in kept]
    if not gone:
        return referral
    for claim in gone:
        for counter, number, minor in claim.counters:
            draft.count(counter, -number, -minor)
        counter = claim.counters[0][0]
        _touch(draft, terms, counter, draft.touched_at(counter) or claim.at)
    claims = tuple(
        msgspec.structs.replace(claim, granted=False, counters=()) if claim in gone else claim
        for claim in referral.claims
    )
    return msgspec.structs.replace(referral, claims=claims)


def _counted(draft: Draft, merit: Merit, referral: Referral, due: Due, *, is_stopped: bool) -> Referral:
    ladder, claim = due.promise.ladder, referral.claim("counted", due.key)
    assert ladder is not None
    before = claim.counters if claim else ()
    after: tuple[tuple[str, int, int], ...] = ()
    is_counted = not (merit.refused or is_stopped or _why_not_earning(draft, merit, due))
    if due.is_reached and due.step.at and is_counted:
        period = period_of(due.step.at, ladder.period, merit.terms)
        counter = ladder_counter(payee_of(merit, due.promise), merit.program, due.promise, period)
        after = ((counter, 1, due.step.base_minor or 0),)
        if ladder.apply in ("whole_period", "slice"):
            given = _comes_to(lines_with(due.promise, _own(draft, merit, due))[0], due.step)
            after = (*after, (f"{counter}|given", 1, given.minor or 0 if given else 0))
    if before == after:
        return referral
    place = claim.value if claim else 0
    if after and (not before or before[0][0] != after[0][0]):
        number, minor = draft.counter(after[0][0])
        place = number + 1 if ladder.by == "count" else minor
    for sign, places in ((-1, before), (1, after)):
        for counter, number, minor in places:
            draft.count(counter, sign * number, sign * minor)
    for counter, _, _ in {*before[:1], *after[:1]}:
        if ladder.has_record:
            at = due.step.at or draft.clock
            _touch(draft, merit.terms, counter, at)
            if ladder.counts_over_all:
                _touch_others(draft, merit.terms, counter, at)
    counted = Claim("counted", due.key, bool(after), draft.clock, place, None, (), after)
    others = tuple(known for known in referral.claims if known is not claim)
    return msgspec.structs.replace(referral, claims=(*others, counted))


def _why_not_earning(draft: Draft, merit: Merit, due: Due) -> Reason | None:
    """Why the referrer's contract lets the step earn nothing."""
    if merit.terms.contracts is None or due.promise.to != "advocate" or due.step.at is None:
        return None
    touch = merit.touch
    return why_not_earning(draft.situation, merit.terms, touch.advocate, due.step.at, touch.at, due.key)


def _touch(draft: Draft, terms: Terms, counter: str, at: datetime) -> None:
    *_, key, part, _ = counter.split("|")
    draft.touch(counter, terms.in_part(key, part), max(at, draft.touched_at(counter) or at))


def _touch_others(draft: Draft, terms: Terms, counter: str, at: datetime) -> None:
    """One more friend (or one fewer) moves the tier of the other markets' parts too."""
    for other in parts_of(counter, terms):
        if other != counter and draft.counter(other)[0]:
            _touch(draft, terms, other, at)


def _of_ladder(draft: Draft, merit: Merit, referral: Referral, due: Due, own: Own | None) -> Offer | None:
    """For each friend: the row of the place that was taken; the first one where a true-up follows at the close."""
    ladder, claim = due.promise.ladder, referral.claim("counted", due.key)
    assert ladder is not None
    if ladder.apply == "once" or claim is None or not claim.counters:
        return None
    if ladder.apply != "from_here_on":
        return _given(draft, due, lines_with(due.promise, own)[0], own)
    row = row_at(lines_with(due.promise, own), claim.value)
    if row is None:
        currency = merit.terms.currency
        stood, needed = (
            (str(place) if ladder.by == "count" else str(Amount(place, currency)))
            for place in (claim.value, ladder.rows[0].at)
        )
        draft.reasons.append(Reason("place_too_low", None, stood, needed, due.key))
        return None
    return _given(draft, due, row, own)


def row_at(rows: tuple[Row, ...], place: int) -> Row | None:
    """The row of a place: the last one that begins at or before it."""
    found = None
    for row in rows:
        if row.at <= place:
            found = row
    return found
