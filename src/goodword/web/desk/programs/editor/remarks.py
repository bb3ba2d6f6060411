"""What do colleagues and the client say about a draft? Words and tasks beside it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from goodword.actions import drafting
from goodword.actions.permissions import May
from goodword.errors import BadInput, NotFound
from goodword.web.desk.door import Ask, asking
from goodword.web.desk.programs.editor import places
from goodword.web.desk.programs.editor.draft import opened
from goodword.web.toasts import toast


@sensitive_post_parameters("words")
@require_POST
@asking(May.COMMENT)
def say(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """Keep a word or a task."""
    opened(ask, program)
    place = request.POST.get("about", "")[:200]
    try:
        drafting.comment(
            ask.client_id,
            ask.desk.actor,
            program,
            request.POST.get("words", "").replace("\x00", ""),
            place=place if places.spec_at(place) is not None else "",
            is_task=bool(request.POST.get("task")),
            user_id=ask.desk.user.id,
            at=datetime.now(UTC),
        )
    except BadInput as wrong:
        toast(request, f"{_(wrong.what)} {_(wrong.repair)}", tone="stop")
    else:
        toast(request, _("It stands beside the draft now."))
    return _back(ask, program)


@require_POST
@asking(May.COMMENT)
def done(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """A task is done, or open again."""
    opened(ask, program)
    id_ = request.POST.get("id", "")
    if len(id_) != 32 or not id_.isalnum():
        return _back(ask, program)
    try:
        drafting.mark_done(
            ask.client_id, ask.desk.actor, program, id_,
            done=request.POST.get("done") == "yes", user_id=ask.desk.user.id, at=datetime.now(UTC),
        )  # fmt: skip
    except NotFound as wrong:
        toast(request, _(wrong.what), tone="stop")
    return _back(ask, program)


def _back(ask: Ask, program: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('program-edit', args=[ask.slug, program])}#remarks", status=303)
