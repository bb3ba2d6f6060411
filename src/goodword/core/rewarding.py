"""What is given? Reserves budget, takes places under limits, grants rewards as pending entries and releases them when due."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from goodword.core.amounts import Amount
from goodword.core.asking import is_forgotten
from goodword.core.costs import cost_of, lacking, reservations, take
from goodword.core.draft import Draft
from goodword.core.events import ident
from goodword.core.ledger import budget_account, overrun_account, owed_account, payable_account, reserved_account
from goodword.core.limits import payee_of, places_at_join, under_limits
from goodword.core.offers import Due, Offer
from goodword.core.qualification import Merit
from goodword.core.reasons import Reason
from goodword.core.referral import Claim, Referral, Reward
from goodword.core.situation import Notice
from goodword.core.terms import Terms

IN_CURRENCY = "|"  # between a promise and the currency of what is set aside for it, where that is not the program's


# -- at the join -------------------------------------------------------------------------------------------------------


def admit(draft: Draft, merit: Merit) -> tuple[Claim, tuple[tuple[str, int], ...]]:
    """The claim written when a friend joins: places under limits of joins, and the budget reserved for every promise."""
    terms = draft.situation.live_terms(merit.program)
    places, refused = places_at_join(draft, merit, terms)
    if refused:
        return Claim("budget", "", False, draft.clock, 0, refused), ()
    needed = tuple(reservations(terms, merit.terms, draft.clock))
    totals = {merit.terms.currency: 0}
    for _, amount in needed:
        totals[amount.asset] = totals.get(amount.asset, 0) + amount.minor
    for currency, total in totals.items():
        if short := _ended(draft, terms, currency, total):
            draft.notices.append(Notice("budget_ended", merit.id))
            return Claim("budget", "", False, draft.clock, total, short), ()
    for key, number, minor in places:
        draft.count(key, number, minor)
    chosen = sorted(currency for currency, total in totals.items() if total and _reserves(terms, currency))
    for currency in chosen:
        amount, budget = Amount(totals[currency], currency), budget_account(merit.program)
        draft.book(budget, reserved_account(merit.program), amount, "posted", "reserve", merit.id)
    reserved = tuple(
        (key if amount.asset == terms.currency else f"{key}{IN_CURRENCY}{amount.asset}", amount.minor)
        for key, amount in needed
        if amount.asset in chosen
    )
    total = totals[merit.terms.currency] if merit.terms.currency in chosen else 0
    return Claim("budget", "", True, draft.clock, total, counters=tuple(places)), reserved


def _reserves(terms: Terms, currency: str) -> bool:
    budget = terms.budget_in(currency)
    return budget is not None and budget.at_end == "stop_new" and budget.reserve == "join"


def _ended(draft: Draft, terms: Terms, currency: str, total: int) -> Reason | None:
    """Why a budget takes nobody new; None where it does, or where it may be used up."""
    budget = terms.budget_in(currency)
    if budget is None or budget.at_end != "stop_new":
        return None
    available = max(0, draft.balance(budget_account(terms.program), currency).available_minor)
    if available >= max(1, total):
        return None
    return Reason("budget_ended", False, str(Amount(available, currency)), str(Amount(total, currency)))


def free_reservation(draft: Draft, referral: Referral, key: str) -> Referral:
    """Give back what was set aside for one promise, each amount in its own currency."""
    own = draft.situation.live_terms(referral.program).currency
    for currency, minor in set_aside(referral, key, own).items():
        source, destination = reserved_account(referral.program), budget_account(referral.program)
        draft.book(source, destination, Amount(minor, currency), "posted", "unreserve", referral.id)
    kept = tuple(pair for pair in referral.reserved if pair[0].partition(IN_CURRENCY)[0] != key)
    return msgspec.structs.replace(referral, reserved=kept)


def set_aside(referral: Referral, key: str, own: str) -> dict[str, int]:
    """What is set aside for one promise, by currency; `own` is the program's."""
    found: dict[str, int] = {}
    for name, minor in referral.reserved:
        promise, _, currency = name.partition(IN_CURRENCY)
        if promise == key and minor:
            found[currency or own] = minor
    return found


# -- the grant ---------------------------------------------------------------------------------------------------------


