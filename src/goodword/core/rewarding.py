"""What is given? Reserves budget, takes places under limits, grants rewards as pending entries and releases them when due."""

from __future__ import annotations

from collections import ChainMap
from datetime import datetime, timedelta

import msgspec

from goodword.core.amounts import Amount
from goodword.core.attribution import conditions_at
from goodword.core.events import ident
from goodword.core.ledger import (
    Balance,
    Entry,
    apply,
    budget_account,
    overrun_account,
    owed_account,
    payable_account,
    reserved_account,
)
from goodword.core.milestones import Step
from goodword.core.qualification import Merit
from goodword.core.reasons import Reason
from goodword.core.referral import Claim, Referral, Reward
from goodword.core.situation import Notice, Situation
from goodword.core.terms import Limit, Promise, Terms


class Draft:
    """The consequences of one decision while it is being made; what it booked so far is seen by what it books next."""

    def __init__(self, situation: Situation, decision_id: str, clock: datetime) -> None:
        self.situation = situation
        self.decision_id = decision_id
        self.clock = clock
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []
        self.reasons: list[Reason] = []
        self._accounts: ChainMap[tuple[str, str], Balance] = ChainMap({}, situation.accounts)
        self._counters: dict[str, tuple[int, int]] = {}

    def balance(self, account: str, asset: str) -> Balance:
        """Balance including what this decision booked."""
        return self._accounts.get((account, asset), Balance())

    def book(
        self,
        source: str,
        destination: str,
        amount: Amount,
        phase: str,
        reason: str,
        referral: str,
        reward: str | None = None,
        of: str | None = None,
    ) -> str:
        """Book an entry and return its id. Raises LedgerError where it would break a floor."""
        id_ = ident("entry", self.decision_id, str(len(self.entries)))
        entry = Entry(
            id_, source, destination, amount.asset, amount.minor, phase, reason, self.clock, of, referral, reward
        )
        apply(self._accounts, entry)
        self.entries.append(entry)
        return id_

    def counter(self, key: str) -> tuple[int, int]:
        """Number and amount counted under a limit so far."""
        number, minor = self.situation.counters.get(key, (0, 0))
        more_number, more_minor = self._counters.get(key, (0, 0))
        return number + more_number, minor + more_minor

    def count(self, key: str, number: int, minor: int) -> None:
        """Take (or give back) a place."""
        had_number, had_minor = self._counters.get(key, (0, 0))
        self._counters[key] = (had_number + number, had_minor + minor)

    @property
    def counted(self) -> tuple[tuple[str, int, int], ...]:
        """Changes of counters, those that cancel out left away."""
        return tuple((key, number, minor) for key, (number, minor) in self._counters.items() if number or minor)


def payee_of(merit: Merit, promise: Promise) -> str:
    """Who gets the reward of a promise."""
    return merit.touch.advocate if promise.to == "advocate" else merit.friend


def deserved_minor(merit: Merit, promise: Promise) -> int | None:
    """The amount of a promise by merit, before limits and budget; None where its milestone is not reached."""
    step = merit.steps.get(promise.on)
    if merit.refused or step is None or step.state != "reached":
        return None
    return promise.kind.amount_minor(promise.give, step.base_minor)


# -- at the join -------------------------------------------------------------------------------------------------------


def admit(draft: Draft, merit: Merit) -> tuple[Claim, tuple[tuple[str, int], ...]]:
    """The claim written when a friend joins: places under limits of joins, and the budget reserved for every promise."""
    terms = draft.situation.live_terms(merit.program)
    places: list[tuple[str, int, int]] = []
    for promise in terms.promises:
        for n, limit in enumerate(promise.limits):
            if limit.counts == "joins":
                key = counter_key(merit, promise, n, limit, merit.binding.at, terms)
                if draft.counter(key)[0] >= limit.most:
                    reason = Reason("limit_reached", False, str(draft.counter(key)[0]), str(limit.most), "joins")
                    return Claim("budget", "", False, draft.clock, 0, reason), ()
                places.append((key, 1, 0))
    needed = tuple((promise.key, terms.reserve_minor(promise)) for promise in merit.terms.promises)
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


