"""What does the whole document promise? Terms, or every problem found with its place and repair."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from goodword.core.amounts import is_currency
from goodword.core.conditions import Condition
from goodword.core.documents import ProgramDocument, document_problem
from goodword.core.events import Problem, ident
from goodword.core.kind import Shelves
from goodword.core.reading.contests import read_contest
from goodword.core.reading.limits import check_shared, read_budget, read_screening, read_stacking
from goodword.core.reading.markets import read_markets
from goodword.core.reading.milestones import check_names, check_roles, read_milestone
from goodword.core.reading.payouts import read_payout_days
from goodword.core.reading.people import (
    read_attribution,
    read_channels,
    read_contracts,
    read_new,
    read_notice,
    read_runs,
)
from goodword.core.reading.points import read_catalogue, read_units
from goodword.core.reading.promises import check_levels, read_promise
from goodword.core.reading.reader import Reader
from goodword.core.requirements import Milestone
from goodword.core.terms import Promise, Terms


def read_terms(
    document: Any, shelves: Shelves, *, version: int, live_from: datetime, market: str = ""
) -> Terms | list[Problem]:
    """Terms of a program document (a mapping from YAML or JSON), or every problem found with its place and repair.

    `market` is the country where the document is written for one market alone.
    """
    if isinstance(document, dict):
        document = filled(document, shelves)
    try:
        part = msgspec.convert(document, ProgramDocument)
    except msgspec.ValidationError as error:
        return [document_problem(error, document)]
    reader = Reader(part, shelves, market)
    terms = _read(reader, version, live_from, ident(msgspec.json.encode(document, order="sorted").decode()))
    if isinstance(terms, list) or not part.markets:
        return terms

    def of_market(written: dict[str, Any], country: str) -> Terms | list[Problem]:
        return read_terms(written, shelves, version=version, live_from=live_from, market=country)

    markets = read_markets(reader, document, terms, of_market)
    if reader.problems:
        return reader.problems
    served = tuple((country, msgspec.structs.replace(own, markets=markets)) for country, own in markets)
    return msgspec.structs.replace(terms, markets=served)


def filled(document: dict[str, Any], shelves: Shelves) -> dict[str, Any]:
    """The document with what its template fills in where it is silent."""
    template = shelves.templates.get(document["type"]) if isinstance(document.get("type"), str) else None
    return _filled(document, template.defaults) if template else document


def _filled(document: dict[str, Any], defaults: Any) -> dict[str, Any]:
    whole = dict(document)
    for key, value in defaults.items():
        if key not in whole:
            whole[key] = value
        elif isinstance(value, dict) and isinstance(whole[key], dict) and key != "milestones":
            whole[key] = _filled(whole[key], value)
    return whole


def _read(reader: Reader, version: int, live_from: datetime, hash_: str) -> Terms | list[Problem]:
    part = reader.part
    _check_head(reader)
    runs, notice = read_runs(reader), read_notice(reader)
    methods, window, late, bound, lapse = read_attribution(reader, part.attribution)
    milestones = tuple(read_milestone(reader, name, milestone) for name, milestone in part.milestones.items())
    promises = tuple(read_promise(reader, n, promise) for n, promise in enumerate(part.promises))
    check_names(reader, milestones, promises)
    check_shared(reader)
    check_roles(reader)
    stacking = read_stacking(reader)
    contest = read_contest(reader, promises)
    budget = read_budget(reader, promises, contest, max(live_from, runs[0] or live_from))
    screening, channels, contracts = read_screening(reader), read_channels(reader), read_contracts(reader)
    new, new_days = read_new(reader)
    of_advocates, of_friends = _conditions(reader, milestones, promises)
    net_within, payout_days = reader.days(part.taking_back.net_within, "taking_back.net_within"), read_payout_days(reader)
    units, catalogue = read_units(reader), read_catalogue(reader)
    if reader.problems:
        return reader.problems
    return Terms(
        program=part.program,
        version=version,
        live_from=live_from,
        name=part.name,
        type=part.type,
        currency=part.currency,
        zone=reader.zone,
        runs_from=runs[0],
        last_touch_at=runs[1],
        last_join_at=runs[2],
        last_milestone_at=runs[3],
        who=part.advocates.who,
        advocate_conditions=of_advocates,
        new=new,
        new_days=new_days,
        friend_conditions=of_friends,
        methods=methods,
        touch=part.attribution.touch,
        window=window,
        bind=part.attribution.bind,
        late_claim=late,
        bound=bound,
        lapse=lapse,
        milestones=milestones,
        promises=tuple(promise for promise in promises if promise),
        budget=budget,
        screening=screening,
        disclosure=part.disclosure.advocate_sees,
        net_within=net_within,
        friend_debt=part.taking_back.friend_debt,
        landing=part.landing,
        hash=hash_,
        stacking=stacking,
        channels=channels,
        contracts=contracts,
        new_scope=part.friends.scope,
        no_open=tuple(part.friends.no_open),
        contest=contest,
        fiscal_from=(int(part.fiscal_year[:2]), int(part.fiscal_year[3:])),
        business_days=part.business_days,
        payout_days=payout_days,
        holidays=frozenset(part.holidays),
        units=units,
        catalogue=catalogue,
        market=reader.market,
        promise_days=part.attribution.promise_days,
        notice=notice,
    )


def _conditions(
    reader: Reader, milestones: tuple[Milestone, ...], promises: tuple[Promise | None, ...]
) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """What is asked of advocates and of friends, at the moments that the document names."""
    advocates, friends = (
        reader.conditions(one.conditions, one.at, name, one.if_late)
        for name, one in (("advocates", reader.part.advocates), ("friends", reader.part.friends))
    )
    of_milestones = (condition for milestone in milestones for condition in milestone.conditions)
    check_levels(reader, promises, (*advocates, *friends, *of_milestones))
    return advocates, friends


def _check_head(reader: Reader) -> None:
    if reader.part.type not in reader.shelves.templates:
        reader.wrong(
            "type",
            f'"{reader.part.type}" is not a program type',
            f"use one of: {', '.join(sorted(reader.shelves.templates))}",
        )
    if not is_currency(reader.part.currency):
        reader.wrong(
            "currency", f'"{reader.part.currency}" is not a known currency', "use an ISO 4217 code in upper case"
        )
    try:
        reader.zone = ZoneInfo(reader.part.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        reader.wrong("timezone", f'"{reader.part.timezone}" is not a time zone', 'use a name such as "Europe/Berlin"')
