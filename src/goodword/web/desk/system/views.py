"""How does the machine do? Every thing that must work, in one look; each that does not carries its repair."""

from __future__ import annotations

import platform
import re
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from typing import Any

import django
import msgspec
from django.contrib.sessions.models import Session
from django.contrib.staticfiles import finders
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from goodword import __version__
from goodword.actions.machine import Machine, look
from goodword.actions.permissions import May
from goodword.web.desk import doing
from goodword.web.desk.door import asking_house, page
from goodword.web.desk.system.lines import lane_lines, lines_of
from goodword.web.shell import Desk

_HTMX = "django_htmx/htmx-2.min.js"


@require_GET
@asking_house(May.SYSTEM)
def home(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The page, or to its own polling only the part that changes."""
    now = datetime.now(UTC)
    machine = _looked()
    lines, lanes = lines_of(machine, now), lane_lines(machine, now)
    wrong = sum(line.tone == "stop" for line in lines) + sum(bool(lane.faults) for lane in lanes)
    context = {
        "lines": lines,
        "lanes": lanes,
        "served": {one.slug for one in desk.served},
        "wrong": wrong,
        "warned": sum(line.tone == "wait" for line in lines),
        "looked_at": now,
        "since": machine.running.get("started_at", ""),
        "versions": versions(machine),
        "sessions": Session.objects.filter(expire_date__gt=now).count(),
    }
    return page(request, "goodword/system/home.html", context, fragment="goodword/system/health.html")


@require_GET
@asking_house(May.SYSTEM)
def home_json(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """The same for a monitor: a line with tone "stop" is an alarm."""
    now = datetime.now(UTC)
    machine = _looked()
    told = {
        "looked_at": now,
        "versions": dict(versions(machine)),
        "lines": [asdict(line) for line in lines_of(machine, now)],
        "lanes": [
            msgspec.to_builtins(lane.state)
            | {"open_import": lane.state.open_import.name if lane.state.open_import else None}
            | {"faults": [dict(zip(("what", "why", "repair"), fault, strict=True)) for fault in lane.faults]}
            for lane in lane_lines(machine, now)
        ],
    }
    return JsonResponse(told, json_dumps_params={"indent": 1, "ensure_ascii": False})


def _looked() -> Machine:
    with doing.chain() as chain:
        return look(chain)


def versions(machine: Machine) -> list[tuple[str, str]]:
    """What runs here, by name."""
    return [
        ("Goodword", __version__),
        ("PostgreSQL", machine.database.version),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("htmx", _htmx_version()),
    ]


@cache
def _htmx_version() -> str:
    """As the file that browsers get says; the package that brings it where it does not."""
    path: Any = finders.find(_HTMX)
    if path:
        with open(path, encoding="utf-8", errors="replace") as file:
            found = re.search(r'version:"([0-9.]+)"', file.read())
        if found:
            return found[1]
    return f"django-htmx {metadata.version('django-htmx')}"
