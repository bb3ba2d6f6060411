"""Which versions has a program, how did each come to be, and what waits to go live?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from goodword.actions import versions_approval, versions_release
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import ROLES, May
from goodword.actions.versions import CLIENT_ROLES, SECOND, Rules, Tested, rules_of, trials_of
from goodword.actions.versions_release import STOP, Approval, Release
from goodword.errors import GoodwordError, NotAllowed
from goodword.store.models import Program
from goodword.store.open_vault import vault
from goodword.store.reads.audit import names_of
from goodword.store.reads.programs import ProgramRow, VersionRow, programs
from goodword.store.reads.versions import colleagues_with
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.programs import difference

ROLE_WORDS: dict[str, str | Promise] = {
    SECOND: gettext_lazy("a second person"),
    "marketing": gettext_lazy("the client's marketing"),
    "legal": gettext_lazy("the client's legal department"),
    "it": gettext_lazy("the client's IT"),
}
STATES: dict[str, tuple[str | Promise, str, str]] = {  # where a version stands -> word, tone, icon
    "live": (gettext_lazy("live"), "ok", "ok"),
    "later": (gettext_lazy("live later"), "info", "clock"),
    "ended": (gettext_lazy("ended"), "mute", "sand"),
    "tested": (pgettext_lazy("state of a version", "tested"), "info", "half"),
    "draft": (gettext_lazy("draft"), "mute", "dot"),
}
OUTCOMES: dict[str, str | Promise] = {
    "waiting": gettext_lazy("asked for"),
    "published": gettext_lazy("published"),
    "withdrawn": gettext_lazy("withdrawn"),
    "refused": gettext_lazy("refused"),
}


@dataclass(frozen=True)
class Line:
    """One version as the list shows it."""

    row: VersionRow
    word: str | Promise
    tone: str
    icon: str
    note: str
    tests: tuple[Tested, ...]
    change_percent: float | None
    can_publish: bool
    can_roll_back: bool


@dataclass(frozen=True)
class Word:
    """One approval as it is shown."""

    approval: Approval
    role: str | Promise
    who: str
    asked_by: str
    is_of_other_wording: bool


@require_GET
@asking(May.PROGRAMS)
def listed(ask: Ask, request: HttpRequest, program: str) -> HttpResponseBase:
    """Every version, newest first, what waits, and the difference of two."""
    return shown(ask, request, program)


# -- parts -------------------------------------------------------------------------------------------------------------


def reading(ask: Ask) -> tuple[Chain, ClientRow]:
    """The page's own connection as the actions read with: the web's role, inside this client's scope."""
    connection.ensure_connection()
    client = ask.desk.client
    assert client is not None, "the page is of a client"
    return Chain("", connection.connection, vault()), ClientRow(ask.client_id, ask.slug, client.name, "", "")


def colleagues(ask: Ask) -> list[str]:
    """Who else of the house may publish for this client."""
    roles = [role for role, may in ROLES.items() if May.PUBLISH in may]
    return colleagues_with(ask.client_id, roles, but=str(ask.desk.user.id))


def shown(
    ask: Ask,
    request: HttpRequest,
    program: str,
    *,
    refusal: GoodwordError | None = None,
    typed: dict[str, str] | None = None,
    link: dict[str, Any] | None = None,
) -> HttpResponseBase:
    """The page; with why something was refused and what was typed, or with the link that is shown once."""
    now = datetime.now(UTC)
    found = programs(ask.client_id, now, program)
    if not found:
        raise Http404
    row = found[0]
    chain, client = reading(ask)
    known = versions_release.releases(chain, client, program)
    trials = trials_of(chain.conn, ask.client_id, program)
    waiting = next((one for one in known if one.state == "waiting"), None)
    chosen = _chosen(request, "v", row) or (row.version(waiting.number) if waiting else None) or row.versions[0]
    older = _chosen(request, "from", row) or _before(row, chosen, now)
    names = names_of(_actors(known))
    held = rules_of(chain.conn, ask.client_id)
    context = {
        "row": row,
        "lines": [_line(one, row, known, trials, now) for one in row.versions],
        "live": row.live(now),
        "chosen": chosen,
        "older": older,
        "others": [one for one in row.versions if one.number != chosen.number],
        "changes": difference.of_documents(older.as_document(), chosen.as_document()) if older else [],
        "waiting": waiting,
        "words": words_of(waiting, names) if waiting else [],
        "missing": [(role, ROLE_WORDS.get(role, role)) for role in waiting.missing] if waiting else [],
        "asked_by": names.get(waiting.by, waiting.by) if waiting else "",
        "past": [(one, OUTCOMES[one.state], names.get(one.by, one.by), words_of(one, names))
                 for one in known if one.state != "waiting"],
        "is_own": waiting is not None and _is_own(ask, chain, client, waiting),
        "colleagues": colleagues(ask) if waiting and SECOND in waiting.missing else [],
        "rules": held,
        "rules_seen": standing_rules(held, program),
        "roles": [(role, ROLE_WORDS[role], role in held.approvals, role in held.programs.get(program, ()))
                  for role in CLIENT_ROLES],
        "may_publish": May.PUBLISH in ask.desk.may,
        "may_push": May.PUSH in ask.desk.may,
        "may_rule": May.EDIT_CLIENT in ask.desk.may,
        "names": names,
        "refusal": refusal,
        "typed": typed or {},
        "link": link,
        "is_stop": waiting is not None and waiting.number == STOP,
        "stopped_at": _stopped_at(ask.client_id, row),
        "now": now,
    }  # fmt: skip
    response = page(request, "goodword/programs/versions.html", context)
    response.status_code = 200 if refusal is None else 403 if isinstance(refusal, NotAllowed) else 409
    return response


