"""What comes back? Voids what is not payable yet, takes back what is unspent, nets what was sent, writes off what stays open."""

from __future__ import annotations

import msgspec

from goodword.core.amounts import Amount
from goodword.core.ledger import (
    RECOVERED,
    SENT,
    WRITTEN_OFF,
    budget_account,
    owed_account,
    payable_account,
)
from goodword.core.reasons import Reason
from goodword.core.referral import Referral, Reward
from goodword.core.rewarding import Draft, close_pending
from goodword.core.situation import Notice
from goodword.core.terms import Terms


def take_back(draft: Draft, referral: Referral, reward: Reward, terms: Terms, *, reason: str) -> Referral:
    """Take a whole reward back, by the state it is in; its places under limits reopen unless the terms say otherwise."""
    if reward.state in ("pending", "in_review"):
        after = close_pending(draft, reward, referral.id, reason)
    elif reward.state == "payable":
        after = _from_payable(draft, referral, reward, terms, reward.amount_minor, reason)
    elif reward.state == "sent":
        after = _from_sent(draft, referral, reward, terms, reward.amount_minor)
    else:
        return referral
    if after.state == reward.state:
        return referral
    draft.notices.append(Notice("reward_taken_back", referral.id, reward.id))
    return reopen_places(draft, put_reward(referral, after), reward, terms)


def adjust(draft: Draft, referral: Referral, reward: Reward, terms: Terms, deserved_minor: int) -> Referral:
    """Bring a standing reward to the amount that is deserved now: by a new pending entry in hold, by the difference after it."""
    draft.reasons.append(
        Reason(
            "reward_changed",
            True,
            str(Amount(reward.amount_minor, reward.asset)),
            str(Amount(deserved_minor, reward.asset)),
            reward.promise,
        )
    )
    change = deserved_minor - reward.amount_minor
    if reward.state in ("pending", "in_review"):
        closed = close_pending(draft, reward, referral.id, "amount_changed")
        entry = draft.book(
            reward.source,
            payable_account(reward.payee),
            Amount(deserved_minor, reward.asset),
            "pending",
            "grant",
            referral.id,
            reward.id,
        )
        after = msgspec.structs.replace(closed, state=reward.state, entry=entry, amount_minor=deserved_minor)
    elif change > 0:
        source = budget_account(referral.program)
        entry = draft.book(
            source,
            payable_account(reward.payee),
            Amount(change, reward.asset),
            "posted",
            "amount_changed",
            referral.id,
            reward.id,
        )
        after = msgspec.structs.replace(reward, entry=entry, amount_minor=deserved_minor)
    elif reward.state == "payable":
        after = _from_payable(draft, referral, reward, terms, -change, "amount_changed")
        after = msgspec.structs.replace(after, state="payable", amount_minor=deserved_minor)
    else:
        after = _from_sent(draft, referral, reward, terms, -change)
        after = msgspec.structs.replace(
            after,
            state="sent",
            amount_minor=deserved_minor if after.clawed_minor > reward.clawed_minor else reward.amount_minor,
        )
    claim = referral.claim("limit", reward.promise)
    if claim and claim.granted:
        for key, _, _ in claim.counters:
            draft.count(key, 0, after.amount_minor - reward.amount_minor)
        counters = tuple((key, number, after.amount_minor) for key, number, _ in claim.counters)
        claims = tuple(
            msgspec.structs.replace(claim, counters=counters) if known is claim else known for known in referral.claims
        )
        referral = msgspec.structs.replace(referral, claims=claims)
    return put_reward(referral, after)


def _from_payable(draft: Draft, referral: Referral, reward: Reward, terms: Terms, minor: int, reason: str) -> Reward:
    """What is unspent goes back to where it came from; what netting already used becomes owed again."""
    payable = payable_account(reward.payee)
    unspent = min(minor, max(0, draft.balance(payable, reward.asset).available_minor))
    if unspent:
        draft.book(payable, reward.source, Amount(unspent, reward.asset), "posted", reason, referral.id, reward.id)
    rest = minor - unspent
    if rest:
        draft.book(
            owed_account(reward.payee),
            reward.source,
            Amount(rest, reward.asset),
            "posted",
            "claw_back",
            referral.id,
            reward.id,
        )
    return msgspec.structs.replace(
        reward, state="voided", state_at=draft.clock, clawed_minor=reward.clawed_minor + rest
    )


def _from_sent(draft: Draft, referral: Referral, reward: Reward, terms: Terms, minor: int) -> Reward:
    """A balance owed by the payee, netted against later rewards; a friend owes nothing unless the terms say so."""
    if reward.to == "friend" and not terms.friend_debt:
        return reward
    draft.book(
        owed_account(reward.payee),
        RECOVERED,
        Amount(minor, reward.asset),
        "posted",
        "claw_back",
        referral.id,
        reward.id,
    )
    draft.reasons.append(Reason("reward_clawed_back", True, str(Amount(minor, reward.asset)), None, reward.promise))
    return msgspec.structs.replace(
        reward, state="clawed_back", state_at=draft.clock, clawed_minor=reward.clawed_minor + minor
    )


def write_off(draft: Draft, referral: Referral, reward: Reward, terms: Terms) -> Referral:
    """After the time in which it could be netted, what is still owed for a reward is written off."""
    owed = -draft.balance(owed_account(reward.payee), reward.asset).posted_minor
    minor = min(owed, reward.clawed_minor)
    if minor > 0:
        draft.book(
            WRITTEN_OFF,
            owed_account(reward.payee),
            Amount(minor, reward.asset),
            "posted",
            "write_off",
            referral.id,
            reward.id,
        )
        draft.reasons.append(
            Reason(
                "written_off", True, str(Amount(minor, reward.asset)), f"{terms.net_within.days} days", reward.promise
            )
        )
    return put_reward(referral, msgspec.structs.replace(reward, state="written_off", state_at=draft.clock))


def send(draft: Draft, referral: Referral, reward: Reward) -> Referral:
    """A person or a payment run sent a payable reward: what netting left of it leaves the house."""
    minor = min(reward.amount_minor, max(0, draft.balance(payable_account(reward.payee), reward.asset).available_minor))
    if minor:
        draft.book(
            payable_account(reward.payee), SENT, Amount(minor, reward.asset), "posted", "send", referral.id, reward.id
        )
    draft.notices.append(Notice("reward_sent", referral.id, reward.id))
    return put_reward(referral, msgspec.structs.replace(reward, state="sent", state_at=draft.clock))


def put_reward(referral: Referral, reward: Reward) -> Referral:
    """The referral with that reward as it stands now."""
    rewards = tuple(reward if known.id == reward.id else known for known in referral.rewards)
    return msgspec.structs.replace(referral, rewards=rewards)


def reopen_places(draft: Draft, referral: Referral, reward: Reward, terms: Terms) -> Referral:
    """Give back the places that the reward took, so that later friends find them free; nobody refused before is revived."""
    claim = referral.claim("limit", reward.promise)
    if claim is None or not claim.granted or not claim.counters:
        return referral
    live = draft.situation.live_terms(referral.program)
    reopens = {
        n: limit.reopen
        for promise in live.promises
        if reward.promise.startswith(f"{promise.to}:{promise.on}")
        for n, limit in enumerate(promise.limits)
    }
    for key, number, minor in claim.counters:
        if reopens.get(int(key.split("|")[-2]), True):
            draft.count(key, -number, -minor)
    closed = msgspec.structs.replace(claim, counters=())
    claims = tuple(closed if known is claim else known for known in referral.claims)
    return msgspec.structs.replace(referral, claims=claims)
