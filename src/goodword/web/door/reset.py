"""What does a person do who has forgotten the password? A link by mail where there is a mail server, else whom to ask."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

from django.db import connections
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from goodword import settings
from goodword.actions import lockout
from goodword.actions import sign_in as act
from goodword.web import letters
from goodword.web.door.forms import locked_words

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponseBase:
    """Ask for a link. The answer and its speed are the same whether or not somebody works here by that address."""
    email = request.POST.get("email", "").replace("\x00", "").strip()[:254]
    can_mail = letters.can_mail()
    context = {"email": email, "can_mail": can_mail, "hours": act.MAILED_LINK_HOURS, "host": request.get_host()}
    if request.method != "POST" or not can_mail:
        return render(request, "goodword/door/forgotten.html", context)
    now = datetime.now(UTC)
    try:
        act.may_ask_for_mail(email, now)
    except lockout.Locked as locked:
        context["error"] = locked_words(locked, now)
        return render(request, "goodword/door/forgotten.html", context, status=429)
    threading.Thread(target=deliver, args=(email, now, translation.get_language() or "en"), daemon=True).start()
    return render(request, "goodword/door/forgotten.html", context | {"sent": True})


def deliver(email: str, now: datetime, language: str) -> None:
    """Make the link and send it, apart from the request. What goes wrong is for the operator's log, without the address."""
    try:
        found = act.mailed_link(email, now)
        if found is None:
            return
        user, path = found
        context = {"link": settings.public_url() + path, "hours": act.MAILED_LINK_HOURS}
        subject = _("Your link to choose a new password")
        letters.send(user.email, user.language or language, subject, "goodword/door/mail_link.txt", context)
    except Exception:
        log.exception("a link to choose a new password was not sent")
    finally:
        connections.close_all()
