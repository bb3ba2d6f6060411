"""Which text did a creator accept, when, and what follows? Contracts by versions, offered by a link, accepted once, ended with a tail.

A version is accepted or declined as a whole, on exactly the text that was shown; until then the one before rules. What is
accepted becomes an act in the log: the core decides by it from its date on. What is declined may be offered anew.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec

from goodword.actions.creator_posts import tell_terms
from goodword.actions.creators import CreatorRow, contract_terms, creator_of, move, tell
from goodword.actions.deeds import Actor, require
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import ACT_SOURCE, append_act
from goodword.actions.versions_approval import LinkEnded
from goodword.catalog import SHELVES
from goodword.core.contracts import overridable, read_values
from goodword.core.terms import Terms
from goodword.errors import BadInput
from goodword.store.creators import Gifts, open_note, open_text, seal_note, seal_text
from goodword.store.sql import runs

LINK_DAYS = 90  # while a contract runs, the link is the creator's own page
LONGEST_TEXT, LONGEST_NOTE = 20_000, 2000
LINK_ROLE = "creator"
_PATH = "/creator/"
_DEEDS = {"pause": (("active",), "paused"), "resume": (("paused",), "active"), "end": (("active", "paused"), "ended")}


class ContractRow(msgspec.Struct, frozen=True):
    """A version of a contract. `text` is '' once it was forgotten; its mark stays."""

    id: str
    number: int
    text: str
    text_hash: str
    gifts: Gifts
    starts_at: datetime | None
    offered_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    declined_at: datetime | None = None
    note: str = ""  # of the creator who declined

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.accepted_at is None and self.withdrawn_at is None and self.declined_at is None


class Asked(msgspec.Struct, frozen=True):
    """What a creator finds behind the link: who they are to the house, and the version that waits for them, if one does."""

    client: ClientRow
    creator: CreatorRow
    contract: ContractRow | None


class _Decided(msgspec.Struct):
    party: str


def text_hash(text: str) -> str:
    """The mark of a contract's text: SHA-256 over it as it is shown."""
    return hashlib.sha256(text.encode()).hexdigest()


def require_gifts(terms: Terms, gifts: Gifts) -> None:
    """Every value of a contract is one that the program could give; refused where one is not."""
    promises = overridable(terms)
    for name, gift in gifts.items():
        if name not in promises:
            raise BadInput(f"Nothing is promised on {name} that a contract could change.", "", "Leave it out.")
        read = read_values(SHELVES, terms, promises[name], gift)
        if isinstance(read, tuple):
            raise BadInput(f"This cannot be given: {read[0]}.", "", f"{read[1]}.", name)


# -- offering ----------------------------------------------------------------------------------------------------------


def offer(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    id_: str,
    *,
    text: str,
    gifts: Gifts,
    starts_at: datetime | None,
    at: datetime,
) -> ContractRow:
    """The next version of a creator's contract; one that still waited is withdrawn with it."""
    require(actor, May.VET_CREATOR)
    creator = creator_of(chain, client, id_)
    if creator.state in ("applied", "declined") or creator.application is None:
        raise BadInput("This creator was not taken.", "A contract is for somebody who was vetted.", "Vet them first.")
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_TEXT:
        raise BadInput("The contract has no text.", "", f"Write at most {LONGEST_TEXT:,} signs.", "text")
    now = runs.business_now(chain.conn, client.id, at)
    if starts_at is not None and starts_at < now:
        raise BadInput("It would begin in the past.", "What was decided stays.", "Choose a later day, or none.", "starts")
    terms = contract_terms(chain, client, creator.program, at=at)
    require_gifts(terms, gifts)
    contract_id = uuid4().hex
    sealed = seal_text(chain.keys(client.id), "creator_contract", contract_id, text)
    with chain.conn.transaction():
        chain.conn.execute(
            "SELECT 1 FROM creator WHERE client_id = %s::uuid AND id = %s::uuid FOR UPDATE", (client.id, creator.id)
        )
        number = 1 + max((known.number for known in contracts_of(chain, client, creator.id)), default=0)
        chain.conn.execute(
            "UPDATE creator_contract SET withdrawn_at = %s WHERE client_id = %s::uuid AND creator_id = %s::uuid"
            " AND accepted_at IS NULL AND withdrawn_at IS NULL AND declined_at IS NULL",
            (at, client.id, creator.id),
        )
        chain.conn.execute(
            "INSERT INTO creator_contract (client_id, id, creator_id, number, text_sealed, text_hash, gifts, starts_at,"
            " offered_by, offered_at) VALUES (%s::uuid, %s::uuid, %s::uuid, %s, %s, %s, %s, %s, %s, %s)",
            (client.id, contract_id, creator.id, number, sealed, text_hash(text), msgspec.json.encode(gifts).decode(),
             starts_at, actor.name, at),
        )  # fmt: skip
        told = {"number": number, "text": text_hash(text), "gifts": gifts}
        tell(chain, client, actor, f"{May.VET_CREATOR}:offered", creator, told, "", at)
    return next(known for known in contracts_of(chain, client, creator.id) if known.id == contract_id)


