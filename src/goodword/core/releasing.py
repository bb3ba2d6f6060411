"""May what is due be released, and what is payable be paid? The conditions of those moments, and what one that fails leads to."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from goodword.core.asking import changes_of, conditions_at, parties_of
from goodword.core.conditions import Answer, Condition
from goodword.core.draft import Draft
from goodword.core.journey import AN_INSTANT
from goodword.core.qualification import Merit
from goodword.core.reasons import Reason
from goodword.core.referral import Referral, Reward
from goodword.core.terms import Terms


class Withheld(msgspec.Struct, frozen=True):
    """Why a due reward is not released: refused for good (this one, or with `denies` all of them), or waiting for parties."""

    refused: Reason | None = None
    denies: bool = False
    waits: tuple[str, ...] = ()


def withheld(draft: Draft, merit: Merit, reward: Reward) -> Withheld | None:
    """What keeps a due reward back; None where nothing does.

    Conditions on the friend speak of every reward of the referral, those on the advocate of the advocate's alone.
    """
    answers = _answers(draft, merit, reward, reward.due_at)
    failed = [(condition, found) for condition, found in answers if found.met is False]
    for condition, found in failed:
        if condition.late != "defer":
            reason = Reason("release_refused", False, found.value, condition.words, reward.promise)
            return Withheld(reason, condition.late == "deny")
    if failed:
        return _deferred(draft, merit, reward, failed[0])
    waits = []
    for condition, found in answers:
        if found.met is None:
            words = f"{condition.side}.{condition.field}"
            draft.reasons.append(Reason("status_missing", None, words, condition.words, reward.promise))
            waits.append(_party(merit, condition))
    return Withheld(waits=tuple(waits)) if waits else None


def deferred_until(merit: Merit, reward: Reward) -> datetime | None:
    """Right after when a release that is deferred is refused for good; None where nothing can defer it."""
    spans = [condition.defer for condition in _conditions(merit.terms, reward) if condition.defer]
    return reward.due_at + max(spans, default=timedelta(0)) + AN_INSTANT if spans else None


def looked_at_again(draft: Draft, merit: Merit, reward: Reward) -> datetime | None:
    """When time alone may let a deferred release go, or ends the waiting; None where nothing can defer it."""
    until = deferred_until(merit, reward)
    if until is None:
        return None
    turns = _turns(draft, merit, reward, until)
    return next((at for at in turns if at > draft.clock), until)


def may_be_paid(draft: Draft, referral: Referral, reward: Reward) -> Reason | None:
    """Why a payable reward must not leave the house now; None where nothing speaks against it. An unknown never passes."""
    terms = draft.situation.terms_of(referral.program, referral.version)
    for condition, found in conditions_at(
        draft.situation,
        terms,
        _of_payee(terms, reward),
        "payment",
        referral.advocate,
        referral.friend,
        None,
        draft.clock,
    ):
        if not found.met:
            return Reason("condition_failed", False, found.value or "unknown", condition.words, reward.promise)
    return None


def _deferred(draft: Draft, merit: Merit, reward: Reward, failed: tuple[Condition, Answer]) -> Withheld | None:
    """Released at the first moment at which everything holds, refused when the span is over, waiting until then."""
    until = deferred_until(merit, reward) or reward.due_at
    condition, found = failed
    for at in _turns(draft, merit, reward, min(until, draft.clock)):
        answers = _answers(draft, merit, reward, at)
        if all(answer.met for _, answer in answers):
            return None
        condition, found = next((one, answer) for one, answer in answers if not answer.met)
    if draft.clock >= until:
        return Withheld(Reason("release_refused", False, found.value, condition.words, reward.promise))
    needed = f"{condition.words} until {until:%Y-%m-%d}"
    draft.reasons.append(Reason("condition_deferred", None, found.value, needed, reward.promise))
    return Withheld(waits=parties_of(_conditions(merit.terms, reward), _parties(merit)))


def _turns(draft: Draft, merit: Merit, reward: Reward, until: datetime) -> list[datetime]:
    conditions = _conditions(merit.terms, reward)
    return changes_of(draft.situation, merit.terms, conditions, _parties(merit), reward.due_at, until)


def _parties(merit: Merit) -> dict[str, str]:
    return {"advocate": merit.touch.advocate, "friend": merit.friend}


def _answers(draft: Draft, merit: Merit, reward: Reward, at: datetime) -> list[tuple[Condition, Answer]]:
    conditions = _conditions(merit.terms, reward)
    advocate = merit.touch.advocate
    return conditions_at(draft.situation, merit.terms, conditions, "release", advocate, merit.friend, None, at)


def _conditions(terms: Terms, reward: Reward) -> tuple[Condition, ...]:
    return tuple(condition for condition in _of_payee(terms, reward) if "release" in condition.moments)


def _of_payee(terms: Terms, reward: Reward) -> tuple[Condition, ...]:
    own = terms.advocate_conditions if reward.to == "advocate" else ()
    return (*own, *terms.friend_conditions)


def _party(merit: Merit, condition: Condition) -> str:
    return merit.touch.advocate if condition.side == "advocate" else merit.friend