def counter_key(merit: Merit, promise: Promise, n: int, limit: Limit, at: datetime, terms: Terms) -> str:
    """Counter of a limit: what it counts, over whom, in which period of the milestone's moment in the program's zone."""
    whom = {
        "person": payee_of(merit, promise),
        "friend": merit.friend,
        "code": merit.touch.code or "",
        "program": merit.program,
        "client": "",
    }[limit.over]
    return f"{whom}|{limit.over}|{merit.program}|{promise.key}|{n}|{period_of(at, limit.period, terms)}"


def period_of(at: datetime, period: str, terms: Terms) -> str:
    """Name of the calendar period of a moment in the program's zone."""
    local = at.astimezone(terms.zone)
    names = {"day": f"{local:%Y-%m-%d}", "month": f"{local:%Y-%m}", "year": f"{local:%Y}", "lifetime": ""}
    if period == "week":
        year, week, _ = local.isocalendar()
        return f"{year}-W{week:02d}"
    return f"{local:%Y}-Q{(local.month + 2) // 3}" if period == "quarter" else names[period]


def grant(
    draft: Draft, merit: Merit, referral: Referral, promise: Promise, step: Step, deserved: int, held: bool
) -> Referral:
    """Grant a promise that came due: the ladder of limits and funds, then a pending entry. A refusal is written once and kept."""
    assert step.at is not None
    terms = draft.situation.live_terms(merit.program)
    minor, places, refused = _under_limits(draft, merit, promise, step.at, deserved, terms)
    if refused and refused.passed is False:
        return _refuse(referral, promise, refused, draft.clock)
    reserved = sum(amount for key, amount in referral.reserved if key == promise.key)
    referral = free_reservation(draft, referral, promise.key)
    source, booking = budget_account(merit.program), "grant_reserved"
    if minor > reserved:
        short = lacking(draft, terms, Amount(minor, promise.give.asset))
        booking = "grant"
        if short and terms.budget and terms.budget.at_end == "while_funds_last":
            return _refuse(referral, promise, short, draft.clock)
        if short:
            source = overrun_account(merit.program)
            draft.notices.append(Notice("budget_overrun", merit.id))
            paid = Amount(minor, promise.give.asset)
            draft.reasons.append(Reason("paid_from_overrun", True, str(paid), None, promise.key))
    for key, number, counted in places:
        draft.count(key, number, counted)
    reward = _granted(draft, merit, referral, promise, step, minor, held, source, booking)
    claims = referral.claims
    if places:
        about = msgspec.structs.replace(refused, about=promise.key) if refused else None
        claims = (*claims, Claim("limit", promise.key, True, draft.clock, minor, about, (), tuple(places)))
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
    promise: Promise,
    step: Step,
    minor: int,
    held: bool,
    source: str,
    booking: str,
) -> Reward:
    """The reward with its pending entry."""
    assert step.at is not None
    before = referral.reward(promise.key)
    round_ = before.round + 1 if before else 0
    id_ = ident("reward", referral.id, promise.key, str(round_))
    payee, amount = payee_of(merit, promise), Amount(minor, promise.give.asset)
    entry = draft.book(source, payable_account(payee), amount, "pending", booking, referral.id, id_)
    return Reward(
        id_,
        promise.key,
        promise.to,
        payee,
        promise.kind.slug,
        amount.asset,
        minor,
        step.at,
        step.at + timedelta(days=promise.hold_days),
        "in_review" if held else "pending",
        draft.clock,
        draft.clock,
        entry,
        source,
        round_,
    )


def _refuse(referral: Referral, promise: Promise, reason: Reason, at: datetime) -> Referral:
    claim = Claim("limit", promise.key, False, at, 0, msgspec.structs.replace(reason, about=promise.key))
    return msgspec.structs.replace(referral, claims=(*referral.claims, claim))


def live_promise(terms: Terms, promise: Promise) -> Promise:
    """The promise as the live version words it: its limits count, whatever version the friend joined under."""
    return next((known for known in terms.promises if known.key == promise.key), promise)


