"""What did another system decide that stands here? Referrals that were bound elsewhere, and promises that were kept there."""

from __future__ import annotations

from datetime import datetime

import msgspec

from goodword.core.attribution import Touch
from goodword.core.events import Event
from goodword.core.facts import subject_of
from goodword.core.reasons import Reason
from goodword.core.referral import STANDING, Claim, Referral
from goodword.core.requirements import milestone_name
from goodword.core.situation import Situation
from goodword.core.terms import Terms

BROUGHT = "referred"  # the act that brings a referral in
CARRIED = "carried"  # the kind of claim that says so
ENDED = frozenset({"rewarded", "not_qualified", "expired", "lapsed", "denied", "reversed"})


class Carried(msgspec.Struct, frozen=True):
    """A binding that another system made: the touch as it told it, and the act that brought it."""

    touch: Touch
    binding: Event


def carried_program(situation: Situation, event: Event) -> str | None:
    """The program that a row of history speaks of; where it names none, the client's only one."""
    if event.program is not None:
        return event.program if event.program in situation.book else None
    return next(iter(situation.book)) if len(situation.book) == 1 else None


def carried_over(situation: Situation, friend: str, events: list[Event], program: str, subject: str) -> Carried | None:
    """The first binding that was brought in. It was judged where it was made: window, newness and methods are not asked again."""
    for event in events:
        if event.type != BROUGHT or subject_of(event) != subject or carried_program(situation, event) != program:
            continue
        advocate = situation.party_of(event.advocate)
        if advocate is None or advocate == friend:
            continue
        terms = situation.terms_at(program, event.at) or situation.book[program][0]
        method = str(event.act.get("method", "named"))
        touch = Touch(method, advocate, event.at, event.id, None, terms, event.rank)
        return Carried(touch, event)
    return None


def carried_claims(binding: Event, terms: Terms, clock: datetime) -> tuple[Claim, ...]:
    """What a referral that was brought in begins with: where it stood, and the promises that are not given here.

    What hangs on the sign-up lies before the move. Where it had ended, nothing more comes, and no budget is set aside.
    """
    if binding.type != BROUGHT:
        return ()
    state = str(binding.act.get("state", "joined"))
    kept = [one.key for one in terms.promises if state in ENDED or _is_of_sign_up(terms, one.on)]
    claims = [Claim(CARRIED, "", None, clock, 0, Reason("carried_over", True, None, state, binding.id))]
    claims += [Claim(CARRIED, key, False, clock) for key in kept]
    return (*claims, Claim("budget", "", True, clock)) if state in ENDED else tuple(claims)


def carried_claim(referral: Referral, key: str) -> Claim | None:
    """The claim that a promise (or any occurrence of it) was kept elsewhere."""
    claim = referral.claim(CARRIED, key.partition("#")[0].partition("@")[0]) if key else None
    return claim if claim and claim.granted is False else None


def is_kept(referral: Referral, key: str, step_state: str) -> bool:
    """Whether nothing is to be done about a promise: kept elsewhere, and what it hung on was not taken back since."""
    if carried_claim(referral, key) is None:
        return False
    reward = referral.reward(key)
    return not (reward and reward.state in STANDING and step_state == "taken_back")


def carried_end(referral: Referral) -> str | None:
    """The state in which a referral ended elsewhere, while nothing that stands here says more."""
    claim = referral.claim(CARRIED)
    state = claim.reason.needed if claim and claim.reason else None
    return state if state in ENDED else None


def _is_of_sign_up(terms: Terms, name: str) -> bool:
    return any(one.name == milestone_name(name) and one.event == "signup" for one in terms.milestones)
