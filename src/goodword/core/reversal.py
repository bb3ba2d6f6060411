"""What comes back? Voids what is not payable yet, takes back what is unspent, nets what was sent, writes off what stays open."""

from __future__ import annotations

import msgspec

from goodword.core.amounts import Amount
from goodword.core.costs import follow, lacking, more_needed
from goodword.core.draft import Draft
from goodword.core.ledger import (
    RECOVERED,
    SENT,
    WRITTEN_OFF,
    budget_account,
    expired_account,
    overrun_account,
    owed_account,
    payable_account,
)
from goodword.core.limits import reopen_places
from goodword.core.reasons import Reason
from goodword.core.referral import Referral, Reward
from goodword.core.rewarding import close_pending
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
    if after.state == "voided":
        referral = follow(draft, referral, reward, 0)
    return reopen_places(draft, put_reward(referral, after), reward)


def based_on(reward: Reward, base_minor: int | None, terms: Terms) -> Reward:
    """A standing reward with what was bought as it is known now, as far as its amount would follow that if it were a share.

    What left the house is never added to, and a friend's is not taken from either unless the terms say so.
    """
    known = reward.base_minor
    if reward.state == "sent":
        is_less = known is not None and base_minor is not None and base_minor < known
        base_minor = base_minor if is_less and _is_owed_back(reward, terms) else known
    return reward if base_minor == known else msgspec.structs.replace(reward, base_minor=base_minor)


def adjust(draft: Draft, referral: Referral, reward: Reward, terms: Terms, deserved_minor: int) -> Referral:
    """Bring a standing reward to the amount that is deserved now: by a new pending entry in hold, by the difference after it."""
    if deserved_minor > reward.amount_minor:
        # what left the house is not added to: a person pays the difference out, or nobody does
        after = reward if reward.state == "sent" else _raised(draft, referral, reward, deserved_minor)
    elif reward.state in ("pending", "in_review"):
        after = _rebooked(draft, referral, reward, deserved_minor, reward.source, "grant_reserved")
    elif reward.state == "payable":
        less = reward.amount_minor - deserved_minor
        after = _from_payable(draft, referral, reward, terms, less, "amount_changed")
        after = msgspec.structs.replace(after, state="payable", amount_minor=deserved_minor)
    else:
        after = _from_sent(draft, referral, reward, terms, reward.amount_minor - deserved_minor)
        if after.clawed_minor > reward.clawed_minor:
            after = msgspec.structs.replace(after, state="sent", amount_minor=deserved_minor)
    if after.amount_minor == reward.amount_minor:
        return put_reward(referral, after)
    was, now = Amount(reward.amount_minor, reward.asset), Amount(after.amount_minor, reward.asset)
    draft.reasons.append(Reason("reward_changed", True, str(was), str(now), reward.promise))
    if reward.state != "sent":
        referral = follow(draft, referral, reward, after.amount_minor)
    return put_reward(_recounted(draft, referral, reward, after.amount_minor), after)


def _recounted(draft: Draft, referral: Referral, reward: Reward, amount_minor: int) -> Referral:
    """The places of a reward under limits of amounts follow its amount."""
    claim = referral.claim("limit", reward.promise)
    if claim is None or not claim.granted:
        return referral
    for key, _, _ in claim.counters:
        draft.count(key, 0, amount_minor - reward.amount_minor)
    changed = tuple((key, number, amount_minor) for key, number, _ in claim.counters)
    recounted = msgspec.structs.replace(claim, counters=changed)
    claims = tuple(recounted if known is claim else known for known in referral.claims)
    return msgspec.structs.replace(referral, claims=claims)


