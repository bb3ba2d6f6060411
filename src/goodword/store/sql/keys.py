"""Whose key is this? API keys and their clients, held in memory and read again when a client's version changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.rows import tuple_row

from goodword.store.sql.connect import array_literal

KEYS_CHANNEL = "goodword_keys"
TEST_SCOPE = "events:try"  # a key that opens nothing else is a test key: nothing that it sends is stored
SCOPES = ("events:write", "codes:read", "programs:read", "programs:write", TEST_SCOPE)
USUAL_SCOPES = ("events:write", "codes:read")  # of a key that a shop holds; nobody changes a promise with it
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_CHARACTERS, _SECRET_CHARACTERS = 8, 32


class KeyInfo(msgspec.Struct, frozen=True):
    """An API key without its secret: what it opens, and until when."""

    client_id: str
    id: str
    scopes: frozenset[str]
    source: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class ClientInfo(msgspec.Struct, frozen=True):
    """What the front door has to know of a client. `landing` and `consent` are its settings as stored.

    `programs` maps id -> (slug, landing page or None) of every program; `plain` names the `data` fields that published
    terms declare not personal.
    """

    id: str
    slug: str
    code_prefix: str
    currency: str
    hosts: tuple[str, ...]
    landing: dict[str, Any]
    consent: dict[str, Any]
    programs: dict[str, tuple[str, str | None]] = {}
    live: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()

    def program_slugs(self) -> frozenset[str]:
        """Names that an event may give in `program`."""
        return frozenset(slug for slug, _ in self.programs.values())


class _State(msgspec.Struct, frozen=True):
    """One consistent picture; replaced whole, so that readers need no lock."""

    versions: dict[str, int] = {}
    keys: dict[bytes, KeyInfo] = {}
    clients: dict[str, ClientInfo] = {}
    by_prefix: dict[str, str] = {}
    by_host: dict[str, str] = {}
    slugs: dict[str, frozenset[str]] = {}


class KeyBook:
    """All keys and clients in memory. `refresh` runs on one thread; everything else may be asked from any."""

    def __init__(self) -> None:
        self._state = _State()

    def find(self, secret: str) -> KeyInfo | None:
        """The key that this secret opens; whether it still may be used is for the caller to judge."""
        return self._state.keys.get(hash_of(secret))

    def client(self, client_id: str) -> ClientInfo | None:
        return self._state.clients.get(client_id)

    def clients(self) -> Mapping[str, ClientInfo]:
        return self._state.clients

    def slugs(self, client_id: str) -> frozenset[str]:
        """Slugs of the programs of a client."""
        return self._state.slugs.get(client_id, frozenset())

    def client_by_prefix(self, prefix: str) -> ClientInfo | None:
        return self._state.clients.get(self._state.by_prefix.get(prefix.upper(), ""))

    def client_by_host(self, host: str) -> ClientInfo | None:
        return self._state.clients.get(self._state.by_host.get(host.lower(), ""))

    def refresh(
        self, conn: psycopg.Connection[Any], *, everything: bool = False, warm: Callable[[str], None] | None = None
    ) -> list[str]:
        """Read again what changed; returns the clients concerned. `warm` is called for each before its keys are honoured."""
        old = self._state
        versions = _read_versions(conn)
        changed = [id for id, version in versions.items() if everything or old.versions.get(id) != version]
        gone = [id for id in old.versions if id not in versions]
        if not changed and not gone:
            return []
        for client_id in changed:
            if warm is not None:
                warm(client_id)
        stale = frozenset((*changed, *gone))
        keys = {hash_: key for hash_, key in old.keys.items() if key.client_id not in stale}
        clients = {id: client for id, client in old.clients.items() if id not in stale}
        keys.update(_read_keys(conn, changed))
        clients.update(_read_clients(conn, changed))
        self._state = _State(
            versions,
            keys,
            clients,
            {client.code_prefix.upper(): id for id, client in clients.items() if client.code_prefix},
            {host.lower(): id for id, client in clients.items() for host in client.hosts},
            {id: client.program_slugs() for id, client in clients.items()},
        )
        return sorted(stale)


def spell_key(choose: Callable[[str], str]) -> str:
    """A new secret, `gw_<8 characters to recognise it>_<32 characters>`; `choose` picks one character (`secrets.choice`)."""
    id = "".join(choose(_ALPHABET) for _ in range(_ID_CHARACTERS))
    return f"gw_{id}_" + "".join(choose(_ALPHABET) for _ in range(_SECRET_CHARACTERS))


def key_of(conn: psycopg.Connection[Any], secret: str) -> KeyInfo | None:
    """The key that a secret opens, asked of the database; whether it still may be used is for the caller to judge."""
    row = conn.execute(
        "SELECT client_id, id, scopes, source, expires_at, revoked_at FROM api_key WHERE hash = %s", (hash_of(secret),)
    ).fetchone()
    if row is None:
        return None
    client_id, id_, scopes, source, expires_at, revoked_at = row
    return KeyInfo(client_id, id_, frozenset(scopes), source, expires_at, revoked_at)


def hash_of(secret: str) -> bytes:
    """What is kept of a secret. It holds 190 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def create_key(
    conn: psycopg.Connection[Any],
    *,
    client_id: str,
    key_id: str,
    secret: str,
    name: str,
    created_at: datetime,
    scopes: Iterable[str] = USUAL_SCOPES,
    source: str = "api",
    expires_at: datetime | None = None,
) -> KeyInfo:
    """Store a key (never its secret) and tell every front door."""
    key = KeyInfo(client_id, key_id, frozenset(scopes), source, expires_at)
    conn.execute(
        "INSERT INTO api_key (client_id, id, name, hash, last4, scopes, source, created_at, expires_at)"
        " VALUES (%s::uuid, %s::uuid, %s, %s, %s, %s::text[], %s, %s, %s)",
        (
            client_id,
            key_id,
            name,
            hash_of(secret),
            secret[-4:],
            array_literal(sorted(key.scopes)),
            source,
            created_at,
            expires_at,
        ),
    )
    announce(conn, client_id)
    return key


