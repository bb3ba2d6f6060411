"""When does a moment come? Days, calendar months, a day or the end of a period, with the clock stopped by pauses."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta

import msgspec

from goodword.core.conditions import always, answer
from goodword.core.journey import Journey
from goodword.core.periods import period_end, period_of
from goodword.core.requirements import Milestone, Pause
from goodword.core.terms import Terms

Span = tuple[datetime, datetime | None]  # a pause: from, to (None: it lasts)


class Clock(msgspec.Struct, frozen=True):
    """When a moment comes; `paused_by` names what holds it up at present, so that it is not known yet."""

    at: datetime
    paused_by: str | None = None


def clock_of(journey: Journey, milestone: Milestone, since: datetime, number: int) -> Clock:
    """The moment of an occurrence, counted from where the milestone begins."""
    terms = journey.terms
    if milestone.moment_on:
        return Clock(milestone.moment_on)
    if milestone.moment_end_of:
        end: datetime | None = since
        for _ in range(number):
            assert end is not None
            end = period_end(period_of(end, milestone.moment_end_of, terms), milestone.moment_end_of, terms)
        assert end is not None
        return Clock(end)
    return _paused(journey, milestone, since, _span_after(since, milestone, number, terms))


def _span_after(since: datetime, milestone: Milestone, number: int, terms: Terms) -> datetime:
    """N x 24 h, or N calendar months in the program's zone (the last day of a shorter month), so many times over."""
    if not milestone.moment_months:
        return since + timedelta(days=milestone.moment_days * number)
    local = since.astimezone(terms.zone)
    month = local.month - 1 + milestone.moment_months * number
    year, month = local.year + month // 12, month % 12 + 1
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(since.tzinfo)


def _paused(journey: Journey, milestone: Milestone, since: datetime, at: datetime) -> Clock:
    """The moment, later by as long as pauses stopped the clock before it."""
    spans = _merged([(start, end, pause) for pause in milestone.pauses for start, end in _spans(journey, pause)])
    for start, end, pause in spans:
        start = max(start, since)
        if start >= at:
            break
        if end is None:
            return Clock(at, pause.name or (pause.condition.words if pause.condition else ""))
        if end > start:
            at += end - start
    return Clock(at)


def _merged(spans: list[tuple[datetime, datetime | None, Pause]]) -> list[tuple[datetime, datetime | None, Pause]]:
    """Pauses in their order, those that overlap as one."""
    found: list[tuple[datetime, datetime | None, Pause]] = []
    for start, end, pause in sorted(spans, key=lambda span: span[0]):
        if found and (found[-1][1] is None or start <= found[-1][1]):
            before = found[-1]
            last = None if end is None or before[1] is None else max(before[1], end)
            found[-1] = (before[0], last, before[2])
        else:
            found.append((start, end, pause))
    return found


def _spans(journey: Journey, pause: Pause) -> list[Span]:
    """When the pause began and ended, as far as it is known at the clock."""
    return _while(journey, pause) if pause.condition else _between(journey, pause.name)


def _between(journey: Journey, name: str) -> list[Span]:
    spans: list[Span] = []
    since: datetime | None = None
    for event in journey.history:
        if event.type == f"{name}_started" and since is None:
            since = event.at
        elif event.type == f"{name}_ended" and since is not None:
            spans.append((since, event.at))
            since = None
    return [*spans, (since, None)] if since else spans


def _while(journey: Journey, pause: Pause) -> list[Span]:
    """Spans in which an attribute had the value that stops the clock."""
    condition = pause.condition
    assert condition is not None
    party = journey.touch.advocate if condition.side == "advocate" else journey.friend
    known = journey.situation.attributes.get((party, condition.field), ())
    values = [(at, value) for at, value in known if at <= journey.clock]
    spans: list[Span] = []
    for n, (at, value) in enumerate(values):
        if answer(condition, always(value), journey.terms.currency).met:
            spans.append((at, values[n + 1][0] if n + 1 < len(values) else None))
    return spans
