"""Points of a unit that the program declares: a fixed number, or so many for each part of the order's amount."""

from __future__ import annotations

from typing import Any

from goodword.core.kind import Give, RewardKind
from goodword.core.units import POINTS

MOST_POINTS = 10**12


def _parse(value: Any, currency: str) -> Give:
    part = value if isinstance(value, dict) else {"points": value}
    points, per = part.get("points"), part.get("per")
    if set(part) - {"points", "per", "unit"} or isinstance(points, bool) or not isinstance(points, int):
        raise ValueError('write {points: 500} or {points: {points: 2, per: "1.00"}}; points are whole numbers')
    if not 0 < points <= MOST_POINTS:
        raise ValueError("points must be a whole number above zero")
    if per is not None and not isinstance(per, str):
        raise ValueError('per must be a decimal string in quotes, per: "1.00"')
    asset = str(part.get("unit", POINTS))
    if not asset.startswith(POINTS):
        raise ValueError(f'"{asset}" is not the name of a unit; its name begins with {POINTS}')
    return Give("points", asset, fixed_minor=points, per=per)


def _amount_minor(give: Give, base: int | None) -> int | None:
    """A fixed number; or by the amount of the order, half up to whole points."""
    points = give.fixed_minor or 0
    if give.per_minor is None:
        return points
    return None if base is None else (2 * max(0, base) * points + give.per_minor) // (2 * give.per_minor)


def _sentence(give: Give) -> str:
    return f"{give.fixed_minor} points" + (f" for each {give.per} of the order" if give.per else "")


POINTS_KIND = RewardKind(
    slug="points",
    title="Points",
    help=__doc__ or "",
    schema={
        "oneOf": [
            {"type": "integer", "minimum": 1},
            {
                "type": "object",
                "required": ["points"],
                "properties": {
                    "points": {"type": "integer", "minimum": 1},
                    "per": {"type": "string", "pattern": r"^\d+(\.\d+)?$"},
                    "unit": {"type": "string", "pattern": "^PTS:"},
                },
                "additionalProperties": False,
            },
        ]
    },
    parse=_parse,
    amount_minor=_amount_minor,
    most_minor=lambda give: None if give.per else give.fixed_minor,
    sentence=_sentence,
)
