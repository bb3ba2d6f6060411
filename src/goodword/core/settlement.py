"""What follows for one referral? What should be (merit, given the claims), less what stands, is the list of new entries."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from goodword.core.amounts import Amount
from goodword.core.asking import is_forgotten
from goodword.core.carried import carried_claim, carried_claims, carried_end, is_kept
from goodword.core.contest_scoring import is_counted, scored, unscored
from goodword.core.draft import Draft
from goodword.core.ending import awaits_notice, closes_at, told
from goodword.core.journey import AN_INSTANT
from goodword.core.kind import Finding
from goodword.core.limits import free_open_places, payee_of, place_to_pay, raised_minor
from goodword.core.offers import Due, Offer, asked_to_choose, choose_until, counted, dues_of, offer_of, uncounted
from goodword.core.qualification import Merit
from goodword.core.reasons import Reason
from goodword.core.referral import PAID, REWARD_LINES, STANDING, TOLD, Claim, Referral, Reward
from goodword.core.releasing import looked_at_again, withheld
from goodword.core.reversal import adjust, based_on, hold_again, owes, put_reward, take_back, write_off
from goodword.core.rewarding import IN_CURRENCY, admit, free_reservation, grant, leave_to_nobody, release
from goodword.core.screening import judged_anew, screen

# States in which a friend is not on the way any more.
ARRIVED = frozenset({"rewarded", "not_qualified", "expired", "lapsed", "denied", "reversed"})
_LATEST_SPEAKS = frozenset({"screening", "review", TOLD})


def settle(draft: Draft, merit: Merit, before: Referral | None) -> Referral:
    """The referral as it stands after this decision; entries, counters and notices go into the draft."""
    dues = dues_of(merit)
    referral = _admitted(draft, merit, _opened(draft, merit, before), before)
    referral = _screened(draft, merit, referral, dues)
    waits: list[str] = [party for step in merit.steps.values() for party in step.waits_on]
    is_stopped = bool(blocked(referral, "")) or on_hold(referral)
    referral = counted(draft, merit, referral, is_stopped=is_stopped)
    promised = {due.key for due in dues}
    for reward in referral.rewards:
        if reward.state in STANDING and reward.promise not in promised:
            referral = take_back(draft, referral, reward, merit.terms, reason="attributed_anew")
    offers: dict[str, Offer] = {}
    for due in dues:
        if due.promise.choice and not blocked(referral, due.key):
            referral = asked_to_choose(draft, merit, referral, due)
        if offer := offer_of(draft, merit, referral, due):
            offers[due.key] = offer
            waits.extend(offer.waits)
    outdone = _outdone(draft, merit, referral, dues, offers)
    for due in dues:
        referral = _promise(draft, merit, referral, due, offers.get(due.key), is_outdone=due.key in outdone)
    for reward in referral.rewards:
        referral, waiting = move_on(draft, merit, referral, reward)
        waits.extend(waiting)
    referral = scored(draft, merit, referral, is_stopped=bool(blocked(referral, "")), is_held=is_held(merit, referral))
    for key in dict.fromkeys(name.partition(IN_CURRENCY)[0] for name, _ in referral.reserved):
        if _is_hopeless(merit, referral, key, dues, offers, draft):
            referral = free_reservation(draft, referral, key)
    waits_on = tuple(dict.fromkeys(waits))
    if not merit.terms.notice:
        return _concluded(draft, merit, referral, before, dues, waits_on)
    ends = closes_at(merit, (due.step for due in dues if not blocked(referral, due.key)), draft.clock)
    referral = told(draft, merit.terms, referral) if ends else referral
    referral = _concluded(draft, merit, referral, before, dues, waits_on)
    return awaits_notice(merit.terms, referral, ends) if ends else referral


def _outdone(
    draft: Draft, merit: Merit, referral: Referral, dues: list[Due], offers: dict[str, Offer]
) -> frozenset[str]:
    """Promises that give way where one fact fulfils several to one person and the terms give only one of them."""
    if merit.terms.stacking.promises == "all":
        return frozenset()
    best: dict[tuple[str, str], Due] = {}
    gave_way: list[tuple[Due, Due]] = []
    for due in dues:
        offer = offers.get(due.key)
        if offer is None or not offer.minor or blocked(referral, due.key):
            continue
        fact = (payee_of(merit, due.promise), due.step.event or due.promise.on)
        rival = best.get(fact)
        if rival is None:
            best[fact] = due
            continue
        theirs = offers[rival.key]
        wins = merit.terms.stacking.promises == "best" and _is_more(offer, theirs)
        gave_way.append((rival, due) if wins else (due, rival))
        best[fact] = due if wins else rival
    for lost, won in gave_way:
        offer = offers[won.key]
        reason = Reason("outdone", False, lost.key, str(Amount(offer.minor or 0, offer.give.asset)), lost.key)
        draft.reasons.append(reason)
    return frozenset(lost.key for lost, _ in gave_way)


def _is_more(offer: Offer, rival: Offer) -> bool:
    """Whether it is worth more; things that cannot be compared leave the first of the document in place."""
    return offer.give.asset == rival.give.asset and (offer.minor or 0) > (rival.minor or 0)


def dissolve(draft: Draft, before: Referral, why: Reason) -> Referral:
    """A referral that the events no longer bear out: what stands is taken back, what was reserved is freed."""
    terms = draft.situation.terms_of(before.program, before.version)
    referral = before
    for reward in before.rewards:
        if reward.state in STANDING:
            referral = take_back(draft, referral, reward, terms, reason=why.code)
    referral = uncounted(draft, referral, terms)
    for name, _ in referral.reserved:
        key = name.partition(IN_CURRENCY)[0]
        referral = free_reservation(draft, referral, key)
    if before.state == "denied":
        state = "denied"
    else:
        state = "reversed" if referral.rewards else "not_qualified"
    for reward in referral.rewards:
        if owes(reward) and reward.state_at + terms.net_within <= draft.clock:
            referral = write_off(draft, referral, reward, terms)
    coming = [reward.state_at + terms.net_within for reward in referral.rewards if owes(reward)]
    referral = unscored(draft, referral)
    reasons = (why, *claim_reasons(referral), *draft.reasons, *reward_lines(referral))
    draft.reasons.clear()
    return msgspec.structs.replace(
        referral,
        state=state,
        state_at=before.state_at if state == before.state else draft.clock,
        reasons=_distinct(reasons),
        next_due_at=min(coming) if coming else None,
        decides_at=None,
        waits_on=(),
        stands_since=None,
    )


def _admitted(draft: Draft, merit: Merit, referral: Referral, before: Referral | None) -> Referral:
    """Asks for a place and the budget once: at the join, or where it was refused then, when it first may take part."""
    asked = referral.claim("budget")
    if (before is not None or asked is not None) and (asked is None or asked.granted is not None):
        return referral
    if merit.refused:
        not_asked = Claim("budget", "", None, draft.clock)
        return referral if asked else msgspec.structs.replace(referral, claims=(*referral.claims, not_asked))
    claim, reserved = admit(draft, merit)
    says_something = asked or claim.counters or draft.situation.live_terms(merit.program).has_budget or not claim.granted
    claims = (*referral.claims, claim) if says_something else referral.claims
    return msgspec.structs.replace(referral, claims=claims, reserved=reserved)


def _is_hopeless(
    merit: Merit, referral: Referral, key: str, dues: list[Due], offers: dict[str, Offer], draft: Draft
) -> bool:
    """Whether nothing can come any more of a promise that budget was set aside for."""
    if merit.refused or merit.ended_at or blocked(referral, key):
        return True
    due = next((known for known in dues if known.key == key), None)
    if due is None:  # an occurrence that has not come yet
        return merit.terms.promise(key) is None or _has_stopped(merit, key)
    step = due.step
    if step.state == "reached":
        offer = offers.get(key)
        return offer is None or offer.minor == 0
    return step.state == "failed" or (step.state in ("open", "taken_back") and _past(draft, step.due_at))


def _has_stopped(merit: Merit, key: str) -> bool:
    """Whether the repeated milestone of an occurrence ended before it: its last step failed."""
    promise = merit.terms.promise(key)
    steps = [step for name, step in merit.steps.items() if promise and name.partition("#")[0] == promise.on]
    return bool(steps) and steps[-1].state == "failed"


def _past(draft: Draft, due_at: datetime | None) -> bool:
    return due_at is not None and due_at <= draft.clock


def _opened(draft: Draft, merit: Merit, before: Referral | None) -> Referral:
    """A new referral, or the known one with the binding as it is seen now."""
    touch = merit.touch
    if before is None:
        return Referral(
            id=merit.id,
            program=merit.program,
            friend=merit.friend,
            subject=merit.subject,
            version=touch.terms.version,
            method=touch.method,
            bound_at=merit.binding.at,
            bound_event=merit.binding.id,
            touch_at=touch.at,
            touch_event=touch.event,
            state="joined",
            state_at=draft.clock,
            created_at=draft.clock,
            advocate=touch.advocate,
            code=touch.code,
            generation=merit.generation,
            kind="own" if touch.method == "own" else "referral",
            claims=carried_claims(merit.binding, touch.terms, draft.clock),
        )
    claims = before.claims
    if before.advocate != touch.advocate:  # what passed between two people says nothing about another pair
        claims = tuple(claim for claim in claims if claim.kind != "screening" or claim.granted is False)
    return msgspec.structs.replace(
        before,
        claims=claims,
        version=touch.terms.version,
        method=touch.method,
        bound_at=merit.binding.at,
        bound_event=merit.binding.id,
        touch_at=touch.at,
        touch_event=touch.event,
        advocate=touch.advocate,
        code=touch.code,
    )


def _screened(draft: Draft, merit: Merit, referral: Referral, dues: list[Due]) -> Referral:
    """Look once, when the first promise comes due; the finding is a claim. A switch since then has it judged anew."""
    if referral.claim("screening"):
        anew = judged_anew(draft.situation, referral, draft.clock)
        return msgspec.structs.replace(referral, claims=(*referral.claims, anew)) if anew else referral
    if merit.refused or merit.touch.method == "own" or blocked(referral, ""):
        return referral
    if not is_counted(draft, merit) and not any(
        _has_come(draft, merit, referral, due) for due in dues if not carried_claim(referral, due.key)
    ):
        return referral
    claim = screen(draft.situation, merit, draft.clock)
    return msgspec.structs.replace(referral, claims=(*referral.claims, claim)) if claim else referral


def _has_come(draft: Draft, merit: Merit, referral: Referral, due: Due) -> bool:
    """Whether something comes due by the occurrence, by itself or together with other friends."""
    if not due.is_reached:
        return False
    if due.promise.ladder or due.promise.choice or due.promise.rows:
        return True
    offer = offer_of(draft, merit, referral, due)
    return bool(offer and offer.minor)


def blocked(referral: Referral, key: str) -> Claim | None:
    """The claim that forbids a promise for good: budget at the join, a limit, a denial, a waiver. None: nothing forbids it."""
    if not referral.claims:
        return None
    budget = referral.claim("budget")
    if budget and budget.granted is False:
        return budget
    review = referral.claim("review")
    if review and review.granted is False:
        return review
    screening = referral.claim("screening")
    if screening and screening.granted is False and not (review and review.granted):
        return screening
    whole = referral.claim("release")
    if whole and whole.granted is False:
        return whole
    for kind in ("waived", "release", "limit", "choice"):
        claim = referral.claim(kind, key) if key else None
        if claim and claim.granted is False:
            return claim
    return carried_claim(referral, key)


def on_hold(referral: Referral) -> bool:
    """Whether a person still has to look at the findings."""
    screening, review = referral.claim("screening"), referral.claim("review")
    return bool(screening and screening.granted is None and (review is None or review.granted is None))


def is_held(merit: Merit, referral: Referral) -> bool:
    """Whether nothing may be released for now: a person has to look, or a dispute is open."""
    return on_hold(referral) or merit.frozen_by is not None


def _promise(
    draft: Draft, merit: Merit, referral: Referral, due: Due, offer: Offer | None, *, is_outdone: bool
) -> Referral:
    """The ladder of one promise: what stands is taken back, changed or kept; what is due and not forbidden is granted."""
    promise, step = due.promise, due.step
    if is_kept(referral, due.key, step.state):
        return referral
    if is_forgotten(draft.situation, payee_of(merit, promise)):
        return leave_to_nobody(draft, referral, due)
    deserved = None if is_outdone or offer is None else offer.minor
    reward = referral.reward(due.key)
    standing = reward if reward and reward.state in STANDING else None
    if standing and offer and offer.minor is not None:
        is_other = (standing.payee, standing.kind, standing.asset) != (
            payee_of(merit, promise),
            offer.kind.slug,
            offer.give.asset,
        )
        if is_other:
            referral = take_back(draft, referral, standing, merit.terms, reason="attributed_anew")
            standing = None
    if blocked(referral, due.key) or not deserved:
        if deserved == 0 and offer:
            draft.reasons.append(Reason("no_reward", False, str(Amount(0, offer.give.asset)), None, due.key))
        if standing and (offer is None or offer.minor is not None or is_outdone):
            referral = take_back(draft, referral, standing, merit.terms, reason="reversal")
        return referral
    assert offer is not None
    if standing is None:
        if reward and reward.state in ("clawed_back", "written_off"):
            return referral  # it was sent once and is being netted; earning it again is a person's matter
        return grant(draft, merit, referral, due, offer, is_held(merit, referral))
    before = standing
    if standing.state in ("pending", "in_review") and step.at and step.at != standing.milestone_at:
        due_at = step.at + timedelta(days=promise.hold_days)
        standing = msgspec.structs.replace(standing, milestone_at=step.at, due_at=due_at)
    standing = based_on(standing, step.base_minor, merit.terms)
    if standing is not before:
        referral = put_reward(referral, standing)
    if deserved > standing.amount_minor:
        deserved = raised_minor(draft, merit, referral, promise, standing, deserved)
    if deserved != standing.amount_minor:
        return adjust(draft, referral, standing, merit.terms, deserved)
    return referral


def move_on(draft: Draft, merit: Merit, referral: Referral, reward: Reward) -> tuple[Referral, tuple[str, ...]]:
    """What time or a person's word makes of a standing reward."""
    waits: tuple[str, ...] = ()
    after = reward
    held = is_held(merit, referral)
    if after.state == "pending" and held:
        after = msgspec.structs.replace(after, state="in_review", state_at=draft.clock)
    elif after.state == "in_review" and not held:
        after = msgspec.structs.replace(after, state="pending", state_at=draft.clock)
    elif after.state == "payable" and held:
        after = hold_again(draft, referral, after, merit.terms)
    if after.state == "pending" and after.due_at <= draft.clock:
        kept = withheld(draft, merit, after)
        if kept and kept.refused:
            return _unreleased(draft, merit, referral, after, kept.refused, "" if kept.denies else after.promise), ()
        waits = kept.waits if kept else ()
        if kept is None:
            promise, refused = merit.terms.promise(after.promise), None
            if promise:
                referral, refused = place_to_pay(draft, merit, referral, promise, after)
            if refused:
                return _unreleased(draft, merit, referral, after, refused, after.promise), ()
            after = release(draft, referral, after)
    elif owes(after) and after.state_at + merit.terms.net_within <= draft.clock:
        return write_off(draft, referral, after, merit.terms), ()
    return (put_reward(referral, after) if after is not reward else referral), waits


