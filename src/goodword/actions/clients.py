"""Which brands are served, and whose systems may send? Clients, their business clocks and their keys."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import psycopg

from goodword.actions.deeds import HOUSE, Actor, note, require
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.core.amounts import is_currency
from goodword.core.events import ident
from goodword.core.served import Served
from goodword.errors import BadInput, NotFound
from goodword.store.reads import circumstances
from goodword.store.sql.keys import SCOPES, USUAL_SCOPES, announce, create_key, revoke_key, spell_key

HOUSE_SLUG = "house"  # how commands call the log of deeds that concern no single client
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,62}\Z")
_PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,7}\Z")
_SOURCE = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z")


_NOT_SAID = Served()


class KeyRow(msgspec.Struct, frozen=True):
    """An API key as it may be shown."""

    id: str
    name: str
    last4: str
    scopes: list[str]
    source: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def add_client(
    chain: Chain,
    actor: Actor,
    *,
    slug: str,
    name: str,
    currency: str,
    timezone: str,
    prefix: str = "",
    legal_name: str = "",
    colour: str = "",
    consent: dict[str, Any] | None = None,
    served: Served = _NOT_SAID,
    nonce: str = "",
    at: datetime,
) -> ClientRow:
    """A new client with its lane, its keys and the line of the deed.

    Keys are committed before they are used, so they come first; a fall after them leaves keys that nobody has, and no
    client. All else is one transaction: a client is there as a whole or not at all, and whoever tries again begins anew.
    A form sent twice carries the same `nonce` and makes the same client once.
    """
    require(actor, May.ADD_CLIENT)
    check_client(slug, name, currency, timezone)
    conn = chain.conn
    client_id = ident("client", slug, nonce or secrets.token_hex(16))
    row = ClientRow(client_id, slug, name, currency, timezone)
    if _is_made(conn, client_id, slug):
        return row
    prefix = (prefix or free_prefix(conn, slug)).upper()
    if not _PREFIX.match(prefix):
        raise BadInput(f"{prefix!r} cannot begin codes.", "", "At most eight letters and digits, a letter first.", "prefix")
    logs = [chain.keys(HOUSE), chain.keys(client_id)]
    try:
        with conn.transaction():
            conn.execute(
                "INSERT INTO client (id, slug, name, legal_name, currency, timezone, code_prefix, colour, consent, sector,"
                " places, languages) VALUES (%s::uuid, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s)",
                (client_id, slug, name, legal_name, currency, timezone, prefix, colour, _json(consent or {}), served.sector,
                 list(served.places), list(served.languages)),
            )  # fmt: skip
            conn.execute("INSERT INTO lane (client_id) VALUES (%s::uuid)", (client_id,))
            for keys in logs:
                after = msgspec.structs.asdict(row) | msgspec.structs.asdict(served)
                note(conn, keys, actor, May.ADD_CLIENT, "client", client_id, at=at, after=after)
            announce(conn, client_id)
    except psycopg.errors.UniqueViolation:
        if not _is_made(conn, client_id, slug):
            raise BadInput(
                f"Another client has the code prefix {prefix}.", "Codes begin with it.", "Give another prefix.", "prefix"
            ) from None
    return row


def _is_made(conn: psycopg.Connection[Any], client_id: str, slug: str) -> bool:
    """Whether this very client is there already; raises where the name belongs to another one."""
    found = conn.execute("SELECT id FROM client WHERE slug = %s", (slug,)).fetchone()
    if found is not None and str(found[0]).replace("-", "") != client_id:
        raise BadInput(
            f"A client is already called {slug!r}.", "It stands in addresses, so it names one client.",
            "Take another name, or use that one.", "slug",
        )  # fmt: skip
    return found is not None


def change_served(chain: Chain, client: ClientRow, actor: Actor, after: Served, *, at: datetime) -> bool:
    """Whether it changed of which sector a client is, where it serves and in which languages."""
    require(actor, May.EDIT_CLIENT)
    before = circumstances.served(chain.conn, client.id)
    if before == after:
        return False
    with chain.conn.transaction():
        chain.conn.execute(
            "UPDATE client SET sector = %s, places = %s, languages = %s WHERE id = %s::uuid",
            (after.sector, list(after.places), list(after.languages), client.id),
        )
        told = msgspec.to_builtins(before), msgspec.to_builtins(after)
        note(
            chain.conn, chain.keys(client.id), actor, May.EDIT_CLIENT, "client", client.id,
            at=at, before=told[0], after=told[1],
        )  # fmt: skip
    return True


class ClientLine(NamedTuple):
    """A client with whom it serves, its business clock and, where it is held, the moment it is held at."""

    row: ClientRow
    served: Served
    clock: datetime | None
    held_at: datetime | None


def list_clients(conn: psycopg.Connection[Any]) -> list[ClientLine]:
    """Every client by its short name."""
    rows = conn.execute(
        "SELECT c.id, c.slug, c.name, c.currency, c.timezone, c.sector, c.places, c.languages, l.clock, l.held_at"
        " FROM client c LEFT JOIN lane l ON l.client_id = c.id ORDER BY c.slug"
    ).fetchall()
    return [ClientLine(ClientRow(*row[:5]), Served(row[5], tuple(row[6]), tuple(row[7])), *row[8:]) for row in rows]


def hold_clock(
    chain: Chain, client: ClientRow, actor: Actor, held_at: datetime | None, *, at: datetime, is_noted: bool = True
) -> None:
    """Hold a client's business clock at a moment, or let it run again with the world's (None)."""
    require(actor, May.CLOCK)
    conn = chain.conn
    with conn.transaction():
        row = conn.execute(
            "SELECT clock, held_at FROM lane WHERE client_id = %s::uuid FOR UPDATE", (client.id,)
        ).fetchone()
        clock, before = row if row else (None, None)
        if held_at is not None and clock is not None and held_at < clock:
            raise BadInput(
                f"The business clock of {client.slug} is already at {clock:%Y-%m-%dT%H:%M:%SZ}.",
                f"Time does not run back to {held_at:%Y-%m-%dT%H:%M:%SZ}: holds that ended by then were released.",
                "Give a later moment, or import into a new client.",
            )
        if before == held_at:
            return
        conn.execute("UPDATE lane SET held_at = %s WHERE client_id = %s::uuid", (held_at, client.id))
        if is_noted:
            note(
                conn,
                chain.keys(client.id),
                actor,
                "client.clock",
                "client",
                client.id,
                at=at,
                before=before,
                after=held_at,
            )


def make_key(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    *,
    name: str,
    scopes: list[str],
    source: str,
    expires_at: datetime | None,
    at: datetime,
) -> tuple[str, str]:
    """(secret, id) of a new key; the secret is told once and kept nowhere."""
    require(actor, May.CREATE_KEY)
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise BadInput(f"No scope is called {', '.join(unknown)}.", "", f"There are: {', '.join(SCOPES)}.")
    if not _SOURCE.match(source):
        raise BadInput(f"{source!r} cannot name a stream.", "", "Lower case letters, digits, _ and -.")
    secret = spell_key(secrets.choice)
    key_id = ident("key", client.id, secrets.token_hex(16))
    with chain.conn.transaction():
        create_key(
            chain.conn,
            client_id=client.id,
            key_id=key_id,
            secret=secret,
            name=name,
            created_at=at,
            scopes=scopes or USUAL_SCOPES,
            source=source,
            expires_at=expires_at,
        )
        told = {"name": name, "scopes": sorted(scopes or USUAL_SCOPES), "source": source, "expires_at": expires_at}
        note(chain.conn, chain.keys(client.id), actor, "key.create", "key", key_id, at=at, after=told)
    return secret, key_id


def list_keys(conn: psycopg.Connection[Any], client_id: str) -> list[KeyRow]:
    """The keys of a client, newest first."""
    rows = conn.execute(
        "SELECT id, name, last4, scopes, source, created_at, expires_at, revoked_at, last_used_at FROM api_key"
        " WHERE client_id = %s::uuid ORDER BY created_at DESC, id",
        (client_id,),
    ).fetchall()
    return [KeyRow(*row) for row in rows]


def end_key(chain: Chain, client: ClientRow, actor: Actor, key: str, *, at: datetime) -> KeyRow:
    """End a key, named by its id or by enough of its beginning."""
    require(actor, May.REVOKE_KEY)
    wanted = key.removeprefix("key_").replace("-", "").lower()
    found = [row for row in list_keys(chain.conn, client.id) if wanted and row.id.startswith(wanted)]
    if len(found) != 1:
        why = "Several begin so." if found else "None begins so."
        raise NotFound(f"{key} does not name one key of {client.slug}.", why, "`goodword key list` shows their ids.")
    with chain.conn.transaction():
        if not revoke_key(chain.conn, client_id=client.id, key_id=found[0].id, revoked_at=at):
            raise BadInput(f"The key {key} had already ended.", "", "Nothing is left to do.")
        note(chain.conn, chain.keys(client.id), actor, "key.revoke", "key", found[0].id, at=at)
    return found[0]


def check_client(slug: str, name: str, currency: str, timezone: str) -> None:
    """Refuse what cannot name a client or its calendar; each refusal says which field it is about."""
    if not _SLUG.match(slug) or slug == HOUSE_SLUG:
        raise BadInput(
            f"{slug!r} cannot name a client.",
            f"It stands in commands and addresses, where {HOUSE_SLUG} means the log of the house.",
            "Begin with a lower case letter; then lower case letters, digits and -, at most 63 signs.",
            "slug",
        )
    if not name.strip():
        raise BadInput("The client has no name.", "People read it on every page.", "Give it one.", "name")
    if not is_currency(currency):
        raise BadInput(
            f"{currency!r} is not a known currency.", "", "Use an ISO 4217 code in upper case, such as EUR.", "currency"
        )
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadInput(f"{timezone!r} is not a time zone.", "", "Use a name such as Europe/Berlin.", "timezone") from None


def free_prefix(conn: psycopg.Connection[Any], slug: str) -> str:
    """Letters of the name, with a number where others have them already."""
    stem = re.sub(r"[^A-Z0-9]", "", slug.upper())[:3] or "GW"
    taken = {row[0] for row in conn.execute("SELECT code_prefix FROM client").fetchall()}
    return next(prefix for prefix in (stem, *(f"{stem}{n}" for n in range(2, 10_000))) if prefix not in taken)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
