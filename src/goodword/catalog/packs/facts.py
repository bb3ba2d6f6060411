"""Facts: what nobody said of a program or its client, so that checks which hang on it could not look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from goodword.core.checks import Case, Check, Pack, Place, Source, values
from goodword.core.served import is_place

_SETTINGS = Source("What the settings of a client say: docs/clients.md", date(2026, 11, 22))


def _sector(case: Case) -> Iterator[Place]:
    if case.around.served is not None and not case.sector:
        yield Place(
            "sector",
            "Nobody said of which sector this is, so rules that hold for one sector only were not looked at.",
            "Set the client's sector under Clients > Settings, or write it into the document: sector: other if none fits.",
        )


def _places(case: Case) -> Iterator[Place]:
    if case.around.served is not None and not case.places:
        yield Place(
            "places",
            "Nobody said where this runs, so rules of single countries and states, and their currencies, were not looked at.",
            "Set the client's places under Clients > Settings, or write them into the document: places: [DE, US-NY].",
        )


def _languages(case: Case) -> Iterator[Place]:
    if case.around.served is not None and not case.languages:
        yield Place(
            "languages",
            "Nobody said in which languages people are spoken to, so nobody looked whether a text is missing.",
            "Set the client's languages under Clients > Settings, or write them into the document: languages: [en, de].",
        )


def _known(case: Case) -> Iterator[Place]:
    for place in case.places:
        if not is_place(place):
            yield Place(
                "places",
                "{place} is no country or state that is known here, so its rules were not looked at.",
                "Write it as ISO 3166 does: GB for the United Kingdom, US-NY for New York.",
                place,
                values(place=place),
            )


FACTS = Pack(
    slug="facts",
    title="What is not known",
    help=__doc__ or "",
    stale_after_days=36_500,
    checks=(
        Check("sector", "Somebody said of which sector it is.", "warn", _SETTINGS, _sector),
        Check("places", "Somebody said where it runs.", "warn", _SETTINGS, _places),
        Check("languages", "Somebody said in which languages people are spoken to.", "warn", _SETTINGS, _languages),
        Check("known", "Every place is one that has a code.", "block", _SETTINGS, _known),
    ),
)
