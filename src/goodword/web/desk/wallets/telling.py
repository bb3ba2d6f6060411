"""What does a wallet say? Points in the unit's own name, movements and redemptions in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from goodword.core.amounts import to_decimal
from goodword.core.terms import Terms
from goodword.store.reads import wallets as reads
from goodword.store.reads.standing import clock_of
from goodword.web import words

_MOVES: dict[str, str | Promise] = {
    "release": gettext_lazy("Earned"),
    "net": gettext_lazy("Kept against what was owed"),
    "redeem": gettext_lazy("Redeemed"),
    "redeem_cancelled": gettext_lazy("A redemption was cancelled"),
    "expire": gettext_lazy("Expired"),
    "given_up": gettext_lazy("Given up"),
    "wallet_moved": gettext_lazy("Moved with the household"),
    "amount_changed": gettext_lazy("Corrected with the order"),
    "reversal": gettext_lazy("Taken back with the order"),
    "held_again": gettext_lazy("Held again for review"),
    "attributed_anew": gettext_lazy("Went to another person"),
    "opening_balance": gettext_lazy("Brought in as a balance"),
}


@dataclass(frozen=True)
class Line:
    """A movement in words; `is_in` where points came."""

    move: reads.Move
    did: str
    points: SafeString
    is_in: bool


@dataclass(frozen=True)
class Made:
    """A redemption: what, for how much, and whether it can still be cancelled."""

    id: str
    what: SafeString
    points: SafeString
    at: datetime
    until: datetime
    cancelled_at: datetime | None
    may_cancel: bool


@dataclass(frozen=True)
class Shown:
    """One wallet with all that its part of the page says."""

    held: reads.Held
    available: SafeString
    pending: SafeString
    owed: SafeString
    figures: dict[str, SafeString]
    next: tuple[SafeString, datetime] | None
    lots: list[tuple[SafeString, datetime, datetime | None]]
    lines: list[Line]
    made: list[Made]
    offers: list[tuple[reads.Offer, SafeString, bool]]


def points(number: int, name: str) -> SafeString:
    """A number of points with the name that people call them by: 1,250 Club points."""
    sign = "−" if number < 0 else ""
    return words.bdi(f"{sign}{abs(number):,}\u00a0{name}", "num")


def figure(number: int, name: str) -> SafeString:
    """The same as a tile shows it: the number large, the name small behind it."""
    sign = "−" if number < 0 else ""
    whole = name.replace(" ", "\u00a0")  # a name goes to the next line as one
    return format_html('{} <span class="unit"><bdi>{}</bdi></span>', words.bdi(f"{sign}{abs(number):,}", "num"), whole)


def _worth(minor: int, currency: str) -> SafeString:
    whole, point, cents = to_decimal(minor, currency).partition(".")
    number = words.bdi(f"{int(whole):,}{point}{cents}", "num")
    return format_html('{} <span class="unit"><bdi>{}</bdi></span>', number, currency)


def points_of(client_id: str, party_id: str) -> list[Shown]:
    """How a person's wallets stand, for the page of the person."""
    known = reads.live_terms(client_id)
    if not known:
        return []
    now = clock_of(client_id).now(datetime.now(UTC))
    return [shown(client_id, held, now, in_full=False) for held in reads.wallets_of(client_id, party_id, known, now)]


def shown(client_id: str, held: reads.Held, now: datetime, *, in_full: bool) -> Shown:
    """A wallet in words; without `in_full` only how it stands."""
    wallet, name = held.wallet, held.unit.name
    coming = held.next_lot
    return Shown(
        held,
        points(wallet.available, name),
        points(held.pending, name),
        points(held.owed, name),
        {
            "available": figure(wallet.available, name),
            "pending": figure(held.pending, name),
            "owed": figure(held.owed, name),
            "liability": _worth(held.liability_minor, held.terms.currency),
        },
        (points(coming[0], name), coming[1]) if coming else None,
        [(points(lot.left, name), lot.earned_at, lot.expires_at) for lot in wallet.lots if lot.left],
        [_line(move, name) for move in reads.moves_of(client_id, wallet.holder, wallet.unit)] if in_full else [],
        _made(client_id, held, now) if in_full else [],
        _offers(client_id, held, now) if in_full else [],
    )


def _line(move: reads.Move, name: str) -> Line:
    did = str(_MOVES.get(move.reason, words.label(move.reason)))
    amount = points(move.points, name)
    return Line(move, did, format_html("+{}", amount) if move.points > 0 else amount, move.points > 0)


def _made(client_id: str, held: reads.Held, now: datetime) -> list[Made]:
    names = reads.item_names(client_id, reads.live_terms(client_id))
    found = []
    for one in reads.redemptions_of(client_id, held.wallet.id) if held.wallet.id else ():
        name = names.get((one.program_id.hex, one.item), one.item)
        what = format_html("<bdi>{} × {}</bdi>", one.quantity, name)
        can = one.cancelled_at is None and one.until >= now
        amount = points(one.points, held.unit.name)
        found.append(Made(one.id.hex, what, amount, one.at, one.until, one.cancelled_at, can))
    return found


def _offers(client_id: str, held: reads.Held, now: datetime) -> list[tuple[reads.Offer, SafeString, bool]]:
    """What there is, what it takes, and whether the wallet carries one of it."""
    known = reads.offers(client_id, reads.live_terms(client_id), held.wallet.unit, now)
    return [
        (
            offer,
            points(offer.item.points, held.unit.name),
            offer.left != 0 and offer.item.points <= held.wallet.available,
        )
        for offer in known
    ]


@dataclass(frozen=True)
class All:
    """A unit over all people in words."""

    sum: reads.Sum
    figures: dict[str, SafeString]
    coming: SafeString


def all_of(one: reads.Sum) -> All:
    """What lies in wallets, what is on the way, what expired, and what it costs."""
    name, currency = one.unit.name, one.terms.currency
    figures = {
        "available": figure(one.available, name),
        "pending": figure(one.pending, name),
        "expired": figure(one.expired, name),
        "liability": _worth(one.liability_minor, currency),
    }
    return All(one, figures, words.money(one.coming_minor, currency))


@dataclass(frozen=True)
class ItemLine:
    """Something of a catalogue: what it takes, how many went, how many are left (None: without end)."""

    program: str
    name: str
    takes: SafeString
    redeemed: int
    cost: SafeString
    left: int | None


def items_of(known: tuple[Terms, ...], redeemed: dict[tuple[str, str], int], now: datetime) -> list[ItemLine]:
    """All catalogues, by program."""
    units = {unit.asset: unit for terms in known for unit in terms.units}
    found = []
    for terms in known:
        for item in terms.catalogue:
            unit, number = units[item.unit], redeemed.get((terms.program, item.slug), 0)
            cost = reads.cost_of(item, unit, number, terms.currency, now)
            left = None if item.stock is None else max(0, item.stock - number)
            takes = points(item.points, unit.name)
            found.append(ItemLine(terms.name, item.name, takes, number, words.money(cost, terms.currency), left))
    return found
