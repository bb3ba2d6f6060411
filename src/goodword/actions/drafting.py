"""How is a program written on before it is a version? One working copy, saved only by who read its last revision.

It is read and written as the web's role inside the client's scope, so row security holds. Nothing of it decides anything:
a working copy becomes a version by `programs.push`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.db import connection, transaction

from goodword.actions.deeds import Actor, note, require
from goodword.actions.permissions import May
from goodword.errors import BadInput, NotFound
from goodword.store.models import ProgramComment, WorkingCopy, WorkingCopyOpen
from goodword.store.open_vault import vault
from goodword.store.reads.users import user_names

LONGEST_DOCUMENT = 200_000
LONGEST_WORDS = 4_000
MOST_COMMENTS = 200
OPEN_FOR = timedelta(minutes=2)  # every look at the editor begins anew


@dataclass(frozen=True)
class Copy:
    """A working copy: revision 0 is one that nobody saved yet, the version it begins as."""

    slug: str
    document: dict[str, Any]
    based_on: int | None
    revision: int
    by: str = ""
    saved_at: datetime | None = None


@dataclass(frozen=True)
class Comment:
    """A word or a task about a draft, and whether it is done."""

    id: str
    by: str
    place: str
    words: str
    is_task: bool
    at: datetime
    done_at: datetime | None
    done_by: str


class Meanwhile(BadInput):
    """Somebody else saved since this was read; nothing was saved. `theirs` is what stands now."""

    def __init__(self, theirs: Copy | None) -> None:
        super().__init__(
            "The draft was changed meanwhile.",
            "Somebody was faster; nothing of yours was saved yet.",
            "Compare both values, and take theirs or yours.",
        )
        self.theirs = theirs


def working_copy(client_id: str, slug: str) -> Copy | None:
    """What is being written on for a program; None: nothing was changed since its last version."""
    row = WorkingCopy.objects.of(client_id).filter(slug=slug).first()
    return _copy(row) if row is not None else None


def working_copies(client_id: str) -> list[Copy]:
    """All that is being written on for a client, the latest first."""
    return [_copy(row) for row in WorkingCopy.objects.of(client_id).order_by("-saved_at")]


def save(
    client_id: str,
    actor: Actor,
    slug: str,
    document: Mapping[str, Any],
    *,
    seen: int,
    based_on: int | None,
    user_id: UUID,
    at: datetime,
) -> Copy:
    """Save the document as the next revision of what was read as revision `seen`; raises `Meanwhile` where another stands."""
    require(actor, May.PUSH)
    text = msgspec.json.encode(document).decode()
    if len(text) > LONGEST_DOCUMENT:
        raise BadInput(
            f"The document is longer than {LONGEST_DOCUMENT:,} characters.", "Nothing was saved.", "Shorten it."
        )
    with transaction.atomic(), connection.cursor() as cursor:
        if seen == 0:
            cursor.execute(
                "INSERT INTO working_copy (client_id, slug, document, based_on, revision, user_id, saved_at)"
                " VALUES (%s, %s, %s, %s, 1, %s, %s) ON CONFLICT (client_id, slug) DO NOTHING",
                [client_id, slug, text, based_on, user_id, at],
            )
        else:
            cursor.execute(
                "UPDATE working_copy SET document = %s, revision = revision + 1, user_id = %s, saved_at = %s"
                " WHERE client_id = %s AND slug = %s AND revision = %s",
                [text, user_id, at, client_id, slug, seen],
            )
        if cursor.rowcount != 1:
            raise Meanwhile(working_copy(client_id, slug))
    saved = working_copy(client_id, slug)
    assert saved is not None, "it was saved just now"
    return saved


def discard(client_id: str, actor: Actor, slug: str, *, seen: int, at: datetime) -> Copy:
    """Give up what was written since the last version; what it was stays sealed beside the line in the log of acts."""
    require(actor, May.PUSH)
    with transaction.atomic():
        gone = working_copy(client_id, slug)
        if gone is None:
            raise NotFound("There is no draft of this program.", "It was given up or kept as a version meanwhile.")
        if not WorkingCopy.objects.of(client_id).filter(slug=slug, revision=seen).delete()[0]:
            raise Meanwhile(gone)
        keys = vault().open_client(client_id)
        note(
            connection.connection, keys, actor, "program.discard", "program", slug,
            at=at, before=gone.document, detail={"document": gone.document},
        )  # fmt: skip
    return gone


def forget(client_id: str, slug: str) -> None:
    """It became a version: nothing is left to write on."""
    WorkingCopy.objects.of(client_id).filter(slug=slug).delete()


def look_in(client_id: str, slug: str, user_id: UUID, *, at: datetime, is_writing: bool = True) -> list[str]:
    """Who else has it open just now, by name; and that this person has it open too."""
    if is_writing:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO working_copy_open (client_id, slug, user_id, until) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (client_id, slug, user_id) DO UPDATE SET until = excluded.until",
                [client_id, slug, user_id, at + OPEN_FOR],
            )
    others = WorkingCopyOpen.objects.of(client_id).filter(slug=slug, until__gt=at).exclude(user_id=user_id)
    return sorted(user_names(set(others.values_list("user_id", flat=True))).values())


# -- words and tasks ---------------------------------------------------------------------------------------------------


def comment(
    client_id: str, actor: Actor, slug: str, words: str, *, place: str, is_task: bool, user_id: UUID, at: datetime
) -> str:
    """Say something about a draft, sealed under the client's key; its id."""
    require(actor, May.COMMENT)
    words = words.strip()
    if not words:
        raise BadInput("Nothing was written.", "A comment says something.", "Write a sentence, then send it.")
    if len(words) > LONGEST_WORDS:
        raise BadInput(f"It is longer than {LONGEST_WORDS:,} characters.", "Nothing was sent.", "Shorten it.")
    id_ = uuid4().hex
    sealed = vault().open_client(client_id).seal("program_comment", "words", id_, words.encode())
    ProgramComment.objects.create(
        client_id=client_id, id=id_, slug=slug, user_id=user_id, place=place, words_sealed=sealed, is_task=is_task, at=at
    )
    return id_


def comments(client_id: str, slug: str) -> list[Comment]:
    """What was said about a program's draft, the oldest first."""
    rows = list(ProgramComment.objects.of(client_id).filter(slug=slug).order_by("-at")[:MOST_COMMENTS])
    people = {row.user_id for row in rows} | {row.done_by for row in rows if row.done_by}
    names = user_names(people)
    keys = vault().open_client(client_id)
    return [
        Comment(
            row.id.hex,
            names.get(row.user_id, ""),
            row.place,
            keys.open("program_comment", "words", row.id.hex, bytes(row.words_sealed)).decode(),
            row.is_task,
            row.at,
            row.done_at,
            names.get(row.done_by, "") if row.done_by else "",
        )
        for row in reversed(rows)
    ]


def mark_done(client_id: str, actor: Actor, slug: str, comment_id: str, *, done: bool, user_id: UUID, at: datetime) -> None:
    """A task is done, or open again."""
    require(actor, May.COMMENT)
    rows = ProgramComment.objects.of(client_id).filter(slug=slug, id=comment_id, is_task=True)
    if not rows.update(done_at=at if done else None, done_by=user_id if done else None):
        raise NotFound("There is no such task.", "", "Take it from the list on the page.")


def _copy(row: WorkingCopy) -> Copy:
    names = user_names({row.user_id})
    document = msgspec.json.decode(row.document, type=dict[str, Any])
    return Copy(row.slug, document, row.based_on, row.revision, names.get(row.user_id, ""), row.saved_at)
