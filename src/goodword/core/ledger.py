"""Where is every cent? Balanced postings between accounts, pending until posted or voided, floors that are never broken."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime

import msgspec

PHASES = ("posted", "pending", "post", "void")


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """`amount_minor` of `asset` from `source` to `destination`. `post` and `void` close the pending entry `of`."""

    id: str
    source: str
    destination: str
    asset: str
    amount_minor: int
    phase: str
    reason: str
    at: datetime
    of: str | None = None
    referral: str | None = None
    reward: str | None = None


class Balance(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an account holds: `posted_minor`, and what is pending out of and into it. `floor_minor` None: no floor."""

    posted_minor: int = 0
    pending_out_minor: int = 0
    pending_in_minor: int = 0
    floor_minor: int | None = None

    @property
    def available_minor(self) -> int:
        """What may still leave the account, less what is already promised out of it."""
        return self.posted_minor - self.pending_out_minor


Accounts = MutableMapping[tuple[str, str], Balance]  # (account name, asset) -> balance


class LedgerError(ValueError):
    """An entry that would not balance, break a floor, or close a pending entry twice."""


def budget_account(program: str) -> str:
    """What a program may still spend."""
    return f"budget:{program}"


def reserved_account(program: str) -> str:
    """What is set aside for friends who joined."""
    return f"reserved:{program}"


def prizes_account(program: str) -> str:
    """What is set aside for the prizes of a contest's rounds."""
    return f"prizes:{program}"


def cost_account(program: str) -> str:
    """What rewards that are not money (points, things) cost, taken out of the budget as they were granted."""
    return f"cost:{program}"


def overrun_account(program: str) -> str:
    """The named line from which joined friends are honoured after the budget's end."""
    return f"overrun:{program}"


def payable_account(party: str) -> str:
    """What is owed to a payee."""
    return f"payable:{party}"


def owed_account(party: str) -> str:
    """What a payee owes back: the balance is negative by that much."""
    return f"owed:{party}"


def redeemed_account(program: str) -> str:
    """Points that were spent on what a program's catalogue offers."""
    return f"redeemed:{program}"


def expired_account(unit: str) -> str:
    """Points of a unit that are gone, or were given up."""
    return f"expired:{unit}"


FUNDING, SENT, RECOVERED, WRITTEN_OFF = "funding", "sent", "recovered", "written_off"
OPENING = "opening"  # what people held elsewhere before they came here


# A budget may be cut below what is set aside (it then takes no new joins), and what was set aside is honoured all the same.
WITHOUT_FLOOR = frozenset({"budget_cut", "grant_reserved", "cost_reserved"})


def has_floor(account: str) -> bool:
    """Accounts that may never go below zero by a grant, a reservation or a payment."""
    return account.startswith(("reserved:", "prizes:", "payable:"))


def apply(accounts: Accounts, entry: Entry) -> None:
    """Fold one entry into the balances. Raises LedgerError and changes nothing where it must not be booked."""
    if entry.amount_minor <= 0:
        raise LedgerError(f"entry {entry.id} moves {entry.amount_minor}; amounts are whole minor units above zero")
    if entry.source == entry.destination:
        raise LedgerError(f"entry {entry.id} goes from {entry.source} to itself")
    source_key, destination_key = (entry.source, entry.asset), (entry.destination, entry.asset)
    source, destination = accounts.get(source_key, Balance()), accounts.get(destination_key, Balance())
    amount = entry.amount_minor
    if entry.phase in ("posted", "pending") and entry.reason not in WITHOUT_FLOOR:
        floor = source.floor_minor if source.floor_minor is not None else 0 if has_floor(entry.source) else None
        if floor is not None and source.available_minor - amount < floor:
            raise LedgerError(
                f"entry {entry.id} takes {amount} {entry.asset} from {entry.source}, which has {source.available_minor}"
            )
    replace = msgspec.structs.replace
    if entry.phase == "posted":
        source = replace(source, posted_minor=source.posted_minor - amount)
        destination = replace(destination, posted_minor=destination.posted_minor + amount)
    elif entry.phase == "pending":
        source = replace(source, pending_out_minor=source.pending_out_minor + amount)
        destination = replace(destination, pending_in_minor=destination.pending_in_minor + amount)
    elif entry.phase in ("post", "void"):
        if entry.of is None or source.pending_out_minor < amount or destination.pending_in_minor < amount:
            raise LedgerError(f"entry {entry.id} closes a pending entry that is not open")
        posted = amount if entry.phase == "post" else 0
        source = replace(
            source, posted_minor=source.posted_minor - posted, pending_out_minor=source.pending_out_minor - amount
        )
        destination = replace(
            destination,
            posted_minor=destination.posted_minor + posted,
            pending_in_minor=destination.pending_in_minor - amount,
        )
    else:
        raise LedgerError(f"entry {entry.id} has the unknown phase {entry.phase}")
    accounts[source_key], accounts[destination_key] = source, destination


def imbalance(accounts: Accounts) -> dict[str, int]:
    """Per asset, the sum of all posted balances (must be zero: every posting has two sides); only assets that are off."""
    sums: dict[str, int] = {}
    for (_, asset), balance in accounts.items():
        sums[asset] = sums.get(asset, 0) + balance.posted_minor
    return {asset: total for asset, total in sums.items() if total}
