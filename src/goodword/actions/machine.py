"""How does the whole installation do? The same facts as `goodword status`, gathered in one go for the page System."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodword import settings
from goodword.actions import breached
from goodword.actions.backing_up import BackedUp, last_backup
from goodword.actions.backup_rounds import Failure, planned, rounds_of
from goodword.actions.clients import HOUSE_SLUG
from goodword.actions.deeds import HOUSE
from goodword.actions.opening import Chain
from goodword.house.folder import DataFolder
from goodword.store.reads.system import Database, database
from goodword.store.sql.lanes import LaneState, lane_state, lane_states


@dataclass(frozen=True)
class Machine:
    """What was found. `running` is what `serve` last wrote of its processes; `free_bytes` None: the folder is not there."""

    database: Database
    lanes: tuple[LaneState, ...]
    data: Path
    is_embedded: bool
    free_bytes: int | None
    least_free_bytes: int
    running: Mapping[str, Any]
    public_url: str
    is_public_url_set: bool
    mail_host: str
    is_key_in_environment: bool
    is_debug: bool
    breached_file: str = ""
    breached_trouble: str = ""
    backup: BackedUp | None = None
    backup_every_hours: int | None = None  # None: no plan, backups are made by hand or by a timer of the machine
    backup_failure: Failure | None = None


def look(chain: Chain) -> Machine:
    """One look at everything, without a word to the network."""
    folder = DataFolder.from_settings()
    plan = planned()
    lanes = (*lane_states(chain.conn), lane_state(chain.conn, HOUSE, HOUSE_SLUG))
    return Machine(
        database(chain.conn),
        lanes,
        folder.root,
        folder.postgres.exists(),
        folder.free_bytes() if folder.root.exists() else None,
        settings.number("min_free_mb") * 2**20,
        folder.running_state(),
        settings.public_url(),
        bool(settings.text("public_url")),
        settings.text("smtp_host"),
        bool(settings.text("master_key")),
        settings.switch("debug"),
        settings.text("breached_passwords"),
        breached.trouble(),
        last_backup(folder),
        plan[1].every_hours if plan else None,
        rounds_of(folder).failure if plan else None,
    )
