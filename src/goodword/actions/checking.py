"""May these terms go live by law and sense? The packs look before a publication; what blocks is overridden by name only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from goodword.actions.deeds import COMMAND_LINE, Actor, note
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.programs import Version
from goodword.catalog import SHELVES
from goodword.catalog.packs import PACKS
from goodword.catalog.reading import Lines
from goodword.catalog.sighting import asked_attributes
from goodword.core.checks import Case, Circumstances, Remark, blocking, look_at
from goodword.core.reading import read_terms
from goodword.core.served import Served
from goodword.core.terms import Terms
from goodword.core.wording import LANGUAGES
from goodword.errors import BadInput
from goodword.store.reads.circumstances import delivered_attributes, served, stacking_rules

SHORTEST_REASON = 10


_NO_CLIENT = Circumstances(served=Served(), texts=LANGUAGES)


def remarks_on(terms: Terms, document: Mapping[str, Any], around: Circumstances = _NO_CLIENT) -> list[Remark]:
    """All that the packs say, by what is known beside the document."""
    return look_at(Case(terms, document, around), PACKS.values())


def circumstances(conn: psycopg.Connection[Any], client_id: str, terms: Terms) -> Circumstances:
    """What is known of a client beside these terms, by whatever role holds the connection.

    Nothing else puts it together, so pages, commands, the API and the publication judge a document alike.
    """
    return Circumstances(
        served=served(conn, client_id),
        texts=LANGUAGES,
        delivered=delivered_attributes(conn, client_id, asked_attributes(terms)),
        stacking=stacking_rules(conn, client_id, but=terms.program),
    )


def remarks_for(chain: Chain, client: ClientRow, terms: Terms, document: Mapping[str, Any]) -> list[Remark]:
    """All that the packs say about terms of this client."""
    return remarks_on(terms, document, circumstances(chain.conn, client.id, terms))


def require_unblocked(
    chain: Chain, client: ClientRow, actor: Actor, wanted: Version, override: str, *, at: datetime
) -> None:
    """Refuse what a pack blocks, with place and repair - unless the person who asks says why it goes live all the same."""
    document = wanted.as_document()
    terms = read_terms(document, SHELVES, version=wanted.number, live_from=at)
    if isinstance(terms, list):  # kept by an older language: whoever publishes it is told so elsewhere
        return
    blocked = blocking(remarks_for(chain, client, terms, document))
    if not blocked:
        return
    if len(override.strip()) < SHORTEST_REASON:
        raise Blocked(wanted, blocked)
    if actor == COMMAND_LINE and ":" not in override:
        raise BadInput(
            "The override names nobody.",
            "A command line is no person, and somebody has to answer for it.",
            'Write who says so and why: --override "Carl Meyer: the regulator confirmed it on 3 May".',
            "override",
        )
    told = {
        "program": wanted.slug,
        "version": wanted.number,
        "reason": override.strip(),
        "checks": [f"{one.pack}/{one.check}" for one in blocked],
    }
    with chain.conn.transaction():
        note(
            chain.conn,
            chain.keys(client.id),
            actor,
            "program.override",
            "program",
            wanted.slug,
            at=at,
            after=told,
            detail={**told, "remarks": [msgspec.to_builtins(one) for one in blocked]},
        )


class Blocked(BadInput):
    """A publication that law or sense forbids; the remarks say where and how it is mended."""

    def __init__(self, wanted: Version, remarks: Sequence[Remark], text: str = "") -> None:
        lines = Lines(text or wanted.as_yaml())
        super().__init__(
            f"Version {wanted.number} of {wanted.slug} is not published: {len(remarks)} checks by law and sense forbid it.",
            "\n".join(remark_told(one, lines) for one in remarks),
            f"Repair it, or have a named person say in a sentence (of {SHORTEST_REASON} signs or more) why it goes live all the same.",
            "override",
        )
        self.wanted, self.remarks = wanted, tuple(remarks)

    def read_from(self, text: str) -> Blocked:
        """The same with the lines of the text that somebody has before them."""
        return Blocked(self.wanted, self.remarks, text)


def remark_told(one: Remark, lines: Lines | None = None) -> str:
    """A remark as a terminal says it: line, place, words, repair and source."""
    line = lines.of(one.field) if lines else None
    return f"{f'line {line}: ' if line else ''}{one.field}: {one.words} {one.repair} [{one.source}, {one.as_of}]"


def remark_as_data(one: Remark, lines: Lines) -> dict[str, Any]:
    """A remark for scripts, with the line of the text that it speaks of, its values set in."""
    told = msgspec.to_builtins(one)
    return {name: told[name] for name in told if name not in ("sentences", "values")} | {"line": lines.of(one.field)}
