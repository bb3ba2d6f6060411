"""How do templates draw? Each tag one drawing of `web/charts.py`."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from goodword.web import charts

register = template.Library()


@register.simple_tag
def sparkline(values: Sequence[float | None], says: str) -> SafeString:
    """A small line; `says` is its text."""
    return charts.sparkline(values, says)


@register.simple_tag
def bar(part: float, says: str = "", tone: str = "c1") -> SafeString:
    """A bar, `part` of the whole width."""
    return charts.bar(part, says, tone)


@register.simple_tag
def trend(series: Sequence[charts.Series], says: str, details: str = "") -> SafeString:
    """Lines over steps of time."""
    return charts.trend(series, says, details)


@register.simple_tag
def line_key(n: int) -> SafeString:
    """How the n-th line of a trend is drawn."""
    return charts.line_key(n)


@register.filter
def thousands(n: int) -> str:
    """1284 -> 1,284."""
    return f"{n:,}"
