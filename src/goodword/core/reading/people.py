"""Who may take part, by which touches and when? The program's dates, attribution and newness, read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from goodword.core.documents import AttributionPart
from goodword.core.reading.reader import Reader
from goodword.core.terms import METHODS, Channels, Contracts


def read_runs(reader: Reader) -> tuple[datetime | None, datetime | None, datetime | None, datetime | None]:
    runs = reader.part.runs
    start = reader.moment(runs.start, "runs.from", end_of_day=False)
    lasts = [
        reader.moment(getattr(runs, name), f"runs.{name}", end_of_day=True)
        for name in ("last_touch", "last_join", "last_milestone")
    ]
    before, before_name = start, "from"
    for last, name in zip(lasts, ("last_touch", "last_join", "last_milestone"), strict=True):
        if last and before and last < before:
            reader.wrong(
                f"runs.{name}",
                f"lies before {before_name}",
                "put the dates in the order from, last_touch, last_join, last_milestone",
            )
        before, before_name = (last, name) if last else (before, before_name)
    return start, lasts[0], lasts[1], lasts[2]


def read_notice(reader: Reader) -> timedelta | None:
    """How long before its end the program gives notice of it; None: it gives none."""
    runs = reader.part.runs
    if runs.notice is None:
        return None
    notice = reader.days(runs.notice, "runs.notice")
    if runs.last_milestone is None:
        reader.wrong("runs.notice", "says nothing without an end", "set runs.last_milestone, or leave it out")
    elif not notice and re.fullmatch(r"0+d", runs.notice):
        reader.wrong("runs.notice", "is no notice at all", "leave it out, or write at least one day, 1d")
    elif runs.start and runs.last_milestone - notice < runs.start:
        reader.wrong("runs.notice", "begins before the program does", "make it shorter than the program runs")
    return notice


def read_attribution(
    reader: Reader, part: AttributionPart
) -> tuple[tuple[str, ...], timedelta, timedelta, str, timedelta | None]:
    for method in part.methods:
        if method not in METHODS:
            reader.wrong("attribution.methods", f'"{method}" is not a method', f"use some of: {', '.join(METHODS)}")
    lapse = None
    bound = part.bound
    if match := re.fullmatch(r"lapses after (\d{1,4}d)", bound):
        bound, lapse = "lapses", reader.days(match.group(1), "attribution.bound")
    elif bound not in ("for_life", "until_rewarded"):
        reader.wrong(
            "attribution.bound", f'"{bound}" is not known', 'use for_life, until_rewarded or "lapses after 180d"'
        )
    window = reader.days(part.window, "attribution.window")
    return tuple(part.methods), window, reader.days(part.late_claim, "attribution.late_claim"), bound, lapse


def read_contracts(reader: Reader) -> Contracts | None:
    """Contracts of referrers, where the program works with them."""
    part = reader.part.contracts
    return None if part is None else Contracts(part.needed, reader.days(part.tail, "contracts.tail"))


def read_channels(reader: Reader) -> Channels:
    """Other channels; one referral has one advocate, whatever else an author may wish."""
    attribution = reader.part.attribution
    if attribution.split is not None:
        reader.wrong(
            "attribution.split",
            "is not supported: a referral has one advocate, and its credit is not split",
            "leave it out; touch: last or first says which of several touches wins",
        )
    part = attribution.channels
    refuse, outranked_by = (
        tuple(name.strip().casefold() for name in names) for names in (part.refuse, part.outranked_by)
    )
    for name in refuse:
        if name in outranked_by:
            reader.wrong(
                "attribution.channels.outranked_by",
                f'"{name}" is refused already',
                "name it in one of the two lists",
            )
    return Channels(refuse, outranked_by, part.other_code)


def read_new(reader: Reader) -> tuple[str, int]:
    text = reader.part.friends.new
    if text == "anyone" and reader.part.friends.scope != "client":
        reader.wrong("friends.scope", "says nothing where anyone counts as new", "leave it out, or say what new means")
    if match := re.fullmatch(r"not_for (\d{1,4})d", text):
        return "not_for", int(match.group(1))
    if text not in ("never_bought", "no_account", "anyone"):
        reader.wrong("friends.new", f'"{text}" is not known', 'use never_bought, no_account, anyone or "not_for 180d"')
    return text, 0
