"""What did people read of a version? Its texts as they went live, in each language, with their marks: on paper and as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from goodword.actions import programs as kept_versions
from goodword.actions.evidence import OCCASIONS, Evidence, evidence_of
from goodword.actions.permissions import May
from goodword.actions.versions_release import Release, releases
from goodword.core.wording import LANGUAGES, Heard, Told, text_hash
from goodword.store.reads.audit import names_of
from goodword.store.reads.programs import ProgramRow, VersionRow, programs
from goodword.store.wording import KEPT, PUBLISHED
from goodword.web import words
from goodword.web.desk.door import Ask, asking, page
from goodword.web.desk.programs.editor.preview import language_of
from goodword.web.desk.programs.versions import reading, state_of, words_of

OCCASION_WORDS: dict[str, str | Promise] = {
    PUBLISHED: gettext_lazy("as it went live"),
    KEPT: gettext_lazy("as it was written"),
}
TODAY = "today"
_PARTS = ("terms", "friend")


@dataclass(frozen=True)
class Sheet:
    """The texts in one language as a page shows them: paragraphs with their headings, and the hash of each text."""

    language: str
    called: str
    is_rtl: bool
    paragraphs: tuple[tuple[str, str], ...]
    friend: str
    terms_hash: str
    friend_hash: str


@dataclass(frozen=True)
class Finding:
    """What a check by law or sense said, with its pack and its dated source."""

    pack: str
    severity: str
    field: str
    says: str
    repair: str
    source: str
    as_of: str
    url: str
    where: str


@require_GET
@asking(May.PROGRAMS)
def one(ask: Ask, request: HttpRequest, program: str, version: int) -> HttpResponseBase:
    """One language at a time; the texts that count unless others are asked for."""
    row, chosen = _version(ask, program, version)
    chain, client = reading(ask)
    wanted = kept_versions.version(chain.conn, client, program, version)
    evidence = evidence_of(chain, client, wanted)
    occasion, texts = _asked_for(request, evidence)
    shown = evidence.kept.get(occasion)
    language = language_of(request.GET.get("lang", ""))
    known = [one for one in releases(chain, client, program) if one.number == version]
    names = names_of({found.wording.by for found in evidence.kept.values()} | _people(known))
    now = datetime.now(UTC)
    context = {
        "row": row,
        "chosen": chosen,
        "state": state_of(chosen, row, now),
        "sheet": sheet(texts[language], language) if language in texts else None,
        "languages": [(code, name_of(code), code == language) for code in LANGUAGES if code in texts or not texts],
        "language": language,
        "occasion": occasion,
        "shown": shown,
        "mark": shown.mark if shown else evidence.mark_today,
        "by": names.get(shown.wording.by, shown.wording.by) if shown else "",
        "says_today": shown is not None and evidence.says_today(shown),
        "occasions": [
            (name, OCCASION_WORDS[name], evidence.kept[name], name == occasion)
            for name in OCCASIONS
            if name in evidence.kept
        ],
        "is_one_wording": len({found.mark for found in evidence.kept.values()}) == 1,
        "findings": findings(shown.wording.remarks) if shown and shown.wording.remarks is not None else None,
        "past": [(release, words_of(release, names)) for release in known if release.approvals],
        "now": now,
    }
    return page(request, "goodword/programs/texts.html", context)


@require_GET
@asking(May.PROGRAMS)
def as_file(ask: Ask, request: HttpRequest, program: str, version: int) -> HttpResponseBase:
    """One text exactly as it was kept: the hash of the file is the hash on record."""
    _version(ask, program, version)
    chain, client = reading(ask)
    evidence = evidence_of(chain, client, kept_versions.version(chain.conn, client, program, version))
    occasion, texts = _asked_for(request, evidence)
    language, part = language_of(request.GET.get("lang", "")), request.GET.get("part", _PARTS[0])
    told = texts.get(language)
    if told is None or part not in _PARTS:
        raise Http404
    text = told.friend if part == "friend" else told.terms
    if not text:
        raise Http404
    name = f"{program}-v{version}-{occasion}-{part}-{language}.txt"
    head = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=head)


# -- parts that the page behind a link shows too -----------------------------------------------------------------------


def sheet(told: Told, language: str) -> Sheet:
    """The texts as they are shown; nothing of them is left out or said otherwise."""
    parts = (part.partition("\n") for part in told.terms.rstrip("\n").split("\n\n"))
    return Sheet(
        language,
        name_of(language),
        bool(get_language_info(language)["bidi"]),
        tuple((heading, text) for heading, _newline, text in parts),
        told.friend.rstrip("\n"),
        text_hash(told.terms),
        text_hash(told.friend) if told.friend else "",
    )


def name_of(language: str) -> str:
    """A language by the name that its speakers give it."""
    local = str(get_language_info(language)["name_local"])
    return local[:1].upper() + local[1:]


def findings(remarks: tuple[Heard, ...]) -> list[Finding]:
    """What the checks said, what blocks first."""
    return [
        Finding(
            _(heard.pack_title),
            heard.remark.severity,
            heard.remark.field,
            *words.remark(heard.remark),
            heard.remark.source,
            heard.remark.as_of.isoformat(),
            heard.remark.url,
            heard.remark.where,
        )
        for heard in remarks
    ]


# -- the page's own ----------------------------------------------------------------------------------------------------


def _version(ask: Ask, program: str, number: int) -> tuple[ProgramRow, VersionRow]:
    found = programs(ask.client_id, datetime.now(UTC), program)
    chosen = found[0].version(number) if found else None
    if chosen is None:
        raise Http404
    return found[0], chosen


def _asked_for(request: HttpRequest, evidence: Evidence) -> tuple[str, dict[str, Told]]:
    """(which of the wordings, its texts): those that count, those that are asked for, or today's where nothing was kept."""
    named = request.GET.get("of", "")
    if named and named not in evidence.kept:
        raise Http404
    shown = evidence.kept.get(named) or evidence.counts
    return (shown.occasion, shown.wording.texts) if shown else (TODAY, evidence.today)


def _people(known: list[Release]) -> set[str]:
    return {name for release in known for one in release.approvals for name in (one.by, one.asked_by)}
