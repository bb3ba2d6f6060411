"""Can every reason be told? Each code used exists, speaks to the agent, and gives away nothing that is not the listener's."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from goodword import core
from goodword.core.disclosure import LEVELS, told_to_advocate
from goodword.core.reasons import TEXTS, VOICES, Reason, rank_of, ranked, text_of, verdict

CORE = Path(core.__file__).parent
FRAUD = [code for code in TEXTS if code.startswith(("screening_", "review_")) or code == "finding"]


def _codes_in(path: Path) -> set[str]:
    """First arguments of Reason(...) and of the ladders' refuse(...); names and conditionals are followed to their words."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Reason", "refuse") and node.args:
            found |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
    return {code for code in found if isinstance(code, str)}


USED = {code for path in sorted(CORE.glob("*.py")) for code in _codes_in(path)}


# Told to the person whose points they are, never about a friend.
OF_ONES_OWN = frozenset(
    "item_over not_redeemable_yet points_short redeemed redemption_cancelled points_expired points_expire_soon"
    " out_of_stock redeem_limit item_unknown".split()
)


def test_every_reason_that_the_core_gives_is_in_the_catalogue() -> None:
    assert len(USED) > 40
    assert USED - set(TEXTS) == set()


def test_every_line_of_the_catalogue_is_used() -> None:
    """A code may also stand in a tuple that a ladder walks, so the words are searched for, not only the calls."""
    sources = "".join(path.read_text(encoding="utf-8") for path in CORE.glob("*.py") if path.name != "reasons.py")
    assert [code for code in TEXTS if f'"{code}"' not in sources] == []


@pytest.mark.parametrize("code", TEXTS)
def test_every_reason_speaks_to_the_agent_and_has_a_rank_of_its_own(code: str) -> None:
    line = TEXTS[code]
    assert len(line.agent.split()) >= 1 and line.agent.strip()
    assert [other for other in TEXTS if TEXTS[other].rank == line.rank] == [code]


@pytest.mark.parametrize("code", TEXTS)
def test_the_advocate_never_learns_values(code: str) -> None:
    told = text_of(Reason(code, False, "SECRET-VALUE", "SECRET-NEED"), "advocate")
    assert "SECRET" not in told or code in OF_ONES_OWN


@pytest.mark.parametrize("code", FRAUD)
def test_nobody_outside_learns_a_fraud_rule(code: str) -> None:
    for voice in ("advocate", "friend"):
        told = text_of(Reason(code, False, "70", "70"), voice)
        assert told in ("", "Not this time.", "On its way.")


@pytest.mark.parametrize("code", TEXTS)
def test_every_voice_is_filled_in(code: str) -> None:
    for voice in VOICES:
        told = text_of(Reason(code, False, "49.99 EUR", "50.00 EUR"), voice)
        assert "{" not in told
    assert f"[{code}, refused, value 49.99 EUR, needed 50.00 EUR]" in text_of(
        Reason(code, False, "49.99 EUR", "50.00 EUR"), "auditor"
    )


def test_an_unknown_code_is_shown_raw() -> None:
    assert text_of(Reason("from_the_future", None, "7"), "agent") == "from_the_future: 7"
    assert rank_of(Reason("from_the_future")) == 999


def test_the_verdict_is_the_first_refusal_then_what_is_open_then_the_last_success() -> None:
    won, joined = Reason("touch_won", True, "click"), Reason("joined", True, "2026-03-01")
    refused, waiting = Reason("below_minimum", False, "1", "2"), Reason("milestone_open", None, None, "purchase")
    side = Reason("touch_too_old", False, "40 days", "30 days")
    assert verdict((joined, won, refused, waiting)) == refused
    assert verdict((joined, won, waiting)) == waiting
    assert verdict((won, joined)) == joined
    assert verdict((won, side, joined)) == joined, "a touch that was refused beside the winner decides nothing"
    assert verdict((side,)) == side
    assert verdict(()) is None
    assert ranked((joined, won)) == (won, joined)


def test_what_the_advocate_is_told_grows_with_the_level() -> None:
    reasons = (
        Reason("touch_won", True, "click"),
        Reason("joined", True, "2026-03-02"),
        Reason("below_minimum", False, "20.00 EUR", "50.00 EUR"),
        Reason("screening_denied", False, "70", "70"),
    )
    told = {level: told_to_advocate("not_qualified", reasons, level) for level in LEVELS}
    assert told["nothing"] == ()
    assert told["steps"] == ("Joined.", "Not this time.")
    assert told["steps_with_dates"] == ("Joined on 2026-03-02.", "Not this time.")
    assert told["reasons"][0] == "Joined on 2026-03-02."
    for level in LEVELS:
        assert not any(secret in sentence for sentence in told[level] for secret in ("20.00", "50.00", "70", "Denied"))


@pytest.mark.parametrize(
    ("sentence", "states"),
    [
        ("On its way.", ("joined", "waiting", "held", "qualified")),
        ("Yours.", ("rewarded",)),
        ("Not this time.", ("denied", "reversed", "expired", "lapsed", "not_qualified")),
    ],
)
def test_the_steps_say_no_more_than_where_it_stands(sentence: str, states: tuple[str, ...]) -> None:
    for state in states:
        assert told_to_advocate(state, (Reason("joined", True, "2026-03-02"),), "steps") == ("Joined.", sentence)
