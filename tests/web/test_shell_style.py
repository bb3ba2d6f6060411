"""Are the colours legible in light and dark, the sheets ready for right-to-left, and a page light enough for a slow line?"""

from __future__ import annotations

import gzip
import re
from importlib.resources import files
from typing import Any

import pytest

from goodword.web.own.light import STATIC, light_only
from tests.web.conftest import As

MOST_BYTES = 90 * 1024
TOKENS = (STATIC / "tokens.css").read_text(encoding="utf-8")
SHEETS = sorted([*STATIC.glob("*.css"), *(STATIC / "rooms").glob("*.css")])
_PAIR = re.compile(r"(--[\w-]+):\s*light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)")
PAIRS = {name: (light, dark) for name, light, dark in _PAIR.findall(TOKENS)}
SURFACES = ("--bg", "--surface", "--surface-2", "--overlay")
# (ink, what it stands on): text needs 4.5, borders of controls and the ring of the focus 3
READ = [
    *[(ink, surface) for ink in ("--ink", "--ink-2", "--act") for surface in SURFACES],
    *[("--ink-3", surface) for surface in ("--bg", "--surface")],
    *[(f"--{tone}", f"--{tone}-soft") for tone in ("ok", "wait", "stop", "hold")],
    ("--act", "--act-soft"), ("--on-act", "--act"), ("--surface", "--stop"), ("--ink", "--mark"),
]  # fmt: skip
SEEN = [(line, surface) for line in ("--line-strong", "--focus") for surface in ("--bg", "--surface", "--overlay")]


def contrast(one: str, other: str) -> float:
    """By WCAG 2.2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    full = colour[1:] if len(colour) == 7 else "".join(part * 2 for part in colour[1:])
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_and_borders_can_be_seen(theme: int) -> None:
    faint = {}
    for pairs, least in ((READ, 4.5), (SEEN, 3.0)):
        for ink, surface in pairs:
            found = contrast(PAIRS[ink][theme], PAIRS[surface][theme])
            if found < least:
                faint[f"{ink} on {surface}"] = round(found, 2)
    assert faint == {}


def test_the_fallback_for_older_browsers_is_made_from_the_tokens() -> None:
    made = light_only(TOKENS)
    assert (STATIC / "light.css").read_text(encoding="utf-8") == made, "run `python -m goodword.web.own.light`"
    assert "light-dark(" not in made.split("{", 3)[3]
    assert made.count("--") >= TOKENS.count("light-dark(#")
    assert all(f"{name}: {light};" in made for name, (light, _dark) in PAIRS.items())


_PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset)-(?:left|right|top|bottom)|left|right|top|bottom|width|height|"
    r"(?:min|max)-(?:width|height))\s*:(?!\s*\d+(?:\.\d+)?rem\)\s*\{)"
)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_sheets_name_no_side_of_the_screen(sheet: Any) -> None:
    text = re.sub(r"/\*.*?\*/|@media[^{]*\{|@page.*", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert _PHYSICAL.findall(text) == []
    assert re.findall(r"text-align:\s*(?:left|right)|float:\s*(?:left|right)", text) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_sheets_ask_no_other_host(sheet: Any) -> None:
    assert re.findall(r"@import|url\((?!['\"]?(?:data:|/static/|#))", sheet.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", ["/styleguide", "/settings", "/c/acme/referrals"])
def test_a_page_with_all_it_needs_is_light(as_: As, path: str) -> None:
    page = as_("olga").get(path).content
    weights = {path: len(gzip.compress(page, 6))}
    for name in set(re.findall(r'(?:src|href)="/static/([^"]+)"', page.decode())):
        package, _, rest = name.partition("/")
        folder = STATIC if package == "goodword" else files("django_htmx") / "static" / package
        weights[name] = len(gzip.compress((folder / rest).read_bytes(), 6))
    assert sum(weights.values()) <= MOST_BYTES, weights


def test_the_style_guide_shows_every_drawing(as_: As) -> None:
    """What is drawn anywhere is drawn here too, with each of its steps."""
    page = as_("carl").get("/styleguide").content.decode()
    for mark in (
        'class="funnel"', 'class="chart trend"', 'class="graph"', 'class="calendar"', 'class="gap"', 'aria-current="date"',
        *(f"heat-{step}" for step in range(6)),
    ):  # fmt: skip
        assert mark in page, mark


@pytest.mark.parametrize("path", ["/c/acme/referrals", "/c/acme/referrals.csv", "/static/goodword/components.css"])
def test_what_is_sent_travels_compressed_to_who_takes_it(as_: As, path: str) -> None:
    browser = as_("carl")
    plain, packed = browser.get(path), browser.get(path, headers={"accept-encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    whole, small = b"".join(plain), b"".join(packed)
    assert _without_marks(gzip.decompress(small)) == _without_marks(whole)
    assert len(small) < len(whole) * 0.6


def test_a_sheet_that_did_not_change_is_not_sent_again(as_: As) -> None:
    browser, path = as_("carl"), "/static/goodword/components.css"
    mark = browser.get(path, headers={"accept-encoding": "gzip"}).headers["ETag"]
    assert browser.get(path, headers={"accept-encoding": "gzip", "if-none-match": mark}).status_code == 304
    assert browser.get(path, headers={"accept-encoding": "gzip", "if-none-match": '"other"'}).status_code == 200


def _without_marks(page: bytes) -> bytes:
    """Without what is drawn anew for each answer."""
    return re.sub(rb'CSRFToken": ?"[^"]+"|csrfmiddlewaretoken" value="[^"]+"', b"", page)
