"""Which promise did the referrer share? Where the version that was shared shortly before the touch promises the referrer more,
that one holds for the referrer's part; the friend's part, limits and budget stay those of the version at the touch.

Where each of two versions promises something that the other does not, the referral decides: the one by which it gets more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

import msgspec

from goodword.core.attribution import Touch
from goodword.core.conditions import Condition
from goodword.core.events import Event
from goodword.core.markets import in_market
from goodword.core.reasons import Reason
from goodword.core.requirements import Combination, Milestone
from goodword.core.situation import Situation
from goodword.core.terms import Promise, Terms
from goodword.core.weighing import harder_terms, what_is_lost

ADVOCATE = "advocate"

Worth = Callable[[Terms], Mapping[str, int]]  # what the referrer gets by some terms, by asset


def may_hold(versions: Sequence[Terms]) -> bool:
    """Whether what a referrer shared can make a difference in a program: there is more than one promise, and one that holds."""
    return len(versions) > 1 and any(terms.promise_days for terms in versions)


def as_shared(
    situation: Situation, program: str, friend: str, touch: Touch, binding: Event, worth: Worth
) -> tuple[Touch, Reason | None]:
    """The touch under its terms, with the referrer's part of the best version that was shared in time; and by which share.

    `worth` says what the referrer gets for this friend under some terms.
    """
    if not may_hold(situation.book[program]) or touch.method == "own":
        return touch, None
    best, whole, why = touch.terms, touch.terms, None
    for event, version in _shared(situation, program, touch, binding):
        shared = in_market(situation, version, friend, binding)
        if not _can_hold(shared, touch.terms):
            continue
        composed = _Composing(touch.terms, shared).terms()
        is_better = _is_better(shared, best)
        if is_better is None:
            is_better = _is_more(worth(composed), worth(whole))
        if is_better:
            best, whole, why = shared, composed, Reason("promise_shared", True, str(shared.version), None, event.id)
    return msgspec.structs.replace(touch, terms=whole), why


def _shared(situation: Situation, program: str, touch: Touch, binding: Event) -> Iterator[tuple[Event, Terms]]:
    """Shares by the referrer before the touch with versions that still hold and still took friends in, the latest first."""
    for event in reversed(situation.history(touch.advocate)):
        if event.type != "share" or event.rank > touch.rank or not _is_of(situation, event, program):
            continue
        terms = situation.terms_at(program, event.at)
        if terms is None or touch.at - event.at > timedelta(days=terms.promise_days):
            continue
        is_over = (terms.last_touch_at and touch.at > terms.last_touch_at) or (
            terms.last_join_at and binding.at > terms.last_join_at
        )
        if not is_over:
            yield event, terms


def _is_of(situation: Situation, event: Event, program: str) -> bool:
    """Whether something of this program was shared: it says so, by its code too, or says nothing else."""
    named = {event.program, *(situation.codes[code].program for code in event.codes if code in situation.codes)} - {
        None
    }
    return named <= {program}


# -- better, and for whom ----------------------------------------------------------------------------------------------


def _can_hold(shared: Terms, now: Terms) -> bool:
    """Whether another version may hold for the referrer's part: it asks no more as a whole. Ladders of many friends stay."""
    if shared.version == now.version or harder_terms(now, shared, for_friend=False):
        return False
    return not any(promise.ladder for promise in (*_of_advocate(shared), *_of_advocate(now)))


def _is_better(shared: Terms, best: Terms) -> bool | None:
    """Whether the referrer has something by the shared version, and loses nothing by it; None: the referral has to say."""
    mine, theirs = _of_advocate(shared), _of_advocate(best)
    if not any(what_is_lost(promise, shared, best) for promise in mine):
        return False
    if not any(what_is_lost(promise, best, shared) for promise in theirs):
        return True
    is_plain = not any(promise.rows or promise.choice for promise in (*mine, *theirs))
    return None if is_plain and best.contracts is None else False


def _is_more(worth: Mapping[str, int], other: Mapping[str, int]) -> bool:
    """Whether one is more in some asset, and less in none."""
    return worth != other and all(worth.get(asset, 0) >= number for asset, number in other.items())


def _of_advocate(terms: Terms) -> list[Promise]:
    return [promise for promise in terms.promises if promise.to == ADVOCATE]


class _Composing:
    """Terms with the referrer's promises of another version. A milestone that differs there stands under a name of its own."""

    def __init__(self, now: Terms, shared: Terms) -> None:
        self.now, self.shared = now, shared
        self.names: dict[str, str] = {}
        self.added: list[Milestone] = []

    def terms(self) -> Terms:
        part = [msgspec.structs.replace(promise, on=self.place(promise.on)) for promise in _of_advocate(self.shared)]
        rest = [promise for promise in self.now.promises if promise.to != ADVOCATE]
        milestones = (*self.now.milestones, *self.added)
        return msgspec.structs.replace(self.now, promises=(*part, *rest), milestones=milestones)

    def place(self, name: str) -> str:
        """The name of a shared milestone in the whole: its own where both versions mean the same by it."""
        theirs = _named(self.shared, name)
        if theirs is None:
            return name
        if name not in self.names:
            moved = self._with_names(theirs)
            same = moved == _named(self.now, name)
            self.names[name] = name if same else f"{name}_v{self.shared.version}"
            self.added += [] if same else [msgspec.structs.replace(moved, name=self.names[name])]
        return self.names[name]

    def _with_names(self, milestone: Milestone) -> Milestone:
        """The milestone speaking of the others by the names that they have in the whole."""
        combines = milestone.combines
        if combines:
            names = tuple(self.place(name) for name in combines.names)
            combines = Combination(names, combines.needed, combines.in_order)
        return msgspec.structs.replace(
            milestone,
            within_of=self.place(milestone.within_of) if milestone.within else milestone.within_of,
            moment_after=self.place(milestone.moment_after) if milestone.moment_after else None,
            combines=combines,
            conditions=tuple(self._about(condition) for condition in milestone.conditions),
        )

    def _about(self, condition: Condition) -> Condition:
        if not condition.step:
            return condition
        step = self.place(condition.step)
        field = condition.values[0].partition(".")[2]
        return msgspec.structs.replace(condition, step=step, values=(f"{step}.{field}",))


def _named(terms: Terms, name: str) -> Milestone | None:
    return next((milestone for milestone in terms.milestones if milestone.name == name), None)
