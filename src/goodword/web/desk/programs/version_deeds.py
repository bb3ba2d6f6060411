"""What do people do about the versions of a program? One frame for all: act in one transaction, tell it, or say why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goodword.actions import versions_approval, versions_release, versions_stop
from goodword.actions.client_settings import change_publishing
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import roll_back
from goodword.actions.versions import CLIENT_ROLES, Rules, rules_of
from goodword.actions.versions_release import STOP
from goodword.errors import BadInput, NotAllowed, NotFound
from goodword.web.desk import doing
from goodword.web.desk.door import Ask, asking
from goodword.web.desk.programs.versions import colleagues, shown, standing_rules
from goodword.web.toasts import toast

_KEPT = ("comment", "why", "name", "role")  # what stands in the forms again where it was refused


@dataclass(frozen=True)
class Deed:
    """Who asks for what, and the open transaction in which it is done."""

    ask: Ask
    request: HttpRequest
    program: str
    chain: Chain
    client: ClientRow
    at: datetime

    def typed(self, name: str) -> str:
        """What was typed there."""
        return self.request.POST.get(name, "").replace("\x00", "").replace("\r\n", "\n")


@dataclass(frozen=True)
class Done:
    """What was done: the words for it, and where one goes on; or a link that is shown once, on the answer itself."""

    words: str = ""
    tone: str = "ok"
    goes_to: str = ""
    link: dict[str, str | int] | None = None


View = Callable[..., HttpResponseBase]


def deed(may: May) -> Callable[[Callable[[Deed], Done]], View]:
    """A POST about versions: done and told on the page, or refused there with what was typed; half done never."""

    def framed(act: Callable[[Deed], Done]) -> View:
        @require_POST
        @asking(may)
        @wraps(act)
        def view(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
            try:
                with doing.chain_of(ask) as (chain, client):
                    done = act(Deed(ask, request, program, chain, client, datetime.now(UTC)))
            except (BadInput, NotFound, NotAllowed) as refusal:
                typed = {name: request.POST.get(name, "").replace("\x00", "") for name in _KEPT}
                return shown(ask, request, program, refusal=refusal, typed=typed)
            if done.link is not None:
                return shown(ask, request, program, link=done.link)
            toast(request, done.words, tone=done.tone)
            home = reverse("program-versions", args=[ask.slug, program])
            return HttpResponseRedirect(done.goes_to or home, status=303)

        return view

    return framed


@deed(May.PUBLISH)
def finish(of: Deed) -> Done:
    """Publish what was approved."""
    release = versions_release.finish(of.chain, of.client, of.ask.desk.actor, of.program, at=of.at)
    return Done(_("Version {} is published.").format(release.number))


@deed(May.PUBLISH)
def withdraw(of: Deed) -> Done:
    """Take back what was asked for."""
    release = versions_release.withdraw(of.chain, of.client, of.ask.desk.actor, of.program, at=of.at)
    return Done(_("Version {} is not asked for any more; its links have ended.").format(release.number))


@deed(May.PUBLISH)
def approve(of: Deed) -> Done:
    """The second person's word, about a version or about a stop."""
    granted, comment = of.request.POST.get("granted") == "yes", of.typed("comment")
    waiting = versions_release.waiting_release(of.chain, of.client, of.program)
    act = (of.chain, of.client, of.ask.desk.actor, of.program)
    if waiting is not None and waiting.number == STOP:
        versions_stop.confirm_stop(*act, granted=granted, comment=comment, at=of.at)
        return Done(_("The program is stopped.") if granted else _("The stop was refused; the program goes on."))
    release = versions_approval.approve(
        *act, granted=granted, comment=comment, at=of.at, seen_mark=of.request.POST.get("text", "")
    )
    told = _("You approved version {}.") if granted else _("You refused version {}; it is not asked for any more.")
    return Done(told.format(release.number))


@deed(May.PUBLISH)
def stop(of: Deed) -> Done:
    """Ask for a legal stop; somebody else has to confirm it."""
    voids = of.request.POST.get("earned") == "void"
    versions_stop.ask_stop(
        of.chain, of.client, of.ask.desk.actor, of.program, why=of.typed("why"), voids=voids, at=of.at
    )
    return Done(_("The stop is asked for. It holds as soon as somebody else confirms it."))


@deed(May.PUBLISH)
def ask_approval(of: Deed) -> Done:
    """A one-time link for somebody of the client. It is shown once, on this answer, and kept nowhere."""
    role, name = of.request.POST.get("role", ""), of.typed("name").strip()
    path = versions_approval.ask_by_link(
        of.chain, of.client, of.ask.desk.actor, of.program, role, name,
        has_colleagues=bool(colleagues(of.ask)), at=of.at,
    )  # fmt: skip
    address = of.request.build_absolute_uri(path)
    return Done(link={"path": address, "name": name, "days": versions_approval.LINK_DAYS})


@deed(May.PUSH)
def back(of: Deed) -> Done:
    """Keep the document of an old version as the next one, and go on to publishing it."""
    number = of.request.POST.get("number", "")
    if not number.isdecimal() or len(number) > 6:
        raise Http404
    try:
        made, is_new = roll_back(of.chain, of.client, of.ask.desk.actor, of.program, int(number), at=of.at)
    except NotFound:
        raise Http404 from None
    if made.state in ("live", "retired"):
        return Done(_("The newest version says the same already; nothing was changed."), "wait")
    told = _("Version {} has the document of version {}. Publish it to go back to it.")
    words = told if is_new else _("Version {} has the document of version {} already.")
    onward = reverse("program-publish", args=[of.ask.slug, of.program, made.number])
    return Done(words.format(made.number, number), goes_to=onward)


@deed(May.EDIT_CLIENT)
def rules(of: Deed) -> Done:
    """Whose approval versions need, of this program or of every program of the client."""
    typed = of.request.POST.get("percent", "").strip()
    if not typed.isdecimal() or not 0 <= int(typed[:4]) <= 100:
        why = _("The threshold is a whole number from 0 to 100.")
        raise BadInput(why, "", _("Write 10 for 10 %."), "percent")
    chosen = tuple(role for role in CLIENT_ROLES if role in of.request.POST.getlist("all"))
    mine = tuple(role for role in CLIENT_ROLES if role in of.request.POST.getlist("mine"))
    before = rules_of(of.chain.conn, of.ask.client_id)
    if of.request.POST.get("seen", "") not in ("", standing_rules(before, of.program)):
        why = _("Somebody changed these rules meanwhile.")
        raise BadInput(
            why, "", _("They stand below as they are now; change them again if you still want to."), "percent"
        )
    others = {slug: roles for slug, roles in before.programs.items() if slug != of.program}
    after = Rules(int(typed), chosen, {**others, **({of.program: mine} if mine else {})})
    changed = change_publishing(of.ask.client_id, of.ask.desk.actor, before, after, at=of.at)
    return Done(_("The rules of publishing were saved.") if changed else _("Nothing was changed."))
