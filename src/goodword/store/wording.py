"""Which wording was kept with a version, when and by whom? One row as it was written, one as it went live; never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.core.events import ident
from goodword.core.terms import Terms
from goodword.core.wording import Wording, mark_of, texts_of

KEPT, PUBLISHED = "kept", "published"


class KeptWording(msgspec.Struct, frozen=True):
    """A wording on record. `mark` is "" where it was kept before wordings had one; so is `by` where nobody is known."""

    occasion: str
    mark: str
    wording: Wording
    at: datetime


def keep(
    conn: psycopg.Connection[Any],
    client_id: str,
    program_id: str,
    number: int,
    occasion: str,
    document: Mapping[str, Any],
    wording: Wording,
    *,
    at: datetime,
) -> None:
    """Write it down, once: what stands there already stays."""
    remarks = None if wording.remarks is None else msgspec.json.encode(wording.remarks).decode()
    conn.execute(
        "INSERT INTO version_wording (client_id, id, program_id, number, occasion, mark, texts, remarks, by, at)"
        " VALUES (%s::uuid, %s::uuid, %s::uuid, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            client_id,
            ident("wording", program_id, str(number), occasion),
            program_id,
            number,
            occasion,
            mark_of(document, wording.texts),
            msgspec.json.encode(wording.texts).decode(),
            remarks,
            wording.by,
            at,
        ),
    )


def kept(conn: psycopg.Connection[Any], client_id: str, program_id: str, number: int) -> dict[str, KeptWording]:
    """By occasion; nothing for a version from before wordings were kept."""
    rows = conn.execute(
        "SELECT occasion, mark, texts, remarks, by, at FROM version_wording"
        " WHERE client_id = %s::uuid AND program_id = %s::uuid AND number = %s",
        (client_id, program_id, number),
    ).fetchall()
    return {
        occasion: KeptWording(
            occasion,
            mark,
            msgspec.convert(
                {
                    "texts": msgspec.json.decode(texts),
                    "remarks": None if remarks is None else msgspec.json.decode(remarks),
                    "by": by,
                },
                Wording,
            ),
            at,
        )
        for occasion, mark, texts, remarks, by, at in rows
    }


def published_with(
    conn: psycopg.Connection[Any], client_id: str, terms: Terms, act: Mapping[str, Any] | None
) -> Wording:
    """The wording that the act of publication carries; where it carries none (a log from before), what is made of the terms now."""
    carried = (act or {}).get("wording")
    if carried is not None:
        return msgspec.convert(carried, Wording)
    row = conn.execute("SELECT name FROM client WHERE id = %s::uuid", (client_id,)).fetchone()
    return Wording(texts_of(terms, row[0] if row else ""))
