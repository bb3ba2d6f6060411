"""What do limits and the ledger ask of a batch? Counters of whomever it may count over, and accounts of whomever it may book to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from goodword.core.ledger import (
    FUNDING,
    OPENING,
    RECOVERED,
    SENT,
    WRITTEN_OFF,
    Balance,
    budget_account,
    cost_account,
    expired_account,
    overrun_account,
    owed_account,
    payable_account,
    prizes_account,
    redeemed_account,
    reserved_account,
)
from goodword.core.situation import Situation
from goodword.store.book import Book
from goodword.store.sql.connect import array_literal

Ask = Callable[..., list[tuple[Any, ...]]]
PROGRAM_ACCOUNTS = (budget_account, reserved_account, overrun_account, prizes_account, redeemed_account, cost_account)


def load_counters(ask: Ask, situation: Situation, whom: set[str]) -> None:
    """Counters of these people, codes and programs, and of the households, organizations and channels that they name."""
    parties = situation.parties.values()
    whom = whom | {group for party in parties for group in (party.household, party.organization) if group}
    whom |= {event.channel for trail in situation.trails.values() for event in trail if event.channel}
    for key, number, minor in ask(
        "SELECT c.key, c.n, c.amount_minor FROM unnest(%(whom)s::text[]) AS w(whom), LATERAL (SELECT key, n,"
        " amount_minor FROM counter c"
        " WHERE c.client_id = %(client)s::uuid AND c.key >= w.whom || '|' AND c.key < w.whom || '}') c",
        whom=array_literal(whom),
    ):
        situation.counters[key] = (number, minor)


def load_accounts(ask: Ask, situation: Situation, book: Book, whose: set[str]) -> None:
    """Accounts of the house, of the programs and of whoever may be given something."""
    names = {FUNDING, SENT, RECOVERED, WRITTEN_OFF, OPENING}
    for program in book.programs:
        names |= {named(program) for named in PROGRAM_ACCOUNTS}
    names |= {expired_account(unit.asset) for terms in book.versions for unit in terms.units}
    for party in whose:
        names |= {payable_account(party), owed_account(party)}
    for name, asset, floor, posted, pending_out, pending_in in ask(
        "SELECT q.name, a.asset, a.floor_minor, a.posted_minor, a.pending_out_minor, a.pending_in_minor"
        " FROM unnest(%(names)s::text[]) AS q(name), LATERAL (SELECT * FROM account a"
        " WHERE a.client_id = %(client)s::uuid AND a.name = q.name OFFSET 0) a",
        names=array_literal(names),
    ):
        known = situation.accounts.get((name, asset))
        kept = known.floor_minor if known else floor
        situation.accounts[(name, asset)] = Balance(posted, pending_out, pending_in, kept)
