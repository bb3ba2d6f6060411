"""Can this colour be read? Contrast after WCAG 2.2, the text that goes on a colour, and the nearest colour that can be read."""

from __future__ import annotations

import re

LEAST = 4.5
PAPER = "#ffffff"  # a client's name is written in its colour on this
_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\Z")


def read_colour(text: str) -> str | None:
    """#0b6e63 of "0B6E63", "#0b6" and their like; None where it is no colour."""
    found = _HEX.match(text.strip())
    if found is None:
        return None
    digits = found[1].lower()
    return "#" + ("".join(one * 2 for one in digits) if len(digits) == 3 else digits)


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(colour: str) -> str:
    """Black or white, whichever is easier to read on it; one of them always passes."""
    return max(("#ffffff", "#000000"), key=lambda text: contrast(colour, text))


def passes(colour: str) -> bool:
    """Whether it can be written on paper."""
    return contrast(colour, PAPER) >= LEAST


def nearest(colour: str) -> str:
    """The same colour, as much darker as it takes to pass and no more."""
    if passes(colour):
        return colour
    parts = [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
    low, high = 0.0, 1.0  # the share of light that is left: black always passes
    for _ in range(20):
        middle = (low + high) / 2
        if passes(_hex([round(part * middle) for part in parts])):
            low = middle
        else:
            high = middle
    return _hex([round(part * low) for part in parts])


def _hex(parts: list[int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in parts)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[n : n + 2], 16) / 255) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
