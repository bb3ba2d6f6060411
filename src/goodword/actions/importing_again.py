"""May a row come back after its import was undone? It does, as an event of its own: the first one stays taken back for ever."""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg

from goodword.core.events import encode_facts, ident
from goodword.store.sql import log
from goodword.store.sql.connect import array_literal
from goodword.store.sql.log import LogRow
from goodword.store.sql.vault import ClientKeys

ACT_SOURCE = "goodword"
_TIMES = 100  # so often a row may be taken back and brought again


def undo_id(keys: ClientKeys, event_id: str) -> str:
    """The id of the act that takes an event back."""
    return keys.token("event", f"{ACT_SOURCE}\x1fundo-{event_id}")


def bring_again(writer: psycopg.Connection[Any], keys: ClientKeys, known: list[LogRow]) -> int:
    """Append anew what of these known rows was taken back by an undo; returns how many came back."""
    back, rows = 0, known
    for _ in range(_TIMES):
        gone = _taken_back(writer, keys, rows)
        if not gone:
            return back
        anew = [_anew(keys, row) for row in gone]
        receipts = log.append(writer, anew)
        back += sum(1 for receipt in receipts if not (receipt.duplicate or receipt.conflict or receipt.problem))
        rows = [row for row, receipt in zip(anew, receipts, strict=True) if receipt.duplicate]
    return back


def _taken_back(conn: psycopg.Connection[Any], keys: ClientKeys, rows: list[LogRow]) -> list[LogRow]:
    acts = {undo_id(keys, row.event.id): row for row in rows}
    if not acts:
        return []
    found = conn.execute(
        "SELECT id FROM event_key WHERE client_id = %s::uuid AND id = ANY(%s::uuid[])",
        (keys.client_id, array_literal(acts)),
    ).fetchall()
    return [acts[id_] for (id_,) in found]


def _anew(keys: ClientKeys, row: LogRow) -> LogRow:
    """The same row under the next id of its line."""
    event = msgspec.structs.replace(row.event, id=ident("again", row.event.id))
    raw = keys.open_intake(row.event.id, row.key_id, row.sealed)
    key_id, sealed = keys.seal_intake(event.id, row.received_at.strftime("%Y-%m"), raw)
    return msgspec.structs.replace(row, event=event, key_id=key_id, sealed=sealed, facts=encode_facts(event))
