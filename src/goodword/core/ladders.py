"""What did many referrals together earn one person? Rungs reached in a period, and what is missing at its close.

Each ladder of a promise has one record for a person and a period: a Referral of the kind "record" whose rewards are keyed
by the rung ("advocate:first_order:0@5") or by the close ("...@close"). It is settled after the referrals that moved it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from goodword.core.amounts import Amount, percent_of
from goodword.core.attribution import Touch
from goodword.core.contracts import Own, own_values
from goodword.core.draft import Draft
from goodword.core.events import Event, ident
from goodword.core.journey import Step
from goodword.core.offers import Due, Offer, lines_with, parts_of, row_at, tell_own
from goodword.core.periods import period_end
from goodword.core.qualification import Merit
from goodword.core.reasons import Reason
from goodword.core.referral import PAID, STANDING, Referral, Reward
from goodword.core.releasing import looked_at_again
from goodword.core.reversal import adjust, owes, take_back
from goodword.core.rewarding import grant
from goodword.core.settlement import blocked, claim_reasons, move_on, reward_reason
from goodword.core.terms import WHOLE, Ladder, Promise, Row, Terms

MOST_RUNGS = 500  # of one ladder in one period; more of them a person has to look at
CLOSE = "close"
_TICK = timedelta(microseconds=1)


class Standing(msgspec.Struct, frozen=True):
    """A ladder as one person stands on it in one period."""

    id: str
    payee: str
    program: str
    promise: Promise
    period: str
    terms: Terms  # the version in force at the winning touch of the referral that moved it last
    number: int
    minor: int
    given_minor: int  # what the first row gave for each friend, where the rest follows at the close
    moved_at: datetime
    part: str  # the market whose own ladder it is
    friends: int  # of all markets, where they are counted together

    @property
    def ladder(self) -> Ladder:
        """The ladder of the promise."""
        assert self.promise.ladder is not None
        return self.promise.ladder

    @property
    def level(self) -> int:
        """How far it came: friends, or minor units of their orders."""
        return self.friends if self.ladder.by == "count" else self.minor

    @property
    def closes_at(self) -> datetime | None:
        """The close of the period, where something follows at it."""
        if self.ladder.apply == "once":
            return None
        return period_end(self.period, self.ladder.period, self.terms)


def record_id(counter: str) -> str:
    """Id of the record that a ladder's counter belongs to."""
    payee, _, program, promise, part, period = counter.split("|")
    return ident("record", program, payee, promise, period, *_named(part))


def counter_of(record: Referral) -> str:
    """The counter of the ladder that a record belongs to."""
    promise, period, *part = record.subject.split("|")
    return f"{record.friend}|ladder|{record.program}|{promise}|{part[0] if part else WHOLE}|{period}"


def terms_of_record(draft: Draft, record: Referral) -> Terms:
    """The terms that a record was settled by last: those of its market where it has one of its own."""
    terms = draft.situation.terms_of(record.program, record.version)
    *_, key, part, _ = counter_of(record).split("|")
    return terms.in_part(key, part)


def _named(part: str) -> tuple[str, ...]:
    return () if part == WHOLE else (part,)


def settle_ladder(
    draft: Draft, counter: str, terms: Terms, moved_at: datetime, known: Referral | None = None
) -> Referral | None:
    """The record as it stands after this decision; None where there is still nothing to record. `known`: as an act left it."""
    standing = _standing(draft, counter, terms, moved_at)
    before = known or draft.situation.referrals.get(record_id(counter))
    if standing is None:
        return before
    if before is None and standing.number <= 0:
        return None
    record = before or _opened(draft, standing)
    record = msgspec.structs.replace(record, version=terms.version)
    dues = _dues(draft, standing, record)
    for due, offer in dues:
        record = _given(draft, standing, record, due, offer)
    for reward in record.rewards:
        if reward.state in STANDING and reward.promise not in {due.key for due, _ in dues}:
            record = _no_longer(draft, standing, record, reward)
    merit = _merit(standing, standing.moved_at)
    waits: list[str] = []
    for reward in record.rewards:
        record, waiting = move_on(draft, merit, record, reward)
        waits.extend(waiting)
    return _concluded(draft, standing, record, before, tuple(dict.fromkeys(waits)))


