"""What should have come of it? Checks what stands right of the arrow, and shows what is there instead with its reasons."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from goodword.core.amounts import to_decimal
from goodword.core.contest import round_id
from goodword.core.contest_board import Standing, teams
from goodword.core.payouts import paid_out_by
from goodword.core.reasons import TEXTS, Reason, ranked, text_of
from goodword.core.referral import REFERRAL_MOVES, REWARD_MOVES
from goodword.core.terms import Terms
from goodword.scenarios.player import Balances, Player, Referrals, SeenReferral, SeenWallet

_NAME = r"(?P<name>[\w.@+-]+?)(?:@(?P<program>[a-z][a-z-]*)(?=\s))?(?:#(?P<subject>\w+ [\w-]+))?"
_AMOUNT = r"(?P<amount>-?\d+(?:\.\d+)?)(?: (?P<asset>[A-Z]{3}(?![A-Z:])|[A-Z]+:[\w-]+))?"
_ON_THE_WAY = ("pending", "in_review", "payable")
_ACCOUNTS = {"prizes": "prizes", "budget": "budget", "reserved": "reserved", "overrun": "overrun", "cost": "cost"}


class Outcome(msgspec.Struct):
    """What can be asked about after a line: reasons, referrals and balances, and the referrals before the line."""

    reasons: tuple[Reason, ...]
    referrals: Referrals
    balances: Balances
    before: Referrals
    wallets: list[SeenWallet] = []
    notices: dict[str, int] = {}
    board: Callable[[str], dict[str, Standing]] = lambda _: {}
    terms: Callable[[str, int], Terms] | None = None


def check(expected: str, outcome: Outcome) -> str | None:
    """None where the expectation holds, else what was found instead."""
    for pattern, look in _EXPECTATIONS:
        found = re.fullmatch(pattern, expected)
        if found:
            return look(found, outcome)
    raise ValueError(f'"{expected}" is not an expectation')


def _referrals_of(found: re.Match[str], outcome: Outcome) -> list[SeenReferral]:
    return [
        referral
        for referral in outcome.referrals.values()
        if referral.friend == found["name"]
        and found["program"] in (None, referral.program)
        and found["subject"] in (None, referral.subject)
    ]


def _state(found: re.Match[str], outcome: Outcome) -> str | None:
    known = _referrals_of(found, outcome)
    if len(known) == 1 and known[0].state == found["state"]:
        return None
    return ", ".join(f"{one.friend}@{one.program} {one.state}" for one in known) or f"no referral of {found['name']}"


def _no_referral(found: re.Match[str], outcome: Outcome) -> str | None:
    known = _referrals_of(found, outcome)
    return ", ".join(f"{one.friend}@{one.program} {one.state}" for one in known) or None


def _advocate(found: re.Match[str], outcome: Outcome) -> str | None:
    known = _referrals_of(found, outcome)
    if len(known) == 1 and known[0].advocate == found["advocate"]:
        return None
    return ", ".join(f"{one.friend} by {one.advocate}" for one in known) or f"no referral of {found['name']}"


def _version(found: re.Match[str], outcome: Outcome) -> str | None:
    known = _referrals_of(found, outcome)
    if len(known) == 1 and known[0].version == int(found["version"]):
        return None
    return ", ".join(f"{one.friend} version {one.version}" for one in known) or f"no referral of {found['name']}"


def _rewards(found: re.Match[str], outcome: Outcome) -> str | None:
    mine = [
        reward
        for referral in outcome.referrals.values()
        for reward in referral.rewards
        if reward.payee == found["name"] and found["program"] in (None, referral.program)
    ]
    asset = found["asset"] or (mine[0].asset if mine else "EUR")
    total = sum(reward.amount_minor for reward in mine if reward.state == found["state"] and reward.asset == asset)
    if to_decimal(total, asset) == found["amount"] or (total == 0 and float(found["amount"]) == 0):
        return None
    there = ", ".join(f"{reward.state} {to_decimal(reward.amount_minor, reward.asset)}" for reward in mine)
    return f"{found['name']} {found['state']} {to_decimal(total, asset)} (all rewards: {there or 'none'})"


def _promised(found: re.Match[str], outcome: Outcome) -> str | None:
    """`alice promised 2026-03-16`: the day of the program's zone by which each of their rewards that waits is to be there."""
    assert outcome.terms is not None, "whoever plays knows the terms"
    there = set()
    for referral in outcome.referrals.values():
        terms = outcome.terms(referral.program, referral.version)
        if found["program"] in (None, referral.program):
            mine = [one for one in referral.rewards if one.payee == found["name"] and one.state in _ON_THE_WAY]
            there |= {f"{paid_out_by(one.payable_at, terms).astimezone(terms.zone):%Y-%m-%d}" for one in mine}
    return None if there == {found["day"]} else f"{found['name']} promised {', '.join(sorted(there)) or 'nothing'}"


