"""What does the rail say beside a room? How much waits there for whoever works for the client of the page."""

from __future__ import annotations

from collections.abc import Iterable

from goodword.store.reads import waiting
from goodword.store.scope import current
from goodword.web.shell import Desk


def counts(desk: Desk, rooms: Iterable[str]) -> dict[str, str]:
    """The counts of these rooms in words; none where no client's rows are in scope."""
    if desk.client is None or not current().client_ids:
        return {}
    found = waiting.counts(desk.client.id, rooms)
    return {room: f"{waiting.MOST - 1}+" if number >= waiting.MOST else str(number) for room, number in found.items()}
