"""What is given? Reserves budget, takes places under limits, grants rewards as pending entries and releases them when due."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from goodword.core.amounts import Amount
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

OCCURRENCES_RESERVED = 60  # of a repeated promise without an end so many are set aside at the join


# -- at the join -------------------------------------------------------------------------------------------------------


def admit(draft: Draft, merit: Merit) -> tuple[Claim, tuple[tuple[str, int], ...]]:
    """The claim written when a friend joins: places under limits of joins, and the budget reserved for every promise."""
    terms = draft.situation.live_terms(merit.program)
    places, refused = places_at_join(draft, merit, terms)
    if refused:
        return Claim("budget", "", False, draft.clock, 0, refused), ()
    needed = reservations(merit.terms)
    total = sum(minor for _, minor in needed)
    budget = terms.budget
    if budget and budget.at_end == "stop_new":
        available = max(0, draft.balance(budget_account(merit.program), terms.currency).available_minor)
        if available < max(1, total):
            shown, asked = Amount(available, terms.currency), Amount(total, terms.currency)
            draft.notices.append(Notice("budget_ended", merit.id))
            reason = Reason("budget_ended", False, str(shown), str(asked))
            return Claim("budget", "", False, draft.clock, total, reason), ()
    for key, number, minor in places:
        draft.count(key, number, minor)
    if not total or budget is None or budget.at_end != "stop_new" or budget.reserve != "join":
        return Claim("budget", "", True, draft.clock, 0, counters=tuple(places)), ()
    amount = Amount(total, terms.currency)
    draft.book(budget_account(merit.program), reserved_account(merit.program), amount, "posted", "reserve", merit.id)
    reserved = tuple(pair for pair in needed if pair[1])
    return Claim("budget", "", True, draft.clock, total, counters=tuple(places)), reserved


def reservations(terms: Terms) -> tuple[tuple[str, int], ...]:
    """What each promise may cost for one friend, a repeated one by occurrence."""
    found: list[tuple[str, int]] = []
    for promise in terms.promises:
        minor, repeat = terms.reserve_minor(promise), terms.milestone(promise.on).repeat
        if repeat is None:
            found.append((promise.key, minor))
        else:
            most = min(repeat.most or OCCURRENCES_RESERVED, OCCURRENCES_RESERVED)
            found += [(f"{promise.key}#{n}", minor) for n in range(1, most + 1)]
    return tuple(found)


def free_reservation(draft: Draft, referral: Referral, key: str) -> Referral:
    """Give back what was set aside for one promise."""
    kept = tuple(pair for pair in referral.reserved if pair[0] != key)
    minor = sum(minor for name, minor in referral.reserved if name == key)
    if minor:
        asset = draft.situation.live_terms(referral.program).currency
        draft.book(
            reserved_account(referral.program),
            budget_account(referral.program),
            Amount(minor, asset),
            "posted",
            "unreserve",
            referral.id,
        )
    return msgspec.structs.replace(referral, reserved=kept)


# -- the grant ---------------------------------------------------------------------------------------------------------


def grant(draft: Draft, merit: Merit, referral: Referral, due: Due, offer: Offer, held: bool) -> Referral:
    """Grant a promise that came due: the ladder of limits and funds, then a pending entry. A refusal is written once and kept."""
    assert due.step.at is not None and offer.minor is not None
    asset, promise = offer.give.asset, due.promise
    terms = draft.situation.live_terms(merit.program)
    minor, places, refused = under_limits(draft, merit, promise, asset, due.step.at, offer.minor, terms)
    if refused and refused.passed is False:
        return _refuse(referral, due, refused, draft)
    reserved = sum(amount for key, amount in referral.reserved if key == due.key) if asset == terms.currency else 0
    referral = free_reservation(draft, referral, due.key)
    source, booking = budget_account(merit.program), "grant_reserved"
    if minor > reserved:
        short = lacking(draft, terms, Amount(minor, asset))
        booking = "grant"
        if short and terms.budget and terms.budget.at_end == "while_funds_last":
            return _refuse(referral, due, short, draft)
        if short:
            source = overrun_account(merit.program)
            draft.notices.append(Notice("budget_overrun", merit.id))
            draft.reasons.append(Reason("paid_from_overrun", True, str(Amount(minor, asset)), None, due.key))
    for key, number, counted in places:
        draft.count(key, number, counted)
    reward = _granted(draft, merit, referral, due, offer, minor, held, source, booking)
    claims = referral.claims
    if places:
        about = msgspec.structs.replace(refused, about=due.key) if refused else None
        claims = (*claims, Claim("limit", due.key, True, draft.clock, minor, about, (), tuple(places)))
    draft.notices.append(Notice("reward_granted", referral.id, reward.id))
    return msgspec.structs.replace(referral, rewards=(*referral.rewards, reward), claims=claims)


def lacking(draft: Draft, terms: Terms, amount: Amount) -> Reason | None:
    """Why the budget cannot carry the amount; None where it can, or where there is no budget."""
    if terms.budget is None or amount.asset != terms.currency:
        return None
    available = draft.balance(budget_account(terms.program), amount.asset).available_minor
    if available >= amount.minor:
        return None
    return Reason("funds_ended", False, str(Amount(max(0, available), amount.asset)), str(amount))


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
