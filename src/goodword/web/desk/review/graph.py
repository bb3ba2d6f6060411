"""Who shares what? A drawing of people and traits over the same facts as the table below it: words first, lines second."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword.store.reads.people import Person
from goodword.store.reads.review_case import Case
from goodword.web.desk.review.asked import TRAITS

MOST_TRAITS = 6
MOST_OTHERS = 7
_WIDTH, _ROW, _BOX = 660, 46, 170
_LEFT, _MIDDLE, _RIGHT = 0, 245, 490
_LONGEST = 21


@dataclass(frozen=True)
class Node:
    """A box: a person or a trait, at its place. `kind` is own, other, more or trait."""

    x: int
    y: int
    kind: str
    label: str
    under: str

    @property
    def middle(self) -> int:
        """Where its text stands."""
        return self.x + 12

    @property
    def first(self) -> int:
        """The line of its name."""
        return self.y + (15 if self.under else 21)

    @property
    def second(self) -> int:
        """The line of its explanation."""
        return self.y + 28


@dataclass(frozen=True)
class Edge:
    """A line from a trait to somebody who carries it."""

    x1: int
    y1: int
    x2: int
    y2: int
    kind: str


@dataclass(frozen=True)
class Drawing:
    """All of it, with the sentence that says what is to be seen."""

    says: str
    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph(case: Case) -> Drawing | None:
    """The drawing; None where nothing is shared. Beyond seven others the rest are one box, named in the table."""
    traits = case.shared[:MOST_TRAITS]
    if not traits:
        return None
    pair = (case.referral.advocate, case.referral.friend)
    carried = Counter(holder.party for one in traits for holder in one.holders if holder.party not in pair)
    states = {holder.party: holder.state for one in traits for holder in one.holders}
    others = [party for party, _n in carried.most_common()]
    shown = others[:MOST_OTHERS] if len(others) > MOST_OTHERS + 1 else others
    rows = max(2, len(traits), len(shown) + (len(shown) < len(others)))
    height = rows * _ROW + 8
    places: dict[str, tuple[int, int]] = {}
    nodes: list[Node] = []
    for n, (party, role) in enumerate(zip(pair, (_("referrer"), _("friend")), strict=True)):
        y = _spread(n, 2, height)
        nodes.append(Node(_LEFT, y, "own", _name(case.people.get(party), party), role))
        places[party] = (_LEFT + _BOX, y + 17)
    for n, party in enumerate(shown):
        y = _spread(n, len(shown) + (len(shown) < len(others)), height)
        kind = "denied" if states[party] == "denied" else "other"
        told = {"denied": _("denied before"), "held": _("also held")}.get(states[party], "")
        nodes.append(Node(_RIGHT, y, kind, _name(case.people.get(party), party), told))
        places[party] = (_RIGHT, y + 17)
    if len(shown) < len(others):
        y = _spread(len(shown), len(shown) + 1, height)
        rest = len(others) - len(shown)
        nodes.append(Node(_RIGHT, y, "more", ngettext("{} more person", "{} more people", rest).format(rest), ""))
        places |= dict.fromkeys(others[len(shown) :], (_RIGHT, y + 17))
    edges: dict[Edge, None] = {}
    for n, one in enumerate(traits):
        y = _spread(n, len(traits), height)
        count = len(one.holders)
        told = ngettext("{} person", "{} people", count).format(count)
        nodes.append(Node(_MIDDLE, y, "trait", str(TRAITS.get(one.kind, one.kind)), told))
        for holder in one.holders:
            x2, y2 = places[holder.party]
            is_own = holder.party in pair
            edges[Edge(_MIDDLE if is_own else _MIDDLE + _BOX, y + 17, x2, y2, "own" if is_own else "other")] = None
    return Drawing(_says(case, len(others)), _WIDTH, height, tuple(nodes), tuple(edges))


def _says(case: Case, others: int) -> str:
    """What the lines come to."""
    pair = {case.referral.advocate, case.referral.friend}
    both = sum(pair <= {holder.party for holder in one.holders} for one in case.shared)
    mine = ngettext("Referrer and friend share {} thing", "Referrer and friend share {} things", both).format(both)
    if not both:
        mine = _("Referrer and friend share nothing with each other")
    if not others:
        return _("{}; nobody else is tied to it.").format(mine)
    return ngettext("{}; {} other person is tied to them.", "{}; {} other people are tied to them.", others).format(
        mine, others
    )


def _spread(n: int, count: int, height: int) -> int:
    """The upper edge of the nth of so many boxes, spread over the height."""
    return round((height / count) * (n + 0.5) - 17)


def _name(person: Person | None, party: str) -> str:
    if person is not None and person.is_erased:
        return _("erased person")
    name = person.name if person is not None and person.name else f"prs_{party[:8]}"
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
