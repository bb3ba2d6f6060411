"""Do steps that repeat or are combined read as one sentence, and can contracts be opened where they are told?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from goodword.catalog import SHELVES
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.core.wording import LANGUAGES, paragraphs_in_pieces, rule

LIVE = datetime(2026, 1, 1, tzinfo=UTC)


def _step(**ready: Any) -> Terms:
    milestones = {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}, "review": {"event": "review"}}
    document = {"program": "p", "name": "P", "type": "direct", "currency": "EUR", "contracts": {"tail": "60d"},
                "milestones": milestones | {"quiz": {"event": "quiz"}, "ready": ready},
                "promises": [{"to": "advocate", "on": "ready", "give": {"cash": "10.00"}}]}  # fmt: skip
    terms = read_terms(document, SHELVES, version=1, live_from=LIVE)
    assert isinstance(terms, Terms), terms
    return terms


@pytest.mark.parametrize(
    ("ready", "told"),
    [
        ({"all": ["first_order", "review"]}, "when the friend reaches the first order and “review”."),
        ({"any": ["first_order", "review"]}, "when the friend reaches the first order or “review”."),
        ({"all": ["first_order", "review"], "in_order": True}, "when the friend reaches the first order and “review”, in this order."),
        (
            {"among": ["first_order", "review", "quiz"], "at_least": 2, "within": "30d of joined"},
            "when the friend reaches at least 2 of the first order, “review” and “quiz” within 30 days of joining.",
        ),
        ({"event": "purchase", "repeat": {}}, "when the friend makes an order – each time."),
        (
            {"event": "purchase", "min": "20.00", "repeat": {"most": 12}},
            "when the friend makes an order of at least 20.00 EUR – each time, 12 times at most.",
        ),
        ({"event": "renewal", "repeat": {"most": 12}}, "when the friend reaches “renewal” – each time, 12 times at most."),
    ],
)  # fmt: skip
def test_steps_that_repeat_or_are_combined_are_one_sentence(ready: dict[str, Any], told: str) -> None:
    assert rule(_step(**ready), "en").replace("\u00a0", " ") == f"The referrer gets 10.00 EUR {told}"
    for language in LANGUAGES:
        assert rule(_step(**ready), language)


def test_contracts_can_be_opened_where_they_are_told() -> None:
    pieces = [one for sentence in paragraphs_in_pieces(_step(event="purchase"), "en")["contracts"] for one in sentence]
    assert [(one.place, one.text.replace("\u00a0", " ")) for one in pieces if one.place] == [
        ("contracts", "Whoever refers accepts a contract first; where it promises something else, it holds in place of these terms."),
        ("contracts.tail", "60 days"),
    ]  # fmt: skip
