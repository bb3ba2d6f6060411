"""How much of it fits? Places under limits: whom they count, in which period, and what is left of an amount."""

from __future__ import annotations

from datetime import datetime

import msgspec

from goodword.core.amounts import Amount
from goodword.core.draft import Draft
from goodword.core.periods import period_of
from goodword.core.qualification import Merit
from goodword.core.reasons import Reason
from goodword.core.referral import Claim, Referral, Reward
from goodword.core.terms import Limit, Promise, Terms

AT_THE_JOIN = ("joins", "open")
Place = tuple[str, int, int]  # (counter, number, amount)


def payee_of(merit: Merit, promise: Promise) -> str:
    """Who gets the reward of a promise: the person itself for an own act, the agent who registered the referral."""
    if promise.to == "advocate":
        return merit.touch.advocate
    if promise.to == "agent":
        return merit.agent or merit.touch.advocate
    return merit.friend


def live_promise(terms: Terms, promise: Promise) -> Promise:
    """The promise as the live version words it: its limits count, whatever version the friend joined under."""
    return next((known for known in terms.promises if known.key == promise.key), promise)


def place_of(draft: Draft, merit: Merit, promise: Promise, n: int, at: datetime, terms: Terms) -> str:
    """Counter of the promise's limit number `n`: what it counts, over whom, in which period of the program's zone."""
    limit = promise.limits[n]
    whom = {
        "person": payee_of(merit, promise),
        "friend": merit.friend,
        "code": merit.touch.code or "",
        "channel": merit.binding.channel or "",
        "household": draft.situation.household_of(payee_of(merit, promise)),
        "organization": draft.situation.organization_of(payee_of(merit, promise)),
        "program": merit.program,
        "client": "",
    }[limit.over]
    dated = {"milestone": at, "join": merit.binding.at, "grant": draft.clock}[limit.dated]
    about = limit.shared or promise.key
    return f"{whom}|{limit.over}|{merit.program}|{about}|{n}|{period_of(dated, limit.period, terms)}"


def limit_of(place: str, promise: Promise) -> Limit | None:
    """The limit that a counter belongs to; None where the live version has it no more."""
    *_, about, n, _ = place.split("|")
    if about.startswith("*"):
        return next((limit for limit in promise.limits if limit.shared == about), None)
    return promise.limits[int(n)] if int(n) < len(promise.limits) else None


# -- at the join -------------------------------------------------------------------------------------------------------


def places_at_join(draft: Draft, merit: Merit, terms: Terms) -> tuple[list[Place], Reason | None]:
    """Places under limits of joins and of friends on their way, or why there is none left."""
    places: dict[str, Place] = {}
    for promise in terms.promises:
        for n, limit in enumerate(promise.limits):
            if limit.counts not in AT_THE_JOIN:
                continue
            key = place_of(draft, merit, promise, n, merit.binding.at, terms)
            taken = draft.counter(key)[0]
            if taken >= limit.most:
                what = "joins" if limit.counts == "joins" else "friends on their way"
                return [], Reason("limit_reached", False, str(taken), f"{limit.most} {what}", limit.counts)
            places[key] = (key, 1, 0)
    return list(places.values()), None


def free_open_places(draft: Draft, referral: Referral) -> Referral:
    """A friend who is not on the way any more leaves the place under a limit of open ones."""
    claim = referral.claim("budget")
    if claim is None or not claim.counters:
        return referral
    terms = draft.situation.live_terms(referral.program)
    is_open = {
        place
        for place, _, _ in claim.counters
        for promise in terms.promises
        if (limit := limit_of(place, promise))
        and limit.counts == "open"
        and _about(place) in (promise.key, limit.shared)
    }
    if not is_open:
        return referral
    for place, number, minor in claim.counters:
        if place in is_open:
            draft.count(place, -number, -minor)
    kept = tuple(counter for counter in claim.counters if counter[0] not in is_open)
    left = msgspec.structs.replace(claim, counters=kept)
    return msgspec.structs.replace(
        referral, claims=tuple(left if known is claim else known for known in referral.claims)
    )


def _about(place: str) -> str:
    return place.split("|")[-3]


# -- at the grant and after it -----------------------------------------------------------------------------------------


