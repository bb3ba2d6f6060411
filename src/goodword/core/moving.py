"""May an open referral be judged by newer terms? Only where nothing that it was promised becomes less, or where it was named.

Moving is asked for by an act and decided referral by referral, each with its own history at hand. What cannot be shown to
be as good counts as worse: terms that differ in more than what is understood here keep the old promise.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from goodword.core.kind import Give
from goodword.core.qualification import Merit, merits
from goodword.core.reasons import Reason
from goodword.core.referral import STANDING, Claim, Referral
from goodword.core.requirements import Milestone
from goodword.core.situation import Situation
from goodword.core.terms import Promise, Row, Terms

OPEN_STATES = frozenset({"joined", "waiting", "held", "qualified"})
NAMED = "named"  # key of the claim of a referral that moves though it loses by it
_LEFT_THE_HOUSE = frozenset({"sent", "clawed_back", "written_off"})
# Orders of 1 to 50,000,000 of a currency's hundredths, at which two rewards are laid side by side: both rise evenly
# between their caps, so one that is not lower at any of these is not lower in between by more than a cap's corner.
_BASES = tuple(step * 10**power for power in range(10) for step in (1, 2, 5))
_IN_WORDS = {  # what a milestone asks more of, by its field
    "event": "another event",
    "count": "another number",
    "min_minor": "a higher minimum",
    "base": "another base",
    "within": "less time",
    "grace": "less patience",
    "conditions": "new conditions",
    "without": "new hindrances",
    "repeat": "other repetitions",
}
_LATE_MOMENTS = frozenset({"milestone", "release", "payment"})


class Moved(NamedTuple):
    """The merits and referrals of a friend after what waited to move was decided, and which those were."""

    found: dict[str, Merit]
    known: dict[str, Referral]
    decided: frozenset[str]


def asked(referral: Referral) -> Claim | None:
    """The claim of a referral that waits to be moved."""
    last = next((claim for claim in reversed(referral.claims) if claim.kind == "move"), None)
    return last if last is not None and last.granted is None else None


def is_due(situation: Situation, referral: Referral, clock: datetime) -> bool:
    """Whether it waits to be moved, and the terms it is to move to are in force."""
    claim = asked(referral)
    return claim is not None and situation.terms_of(referral.program, claim.value).live_from <= clock


def waits_for(situation: Situation, referral: Referral, clock: datetime) -> Referral:
    """The referral, its next moment not after the one at which it is to move."""
    claim = asked(referral)
    if claim is None:
        return referral
    moves_at = max(clock, situation.terms_of(referral.program, claim.value).live_from)
    if moves_at <= clock or (referral.next_due_at and referral.next_due_at <= moves_at):
        return referral
    return msgspec.structs.replace(referral, next_due_at=moves_at)


def decide_moves(
    situation: Situation, friend: str, found: dict[str, Merit], known: dict[str, Referral], clock: datetime
) -> Moved:
    """Decide what of a friend's referrals waits to move: each by its merit under both versions."""
    due = {id_: claim for id_, one in known.items() if is_due(situation, one, clock) and (claim := asked(one))}
    if not due:
        return Moved(found, known, frozenset())
    newer = {merit.id: merit for merit in merits(situation, friend, clock, {id_: due[id_].value for id_ in due})}
    found, known = dict(found), dict(known)
    for id_, claim in due.items():
        old, new, referral = found.get(id_), newer.get(id_), known[id_]
        worse = _hindered(referral) or (
            weigh(referral, old, new) if old and new else (Reason("promise_kept", True, "its touch", None),)
        )
        is_moved = not worse or (claim.key == NAMED and _hindered(referral) == ())
        reason = (
            Reason("promise_moved", True, str(referral.version), str(claim.value))
            if is_moved
            else msgspec.structs.replace(worse[0], needed=str(claim.value))
        )
        answer = Claim("move", claim.key, is_moved, clock, claim.value, reason)
        known[id_] = msgspec.structs.replace(referral, claims=(*referral.claims, answer))
        if is_moved and new is not None:
            found[id_] = new
    return Moved(found, known, frozenset(due))


def _hindered(referral: Referral) -> tuple[Reason, ...]:
    """What left the house was given by the version it was promised by: that settles it."""
    if any(reward.state in _LEFT_THE_HOUSE for reward in referral.rewards):
        return (Reason("promise_kept", True, "a reward was sent"),)
    return ()


def weigh(referral: Referral, old: Merit, new: Merit) -> tuple[Reason, ...]:
    """Everything that the newer terms would make worse for this referral; nothing where it loses nothing by them."""
    needed = str(new.terms.version)
    return tuple(msgspec.structs.replace(reason, needed=needed) for reason in _worse(referral, old, new))


