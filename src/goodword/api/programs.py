"""Which programs are there, and what would another document say? Listed, read, kept as a new version, compared in words."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from goodword.actions.checking import remark_as_data, remarks_for
from goodword.actions.evidence import evidence_of
from goodword.actions.programs import Version, push, version, versions
from goodword.api.door import Asked, Refused, body_of, keyed, said, told
from goodword.catalog import SHELVES
from goodword.catalog.difference import differences
from goodword.catalog.reading import LinedProblem, Lines, read_program
from goodword.core.terms import Terms
from goodword.core.wording import text_hash

Read = tuple[dict[str, Any], Terms]


@keyed({"GET": "programs:read"})
def listed(asked: Asked, request: HttpRequest) -> HttpResponseBase:
    """Every version of every program, without the documents."""
    return told({"programs": [_line(one) for one in versions(asked.chain.conn, asked.client.id)]})


@keyed({"GET": "programs:read", "PUT": "programs:write"})
def program(asked: Asked, request: HttpRequest, slug: str) -> HttpResponseBase:
    """GET: a version with its document (the latest, or `?version=2`). PUT: a document (JSON or YAML) as a new version."""
    if request.method == "GET":
        found = version(asked.chain.conn, asked.client, slug, _number(request))
        return told({**_line(found), "document": found.as_document()})
    read = read_body(asked, request)
    if not isinstance(read, tuple):
        return not_read(read)
    document, terms = read
    if terms.program != slug:
        raise Refused(
            422, "Another program", f"The document is of {terms.program}, the address of {slug}.", "program_differs"
        )
    written_on = request.headers.get("If-Match", "").strip('"') or None
    kept, is_new = push(asked.chain, asked.client, asked.actor, document, terms, at=asked.at, written_on=written_on)
    lines = Lines(_text(request))
    checks = [remark_as_data(one, lines) for one in remarks_for(asked.chain, asked.client, terms, document)]
    response = told({**_line(kept), "checks": checks}, 201 if is_new else 200)
    response["ETag"] = f'"{kept.terms_hash}"'
    return response


@keyed({"POST": "programs:read"})
def compared(asked: Asked, request: HttpRequest, slug: str) -> HttpResponseBase:
    """What a document would change, in words, against a version (the latest, or `?version=2`)."""
    read = read_body(asked, request)
    if not isinstance(read, tuple):
        return not_read(read)
    against = version(asked.chain.conn, asked.client, slug, _number(request))
    changes = differences(against.as_document(), read[0], SHELVES)
    return told({"program": slug, "against": against.number, "changes": changes})


@keyed({"GET": "programs:read"})
def texts(asked: Asked, request: HttpRequest, slug: str) -> HttpResponseBase:
    """What people read of a version in every language, as it went live or else as it was kept, each with its hash."""
    found = version(asked.chain.conn, asked.client, slug, _number(request))
    evidence = evidence_of(asked.chain, asked.client, found)
    counts = evidence.counts
    if counts is None:
        raise Refused(404, "No texts", f"Nothing was kept with version {found.number}.", "not_found")
    return told({
        "program": slug,
        "version": found.number,
        "occasion": counts.occasion,
        "at": counts.at,
        "mark": counts.mark,
        "reads_the_same_today": evidence.says_today(counts),
        "texts": {
            language: {
                name: {"text": text, "sha256": text_hash(text)}
                for name, text in (("terms", one.terms), ("friend", one.friend))
                if text
            }
            for language, one in sorted(counts.wording.texts.items())
        },
    })  # fmt: skip


def read_body(asked: Asked, request: HttpRequest) -> Read | list[LinedProblem]:
    """The document in the body and its terms, or every problem with its place and repair."""
    return read_program(_text(request), SHELVES, version=1, live_from=asked.at)


def _text(request: HttpRequest) -> str:
    return body_of(request).decode(errors="replace")


def not_read(problems: list[LinedProblem]) -> HttpResponseBase:
    """A document with mistakes: each with its field, its line and its repair."""
    errors = [
        {"field": one.field, "line": one.line, "why": one.why, "repair": one.repair, "code": one.code}
        for one in problems
    ]
    return said(422, "The document cannot be read", "Nothing was kept.", errors, code="document_invalid")


def _line(one: Version) -> dict[str, Any]:
    return {
        "program": one.slug,
        "version": one.number,
        "state": one.state,
        "live_from": one.live_from,
        "live_until": one.live_until,
        "terms": one.terms_hash,
    }


def _number(request: HttpRequest) -> int | None:
    text = request.GET.get("version", "")
    if text and not text.isdecimal():
        raise Refused(422, "Not a version", "version is a whole number.", "version_invalid")
    return int(text) if text else None
