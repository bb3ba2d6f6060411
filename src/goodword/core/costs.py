"""What does a reward take out of a budget? Money as it is, points by their dated cost, things by their price; and what comes back.

One of a unit costs so many millionths of a currency: points what their unit cost at the decision, in the program's currency;
a thing what the terms say, in the market's. So many of them cost that many times as much, half up to the minor unit. What was
taken is kept as a claim with the cost of one and the accounts it came from: a reward that falls gives back exactly that, one
that changes is computed anew by the cost it was granted at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from goodword.core.amounts import Amount, exponent
from goodword.core.draft import Draft
from goodword.core.kind import Give
from goodword.core.ledger import budget_account, cost_account, overrun_account
from goodword.core.reasons import Reason
from goodword.core.referral import Claim, Referral, Reward
from goodword.core.requirements import OCCURRENCE
from goodword.core.situation import Notice
from goodword.core.terms import Promise, Terms
from goodword.core.units import MILLION, Unit, is_points

COST = "cost"  # the kind of claim that keeps what a reward took
OCCURRENCES_RESERVED = 60  # of a repeated promise without an end so many are set aside at the join


class Cost(msgspec.Struct, frozen=True):
    """What a reward takes: of which currency, and how many millionths of it one unit costs (None: it is money itself)."""

    amount: Amount
    each: int | None = None


def cost_of(live: Terms, terms: Terms, give: Give, minor: int, at: datetime) -> Cost | None:
    """What so much of a gift takes out of a budget at a moment; None where no cost is dated.

    `live` are the program's terms in force, `terms` those of the friend's market and promise.
    """
    if ":" not in give.asset:
        return Cost(Amount(minor, give.asset))
    if not is_points(give.asset):
        price = give.cost_minor or 0
        return so_many(minor, price * MILLION // 10 ** exponent(terms.currency), terms.currency)
    each = _each(live, terms, give.asset, at)
    return None if each is None else so_many(minor, each, live.currency)


def _each(live: Terms, terms: Terms, asset: str, at: datetime) -> int | None:
    if live.budget is None:
        return 0
    declared = _unit(live, asset) or _unit(terms, asset)
    return declared.micro_at(at) if declared else None


def _unit(terms: Terms, asset: str) -> Unit | None:
    return next((unit for unit in terms.units if unit.asset == asset), None)


def so_many(number: int, each: int, currency: str) -> Cost:
    """What so many units cost at so many millionths of a currency each."""
    return Cost(Amount(_half_up(number * each * 10 ** exponent(currency)), currency), each)


def _half_up(millionths: int) -> int:
    return (2 * millionths + MILLION) // (2 * MILLION)


# -- at the join -------------------------------------------------------------------------------------------------------


def reservations(live: Terms, terms: Terms, at: datetime) -> Iterator[tuple[str, Amount]]:
    """What each promise may take for one friend, a repeated one by occurrence."""
    for promise in terms.promises:
        repeat = terms.milestone(promise.on).repeat
        most = min(repeat.most or OCCURRENCES_RESERVED, OCCURRENCES_RESERVED) if repeat else 0
        keys = [f"{promise.key}{OCCURRENCE}{n}" for n in range(1, most + 1)] or [promise.key]
        for currency, minor in _most(live, terms, promise, at).items():
            yield from ((key, Amount(minor, currency)) for key in keys)


def _most(live: Terms, terms: Terms, promise: Promise, at: datetime) -> dict[str, int]:
    """The most that one grant of a promise takes, by currency; nothing for what hangs on many friends together."""
    found: dict[str, int] = {}
    if promise.ladder and promise.ladder.apply == "once":
        return found
    for row in promise.lines:
        cost = cost_of(live, terms, row.give, row.kind.most_minor(row.give) or 0, at)
        if cost and cost.amount.minor:
            found[cost.amount.asset] = max(cost.amount.minor, found.get(cost.amount.asset, 0))
    return found


# -- the grant, and what becomes of it ---------------------------------------------------------------------------------


def lacking(draft: Draft, terms: Terms, amount: Amount) -> Reason | None:
    """Why the budget cannot carry the amount; None where it can, or where there is no budget. `terms` are those in force."""
    if amount.minor <= 0 or terms.budget_in(amount.asset) is None:
        return None
    available = draft.balance(budget_account(terms.program), amount.asset).available_minor
    if available >= amount.minor:
        return None
    return Reason("funds_ended", False, str(Amount(max(0, available), amount.asset)), str(amount))


def take(
    draft: Draft, referral: Referral, key: str, number: int, cost: Cost, *, source: str, is_reserved: bool
) -> Referral:
    """Take what a reward that is not money costs out of its budget (or the overrun line), and keep it as a claim."""
    live = draft.situation.live_terms(referral.program)
    if not cost.each or not cost.amount.minor or live.budget_in(cost.amount.asset) is None:
        return referral
    reason = "cost_reserved" if is_reserved else "cost"
    draft.book(source, cost_account(referral.program), cost.amount, "posted", reason, referral.id)
    told = Reason("cost_taken", True, str(cost.amount), None, key)
    taken = ((f"{source}|{cost.amount.asset}", number, cost.amount.minor),)
    claim = Claim(COST, key, True, draft.clock, cost.each, told, (), taken)
    return msgspec.structs.replace(referral, claims=(*referral.claims, claim))


def follow(draft: Draft, referral: Referral, reward: Reward, number: int) -> Referral:
    """What was taken for a reward follows its number: nothing where it fell, the cost it was granted at where it changed."""
    claim = referral.claim(COST, reward.promise)
    if claim is None or not claim.counters:
        return referral
    asset = claim.counters[0][0].rpartition("|")[2]
    had = sum(minor for _, _, minor in claim.counters)
    wanted = _half_up(number * claim.value * 10 ** exponent(asset))
    if wanted < had:
        counters = _given_back(draft, referral, claim, had - wanted)
    elif wanted > had:
        more = Amount(wanted - had, asset)
        counters = (*claim.counters, (f"{_source(draft, referral, more)}|{asset}", number, more.minor))
        draft.book(
            counters[-1][0].rpartition("|")[0], cost_account(referral.program), more, "posted", "cost", referral.id
        )
    else:
        return referral
    changed = msgspec.structs.replace(claim, counters=counters, granted=bool(counters))
    changed = msgspec.structs.replace(
        changed, reason=Reason("cost_taken", True, str(Amount(wanted, asset)), None, claim.key)
    )
    claims = tuple(changed if known is claim else known for known in referral.claims)
    return msgspec.structs.replace(referral, claims=claims)


def more_needed(referral: Referral, reward: Reward, number: int) -> Amount:
    """What a reward that rises takes more: of money the difference, else what the larger number costs."""
    claim = referral.claim(COST, reward.promise)
    if ":" not in reward.asset or claim is None or not claim.counters:
        return Amount(number - reward.amount_minor if ":" not in reward.asset else 0, reward.asset)
    asset = claim.counters[0][0].rpartition("|")[2]
    had = sum(minor for _, _, minor in claim.counters)
    return Amount(_half_up(number * claim.value * 10 ** exponent(asset)) - had, asset)


def _source(draft: Draft, referral: Referral, more: Amount) -> str:
    if lacking(draft, draft.situation.live_terms(referral.program), more) is None:
        return budget_account(referral.program)
    draft.notices.append(Notice("budget_overrun", referral.id))
    return overrun_account(referral.program)


def _given_back(draft: Draft, referral: Referral, claim: Claim, minor: int) -> tuple[tuple[str, int, int], ...]:
    """Back to the accounts that it came from, the last one first; what is left stays taken."""
    kept: list[tuple[str, int, int]] = []
    for place, number, had in reversed(claim.counters):
        back = min(minor, had)
        minor -= back
        source, _, asset = place.rpartition("|")
        if back:
            amount = Amount(back, asset)
            draft.book(cost_account(referral.program), source, amount, "posted", "cost_back", referral.id)
        if had > back:
            kept.append((place, number, had - back))
    return tuple(reversed(kept))
