"""What came of it? Decisions and referrals as lines of plain data, and a summary that can be compared to the cent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from goodword.core.amounts import to_decimal
from goodword.core.ledger import Accounts, Balance, Entry, imbalance
from goodword.core.reasons import Reason
from goodword.core.referral import Referral, Reward
from goodword.core.situation import Decision, Party

Name = Callable[[str], str]  # a party's id -> what the reader calls the person

_OF_PARTY = ("payable", "owed")


def own_name(party: Party | None, id_: str) -> str:
    """The sender's own id of a party where tokens are readable ("id:c-17" -> "c-17"), else its first identity."""
    if party is None or not party.ids:
        return id_
    kind, token = min(party.ids, key=lambda pair: pair[0] != "id")
    return token.removeprefix("id:") if kind == "id" else token


class Telling:
    """Tells decision after decision. A grant is told when it is new or has changed, so that the lines read as a history."""

    def __init__(self, name: Name) -> None:
        self._name = name
        self._told: dict[str, tuple[str, int]] = {}
        self.reasons: Counter[str] = Counter()

    def line(self, decision: Decision) -> dict[str, Any]:
        """One decision (contracts 1.3). `event` is null and `due` names the referral where a moment came instead."""
        self.reasons.update(reason.code for reason in decision.reasons)
        referrals = [referral_line(referral, self._name) for referral in decision.referrals]
        line: dict[str, Any] = {
            "event": decision.event,
            "at": moment(decision.clock),
            "referral": referrals[0] if referrals else None,
            "reasons": [reason_line(reason) for reason in decision.reasons],
            "grants": [
                grant for referral in decision.referrals for reward in referral.rewards for grant in self._news(reward)
            ],
            "entries": [entry_line(entry, self._name) for entry in decision.entries],
        }
        if len(referrals) > 1:
            line["more_referrals"] = referrals[1:]
        if decision.due:
            line["due"] = decision.due
        return line

    def _news(self, reward: Reward) -> Iterator[dict[str, Any]]:
        stand = (reward.state, reward.amount_minor)
        if self._told.get(reward.id) != stand:
            self._told[reward.id] = stand
            yield {"to": reward.to, "person": self._name(reward.payee), **_value(reward), "state": reward.state}


def moment(at: Any) -> str:
    """A moment in UTC as it is written everywhere: 2026-11-03T17:05:00Z."""
    return str(at.isoformat().replace("+00:00", "Z"))


def reason_line(reason: Reason) -> dict[str, Any]:
    """One step: code, whether it was passed, what was compared and with what."""
    line = {"code": reason.code, "passed": reason.passed, "value": reason.value, "needed": reason.needed}
    return line if reason.about is None else line | {"about": reason.about}


def referral_line(referral: Referral, name: Name) -> dict[str, Any]:
    """A referral as it stands."""
    line: dict[str, Any] = {
        "friend": name(referral.friend),
        "advocate": name(referral.advocate),
        "method": referral.method,
        "state": referral.state,
        "rewards": [{"to": reward.to, **_value(reward), "state": reward.state} for reward in referral.rewards],
        "program": referral.program,
        "bound_at": moment(referral.bound_at),
    }
    return line if referral.subject == "program" else line | {"subject": referral.subject}


def entry_line(entry: Entry, name: Name) -> dict[str, Any]:
    """One posting between two accounts."""
    return {
        "from": account_name(entry.source, name),
        "to": account_name(entry.destination, name),
        "amount": to_decimal(entry.amount_minor, entry.asset),
        "currency": entry.asset,
        "phase": entry.phase,
        "reason": entry.reason,
    }


def account_name(account: str, name: Name) -> str:
    """An account of a person under the person's name; others as they are."""
    family, _, owner = account.partition(":")
    return f"{family}:{name(owner)}" if family in _OF_PARTY else account


def referral_lines(referrals: Iterable[Referral], name: Name) -> list[dict[str, Any]]:
    """The lines of all referrals in an order that depends on nothing but what they say."""
    lines = [referral_line(referral, name) for referral in referrals]
    return sorted(lines, key=lambda line: (line["bound_at"], line["friend"], line["program"], line["advocate"]))


def summary(referrals: Iterable[Referral], reasons: Counter[str], accounts: Accounts) -> dict[str, Any]:
    """Counts by referral state and reason, rewards by state, kind and currency, and the ledger's balances."""
    kept = list(referrals)
    rewards: dict[tuple[str, str, str, str], list[int]] = {}
    for referral in kept:
        for reward in referral.rewards:
            sums = rewards.setdefault((reward.to, reward.kind, reward.asset, reward.state), [0, 0])
            sums[0] += 1
            sums[1] += reward.amount_minor
    return {
        "referrals": dict(sorted(Counter(referral.state for referral in kept).items())),
        "reasons": dict(sorted(reasons.items())),
        "rewards": [
            {
                "to": to,
                "kind": kind,
                "currency": asset,
                "state": state,
                "count": count,
                "amount": to_decimal(total_minor, asset),
            }
            for (to, kind, asset, state), (count, total_minor) in sorted(rewards.items())
        ],
        "ledger": {
            "balances": balances(accounts),
            "imbalance": {asset: to_decimal(off, asset) for asset, off in sorted(imbalance(accounts).items())},
        },
    }


def balances(accounts: Accounts) -> list[dict[str, Any]]:
    """What lies where; accounts of single people are added up to one line a family and asset."""
    families: dict[tuple[str, str], list[int]] = {}
    for (account, asset), balance in accounts.items():
        if balance == Balance(floor_minor=balance.floor_minor):
            continue
        family = account.partition(":")[0]
        sums = families.setdefault((family if family in _OF_PARTY else account, asset), [0, 0, 0])
        sums[0] += balance.posted_minor
        sums[1] += balance.pending_in_minor
        sums[2] += balance.pending_out_minor
    return [
        {
            "account": account,
            "currency": asset,
            "posted": to_decimal(posted, asset),
            "pending_in": to_decimal(pending_in, asset),
            "pending_out": to_decimal(pending_out, asset),
        }
        for (account, asset), (posted, pending_in, pending_out) in sorted(families.items())
    ]


def _value(reward: Reward) -> dict[str, Any]:
    return {
        "kind": reward.kind,
        "amount": to_decimal(reward.amount_minor, reward.asset),
        "currency": reward.asset,
    }
