"""What runs on the data folder, where does it answer, how much room is left, and how does each client's lane stand?"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg

from goodword.actions.health import faults_of, line_of, look
from goodword.commands.door import external_urls
from goodword.commands.written import red
from goodword.errors import DatabaseTrouble
from goodword.house.folder import DataFolder
from goodword.house.postgres import Cluster
from goodword.house.supervise import health
from goodword.store.sql.lanes import LaneState

EXIT_NOT_RUNNING = 3  # what service managers expect of a status


def register(subparsers: Any) -> None:
    """status"""
    parser = subparsers.add_parser("status", help="what runs on the data folder, and how it is")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tell, and answer 3 when nothing runs."""
    folder, now = DataFolder.from_settings(), datetime.now(UTC)
    found = status(folder)
    lanes = _lanes(folder) if found["is_running"] and "command" not in found else []
    if getattr(args, "json", False):
        told = None if lanes is None else [_as_data(lane, now) for lane in lanes]
        print(json.dumps(found | {"clients": told}, indent=1))
    else:
        print("\n".join([*_lines(found), *_lane_lines(lanes, now)]))
    return 0 if found["is_running"] else EXIT_NOT_RUNNING


def status(folder: DataFolder) -> dict[str, Any]:
    """The state of the folder, its instance and its disk."""
    is_running = folder.is_locked()
    state = folder.running_state() if is_running else {}
    address = state.get("address")
    return {
        "data": str(folder.root),
        "is_running": is_running,
        "free_mb": folder.free_bytes() // 2**20 if folder.root.exists() else None,
        "health": health(address) if address else None,
        **state,
    }


def _lanes(folder: DataFolder) -> list[LaneState] | None:
    """How the lanes stand; None where the database does not say."""
    try:
        return look((external_urls() or Cluster(folder).urls()).engine)
    except (psycopg.Error, DatabaseTrouble):
        return None


def _as_data(lane: LaneState, now: datetime) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(lane)
    told["open_import"] = lane.open_import.name if lane.open_import else None
    return told | {"faults": [asdict(fault) for fault in faults_of(lane, now)]}


def _lane_lines(lanes: list[LaneState] | None, now: datetime) -> list[str]:
    """A line a lane, then what is wrong with its repair."""
    if lanes is None:
        return ["  The database does not answer: how the lanes stand is not known."]
    told = []
    for lane in lanes:
        told.append(f"  {line_of(lane)}")
        told += [red(f"    {fault.what} {fault.repair}") for fault in faults_of(lane, now)]
    return told


def _lines(found: dict[str, Any]) -> list[str]:
    if not found["is_running"]:
        return [f"Nothing runs on {found['data']}."]
    if "command" in found:
        return [f"goodword {found['command']} works on {found['data']} (process {found.get('pid')})."]
    answers = {None: "does not answer", 200: "healthy"}.get(found["health"], f"answers {found['health']}")
    lines = [
        f"Goodword {found.get('version')} is {found.get('state')} at {found.get('address')}: {answers}.",
        f"  data      {found['data']}, {found['free_mb']} MB free",
        f"  since     {found.get('started_at')} (process {found.get('pid')})",
    ]
    for name, child in found.get("children", {}).items():
        falls = f", started again after {child['falls']} falls" if child["falls"] else ""
        lines.append(f"  {name:<10}" + (f"process {child['pid']}{falls}" if child["pid"] else "down, starting again"))
    return lines
