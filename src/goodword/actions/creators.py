"""Who applies to speak for a program, and whom does the house take? Applications with consent, and the word on them.

What somebody writes is sealed. The same mailbox or telephone applies once for a program, until it was declined or ended.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from goodword.actions.deeds import Actor, note, require
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import versions
from goodword.actions.versions import in_force
from goodword.catalog import SHELVES
from goodword.core.identities import normal_code, normal_email, normal_phone
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.errors import BadInput, NotFound
from goodword.store.creators import Application, open_application, seal_application
from goodword.store.sql import people, runs
from goodword.store.sql.erasure import forget_creators

LONGEST, LONGEST_WORDS, MOST_CHANNELS = 200, 2000, 10
DECLINE_WHYS = ("audience", "content", "duplicate", "staff", "fraud", "other")
APPLICANT = Actor("application form", "creator")
_OPEN = ("applied", "vetted", "active", "paused")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+\Z")
_ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s]+\Z")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,39}\Z")


class CreatorRow(msgspec.Struct, frozen=True):
    """A creator as the house keeps it. `application` is None once it was forgotten."""

    id: str
    program: str
    program_id: str
    state: str
    party: str | None
    code: str | None
    application: Application | None


# -- applying ----------------------------------------------------------------------------------------------------------


def apply(
    chain: Chain, client: ClientRow, actor: Actor, program: str, application: Application, *, source: str, at: datetime
) -> tuple[str, bool]:
    """Keep an application; returns the creator's id, and whether this very person had applied before (nothing is kept then).

    By the public form anybody applies; at the desk somebody who may.
    """
    if source == "desk":
        require(actor, May.ADD_CREATOR)
    contract_terms(chain, client, program, at=at)
    _check(application)
    keys = chain.keys(client.id)
    email = keys.token("email", normal_email(application.email))
    digits = normal_phone(application.phone)
    phone = keys.token("phone", digits) if digits else None
    program_id = _program_id(chain, client, program)
    id_ = uuid4().hex
    with chain.conn.transaction():
        chain.conn.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"creator {program_id} {email}",))
        known = chain.conn.execute(
            "SELECT id FROM creator WHERE client_id = %s::uuid AND program_id = %s::uuid AND state = ANY(%s::text[])"
            " AND (email_token = %s::uuid OR phone_token = %s::uuid) ORDER BY applied_at LIMIT 1",
            (client.id, program_id, list(_OPEN), email, phone),
        ).fetchone()
        if known is not None:
            note(chain.conn, keys, actor, f"{May.ADD_CREATOR}:again", "creator", str(known[0]), at=at)
            return _hex(known[0]), True
        pairs = [("email", email), *([("phone", phone)] if phone else [])]
        found = people.parties_of(chain.conn, client.id, pairs[:1]) or people.parties_of(chain.conn, client.id, pairs)
        sealed = seal_application(keys, id_, application)
        chain.conn.execute(
            "INSERT INTO creator (client_id, id, program_id, source, party_id, email_token, phone_token, sealed, state_at,"
            " applied_at) VALUES (%s::uuid, %s::uuid, %s::uuid, %s, %s::uuid, %s::uuid, %s::uuid, %s, %s, %s)",
            (client.id, id_, program_id, source, found[0] if len(found) == 1 else None, email, phone, sealed, at, at),
        )
        told = {"program": program, "source": source}
        note(chain.conn, keys, actor, f"{May.ADD_CREATOR}:{source}", "creator", id_, at=at, after=told)
    return id_, False


def _check(application: Application) -> None:
    """Everything that is asked for is there, and not longer than a person writes."""
    if not application.name.strip() or len(application.name) > LONGEST:
        raise BadInput("The name is missing.", "A contract is made with somebody.", "Write the full name.", "name")
    if not _MAIL.match(application.email.strip()) or len(application.email) > LONGEST:
        raise BadInput("This is no e-mail address.", "The link to the contract goes there.", "Correct it.", "email")
    if application.phone and not normal_phone(application.phone):
        raise BadInput("This is no telephone number.", "It is too short.", "Correct it, or leave it out.", "phone")
    if not application.channels or len(application.channels) > MOST_CHANNELS:
        raise BadInput(
            "No channel is named.", "It is where the posts will stand.", f"Write 1 to {MOST_CHANNELS}.", "channels"
        )
    for address in application.channels:
        require_address(address, "channels")
    if not application.consent.strip():
        raise BadInput(
            "Nobody agreed yet.", "Without consent nothing about a person is kept.", "Tick it, or stop here.", "consent"
        )
    if len(application.audience) > LONGEST or len(application.words) > LONGEST_WORDS:
        raise BadInput(f"The text is longer than {LONGEST_WORDS:,} signs.", "", "Shorten it.", "words")


def require_address(address: str, field: str) -> None:
    """A page of the web; anything that a browser could run is refused."""
    if not _ADDRESS.match(address) or len(address) > 500 or not address.isprintable():
        raise BadInput("This is no address of a page.", "", "Begin with https:// and give the whole address.", field)


# -- the word of the house ---------------------------------------------------------------------------------------------


def vet(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    id_: str,
    *,
    granted: bool,
    why: str,
    words: str,
    code: str = "",
    at: datetime,
) -> None:
    """Take somebody, with a code of their own, or decline for one of a few reasons; `words` are sealed beside the deed."""
    require(actor, May.VET_CREATOR)
    if not granted and why not in DECLINE_WHYS:
        raise BadInput("A reason is missing.", "Who is declined may ask why.", "Choose one.", "why")
    if len(words) > LONGEST_WORDS:
        raise BadInput(f"The text is longer than {LONGEST_WORDS:,} signs.", "", "Shorten it.", "words")
    creator = creator_of(chain, client, id_)
    code = normal_code(code) if granted else ""
    if granted and not _CODE.match(code):
        raise BadInput(
            "This is no code.", "It is typed at a checkout.", "Use 3 to 40 letters, digits, - and _.", "code"
        )
    with chain.conn.transaction():
        if granted:
            _require_free(chain, client, creator, code)
        move(chain, client, creator, ("applied",), "vetted" if granted else "declined", at)
        chain.conn.execute(
            "UPDATE creator SET code = %s, why = %s WHERE client_id = %s::uuid AND id = %s::uuid",
            (code or None, "" if granted else why, client.id, creator.id),
        )
        verb = f"{May.VET_CREATOR}:{'taken' if granted else 'declined'}"
        tell(chain, client, actor, verb, creator, {"why": why, "code": code}, words, at)


def forget(chain: Chain, client: ClientRow, actor: Actor, id_: str, *, at: datetime) -> None:
    """What an applicant wrote goes for good; who has a contract is forgotten as any person is, by an erasure."""
    require(actor, May.VET_CREATOR)
    creator = creator_of(chain, client, id_)
    if creator.state not in ("applied", "declined", "vetted"):
        raise BadInput(
            "This creator has a contract.", "Money and evidence hang on it.", "Erase the person instead, when it has ended."
        )
    with chain.conn.transaction():
        forget_creators(chain.conn, client.id, [creator.id])
        if creator.state != "declined":
            move(chain, client, creator, (creator.state,), "declined", at)
        tell(chain, client, actor, f"{May.VET_CREATOR}:forgotten", creator, {}, "", at)


def _require_free(chain: Chain, client: ClientRow, creator: CreatorRow, code: str) -> None:
    """A code leads to one person, whoever was given it first."""
    taken = chain.conn.execute(
        "SELECT 1 FROM code WHERE client_id = %(client)s::uuid AND code = %(code)s AND (party_id IS NULL OR"
        " %(party)s::uuid IS NULL OR party_id <> %(party)s::uuid) UNION ALL SELECT 1 FROM creator WHERE"
        " client_id = %(client)s::uuid AND code = %(code)s AND id <> %(id)s::uuid AND state <> 'declined'",
        {"client": client.id, "code": code, "party": creator.party, "id": creator.id},
    ).fetchone()
    if taken:
        raise BadInput("This code belongs to somebody else.", "A code leads to one person.", "Choose another.", "code")


# -- parts -------------------------------------------------------------------------------------------------------------


def creator_of(chain: Chain, client: ClientRow, id_: str) -> CreatorRow:
    """A creator by its id."""
    row = None
    if len(id_) == 32 and all(sign in "0123456789abcdef" for sign in id_):
        row = chain.conn.execute(
            "SELECT c.id, p.slug, c.program_id, c.state, c.party_id, c.code, c.sealed FROM creator c JOIN program p"
            " ON p.client_id = c.client_id AND p.id = c.program_id WHERE c.client_id = %s::uuid AND c.id = %s::uuid",
            (client.id, id_),
        ).fetchone()
    if row is None:
        raise NotFound("This creator is not known.", "", "Take it from the list of creators.")
    application = open_application(chain.keys(client.id), id_, row[6])
    return CreatorRow(id_, row[1], _hex(row[2]), row[3], _hex(row[4]) if row[4] else None, row[5], application)


def live_terms(chain: Chain, client: ClientRow, program: str, *, at: datetime) -> Terms | None:
    """The terms in force of a program; None: it is not live."""
    now = runs.business_now(chain.conn, client.id, at)
    live = in_force(versions(chain.conn, client.id, program), now)
    if live is None:
        return None
    terms = read_terms(live.as_document(), SHELVES, version=live.number, live_from=live.live_from or now)
    return terms if isinstance(terms, Terms) else None


def contract_terms(chain: Chain, client: ClientRow, program: str, *, at: datetime) -> Terms:
    """The terms in force of a program that works with contracts; refused where it does not."""
    terms = live_terms(chain, client, program, at=at)
    if terms is None or terms.contracts is None:
        raise NotFound(
            f"{program} takes no creators.",
            "It is not live, or its terms know no contracts.",
            "Publish terms with contracts: {tail: 60d}.",
        )
    return terms


def move(chain: Chain, client: ClientRow, creator: CreatorRow, before: tuple[str, ...], after: str, at: datetime) -> None:
    """From one state to the next, once, whoever else tries at the same moment."""
    done = chain.conn.execute(
        "UPDATE creator SET state = %s, state_at = %s WHERE client_id = %s::uuid AND id = %s::uuid AND state = ANY(%s::text[])",
        (after, at, client.id, creator.id, list(before)),
    )
    if done.rowcount != 1:
        raise BadInput("Somebody was faster.", "The creator is in another state by now.", "Look at it again.")


def tell(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    verb: str,
    creator: CreatorRow,
    after: Mapping[str, Any],
    words: str,
    at: datetime,
) -> None:
    """The line of a deed in the log of acts, in the caller's transaction."""
    detail = {"words": words.strip()} if words.strip() else None
    told = {"program": creator.program} | dict(after)
    note(chain.conn, chain.keys(client.id), actor, verb, "creator", creator.id, at=at, after=told, detail=detail)


def suggested_code(name: str) -> str:
    """A code to begin with: the first name in capitals, and three signs of chance."""
    letters = "".join(sign for sign in name.upper().split(" ")[0] if sign.isascii() and sign.isalnum())[:12]
    return f"{letters or 'MY'}{secrets.randbelow(900) + 100}"


def _program_id(chain: Chain, client: ClientRow, program: str) -> str:
    row = chain.conn.execute(
        "SELECT id FROM program WHERE client_id = %s::uuid AND slug = %s", (client.id, program)
    ).fetchone()
    assert row is not None, "its terms are in force"
    return _hex(row[0])


def _hex(value: Any) -> str:
    return str(value).replace("-", "")
