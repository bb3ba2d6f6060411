"""Is what was restored what was backed up? Erasures first, then ledger and proof, all before the service may open."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from goodword.actions import erasing
from goodword.actions.backing_up import Head
from goodword.actions.clients import HOUSE_SLUG
from goodword.actions.deeds import COMMAND_LINE, HOUSE, note
from goodword.actions.opening import Chain
from goodword.store.recompute import verify_ledger
from goodword.store.sql.verify import verify


class Looked(msgspec.Struct, frozen=True):
    """What was found about one log: faults of ledger and proof, and people who were forgotten again."""

    slug: str
    leaves: int
    entries: int
    forgotten: int
    faults: tuple[str, ...]


def look_over(chain: Chain, heads: tuple[Head, ...], erasures: Path, *, now: datetime) -> list[Looked]:
    """Forget again whoever is on the list, then verify every ledger and every log against the checkpoints of the backup."""
    held = {head.client: head.checkpoint for head in heads if head.checkpoint}
    found = [_client(chain, slug, held, erasures, now) for slug in chain.slugs()]
    report = verify(chain.conn, HOUSE, chain.keys(HOUSE).public_key, [held[HOUSE]] if HOUSE in held else [])
    found.append(Looked(HOUSE_SLUG, report.size, 0, 0, tuple(str(fault) for fault in report.faults)))
    known = {chain.client(slug).id for slug in chain.slugs()} | {HOUSE}
    for head in heads:
        if head.client not in known:
            found.append(Looked(head.slug, 0, 0, 0, ("the client is missing",)))
    return found


def keep(chain: Chain, backup: str, *, now: datetime) -> None:
    """That it was restored is a line in the log of the house."""
    with chain.conn.transaction():
        note(chain.conn, chain.keys(HOUSE), COMMAND_LINE, "restore", "house", HOUSE, at=now, after={"backup": backup})


def _client(chain: Chain, slug: str, held: dict[str, str], erasures: Path, now: datetime) -> Looked:
    client = chain.client(slug)
    replayed = erasing.replay(chain, client, erasures, now=now)
    ledger = verify_ledger(chain.conn, client.id)
    report = verify(
        chain.conn, client.id, chain.keys(client.id).public_key, [held[client.id]] if client.id in held else []
    )
    faults = (*ledger.faults, *(str(fault) for fault in report.faults))
    return Looked(slug, report.size, ledger.entries, replayed.shredded, faults)