def _reason(found: re.Match[str], outcome: Outcome) -> str | None:
    code, value = found["code"], found["value"]
    if code not in TEXTS:
        raise ValueError(f'"{code}" is not a reason')
    there = [reason for reason in outcome.reasons if reason.code == code]
    meant = [reason for reason in there if value in (None, reason.value)]
    if found["no"]:
        return f"{code}({meant[0].value})" if meant else None
    if meant:
        return None
    return f"{code}({there[0].value})" if there else "no such reason"


def _nothing(found: re.Match[str], outcome: Outcome) -> str | None:
    changed = [
        referral.friend
        for key, referral in outcome.referrals.items()
        if (known := outcome.before.get(key)) is None
        or (known.state, known.rewards) != (referral.state, referral.rewards)
    ]
    return f"the referral of {', '.join(changed)} changed" if changed else None


def _account(found: re.Match[str], outcome: Outcome) -> str | None:
    program, asset = found["program"] or "acme", found["asset"] or "EUR"
    minor = outcome.balances.get((f"{_ACCOUNTS[found['account']]}:{program}", asset), 0)
    minor = -minor if found["account"] == "overrun" else minor
    if to_decimal(minor, asset) == found["amount"] or (minor == 0 and float(found["amount"]) == 0):
        return None
    return f"{found['account']} {to_decimal(minor, asset)}"


def _owes(found: re.Match[str], outcome: Outcome) -> str | None:
    asset = found["asset"] or "EUR"
    minor = -outcome.balances.get((f"owed:{found['name']}", asset), 0)
    return None if to_decimal(minor, asset) == found["amount"] else f"{found['name']} owes {to_decimal(minor, asset)}"


def _points(found: re.Match[str], outcome: Outcome) -> str | None:
    mine = [one for one in outcome.wallets if found["name"] in one.members and found["unit"] in (None, one.unit)]
    what = (found["what"] or "available").removeprefix("-")
    if what == "expire":
        dates = sorted({day for one in mine for _, day in one.lots})
        there = f"points that expire {', '.join(dates) or 'never'}"
        return None if dates[:1] == [found["number"]] or (found["number"] == "never" and not dates) else there
    number = sum(getattr(one, what) for one in mine)
    return None if str(number) == found["number"] else f"{found['name']} points{found['what'] or ''} {number}"


def _notices(found: re.Match[str], outcome: Outcome) -> str | None:
    number = outcome.notices.get(found["kind"], 0)
    return None if number == int(found["number"]) else f"{number} notices {found['kind']}"


def _is_owed(found: re.Match[str], outcome: Outcome) -> str | None:
    asset = found["asset"] or "EUR"
    minor = outcome.balances.get((f"payable:{found['name']}", asset), 0)
    return (
        None if to_decimal(minor, asset) == found["amount"] else f"{found['name']} is owed {to_decimal(minor, asset)}"
    )


def _count(found: re.Match[str], outcome: Outcome) -> str | None:
    states = [reward.state for referral in outcome.referrals.values() for reward in referral.rewards]
    number = states.count(found["state"])
    return None if number == int(found["number"]) else f"{number} rewards {found['state']}"