def _unreleased(draft: Draft, merit: Merit, referral: Referral, reward: Reward, why: Reason, key: str) -> Referral:
    """A due reward that is refused for good, alone or (without a key) with all the others of the referral."""
    claim = Claim("release", key, False, draft.clock, 0, why)
    referral = msgspec.structs.replace(put_reward(referral, reward), claims=(*referral.claims, claim))
    for standing in referral.rewards:
        if standing.state in STANDING and (not key or standing.id == reward.id):
            referral = take_back(draft, referral, standing, merit.terms, reason="release_refused")
    return referral


def _concluded(
    draft: Draft,
    merit: Merit,
    referral: Referral,
    before: Referral | None,
    due_promises: list[Due],
    waits: tuple[str, ...],
) -> Referral:
    """State, reasons and next due moment, derived from what stands."""
    state = state_of(merit, referral, due_promises, draft.clock)
    if state in ARRIVED:
        referral = free_open_places(draft, referral)
    reasons = (
        *merit.reasons,
        *claim_reasons(referral),
        *draft.reasons,
        *reward_lines(referral),
    )
    draft.reasons.clear()
    dues = [step.due_at for step in merit.steps.values() if step.due_at]
    dues += [at + AN_INSTANT for at in _choices_open(referral, due_promises)]
    pending = [reward for reward in referral.rewards if reward.state == "pending"]
    dues += [reward.due_at for reward in pending]
    dues += [at for at in (looked_at_again(draft, merit, reward) for reward in pending) if at]
    dues += [reward.state_at + merit.terms.net_within for reward in referral.rewards if owes(reward)]
    if merit.lapses_at:
        dues.append(merit.lapses_at)
    coming = [due for due in dues if due > draft.clock]
    changed = before is None or before.state != state
    return msgspec.structs.replace(
        referral,
        state=state,
        state_at=draft.clock if changed else referral.state_at,
        reasons=_distinct(reasons),
        next_due_at=min(coming) if coming else None,
        decides_at=None,
        waits_on=waits,
        stands_since=_stands_since(merit, referral),
    )


