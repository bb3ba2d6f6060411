"""May an open referral be judged by newer terms? Only where nothing that it was promised becomes less, or where it was named.

Moving is asked for by an act and decided referral by referral, each with its own history at hand. What cannot be shown to
be as good counts as worse: terms that differ in more than what is understood here keep the old promise.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec

from goodword.core.qualification import Merit, merits
from goodword.core.reasons import Reason
from goodword.core.referral import STANDING, Claim, Referral
from goodword.core.situation import Situation
from goodword.core.weighing import harder_terms, what_is_lost

OPEN_STATES = frozenset({"joined", "waiting", "held", "qualified"})
NAMED = "named"  # key of the claim of a referral that moves though it loses by it
_LEFT_THE_HOUSE = frozenset({"sent", "clawed_back", "written_off"})


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
        lost = what_is_lost(promise, old.terms, new.terms)
        if lost:
            worse.append(_less(lost, promise.key))
    return worse + [_less(what) for what in harder_terms(old.terms, new.terms)]


def _less(what: str, about: str | None = None) -> Reason:
    return Reason("promise_kept", True, what, None, about)