def link(chain: Chain, client: ClientRow, actor: Actor, id_: str, *, at: datetime) -> str:
    """A new link to the creator's own page; returns its path, which is shown once. The one before ends with it."""
    require(actor, May.VET_CREATOR)
    creator = creator_of(chain, client, id_)
    if creator.state in ("applied", "declined") or creator.application is None:
        raise BadInput("This creator was not taken.", "There is nothing to show yet.", "Vet them first.")
    token = secrets.token_urlsafe(32)
    with chain.conn.transaction():
        chain.conn.execute(
            "UPDATE creator SET link_hash = %s, link_until = %s WHERE client_id = %s::uuid AND id = %s::uuid",
            (_hashed(token), at + timedelta(days=LINK_DAYS), client.id, creator.id),
        )
        tell(chain, client, actor, f"{May.VET_CREATOR}:link", creator, {}, "", at)
    return f"{_PATH}{client.id}.{token}"


def mailed(chain: Chain, client: ClientRow, actor: Actor, id_: str, path: str, *, at: datetime) -> tuple[CreatorRow, bool]:
    """That the link of this path is mailed to its creator; returns who that is, and whether a contract waits behind it."""
    require(actor, May.VET_CREATOR)
    found = asked(chain, path.removeprefix(_PATH), at=at)
    if found.creator.id != id_ or found.creator.application is None:
        raise BadInput("This link is somebody else's.", "", "Make a new one for this creator.")
    with chain.conn.transaction():
        tell(chain, client, actor, f"{May.VET_CREATOR}:mailed", found.creator, {}, "", at)
    return found.creator, found.contract is not None


# -- behind the link ---------------------------------------------------------------------------------------------------


def asked(chain: Chain, path_token: str, *, at: datetime) -> Asked:
    """Who stands behind a link; refused where it ended."""
    client_id, _, token = path_token.partition(".")
    row = None
    if len(client_id) == 32 and token and all(sign in "0123456789abcdef" for sign in client_id):
        row = chain.conn.execute(
            "SELECT c.slug, r.id FROM creator r JOIN client c ON c.id = r.client_id WHERE r.client_id = %s::uuid"
            " AND r.link_hash = %s AND r.link_until > %s",
            (client_id, _hashed(token), at),
        ).fetchone()
    if row is None:
        raise LinkEnded("This link has ended.", "It has run out, or was replaced.", "Ask whoever sent it for a new one.")
    client = chain.client(row[0])
    creator = creator_of(chain, client, str(row[1]).replace("-", ""))
    waiting = [known for known in contracts_of(chain, client, creator.id) if known.is_open]
    return Asked(client, creator, waiting[-1] if waiting else None)


def accept(chain: Chain, path_token: str, *, seen_hash: str, at: datetime) -> Asked:
    """The creator's word by the link, once a version, on exactly the text that was shown.

    The acts come first: after a fall in between the same answer repeats them, and they count once.
    """
    with _one_answer(chain, path_token):
        found = asked(chain, path_token, at=at)
        client, creator, contract = found.client, found.creator, _shown(found, seen_hash)
        party = _decided(chain, client, creator, contract, at)
        _accepted(chain, client, creator, contract, party, at)
    tell_terms(chain, client, creator, at=at)
    return asked(chain, path_token, at=at)


def decline(chain: Chain, path_token: str, *, seen_hash: str, words: str, at: datetime) -> Asked:
    """The creator does not want the version that was shown; of `words` the act keeps the mark. What ruled before goes on."""
    words = words.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(words) > LONGEST_NOTE:
        raise BadInput(f"The note is longer than {LONGEST_NOTE:,} signs.", "", "Shorten it.", "note")
    with _one_answer(chain, path_token):
        found = asked(chain, path_token, at=at)
        client, contract = found.client, _shown(found, seen_hash)
        note = seal_note(chain.keys(client.id), contract.id, words) if words else None
        with chain.conn.transaction():
            chain.conn.execute(
                "UPDATE creator_contract SET declined_at = %s, note_sealed = %s WHERE client_id = %s::uuid AND id = %s::uuid",
                (at, note, client.id, contract.id),
            )
            told = {"number": contract.number, "text": contract.text_hash, "note": text_hash(words) if words else ""}
            tell(chain, client, _behind(found.creator), "creator.decline", found.creator, told, "", at)
    return asked(chain, path_token, at=at)


@contextmanager
def _one_answer(chain: Chain, path_token: str) -> Iterator[None]:
    """Answers by one link come one after the other: whoever accepts and declines at once has said the first of both."""
    key = (f"creator answer {text_hash(path_token)}",)
    chain.conn.execute("SELECT pg_advisory_lock(hashtext(%s))", key)
    try:
        yield
    finally:
        chain.conn.execute("SELECT pg_advisory_unlock(hashtext(%s))", key)


def _shown(found: Asked, seen_hash: str) -> ContractRow:
    """The version that waits; refused where none does, or where another text was read."""
    if found.contract is None:
        raise LinkEnded("Nothing waits for your answer.", "It was answered or withdrawn.", "Open the page again.")
    if seen_hash != found.contract.text_hash:
        raise BadInput("This is not the text that you were shown.", "", "Open the page again and read it.")
    return found.contract