def _worse(referral: Referral, old: Merit, new: Merit) -> list[Reason]:
    if old.refused:
        return []
    if new.refused:
        return [_less("no place in the program any more")]
    worse = [_less(name) for name, step in old.steps.items()
             if step.state == "reached" and (name not in new.steps or new.steps[name].state != "reached")]  # fmt: skip
    given = {reward.promise.partition("#")[0] for reward in referral.rewards if reward.state in STANDING}
    failed = {name for name, step in old.steps.items() if step.state == "failed"}
    for promise in old.terms.promises:
        if promise.on in failed and promise.key not in given:
            continue
        lost = _lost(promise, old.terms, new.terms)
        if lost:
            worse.append(_less(lost, promise.key))
    return worse + [_less(what) for what in _harder_terms(old.terms, new.terms)]


def _less(what: str, about: str | None = None) -> Reason:
    return Reason("promise_kept", True, what, None, about)


def _lost(promise: Promise, old: Terms, new: Terms) -> str:
    """What a promise loses under newer terms, in a word or two; "" where it is at least as good."""
    other = next((one for one in new.promises if one.key == promise.key), None)
    if other is None:
        return "the whole promise"
    if other.hold_days > promise.hold_days:
        return f"{other.hold_days - promise.hold_days} days of waiting more"
    if not _at_least(promise, other):
        return f"{_told(other)} instead of {_told(promise)}"
    harder = _harder(old.milestone(promise.on), new.milestone(other.on))
    return f"{harder} for {promise.on.replace('_', ' ')}" if harder else ""


def _told(promise: Promise) -> str:
    """The gifts of a promise, in the words of their kinds."""
    return " / ".join(dict.fromkeys(row.kind.sentence(row.give) for row in promise.lines))


def _at_least(promise: Promise, other: Promise) -> bool:
    """Whether every gift of the other is of the same kind and never lower, and the way to it the same."""
    mine, theirs = _shape(promise), _shape(other)
    if mine != theirs:
        return False
    return all(_gives_at_least(row, newer) for row, newer in zip(promise.lines, other.lines, strict=True))


def _shape(promise: Promise) -> dict[str, Any]:
    """Everything of a promise but what is given, how long it is held, and its limits (those of the live version count)."""
    lines = [(row.conditions, row.at, row.weight) for row in promise.lines]
    rest = {
        field: getattr(promise, field)
        for field in promise.__struct_fields__
        if field not in ("key", "kind", "give", "hold_days", "limits", "rows", "ladder", "choice")
    }
    for name in ("ladder", "choice"):
        part = getattr(promise, name)
        rest[name] = part and {field: getattr(part, field) for field in part.__struct_fields__ if field != "rows"}
    return {**rest, "lines": lines, "is_table": bool(promise.rows)}


def _gives_at_least(row: Row, newer: Row) -> bool:
    if row.kind.slug != newer.kind.slug or row.give.asset != newer.give.asset:
        return False
    if row.give == newer.give:
        return True
    if _beyond_amounts(row.give) != _beyond_amounts(newer.give):
        return False
    pairs = [
        (row.kind.amount_minor(row.give, base), newer.kind.amount_minor(newer.give, base)) for base in (None, *_BASES)
    ]
    return all((before or 0) <= (after or 0) for before, after in pairs)


def _beyond_amounts(give: Give) -> dict[str, Any]:
    """What a gift says besides how much it comes to; that has to be the same."""
    amounts = ("fixed_minor", "percent", "max_minor", "per", "per_minor", "cost_minor")
    return {field: getattr(give, field) for field in give.__struct_fields__ if field not in amounts}


def _harder(before: Milestone, after: Milestone) -> str:
    """What makes a milestone harder to reach, in a word; "" where everything that reached it still does."""
    for field in before.__struct_fields__:
        was, is_now = getattr(before, field), getattr(after, field)
        if field == "name" or was == is_now or _is_easier(field, was, is_now):
            continue
        return _IN_WORDS.get(field, field.replace("_", " "))
    return ""


def _is_easier(field: str, was: Any, is_now: Any) -> bool:
    """Whether a changed field only lets in more."""
    if field == "min_minor":
        return is_now is None or (was is not None and is_now < was)
    if field in ("within", "grace"):
        return _is_longer(was, is_now)
    if field in ("conditions", "without"):
        return set(is_now) <= set(was)
    return False


def _is_longer(was: timedelta | None, is_now: timedelta | None) -> bool:
    return is_now is None or (was is not None and is_now > was)


def _harder_terms(old: Terms, new: Terms) -> list[str]:
    """What the terms as a whole make worse for somebody who joined under the old ones."""
    found = []
    if new.currency != old.currency:
        found.append("another currency")
    if new.last_milestone_at and (old.last_milestone_at is None or new.last_milestone_at < old.last_milestone_at):
        found.append(f"an end on {new.last_milestone_at:%Y-%m-%d}")
    if new.lapse is not None and (old.lapse is None or new.lapse < old.lapse):
        found.append("an earlier lapse")
    if new.friend_debt and not old.friend_debt:
        found.append("a debt of the friend")
    if new.stacking != old.stacking:
        found.append("another rule for several rewards")
    for name in ("advocate_conditions", "friend_conditions"):
        before, after = (
            {one for one in getattr(terms, name) if _LATE_MOMENTS & set(one.moments)} for terms in (old, new)
        )
        if not after <= before:
            found.append("a new condition")
    return found
