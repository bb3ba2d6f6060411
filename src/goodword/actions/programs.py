"""How does a program come to life? A document becomes a numbered version; publishing is an act in the log, decided like any event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import psycopg
import yaml

from goodword.actions.deeds import Actor, note, require
from goodword.actions.drain import lane_held
from goodword.actions.importing import decide_all, wait_for_worker
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.catalog import SHELVES
from goodword.core.events import ACTS, ident
from goodword.core.reading import read_terms
from goodword.core.rows import SINCE_EVER
from goodword.core.terms import Terms
from goodword.core.wording import Heard, Wording, mark_of, text_hash, texts_of
from goodword.errors import BadInput, NotFound
from goodword.store.sql import log, runs
from goodword.store.sql.connect import array_literal
from goodword.store.sql.intake import Intake
from goodword.store.sql.keys import announce
from goodword.store.wording import KEPT, keep

ACT_SOURCE = "goodword"


class Version(msgspec.Struct, frozen=True):
    """One version of a program."""

    slug: str
    number: int
    state: str
    live_from: datetime | None
    live_until: datetime | None
    terms_hash: str
    document: str

    def as_document(self) -> dict[str, Any]:
        """The document as it was pushed, without its comments."""
        return msgspec.json.decode(self.document, type=dict[str, Any])

    def as_yaml(self) -> str:
        """The document to edit and push again."""
        return as_yaml(self.as_document())


def as_yaml(document: Mapping[str, Any]) -> str:
    """A document as text, the same wherever it is shown, so that its lines can be named."""
    return str(yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=120))


def versions(conn: psycopg.Connection[Any], client_id: str, slug: str | None = None) -> list[Version]:
    """Versions of one program or of all, oldest first."""
    rows = conn.execute(
        "SELECT p.slug, v.number, v.state, v.live_from, v.live_until, v.terms_hash, v.document FROM program p"
        " JOIN program_version v ON v.client_id = p.client_id AND v.program_id = p.id"
        " WHERE p.client_id = %s::uuid AND (%s::text IS NULL OR p.slug = %s) ORDER BY p.slug, v.number",
        (client_id, slug, slug),
    ).fetchall()
    return [Version(*row) for row in rows]


def version(conn: psycopg.Connection[Any], client: ClientRow, slug: str, number: int | None = None) -> Version:
    """The version of that number, else the latest."""
    found = [known for known in versions(conn, client.id, slug) if number in (None, known.number)]
    if not found:
        raise NotFound(
            f"{client.slug} has no program {slug!r}" + (f" of version {number}." if number else "."),
            "",
            "`goodword program list` shows what there is.",
        )
    return found[-1]


def push(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    document: dict[str, Any],
    terms: Terms,
    *,
    at: datetime,
    written_on: str | None = None,
) -> tuple[Version, bool]:
    """(version, whether it is new): a document that says the same as the latest version is that version.

    `written_on` is the mark of the version that was live when the document was taken to be changed ("": none was). Where
    another one went live since, the document is refused: it would take back what its author never saw.
    """
    require(actor, May.PUSH)
    text, wording = msgspec.json.encode(document).decode(), Wording(texts_of(terms, client.name), by=actor.name)
    with chain.conn.transaction():
        chain.conn.execute("SELECT FROM lane WHERE client_id = %s::uuid FOR UPDATE", (client.id,))
        known = versions(chain.conn, client.id, terms.program)
        if known and known[-1].terms_hash == terms.hash:
            return known[-1], False
        _require_written_on(known, written_on)
        number = known[-1].number + 1 if known else 1
        program_id = ident("program", terms.program)
        chain.conn.execute(
            "INSERT INTO program (client_id, id, slug, name, created_at) VALUES (%s::uuid, %s::uuid, %s, %s, %s)"
            " ON CONFLICT (client_id, id) DO UPDATE SET name = excluded.name",
            (client.id, program_id, terms.program, terms.name, at),
        )
        version_id = ident("version", program_id, str(number))
        chain.conn.execute(
            "INSERT INTO program_version (client_id, id, program_id, number, state, document, terms_hash)"
            " VALUES (%s::uuid, %s::uuid, %s::uuid, %s, 'draft', %s, %s)",
            (client.id, version_id, program_id, number, text, terms.hash),
        )
        keep(chain.conn, client.id, program_id, number, KEPT, document, wording, at=at)
        announce(chain.conn, client.id)
        told = {"program": terms.program, "version": number, "terms": terms.hash, **_hashes(document, wording)}
        note(chain.conn, chain.keys(client.id), actor, "program.push", "version", version_id, at=at, after=told)
    return Version(terms.program, number, "draft", None, None, terms.hash, text), True


def wording_now(
    client: ClientRow, version: Version, *, remarks: tuple[Heard, ...] | None = None, by: str = ""
) -> Wording:
    """What people would read of a version as this release says it; no texts where it no longer reads the document."""
    read = read_terms(version.as_document(), SHELVES, version=version.number, live_from=version.live_from or SINCE_EVER)
    return Wording({} if isinstance(read, list) else texts_of(read, client.name), remarks, by)


def mark_now(client: ClientRow, version: Version) -> str:
    """The mark of that wording: what somebody who looks at it today approves."""
    return mark_of(version.as_document(), wording_now(client, version).texts)


def _hashes(document: dict[str, Any], wording: Wording) -> dict[str, Any]:
    """What the log of acts says of a wording: its mark, and the hash of every text."""
    of = {
        language: {"terms": text_hash(told.terms), "friend": text_hash(told.friend)}
        for language, told in wording.texts.items()
    }
    return {"wording": mark_of(document, wording.texts), "texts": of}


def live_mark(known: list[Version]) -> str:
    """The mark of the terms that were published last; "" where nothing was published yet."""
    published = [one for one in known if one.state in ("live", "retired")]
    return published[-1].terms_hash if published else ""


def _require_written_on(known: list[Version], written_on: str | None) -> None:
    if written_on is None or written_on == live_mark(known):
        return
    newest = [one for one in known if one.state in ("live", "retired")][-1:]
    told = f"Version {newest[0].number} went live" if newest else "What was live is gone"
    raise BadInput(
        f"{told} since this document was taken.",
        "It was written on older terms: keeping it could take back what was changed meanwhile.",
        "Compare both (`goodword program diff`), take over what is new, or insist (--force).",
    )


def roll_back(
    chain: Chain, client: ClientRow, actor: Actor, slug: str, number: int, *, at: datetime
) -> tuple[Version, bool]:
    """A new version with the document of an old one; the old one stays as it was."""
    old = version(chain.conn, client, slug, number)
    document = old.as_document()
    read = read_terms(document, SHELVES, version=number, live_from=at)
    if isinstance(read, list):
        raise BadInput(
            f"Version {number} of {slug} cannot be read by this release.",
            f"{read[0].field}: {read[0].why}.",
            "Write a new version with today's fields.",
        )
    return push(chain, client, actor, document, read, at=at)


def publish(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    pushed: Version,
    live_from: datetime | None,
    *,
    at: datetime,
    remarks: tuple[Heard, ...] | None = None,
) -> str:
    """Put a version live as an act in the log, and have it decided; returns what was decided in words.

    The act carries what people read of it from then on, in every language, and what the checks said (`remarks`): whoever
    plays the log again, with software of another year, comes to the same texts. A moment in the past is allowed only while
    nothing since then was decided without this version.
    """
    require(actor, May.PUBLISH)
    business_now = runs.business_now(chain.conn, client.id, at)
    begins_at = live_from or business_now
    require_open_since(chain, client, live_from, at=at)
    document, wording = pushed.as_document(), wording_now(client, pushed, remarks=remarks, by=actor.name)
    act = {"document": document, "version": pushed.number, "live_from": begins_at.isoformat()}
    act["wording"] = msgspec.to_builtins(wording)
    event = {
        "id": f"publish-{pushed.slug}-{pushed.number}",
        "type": "publish",
        "at": min(begins_at, business_now).isoformat(),
        "act": act,
    }
    reason = append_act(chain, client, event, at=at)
    note_published(chain, client, actor, pushed, wording, begins_at, at=at)
    return reason


def note_published(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    pushed: Version,
    wording: Wording,
    live_from: datetime,
    *,
    at: datetime,
) -> None:
    """The line in the log of acts: which version, from when, and the hash of every text that people read of it."""
    hashes = _hashes(pushed.as_document(), wording)
    told = {"program": pushed.slug, "version": pushed.number, "live_from": live_from, **hashes}
    with chain.conn.transaction():
        note(
            chain.conn, chain.keys(client.id), actor, "program.publish", "program", pushed.slug,
            at=at, after=told, detail=told,
        )  # fmt: skip
        announce(chain.conn, client.id)


def require_open_since(chain: Chain, client: ClientRow, live_from: datetime | None, *, at: datetime) -> None:
    """Refuse a moment in the past since when something was decided already."""
    if live_from is not None and live_from < runs.business_now(chain.conn, client.id, at):
        _require_nothing_decided_since(chain.conn, client, live_from)


def program_names(conn: psycopg.Connection[Any], client_id: str) -> frozenset[str]:
    """What a client's programs are called in events."""
    rows = conn.execute("SELECT slug FROM program WHERE client_id = %s::uuid", (client_id,)).fetchall()
    return frozenset(row[0] for row in rows)