def grant(draft: Draft, merit: Merit, referral: Referral, due: Due, offer: Offer, held: bool) -> Referral:
    """Grant a promise that came due: the ladder of limits and funds, then a pending entry. A refusal is written once and kept."""
    assert due.step.at is not None and offer.minor is not None
    asset, promise = offer.give.asset, due.promise
    if is_forgotten(draft.situation, payee_of(merit, promise)):
        return leave_to_nobody(draft, referral, due)
    terms = draft.situation.live_terms(merit.program)
    minor, places, refused = under_limits(draft, merit, promise, asset, due.step.at, offer.minor, terms)
    if refused and refused.passed is False:
        return _refuse(referral, due, refused, draft)
    cost = cost_of(terms, merit.terms, offer.give, minor, draft.clock)
    if cost is None:
        draft.reasons.append(Reason("cost_unknown", None, str(Amount(minor, asset)), None, due.key))
        return referral
    reserved = set_aside(referral, due.key, terms.currency).get(cost.amount.asset, 0)
    referral = free_reservation(draft, referral, due.key)
    source, is_reserved = budget_account(merit.program), cost.amount.minor <= reserved
    short = None if is_reserved else lacking(draft, terms, cost.amount)
    if short:
        budget = terms.budget_in(cost.amount.asset)
        if budget and budget.at_end == "while_funds_last":
            return _refuse(referral, due, short, draft)
        source = overrun_account(merit.program)
        draft.notices.append(Notice("budget_overrun", merit.id))
        draft.reasons.append(Reason("paid_from_overrun", True, str(cost.amount), None, due.key))
    referral = take(draft, referral, due.key, minor, cost, source=source, is_reserved=is_reserved)
    if cost.each is not None:  # a unit comes from where it is made; what it costs was taken
        source = budget_account(merit.program)
    booking = "grant_reserved" if is_reserved else "grant"
    for key, number, counted in places:
        draft.count(key, number, counted)
    reward = _granted(draft, merit, referral, due, offer, minor, held, source, booking)
    claims = referral.claims
    if places:
        about = msgspec.structs.replace(refused, about=due.key) if refused else None
        claims = (*claims, Claim("limit", due.key, True, draft.clock, minor, about, (), tuple(places)))
    draft.notices.append(Notice("reward_granted", referral.id, reward.id))
    return msgspec.structs.replace(referral, rewards=(*referral.rewards, reward), claims=claims)


def leave_to_nobody(draft: Draft, referral: Referral, due: Due) -> Referral:
    """A promise to somebody who was forgotten: what was paid stays paid, nothing more is given, what was set aside is free."""
    if due.is_reached and referral.reward(due.key) is None:
        draft.reasons.append(Reason("payee_forgotten", False, None, None, due.key))
    return free_reservation(draft, referral, due.key)


def _granted(
    draft: Draft,
    merit: Merit,
    referral: Referral,
    due: Due,
    offer: Offer,
    minor: int,
    held: bool,
    source: str,
    booking: str,
) -> Reward:
    """The reward with its pending entry."""
    assert due.step.at is not None
    before = referral.reward(due.key)
    round_ = before.round + 1 if before else 0
    id_ = ident("reward", referral.id, due.key, str(round_))
    payee, amount = payee_of(merit, due.promise), Amount(minor, offer.give.asset)
    holder = draft.holder(payee, amount.asset)
    entry = draft.book(source, payable_account(holder), amount, "pending", booking, referral.id, id_)
    return Reward(
        id_,
        due.key,
        due.promise.to,
        payee,
        offer.kind.slug,
        amount.asset,
        minor,
        due.step.at,
        due.step.at + timedelta(days=due.promise.hold_days),
        "in_review" if held else "pending",
        draft.clock,
        draft.clock,
        entry,
        source,
        round_,
        wallet=holder if holder != payee else None,
        base_minor=due.step.base_minor,
    )


def _refuse(referral: Referral, due: Due, reason: Reason, draft: Draft) -> Referral:
    claim = Claim("limit", due.key, False, draft.clock, 0, msgspec.structs.replace(reason, about=due.key))
    return msgspec.structs.replace(referral, claims=(*referral.claims, claim))


# -- the release -------------------------------------------------------------------------------------------------------


def release(draft: Draft, referral: Referral, reward: Reward) -> Reward:
    """Make a due reward payable: the posting, and netting against what the payee still owes."""
    entry = _close(draft, reward, "post", referral.id, "release")
    holder = draft.now_with(reward.holder, reward.asset)
    owed = -draft.balance(owed_account(holder), reward.asset).posted_minor
    if owed > 0:
        netted = Amount(min(owed, reward.amount_minor), reward.asset)
        draft.book(payable_account(holder), owed_account(holder), netted, "posted", "net", referral.id, reward.id)
        draft.reasons.append(Reason("reward_netted", True, str(netted), None, reward.promise))
    draft.notices.append(Notice("reward_payable", referral.id, reward.id))
    return _replaced(reward, "payable", draft.clock, entry=entry)


def _close(draft: Draft, reward: Reward, phase: str, referral: str, reason: str) -> str:
    amount = Amount(reward.amount_minor, reward.asset)
    return draft.book(
        reward.source, payable_account(reward.holder), amount, phase, reason, referral, reward.id, reward.entry
    )


def close_pending(draft: Draft, reward: Reward, referral: str, reason: str) -> Reward:
    """Void the pending entry of a reward that is not payable yet."""
    return _replaced(reward, "voided", draft.clock, entry=_close(draft, reward, "void", referral, reason))


def _replaced(reward: Reward, state: str, at: datetime, entry: str) -> Reward:
    return msgspec.structs.replace(reward, state=state, state_at=at, entry=entry)