def _behind(creator: CreatorRow) -> Actor:
    return Actor(f"link {creator.id[:12]}", LINK_ROLE)


def _accepted(
    chain: Chain, client: ClientRow, creator: CreatorRow, contract: ContractRow, party: str, at: datetime
) -> None:
    """What is decided stands in the creator's record, once."""
    with chain.conn.transaction():
        done = chain.conn.execute(
            "UPDATE creator_contract SET accepted_at = %s WHERE client_id = %s::uuid AND id = %s::uuid"
            " AND accepted_at IS NULL AND withdrawn_at IS NULL",
            (at, client.id, contract.id),
        )
        if done.rowcount != 1:
            raise LinkEnded("This was answered a moment ago.", "The first word stands.", "Open the page again.")
        chain.conn.execute(
            "UPDATE creator SET party_id = %s::uuid WHERE client_id = %s::uuid AND id = %s::uuid",
            (party, client.id, creator.id),
        )
        if creator.state in ("vetted", "ended"):
            move(chain, client, creator, (creator.state,), "active", at)
        told = {"number": contract.number, "text": contract.text_hash}
        tell(chain, client, _behind(creator), "creator.accept", creator, told, "", at)


def _decided(chain: Chain, client: ClientRow, creator: CreatorRow, contract: ContractRow, at: datetime) -> str:
    """The code and the contract as acts in the log, decided at once; returns whose they are."""
    written = creator.application
    assert written is not None, "nobody is offered a contract who was forgotten"
    now = runs.business_now(chain.conn, client.id, at)
    person = {"email": written.email, "name": written.name} | ({"phone": written.phone} if written.phone else {})
    head = {"at": now.isoformat(), "program": creator.program, "person": person}
    if creator.state == "vetted":
        issued = {"id": f"creator-code-{creator.id}", "type": "code_issued", "code": creator.code}
        append_act(chain, client, head | issued, at=at, is_repeatable=True)
    act: dict[str, Any] = {"deed": "accept", "number": contract.number, "text": contract.text_hash, "values": contract.gifts}
    if contract.starts_at is not None and contract.starts_at > now:
        act["from"] = contract.starts_at.isoformat()
    event = head | {"id": f"contract-{contract.id}", "type": "contract", "act": act}
    append_act(chain, client, event, at=at, is_repeatable=True)
    row = chain.conn.execute(
        "SELECT body FROM decision WHERE client_id = %s::uuid AND event_id = %s::uuid",
        (client.id, chain.keys(client.id).token("event", f"{ACT_SOURCE}\x1f{event['id']}")),
    ).fetchone()
    assert row is not None, "an act is decided before it is answered"
    return msgspec.json.decode(row[0], type=_Decided).party


# -- pause, resume, end ------------------------------------------------------------------------------------------------


def set_state(
    chain: Chain, client: ClientRow, actor: Actor, id_: str, deed: str, *, words: str, at: datetime
) -> CreatorRow:
    """A contract is paused, taken up again or ended, from now on; `words` are sealed beside the deed."""
    require(actor, May.VET_CREATOR)
    if deed not in _DEEDS:
        raise BadInput(f"{deed} is nothing that is done to a contract.", "", f"One of {', '.join(_DEEDS)}.")
    before, after = _DEEDS[deed]
    creator = creator_of(chain, client, id_)
    if creator.state not in before or creator.party is None:
        raise BadInput("This cannot be done now.", f"The creator is {creator.state}.", "Look at the page again.")
    with chain.conn.transaction():
        tell(chain, client, actor, f"{May.VET_CREATOR}:{deed}", creator, {"deed": deed}, words, at)
    event = {
        "id": f"contract-{deed}-{creator.id}-{at.isoformat()}",
        "type": "contract",
        "at": runs.business_now(chain.conn, client.id, at).isoformat(),
        "program": creator.program,
        "act": {"deed": deed, "party": creator.party, "by": actor.name},
    }
    append_act(chain, client, event, at=at)
    with chain.conn.transaction():
        move(chain, client, creator, before, after, at)
    return creator_of(chain, client, id_)


# -- parts -------------------------------------------------------------------------------------------------------------


def contracts_of(chain: Chain, client: ClientRow, creator: str) -> list[ContractRow]:
    """Every version that was offered, the first one first."""
    rows = chain.conn.execute(
        "SELECT id, number, text_sealed, note_sealed, text_hash, gifts, starts_at, offered_at, accepted_at, withdrawn_at,"
        " declined_at FROM creator_contract WHERE client_id = %s::uuid AND creator_id = %s::uuid ORDER BY number",
        (client.id, creator),
    ).fetchall()
    keys = chain.keys(client.id)
    found = []
    for raw_id, number, sealed, note, mark, gifts, *times in rows:
        id_ = str(raw_id).replace("-", "")
        text = open_text(keys, "creator_contract", id_, sealed)
        row = ContractRow(id_, number, text, mark, msgspec.json.decode(gifts, type=Gifts), *times)
        found.append(msgspec.structs.replace(row, note=open_note(keys, id_, note)))
    return found


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