def append_act(
    chain: Chain, client: ClientRow, event: dict[str, Any], *, at: datetime, is_repeatable: bool = False
) -> str:
    """Append an act of the house and have it decided at once; returns its reason in words, raises where it was refused.

    `is_repeatable`: a second try on another day is the same act, and the first one stands.
    """
    runs.require_none_open(chain.conn, client.id)
    keys, present = chain.keys(client.id), runs.business_now(chain.conn, client.id, at)
    programs = program_names(chain.conn, client.id) if "program" in event else frozenset[str]()
    intake = Intake(client.id, ACT_SOURCE, keys, programs, frozenset(), at, acts=True, business_now=present)
    raw = msgspec.json.encode(event)
    row = intake.row(raw)
    if isinstance(row, list):
        raise BadInput(f"The act cannot be kept: {row[0].field} {row[0].why}.", "", row[0].repair)
    receipt = log.append(chain.conn, [row])[0]
    if receipt.conflict and not is_repeatable:
        raise BadInput(
            f"Another act was kept as {event['id']} before.", "The first one stands.", "Look at what was done then."
        )
    with lane_held(chain.conn, client.id) as held:
        if held:
            decide_all(chain, client.id, now=at)
        else:
            wait_for_worker(chain.conn, client.id)
    return _decided(chain.conn, client.id, row.event.id)


