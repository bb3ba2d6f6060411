"""Where do wallets lie? Loaded with the batch whose people they belong to, and written as its decisions left them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec

from goodword.core.events import Event
from goodword.core.situation import HOUSEHOLD, Situation
from goodword.core.wallet import Redemption, Wallet
from goodword.store.decided import Decided
from goodword.store.sql.bulk import Bulk
from goodword.store.sql.connect import array_literal

_decode = msgspec.json.Decoder(Wallet).decode
_encode = msgspec.json.Encoder().encode

_WALLET = {
    "id": "uuid",
    "holder_id": "uuid",
    "unit": "text",
    "available": "bigint",
    "next_due_at": "timestamptz",
    "body": "text",
}
_REDEMPTION = {
    "id": "uuid",
    "wallet_id": "uuid",
    "party_id": "uuid",
    "program_id": "uuid",
    "item": "text",
    "quantity": "int",
    "points": "bigint",
    "at": "timestamptz",
    "until": "timestamptz",
    "cancelled_at": "timestamptz",
}


class Asks(Protocol):
    """Rows of a query about one client."""

    def __call__(self, query: str, **values: Any) -> list[tuple[Any, ...]]: ...


def load_wallets(
    ask: Asks, situation: Situation, events: Iterable[Event], due: Iterable[str], parties: Iterable[str]
) -> set[str]:
    """The wallets of these people and of their households, those that are due, and those whose redemption an act names.

    Returns everybody whose account holds points: parties and households.
    """
    made = [event.act["redemption"] for event in events if isinstance(event.act.get("redemption"), str)]
    holders = _holders(situation, events, parties)
    rows = ask(
        "SELECT f.body FROM unnest(%(holders)s::uuid[]) AS q(id), LATERAL (SELECT body FROM wallet w"
        " WHERE w.client_id = %(client)s::uuid AND w.holder_id = q.id OFFSET 0) f"
        " UNION ALL SELECT f.body FROM ("
        "  SELECT id FROM unnest(%(due)s::uuid[]) AS d(id)"
        "  UNION ALL SELECT r.wallet_id FROM unnest(%(made)s::uuid[]) AS m(id), LATERAL (SELECT wallet_id FROM redemption r"
        "  WHERE r.client_id = %(client)s::uuid AND r.id = m.id OFFSET 0) r"
        " ) q, LATERAL (SELECT body FROM wallet w WHERE w.client_id = %(client)s::uuid AND w.id = q.id OFFSET 0) f",
        holders=array_literal(holders),
        due=array_literal(_ids(due)),
        made=array_literal(_ids(made)),
    )
    for (body,) in rows:
        situation.put_wallet(_decode(body))
    known = {wallet.holder for wallet in situation.wallets.values()}
    moved = {wallet.moved_to for wallet in situation.wallets.values() if wallet.moved_to} - known - holders
    if moved:
        for (body,) in ask(
            "SELECT f.body FROM unnest(%(holders)s::uuid[]) AS q(id), LATERAL (SELECT body FROM wallet w"
            " WHERE w.client_id = %(client)s::uuid AND w.holder_id = q.id OFFSET 0) f",
            holders=array_literal(moved),
        ):
            situation.put_wallet(_decode(body))
    return holders | known | moved


def _holders(situation: Situation, events: Iterable[Event], parties: Iterable[str]) -> set[str]:
    """These people, every household they ever belonged to, and those that their rewards were granted to."""
    found = set(parties)
    for party in tuple(found):
        found.update(token for kind, token in situation.groups.get(party, ()) if kind == HOUSEHOLD)
    found.update(event.household for event in events if event.household)
    for referral in situation.referrals.values():
        found.update(reward.wallet for reward in referral.rewards if reward.wallet)
    return found


def write_wallets(bulk: Bulk, situation: Situation, batch: Sequence[Decided], programs: dict[str, str]) -> None:
    """Wallets as the last decision of the batch left them, and their redemptions."""
    touched = {wallet.id for one in batch for wallet in one.decision.wallets}
    touched |= {one.decision.due for one in batch if one.decision.due and one.decision.due in situation.wallets}
    changed = [situation.wallets[id_] for id_ in sorted(touched)]
    rows = ((w.id, w.holder, w.unit, w.available, w.next_due_at, _encode(w).decode()) for w in changed)
    bulk.put("wallet", "client_id, id", _WALLET, rows)
    made: dict[str, tuple[str, Redemption]] = {}
    for one in batch:  # one that was dropped from its wallet within the batch was still made
        for wallet in one.decision.wallets:
            made |= {redemption.id: (wallet.id, redemption) for redemption in wallet.redemptions}
    bulk.put(
        "redemption",
        "client_id, id",
        _REDEMPTION,
        (
            (r.id, wallet, r.party, programs[r.program], r.item, r.quantity, r.points, r.at, r.until, r.cancelled_at)
            for wallet, r in made.values()
        ),
    )


def _ids(ids: Iterable[str]) -> list[str]:
    return [id_ for id_ in ids if len(id_) == 32 and all(character in "0123456789abcdef" for character in id_)]
