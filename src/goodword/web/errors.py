"""What does a page say when something went wrong? What happened, what is safe, what to do; never a trace of another client."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from goodword.errors import GoodwordError

log = logging.getLogger(__name__)


def told(request: HttpRequest, status: int, title: str, safe: str, repair: str) -> HttpResponse:
    """A page of three sentences; it asks the database nothing, for the database may be what failed."""
    context = {"title": title, "safe": safe, "repair": repair, "status": status}
    return HttpResponse(render_to_string("goodword/error.html", context, request), status=status)


def refused(request: HttpRequest, status: int, error: GoodwordError) -> HttpResponse:
    """The three parts of a refusal as a page."""
    return told(request, status, error.what, error.why, error.repair)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400"""
    return told(
        request, 400, _("This request could not be read."), _("Nothing was changed."),
        _("Go back, reload the page and try again."),
    )  # fmt: skip


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403"""
    return told(
        request, 403, _("Your role does not include this page."), _("Nothing was shown and nothing was changed."),
        _("Ask the person who manages this client's team for the role you need."),
    )  # fmt: skip


def read_only(request: HttpRequest) -> HttpResponse:
    """403 for a change while the desk is seen as somebody else sees it."""
    return told(
        request, 403, _("You are looking at the desk as somebody else: read only."),
        _("Nothing was changed."), _("End the view first, with the button at the top; then do it as yourself."),
    )  # fmt: skip


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that this server did not hand out, or handed out too long ago."""
    return told(
        request, 403, _("This form is too old, or was not sent from this server's pages."),
        _("Nothing was changed."), _("Go back, reload the page and send the form again. Cookies have to be allowed."),
    )  # fmt: skip


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, the same for what does not exist and for what this person may not see."""
    return told(
        request, 404, _("There is no such page."), _("Nothing is lost: what you look for may have moved, or belongs elsewhere."),
        _("Check the address, or search for the referral by its id, a code or an e-mail address."),
    )  # fmt: skip


def failed(request: HttpRequest) -> HttpResponse:
    """500; the trace is in the log of this server."""
    try:
        return told(
            request, 500, _("Goodword made a mistake while making this page."),
            _("What was accepted stays accepted: events with a receipt are stored, and no change was half done."),
            _("Try again in a moment. If it stays, tell your administrator the time shown here and the page's address."),
        )  # fmt: skip
    except Exception:  # the page about the mistake must not fail on the same mistake
        log.exception("the error page failed too")
        return HttpResponse(b"Goodword made a mistake. Nothing was half done. Try again in a moment.", status=500)
