"""What is well, what is not, and which command repairs it? Facts in, lines out: nothing is asked here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from goodword.actions.backup_rounds import Failure
from goodword.actions.health import faults_of
from goodword.actions.machine import Machine
from goodword.store.partitions import MONTHS_AHEAD
from goodword.store.sql.lanes import LaneState

_MANY_CONNECTIONS = 0.8  # of what the database allows
_ROOM_TO_GROW = 4  # times what must stay free
_FALLS_WORTH_A_LOOK = 3
_BACKUP_HOURS = 26  # a day, and time for the one of today to be made
_HOURS_OF_GRACE = 2  # a large database takes its time, and a round that waits says so itself
_SERVE = "goodword serve"


@dataclass(frozen=True)
class Line:
    """One thing: how it is (ok, info, wait, stop), why that matters, and the command or sentence that repairs it."""

    key: str
    name: str
    tone: str
    says: str
    why: str = ""
    repair: str = ""


@dataclass(frozen=True)
class LaneLine:
    """A client's lane with what is wrong with it; of the house only its log counts."""

    state: LaneState
    tone: str
    faults: tuple[tuple[str, str, str], ...]
    is_house: bool


def lines_of(machine: Machine, now: datetime) -> list[Line]:
    """The machine, in a fixed order, so that nothing moves when the page refreshes itself."""
    return [
        *_worker(machine, now),
        *_disk(machine),
        *_database(machine),
        _months(machine, now.date()),
        _astray(machine),
        _backups(machine, now),
        *_processes(machine),
        _way_here(machine),
        _mail(machine),
        _breached(machine),
        *_secrets(machine),
    ]


def lane_lines(machine: Machine, now: datetime) -> list[LaneLine]:
    """Every client's lane, then the log of the house."""
    found = []
    for state in machine.lanes:
        faults = tuple((fault.what, fault.why, fault.repair) for fault in faults_of(state, now))
        is_house = state is machine.lanes[-1]
        found.append(LaneLine(state, "stop" if faults else "ok", faults, is_house))
    return found


def _worker(machine: Machine, now: datetime) -> Iterator[Line]:
    last = machine.database.decided_at
    name, ago = _("Worker"), _ago(now - last) if last else ""
    if machine.database.workers:
        says = (
            _("At work; the last decision was {ago} ago.").format(ago=ago)
            if last
            else _("At work; nothing was decided yet.")
        )
        yield Line("worker", name, "ok", says)
        return
    says = _("None is connected; the last decision was {ago} ago.").format(ago=ago) if last else _("None is connected.")
    why = _("Events are taken in and stored; nothing is decided, sealed or released until a worker runs.")
    yield Line(
        "worker", name, "stop", says, why, f"{_SERVE}    {_('or, beside a front door that runs:')} goodword work"
    )


def _disk(machine: Machine) -> Iterator[Line]:
    name = _("Disk")
    if machine.free_bytes is None:
        if machine.is_embedded:
            yield Line("disk", name, "stop", _("The data folder {path} is not there.").format(path=machine.data))
        return
    free, least = _gigabytes(machine.free_bytes), _gigabytes(machine.least_free_bytes)
    says = _("{free} free in {path}; events are refused below {least}.").format(
        free=free, path=machine.data, least=least
    )
    if machine.free_bytes < machine.least_free_bytes:
        why = _("New events are answered with 429, so that the database does not stop in the middle of its work.")
        repair = _("Free some room, or move the data folder: goodword stop; copy it; goodword serve --data NEW_FOLDER")
        yield Line("disk", name, "stop", says, why, repair)
    elif machine.free_bytes < _ROOM_TO_GROW * machine.least_free_bytes:
        why = _("It is getting tight: the log only grows.")
        yield Line("disk", name, "wait", says, why, _("Free some room, or move the data folder to a larger disk."))
    else:
        yield Line("disk", name, "ok", says)


