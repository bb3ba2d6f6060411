"""How is a running installation ended from another terminal?"""

from __future__ import annotations

import argparse
from typing import Any

from goodword.house.folder import DataFolder
from goodword.house.supervise import stop_running


def register(subparsers: Any) -> None:
    """stop"""
    parser = subparsers.add_parser("stop", help="end the instance that serves the data folder")
    parser.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    """Ask it, and wait until it let go of the folder."""
    folder = DataFolder.from_settings()
    pid = stop_running(folder)
    print(f"Stopped (process {pid}).")
    return 0
