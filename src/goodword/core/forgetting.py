"""What becomes of a referral of which somebody was forgotten? What was decided stands; time and people still act on it.

Of a forgotten person the log knows less than was decided with. So nothing is judged anew where the friend was forgotten, or
where the referrer was and it had ended; else the friend's own acts are judged on, for the referrer who stands on record.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from goodword.core.asking import is_forgotten
from goodword.core.attribution import Touch
from goodword.core.carried import CARRIED
from goodword.core.draft import Draft
from goodword.core.events import Event
from goodword.core.limits import free_open_places
from goodword.core.qualification import Merit, pinned_merit
from goodword.core.reasons import Reason
from goodword.core.referral import REWARD_LINES, STANDING, Referral
from goodword.core.releasing import looked_at_again
from goodword.core.reversal import owes, take_back
from goodword.core.rewarding import IN_CURRENCY, free_reservation
from goodword.core.settlement import ARRIVED, blocked, claim_reasons, is_held, move_on, reward_lines, settle, state_of
from goodword.core.situation import Situation

_WHY = Reason("person_forgotten", True)
_OF_A_REWARD = frozenset(code for code, _ in REWARD_LINES.values())


def settle_forgotten(draft: Draft, before: Referral) -> Referral | None:
    """The referral as it stands after this decision; None where nobody of it was forgotten."""
    situation = draft.situation
    is_referrer_gone = is_forgotten(situation, before.advocate)
    has_ended = before.state in ARRIVED and before.state != "rewarded"
    if is_forgotten(situation, before.friend) or (is_referrer_gone and has_ended):
        return _as_it_stands(draft, before)
    if not is_referrer_gone:
        return None
    merit = pinned_merit(situation, before, _WHY, draft.clock)
    return settle(draft, merit, before) if merit else before


def _as_it_stands(draft: Draft, before: Referral) -> Referral:
    """Rewards are released, held, taken back and written off by time and by people's words; nothing more comes."""
    merit, referral, waits = _on_record(draft.situation, before), before, list[str]()
    for reward in before.rewards:
        word = blocked(referral, reward.promise)
        if reward.state in STANDING and word and word.kind != CARRIED:
            referral = take_back(draft, referral, reward, merit.terms, reason="reversal")
    for reward in referral.rewards:
        referral, waiting = move_on(draft, merit, referral, reward)
        waits.extend(waiting)
    for name, _ in before.reserved:
        referral = free_reservation(draft, referral, name.partition(IN_CURRENCY)[0])
    is_same = before.state in ARRIVED and referral.rewards == before.rewards
    state = before.state if is_same else state_of(merit, referral, [], draft.clock)
    if state in ARRIVED:
        referral = free_open_places(draft, referral)
    lines = reward_lines(referral)
    told = {line.about for line in lines}
    decided = (one for one in before.reasons if one.code != _WHY.code and not (one.about in told and one.code in _OF_A_REWARD))
    reasons = (*decided, _WHY, *claim_reasons(referral), *draft.reasons, *lines)
    draft.reasons.clear()
    return msgspec.structs.replace(
        referral,
        state=state,
        state_at=before.state_at if state == before.state else draft.clock,
        reasons=tuple(dict.fromkeys(reasons)),
        next_due_at=min((at for at in _coming(draft, merit, referral) if at > draft.clock), default=None),
        decides_at=None,
        waits_on=tuple(dict.fromkeys(waits)),
        stands_since=None if blocked(referral, "") or is_held(merit, referral) else before.stands_since,
    )


def _coming(draft: Draft, merit: Merit, referral: Referral) -> list[datetime]:
    """When time makes something of its rewards."""
    pending = [reward for reward in referral.rewards if reward.state == "pending"]
    again = (looked_at_again(draft, merit, reward) for reward in pending)
    coming = [*(reward.due_at for reward in pending), *(at for at in again if at)]
    return coming + [reward.state_at + merit.terms.net_within for reward in referral.rewards if owes(reward)]


def _on_record(situation: Situation, referral: Referral) -> Merit:
    """The merit as far as it stands on record: whose it is and under which terms, and no step that could be judged."""
    terms = situation.terms_of(referral.program, referral.version)
    binding = Event(referral.bound_event, "signup", referral.bound_at)
    touch = Touch(
        referral.method, referral.advocate, referral.touch_at, referral.touch_event, referral.code, terms, binding.rank
    )
    return Merit(
        referral.id, referral.program, referral.friend, referral.subject, referral.generation, touch, binding,
        at_join=True, refused=None, steps={}, reasons=(),
    )  # fmt: skip
