"""What does a row of another system's history say? Audiences, organizations, referrals, rewards and balances, each row an act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from goodword.core.amounts import is_currency, to_minor
from goodword.core.events import Problem
from goodword.core.rows import SINCE_EVER, Row, filled, moment_in, row_id

Made = dict[str, Any] | list[Problem]

KINDS_OF_BALANCE = ("credit", "points", "owed")
STATES_OF_REWARD = ("paid", "owed")
SIDES = ("advocate", "friend")
STATES_OF_REFERRAL = (
    "joined", "waiting", "held", "qualified", "rewarded", "not_qualified", "expired", "lapsed", "denied", "reversed",
)  # fmt: skip
METHODS = ("named", "code", "click", "claim")


def audience_row_event(row: Row) -> Made:
    """The `listed` act of an audiences row: a person, the list, from and to."""
    problems: list[Problem] = []
    values = filled(row)
    person = _person(values, problems)
    audience = values.get("audience")
    if not audience:
        problems.append(_missing("audience", "give the name of the list, or add it by --map constants"))
    since, until = (_moment(values, name, problems) for name in ("from", "to"))
    if since and until and until < since:
        problems.append(Problem("to", "lies before from", "mend one of the two", "invalid"))
    if problems:
        return problems
    begins = since or SINCE_EVER
    act = {"audience": audience, "since": begins.isoformat()} | ({"until": until.isoformat()} if until else {})
    return _event("listed", "audience", values, begins, {"person": person, "act": act})


def organization_row_event(row: Row) -> Made:
    """The `organization` act of an organizations row: id, name, domain, vat_id."""
    values = filled(row)
    organization = {name: values[name] for name in ("id", "name", "domain", "vat_id") if name in values}
    if not organization.keys() - {"name"}:
        return [_missing("id", "give an id, a vat_id or a domain; a name alone is not unique")]
    return _event("organization", "organization", values, SINCE_EVER, {"organization": organization})


def referral_row_event(row: Row) -> Made:
    """The `referred` act of a referrals row: friend, advocate, program, joined_at (or bound_at), method, state."""
    problems: list[Problem] = []
    values = filled(row)
    for column in ("friend", "advocate"):
        if column not in values:
            problems.append(_missing(column, f"give the id of the {column}"))
    if values.get("friend") == values.get("advocate") and not problems:
        problems.append(Problem("advocate", "is the friend", "nobody refers oneself; mend the row", "invalid"))
    joined_at = _moment(values, "joined_at" if "joined_at" in values else "bound_at", problems)
    if joined_at is None and not problems:
        problems.append(_missing("joined_at", 'say when the friend came, for example "2026-03-01"'))
    state = _one_of(values, "state", STATES_OF_REFERRAL, problems, "joined")
    method = _one_of(values, "method", METHODS, problems, "named")
    if problems or joined_at is None:
        return problems
    kept = {name: values[name] for name in ("friend", "advocate", "program") if name in values}
    return _event(
        "referred",
        "referral",
        kept | {"joined_at": joined_at.isoformat(), "state": state, "method": method},
        joined_at,
        {
            "person": {"id": values["friend"]},
            "advocate": {"id": values["advocate"]},
            "act": {"state": state, "method": method},
        },
        values.get("program"),
    )


def reward_row_event(row: Row) -> Made:
    """The `rewarded` act of a rewards row: friend, to, milestone, amount, currency, state (paid or owed), granted_at, program."""
    problems: list[Problem] = []
    values = filled(row)
    if "friend" not in values:
        problems.append(_missing("friend", "give the id of the friend whose referral was rewarded"))
    to = _one_of(values, "to", SIDES, problems)
    state = _one_of(values, "state", STATES_OF_REWARD, problems)
    granted_at = _moment(values, "granted_at", problems)
    if granted_at is None and not problems:
        problems.append(_missing("granted_at", 'say when it was granted, for example "2026-03-01"'))
    money = _amount(values, problems)
    if problems or granted_at is None:
        return problems
    act = {"to": to, "state": state, **money}
    if "milestone" in values:
        act["milestone"] = values["milestone"]
    wire = {"person": {"id": values["friend"]}, "act": act}
    return _event("rewarded", "reward", values, granted_at, wire, values.get("program"))


def balance_row_event(row: Row) -> Made:
    """The `balance` act of a balances row: a person, amount, currency (or the unit of points), kind, perhaps a date."""
    problems: list[Problem] = []
    values = filled(row)
    person = _person(values, problems)
    kind = _one_of(values, "kind", KINDS_OF_BALANCE, problems, "credit")
    money = _amount(values, problems)
    at = _moment(values, "at", problems)
    if problems:
        return problems
    kept = {name: value for name, value in values.items() if name != "name"}
    return _event("balance", "balance", kept, at or SINCE_EVER, {"person": person, "act": {"kind": kind, **money}})


# -- details -----------------------------------------------------------------------------------------------------------


def _event(
    type_: str, noun: str, values: Mapping[str, Any], at: datetime, wire: dict[str, Any], program: str | None = None
) -> dict[str, Any]:
    event = {"id": row_id(noun, values), "type": type_, "at": at.isoformat(), **wire}
    return event | ({"program": program} if program else {})


def _missing(field: str, repair: str) -> Problem:
    return Problem(field, "is missing", repair, "missing")


def _person(values: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    person = {name: values[name] for name in ("id", "email", "phone") if name in values}
    if "person" in values:
        person["id"] = values["person"]
    if not person:
        problems.append(_missing("id", "give an id, an e-mail or a phone"))
    return person


def _moment(values: Mapping[str, str], name: str, problems: list[Problem]) -> datetime | None:
    return moment_in(values[name], name, problems) if name in values else None


def _one_of(
    values: Mapping[str, str], name: str, known: tuple[str, ...], problems: list[Problem], default: str = ""
) -> str:
    value = values.get(name, default).lower()
    if value in known:
        return value
    why = f'"{value[:40]}" is not known' if value else "is missing"
    problems.append(Problem(name, why, f"one of {', '.join(known)}", "invalid" if value else "missing"))
    return ""


def _amount(values: Mapping[str, str], problems: list[Problem]) -> dict[str, Any]:
    """Minor units of a currency, or of a named unit such as PTS:club."""
    asset = values.get("currency") or values.get("unit") or ""
    if not (is_currency(asset) or (":" in asset and len(asset) <= 60)):
        problems.append(
            Problem(
                "currency",
                "is missing or unknown",
                'give an ISO code such as "EUR", or a unit "PTS:club"',
                "unknown_currency",
            )
        )
        return {}
    try:
        minor = to_minor(values.get("amount", ""), asset)
    except ValueError as error:
        problems.append(Problem("amount", str(error), 'send a decimal string, for example "54.00"', "bad_amount"))
        return {}
    if minor <= 0:
        repair = "leave out what comes to nothing; what a person owes has the kind owed"
        problems.append(Problem("amount", "is not above zero", repair, "bad_amount"))
    return {"amount_minor": minor, "asset": asset}
