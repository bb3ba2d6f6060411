"""Who is drawn? Winners as a function of a seed and the entrants, so that anybody who knows both comes to the same.

The house commits to SHA-256(seed) before the board is frozen and reveals the seed at the award. The entrants stand in the
order of their ids, each with so many tickets, numbered on from one entrant to the next from 0. For each draw a number is
taken, and the tickets of whoever won are left out of the draws after it. docs/program/contests.md says it for outsiders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

SEED_HEX = 64
_SPACE = 1 << 256


def commitment_of(seed: str) -> str:
    """What is published before: SHA-256 of the seed's text, in hex."""
    return hashlib.sha256(seed.encode()).hexdigest()


def number_below(seed: str, label: str, draw: int, limit: int) -> int:
    """An even number below `limit`: SHA-256 of "seed:label:draw:attempt"; what would favour low numbers is taken again."""
    attempt = 0
    while True:
        digest = hashlib.sha256(f"{seed}:{label}:{draw}:{attempt}".encode()).digest()
        number = int.from_bytes(digest, "big")
        if number < _SPACE - _SPACE % limit:
            return number % limit
        attempt += 1


def drawn(seed: str, label: str, tickets: Mapping[str, int]) -> Iterator[str]:
    """Every entrant with a ticket in the order in which they are drawn: the winners first, then the runners-up."""
    left = {entrant: tickets[entrant] for entrant in sorted(tickets) if tickets[entrant] > 0}
    draw = 1
    while left:
        entrant = _holder(left, number_below(seed, label, draw, sum(left.values())))
        yield entrant
        del left[entrant]
        draw += 1


def _holder(left: Mapping[str, int], ticket: int) -> str:
    """Whose ticket it is."""
    for entrant, count in left.items():
        if ticket < count:
            return entrant
        ticket -= count
    raise ValueError("there are fewer tickets")


def tie_key(seed: str, label: str, party: str) -> str:
    """Where somebody stands among those who are tied: the smaller, the nearer to the top."""
    return hashlib.sha256(f"{seed}:{label}:tie:{party}".encode()).hexdigest()
