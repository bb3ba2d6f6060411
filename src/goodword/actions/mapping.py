"""How do the columns of somebody's file become ours? A short map of names and constants, and cells put together to an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import yaml

from goodword.errors import BadInput

_ROOTS = frozenset(
    "id type at program person visitor code click advocate organization subject order cancels context data".split()
)
_GROUPS = frozenset({"person", "advocate", "organization", "subject", "order", "context", "data"})


class Map(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """MAP.yaml: `columns` renames columns of the file, `constants` adds what it lacks, `timezone` reads moments without offset."""

    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    timezone: str | None = None

    def named(self, cells: Mapping[str, str]) -> dict[str, str]:
        """The cells under our names; empty ones are left out."""
        found = {self.columns.get(name, name): value.strip() for name, value in cells.items() if value.strip()}
        found = {name: value for name, value in found.items() if name} | {
            name: value for name, value in self.constants.items() if name not in found
        }
        if self.timezone:
            zone = ZoneInfo(self.timezone)
            found |= {
                name: _zoned(value, zone) for name, value in found.items() if name == "at" or name.endswith("_at")
            }
        return found


def read_map(path: Path | None) -> Map:
    """The map in a YAML file; without one every column keeps its name."""
    if path is None:
        return Map()
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        read = msgspec.convert(given, Map)
        if read.timezone:
            ZoneInfo(read.timezone)
    except (OSError, ValueError, yaml.YAMLError, msgspec.ValidationError, KeyError) as error:
        raise BadInput(
            f"{path} is not a map.",
            str(error),
            'It may hold columns ("Order no": order.id), constants (type: purchase) and timezone (Europe/Berlin).',
        ) from None
    return read


def event_of_cells(cells: Mapping[str, str]) -> dict[str, Any]:
    """A native event from columns such as id, type, at, person.id, order.amount; other columns go into `data`."""
    event: dict[str, Any] = {}
    for name, value in cells.items():
        root, _, rest = name.partition(".")
        if root not in _ROOTS or (root in _GROUPS and not rest):
            event.setdefault("data", {})[name] = value
        elif not rest:
            event[root] = value
        else:
            _put(event.setdefault(root, {}), rest, value)
    return event


def _put(group: dict[str, Any], name: str, value: str) -> None:
    head, _, rest = name.partition(".")
    if rest:
        _put(group.setdefault(head, {}), rest, value)
    elif head == "coupons":
        group[head] = [{"code": code.strip()} for code in value.split(";") if code.strip()]
    elif head == "amount_minor" and value.lstrip("-").isdecimal():
        group[head] = int(value)
    else:
        group[head] = value


def _zoned(value: str, zone: ZoneInfo) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return moment.replace(tzinfo=zone).isoformat() if moment.tzinfo is None else value
