"""Can every program of the stories be told? Its rule, its terms and conditions and what the friend reads, in every language."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from goodword.catalog import SHELVES
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.core.wording import LANGUAGES, for_the_friend, paragraphs, rule
from goodword.scenarios.language import PUBLISHED_AT, document_of, read_scenarios

FILES = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_program_is_told_in_every_language(path: Path) -> None:
    published = [line.act for one in read_scenarios(path) for line in one.lines if line.act.verb == "publish"]
    documents = {msgspec.json.encode(document_of(act), order="sorted"): document_of(act) for act in published}
    for document in documents.values():
        terms = read_terms(document, SHELVES, version=1, live_from=PUBLISHED_AT)
        assert isinstance(terms, Terms), terms
        for language in LANGUAGES:
            assert all(one.sentences for one in paragraphs(terms, language))
            rule(terms, language)
            for_the_friend(terms, language)
