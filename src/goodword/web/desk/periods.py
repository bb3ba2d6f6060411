"""Which moments does a filter mean? Days as people write them, in the time zone of the page, as moments to compare with."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone


def begin_of(text: str) -> datetime | None:
    """The first moment of a day, or the moment itself where a time is given; None for nothing. Raises ValueError."""
    text = text.strip()
    if not text:
        return None
    if len(text) == len("2026-11-03"):
        return _at_midnight(date.fromisoformat(text))
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=timezone.get_current_timezone())).astimezone(UTC)


def end_of(text: str) -> datetime | None:
    """The first moment after a day, or the moment itself where a time is given; None for nothing. Raises ValueError."""
    text = text.strip()
    if len(text) == len("2026-11-03"):
        return _at_midnight(date.fromisoformat(text) + timedelta(days=1))
    return begin_of(text)


def _at_midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone()).astimezone(UTC)