def _stands_since(merit: Merit, referral: Referral) -> datetime | None:
    """When it first reached what is promised for; None where it did not, or while something forbids or holds all of it."""
    if blocked(referral, "") or is_held(merit, referral):
        return None
    return referral.bound_at if carried_end(referral) == "rewarded" else merit.stands_since


def _choices_open(referral: Referral, dues: list[Due]) -> list[datetime]:
    """Moments after which a gift that nobody chose goes another way."""
    found = []
    for due in dues:
        claim = referral.claim("choice", due.key)
        if claim is not None and claim.granted is None and (until := choose_until(due)):
            found.append(until)
    return found


def _distinct(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reasons))


def state_of(merit: Merit, referral: Referral, dues: list[Due], clock: datetime) -> str:
    """Where the referral stands: ends first, then what a person or time holds up, then how far it came."""
    standing = [reward for reward in referral.rewards if reward.state in STANDING]
    once = [reward for reward in referral.rewards if reward.state not in STANDING]
    denial = blocked(referral, "")
    if denial and denial.kind in ("screening", "review"):
        return "denied"
    if merit.refused or denial:
        return "not_qualified" if not once else "reversed"
    if (standing or referral.score) and is_held(merit, referral):
        return "held"
    if merit.ended_at and merit.terms.lapse and not standing:
        return "lapsed" if not once else "reversed"
    if standing:
        waiting = any(step.state == "waiting" and step.reason.code == "status_missing" for step in merit.steps.values())
        return "rewarded" if all(reward.state in PAID for reward in standing) and not waiting else "qualified"
    if once:
        return "reversed"
    if ended := carried_end(referral):
        return ended
    steps = {step.state for step in merit.steps.values()}
    reached = [due for due in dues if due.is_reached]
    if reached:
        return "not_qualified" if all(blocked(referral, due.key) for due in reached) else "qualified"
    if referral.score:
        return "qualified"
    if "waiting" in steps:
        return "waiting"
    hopeful = [due.step for due in dues if due.step.state in ("open", "taken_back")]
    if hopeful and all(step.due_at and step.due_at <= clock for step in hopeful):
        return "expired"
    if not hopeful and merit.terms.promises:
        return "not_qualified"
    return "joined"


