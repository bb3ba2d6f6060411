"""What does an auditor see? The log of acts, its verification, single leaves with their proof, checkpoints and the proof pack."""

from __future__ import annotations

import tempfile
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import msgspec
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from goodword.actions.inspect import kept
from goodword.actions.proving import VERIFIED, Outcome, pack_log
from goodword.core.proof import LeafKind
from goodword.errors import BadInput
from goodword.store.reads import audit as reads
from goodword.web import errors
from goodword.web.desk import doing, periods, twins
from goodword.web.desk.audit import deeds
from goodword.web.desk.audit import verifying as running
from goodword.web.desk.audit.log import Log
from goodword.web.desk.door import page

_A_PAGE = 50
_CHECKPOINTS_BESIDE = 6
_LONGEST_TYPED = 400
_LONGEST_NOTE = 4_000


# ---- the log of acts


@dataclass(frozen=True)
class Asked:
    """The filters as they were typed, what they mean, and what is wrong with them."""

    actor: str
    act: str
    object: str
    since: str
    until: str
    wanted: reads.Wanted
    problems: tuple[str, ...]

    @property
    def query(self) -> str:
        """The filters as they stand in addresses."""
        told = {"actor": self.actor, "act": self.act, "object": self.object, "since": self.since, "until": self.until}
        return urlencode({name: value for name, value in told.items() if value})


def home(log: Log, request: HttpRequest) -> HttpResponseBase:
    """The room: how the log stands, what to do with it, and the acts."""
    return page(request, "goodword/audit/home.html", _home(log, request), fragment=_fragment(request))


def _fragment(request: HttpRequest) -> str:
    return "goodword/audit/acts.html" if request.headers.get("HX-Target") == "acts" else ""


def _home(log: Log, request: HttpRequest) -> dict[str, Any]:
    asked = _asked(request)
    found, onward = reads.acts(log.client_id, asked.wanted, _place(log, request, asked), _A_PAGE)
    beside = f"{asked.query}&" if asked.query else ""
    return {
        "log": log,
        "home": log.to("audit"),
        "standing": reads.standing(log.client_id),
        "checkpoints": _with_addresses(log, reads.checkpoints(log.client_id, None, _CHECKPOINTS_BESIDE)),
        "checkpoints_href": log.to("audit_checkpoints"),
        "verify_href": log.to("audit_verify"),
        "find_href": log.to("audit_find"),
        "pack_href": log.to("audit_pack"),
        "asked": asked,
        "acts": [_line(log, act) for act in found],
        "actors": reads.actors(log.client_id),
        "verbs": sorted(((code, str(said)) for code, said in deeds.VERBS.items()), key=lambda one: one[1]),
        "is_first": "at" not in request.GET,
        "first": f"{log.to('audit')}?{asked.query}" if asked.query else log.to("audit"),
        "next": f"{log.to('audit')}?{beside}at={_cursor(log, asked, onward)}" if onward else "",
        "csv": f"{log.to('audit_csv')}?{asked.query}",
        "json": f"{log.to('audit_json')}?{asked.query}",
        **_verification(log),
    }


def acts_csv(log: Log, request: HttpRequest) -> HttpResponseBase:
    """The acts as a file."""
    columns = ("leaf", "at", "actor", "name", "role", "act", "object_kind", "object", "hash")
    return twins.as_csv(f"acts-{log.command}", columns, _rows(log, request))


def acts_json(log: Log, request: HttpRequest) -> HttpResponseBase:
    """The acts as data."""
    return twins.as_json(f"acts-{log.command}", _rows(log, request))


def _rows(log: Log, request: HttpRequest) -> list[dict[str, Any]]:
    """The narrowed acts, the latest first; that they were taken away is kept before."""
    kept(log.client_id, log.actor, "export.acts", "log", log.client_id, datetime.now(UTC))
    found, _more = reads.acts(log.client_id, _asked(request).wanted, None, twins.MOST_ROWS)
    return [
        {
            "leaf": act.seq, "at": act.at, "actor": act.actor, "name": act.name, "role": act.role, "act": act.verb,
            "object_kind": act.kind, "object": act.object_id, "hash": act.hash,
        }
        for act in found
    ]  # fmt: skip


