"""What points has a person? Wallets (their own and their household's) with lots and history, and what can be redeemed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import connection
from django.db.models import Count, Q
from django.db.models import Sum as SumOf

from goodword.catalog import SHELVES
from goodword.core.amounts import exponent
from goodword.core.ledger import expired_account
from goodword.core.reading import read_terms
from goodword.core.redeeming import stock_key
from goodword.core.situation import HOUSEHOLD
from goodword.core.terms import Terms
from goodword.core.units import Item, Unit, is_points
from goodword.core.wallet import Wallet as CoreWallet
from goodword.store.decided import account_id
from goodword.store.models import Account, Counter, Identifier, Program, ProgramVersion, Redemption, Rollup, Wallet

_MOST_MOVES, _MOST_REDEMPTIONS = 50, 50
_decode = msgspec.json.Decoder(CoreWallet).decode


@dataclass(frozen=True)
class Move:
    """One movement of points: positive ones came in."""

    at: datetime
    reason: str
    points: int
    referral: str


@dataclass(frozen=True)
class Held:
    """A wallet as it stands: its unit, what is available, on the way and owed, and what that costs the client."""

    wallet: CoreWallet
    unit: Unit
    terms: Terms
    is_shared: bool
    pending: int
    owed: int
    liability_minor: int

    @property
    def next_lot(self) -> tuple[int, datetime] | None:
        """What expires next: how many points, and when."""
        dates = [lot.expires_at for lot in self.wallet.lots if lot.left and lot.expires_at]
        if not dates:
            return None
        return sum(lot.left for lot in self.wallet.lots if lot.expires_at == min(dates)), min(dates)


@dataclass(frozen=True)
class Sum:
    """A unit over all people of a client: what lies in wallets, is on the way, is gone, and what that costs today."""

    unit: Unit
    terms: Terms
    holders: int
    available: int
    pending: int
    expired: int
    liability_minor: int
    coming_minor: int  # what is on the way, at the same price


@dataclass(frozen=True)
class Offer:
    """Something of a live catalogue, and how many are left; None: without end."""

    terms: Terms
    item: Item
    left: int | None


def live_terms(client_id: str) -> tuple[Terms, ...]:
    """The live versions that declare units, one a program."""
    rows = (
        ProgramVersion.objects.of(client_id)
        .filter(state="live", live_from__isnull=False, document__contains='"units"')
        .order_by("program_id", "-live_from", "-number")
        .values_list("program_id", "document", "number", "live_from")
    )
    found: dict[str, Terms] = {}
    for program_id, document, number, live_from in rows:
        if program_id.hex not in found and live_from is not None:
            terms = read_terms(msgspec.json.decode(document), SHELVES, version=number, live_from=live_from)
            if isinstance(terms, Terms) and terms.units:
                found[program_id.hex] = terms
    return tuple(found.values())


def wallets_of(client_id: str, party_id: str, known: tuple[Terms, ...], now: datetime) -> tuple[Held, ...]:
    """The wallets from which a person can redeem, whether or not anything was ever collected in them."""
    if not known:
        return ()
    home = (
        Identifier.objects.filter(client_id=client_id, party_id=party_id, kind=HOUSEHOLD)
        .order_by("-since", "-token")
        .values_list("token", flat=True)
        .first()
    )
    units = _units(known)
    wanted = {party_id, *([home.hex] if home else ())}
    stored = Wallet.objects.of(client_id).filter(holder_id__in=wanted).values_list("body", flat=True)
    wallets = {(one.holder, one.unit): one for one in map(_decode, stored)}
    accounts = {
        (name, asset): (into, posted)
        for name, asset, into, posted in Account.objects.filter(
            client_id=client_id, name__in=[f"{kind}:{holder}" for kind in ("payable", "owed") for holder in wanted]
        ).values_list("name", "asset", "pending_in_minor", "posted_minor")
    }
    found = []
    for asset, (terms, unit) in units.items():
        holder = home.hex if home and unit.wallet == "household" else party_id
        wallet = wallets.get((holder, asset)) or CoreWallet("", holder, asset, now)
        pending = accounts.get((f"payable:{holder}", asset), (0, 0))[0]
        owed = -accounts.get((f"owed:{holder}", asset), (0, 0))[1]
        cost = unit.cost_minor(wallet.available, now, exponent(terms.currency))
        if wallet.id or pending or owed:
            found.append(Held(wallet, unit, terms, holder != party_id, pending, owed, cost))
    return tuple(found)


def _units(known: tuple[Terms, ...]) -> dict[str, tuple[Terms, Unit]]:
    """Each unit with the version that declared it last."""
    found: dict[str, tuple[Terms, Unit]] = {}
    for terms in sorted(known, key=lambda terms: (terms.live_from, terms.program)):
        found |= {unit.asset: (terms, unit) for unit in terms.units}
    return found


def offers(client_id: str, known: tuple[Terms, ...], asset: str, now: datetime) -> tuple[Offer, ...]:
    """What points of a unit can be redeemed for now, the cheapest first."""
    found = [(terms, item) for terms in known for item in terms.catalogue if item.unit == asset]
    keys = [stock_key(terms.program, item.slug) for terms, item in found]
    taken = dict(Counter.objects.filter(client_id=client_id, key__in=keys).values_list("key", "n"))
    open_now = [
        (terms, item)
        for terms, item in found
        if not (item.since and item.since > now) and not (item.until and item.until < now)
    ]
    return tuple(
        Offer(
            terms,
            item,
            None if item.stock is None else max(0, item.stock - taken.get(stock_key(terms.program, item.slug), 0)),
        )
        for terms, item in sorted(open_now, key=lambda pair: (pair[1].points, pair[1].name))
    )


def redemptions_of(client_id: str, wallet_id: str) -> list[Redemption]:
    """What was redeemed from a wallet, the latest first."""
    return list(Redemption.objects.of(client_id).filter(wallet_id=wallet_id).order_by("-at", "-id")[:_MOST_REDEMPTIONS])


def item_names(client_id: str, known: tuple[Terms, ...]) -> dict[tuple[str, str], str]:
    """(program id, item) -> what it is called in the live catalogue."""
    ids = {slug: id.hex for slug, id in Program.objects.of(client_id).values_list("slug", "id")}
    return {(ids.get(terms.program, ""), item.slug): item.name for terms in known for item in terms.catalogue}


def moves_of(client_id: str, holder: str, asset: str) -> list[Move]:
    """What came into and went out of a wallet, the latest first."""
    assert is_points(asset), "the index that makes this cheap is about points alone"
    account = account_id(f"payable:{holder}", asset)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, reason, amount_minor, referral_id FROM ("
            "  (SELECT seq, at, reason, amount_minor, referral_id FROM entry WHERE client_id = %(client)s AND asset LIKE 'PTS:%%'"
            "   AND destination_id = %(account)s AND phase IN ('posted', 'post') ORDER BY seq DESC LIMIT %(most)s) UNION ALL"
            "  (SELECT seq, at, reason, -amount_minor, referral_id FROM entry WHERE client_id = %(client)s AND asset LIKE 'PTS:%%'"
            "   AND source_id = %(account)s AND phase IN ('posted', 'post') ORDER BY seq DESC LIMIT %(most)s)"
            ") moves ORDER BY seq DESC LIMIT %(most)s",
            {"client": client_id, "account": account, "most": _MOST_MOVES},
        )
        return [Move(at, reason, points, id.hex if id else "") for at, reason, points, id in cursor.fetchall()]


def sums_of(client_id: str, known: tuple[Terms, ...], now: datetime) -> tuple[Sum, ...]:
    """Every unit of a client over all wallets, in four queries."""
    units = _units(known)
    held = {
        unit: (holders, available)
        for unit, holders, available in Wallet.objects.of(client_id)
        .filter(unit__in=units)
        .values_list("unit")
        .annotate(holders=Count("id", filter=Q(available__gt=0)), points=SumOf("available"))
    }
    pending = dict(
        Rollup.objects.filter(client_id=client_id, asset__in=units, metric__in=["due:pending", "due:in_review"])
        .values_list("asset")
        .annotate(points=SumOf("amount_minor"))
    )
    names = [expired_account(asset) for asset in units]
    expired = dict(Account.objects.filter(client_id=client_id, name__in=names).values_list("asset", "posted_minor"))
    found = []
    for asset, (terms, unit) in units.items():
        holders, available = held.get(asset, (0, 0))
        cost = [
            unit.cost_minor(int(number), now, exponent(terms.currency)) for number in (available, pending.get(asset, 0))
        ]
        found.append(
            Sum(
                unit,
                terms,
                holders,
                int(available),
                int(pending.get(asset, 0)),
                expired.get(asset, 0),
                cost[0],
                cost[1],
            )
        )
    return tuple(found)


def redeemed_of(client_id: str, known: tuple[Terms, ...]) -> dict[tuple[str, str], int]:
    """(program, item) -> how many are redeemed and not cancelled."""
    keys = {
        stock_key(terms.program, item.slug): (terms.program, item.slug) for terms in known for item in terms.catalogue
    }
    taken = Counter.objects.filter(client_id=client_id, key__in=keys).values_list("key", "n")
    return {keys[key]: number for key, number in taken}


def cost_of(item: Item, unit: Unit, number: int, currency: str, now: datetime) -> int:
    """What so many of an item cost the client in minor units: by its own cost, else by what its points cost today."""
    if item.cost_minor is not None:
        return item.cost_minor * number
    return unit.cost_minor(item.points * number, now, exponent(currency))