def claim_reasons(referral: Referral) -> tuple[Reason, ...]:
    """What the claims say; of screening, people's words and notices the latest speaks, for it replaces those before it."""
    reasons: list[Reason] = []
    for claim in referral.claims:
        if claim.kind in _LATEST_SPEAKS and claim is not referral.claim(claim.kind, claim.key):
            continue
        if claim.reason:
            reasons.append(claim.reason)
        reasons.extend(_finding_reason(finding) for finding in claim.findings if finding.signal not in claim.without)
        reasons.extend(Reason("signal_off", True, signal) for signal in claim.without)
    return tuple(reasons)


def _finding_reason(finding: Finding) -> Reason:
    return Reason("finding", False, f"{finding.words} ({finding.points:+d})", None, finding.signal)


def reward_lines(referral: Referral) -> list[Reason]:
    """Where each promise stands: what was granted anew speaks, not what was voided before it."""
    return [reward_reason(reward) for reward in referral.rewards if referral.reward(reward.promise) is reward]


def reward_reason(reward: Reward) -> Reason:
    """The line about a reward: what it is and where it stands."""
    code, passed = REWARD_LINES[reward.state]
    until = f"{reward.due_at:%Y-%m-%d}" if passed is None else None
    return Reason(code, passed, str(Amount(reward.amount_minor, reward.asset)), until, reward.promise)
