"""How does an installation back itself up? A round takes one backup that is due, then lets older ones of its own go."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from goodword import settings
from goodword.actions.backing_up import SUFFIX, BackedUp, target_of
from goodword.actions.backup_plan import Plan, due_at, superfluous
from goodword.errors import BadInput, GoodwordError
from goodword.house.folder import DataFolder, write_private

ROUNDS = "backups.json"  # in the data folder: what was taken by plan, and what went wrong last

_ABANDONED_AFTER = timedelta(days=1)

TakeOne = Callable[[Path, datetime], BackedUp]


class Failure(msgspec.Struct, frozen=True):
    """The last round that failed, in the three parts of a refusal."""

    at: datetime
    what: str
    why: str
    repair: str


class Rounds(msgspec.Struct, frozen=True):
    """What was taken by plan and is still kept, oldest first. Only these are ever deleted: not a file somebody made by hand."""

    taken: tuple[BackedUp, ...] = ()
    failure: Failure | None = None


def planned() -> tuple[Path, Plan] | None:
    """Where to and how, as this installation says; None where it says nothing."""
    if not settings.text("backup_folder"):
        return None
    numbers = {name: settings.number(name) for name in ("backup_hours", "backups_daily", "backups_weekly")}
    for name, number in numbers.items():
        if number < 1:
            raise BadInput(
                f"GOODWORD_{name.upper()}={number} is less than one.", "", "Set a whole number from 1 on, or leave it out."
            )
    return settings.path("backup_folder"), Plan(*numbers.values())


def rounds_of(folder: DataFolder) -> Rounds:
    """What is known of earlier rounds; nothing where none was made."""
    try:
        return msgspec.json.decode((folder.root / ROUNDS).read_bytes(), type=Rounds)
    except (OSError, msgspec.MsgspecError):
        return Rounds()


def next_at(folder: DataFolder, plan: Plan, now: datetime) -> datetime:
    """When the next round is due."""
    rounds = rounds_of(folder)
    last = rounds.taken[-1].taken_at if rounds.taken else None
    return due_at(plan, last, rounds.failure.at if rounds.failure else None, now)


def make_round(folder: DataFolder, goal: Path, plan: Plan, take: TakeOne, now: datetime) -> Rounds:
    """Take a backup and let go what it makes superfluous. A failure is kept to be shown, and lets nothing go."""
    before = rounds_of(folder)
    try:
        _require_place(goal)
        _sweep(goal, now)
        done = take(target_of(goal, folder, now), now)
    except (GoodwordError, OSError) as error:
        after = Rounds(before.taken, _failure_of(error, goal, now))
    else:
        after = Rounds(_thinned((*before.taken, done), plan, done))
    write_private(folder.root / ROUNDS, msgspec.json.encode(after).decode() + "\n")
    return after


def _thinned(taken: tuple[BackedUp, ...], plan: Plan, verified: BackedUp) -> tuple[BackedUp, ...]:
    """What is kept; the rest is deleted. What cannot be deleted is kept on the list and tried again next time."""
    there = [one for one in taken if Path(one.path).exists()]
    gone = superfluous(plan, [one.taken_at for one in there], verified.taken_at)
    kept = []
    for one in there:
        if one.taken_at in gone:
            with contextlib.suppress(OSError):
                Path(one.path).unlink()
                Path(one.path + ".json").unlink(missing_ok=True)
                continue
        kept.append(one)
    return tuple(kept)


def _require_place(goal: Path) -> None:
    """The folder is never made: where its drive is away, the copy would fill the disk it is to protect."""
    if not goal.is_dir():
        raise BadInput(
            f"{goal} is not a folder.",
            "Its drive may be away, or its name may be wrong.",
            "Bring the drive back or make the folder, or name another: GOODWORD_BACKUP_FOLDER.",
        )


def _sweep(goal: Path, now: datetime) -> None:
    """What was cut short left pieces without a name; those of today may be somebody's who writes right now."""
    for part in goal.glob(f"goodword-*{SUFFIX}.part"):
        with contextlib.suppress(OSError):
            if part.stat().st_mtime < (now - _ABANDONED_AFTER).timestamp():
                part.unlink()


def _failure_of(error: GoodwordError | OSError, goal: Path, now: datetime) -> Failure:
    if isinstance(error, GoodwordError):
        return Failure(now, error.what, error.why, error.repair)
    why = error.strerror or type(error).__name__
    return Failure(now, f"{goal} could not be written.", why, f"Free some room there, or mend it: ls -ld {goal}; df {goal}")