def state_of(one: VersionRow, row: ProgramRow, now: datetime) -> tuple[str | Promise, str, str]:
    """Where a version stands today: word, tone and icon."""
    return STATES[_standing(one, row, now)]


def _standing(one: VersionRow, row: ProgramRow, now: datetime) -> str:
    live = row.live(now)
    if live is not None and live.number == one.number:
        return "live"
    if one.live_from and one.live_from > now:
        return "later"
    return {"tested": "tested", "draft": "draft"}.get(one.state, "ended")


def _line(one: VersionRow, row: ProgramRow, known: list[Release], trials: list[Tested], now: datetime) -> Line:
    state = _standing(one, row, now)
    release = next((release for release in known if release.number == one.number), None)
    mine = tuple(trial for trial in trials if trial.number == one.number)
    percent = next((trial.figures.get("change_percent") for trial in mine if trial.kind == "backtest"), None)
    word, tone, icon = STATES[state]
    is_unpublished = state in ("draft", "tested")
    return Line(
        one, word, tone, icon, release.wish.note if release else "", mine, percent, is_unpublished, state == "ended"
    )


def words_of(release: Release, names: dict[str, str]) -> list[Word]:
    """Every approval of a release, by the names of the people."""
    return [
        Word(
            one,
            ROLE_WORDS.get(one.role, one.role),
            one.name or names.get(one.by, one.by),
            names.get(one.asked_by, one.asked_by),
            one in release.of_other_wording,
        )
        for one in release.approvals
    ]


def _actors(known: Iterable[Release]) -> set[str]:
    return {name for release in known for name in (release.by, *(one.by for one in release.approvals),
                                                   *(one.asked_by for one in release.approvals))}  # fmt: skip


def _is_own(ask: Ask, chain: Chain, client: ClientRow, waiting: Release) -> bool:
    """Whether whoever looks asked for it or wrote it, and so may not be its second person."""
    return ask.desk.actor.name in {
        waiting.by,
        *versions_approval.writers(chain.conn, client, waiting.slug, waiting.number),
    }


def _stopped_at(client_id: str, row: ProgramRow) -> datetime | None:
    """Since when the program is stopped; None where a version went live after the stop."""
    found = Program.objects.of(client_id).filter(slug=row.slug).values_list("stopped_at", "stopped_version").first()
    at, upto = found or (None, None)
    return None if any(one.live_from and one.number > (upto or 0) for one in row.versions) else at


def _before(row: ProgramRow, chosen: VersionRow, now: datetime) -> VersionRow | None:
    """What a version is compared with: the one in force, else the one before it."""
    live = row.live(now)
    return live if live and live.number != chosen.number else row.version(chosen.number - 1)


def _chosen(request: HttpRequest, name: str, row: ProgramRow) -> VersionRow | None:
    written = request.GET.get(name, "")
    if not written:
        return None
    found = row.version(int(written)) if written.isdecimal() and len(written) < 6 else None
    if found is None:
        raise Http404
    return found


def standing_rules(found: Rules, program: str) -> str:
    """The rules of a program in one line: a form carries it, and is refused where they are others by then."""
    return f"{found.change_percent} {','.join(sorted(found.approvals))} {','.join(sorted(found.programs.get(program, ())))}"
