"""What are points spent on, and when are they gone? Redemptions against a catalogue with stock, cancellations, expiry."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from goodword.core.amounts import Amount
from goodword.core.draft import Draft
from goodword.core.events import Event, ident
from goodword.core.expiry import expires_at
from goodword.core.ledger import expired_account, owed_account, payable_account, redeemed_account
from goodword.core.periods import period_of
from goodword.core.reasons import Reason
from goodword.core.situation import Notice
from goodword.core.terms import Terms
from goodword.core.units import Item
from goodword.core.wallet import (
    Redemption,
    Wallet,
    emptied,
    expire,
    expiring,
    note_told,
    put_back,
    restart,
    take,
    wallet_id,
)

MOST_AT_ONCE = 1000


def redeem(draft: Draft, event: Event, party: str) -> Reason:
    """Spend points on something of the catalogue: what expires first goes first. A refusal changes nothing."""
    slug, quantity = str(event.act.get("item")), event.act.get("quantity", 1)
    found = _items(draft, slug, event.act.get("program"))
    if not found:
        return Reason("item_unknown", False, slug)
    if len(found) > 1:
        return Reason("act_refused", False, f"{len(found)} programs have {slug}", "name the program")
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 < quantity <= MOST_AT_ONCE:
        return Reason("act_refused", False, "the quantity is not a number", f"write 1 to {MOST_AT_ONCE}")
    terms, item = found[0]
    holder = draft.holder(party, item.unit)
    places = _places(terms, item, holder, quantity, event.at)
    points = item.points * quantity
    refused = _refused_by_item(draft, terms, item, places, event.at) or _lacking(draft, item, holder, points)
    if refused:
        return refused
    for key, number in places:
        draft.count(key, number, 0)
    _spend(draft, event, terms, item, holder, party, points, places)
    return Reason("redeemed", True, f"{quantity} × {item.name}", str(Amount(points, item.unit)))


def _items(draft: Draft, slug: str, program: str | None) -> list[tuple[Terms, Item]]:
    """What goes by that name in the catalogue of a live program, or of the one that is named."""
    named = [program] if program in draft.situation.book else [] if program else sorted(draft.situation.book)
    live = [draft.situation.live_terms(one) for one in named]
    return [(terms, item) for terms in live for item in terms.catalogue if item.slug == slug]


def _places(terms: Terms, item: Item, holder: str, quantity: int, at: datetime) -> tuple[tuple[str, int], ...]:
    """What a redemption takes of the stock, and under the limit of one wallet."""
    places = [(stock_key(terms.program, item.slug), quantity)]
    if item.most is not None:
        period = period_of(at, item.period, terms)
        places.append((f"{holder}|taken|{terms.program}|{item.slug}|{period}", quantity))
    return tuple(places)


def stock_key(program: str, item: str) -> str:
    """Counter of how many of an item were redeemed."""
    return f"{program}|stock|{item}"


def _refused_by_item(
    draft: Draft, terms: Terms, item: Item, places: tuple[tuple[str, int], ...], at: datetime
) -> Reason | None:
    """Why the item is not to be had: its days, its stock, its limit."""
    if item.since and at < item.since:
        since = item.since.astimezone(terms.zone)
        return Reason("not_redeemable_yet", False, item.name, f"from {since:%Y-%m-%d}")
    if item.until and at > item.until:
        until = item.until.astimezone(terms.zone)
        return Reason("item_over", False, item.name, f"{until:%Y-%m-%d}")
    quantity = places[0][1]
    if item.stock is not None:
        left = item.stock - draft.counter(places[0][0])[0]
        if left < quantity:
            return Reason("out_of_stock", False, str(max(0, left)), str(quantity), item.slug)
    if item.most is not None:
        taken = draft.counter(places[1][0])[0]
        if taken + quantity > item.most:
            return Reason("redeem_limit", False, str(taken), f"{item.most} per {item.period}", item.slug)
    return None


def _lacking(draft: Draft, item: Item, holder: str, points: int) -> Reason | None:
    """Why the wallet cannot carry it: too few points, or some that are still in their hold."""
    balance = draft.balance(payable_account(holder), item.unit)
    has, needs = balance.available_minor, str(Amount(points, item.unit))
    if has >= points:
        return None
    if has + balance.pending_in_minor >= points:
        soon = str(Amount(balance.pending_in_minor, item.unit))
        return Reason("not_redeemable_yet", False, str(Amount(has, item.unit)), f"{needs}; {soon} on the way")
    return Reason("points_short", False, str(Amount(has, item.unit)), needs)


def _spend(
    draft: Draft,
    event: Event,
    terms: Terms,
    item: Item,
    holder: str,
    party: str,
    points: int,
    places: tuple[tuple[str, int], ...],
) -> None:
    amount = Amount(points, item.unit)
    draft.book(payable_account(holder), redeemed_account(terms.program), amount, "posted", "redeem", terms.program)
    wallet, parts = take(draft.wallet(holder, item.unit), points)
    known = draft.situation.unit(item.unit)
    assert known is not None, "the catalogue names declared units alone"
    unit = known[1]
    until = draft.clock + timedelta(days=unit.cancel_days)
    made = Redemption(
        ident("redemption", event.id),
        party,
        terms.program,
        item.slug,
        places[0][1],
        points,
        draft.clock,
        until,
        parts,
        places,
    )
    wallet = msgspec.structs.replace(
        wallet, redemptions=(*wallet.redemptions, made), spent=wallet.spent + points, active_at=draft.clock
    )
    if unit.expires and unit.expires.is_idle and unit.expires.restarts == "any":
        wallet = restart(wallet, draft.clock, expires_at(unit, known[0], draft.clock))
    draft.put_wallet(wallet)
    draft.notices.append(Notice("points_redeemed", words=made.id, wallet=wallet.id))


def cancel(draft: Draft, redemption_id: str) -> tuple[Reason, str | None]:
    """A redemption is taken back: its points return with their old dates, and what had expired meanwhile expires at once."""
    wallet = draft.situation.wallets.get(draft.situation.redemptions.get(redemption_id, ""))
    made = wallet.redemption(redemption_id) if wallet else None
    if wallet is None or made is None:
        return Reason("act_refused", False, "there is no such redemption to cancel", "look at the wallet"), None
    if made.cancelled_at:
        return Reason("act_refused", False, "it was cancelled before", "nothing is left to do"), made.party
    if made.until < draft.clock:
        day = f"{made.until:%Y-%m-%d}"
        return Reason("act_refused", False, f"it could be cancelled until {day}", "the redemption stands"), made.party
    amount = Amount(made.points, wallet.unit)
    payable = payable_account(wallet.holder)
    draft.book(redeemed_account(made.program), payable, amount, "posted", "redeem_cancelled", made.program)
    cancelled = msgspec.structs.replace(made, cancelled_at=draft.clock)
    redemptions = tuple(cancelled if known is made else known for known in wallet.redemptions)
    wallet = put_back(wallet, made.parts)
    wallet = msgspec.structs.replace(wallet, redemptions=redemptions, spent=wallet.spent - made.points)
    draft.put_wallet(_kept_alive(draft, wallet))
    for key, number in made.places:
        draft.count(key, -number, 0)
    draft.notices.append(Notice("redemption_cancelled", words=made.id, wallet=wallet.id))
    expire_now(draft, wallet.holder, wallet.unit)
    draft.net_points(wallet.holder, wallet.unit)
    return Reason("redemption_cancelled", True, str(amount)), made.party


def _kept_alive(draft: Draft, wallet: Wallet) -> Wallet:
    """Where activity keeps a wallet alive, points that return live as long as the others; a cancellation is no activity."""
    known = draft.situation.unit(wallet.unit)
    rule = known[1].expires if known else None
    if known is None or rule is None or not rule.is_idle:
        return wallet
    return restart(wallet, wallet.active_at, expires_at(known[1], known[0], wallet.active_at))


def wallet_due(draft: Draft, due_id: str) -> tuple[Reason, ...]:
    """What a moment of a wallet brings: points are gone, or will be soon and their holder is told."""
    wallet = draft.situation.wallets[due_id]
    reasons = []
    gone = expire_now(draft, wallet.holder, wallet.unit)
    if gone:
        reasons.append(Reason("points_expired", True, str(Amount(gone, wallet.unit))))
    known = draft.situation.unit(wallet.unit)
    wallet, is_told = draft.wallet(wallet.holder, wallet.unit), False
    for days in sorted(known[1].notice_days if known else ()):
        points, first = expiring(wallet, days, draft.clock)
        if not points or first is None:
            continue
        if not is_told:  # the nearest notice alone: a lot that lives for a week needs none of a month
            amount = str(Amount(points, wallet.unit))
            draft.notices.append(Notice("points_expire_soon", words=f"{amount} {first.isoformat()}", wallet=wallet.id))
            reasons.append(Reason("points_expire_soon", True, amount, f"{first:%Y-%m-%d}"))
        is_told, wallet = True, note_told(wallet, days, draft.clock)
    draft.put_wallet(wallet)
    return tuple(reasons)


def expire_now(draft: Draft, holder: str, asset: str) -> int:
    """Take out of a wallet what is gone by now; how much that was."""
    wallet, gone = expire(draft.wallet(holder, asset), draft.clock)
    if gone:
        known = draft.situation.unit(asset)
        program = known[0].program if known else ""
        draft.book(payable_account(holder), expired_account(asset), Amount(gone, asset), "posted", "expire", program)
        draft.put_wallet(wallet)
        draft.notices.append(Notice("points_expired", words=str(Amount(gone, asset)), wallet=wallet.id))
    return gone


def give_up(draft: Draft, party: str) -> None:
    """A person gives up the points of their own wallets; those of a household stay with the others."""
    for wallet in _own(draft, party):
        if not wallet.available:
            continue
        amount = Amount(wallet.available, wallet.unit)
        draft.book(payable_account(party), expired_account(wallet.unit), amount, "posted", "given_up", "")
        draft.put_wallet(emptied(wallet))


def _own(draft: Draft, party: str) -> list[Wallet]:
    """The wallets of a party, of every unit that was ever declared; asked for by their ids, for there may be a million."""
    situation = draft.situation
    units = {unit.asset for versions in situation.book.values() for terms in versions for unit in terms.units}
    ids = (wallet_id(party, unit) for unit in sorted(units))
    return [situation.wallets[id_] for id_ in ids if id_ in situation.wallets]


def bring_along(draft: Draft, party: str) -> None:
    """Who joined a household brings along what they had: points with their dates, and what they owe."""
    household = draft.situation.household_of(party)
    if household == party:
        return
    for wallet in _own(draft, party):
        known = draft.situation.unit(wallet.unit) if not wallet.moved_to else None
        if known and known[1].wallet == "household":
            owed = -draft.balance(owed_account(party), wallet.unit).posted_minor
            draft.move_wallet(party, household, wallet.unit)
            if owed > 0:
                debt = Amount(owed, wallet.unit)
                draft.book(owed_account(household), owed_account(party), debt, "posted", "wallet_moved", "")
            draft.net_points(household, wallet.unit)