def _raised(draft: Draft, referral: Referral, reward: Reward, deserved_minor: int) -> Reward:
    """A larger amount: from where the reward came, if that carries the difference, else the whole from the overrun line."""
    terms = draft.situation.live_terms(referral.program)
    more = Amount(deserved_minor - reward.amount_minor, reward.asset)
    budget, overrun = budget_account(referral.program), overrun_account(referral.program)
    needed = more_needed(referral, reward, deserved_minor)
    short = lacking(draft, terms, needed) if reward.source == budget else None
    limited = terms.budget_in(needed.asset)
    if short and limited and limited.at_end == "while_funds_last":
        draft.reasons.append(msgspec.structs.replace(short, about=reward.promise))
        return reward
    if short:
        draft.reasons.append(Reason("paid_from_overrun", True, str(needed), None, reward.promise))
    if needed.asset != reward.asset:  # a unit comes from where it is made; its cost follows the number
        short = None
    source = overrun if short else reward.source
    if short:
        draft.notices.append(Notice("budget_overrun", referral.id))
    if reward.state in ("pending", "in_review"):
        return _rebooked(draft, referral, reward, deserved_minor, source, "grant")
    if short:
        paid = Amount(reward.amount_minor, reward.asset)
        draft.book(overrun, budget, paid, "posted", "moved_to_overrun", referral.id, reward.id)
    payable = payable_account(draft.now_with(reward.holder, reward.asset))
    entry = draft.book(source, payable, more, "posted", "amount_changed", referral.id, reward.id)
    draft.net_points(draft.now_with(reward.holder, reward.asset), reward.asset)
    return msgspec.structs.replace(reward, entry=entry, amount_minor=deserved_minor, source=source)


def _rebooked(draft: Draft, referral: Referral, reward: Reward, minor: int, source: str, booking: str) -> Reward:
    """A reward in hold with another amount: its pending entry is voided and a new one booked."""
    closed = close_pending(draft, reward, referral.id, "amount_changed")
    amount = Amount(minor, reward.asset)
    entry = draft.book(source, payable_account(reward.holder), amount, "pending", booking, referral.id, reward.id)
    return msgspec.structs.replace(
        closed, state=reward.state, state_at=reward.state_at, entry=entry, amount_minor=minor, source=source
    )


def _from_payable(draft: Draft, referral: Referral, reward: Reward, terms: Terms, minor: int, reason: str) -> Reward:
    """What is unspent goes back to where it came from; what netting already used becomes owed again."""
    holder = draft.now_with(reward.holder, reward.asset)
    gone = draft.forgo_expired(reward.id, holder, Amount(minor, reward.asset))
    if gone:  # what expired was lost already: it is not taken a second time
        expired = expired_account(reward.asset)
        draft.book(expired, reward.source, Amount(gone, reward.asset), "posted", reason, referral.id, reward.id)
    minor -= gone
    payable = payable_account(holder)
    unspent = min(minor, max(0, draft.balance(payable, reward.asset).available_minor))
    if unspent:
        draft.book(payable, reward.source, Amount(unspent, reward.asset), "posted", reason, referral.id, reward.id)
    rest = minor - unspent
    if rest:
        draft.book(
            owed_account(holder),
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


def hold_again(draft: Draft, referral: Referral, reward: Reward, terms: Terms) -> Reward:
    """A payable reward waits for a person again: its release is countered, and the amount set aside by a new pending entry."""
    back = _from_payable(draft, referral, reward, terms, reward.amount_minor, "held_again")
    amount = Amount(reward.amount_minor, reward.asset)
    entry = draft.book(
        reward.source, payable_account(reward.holder), amount, "pending", "held_again", referral.id, reward.id
    )
    draft.notices.append(Notice("reward_taken_back", referral.id, reward.id))
    return msgspec.structs.replace(back, state="in_review", entry=entry)


def _from_sent(draft: Draft, referral: Referral, reward: Reward, terms: Terms, minor: int) -> Reward:
    """A balance owed by the payee, netted against later rewards; a friend owes nothing unless the terms say so."""
    if not _is_owed_back(reward, terms):
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


def _is_owed_back(reward: Reward, terms: Terms) -> bool:
    return reward.to != "friend" or terms.friend_debt


def owes(reward: Reward) -> bool:
    """Whether something of the reward is still to be netted against later ones."""
    return reward.clawed_minor > 0 and reward.state != "written_off"


def write_off(draft: Draft, referral: Referral, reward: Reward, terms: Terms) -> Referral:
    """After the time in which it could be netted, what is still owed for a reward is written off."""
    holder = draft.now_with(reward.holder, reward.asset)
    owed = -draft.balance(owed_account(holder), reward.asset).posted_minor
    minor = min(owed, reward.clawed_minor)
    if minor > 0:
        amount = Amount(minor, reward.asset)
        draft.book(WRITTEN_OFF, owed_account(holder), amount, "posted", "write_off", referral.id, reward.id)
        days = f"{terms.net_within.days} days"
        draft.reasons.append(Reason("written_off", True, str(amount), days, reward.promise))
    state = "written_off" if reward.state == "clawed_back" else reward.state
    return put_reward(referral, msgspec.structs.replace(reward, state=state, state_at=draft.clock, clawed_minor=0))


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