def _standing(draft: Draft, counter: str, terms: Terms, moved_at: datetime) -> Standing | None:
    payee, _, program, key, part, period = counter.split("|")
    promise = terms.promise(key)
    if promise is None or promise.ladder is None:
        return None
    number, minor = draft.counter(counter)
    _, given = draft.counter(f"{counter}|given")
    over_all = promise.ladder.counts_over_all
    friends = sum(draft.counter(one)[0] for one in parts_of(counter, terms)) if over_all else number
    id_ = record_id(counter)
    return Standing(id_, payee, program, promise, period, terms, number, minor, given, moved_at, part, friends)


def _opened(draft: Draft, standing: Standing) -> Referral:
    return Referral(
        id=standing.id,
        program=standing.program,
        friend=standing.payee,
        subject="|".join((standing.promise.key, standing.period, *_named(standing.part))),
        version=standing.terms.version,
        method="record",
        bound_at=standing.moved_at,
        bound_event="",
        touch_at=standing.moved_at,
        touch_event="",
        state="joined",
        state_at=draft.clock,
        created_at=draft.clock,
        advocate=standing.payee,
        kind="record",
    )


def _merit(standing: Standing, at: datetime) -> Merit:
    """The record as a merit: the payee on both sides; conditions on friends speak of friends, and there is none here."""
    binding = Event(id=standing.id, type="record", at=at)
    terms = msgspec.structs.replace(standing.terms, friend_conditions=())
    touch = Touch("record", standing.payee, at, binding.id, None, terms, binding.rank)
    return Merit(
        standing.id, standing.program, standing.payee, standing.promise.key, 0, touch, binding, False, None, {}, ()
    )


# -- what is due -------------------------------------------------------------------------------------------------------


def _dues(draft: Draft, standing: Standing, record: Referral) -> list[tuple[Due, Offer]]:
    """Every rung that is reached, and the rest that is missing at the close."""
    if standing.ladder.apply != "once":
        return _rest(draft, standing)
    found: list[tuple[Due, Offer]] = []
    for n, place in _rungs(standing.ladder, standing.level):
        due = _due(standing, str(place), standing.moved_at)
        own = _own(draft, standing, _reached_at(standing, record.reward(due.key)))
        row = lines_with(standing.promise, own)[n]
        minor = row.kind.amount_minor(row.give, standing.minor)
        if minor:
            tell_own(draft, due, row, own)
            found.append((due, Offer(row.kind, row.give, minor)))
    return found


def _rest(draft: Draft, standing: Standing) -> list[tuple[Due, Offer]]:
    """What is missing at the close, by the contract that ruled at the last moment of the period where the payee has one."""
    closes_at = standing.closes_at
    if closes_at is None or draft.clock < closes_at:
        return []
    own = _own(draft, standing, closes_at - _TICK)
    rows = lines_with(standing.promise, own)
    missing, reached = _missing_minor(standing, rows), row_at(rows, standing.level)
    if missing <= 0:
        return []
    due = _due(standing, CLOSE, closes_at)
    if reached:
        tell_own(draft, due, reached, own)
    return [(due, Offer(rows[0].kind, rows[0].give, missing))]


def _own(draft: Draft, standing: Standing, at: datetime) -> Own | None:
    return own_values(draft.situation, standing.terms, standing.promise, standing.payee, at)


def _reached_at(standing: Standing, known: Reward | None) -> datetime:
    """When a rung was reached: what stands keeps its moment, whatever else moves the ladder later."""
    return known.milestone_at if known and known.state in STANDING else standing.moved_at