def _database(machine: Machine) -> Iterator[Line]:
    found = machine.database
    says = _("PostgreSQL {version}, {size}, {used} of {most} connections in use.").format(
        version=found.version, size=_gigabytes(found.size_bytes), used=found.connections, most=found.most_connections
    )
    if found.connections > _MANY_CONNECTIONS * found.most_connections:
        why = _("When none is left, pages and senders are turned away.")
        repair = _("End what else uses this database, or raise max_connections and start PostgreSQL again.")
        yield Line("database", _("Database"), "stop", says, why, repair)
    else:
        yield Line("database", _("Database"), "ok", says)


def _months(machine: Machine, today: date) -> Line:
    name, there = _("Months of the log"), set(machine.database.months)
    wanted = [_month(today, ahead) for ahead in range(MONTHS_AHEAD + 1)]
    missing = [month for month in wanted if month not in there]
    if not missing:
        last = f"{max(there):%Y-%m}"
        return Line("months", name, "ok", _("Every month until {last} has its place.").format(last=last))
    says = _("No place for: {months}.").format(months=", ".join(f"{month:%Y-%m}" for month in missing))
    why = _("Events of such a month go to the common place and are moved later, which takes locks.")
    repair = _("The worker makes months once a day and when it starts: {command}").format(
        command=f"goodword stop; {_SERVE}"
    )
    return Line("months", name, "stop" if wanted[0] in missing else "wait", says, why, repair)


def _astray(machine: Machine) -> Line:
    name, months = _("Events without a month"), machine.database.months_in_default
    if not months:
        return Line("astray", name, "ok", _("None."))
    says = _("About {n} events, of {months}.").format(
        n=f"{machine.database.rows_in_default:,}", months=", ".join(f"{month:%Y-%m}" for month in months)
    )
    why = _("They are stored and decided like all others; they only lie in the common place.")
    repair = _("The worker moves them once a day and when it starts: {command}").format(
        command=f"goodword stop; {_SERVE}"
    )
    return Line("astray", name, "stop", says, why, repair)


