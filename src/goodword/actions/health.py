"""Is a client's lane well? What is wrong with how it stands, each with its repair; and one line that tells how it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from goodword.actions.clients import HOUSE_SLUG
from goodword.actions.deeds import HOUSE
from goodword.house.guard import Fault
from goodword.store.sql.connect import connect
from goodword.store.sql.lanes import LaneState, lane_state, lane_states

LATE_AFTER = timedelta(minutes=1)  # a worker decides within a second; a minute is no burst any more
UNSEALED_AFTER = timedelta(minutes=10)  # checkpoints are due every minute in which something happened
MANY_LEAVES = 10_000


def look(engine_url: str) -> list[LaneState]:
    """All lanes, and the log of the house."""
    with connect(engine_url, "health", statement_timeout_s=10) as conn:
        return [*lane_states(conn), lane_state(conn, HOUSE, HOUSE_SLUG)]


def line_of(state: LaneState) -> str:
    """The lane in one line."""
    said = [
        f"{state.undecided:,} events to decide",
        f"{state.dead_letters:,} dead letters",
        f"{state.unsealed_leaves:,} leaves unsealed",
        f"last checkpoint {_shown(state.checkpoint_at)}",
        f"clock held at {_shown(state.held_at)}" if state.held_at else "clock live",
    ]
    return f"{state.client}: {', '.join(said)}"


def faults_of(state: LaneState, now: datetime) -> Iterator[Fault]:
    """What an operator has to do something about. None of it keeps Goodword from serving."""
    if state.open_import is not None:
        run = state.open_import
        yield _fault(
            f"{state.client}: the import {run.name} of {run.file_name}, begun {_shown(run.started_at)}, is not finished.",
            "Nothing is decided for this client until the rest of the file is there.",
            "Where it no longer runs, import the file again, or give it up:"
            f" goodword import abandon {run.name} --client {state.client}",
        )
    elif state.undecided_since is not None and now - state.undecided_since > LATE_AFTER:
        yield _fault(
            f"{state.client}: {state.undecided:,} events wait to be decided, the first since {_shown(state.undecided_since)}.",
            "No worker has come to this lane, or it fell there.",
            "See that `goodword serve` (or `goodword work`) runs; its log in the data folder says why a lane rests.",
        )
    if state.dead_letters:
        yield _fault(
            f"{state.client}: {state.dead_letters:,} dead letters are open.",
            "These events were accepted and could not be decided; the others went on without them.",
            "Open them on the client's page Events, mend the cause and press Retry.",
        )
    if state.held_at is not None:
        yield _fault(
            f"{state.client}: the business clock is held at {_shown(state.held_at)}.",
            "No hold ends and no reward becomes payable after that moment.",
            f"When all history is imported: goodword client clock {state.client} live",
        )
    if _is_unsealed(state, now):
        yield _fault(
            f"{state.client}: {state.unsealed_leaves:,} leaves are not sealed, the last checkpoint is of"
            f" {_shown(state.checkpoint_at)}.",
            "What no checkpoint covers could still be changed unseen. The worker seals, unless the log was altered.",
            f"See that a worker runs, then: goodword proof verify --client {state.client}",
        )


def _is_unsealed(state: LaneState, now: datetime) -> bool:
    if state.unsealed_leaves > MANY_LEAVES:
        return True
    return bool(state.unsealed_leaves and state.checkpoint_at and now - state.checkpoint_at > UNSEALED_AFTER)


def _fault(what: str, why: str, repair: str) -> Fault:
    return Fault(what, why, repair, is_fatal=False)


def _shown(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
