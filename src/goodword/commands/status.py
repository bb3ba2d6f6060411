"""What runs on the data folder, where does it answer, and how much room is left?"""

from __future__ import annotations

import argparse
import json
from typing import Any

from goodword.house.folder import DataFolder
from goodword.house.supervise import health

EXIT_NOT_RUNNING = 3  # what service managers expect of a status


def register(subparsers: Any) -> None:
    """status"""
    parser = subparsers.add_parser("status", help="what runs on the data folder, and how it is")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tell, and answer 3 when nothing runs."""
    found = status(DataFolder.from_settings())
    if getattr(args, "json", False):
        print(json.dumps(found, indent=1))
    else:
        print("\n".join(_lines(found)))
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
