"""What does somebody of the client see behind their link? The promise, what changes, the very text, and two buttons.

Nobody signs in here: the link is the proof. Looking uses nothing up; one answer does. Whoever is signed in at the desk
is sent away, so that nobody answers for the client.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodword.actions import lockout
from goodword.actions.evidence import heard_for
from goodword.actions.opening import Chain
from goodword.actions.programs import versions
from goodword.actions.versions import in_force
from goodword.actions.versions_approval import LONGEST_COMMENT, Asked, LinkEnded, answer, asked
from goodword.catalog import SHELVES
from goodword.core.reading import read_terms
from goodword.errors import BadInput
from goodword.store.sql import runs
from goodword.web import errors
from goodword.web.desk import doing
from goodword.web.desk.programs import difference, sentence, texts
from goodword.web.desk.programs.editor.preview import language_of
from goodword.web.desk.programs.versions import ROLE_WORDS
from goodword.web.door.forms import locked_words

_TEMPLATE = "goodword/programs/approve.html"


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, token: str) -> HttpResponseBase:
    """What is asked, or the answer."""
    now = datetime.now(UTC)
    if request.user.is_authenticated:
        return _private(errors.told(
            request, 403, _("This link is for somebody of the client."), _("You are signed in at the desk; nothing was decided."),
            _("Give the link to the person you asked, who opens it without signing in."),
        ))  # fmt: skip
    tries = lockout.of_links(request.META.get("REMOTE_ADDR", ""))
    try:
        tries.require_open(now)
        return _private(_answered(request, token, now) if request.method == "POST" else _asked(request, token, now))
    except lockout.Locked as locked:
        return _private(
            errors.told(request, 429, _("Too many links were tried from here."), "", locked_words(locked, now))
        )
    except LinkEnded as ended:
        with contextlib.suppress(lockout.Locked):  # from the next one on
            tries.failed(now)
        return _private(errors.refused(request, 410, ended))


def _asked(request: HttpRequest, token: str, now: datetime) -> HttpResponseBase:
    with doing.chain() as chain:
        found = asked(chain, token, at=now)
        context = _context(found) | _around(chain, found, now)
    return render(request, _TEMPLATE, context)


def _answered(request: HttpRequest, token: str, now: datetime) -> HttpResponseBase:
    granted = {"yes": True, "no": False}.get(request.POST.get("granted", ""))
    comment = request.POST.get("comment", "").replace("\x00", "").replace("\r\n", "\n")
    with doing.chain() as chain:
        found = asked(chain, token, at=now)
        try:
            if granted is None:
                raise BadInput(_("Nothing was chosen."), "", _("Approve or refuse."))
            answer(chain, token, granted=granted, comment=comment, seen_mark=request.POST.get("text", ""), at=now)
        except BadInput as refusal:
            context = _context(found) | _around(chain, found, now) | {"refusal": refusal, "comment": comment}
            return render(request, _TEMPLATE, context, status=422)
    return render(request, _TEMPLATE, _context(found) | {"is_done": True, "granted": granted})


def _around(chain: Chain, found: Asked, now: datetime) -> dict[str, Any]:
    """What helps to judge it: what it changes of what is in force, and what the checks by law and sense say."""
    known = versions(chain.conn, found.client.id, found.release.slug)
    live = in_force(known, runs.business_now(chain.conn, found.client.id, now))
    changes = difference.of_documents(live.as_document(), found.version.as_document()) if live else None
    heard = heard_for(chain, found.client, found.version)
    return {"live": live, "changes": changes, "findings": texts.findings(heard or ())}


def _context(found: Asked) -> dict[str, Any]:
    document = found.version.as_document()
    read = read_terms(document, SHELVES, version=found.version.number, live_from=found.release.at)
    return {
        "client": found.client,
        "release": found.release,
        "approval": found.approval,
        "role": ROLE_WORDS.get(found.approval.role, found.approval.role),
        "name": document.get("name", found.release.slug),
        "rule": "" if isinstance(read, list) else sentence.rule(read),
        "parts": [] if isinstance(read, list) else sentence.parts(read),
        "yaml": found.version.as_yaml(),
        "mark": found.mark,
        "sheets": [texts.sheet(found.texts[language], language) for language in _languages(found)],
        "longest": LONGEST_COMMENT,
    }


def _languages(found: Asked) -> list[str]:
    """In which the texts are shown: the reader's first."""
    return sorted(found.texts, key=lambda language: language != language_of(""))


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """The address holds the token, so the browser passes on no more than the origin (nothing at all would fail our form)."""
    response["Referrer-Policy"] = "strict-origin"
    return response