def _asked(request: HttpRequest) -> Asked:
    typed = {
        name: request.GET.get(name, "")[:200].replace("\x00", "")
        for name in ("actor", "act", "object", "since", "until")
    }
    problems, moments = [], {}
    for name, meaning in (("since", periods.begin_of), ("until", periods.end_of)):
        try:
            moments[name] = meaning(typed[name])
        except (ValueError, OverflowError):
            moments[name] = None
            problems.append(
                _("“%(text)s” is no day. Write it as 2026-11-03; the list is not narrowed by it.")
                % {"text": typed[name]}
            )
    thing = typed["object"].strip().lower()
    bare = thing.partition("_")[2] if thing[:4] in ("evt_", "ref_", "prs_", "key_", "rwd_", "usr_") else thing
    wanted = reads.Wanted(typed["actor"], typed["act"], bare.replace("-", "") if len(bare) == 36 else bare, **moments)
    return Asked(**typed, wanted=wanted, problems=tuple(problems))


def _line(log: Log, act: reads.Act) -> dict[str, Any]:
    return {
        "act": act,
        "says": deeds.verb_of(act.verb),
        "prefix": deeds.prefix_of(act.kind),
        "href": deeds.address_of(log, act.kind, act.object_id),
        "leaf": log.to("audit_leaf", f"act_{act.id}"),
    }


def _salt(log: Log, asked: Asked) -> str:
    return f"goodword.acts.{log.client_id}.{asked.query}"


def _cursor(log: Log, asked: Asked, place: reads.Place) -> str:
    return signing.dumps([place.at.isoformat(), place.id], salt=_salt(log, asked))


def _place(log: Log, request: HttpRequest, asked: Asked) -> reads.Place | None:
    cursor = request.GET.get("at")
    if not cursor:
        return None
    try:
        at, id = signing.loads(cursor, salt=_salt(log, asked))
    except signing.BadSignature:
        raise Http404 from None
    return reads.Place(datetime.fromisoformat(at), id)


# ---- verifying


def verify(log: Log, request: HttpRequest) -> HttpResponseBase:
    """Recompute the log, or a period of it, perhaps against a checkpoint that was kept elsewhere."""
    wrong: dict[str, str] = {}
    moments: dict[str, datetime | None] = {"since": None, "until": None}
    for name, meaning in (("since", periods.begin_of), ("until", periods.end_of)):
        try:
            moments[name] = meaning(request.POST.get(f"verify_{name}", ""))
        except (ValueError, OverflowError):
            wrong[name] = _("This is no day. Write it as 2026-11-03, or leave it empty.")
    note = request.POST.get("held", "").replace("\r\n", "\n").strip()[:_LONGEST_NOTE]
    if note and not reads.is_ours(log.client_id, f"{note}\n"):
        wrong["held"] = _(
            "This is no checkpoint that this log's key signed. Paste the whole text of one, from its first line to the"
            " line that begins with a dash; a checkpoint of another client does not fit."
        )
    if wrong:
        typed = {name: request.POST.get(f"verify_{name}", "") for name in ("since", "until")}
        context = _home(log, request) | {"wrong": wrong, "typed": {**typed, "held": note}}
        response = page(request, "goodword/audit/home.html", context)
        response.status_code = 422
        return response
    running.begin(log.client_id, log.actor, held=[f"{note}\n"] if note else [], **moments)
    return HttpResponseRedirect(log.to("audit"), status=303)


def verifying(log: Log, request: HttpRequest) -> HttpResponseBase:
    """How far it is, or what was found: the part of the page that asks again by itself."""
    context = {"log": log, "home": log.to("audit"), "standing": reads.standing(log.client_id), **_verification(log)}
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(log.to("audit"))
    return page(request, "goodword/audit/home.html", context, fragment="goodword/audit/verification.html")


def _verification(log: Log) -> dict[str, Any]:
    """What runs now, and what the last verification found."""
    now = running.under_way(log.client_id)
    last = reads.latest_detail(log.client_id, VERIFIED)
    found: Outcome | None = None
    if last is not None:
        try:
            found = msgspec.json.decode(last[1], type=Outcome)
        except msgspec.MsgspecError:  # written by another version: the act itself still stands in the list
            last = None
    return {
        "running": now,
        "verifying_href": log.to("audit_verifying"),
        "verified": last[0] if last else None,
        "outcome": found,
        "broken_leaf": _first_broken(log, found),
    }


def _first_broken(log: Log, found: Outcome | None) -> str:
    """The page of the first row that is not as sealed."""
    if found is None or found.is_whole or not found.faults:
        return ""
    kind, _blank, rest = found.faults[0].partition(" ")
    prefix = next((prefix for prefix, named in reads.PREFIXES.items() if named == kind), "")
    return log.to("audit_leaf", f"{prefix}_{rest[:32]}") if prefix else ""


# ---- looking up


