"""What was promised and given elsewhere? Referrals and rewards of another system, brought in as acts that bind and count."""

from __future__ import annotations

import msgspec

from goodword.core.acting import Outcome, blank, done, refused
from goodword.core.acts_imported import amount_of
from goodword.core.amounts import Amount
from goodword.core.carried import CARRIED, carried_claim, carried_program
from goodword.core.draft import Draft
from goodword.core.events import Event, ident
from goodword.core.ledger import OPENING, SENT, payable_account
from goodword.core.limits import live_promise, place_of
from goodword.core.observation import somebody_new, whose
from goodword.core.offers import dues_of
from goodword.core.qualification import Merit, merits
from goodword.core.reasons import Reason
from goodword.core.referral import Claim, Reward
from goodword.core.situation import Owner, Party, ordered_ids
from goodword.core.terms import Promise, Terms
from goodword.core.units import is_points

STATES = {"paid": "sent", "owed": "payable"}


def referred(event: Event, draft: Draft) -> Outcome:
    """Another system bound a friend to an advocate: the friend is found bound here, by an event on the friend's own trail."""
    situation = draft.situation
    friend, parties = whose(event, situation)
    program = carried_program(situation, event)
    if friend is None or not event.advocate:
        return refused(draft, event, "the row does not name both people", "give the ids of friend and advocate")
    if program is None:
        return refused(draft, event, "the program is not live", "publish it first, and name it in the row")
    advocate = situation.party_of(event.advocate)
    if advocate is None:
        advocate = somebody_new(event.advocate, event, situation)
        parties = (*parties, Party(advocate, ordered_ids(event.advocate)))
    if advocate == friend:
        return refused(draft, event, "friend and advocate are the same person", "mend the row")
    bound = [situation.referrals[id_] for id_ in sorted(situation.of_friend.get(friend, ()))]
    if any(known.program == program and known.advocate != advocate for known in bound):
        return refused(draft, event, "the friend belongs to somebody else here", "a person has to decide")
    owners = [Owner(kind, token, friend, event.at) for kind, token in event.ids]
    owners += [Owner(kind, token, advocate, event.at) for kind, token in event.advocate]
    decision = msgspec.structs.replace(
        blank(draft, event), party=friend, parties=parties, owners=tuple(owners), trail=(friend,), reasons=done(program)
    )
    return Outcome(decision, {}, (friend,))


def rewarded(event: Event, draft: Draft) -> Outcome:
    """A reward that another system paid or owes: it stands here, takes its place under limits, and is never given again."""
    situation = draft.situation
    friend, _ = whose(event, situation)
    program = carried_program(situation, event)
    found = [one for one in merits(situation, friend, draft.clock) if one.program == program] if friend else []
    merit = found[-1] if found else None
    referral = situation.referrals.get(merit.id) if merit else None
    if merit is None or referral is None:
        return refused(draft, event, "the friend is not referred here", "import the referrals first")
    promise = promise_of(event, merit)
    if promise is None:
        known = ", ".join(f"{due.promise.to} on {due.promise.on}" for due in dues_of(merit))
        return refused(draft, event, "the row names no promise that is given once", f"give to and milestone: {known}")
    if referral.reward(promise.key) is not None:
        return refused(draft, event, "this promise was already rewarded", "a promise is rewarded once")
    amount, state = amount_of(event), STATES.get(str(event.act.get("state")))
    if amount is None or amount.minor <= 0 or state is None or is_points(amount.asset):
        return refused(draft, event, "the row has no amount of money or no state", "points come in as balances")
    payee = merit.friend if promise.to == "friend" else merit.touch.advocate
    reward_id = ident("reward", referral.id, promise.key, "0")
    place = SENT if state == "sent" else payable_account(payee)
    entry = draft.book(OPENING, place, amount, "posted", CARRIED, referral.id, reward_id)
    times = (event.at, event.at, state, event.at, draft.clock)
    reward = Reward(
        reward_id, promise.key, promise.to, payee, promise.kind.slug, amount.asset, amount.minor, *times, entry, OPENING
    )
    claims = [*referral.claims]
    if carried_claim(referral, promise.key) is None:
        about = Reason("carried_over", True, None, str(event.act.get("state")), promise.key)
        claims.append(Claim(CARRIED, promise.key, False, draft.clock, amount.minor, about))
    if places := _places(draft, merit, promise, event, amount):
        claims.append(Claim("limit", promise.key, True, draft.clock, amount.minor, counters=places))
    changed = msgspec.structs.replace(referral, rewards=(*referral.rewards, reward), claims=tuple(claims))
    decision = msgspec.structs.replace(blank(draft, event), party=referral.friend)
    return Outcome(decision, {referral.id: changed}, (referral.friend,))


def promise_of(event: Event, merit: Merit) -> Promise | None:
    """The promise that the row speaks of, by its side and milestone; the milestone may be left out where there is one."""
    to, milestone = event.act.get("to"), event.act.get("milestone")
    once = {due.promise.key: due.promise for due in dues_of(merit) if due.key == due.promise.key}
    found = [one for one in once.values() if one.to == to and (not milestone or one.on == milestone)]
    return found[0] if len(found) == 1 else None


def _places(
    draft: Draft, merit: Merit, promise: Promise, event: Event, amount: Amount
) -> tuple[tuple[str, int, int], ...]:
    """The places that the reward takes under the limits in force, even beyond them: it was given."""
    terms: Terms = draft.situation.live_terms(merit.program)
    live = live_promise(terms, promise)
    minor = amount.minor if amount.asset == terms.currency else 0
    places = tuple(
        (place_of(draft, merit, live, n, event.at, terms), 1, minor)
        for n, limit in enumerate(live.limits)
        if limit.counts in ("grants", "amount")
    )
    for key, number, counted in places:
        draft.count(key, number, counted)
    return places