def _decided(conn: psycopg.Connection[Any], client_id: str, event_id: str) -> str:
    row = conn.execute(
        "SELECT body FROM decision WHERE client_id = %s::uuid AND event_id = %s::uuid", (client_id, event_id)
    ).fetchone()
    if row is None:
        letter = conn.execute(
            "SELECT reason FROM dead_letter WHERE client_id = %s::uuid AND id = %s::uuid", (client_id, event_id)
        ).fetchone()
        raise BadInput(
            "The act was kept and could not be decided.", letter[0] if letter else "", "Look at the dead letters."
        )
    reasons = msgspec.json.decode(row[0], type=_Body).reasons
    first = reasons[0] if reasons else _Reason("act_done")
    if first.code == "act_refused":
        raise BadInput(f"The act was refused: {first.value}.", "", first.needed or "")
    return first.value or first.code


class _Reason(msgspec.Struct):
    code: str
    passed: bool | None = True
    value: str | None = None
    needed: str | None = None


class _Body(msgspec.Struct):
    reasons: list[_Reason] = []


def _require_nothing_decided_since(conn: psycopg.Connection[Any], client: ClientRow, since: datetime) -> None:
    row = conn.execute(
        "SELECT count(*) FROM event e JOIN lane l ON l.client_id = e.client_id WHERE e.client_id = %s::uuid AND e.at >= %s"
        " AND NOT e.type = ANY(%s::text[]) AND (e.xid, e.seq) <= (l.cursor_xid, l.cursor_seq)",
        (client.id, since, array_literal(sorted(ACTS))),
    ).fetchone()
    if row and row[0]:
        raise BadInput(
            f"{row[0]:,} events since {since:%Y-%m-%d} were already decided without this version.",
            "A promise is judged by the terms in force at its touch; these would change after the fact.",
            "Publish from now on, or import the history into a client where nothing was decided yet.",
        )
