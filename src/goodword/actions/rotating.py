"""How do keys change while everything goes on? New ones wrap from now on, old ones open until a count shows that nobody needs them.

A rotation that was cut short is taken up where it stopped: what is left is counted, never remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from goodword.actions.clients import HOUSE_SLUG
from goodword.actions.deeds import HOUSE, Actor, note, require
from goodword.actions.opening import Chain
from goodword.actions.permissions import May
from goodword.store.sql.keyring import Keyring

BATCH_PEOPLE = 1000

Tell = Callable[[str, float], None]


class Rotated(msgspec.Struct, frozen=True):
    """What a rotation moved. `older`: master keys that wrap nothing in this database any more, backups aside."""

    key: str
    was_taken_up: bool
    client_keys: int
    older: tuple[str, ...]


class PeopleRotated(msgspec.Struct, frozen=True):
    """A client's new key, and how many keys of people it wraps now and does not yet."""

    slug: str
    key: str
    moved: int
    left: int


def rotate_master(chain: Chain, keyring: Keyring, actor: Actor, *, at: datetime, tell: Tell) -> Rotated:
    """A new master key wraps the keys of all clients, months of intake included. No data is touched."""
    require(actor, May.KEEP_HOUSE)
    logs = _logs(chain)
    behind = any(set(chain.vault.wrapped_by(log)) - {keyring.kek_id} for log in logs.values())
    if not behind:
        keyring.rotate()
    moved = 0
    for n, log in enumerate(logs.values(), 1):
        moved += chain.vault.rewrap(log)
        tell("wrapping", n / len(logs))
    used = {kek for log in logs.values() for kek in chain.vault.wrapped_by(log)}
    with chain.conn.transaction():
        after = {"key": keyring.kek_id, "client_keys": moved}
        note(chain.conn, chain.keys(HOUSE), actor, "keys.rotate", "house", HOUSE, at=at, after=after)
    return Rotated(keyring.kek_id, behind, moved, tuple(sorted(used - {keyring.kek_id})))


def drop_older(chain: Chain, keyring: Keyring, actor: Actor, kek_ids: set[str], *, at: datetime) -> int:
    """Take older master keys out of the key file; those that still wrap something here stay."""
    require(actor, May.KEEP_HOUSE)
    used = {kek for log in _logs(chain).values() for kek in chain.vault.wrapped_by(log)}
    dropped = keyring.drop(kek_ids - used)
    with chain.conn.transaction():
        note(chain.conn, chain.keys(HOUSE), actor, "keys.drop", "house", HOUSE, at=at, after={"dropped": dropped})
    return dropped


def rotate_people(chain: Chain, slug: str, actor: Actor, *, at: datetime, tell: Tell) -> PeopleRotated:
    """A client gets a new key of its own, and the keys of its people are wrapped by it, batch by batch, while all goes on."""
    require(actor, May.KEEP_HOUSE)
    client = chain.client(slug)
    key = chain.vault.open_client(client.id).wrapping_key.key_id.hex()
    _, left = chain.vault.rewrap_people(client.id, 0)
    if not left:
        key = chain.vault.new_master(client.id, at.isoformat())
    moved = total = 0
    while True:
        done, left = chain.vault.rewrap_people(client.id, BATCH_PEOPLE)
        moved += done
        total = total or done + left
        tell("wrapping", moved / total if total else 1.0)
        if not done:
            break
    with chain.conn.transaction():
        after = {"key": key, "people": moved, "left": left}
        note(chain.conn, chain.keys(client.id), actor, "keys.rotate", "client", client.id, at=at, after=after)
    return PeopleRotated(client.slug, key, moved, left)


def _logs(chain: Chain) -> dict[str, str]:
    return {slug: chain.client(slug).id for slug in chain.slugs()} | {HOUSE_SLUG: HOUSE}
