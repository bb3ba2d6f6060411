"""What has a client published? Terms and ids of its programs, read once, and what deciding by them has to look at."""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg

from goodword.core.asking import asks_of_advocates, asks_of_referrals, attributes_asked
from goodword.core.kind import Shelves
from goodword.core.reading import read_terms
from goodword.core.sharing import may_hold
from goodword.core.situation import HOUSEHOLD, MEMBER_OF
from goodword.core.terms import Terms
from goodword.store.sql.connect import array_literal


class Book:
    """The published terms of a client and the ids of its programs, read again only when a version was added."""

    def __init__(self) -> None:
        self._terms: dict[str, Terms] = {}
        self.programs: dict[str, str] = {}
        self.versions: list[Terms] = []

    def refresh(self, conn: psycopg.Connection[Any], client_id: str, shelves: Shelves) -> None:
        """Read what is published; a version that was read before is not parsed again."""
        rows = conn.execute(
            "SELECT p.id, p.slug, v.id, v.number, v.live_from FROM program p LEFT JOIN program_version v"
            " ON v.client_id = p.client_id AND v.program_id = p.id AND v.state IN ('live', 'retired') AND v.live_from IS NOT NULL"
            " WHERE p.client_id = %s::uuid",
            (client_id,),
        ).fetchall()
        self.programs = {slug: program_id for program_id, slug, *_ in rows}
        new = [row[2] for row in rows if row[2] and row[2] not in self._terms]
        if new:
            documents = dict(
                conn.execute(
                    "SELECT id, document FROM program_version WHERE client_id = %s::uuid AND id = ANY(%s::uuid[])",
                    (client_id, array_literal(new)),
                ).fetchall()
            )
            for _, slug, version_id, number, live_from in rows:
                if version_id in documents:
                    document = msgspec.json.decode(documents[version_id])
                    terms = read_terms(document, shelves, version=number, live_from=live_from)
                    if not isinstance(terms, Terms):
                        raise ValueError(
                            f"version {number} of {slug} cannot be read any more: {terms[0].field} {terms[0].why}"
                        )
                    self._terms[version_id] = terms
        self.versions = [self._terms[row[2]] for row in rows if row[2]]

    @property
    def attributes(self) -> list[str]:
        """Attribute names that any published condition asks for."""
        return sorted(frozenset().union(*(attributes_asked(terms) for terms in self.versions)))

    @property
    def counts(self) -> bool:
        """Whether anything is counted over many referrals: under a limit, or on a ladder."""
        promises = (promise for terms in self.versions for promise in terms.promises)
        return self.has_units or any(promise.limits or promise.ladder for promise in promises)

    @property
    def has_units(self) -> bool:
        """Whether people collect anything besides money."""
        return any(terms.units for terms in self.versions)

    @property
    def has_contests(self) -> bool:
        """Whether any program has, or had, a contest."""
        return any(terms.contest for terms in self.versions)

    @property
    def asks_of_homes(self) -> bool:
        """Whether who lives with somebody excluded from a contest is excluded too."""
        contests = (terms.contest for terms in self.versions)
        return any(contest and contest.one_a_household and contest.excluded for contest in contests)

    @property
    def has_ladders(self) -> bool:
        """Whether many referrals together may earn one person something."""
        return any(promise.ladder for terms in self.versions for promise in terms.promises)

    @property
    def asks_of_advocates(self) -> bool:
        """Whether terms look at an advocate's own purchases."""
        return any(asks_of_advocates(terms) for terms in self.versions)

    @property
    def has_shares(self) -> bool:
        """Whether what an advocate shared may matter in any program."""
        return any(may_hold([terms for terms in self.versions if terms.program == slug]) for slug in self.programs)

    @property
    def new_scopes(self) -> frozenset[str]:
        """Kinds of groups over which a friend has to be new."""
        kinds = {"household": HOUSEHOLD, "organization": MEMBER_OF}
        return frozenset(kinds[terms.new_scope] for terms in self.versions if terms.new_scope in kinds)

    @property
    def asks_of_referrals(self) -> bool:
        """Whether terms count the friends that somebody brought."""
        return any(asks_of_referrals(terms) for terms in self.versions)
