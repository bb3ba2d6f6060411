"""How do people write amounts, days and spans? The readings that what they typed may have; the terms themselves choose one."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.dates import MONTHS, MONTHS_3, MONTHS_ALT, MONTHS_AP

from goodword.core.amounts import exponent

_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_NUMBER = re.compile(r"[0-9][0-9 .,'\u00a0\u202f]*")
_UNITS = {
    "d": 1,
    "day": 1,
    "days": 1,
    "tag": 1,
    "tage": 1,
    "tagen": 1,
    "w": 7,
    "week": 7,
    "weeks": 7,
    "woche": 7,
    "wochen": 7,
}
_SPAN = re.compile(r"(\d{1,4})\s*([a-z]+)?(?:\s+(of|from|after)\s+(?:the\s+)?(.+))?\Z")
_PERIODS = {"day": "day", "daily": "day", "week": "week", "weekly": "week", "month": "month", "monthly": "month",
            "quarter": "quarter", "year": "year", "yearly": "year", "annum": "year"}  # fmt: skip
_PER = re.compile(r"(.+?)\s*(?:per|a|an|each|every|/)\s*([a-z]+)\Z")
_DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d %B %Y", "%d %b %Y", "%d. %B %Y", "%B %d %Y", "%b %d %Y", "%d/%m/%Y")


def amount(text: str, currency: str) -> str | None:
    """A decimal string of that currency: 1.234,5 € -> 1234.50; None where it is no amount, or one of another currency."""
    rest = text.strip()
    named = {code for sign, code in _SIGNS.items() if sign in rest} | set(re.findall(r"\b[A-Z]{3}\b", rest))
    if named - {currency}:
        return None
    rest = re.sub(r"\b[A-Z]{3}\b|[€$£¥]", "", rest).strip()
    if not _NUMBER.fullmatch(rest):
        return None
    digits = re.sub(r"[ '\u00a0\u202f]", "", rest)
    whole, point = digits, ""
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0 and not _is_grouping(digits, last):
        whole, point = digits[:last], digits[last + 1 :]
    whole = re.sub(r"[.,]", "", whole)
    places = exponent(currency)
    if len(point.rstrip("0")) > places:
        return None
    return f"{int(whole or 0)}.{point[:places].ljust(places, '0')}" if places else str(int(whole or 0))


def _is_grouping(digits: str, last: int) -> bool:
    """Whether the last mark sets thousands apart: exactly three digits behind it, and no other mark before it."""
    sign = digits[last]
    others = digits[:last]
    return len(digits) - last - 1 == 3 and not (set(".,") - {sign}) & set(others) and bool(others.strip("0.,"))


def day(text: str) -> date | None:
    """A day as people write it: 2026-11-03, 3 Nov 2026, 3.11.2026, 3 de noviembre de 2026."""
    plain = re.sub(r"\s+", " ", text.replace(",", " ").strip())
    names = _months()
    plain = re.sub(r"[^\W\d_]+\.?", lambda word: names.get(word[0].lower().rstrip("."), word[0]), plain)
    plain = re.sub(r"\bde |\bdel ", "", plain)
    for form in _DAYS:
        try:
            return datetime.strptime(plain, form).date()
        except ValueError:
            continue
    return None


def days(text: str) -> list[date] | None:
    """Days with commas between them, where one may itself hold a comma: Dec 24, 2026, Dec 31, 2026; None: not all are days."""
    found = []
    for line in re.split(r"[\n;]", text):
        parts = [part for part in line.split(",") if part.strip()]
        while parts:
            taken = next((n for n in (1, 2) if day(",".join(parts[:n])) is not None), 0)
            on = day(",".join(parts[:taken])) if taken else None
            if on is None:
                return None
            found.append(on)
            parts = parts[taken:]
    return found


@cache
def _months() -> dict[str, str]:
    """What the months are called in the languages of the desk: by that name the English one."""
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for names in (MONTHS_3, MONTHS_AP, MONTHS_ALT, MONTHS):
                found |= {str(name).lower().rstrip("."): month_name[n] for n, name in names.items()}
    return found


def span(text: str) -> str | None:
    """Days as the terms write them: 2 weeks -> 14d; 30 days of joining -> 30d of joined."""
    match = _SPAN.fullmatch(text.strip().lower())
    if match is None or (match[2] or "d") not in _UNITS:
        return None
    days = int(match[1]) * _UNITS[match[2] or "d"]
    if match[3] is None:
        return f"{days}d"
    base = match[4].strip().replace(" ", "_")
    return f"{days}d of {'joined' if base in ('joining', 'join', 'sign-up', 'signup') else base}"


def per_period(text: str, currency: str) -> Iterator[str]:
    """A number in a period: 10 a year -> 10 per year; 100 EUR monthly -> 100.00 per month."""
    plain = text.strip()
    match = _PER.fullmatch(plain.lower())
    number, period = (match[1], match[2]) if match else (plain.rpartition(" ")[0], plain.rpartition(" ")[2].lower())
    if period not in _PERIODS or not number:
        return
    yield f"{number.strip()} per {_PERIODS[period]}"
    if found := amount(number.upper(), currency):
        yield f"{found} per {_PERIODS[period]}"


def whole(text: str) -> int | None:
    """A whole number: 5, 5th, 1,000."""
    match = re.fullmatch(r"(\d[\d.,' \u00a0]*)(?:st|nd|rd|th|\.|x)?", text.strip().lower())
    digits = re.sub(r"\D", "", match[1]) if match else ""
    return int(digits) if digits and len(digits) < 12 else None


def decimal(text: str) -> str | None:
    """A share in percent or another small number: 12,5 % -> 12.5"""
    plain = text.strip().removesuffix("%").strip().replace(",", ".")
    return plain if re.fullmatch(r"\d{1,3}(\.\d{1,4})?", plain) else None


def readings(text: str, currency: str) -> list[str]:
    """What a typed text may mean, as typed first; whoever knows the place takes the first that may stand there."""
    found = [text.strip()]
    found += [one for one in (amount(text, currency), span(text)) if one is not None]
    found += per_period(text, currency)
    if (share := decimal(text)) is not None:
        found.append(share)
    if (on := day(text)) is not None:
        found.append(on.isoformat())
    return list(dict.fromkeys(found))
