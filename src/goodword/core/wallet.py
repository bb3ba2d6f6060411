"""What is in a wallet? Lots with their dates, spent soonest to expire first, taken back from their own reward first.

The ledger's account `payable:<holder>` and the lots of a wallet say the same number at every moment: `Draft.book` lets the
lots follow each entry. What a holder owes stands in the ledger alone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from goodword.core.events import ident

# Entries whose lots are moved by whoever books them, since an entry does not say which lots they are.
MOVED_BY_HAND = frozenset({"redeem", "redeem_cancelled", "expire", "wallet_moved", "given_up"})
_NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class Lot(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one reward brought: what is `left` of it, what of it `expired`, and from when on it is gone."""

    reward: str
    earned_at: datetime
    left: int
    expires_at: datetime | None = None
    expired: int = 0

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """What expires first is spent first; of those alike the oldest."""
        return (self.expires_at or _NEVER, self.earned_at, self.reward)


class Redemption(msgspec.Struct, frozen=True, omit_defaults=True):
    """Points that were spent on something; `parts` are the lots they came from, with their dates."""

    id: str
    party: str
    program: str
    item: str
    quantity: int
    points: int
    at: datetime
    until: datetime  # the last moment at which it can be cancelled
    parts: tuple[Lot, ...]
    places: tuple[tuple[str, int], ...] = ()  # counters of stock and limits that it holds
    cancelled_at: datetime | None = None


class Wallet(msgspec.Struct, frozen=True, omit_defaults=True):
    """One wallet a holder (a party or a household) and unit, with the sums of all that ever moved."""

    id: str
    holder: str
    unit: str
    active_at: datetime
    lots: tuple[Lot, ...] = ()
    redemptions: tuple[Redemption, ...] = ()
    earned: int = 0
    spent: int = 0
    expired: int = 0
    taken_back: int = 0
    noticed: tuple[tuple[int, datetime], ...] = ()  # (days before, up to which date of expiry notice was given)
    next_due_at: datetime | None = None
    moved_to: str | None = None  # the household whose wallet took it over

    @property
    def available(self) -> int:
        """What can be redeemed."""
        return sum(lot.left for lot in self.lots)

    def redemption(self, id_: str) -> Redemption | None:
        """A redemption that can still be spoken of."""
        return next((known for known in self.redemptions if known.id == id_), None)


def wallet_id(holder: str, unit: str) -> str:
    """Id of a holder's wallet of a unit."""
    return ident("wallet", holder, unit)


def credit(wallet: Wallet, reward: str, points: int, at: datetime, expires_at: datetime | None) -> Wallet:
    """Points of a reward become available. More of one that is already there joins its lot, unless that has expired."""
    lots = list(wallet.lots)
    for n, lot in enumerate(lots):
        if lot.reward == reward and not lot.expired and (lot.left or lot.earned_at == at):
            lots[n] = msgspec.structs.replace(lot, left=lot.left + points)
            break
    else:
        lots.append(Lot(reward, at, points, expires_at))
    return _with(wallet, lots, earned=wallet.earned + points)


def take(wallet: Wallet, points: int, own: str | None = None) -> tuple[Wallet, tuple[Lot, ...]]:
    """Take points out: from the lots of the reward `own` first, then in order. Also the parts taken, with their dates."""
    parts: list[Lot] = []
    lots = list(wallet.lots)
    for n in sorted(range(len(lots)), key=lambda n: (own is None or lots[n].reward != own, lots[n].order)):
        part = min(points, lots[n].left)
        if part:
            parts.append(Lot(lots[n].reward, lots[n].earned_at, part, lots[n].expires_at))
            lots[n] = msgspec.structs.replace(lots[n], left=lots[n].left - part)
            points -= part
    if points:
        raise ValueError(f"the wallet {wallet.id} lacks {points}: its lots and its account disagree")
    return _with(wallet, lots), tuple(parts)


def put_back(wallet: Wallet, parts: tuple[Lot, ...]) -> Wallet:
    """Points that come back keep their dates."""
    lots = list(wallet.lots)
    for part in parts:
        for n, lot in enumerate(lots):
            if (lot.reward, lot.earned_at, lot.expires_at) == (part.reward, part.earned_at, part.expires_at):
                lots[n] = msgspec.structs.replace(lot, left=lot.left + part.left)
                break
        else:
            lots.append(part)
    return _with(wallet, lots)


