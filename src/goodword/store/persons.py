"""What of a batch belongs to people? Parties and their tokens in plain; bodies, names and attributes under the person's key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from goodword.core.events import advocate_in, organization_in, personal_in
from goodword.core.situation import Situation
from goodword.store.decided import Decided
from goodword.store.load import attribute_row
from goodword.store.sql.bulk import Bulk
from goodword.store.sql.connect import array_literal
from goodword.store.sql.vault import Vault

TELLING = frozenset(
    {"signup", "update", "known", "organization"}
)  # events that say who somebody is; others do so only for a new person

_encode = msgspec.json.Encoder().encode


def people(bulk: Bulk, situation: Situation, batch: Sequence[Decided], now: datetime) -> None:
    """Parties, what is theirs, and codes."""
    parties = {party.id: party for one in batch for party in one.decision.parties}
    bulk.put(
        "party",
        "client_id, id",
        {
            "id": "uuid",
            "kind": "text",
            "created_at": "timestamptz",
            "known_since": "timestamptz",
            "purchased_at": "timestamptz",
        }
        | {"organization_id": "uuid", "erased_at": "timestamptz"},
        (
            (
                p.id,
                p.kind,
                now,
                p.known_since,
                p.purchased_at,
                p.organization,
                now if p.erased else None,
            )
            for p in parties.values()
        ),
        "UPDATE SET known_since = excluded.known_since, purchased_at = excluded.purchased_at,"
        " organization_id = excluded.organization_id, erased_at = coalesce(party.erased_at, excluded.erased_at)",
    )
    owners = {(o.kind, o.token, o.party): o for one in batch for o in one.decision.owners}
    bulk.put(
        "identifier",
        "client_id, kind, token, party_id",
        {"kind": "text", "token": "uuid", "party_id": "uuid", "since": "timestamptz"},
        (
            (o.kind, o.token, o.party, situation.owners[(o.kind, o.token)].get(o.party, o.since))
            for o in owners.values()
        ),
        "UPDATE SET since = excluded.since WHERE excluded.since < identifier.since",
    )
    traits = {(t.kind, t.token, t.party): t for one in batch for t in one.decision.traits}
    bulk.put(
        "trait",
        "client_id, kind, token, party_id",
        {"kind": "text", "token": "uuid", "party_id": "uuid", "first_at": "timestamptz"},
        ((t.kind, t.token, t.party, t.first_at) for t in traits.values()),
        "NOTHING",
    )
    _lists(bulk, batch)


def _lists(bulk: Bulk, batch: Sequence[Decided]) -> None:
    """Who is on which named list; what was taken back goes."""
    members = {(m.audience, m.party, m.since): m for one in batch for m in one.decision.members}
    columns = {"audience": "text", "party_id": "uuid", "since": "timestamptz", "until": "timestamptz"}
    listed = ((m.audience, m.party, m.since, m.until) for m in members.values() if not m.is_off)
    bulk.put("audience_member", "client_id, audience, party_id, since", columns, listed)
    off = [key for key, member in members.items() if member.is_off]
    if off:
        bulk.conn.execute(
            "DELETE FROM audience_member m USING unnest(%s::text[], %s::uuid[], %s::timestamptz[]) AS o(audience, party, since)"
            " WHERE m.client_id = %s::uuid AND m.audience = o.audience AND m.party_id = o.party AND m.since = o.since",
            (*(array_literal(column) for column in zip(*off, strict=True)), bulk.client_id),
        )


def bodies(bulk: Bulk, vault: Vault, batch: Sequence[Decided], now: datetime) -> None:
    """Bodies of events whose person is known move under the person's key, with the fields and attributes they carry."""
    own = [(one.decision.party, one.event, one) for one in batch if one.decision.party and one.event is not None]
    # A referral that was brought in may name an advocate whom nobody knew: of that one too, the own id is kept.
    named = [
        (known.id, one)
        for _, event, one in own
        if event.type == "referred" and one.raw is not None
        for known in one.decision.parties
        if known.id != one.decision.party
    ]
    wanted = {party for party, _, _ in own} | {party for party, _ in named}
    keys = vault.person_keys(bulk.conn, bulk.client_id, wanted)
    bodies: list[tuple[str, str, bytes]] = []
    fields: dict[tuple[str, str], bytes] = {
        (party, field): keys[party].seal("personal", field, party, _encode(value))
        for party, one in named
        if party in keys and one.raw is not None
        for field, value in advocate_in(one.raw).items()
    }
    values: dict[tuple[str, str, datetime], bytes] = {}
    for party, event, one in own:
        key = keys.get(party)
        if key is None:
            continue  # erased: nothing personal is written again
        if one.raw is not None:
            bodies.append((event.id, party, key.seal("event_body", "raw", event.id, one.raw)))
            if one.decision.parties or event.type in TELLING:
                told = organization_in(one.raw) if event.type == "organization" else personal_in(one.raw)
                for field, value in told.items():
                    fields[(party, field)] = key.seal("personal", field, party, _encode(value))
        for fact in one.decision.attributes:
            row = attribute_row(fact.party, fact.name, fact.valid_from)
            values[(fact.party, fact.name, fact.valid_from)] = key.seal(
                "attribute", fact.name, row, _encode(fact.value)
            )
    if bodies:
        bulk.conn.execute(
            "UPDATE event_body b SET key_id = n.party, party_id = n.party, sealed = n.sealed FROM ("
            "  SELECT f.ctid AS place, q.party, q.sealed FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[]) AS q(id, party, sealed),"
            "  LATERAL (SELECT ctid FROM event_body f WHERE f.client_id = %s::uuid AND f.id = q.id OFFSET 0 FOR UPDATE) f"
            " ) n WHERE b.ctid = n.place",
            (*(array_literal(column) for column in zip(*bodies, strict=True)), bulk.client_id),
        )
    bulk.put(
        "personal",
        "client_id, party_id, field",
        {"party_id": "uuid", "field": "text", "sealed": "bytea", "updated_at": "timestamptz"},
        ((party, field, sealed, now) for (party, field), sealed in fields.items()),
    )
    bulk.put(
        "attribute",
        "client_id, party_id, name, valid_from",
        {"party_id": "uuid", "name": "text", "valid_from": "timestamptz", "value_sealed": "bytea"},
        ((*key, sealed) for key, sealed in values.items()),
    )
