"""How is a person forgotten, and what must stay? Open rewards first, then what the law keeps, then the person's key.

A friend who is forgotten takes nothing from the referrer: referrals, decisions and entries go by ids and stay as they are.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from goodword.actions.deeds import Actor, note, require
from goodword.actions.drain import lane_held
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import append_act
from goodword.core.amounts import to_decimal
from goodword.core.events import ident
from goodword.core.identities import identities
from goodword.core.units import is_points
from goodword.errors import BadInput, NotFound
from goodword.store.sql import people, runs
from goodword.store.sql.erasure import Replayed, keep_statutory, list_erasure, replay_erasures, shred_person
from goodword.store.sql.people import RewardRow

OPEN = ("pending", "in_review", "payable")
KEPT_BY_LAW = ("sent", "clawed_back", "written_off")
KEPT_YEARS = 10  # whole years after the one of the payment: the longest retention of tax and commercial law in the EU


class Plan(msgspec.Struct, frozen=True):
    """What an erasure would do to one person."""

    party: str
    fields: tuple[str, ...]
    as_friend: int
    as_advocate: int
    open_rewards: tuple[RewardRow, ...]
    paid_rewards: tuple[RewardRow, ...]
    kept_until: datetime | None
    points: tuple[tuple[int, str], ...] = ()  # in wallets of their own; a household keeps what its members share

    @property
    def is_owed(self) -> bool:
        """Whether something is open that nobody gave up."""
        return bool(self.open_rewards or self.points)


def find_person(chain: Chain, client: ClientRow, *, id: str | None, email: str | None, phone: str | None) -> str:
    """The one party that is meant."""
    pairs = [pair for pair in identities(chain.keys(client.id).token, id, email, phone) if pair[0] != "email_root"]
    found = people.parties_of(chain.conn, client.id, pairs)
    if not found:
        raise NotFound(
            f"{client.slug} knows nobody by that.",
            "Somebody who was erased is not found any more.",
            "Check the spelling.",
        )
    if len(found) > 1:
        raise BadInput(
            f"{len(found)} people of {client.slug} share what you gave.",
            "Erasing cannot be undone.",
            "Give the person's own id.",
        )
    return found[0]


def plan(chain: Chain, client: ClientRow, party: str, *, now: datetime) -> Plan:
    """What would be shredded, what stands open, and what would stay by law."""
    paid = tuple(people.rewards_of(chain.conn, client.id, party, KEPT_BY_LAW))
    as_friend, as_advocate = people.referral_counts(chain.conn, client.id, party)
    return Plan(
        party,
        tuple(people.open_fields(chain.conn, chain.vault, client.id, party)),
        as_friend,
        as_advocate,
        tuple(row for row in people.rewards_of(chain.conn, client.id, party, OPEN) if not _is_in_wallet(row)),
        paid,
        datetime(now.year + KEPT_YEARS + 1, 1, 1, tzinfo=UTC) if paid else None,
        tuple(people.points_of(chain.conn, client.id, party)),
    )


def erase(
    chain: Chain, client: ClientRow, actor: Actor, party: str, erasures: Path, *, waived: str | None, now: datetime
) -> Plan:
    """Erase; refused while rewards are open and nobody waived them in writing. Doing it again finishes what a fall cut short."""
    require(actor, May.ERASE)
    with lane_held(chain.conn, client.id, wait=True):
        found = plan(chain, client, party, now=now)
        if found.is_owed and waived is not None:
            _waive(chain, client, actor, party, waived, now)
            found = plan(chain, client, party, now=now)
        if found.is_owed:
            points = "".join(f", and {number} {unit} lie in the wallet" for number, unit in found.points)
            raise BadInput(
                f"{len(found.open_rewards)} rewards of this person are open{points}.",
                "They are owed, and could not be paid to somebody nobody knows.",
                'Pay them, wait until they end, or hand in the person\'s waiver: --waive "what was written, and when".',
            )
        event = {"id": f"erase-{party}", "type": "erase", "at": _present(chain, client, now), "act": {"party": party}}
        append_act(chain, client, event, at=now, is_repeatable=True)
        keys = chain.keys(client.id)
        fields = people.open_fields(chain.conn, chain.vault, client.id, party)
        with chain.conn.transaction():
            kept = []
            if found.kept_until is not None:
                record = keep_statutory(
                    chain.vault,
                    chain.conn,
                    client.id,
                    party,
                    _kept_fields(fields, found.paid_rewards),
                    found.kept_until,
                )
                kept.append(record)
            shredded = shred_person(chain.vault, chain.conn, client.id, party)
            summary = msgspec.json.encode({"rows": shredded.rows, "kept": len(kept)}, order="sorted").decode()
            people.note_erasure(chain.conn, client.id, ident("erasure", party), party, now, summary)
            note(chain.conn, keys, actor, "person.erase", "party", party, at=now, after=summary)
            list_erasure(erasures, client.id, party, now, kept)
    return found


def replay(chain: Chain, client: ClientRow, erasures: Path, *, now: datetime) -> Replayed:
    """After a restore: forget again everybody on the list."""
    with lane_held(chain.conn, client.id, wait=True), chain.conn.transaction():
        return replay_erasures(chain.vault, chain.conn, client.id, erasures, now)


def _is_in_wallet(reward: RewardRow) -> bool:
    """Points that are payable lie in the wallet, and count there."""
    return is_points(reward.asset) and reward.state == "payable"


def _waive(chain: Chain, client: ClientRow, actor: Actor, party: str, text: str, now: datetime) -> None:
    require(actor, May.WAIVE)
    if not text.strip():
        raise BadInput("The waiver is empty.", "It has to say what was written, by whom and when.", "Give its words.")
    at = _present(chain, client, now)
    event = {"id": f"waive-{party}-{now.isoformat()}", "type": "waive", "at": at, "act": {"party": party}}
    append_act(chain, client, event, at=now)
    with chain.conn.transaction():
        note(chain.conn, chain.keys(client.id), actor, "person.waive", "party", party, at=now, detail={"text": text})


def _kept_fields(fields: dict[str, Any], paid: tuple[RewardRow, ...]) -> dict[str, Any]:
    """Payee, amounts and dates, and nothing else."""
    payee = {name: fields[name] for name in ("id", "name", "address") if name in fields}
    return {
        "payee": payee,
        "rewards": [
            {
                "reward": reward.id,
                "kind": reward.kind,
                "amount": to_decimal(reward.amount_minor, reward.asset),
                "currency": reward.asset,
                "state": reward.state,
                "granted_at": reward.granted_at.isoformat(),
                "state_at": reward.state_at.isoformat(),
            }
            for reward in paid
        ],
    }


def _present(chain: Chain, client: ClientRow, now: datetime) -> str:
    return runs.business_now(chain.conn, client.id, now).isoformat()