def _backups(machine: Machine, now: datetime) -> Line:
    """How old the last backup is that Goodword made; an external server's copies are its administrator's."""
    name = _("Backups")
    why = _("Keep the master key apart from it: without the key a backup opens nothing, with it everything.")
    if not machine.is_embedded:
        repair = "pg_basebackup --wal-method=stream --checkpoint=fast --pgdata=FOLDER --host=HOST --username=ADMIN"
        return Line("backups", name, "wait", _("Your database's own backups are not known to Goodword."), why, repair)
    if machine.backup_failure is not None:
        return _failed_backup(machine.backup_failure, name)
    repair = "goodword backup --to FOLDER"
    if machine.backup is None:
        return Line("backups", name, "wait", _("No backup is known to Goodword."), why, repair)
    hours = int((now - machine.backup.taken_at).total_seconds() // 3600)
    says = _("Taken {hours} hours ago, {size} MB, read again and found whole: {path}").format(
        hours=hours, size=f"{machine.backup.bytes / 2**20:,.1f}", path=machine.backup.path
    )
    if machine.backup_every_hours is None:
        is_old = hours >= _BACKUP_HOURS
        return Line("backups", name, "wait" if is_old else "ok", says, why, repair if is_old else "")
    if hours < machine.backup_every_hours + _HOURS_OF_GRACE:
        return Line("backups", name, "ok", says, why)
    why = _("One is planned every {hours} hours; none was taken and no failure was told.").format(
        hours=machine.backup_every_hours
    )
    return Line("backups", name, "stop", says, why, _log_of(machine, "backups"))


def _failed_backup(failure: Failure, name: str) -> Line:
    """Older backups stay while newer ones fail, so nothing is lost yet: but nothing new is safe either."""
    says = _("The one of {moment} UTC failed: {reason}").format(
        moment=f"{failure.at:%Y-%m-%d %H:%M}", reason=" ".join(filter(None, (failure.what, failure.why)))
    )
    why = _("It is tried again every quarter of an hour; older backups stay meanwhile.")
    return Line("backups", name, "stop", says, why, failure.repair)


def _processes(machine: Machine) -> Iterator[Line]:
    """What `serve` last wrote of its processes; nothing where each part is started by a service manager."""
    children = machine.running.get("children") or {}
    for name, child in sorted(children.items()):
        falls, pid = int(child.get("falls") or 0), child.get("pid")
        label = _("Process {name}").format(name=name)
        if not pid:
            yield Line(
                f"process-{name}", label, "stop", _("Down; it is being started again."), "", _log_of(machine, name)
            )
        elif falls >= _FALLS_WORTH_A_LOOK:
            says = _("Running, after {falls} falls.").format(falls=falls)
            yield Line(
                f"process-{name}",
                label,
                "wait",
                says,
                _("Something makes it fall again and again."),
                _log_of(machine, name),
            )
        else:
            yield Line(f"process-{name}", label, "ok", _("Running, process {pid}.").format(pid=pid))


def _log_of(machine: Machine, name: str) -> str:
    return f"tail -n 50 {machine.data / 'log' / f'{name}.log'}"


def _way_here(machine: Machine) -> Line:
    name = _("Public address")
    if machine.public_url.startswith("https:"):
        return Line("address", name, "ok", machine.public_url)
    why = _("Over plain HTTP passwords can be read on the way; passkeys, sharing and copying need HTTPS.")
    repair = _("A TLS proxy in front, then: {settings}").format(
        settings="GOODWORD_PUBLIC_URL=https://… GOODWORD_TRUSTED_PROXIES=ADDRESS"
    )
    says = machine.public_url if machine.is_public_url_set else _("{url}, not set.").format(url=machine.public_url)
    return Line("address", name, "wait", says, why, repair)


def _mail(machine: Machine) -> Line:
    if machine.mail_host:
        return Line("mail", _("Mail"), "ok", _("Sent by {host}.").format(host=machine.mail_host))
    why = _("Administrators hand out sign-in links by themselves; nothing else needs mail.")
    return Line("mail", _("Mail"), "info", _("Not set."), why, "GOODWORD_SMTP_HOST=… GOODWORD_MAIL_FROM=…")


def _breached(machine: Machine) -> Line:
    """A file that people believe to be asked, and that is not, is worse than none."""
    name = _("Breached passwords")
    if not machine.breached_file:
        why = _("Only what Django knows to be common is refused when somebody chooses a password.")
        return Line("breached", name, "info", _("No file is named."), why, "GOODWORD_BREACHED_PASSWORDS=FILE")
    if not machine.breached_trouble:
        return Line("breached", name, "ok", _("Looked up in {file}.").format(file=machine.breached_file))
    says = _("{file} cannot be used: {reason}.").format(file=machine.breached_file, reason=_(machine.breached_trouble))
    why = _("Passwords from breaches are taken meanwhile; only what Django knows to be common is refused.")
    repair = _(
        "Put the list there, readable for this user, one SHA-1 hash a line, sorted; or name another: {setting}"
    ).format(setting="GOODWORD_BREACHED_PASSWORDS=FILE goodword serve")
    return Line("breached", name, "stop", says, why, repair)


def _secrets(machine: Machine) -> Iterator[Line]:
    if machine.is_key_in_environment:
        why = _("Other programs of this user can read it there.")
        repair = _(
            "Write it to a file outside the data folder, mode 600: GOODWORD_KEY_FILE=FILE, and unset GOODWORD_KEY"
        )
        yield Line("key", _("Master key"), "wait", _("It stands in the environment."), why, repair)
    if machine.is_debug:
        why = _("Error pages then show settings and the values at hand.")
        yield Line(
            "debug", _("Debugging"), "stop", _("It is on."), why, "unset GOODWORD_DEBUG; goodword stop; goodword serve"
        )


def _month(today: date, ahead: int) -> date:
    month0 = today.year * 12 + today.month - 1 + ahead
    return date(month0 // 12, month0 % 12 + 1, 1)


def _gigabytes(size: int) -> str:
    return f"{size / 2**30:.1f} GB" if size >= 2**30 else f"{size / 2**20:.0f} MB"


def _ago(passed: timedelta) -> str:
    seconds = max(0, int(passed.total_seconds()))
    for size, unit in ((86_400, _("d")), (3_600, _("h")), (60, _("min"))):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