def revoke_key(conn: psycopg.Connection[Any], *, client_id: str, key_id: str, revoked_at: datetime) -> bool:
    """End a key now; False if there is none or it had ended before."""
    done = conn.execute(
        "UPDATE api_key SET revoked_at = %s WHERE client_id = %s::uuid AND id = %s::uuid AND revoked_at IS NULL",
        (revoked_at, client_id, key_id),
    )
    announce(conn, client_id)
    return done.rowcount == 1


def announce(conn: psycopg.Connection[Any], client_id: str) -> None:
    """Keys, codes, programs or settings of the client changed: every front door reads them again, within a second at most."""
    conn.execute("UPDATE lane SET version = version + 1 WHERE client_id = %s::uuid", (client_id,))
    conn.execute("SELECT pg_notify(%s, %s)", (KEYS_CHANNEL, client_id))


def note_used(conn: psycopg.Connection[Any], used: Mapping[tuple[str, str], datetime]) -> None:
    """Write down when keys, (client, id) -> moment, were last used."""
    conn.execute(
        "UPDATE api_key k SET last_used_at = w.at FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS w(client_id, id, at)"
        " WHERE k.client_id = w.client_id AND k.id = w.id AND (k.last_used_at IS NULL OR k.last_used_at < w.at)",
        (
            array_literal([client_id for client_id, _ in used]),
            array_literal([id for _, id in used]),
            array_literal([at.isoformat() for at in used.values()]),
        ),
    )


def _rows(conn: psycopg.Connection[Any], query: Any, arguments: Any = None) -> list[tuple[Any, ...]]:
    with conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(query, arguments).fetchall()


def _read_versions(conn: psycopg.Connection[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in _rows(conn, "SELECT client_id, version FROM lane")}


def _read_keys(conn: psycopg.Connection[Any], client_ids: list[str]) -> dict[bytes, KeyInfo]:
    rows = _rows(
        conn,
        "SELECT hash, client_id, id, scopes, source, expires_at, revoked_at FROM api_key WHERE client_id = ANY(%s::uuid[])",
        (array_literal(client_ids),),
    )
    return {
        bytes(hash_): KeyInfo(client_id, id, frozenset(scopes), source, expires_at, revoked_at)
        for hash_, client_id, id, scopes, source, expires_at, revoked_at in rows
    }


def _read_clients(conn: psycopg.Connection[Any], client_ids: list[str]) -> dict[str, ClientInfo]:
    wanted = (array_literal(client_ids),)
    programs = _read_programs(conn, wanted)
    rows = _rows(
        conn,
        "SELECT id, slug, code_prefix, currency, hosts, landing, consent FROM client WHERE id = ANY(%s::uuid[])",
        wanted,
    )
    found: dict[str, ClientInfo] = {}
    for id, slug, prefix, currency, hosts, landing, consent in rows:
        pages, live, plain = programs.get(id, ({}, frozenset(), frozenset()))
        found[id] = ClientInfo(
            id,
            slug,
            prefix or "",
            currency or "EUR",
            tuple(hosts or ()),
            landing or {},
            consent or {},
            pages,
            live,
            plain,
        )
    return found


_Programs = tuple[dict[str, tuple[str, str | None]], frozenset[str], frozenset[str]]


def _read_programs(conn: psycopg.Connection[Any], wanted: tuple[str]) -> dict[str, _Programs]:
    """client -> (program id -> (slug, landing), ids of live programs, names of plain fields)."""
    rows = _rows(
        conn,
        "SELECT p.client_id, p.id, p.slug, v.state, v.document FROM program p LEFT JOIN program_version v"
        " ON v.client_id = p.client_id AND v.program_id = p.id AND v.published_at IS NOT NULL"
        " WHERE p.client_id = ANY(%s::uuid[]) ORDER BY p.client_id, p.id, v.number",
        wanted,
    )
    found: dict[str, tuple[dict[str, tuple[str, str | None]], set[str], set[str]]] = {}
    for client_id, id, slug, state, document in rows:
        pages, live, plain = found.setdefault(client_id, ({}, set(), set()))
        landing = pages.get(id, (slug, None))[1]
        part = msgspec.json.decode(document, type=_DocumentPart) if document else _DocumentPart()
        plain.update(name for name, field in part.fields.items() if field.personal is False)
        if state == "live":
            live.add(id)
            landing = part.landing
        pages[id] = (slug, landing)
    return {id: (pages, frozenset(live), frozenset(plain)) for id, (pages, live, plain) in found.items()}


class _FieldPart(msgspec.Struct):
    personal: bool = True


class _DocumentPart(msgspec.Struct):
    """The little of a program document that the front door acts on."""

    fields: dict[str, _FieldPart] = {}
    landing: str | None = None
