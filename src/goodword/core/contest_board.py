"""Who leads? The board of a round from what each referral adds: exact after reversals, whatever order they came in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from goodword.core.contest import Contest, Prize, Score, Winner
from goodword.core.contest_draw import drawn, tie_key


class Standing(msgspec.Struct, frozen=True):
    """One entrant of a round: what counts, what is provisional, and when the score was reached."""

    party: str
    value: int = 0
    friends: int = 0
    provisional_value: int = 0
    provisional_friends: int = 0
    reached_at: datetime | None = None
    excluded: bool = False
    household: str = ""
    team: str = ""


class Team(msgspec.Struct, frozen=True):
    """A team (a branch) of a round: the sum of its members."""

    name: str
    value: int
    friends: int
    members: int
    reached_at: datetime | None


class Offer(msgspec.Struct, frozen=True):
    """A prize that falls to somebody: which, at which place (or draw), and what it comes to."""

    prize: Prize
    place: int
    party: str
    minor: int


def standings(scores: Iterable[Score]) -> list[Standing]:
    """Every party with a score, the parts added up."""
    found: dict[str, list[Score]] = {}
    for score in scores:
        found.setdefault(score.party, []).append(score)
    return with_households([_summed(party, parts) for party, parts in found.items()])


def with_households(summed: list[Standing]) -> list[Standing]:
    """A household with somebody excluded is excluded as a whole."""
    barred = {one.household for one in summed if one.excluded and one.household}
    return [msgspec.structs.replace(one, excluded=True) if one.household in barred else one for one in summed]


def _summed(party: str, parts: list[Score]) -> Standing:
    counted = [score for score in parts if not score.provisional]
    waiting = [score for score in parts if score.provisional]
    latest = max(parts, key=lambda score: (score.at, score.value))
    return Standing(
        party,
        sum(score.value for score in counted),
        len(counted),
        sum(score.value for score in waiting),
        len(waiting),
        max((score.at for score in counted), default=None),
        any(score.excluded for score in parts),
        latest.household,
        latest.team,
    )


def in_order(contest: Contest, label: str, board: Iterable[Standing], seed: str | None = None) -> list[Standing]:
    """Entrants who count, the first one first. Ties by the rule fixed beforehand; a draw without its seed says nothing yet."""
    entrants = [one for one in board if one.value > 0 and not one.excluded]

    def place(one: Standing) -> tuple[int, str, datetime | None, str]:
        by_chance = tie_key(seed, label, one.party) if contest.ties == "draw" and seed else ""
        return (-one.value, by_chance, one.reached_at, one.party)

    return sorted(entrants, key=place)


def ranks(contest: Contest, order: list[Standing]) -> list[tuple[int, Standing]]:
    """Each with its rank as the board shows it: who is level shares a rank, unless reaching it first decides."""
    found: list[tuple[int, Standing]] = []
    for n, one in enumerate(order):
        level = n > 0 and order[n - 1].value == one.value
        if level and contest.ties == "reached_first":
            level = order[n - 1].reached_at == one.reached_at
        found.append((found[-1][0] if level else n + 1, one))
    return found


def teams(order: Iterable[Standing]) -> list[Team]:
    """Boards of teams, by the attribute that the terms name; who belongs to none is left away."""
    found: dict[str, list[Standing]] = {}
    for one in order:
        if one.team:
            found.setdefault(one.team, []).append(one)
    summed = [
        Team(
            name,
            sum(one.value for one in members),
            sum(one.friends for one in members),
            len(members),
            max((one.reached_at for one in members if one.reached_at), default=None),
        )
        for name, members in found.items()
    ]
    return sorted(summed, key=lambda team: (-team.value, team.reached_at, team.name))


# -- prizes ------------------------------------------------------------------------------------------------------------


def offers(
    contest: Contest, label: str, order: list[Standing], seed: str | None, before: tuple[Winner, ...] = ()
) -> Iterator[Offer]:
    """Every prize that falls to somebody now, given what was offered before.

    Whoever let a prize lapse (or was disqualified) is out of it; the first in order without a prize takes their place.
    Of a household one wins. Who won by place is not drawn as well.
    """
    out = {winner.party for winner in before}
    homes = {one.household for one in order if one.party in {w.party for w in before if w.stands} and one.household}
    taken = {(winner.prize, winner.place) for winner in before if winner.stands}
    line = [one for one in order if one.value >= contest.minimum]
    if contest.ties != "share":
        yield from _by_place(contest, line, out, homes, taken)
    elif not before:  # a part that lapses goes back to the budget: the others' parts stay as they were told
        yield from _shared(contest, line, out, homes)
    for prize in contest.prizes:
        if prize.is_draw and seed:
            yield from _drawn(prize, label, order, seed, out, homes, taken)


def _may_win(one: Standing, out: set[str], homes: set[str]) -> bool:
    """Whether somebody is still to get something; whoever is asked for is taken note of."""
    if one.party in out or (one.household and one.household in homes):
        return False
    out.add(one.party)
    homes.add(one.household)
    return True


def _by_place(
    contest: Contest, line: list[Standing], out: set[str], homes: set[str], taken: set[tuple[str, int]]
) -> Iterator[Offer]:
    left = iter(line)
    for prize, place in _places(contest):
        if (prize.key, place) in taken:
            continue
        winner = next((one for one in left if _may_win(one, out, homes)), None)
        if winner is None:
            return
        yield Offer(prize, place, winner.party, prize.minor)


def _places(contest: Contest) -> list[tuple[Prize, int]]:
    listed = [prize for prize in contest.prizes if not prize.is_draw]
    return [(prize, place) for prize in listed for place in range(prize.first, prize.last + 1)]


def _shared(contest: Contest, line: list[Standing], out: set[str], homes: set[str]) -> Iterator[Offer]:
    """Who is level shares the prizes of their places equally; what does not divide stays in the pool."""
    places = _places(contest)
    entrants = [one for one in line if _may_win(one, out, homes)]
    n = 0
    while n < len(entrants) and places:
        level = [one for one in entrants[n:] if one.value == entrants[n].value]
        won, places = places[: len(level)], places[len(level) :]
        each = sum(prize.minor for prize, _ in won) // len(level)
        for one in level:
            if each > 0:
                yield Offer(won[0][0], n + 1, one.party, each)
        n += len(level)
    out.difference_update(one.party for one in entrants[n:])
    homes.difference_update(one.household for one in entrants[n:])


def _drawn(
    prize: Prize,
    label: str,
    order: list[Standing],
    seed: str,
    out: set[str],
    homes: set[str],
    taken: set[tuple[str, int]],
) -> Iterator[Offer]:
    """The draw goes on where it stopped: the same seed gives the same sequence, and who is out of it is passed over."""
    by_party = {one.party: one for one in order}
    tickets = tickets_of(prize, order)
    sequence = (by_party[party] for party in drawn(seed, f"{label}:{prize.key}", tickets))
    for number in range(1, prize.winners + 1):
        if (prize.key, number) in taken:
            continue
        winner = next((one for one in sequence if _may_win(one, out, homes)), None)
        if winner is None:
            return
        yield Offer(prize, number, winner.party, prize.minor)


def tickets_of(prize: Prize, order: Iterable[Standing]) -> dict[str, int]:
    """Everybody in a draw with their tickets."""
    return {one.party: one.friends if prize.weight == "friends" else 1 for one in order if one.value >= prize.minimum}