def _under_limits(
    draft: Draft, merit: Merit, promise: Promise, at: datetime, deserved: int, terms: Terms
) -> tuple[int, list[tuple[str, int, int]], Reason | None]:
    """What of the amount fits under every limit, the places it takes, and why it is less (passed) or nothing (not passed)."""
    live = live_promise(terms, promise)
    minor, cut = deserved, None
    asset = promise.give.asset
    keys: list[str] = []
    for n, limit in enumerate(live.limits):
        if limit.counts == "joins":
            continue
        key = counter_key(merit, promise, n, limit, at, terms)
        number, counted = draft.counter(key)
        keys.append(key)
        if limit.counts == "grants":
            if number >= limit.most:
                return 0, [], Reason("limit_reached", False, str(number), f"{limit.most} per {limit.period}")
            continue
        fits = _fitting(limit, limit.most - counted, minor)
        if fits <= 0:
            shown = str(Amount(counted, asset))
            return 0, [], Reason("limit_reached", False, shown, f"{Amount(limit.most, asset)} per {limit.period}")
        if fits < minor:
            minor, cut = fits, Reason("limit_partial", True, str(Amount(fits, asset)), str(Amount(deserved, asset)))
    return minor, [(key, 1, minor) for key in keys], cut


def _fitting(limit: Limit, left: int, minor: int) -> int:
    """What of an amount fits into what is left, by the edge of the limit."""
    if minor <= left or (limit.edge == "last_whole" and left > 0):
        return minor
    return left if limit.edge == "partial" and left > 0 else 0


def raised_minor(draft: Draft, merit: Merit, referral: Referral, promise: Promise, before: int, deserved: int) -> int:
    """How far a standing reward may rise to what is deserved now: never above a limit, nor above the part it was once cut to."""
    claim = referral.claim("limit", promise.key)
    if claim is None or not claim.granted:
        return deserved
    if claim.reason and claim.reason.code == "limit_partial":
        deserved = max(before, min(deserved, claim.value))
    limits = live_promise(draft.situation.live_terms(merit.program), promise).limits
    for key, _, own in claim.counters:
        n = int(key.split("|")[-2])
        if n < len(limits) and limits[n].counts == "amount":
            left = limits[n].most - (draft.counter(key)[1] - own)
            deserved = max(before, _fitting(limits[n], left, deserved))
    return deserved


# -- the release -------------------------------------------------------------------------------------------------------


def may_release(draft: Draft, merit: Merit, reward: Reward) -> tuple[Reason | None, tuple[str, ...]]:
    """Why a due reward is not released: a condition that fails now, or the parties whose unknown it waits for.

    Conditions on the friend speak of every reward of the referral, those on the advocate of the advocate's alone.
    """
    terms, advocate = merit.terms, merit.touch.advocate
    waits: list[str] = []
    sides = [terms.friend_conditions]
    if reward.to == "advocate":
        sides.insert(0, terms.advocate_conditions)
    for conditions in sides:
        for condition, found in conditions_at(
            draft.situation, terms, conditions, "release", advocate, merit.friend, None, reward.due_at
        ):
            if found.met is False:
                return Reason("release_refused", False, found.value, condition.words, reward.promise), ()
            if found.met is None:
                words = f"{condition.side}.{condition.field}"
                draft.reasons.append(Reason("status_missing", None, words, condition.words, reward.promise))
                waits.append(advocate if condition.side == "advocate" else merit.friend)
    return None, tuple(waits)


def release(draft: Draft, referral: Referral, reward: Reward) -> Reward:
    """Make a due reward payable: the posting, and netting against what the payee still owes."""
    entry = _close(draft, reward, "post", referral.id, "release")
    owed = -draft.balance(owed_account(reward.payee), reward.asset).posted_minor
    if owed > 0:
        netted = Amount(min(owed, reward.amount_minor), reward.asset)
        draft.book(
            payable_account(reward.payee), owed_account(reward.payee), netted, "posted", "net", referral.id, reward.id
        )
        draft.reasons.append(Reason("reward_netted", True, str(netted), None, reward.promise))
    draft.notices.append(Notice("reward_payable", referral.id, reward.id))
    return _replaced(reward, "payable", draft.clock, entry=entry)


def _close(draft: Draft, reward: Reward, phase: str, referral: str, reason: str) -> str:
    amount = Amount(reward.amount_minor, reward.asset)
    return draft.book(
        reward.source, payable_account(reward.payee), amount, phase, reason, referral, reward.id, reward.entry
    )


def close_pending(draft: Draft, reward: Reward, referral: str, reason: str) -> Reward:
    """Void the pending entry of a reward that is not payable yet."""
    return _replaced(reward, "voided", draft.clock, entry=_close(draft, reward, "void", referral, reason))


def _replaced(reward: Reward, state: str, at: datetime, entry: str) -> Reward:
    return msgspec.structs.replace(reward, state=state, state_at=at, entry=entry)