def under_limits(
    draft: Draft, merit: Merit, promise: Promise, asset: str, at: datetime, deserved: int, terms: Terms
) -> tuple[int, list[Place], Reason | None]:
    """What of the amount fits under every limit, the places it takes, and why it is less (passed) or nothing (not passed)."""
    live = live_promise(terms, promise)
    minor, cut = deserved, None
    keys: list[str] = []
    for n, limit in enumerate(live.limits):
        if limit.counts not in ("grants", "amount"):
            continue
        key = place_of(draft, merit, live, n, at, terms)
        number, counted = draft.counter(key)
        keys.append(key)
        per = limit.period.replace("_", " ")
        if limit.counts == "grants":
            if number >= limit.most:
                return 0, [], Reason("limit_reached", False, str(number), f"{limit.most} per {per}")
            continue
        fits = fitting(limit, limit.most - counted, minor)
        if fits <= 0:
            shown = str(Amount(counted, asset))
            return 0, [], Reason("limit_reached", False, shown, f"{Amount(limit.most, asset)} per {per}")
        if fits < minor:
            minor, cut = fits, Reason("limit_partial", True, str(Amount(fits, asset)), str(Amount(deserved, asset)))
    return minor, [(key, 1, minor) for key in keys], cut


def fitting(limit: Limit, left: int, minor: int) -> int:
    """What of an amount fits into what is left, by the edge of the limit."""
    if minor <= left or (limit.edge == "last_whole" and left > 0):
        return minor
    return left if limit.edge == "partial" and left > 0 else 0


def raised_minor(
    draft: Draft, merit: Merit, referral: Referral, promise: Promise, reward: Reward, deserved: int
) -> int:
    """How far a standing reward may rise to what is deserved now: never above a limit, nor above the part it was once cut to."""
    claim, before = referral.claim("limit", reward.promise), reward.amount_minor
    if claim is None or not claim.granted:
        return deserved
    if claim.reason and claim.reason.code == "limit_partial":
        deserved = max(before, min(deserved, claim.value))
    live = live_promise(draft.situation.live_terms(merit.program), promise)
    for key, _, own in claim.counters:
        limit = limit_of(key, live)
        if limit and limit.counts == "amount":
            left = limit.most - (draft.counter(key)[1] - own)
            deserved = max(before, fitting(limit, left, deserved))
    return deserved


def reopen_places(draft: Draft, referral: Referral, reward: Reward) -> Referral:
    """Give back the places that the reward took, so that later friends find them free; nobody refused before is revived."""
    claim = referral.claim("limit", reward.promise)
    if claim is None or not claim.granted or not claim.counters:
        return referral
    live = draft.situation.live_terms(referral.program).promise(reward.promise)
    for key, number, minor in claim.counters:
        limit = limit_of(key, live) if live else None
        if limit is None or limit.reopen:
            draft.count(key, -number, -minor)
    closed = msgspec.structs.replace(claim, counters=())
    claims = tuple(closed if known is claim else known for known in referral.claims)
    return msgspec.structs.replace(referral, claims=claims)


def place_to_pay(
    draft: Draft, merit: Merit, referral: Referral, promise: Promise, reward: Reward
) -> tuple[Referral, Reason | None]:
    """The place of a payment under limits of payments, taken once; or why there is none left in that period."""
    terms = draft.situation.live_terms(merit.program)
    live = live_promise(terms, promise)
    places: list[Place] = []
    for n, limit in enumerate(live.limits):
        if limit.counts != "payments":
            continue
        key = place_of(draft, merit, live, n, reward.due_at, terms)
        if draft.counter(key)[0] >= limit.most:
            per = limit.period.replace("_", " ")
            needed = f"{limit.most} payments per {per}"
            return referral, Reason("limit_reached", False, str(draft.counter(key)[0]), needed, reward.promise)
        places.append((key, 1, reward.amount_minor))
    for key, number, minor in places:
        draft.count(key, number, minor)
    if not places:
        return referral, None
    claim = referral.claim("limit", reward.promise)
    if claim is None:
        claim = Claim("limit", reward.promise, True, draft.clock, reward.amount_minor)
        return msgspec.structs.replace(
            referral, claims=(*referral.claims, msgspec.structs.replace(claim, counters=tuple(places)))
        ), None
    taken = msgspec.structs.replace(claim, counters=(*claim.counters, *places))
    return msgspec.structs.replace(
        referral, claims=tuple(taken if known is claim else known for known in referral.claims)
    ), None