def expire(wallet: Wallet, at: datetime) -> tuple[Wallet, int]:
    """What is gone by then, and how much that is."""
    gone = 0
    lots = []
    for lot in wallet.lots:
        if lot.left and lot.expires_at is not None and lot.expires_at <= at:
            gone += lot.left
            lot = msgspec.structs.replace(lot, left=0, expired=lot.expired + lot.left)
        lots.append(lot)
    return _with(wallet, lots, expired=wallet.expired + gone), gone


def emptied(wallet: Wallet) -> Wallet:
    """Everything that is left was given up: it is gone like what expired, and is not taken back a second time."""
    lots = [msgspec.structs.replace(lot, left=0, expired=lot.expired + lot.left) for lot in wallet.lots]
    return _with(wallet, lots, taken_back=wallet.taken_back + wallet.available)


def forgo(wallet: Wallet, reward: str, points: int) -> tuple[Wallet, int]:
    """What of a reward that is taken back had expired: it is gone already and is not taken a second time."""
    left = sum(lot.left for lot in wallet.lots if lot.reward == reward)
    wanted = max(0, points - left)
    gone = 0
    lots = []
    for lot in wallet.lots:
        if lot.reward == reward and lot.expired:
            part = min(wanted - gone, lot.expired)
            gone += part
            lot = msgspec.structs.replace(lot, expired=lot.expired - part)
        lots.append(lot)
    return _with(wallet, lots), gone


def restart(wallet: Wallet, at: datetime, expires_at: datetime | None) -> Wallet:
    """An activity: everything that is left expires from here on."""
    lots = [msgspec.structs.replace(lot, expires_at=expires_at) if lot.left else lot for lot in wallet.lots]
    return msgspec.structs.replace(wallet, active_at=at, lots=tuple(sorted(lots, key=lambda lot: lot.order)))


def move_in(wallet: Wallet, other: Wallet) -> tuple[Wallet, Wallet]:
    """All lots (with their dates) and redemptions of another wallet move into this one: a person joined a household."""
    came = sum(lot.left for lot in other.lots)
    filled = put_back(wallet, other.lots)
    filled = msgspec.structs.replace(
        filled, redemptions=(*filled.redemptions, *other.redemptions), earned=filled.earned + came
    )
    left = msgspec.structs.replace(
        other, lots=(), redemptions=(), taken_back=other.taken_back + came, moved_to=wallet.holder, noticed=()
    )
    return filled, left


def expiring(wallet: Wallet, days: int, at: datetime) -> tuple[int, datetime | None]:
    """How many points are gone within so many days of a moment and were not told of yet, and when the first of them go."""
    told = dict(wallet.noticed).get(days)
    soon = [
        lot for lot in wallet.lots if lot.left and lot.expires_at and at < lot.expires_at <= at + timedelta(days=days)
    ]
    news = [lot for lot in soon if told is None or lot.expires_at is None or lot.expires_at > told]
    dates = [lot.expires_at for lot in news if lot.expires_at]
    return sum(lot.left for lot in news), min(dates, default=None)


def note_told(wallet: Wallet, days: int, at: datetime) -> Wallet:
    """Notice was given of all that expires within so many days."""
    noticed = {**dict(wallet.noticed), days: at + timedelta(days=days)}
    return msgspec.structs.replace(wallet, noticed=tuple(sorted(noticed.items())))


def settled(wallet: Wallet, notice_days: tuple[int, ...], at: datetime, kept: timedelta) -> Wallet:
    """The wallet without what nobody will ask for any more, and with its next moment: a notice, or an expiry.

    Lots of which something expired stay so long as their reward may come back (`kept`).
    """
    lots = tuple(
        lot
        for lot in wallet.lots
        if lot.left or (lot.expired and (lot.expires_at is None or lot.expires_at + kept > at))
    )
    redemptions = tuple(known for known in wallet.redemptions if known.until >= at)
    told = dict(wallet.noticed)
    dues: list[datetime] = []
    for lot in lots:
        if not lot.left or lot.expires_at is None:
            continue
        dues.append(lot.expires_at)
        for days in notice_days:
            if days not in told or lot.expires_at > told[days]:
                dues.append(lot.expires_at - timedelta(days=days))
    coming = [due for due in dues if due > at]
    return msgspec.structs.replace(wallet, lots=lots, redemptions=redemptions, next_due_at=min(coming, default=None))


def _with(wallet: Wallet, lots: list[Lot], **sums: int) -> Wallet:
    return msgspec.structs.replace(wallet, lots=tuple(sorted(lots, key=lambda lot: lot.order)), **sums)
