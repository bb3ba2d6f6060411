"""Is this server ready for people? Each check looks at the thing itself and says how to repair what it finds."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from goodword import settings
from goodword.actions.backing_up import last_backup
from goodword.house.folder import DataFolder
from goodword.web.door.reachable import is_secure_place

_MAIL_SECONDS = 1.5
_CLOCKS_APART_SECONDS = 2.0
_ROOM_TO_GROW = 4  # times what must stay free


@dataclass(frozen=True)
class Check:
    """What was looked at, how it is (ok, info, wait, stop), and what to do about it."""

    name: str
    tone: str
    says: str
    repair: str = ""


def checks(request: HttpRequest, folder: DataFolder, now: datetime) -> list[Check]:
    """All checks, in the order in which people set a server up."""
    is_embedded = folder.postgres.exists()
    found = [_mail(), _way_here(request)]
    found += list(_folder(folder)) if is_embedded else [_own_database()]
    found += [
        _master_key(folder),
        _backup(folder, is_embedded=is_embedded),
        *_clocks(now),
        *_worker(folder),
        _internet(),
    ]
    return found


def _mail() -> Check:
    name, host, port = _("Mail"), settings.text("smtp_host"), settings.number("smtp_port")
    if not host:
        return Check(
            name, "info", _("Not set. An administrator hands out sign-in links; nothing else needs mail yet."),
            _("Later: set GOODWORD_SMTP_HOST and GOODWORD_MAIL_FROM, then start Goodword again."),
        )  # fmt: skip
    try:
        with socket.create_connection((host, port), timeout=_MAIL_SECONDS):
            return Check(name, "ok", _("{host} answers on port {port}.").format(host=host, port=port))
    except OSError:
        return Check(
            name, "stop", _("{host} does not answer on port {port}.").format(host=host, port=port),
            _("Check GOODWORD_SMTP_HOST and GOODWORD_SMTP_PORT, and that a firewall lets this server through."),
        )  # fmt: skip


def _way_here(request: HttpRequest) -> Check:
    name = _("TLS")
    if request.is_secure():
        return Check(name, "ok", _("You came by HTTPS. Cookies are sent that way only."))
    if is_secure_place(request):
        return Check(
            name, "info", _("You came from this machine itself, so browsers trust the way."),
            _("Before others come by the network: a TLS proxy in front, GOODWORD_TRUSTED_PROXIES and GOODWORD_PUBLIC_URL."),
        )  # fmt: skip
    return Check(
        name, "wait", _("Plain HTTP: passwords can be read on the way, and passkeys, sharing and copying do not work."),
        _("Put a TLS proxy in front, name it in GOODWORD_TRUSTED_PROXIES and the address in GOODWORD_PUBLIC_URL."),
    )  # fmt: skip


def _folder(folder: DataFolder) -> Iterator[Check]:
    name, least = _("Data folder"), settings.number("min_free_mb") * 2**20
    free = folder.free_bytes()
    said = _("{path}, {free} GB free.").format(path=folder.root, free=f"{free / 2**30:.1f}")
    if folder.root.stat().st_mode & 0o077:
        yield Check(name, "stop", _("Others on this machine can look into {path}.").format(path=folder.root),
                    _("Close it: chmod 700 and the folder."))  # fmt: skip
    elif free < least * _ROOM_TO_GROW:
        yield Check(name, "wait", said, _("Events are refused below {least} MB: free some room or move the folder.").format(
            least=least // 2**20))  # fmt: skip
    else:
        yield Check(name, "ok", said)


def _own_database() -> Check:
    return Check(_("Database"), "ok", _("A PostgreSQL of your own is in use, and it answers."))


def _master_key(folder: DataFolder) -> Check:
    name = _("Master key")
    if settings.text("master_key"):
        return Check(name, "wait", _("It stands in the environment, where other programs may see it."),
                     _("Write it to a file outside the data folder, mode 600, and name it in GOODWORD_KEY_FILE."))  # fmt: skip
    kept = settings.path("key_file")
    if _lies_in(kept, folder.root):
        return Check(name, "stop", _("It lies in the data folder: whoever has one copy has both, and can read everything."),
                     _("Move it elsewhere and name it in GOODWORD_KEY_FILE."))  # fmt: skip
    return Check(name, "ok", _("{path}, apart from the data.").format(path=kept),
                 _("Have you a copy, away from the backups? Without it nothing personal can be opened again."))  # fmt: skip


def _backup(folder: DataFolder, *, is_embedded: bool) -> Check:
    if not is_embedded:
        return Check(_("Backups"), "info", _("Your database's own backups hold everything but the master key."))
    last = last_backup(folder)
    if last is None:
        return Check(_("Backups"), "info", _("Goodword makes none by itself."),
                     _("Make one each day, to a place outside the data folder: goodword backup --to FOLDER"))  # fmt: skip
    return Check(_("Backups"), "ok", _("The last one: {path}").format(path=last.path))


def _clocks(now: datetime) -> Iterator[Check]:
    name = _("Clock and time zones")
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs((cursor.fetchone()[0] - now).total_seconds())
    try:
        ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError:
        yield Check(name, "stop", _("This machine knows no time zones."), _("Install the package tzdata."))
        return
    if apart > _CLOCKS_APART_SECONDS:
        yield Check(name, "wait", _("This server and its database differ by {seconds} s.").format(seconds=f"{apart:.0f}"),
                    _("Set both clocks by NTP: limits and waiting periods are counted by them."))  # fmt: skip
    else:
        yield Check(name, "ok", _("Server and database agree; each client keeps its own time zone."))


def _worker(folder: DataFolder) -> Iterator[Check]:
    """Where `serve` supervises, its own word; elsewhere the first decision will tell."""
    children = folder.running_state().get("children", {})
    worker = children.get("worker") if isinstance(children, dict) else None
    if worker is None:
        return
    if worker.get("falls"):
        yield Check(_("Worker"), "wait", _("It runs, and fell {count} times since the start.").format(count=worker["falls"]),
                    _("The file worker.log in the data folder says why."))  # fmt: skip
    else:
        yield Check(_("Worker"), "ok", _("It runs: what arrives is decided at once."))


def _internet() -> Check:
    return Check(_("Internet"), "ok", _("Not needed: no page asks another host, and nothing is sent out."))


def _lies_in(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
