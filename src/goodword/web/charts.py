"""How does a row of numbers become a drawing? SVG with presentation attributes only; every figure has its table beside it.

Words and axis labels are HTML around the drawing: they keep their size on a telephone, where the drawing shrinks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 600, 160
SPARK_WIDTH, SPARK_HEIGHT = 100, 24
HEAT_STEPS = 5
# Series differ by colour (class), by dash and by the shape of their points.
DASHES = ("none", "6 4", "2 3", "8 3 2 3")
_NICE = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Series:
    """A line of the trend: its name and a value for each step."""

    name: str
    values: tuple[float, ...]


def sparkline(values: Sequence[float | None], says: str) -> SafeString:
    """A small line without axes. `says` is what a reader hears; steps without a value leave a gap."""
    known = [value for value in values if value is not None]
    if len(known) < 2 or not any(known):
        return SafeString("")
    top, bottom = max(known), min(0, *known)
    points = [
        None if value is None else (_x(n, len(values), SPARK_WIDTH), _y(value, bottom, top, SPARK_HEIGHT, 2))
        for n, value in enumerate(values)
    ]
    drawn = " ".join(
        f"{'L' if n and points[n - 1] else 'M'}{point[0]} {point[1]}" for n, point in enumerate(points) if point
    )
    return format_html(
        '<svg class="chart c1" viewBox="0 0 {} {}" height="{}" preserveAspectRatio="none" role="img" focusable="false">'
        '<title>{}</title><path d="{}" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linejoin="round"'
        ' stroke-linecap="round" vector-effect="non-scaling-stroke"/></svg>',
        SPARK_WIDTH,
        SPARK_HEIGHT,
        SPARK_HEIGHT,
        says,
        drawn,
    )


def bar(part: float, says: str = "", tone: str = "c1") -> SafeString:
    """One bar, `part` of the whole width (0 to 1)."""
    title = format_html("<title>{}</title>", says) if says else ""
    role = SafeString(' role="img"' if says else ' aria-hidden="true"')
    return format_html(
        '<svg class="chart bar {}" viewBox="0 0 100 10" height="18" preserveAspectRatio="none"{} focusable="false">{}'
        '<rect class="ground" width="100" height="10" fill="currentColor" fill-opacity="0.1"/>'
        '<rect width="{}" height="10" fill="currentColor"/></svg>',
        tone,
        role,
        title,
        f"{max(0.0, min(1.0, part)) * 100:.2f}",
    )


def line_key(n: int) -> SafeString:
    """How a series is drawn, for the legend."""
    return format_html(
        '<svg class="chart c{}" viewBox="0 0 28 10" width="28" height="10" aria-hidden="true" focusable="false">'
        '<path d="M1 5H27" stroke="currentColor" stroke-width="2.5" stroke-dasharray="{}"/></svg>',
        n + 1,
        DASHES[n % len(DASHES)],
    )


def trend(series: Sequence[Series], says: str, details: str) -> SafeString:
    """Lines over steps of time, from zero up to a round number."""
    top = round_top(max((value for one in series for value in one.values), default=0))
    grid = format_html_join(
        "",
        '<path d="M0 {} H{}" class="rule" stroke="currentColor" stroke-opacity="0.18" vector-effect="non-scaling-stroke"/>',
        ((_y(top * part, 0, top, HEIGHT, 4), WIDTH) for part in (0, 0.5, 1)),
    )
    lines = format_html_join(
        "",
        '<g class="c{}"><path d="{}" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="{}"'
        ' stroke-linejoin="round" vector-effect="non-scaling-stroke"/>'
        '<path d="{}" fill="none" stroke="currentColor" stroke-width="{}" stroke-linecap="{}"'
        ' vector-effect="non-scaling-stroke"/></g>',
        ((n + 1, _line(one, top), DASHES[n % len(DASHES)], _dots(one, top), *_dot(n)) for n, one in enumerate(series)),
    )
    return format_html(
        '<svg class="chart trend" viewBox="0 0 {} {}" height="{}" preserveAspectRatio="none" role="img" focusable="false">'
        "<title>{}</title><desc>{}</desc>{}{}</svg>",
        WIDTH,
        HEIGHT,
        HEIGHT,
        says,
        details,
        grid,
        lines,
    )


def round_top(most: float) -> int:
    """The top of the axis: a round number at or above the largest value, even so that its half is whole."""
    if most <= 2:
        return 2
    power = 1
    while power * 10 < most:
        power *= 10
    nice = next(step * power for step in _NICE if step * power >= most)
    return int(nice) if int(nice) % 2 == 0 else int(nice) + 1


def heat(value: int, most: int) -> int:
    """Which of the steps of heat a cell has: 0 for nothing, then up to five."""
    return 0 if value <= 0 or most <= 0 else max(1, -(-value * HEAT_STEPS // most))


def _line(one: Series, top: float) -> str:
    points = [(_x(n, len(one.values), WIDTH), _y(value, 0, top, HEIGHT, 4)) for n, value in enumerate(one.values)]
    if len(points) == 1:  # one step is a level, not a point
        return f"M0 {points[0][1]}H{WIDTH}"
    return (
        f"M{points[0][0]} {points[0][1]}" + "".join(f"L{b[0]} {b[1]}" for _a, b in pairwise(points)) if points else ""
    )


def _dots(one: Series, top: float) -> str:
    """Points as lines without length: their ends are drawn round or square, whatever the drawing is stretched to."""
    if len(one.values) > 40:
        return ""
    return "".join(
        f"M{_x(n, len(one.values), WIDTH)} {_y(value, 0, top, HEIGHT, 4)}h0.01" for n, value in enumerate(one.values)
    )


def _dot(n: int) -> tuple[int, str]:
    return (6, "round") if n % 2 == 0 else (6, "square")


def _x(n: int, count: int, width: int) -> float:
    return round(n * width / max(1, count - 1), 2)


def _y(value: float, bottom: float, top: float, height: int, margin: int) -> float:
    span = (top - bottom) or 1
    return round(height - margin - (value - bottom) * (height - 2 * margin) / span, 2)