def _rungs(ladder: Ladder, level: int) -> list[tuple[int, int]]:
    """The rungs that are reached: (line of the ladder, place)."""
    if ladder.every:
        most = min(level // ladder.every, MOST_RUNGS)
        return [(0, n * ladder.every) for n in range(1, most + 1)]
    return [(n, row.at) for n, row in enumerate(ladder.rows) if row.at <= level]


def _due(standing: Standing, mark: str, at: datetime) -> Due:
    return Due(standing.promise, f"{standing.promise.key}@{mark}", Step("reached", Reason("milestone_reached"), at))


def _missing_minor(standing: Standing, rows: tuple[Row, ...]) -> int:
    """What the whole period comes to by the tier that it reached, less what the first tier gave for each friend."""
    ladder = standing.ladder
    row = row_at(rows, standing.level)
    if row is None:
        return 0
    if ladder.apply == "whole_period":
        return _worth(row, standing.number, standing.minor) - standing.given_minor
    total = 0
    for n, one in enumerate(rows):
        begins = one.at
        ends = rows[n + 1].at if n + 1 < len(rows) else None
        if ladder.by == "count":
            begins -= 1
            ends = None if ends is None else ends - 1
        top = standing.level if ends is None else min(ends, standing.level)
        part = max(0, top - begins)
        total += _worth(one, part, part) if ladder.by == "count" else _worth(one, 0, part)
    return total - standing.given_minor


def _worth(row: Row, number: int, minor: int) -> int:
    """What a row gives for so many friends who ordered so much: a fixed gift for each, a percentage of the sum."""
    if row.give.percent is not None:
        return percent_of(minor, row.give.percent)
    return number * (row.kind.amount_minor(row.give, None) or 0)


# -- what stands -------------------------------------------------------------------------------------------------------


def _given(draft: Draft, standing: Standing, record: Referral, due: Due, offer: Offer) -> Referral:
    """A rung that is reached: granted once; what was suspended is granted anew; the rest at the close follows the sum."""
    if blocked(record, due.key):
        return record
    reward = record.reward(due.key)
    assert due.step.at is not None and offer.minor is not None
    if reward is None or reward.state == "voided":
        return grant(draft, _merit(standing, due.step.at), record, due, offer, False)
    if reward.state in STANDING and due.key.endswith(f"@{CLOSE}") and offer.minor != reward.amount_minor:
        return adjust(draft, record, reward, standing.terms, offer.minor)
    return record


def _no_longer(draft: Draft, standing: Standing, record: Referral, reward: Reward) -> Referral:
    """A rung that is not reached any more: kept once sent, else suspended, or what the terms say."""
    shrinks = "take_back" if reward.promise.endswith(f"@{CLOSE}") else standing.ladder.shrinks
    if shrinks == "keep" or (shrinks == "suspend" and reward.state == "sent"):
        draft.reasons.append(Reason("kept_though_fewer", True, _words(standing, standing.level), None, reward.promise))
        return record
    reason = "suspended" if shrinks == "suspend" else "reversal"
    return take_back(draft, record, reward, standing.terms, reason=reason)


def _concluded(
    draft: Draft, standing: Standing, record: Referral, before: Referral | None, waits: tuple[str, ...]
) -> Referral:
    rewards = [reward for reward in record.rewards if reward.state in STANDING]
    if rewards:
        state = "rewarded" if all(reward.state in PAID for reward in rewards) else "qualified"
    else:
        state = "reversed" if record.rewards else "joined"
    needed = _next_words(standing)
    reasons = (
        Reason("ladder_stands", True, _words(standing, standing.level), needed, standing.promise.key),
        *claim_reasons(record),
        *draft.reasons,
        *(reward_reason(reward) for reward in record.rewards if record.reward(reward.promise) is reward),
    )
    draft.reasons.clear()
    dues = [reward.due_at for reward in record.rewards if reward.state == "pending"]
    dues += [reward.state_at + standing.terms.net_within for reward in record.rewards if owes(reward)]
    dues += [standing.closes_at] if standing.closes_at else []
    merit = _merit(standing, standing.moved_at)
    pending = (reward for reward in record.rewards if reward.state == "pending")
    dues += [at for at in (looked_at_again(draft, merit, reward) for reward in pending) if at]
    coming = [due for due in dues if due > draft.clock]
    changed = before is None or before.state != state
    return msgspec.structs.replace(
        record,
        state=state,
        state_at=draft.clock if changed else record.state_at,
        reasons=tuple(dict.fromkeys(reasons)),
        next_due_at=min(coming) if coming else None,
        waits_on=waits,
    )


def _next_words(standing: Standing) -> str | None:
    """The next place on the ladder, for people; None at its top."""
    ladder = standing.ladder
    if ladder.every:
        return _words(standing, (standing.level // ladder.every + 1) * ladder.every)
    above = [row.at for row in ladder.rows if row.at > standing.level]
    return _words(standing, above[0]) if above else None


def _words(standing: Standing, level: int) -> str:
    return str(level) if standing.ladder.by == "count" else str(Amount(level, standing.terms.currency))
