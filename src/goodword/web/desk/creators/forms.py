"""What was typed about a creator? Applications, days and posts, read out of forms."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from goodword.core.terms import Terms
from goodword.errors import BadInput
from goodword.store.creators import Application

FIELDS = ("name", "email", "phone", "channels", "audience", "words")
_LARGEST_PROOF = 10 * 1024 * 1024


def typed_in(request: HttpRequest) -> dict[str, str]:
    """What stands in the fields of an application, as it was typed."""
    return {name: request.POST.get(name, "").replace("\x00", "")[:20_000] for name in FIELDS}


def application(request: HttpRequest, consent: str, language: str = "") -> Application:
    """The application of a form; `consent` is the text that stood at its box, `language` the creator's own."""
    typed = typed_in(request)
    channels = tuple(dict.fromkeys(line.strip() for line in typed["channels"].splitlines() if line.strip()))
    return Application(
        name=" ".join(typed["name"].split()),
        email=typed["email"].strip(),
        phone=typed["phone"].strip(),
        channels=channels,
        audience=" ".join(typed["audience"].split()),
        words=typed["words"].replace("\r\n", "\n").strip(),
        consent=consent if request.POST.get("consent") == "on" else "",
        language=language,
    )


def day(request: HttpRequest, name: str) -> date | None:
    """The day in a field; None where it is empty."""
    typed = request.POST.get(name, "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise BadInput(_("This is no day."), "", _("Write it as 2026-12-31."), name) from None


def start(request: HttpRequest, terms: Terms) -> datetime | None:
    """The beginning of the day from which a contract holds, in the program's zone."""
    on = day(request, "starts")
    return None if on is None else datetime(on.year, on.month, on.day, tzinfo=terms.zone).astimezone(UTC)


def post(request: HttpRequest, today: date) -> dict[str, Any]:
    """A post as it was typed; of a proof that is a file only the mark is kept."""
    return {
        "address": request.POST.get("address", "").strip(),
        "posted_on": day(request, "posted_on") or today,
        "disclosure": request.POST.get("disclosure", ""),
        "proof": request.POST.get("proof", "").strip(),
        "evidence_hash": _mark(request),
    }


def disclosed(request: HttpRequest) -> dict[str, str]:
    """How a post says that it is advertising."""
    return {
        "disclosure": request.POST.get("disclosure", ""),
        "proof": request.POST.get("proof", "").strip(),
        "evidence_hash": _mark(request),
    }


def _mark(request: HttpRequest) -> str:
    given = request.FILES.get("evidence")
    if given is None:
        return ""
    if (given.size or 0) > _LARGEST_PROOF:
        raise BadInput(_("The file is larger than 10 MB."), "", _("Give a smaller picture."), "evidence")
    mark = hashlib.sha256()
    for chunk in given.chunks():
        mark.update(chunk)
    return mark.hexdigest()
