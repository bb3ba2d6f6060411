"""Does every entry balance? Any sequence of entries keeps the sums, the floors, and closes what is pending only once."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.core.ledger import PHASES, Accounts, Balance, Entry, LedgerError, apply, has_floor, imbalance
from tests.core.worlds import CAREFULLY

AT = datetime(2026, 3, 1, tzinfo=UTC)
ACCOUNTS = ("funding", "budget:acme", "reserved:acme", "payable:alice", "owed:alice", "sent")

entries = st.builds(
    Entry,
    id=st.text("abc", min_size=1, max_size=3),
    source=st.sampled_from(ACCOUNTS),
    destination=st.sampled_from(ACCOUNTS),
    asset=st.sampled_from(["EUR", "USD"]),
    amount_minor=st.integers(-2, 30),
    phase=st.sampled_from([*PHASES, "unknown"]),
    reason=st.just("test"),
    at=st.just(AT),
    of=st.sampled_from([None, "open"]),
)


def entry(
    source: str, destination: str, minor: int, phase: str = "posted", reason: str = "x", of: str | None = None
) -> Entry:
    return Entry("e", source, destination, "EUR", minor, phase, reason, AT, of)


@CAREFULLY
@given(st.lists(entries, max_size=30))
def test_any_sequence_balances_and_no_floor_is_broken(sequence: list[Entry]) -> None:
    accounts: Accounts = {("budget:acme", "EUR"): Balance(floor_minor=0)}
    for one in sequence:
        before = dict(accounts)
        try:
            apply(accounts, one)
        except LedgerError:
            assert accounts == before
    assert imbalance(accounts) == {}
    for (account, asset), balance in accounts.items():
        if has_floor(account) or (account, asset) == ("budget:acme", "EUR"):
            assert balance.available_minor >= 0
        assert balance.pending_in_minor >= 0 and balance.pending_out_minor >= 0
    for asset in ("EUR", "USD"):
        mine = [balance for (_, held), balance in accounts.items() if held == asset]
        assert sum(balance.pending_in_minor for balance in mine) == sum(balance.pending_out_minor for balance in mine)


@pytest.mark.parametrize("close", ["post", "void"])
def test_a_pending_entry_is_closed_once(close: str) -> None:
    accounts: Accounts = {}
    apply(accounts, entry("funding", "payable:alice", 10, "pending"))
    apply(accounts, entry("funding", "payable:alice", 10, close, of="e"))
    for again in ("post", "void"):
        with pytest.raises(LedgerError, match="not open"):
            apply(accounts, entry("funding", "payable:alice", 10, again, of="e"))
    assert accounts[("payable:alice", "EUR")].posted_minor == (10 if close == "post" else 0)


def test_what_is_pending_cannot_be_spent_twice() -> None:
    accounts: Accounts = {}
    apply(accounts, entry("funding", "payable:alice", 10))
    apply(accounts, entry("payable:alice", "sent", 6, "pending"))
    with pytest.raises(LedgerError, match="has 4"):
        apply(accounts, entry("payable:alice", "sent", 5))


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (entry("funding", "sent", 0), "above zero"),
        (entry("funding", "sent", -1), "above zero"),
        (entry("sent", "sent", 1), "to itself"),
        (entry("funding", "sent", 1, "later"), "unknown phase"),
        (entry("payable:alice", "sent", 1), "which has 0"),
        (entry("funding", "sent", 1, "post"), "not open"),
    ],
)
def test_what_cannot_be_booked_is_refused_in_words(bad: Entry, says: str) -> None:
    accounts: Accounts = {}
    with pytest.raises(LedgerError, match=says):
        apply(accounts, bad)
    assert accounts == {}


def test_a_budget_with_a_floor_stops_at_it_but_honours_what_was_set_aside() -> None:
    accounts: Accounts = {("budget:acme", "EUR"): Balance(posted_minor=5, floor_minor=0)}
    with pytest.raises(LedgerError):
        apply(accounts, entry("budget:acme", "reserved:acme", 6))
    apply(accounts, entry("budget:acme", "funding", 8, reason="budget_cut"))
    apply(accounts, entry("budget:acme", "payable:alice", 2, "pending", "grant_reserved"))
    assert accounts[("budget:acme", "EUR")].available_minor == -5


def test_an_imbalance_is_named() -> None:
    accounts: Accounts = {("sent", "EUR"): Balance(posted_minor=3)}
    assert imbalance(accounts) == {"EUR": 3}
    accounts[("funding", "EUR")] = msgspec.structs.replace(Balance(), posted_minor=-3)
    assert imbalance(accounts) == {}
