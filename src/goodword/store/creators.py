"""What does a creator write, and how does it lie sealed? Applications, contract texts, briefs and posts, each at its own place."""

from __future__ import annotations

from typing import Any

import msgspec

from goodword.store.sql.vault import ClientKeys

Gifts = dict[str, dict[str, Any]]  # by milestone, as a document writes them


class Application(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody wrote who applied: who they are, where they post, to how many, and what they agreed to."""

    name: str
    email: str
    phone: str = ""
    channels: tuple[str, ...] = ()
    audience: str = ""
    words: str = ""
    consent: str = ""  # the very text that was agreed to
    language: str = ""  # that the form was read in; "" where somebody of the house wrote it down


class Posted(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sealed of a post: its address, and a note on the proof of its disclosure."""

    address: str
    note: str = ""


def seal_application(keys: ClientKeys, id_: str, written: Application) -> bytes:
    """An application, sealed for its row."""
    return keys.seal("creator", "application", id_, msgspec.json.encode(written))


def open_application(keys: ClientKeys, id_: str, sealed: Any) -> Application | None:
    """What was written; None: it was forgotten."""
    if sealed is None:
        return None
    return msgspec.json.decode(keys.open("creator", "application", id_, bytes(sealed)), type=Application)


def seal_text(keys: ClientKeys, table: str, id_: str, text: str) -> bytes:
    """The text of a contract or a brief, sealed for its row."""
    return keys.seal(table, "text", id_, text.encode())


def open_text(keys: ClientKeys, table: str, id_: str, sealed: Any) -> str:
    """The text of a contract or a brief; '' where it was forgotten."""
    return "" if sealed is None else keys.open(table, "text", id_, bytes(sealed)).decode()


def seal_note(keys: ClientKeys, id_: str, note: str) -> bytes:
    """What a creator wrote who declined a contract, sealed for its row."""
    return keys.seal("creator_contract", "note", id_, note.encode())


def open_note(keys: ClientKeys, id_: str, sealed: Any) -> str:
    """The note on a declined contract; '' where none was written, or it was forgotten."""
    return "" if sealed is None else keys.open("creator_contract", "note", id_, bytes(sealed)).decode()


def seal_post(keys: ClientKeys, id_: str, posted: Posted) -> bytes:
    """A post, sealed for its row."""
    return keys.seal("creator_post", "post", id_, msgspec.json.encode(posted))


def open_post(keys: ClientKeys, id_: str, sealed: Any) -> Posted | None:
    """Where a post is; None: it was forgotten."""
    if sealed is None:
        return None
    return msgspec.json.decode(keys.open("creator_post", "post", id_, bytes(sealed)), type=Posted)
