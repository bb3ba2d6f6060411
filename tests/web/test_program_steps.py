"""Are steps that are more than one event told so that nobody has to read the document?"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from goodword.catalog import SHELVES
from goodword.core.reading import read_terms
from goodword.core.terms import Terms

pytestmark = pytest.mark.usefixtures("site")

DOCUMENT = {"program": "acme", "name": "Acme", "type": "two_sided", "currency": "EUR"}


def told(step: dict[str, object]) -> str:
    """The rule of a program whose one promise hangs on that step."""
    from goodword.web.desk.programs.sentence import rule

    milestones = {"joined": {"event": "signup"}, "bought": {"event": "purchase"}, "done": step}
    promise = {"to": "advocate", "on": "done", "give": {"cash": "5.00"}}
    document = DOCUMENT | {"milestones": milestones, "promises": [promise]}
    terms = read_terms(document, SHELVES, version=1, live_from=datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(terms, Terms), terms
    return re.sub(r"<[^>]+>", "", str(rule(terms))).replace("\u2068", "").replace("\u2069", "").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (
            {"counts": "purchase", "sum": "500.00", "days": 3, "within": "90d of joined"},
            "500.00 EUR in all, on 3 different days",
        ),
        ({"counts": "purchase", "count": 2, "min": "20.00"}, "at least 20.00 EUR each came together: 2 times"),
        ({"all": ["joined", "bought"]}, "when all of these are reached: joining, the first order"),
        ({"any": ["joined", "bought"]}, "when any of these is reached"),
        ({"all": ["joined", "bought"], "in_order": True}, "in this order"),
        ({"moment": "on 2026-12-31"}, "on 31 Dec 2026"),
        ({"moment": "end of quarter of bought"}, "at the end of the quarter of the first order"),
        ({"moment": "30d after bought", "pauses": ["leave"]}, "30 days after the first order, pauses not counted"),
        ({"moment": "1 month after bought", "repeat": {"most": 12}}, "each time, at most 12 times"),
        ({"event": "renewal", "repeat": {}}, "a renewal, each time"),
    ],
)
def test_a_step_is_told(step: dict[str, object], says: str) -> None:
    assert says in told(step)
