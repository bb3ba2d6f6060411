"""How does a client change its key without a gap? A rolled key has a successor, and works on for the hours it was given."""

from __future__ import annotations

from datetime import datetime, timedelta

from goodword.actions.clients import list_keys, make_key
from goodword.actions.deeds import Actor, note, require
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.errors import BadInput, NotFound
from goodword.store.sql.keys import announce

LONGEST_OVERLAP_HOURS = 24 * 30


def roll_key(
    chain: Chain, client: ClientRow, actor: Actor, key_id: str, *, overlap_hours: int, at: datetime
) -> tuple[str, str]:
    """(secret, id) of a key with the same name, scopes and stream; the old one ends after the hours of overlap.

    The stream stays: events that were sent with the old key and are sent again with the new one are the same events.
    """
    require(actor, May.CREATE_KEY)
    require(actor, May.REVOKE_KEY)
    old = next((row for row in list_keys(chain.conn, client.id) if row.id == key_id), None)
    if old is None:
        raise NotFound(f"{client.slug} has no such key.", "", "Take it from the list of keys.")
    if not 0 <= overlap_hours <= LONGEST_OVERLAP_HOURS:
        raise BadInput(
            f"{overlap_hours} hours is no overlap.", "", f"Whole hours from 0 to {LONGEST_OVERLAP_HOURS}.", "hours"
        )
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= at):
        raise BadInput("This key has ended already.", "There is nothing to work on beside.", "Make a new key instead.")
    ends_at = at + timedelta(hours=overlap_hours)
    if old.expires_at is not None:
        ends_at = min(ends_at, old.expires_at)
    with chain.conn.transaction():
        secret, new_id = make_key(
            chain, client, actor, name=old.name, scopes=old.scopes, source=old.source, expires_at=None, at=at
        )
        chain.conn.execute(
            "UPDATE api_key SET expires_at = %s WHERE client_id = %s::uuid AND id = %s::uuid",
            (ends_at, client.id, key_id),
        )
        keys = chain.keys(client.id)
        note(chain.conn, keys, actor, "key.roll", "key", key_id, at=at, before=old.expires_at, after=ends_at)
        announce(chain.conn, client.id)
    return secret, new_id