def _board(found: re.Match[str], outcome: Outcome) -> str | None:
    """`board 2026-03 alice:2 bob:1+1`: everybody who counts in order, with what is provisional behind the plus."""
    known = outcome.board(round_id("acme", found["round"]))
    listed = [(name, one) for name, one in known.items() if not one.excluded]
    listed.sort(key=lambda pair: (-pair[1].value, str(pair[1].reached_at), pair[0]))
    there = [
        f"{name}:{one.value}" + (f"+{one.provisional_value}" if one.provisional_value else "") for name, one in listed
    ]
    return None if there == found["places"].split() else f"board {' '.join(there) or 'empty'}"


def _teams(found: re.Match[str], outcome: Outcome) -> str | None:
    board = teams(outcome.board(round_id("acme", found["round"])).values())
    there = [f"{team.name}:{team.value}" for team in board]
    return None if there == found["places"].split() else f"team {' '.join(there) or 'empty'}"


_STATES = "|".join(REFERRAL_MOVES)
_REWARD_STATES = "|".join(REWARD_MOVES)
_EXPECTATIONS: tuple[tuple[str, Callable[[re.Match[str], Outcome], str | None]], ...] = (
    (r"nothing", _nothing),
    (r"team (?P<round>\S+)(?P<places>(?: \S+)*)", _teams),
    (r"board (?P<round>\S+)(?P<places>(?: \S+)*)", _board),
    (rf"(?P<account>budget|reserved|overrun|prizes|cost)(?:@(?P<program>[a-z-]+))? {_AMOUNT}", _account),
    (rf"(?P<number>\d+) rewards? (?P<state>{_REWARD_STATES})", _count),
    (rf"{_NAME} owes {_AMOUNT}", _owes),
    (r"(?P<number>\d+) notices? (?P<kind>[a-z_]+)", _notices),
    (
        r"(?P<name>\w+) points(?P<what>-pending|-spent|-expired|-back|-owed|-expire)? (?P<number>-?\d+|[\d-]{10}|never)"
        r"(?: (?P<unit>PTS:[a-z-]+))?",
        _points,
    ),
    (rf"{_NAME} is owed {_AMOUNT}", _is_owed),
    (rf"{_NAME} promised (?P<day>\d{{4}}-\d{{2}}-\d{{2}})", _promised),
    (rf"{_NAME} (?P<state>{_REWARD_STATES}) {_AMOUNT}", _rewards),
    (rf"{_NAME} (?P<state>{_STATES})", _state),
    (rf"{_NAME} by (?P<advocate>[\w.@+-]+)", _advocate),
    (rf"{_NAME} version (?P<version>\d+)", _version),
    (rf"{_NAME} not referred", _no_referral),
    (r"(?P<no>no )?(?P<code>[a-z_]+)(?:\((?P<value>.+)\))?", _reason),
)


def ladder(reasons: tuple[Reason, ...]) -> str:
    """The reasons of a decision as the desk reads them, one a line."""
    marks = {True: "accepted", False: "refused ", None: "open    "}
    lines = [
        f"      {marks[reason.passed]}  {reason.code:20} {text_of(reason, 'agent')}"
        + (f"  [{reason.about}]" if reason.about else "")
        for reason in ranked(reasons)
    ]
    return "\n".join(lines) or "      (no reasons)"


def story(player: Player) -> str:
    """All referrals and balances as they stand, for whoever has to understand a wrong expectation."""
    lines = []
    for referral in player.referrals().values():
        lines.append(f"      {referral.friend} by {referral.advocate} in {referral.program}: {referral.state}")
        lines += [
            f"          {reward.payee} {reward.state} {to_decimal(reward.amount_minor, reward.asset)} {reward.asset}"
            f" ({reward.kind} to the {reward.to})"
            for reward in referral.rewards
        ]
        lines.append(ladder(referral.reasons))
    lines += [f"      {wallet}" for wallet in player.wallets()]
    for (account, asset), minor in sorted(player.balances().items()):
        lines.append(f"      {account} {to_decimal(minor, asset)} {asset}")
    return "\n".join(lines) or "      (no referrals)"