def find(log: Log, request: HttpRequest) -> HttpResponseBase:
    """What was pasted leads to its leaf, by an address that says nothing about it."""
    typed = request.POST.get("what", "").replace("\x00", "").strip()[:_LONGEST_TYPED]
    found = reads.find(log.client_id, typed)
    if found is not None and found.size is not None:
        return HttpResponseRedirect(log.to("audit_checkpoint", found.size), status=303)
    if found is not None and found.kind is not None:
        return HttpResponseRedirect(_address(log, found.kind, found.id), status=303)
    context = _home(log, request) | {"not_found": True, "looked_for": typed}
    return page(request, "goodword/audit/home.html", context)


def _address(log: Log, kind: LeafKind, id: str) -> str:
    prefix = next(prefix for prefix, named in reads.PREFIXES.items() if named == kind)
    return log.to("audit_leaf", f"{prefix}_{id}")


def leaf(log: Log, request: HttpRequest, leaf: str) -> HttpResponseBase:
    """One leaf: its row, its neighbours, and its path to a signed checkpoint."""
    prefix, _mark, id = leaf.partition("_")
    kind = reads.PREFIXES.get(prefix)
    if kind is None or len(id) != 32 or any(letter not in "0123456789abcdef" for letter in id):
        raise Http404
    found = reads.leaf(log.client_id, kind, id)
    if found is None:
        raise Http404
    context = {
        "log": log,
        "home": log.to("audit"),
        "leaf": found,
        "name": leaf,
        "around": [(one, _address(log, one.kind, one.id)) for one in found.around],
        "object_href": deeds.address_of(log, "event", id) if kind == "event" else "",
        "checkpoint_href": log.to("audit_checkpoint", found.inclusion.checkpoint.size) if found.inclusion else "",
    }
    return page(request, "goodword/audit/leaf.html", context)


# ---- checkpoints and the proof pack


def checkpoints(log: Log, request: HttpRequest) -> HttpResponseBase:
    """All signed checkpoints, the latest first."""
    before = None
    if request.GET.get("before"):
        try:
            before = datetime.fromisoformat(request.GET["before"])
        except ValueError:
            raise Http404 from None
        if before.tzinfo is None:
            raise Http404
    listed = reads.checkpoints(log.client_id, before, _A_PAGE + 1)
    more = ""
    if len(listed) > _A_PAGE:
        more = f"{log.to('audit_checkpoints')}?{urlencode({'before': listed[_A_PAGE - 1].at.isoformat()})}"
    context = {"log": log, "home": log.to("audit"), "checkpoints": _with_addresses(log, listed[:_A_PAGE]), "next": more}
    return page(request, "goodword/audit/checkpoints.html", context)


def _with_addresses(log: Log, listed: tuple[reads.Signed, ...]) -> list[tuple[reads.Signed, str]]:
    return [(one, log.to("audit_checkpoint", one.size)) for one in listed]


def checkpoint(log: Log, request: HttpRequest, size: int) -> HttpResponseBase:
    """One checkpoint, made to be printed and kept elsewhere."""
    found = reads.checkpoint(log.client_id, size) if size < 2**63 else None
    if found is None:
        raise Http404
    context = {
        "log": log,
        "home": log.to("audit"),
        "one": found,
        "public_key": reads.standing(log.client_id).public_key,
        "note_href": log.to("audit_checkpoint_note", size),
    }
    return page(request, "goodword/audit/checkpoint.html", context)


def checkpoint_note(log: Log, request: HttpRequest, size: int) -> HttpResponseBase:
    """The signed note alone, as `goodword proof verify --held` reads it."""
    found = reads.checkpoint(log.client_id, size) if size < 2**63 else None
    if found is None:
        raise Http404
    name = f"checkpoint-{log.command}-{size}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(found.note + "\n", content_type="text/plain; charset=utf-8", headers=headers)


def pack(log: Log, request: HttpRequest) -> HttpResponseBase:
    """Leaves, checkpoints, key and verifier in one file, for somebody who trusts nobody."""
    with ExitStack() as closing:
        kept_open = closing.enter_context(tempfile.TemporaryFile())
        try:
            with tempfile.TemporaryDirectory(prefix="goodword-proof-") as folder, doing.chain() as chain:
                pack_log(chain, log.client_id, log.actor, Path(folder), at=datetime.now(UTC))
                with zipfile.ZipFile(kept_open, "w", zipfile.ZIP_DEFLATED) as packed:
                    for file in sorted(Path(folder).iterdir()):
                        packed.write(file, f"proof-{log.command}/{file.name}")
        except BadInput as refusal:
            return errors.refused(request, 413, refusal)
        closing.pop_all()  # the answer closes it when the last byte is sent
    kept_open.seek(0)
    name = f"proof-{log.command}-{datetime.now(UTC):%Y-%m-%d}.zip"
    return FileResponse(cast("Any", kept_open), as_attachment=True, filename=name, content_type="application/zip")
