"""How is a version to go live? From when, what becomes of open referrals, and what it would change, before it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodword.actions import programs as kept
from goodword.actions import versions_move, versions_release
from goodword.actions.permissions import May
from goodword.actions.versions import Forecast, Rules, forecast, rules_of
from goodword.actions.versions_move import Loser, Weighing
from goodword.actions.versions_release import LONGEST_NOTE, Wish
from goodword.errors import BadInput, NotFound
from goodword.store.reads.people import people
from goodword.store.reads.programs import ProgramRow, VersionRow, programs
from goodword.web import words
from goodword.web.desk import doing, periods
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.programs import difference, sentence
from goodword.web.desk.programs.versions import ROLE_WORDS
from goodword.web.desk.programs.views import terms_of
from goodword.web.toasts import toast

LOSERS_SHOWN = 200


@dataclass(frozen=True)
class Typed:
    """The form as it was sent: kept, whatever is wrong with it."""

    when: str = "now"
    day: str = ""
    opens: str = "keep"
    note: str = ""
    named: tuple[str, ...] = ()
    override: str = ""


@dataclass(frozen=True)
class Losing:
    """An open referral that would lose, with both explanations."""

    id: str
    href: str
    friend: SafeString
    before: SafeString
    after: SafeString
    is_named: bool


@dataclass(frozen=True)
class Loss:
    """What would be less, said once, and everybody for whom it would be."""

    why: tuple[SafeString, ...]
    losers: tuple[Losing, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@asking(May.PUBLISH)
def one(ask: Ask, request: HttpRequest, program: str, version: int) -> HttpResponseBase:
    """The form; what it would change is worked out on request, and in any case before anything is published."""
    found = programs(ask.client_id, datetime.now(UTC), program)
    row = found[0] if found else None
    chosen = row.version(version) if row else None
    if row is None or chosen is None:
        raise Http404
    if chosen.live_from is not None:  # published already: there is nothing to ask for
        if request.method == "POST":
            toast(request, _("Somebody put this version live meanwhile. Nothing was changed."), tone="wait")
        return HttpResponseRedirect(f"{reverse('program-versions', args=[ask.slug, program])}?v={version}", status=303)
    if request.method != "POST":
        suggested = request.GET.get("note", "").replace("\x00", "")[:LONGEST_NOTE]  # the editor names what changed
        return _form(ask, request, row, chosen, Typed(note=suggested))
    typed = _typed(request)
    if request.POST.get("do") == "look":
        return _look(ask, request, row, chosen, typed)
    wrong, live_from = _wrong(typed)
    if wrong := [*_meanwhile(request, row), *wrong]:
        return _form(ask, request, row, chosen, typed, wrong=wrong)
    wish = Wish(typed.note.strip(), live_from, typed.opens == "move", typed.named)
    try:
        with doing.chain_of(ask) as (chain, client):
            release = versions_release.ask(chain, client, ask.desk.actor, program, version, wish, at=datetime.now(UTC),
                override=typed.override)  # fmt: skip
    except (BadInput, NotFound) as refusal:
        field = getattr(refusal, "field", "")
        return _form(ask, request, row, chosen, typed, wrong=[(field, f"{refusal.what} {refusal.why}", refusal.repair)])
    if release.missing:
        whom = ", ".join(str(ROLE_WORDS.get(role, role)) for role in release.missing)
        toast(
            request,
            _("Version {} is asked for. It goes live after approval by: {}.").format(version, whom),
            tone="wait",
        )
    else:
        toast(request, _("Version {} is published.").format(version))
    return HttpResponseRedirect(reverse("program-versions", args=[ask.slug, program]), status=303)


def _meanwhile(request: HttpRequest, row: ProgramRow) -> list[tuple[str, str, str]]:
    """What went live since the form was opened: what it says of changes was reckoned from another version."""
    live = row.live(datetime.now(UTC))
    seen, now = request.POST.get("seen"), str(live.number if live else 0)
    if seen is None or seen == now:
        return []
    return [
        ("", _("Version {} went live meanwhile.").format(now), _("Read again what changes; what you typed is kept."))
    ]


def _typed(request: HttpRequest) -> Typed:
    post = request.POST
    return Typed(
        "day" if post.get("when") == "day" else "now",
        post.get("day", "").strip()[:40],
        "move" if post.get("opens") == "move" else "keep",
        post.get("note", "").replace("\x00", "").replace("\r\n", "\n"),
        override=post.get("override", "").replace("\x00", "").replace("\r\n", "\n")[:LONGEST_NOTE],
        named=tuple(sorted({one for one in post.getlist("named") if len(one) == 32 and all(c in "0123456789abcdef" for c in one)})),
    )  # fmt: skip


def _wrong(typed: Typed) -> tuple[list[tuple[str, str, str]], datetime | None]:
    """(field, what is wrong, its repair), and the moment from which it is to hold."""
    wrong, live_from = [], None
    if typed.when == "day":
        try:
            live_from = periods.begin_of(typed.day)
        except (ValueError, OverflowError):
            live_from = None
        if live_from is None:
            wrong.append(("day", _("This is no day."), _("Write it as 2026-12-01, or choose at once.")))
    if not typed.note.strip():
        wrong.append(("note", _("A note is missing."), _("Say in a sentence what changes and why.")))
    elif len(typed.note) > LONGEST_NOTE:
        wrong.append(("note", _("The note is too long."), _("Keep it under {} signs.").format(f"{LONGEST_NOTE:,}")))
    return wrong, live_from


def _look(ask: Ask, request: HttpRequest, row: ProgramRow, chosen: VersionRow, typed: Typed) -> HttpResponseBase:
    """Work out what it would cost and whom it would make worse off."""
    now = datetime.now(UTC)
    try:
        with doing.chain_of(ask) as (chain, client):
            wanted = kept.version(chain.conn, client, row.slug, chosen.number)
            expected = forecast(chain, client, ask.desk.actor, wanted, at=now)
            weighing = versions_move.weigh_open(chain, client, wanted, at=now)
            held = rules_of(chain.conn, client.id)
    except BadInput as refusal:
        return _form(ask, request, row, chosen, typed, wrong=[("", f"{refusal.what} {refusal.why}", refusal.repair)])
    return _form(ask, request, row, chosen, typed, looked=(expected, weighing, held))


def _form(
    ask: Ask,
    request: HttpRequest,
    row: ProgramRow,
    chosen: VersionRow,
    typed: Typed,
    *,
    wrong: list[tuple[str, str, str]] | None = None,
    looked: tuple[Forecast | None, Weighing, Rules] | None = None,
) -> HttpResponseBase:
    live = row.live(datetime.now(UTC))
    terms = terms_of(chosen)
    context: dict[str, Any] = {
        "row": row,
        "chosen": chosen,
        "live": live,
        "rule": sentence.rule(terms) if terms else "",
        "changes": difference.of_documents(live.as_document(), chosen.as_document()) if live else [],
        "typed": typed,
        "wrong": wrong or [],
        "wrong_at": {field: f"{what} {repair}" for field, what, repair in wrong or []},
        "looked": looked is not None,
        "is_tested": chosen.state == "tested",
    }
    if looked:
        expected, weighing, held = looked
        context |= {
            "expected": expected,
            "costs": _costs(expected) if expected else [],
            "needs_second": expected is not None and abs(expected.change_percent) > held.change_percent,
            "threshold": held.change_percent,
            "roles": [ROLE_WORDS[role] for role in held.roles_for(row.slug)],
            "weighing": weighing,
            "losses": _losses(ask, weighing.losers[:LOSERS_SHOWN], typed),
        }
    response = page(request, "goodword/programs/publish.html", context)
    response.status_code = 422 if wrong else 200
    return response


def _costs(expected: Forecast) -> list[tuple[SafeString, SafeString]]:
    """What was given and what it would have been, by currency."""
    assets = sorted(expected.before_minor.keys() | expected.after_minor.keys())
    return [
        (
            words.money(expected.before_minor.get(asset, 0), asset),
            words.money(expected.after_minor.get(asset, 0), asset),
        )
        for asset in assets
    ]


def _losses(ask: Ask, losers: tuple[Loser, ...], typed: Typed) -> list[Loss]:
    """Who would lose, by what they would lose: the loss of most of them first."""
    known = people(ask.client_id, [one.friend for one in losers], masked=ask.desk.is_masked)
    by_loss: dict[tuple[SafeString, ...], list[Losing]] = {}
    for one in losers:
        why = tuple(dict.fromkeys(words.said(reason, "agent") for reason in one.reasons))
        by_loss.setdefault(why, []).append(_losing(ask, one, words.person(known.get(one.friend), one.friend), typed))
    return sorted((Loss(why, tuple(found)) for why, found in by_loss.items()), key=lambda loss: -len(loss.losers))


def _losing(ask: Ask, one: Loser, friend: SafeString, typed: Typed) -> Losing:
    empty = SafeString("")
    return Losing(
        one.id,
        reverse("referral", args=[ask.slug, one.id]) if May.REFERRALS in ask.desk.may else "",
        friend,
        words.said(one.before, "agent") if one.before else empty,
        words.said(one.after, "agent") if one.after else empty,
        one.id in typed.named,
    )
