"""What do the drawings of the style guide draw? Small made-up figures that show every state, nobody's data."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from goodword.web import charts
from goodword.web.desk.overview.telling import Gap, Stage
from goodword.web.desk.review.graph import Drawing, Edge, Node

_HEAT = ((0, 12, 31, 18), (4, 27, 40, 0), (9, 16, 0, 0))
_DUE = {3: ("125.00", "late"), 10: ("40.00", ""), 14: ("1,250.00", "most"), 27: ("310.00", "")}
_TODAY, _DAYS, _FIRST_WEEKDAY = 8, 30, 6


@dataclass(frozen=True)
class Day:
    """A day of the calendar; 0: none of this month."""

    n: int = 0
    due: str = ""
    tone: str = ""
    is_today: bool = False


def drawings() -> dict[str, object]:
    """All of them by the names that the template uses."""
    most = max(max(row) for row in _HEAT)
    weeks = (_("Week {n}").format(n=n) for n in range(44, 47))
    return {
        "funnel": _funnel(),
        "series": (
            charts.Series(_("Joined"), (6, 14, 46, 22, 18, 25, 12, 9)),
            charts.Series(_("of them customers so far"), (2, 8, 30, 15, 9, 12, 3, 1)),
            charts.Series(_("the days before"), (10, 12, 11, 13, 12, 14, 13, 12)),
        ),
        "sparks": (((3, 5, 4, 8, 9), _("rising")), ((9, None, 6, 5, 2), _("with a gap")), ((4, 4, 4), _("level"))),
        "heat": [(name, [(n, charts.heat(n, most)) for n in row]) for name, row in zip(weeks, _HEAT, strict=True)],
        "weekdays": (_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su")),
        "calendar": _calendar(),
        "graph": _graph(),
    }


def _funnel() -> list[Stage]:
    waits = (Gap(21, _("wait for the end of the return window"), ""), Gap(8, _("are held for review"), ""))
    return [
        Stage(_("Opened a link"), 2_940, "", 1.0, ""),
        Stage(_("Joined"), 1_284, "", 0.44, "43.7 %"),
        Stage(_("Rewarded"), 371, "", 0.13, "28.9 %", 29, waits),
    ]


def _calendar() -> list[list[Day]]:
    days = [Day()] * _FIRST_WEEKDAY + [Day(n, *_DUE.get(n, ("", "")), n == _TODAY) for n in range(1, _DAYS + 1)]
    days += [Day()] * (-len(days) % 7)
    return [days[at : at + 7] for at in range(0, len(days), 7)]


def _graph() -> Drawing:
    nodes = (
        Node(0, 10, "own", _("A customer"), _("referrer")),
        Node(0, 70, "own", _("Her neighbour"), _("friend")),
        Node(245, 40, "trait", _("Device"), _("3 people")),
        Node(490, 10, "denied", _("Somebody else"), _("denied before")),
        Node(490, 70, "other", _("A colleague"), ""),
    )
    edges = tuple(
        Edge(245 if n < 2 else 415, 57, 170 if n < 2 else 490, y, "own" if n < 2 else "other")
        for n, y in enumerate((27, 87, 27, 87))
    )
    return Drawing(_("Referrer and friend share a device with two others."), 660, 120, nodes, edges)
