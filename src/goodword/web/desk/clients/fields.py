"""What may be typed for a client? Each field checked, with the refusal in the words that stand by it."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.core.amounts import CURRENCIES, is_currency
from goodword.core.served import Served, Unknown, read_served
from goodword.store.reads import clients as read
from goodword.web.desk.clients import colours

LONGEST_NAME = 100
MOST_REVIEW_HOURS = 720
RESERVED = frozenset({"house", "new"})
CONSENTS: tuple[tuple[str, Promise, Promise], ...] = (
    ("where_allowed", gettext_lazy("Only where no consent is needed first"),
     gettext_lazy("No cookie in the EEA, the United Kingdom and Switzerland, nor where the country is unknown. The safe choice.")),
    ("never", gettext_lazy("Never"),
     gettext_lazy("Friends are recognised by the link and the code alone.")),
    ("always", gettext_lazy("Always"),
     gettext_lazy("The client's own pages ask for consent first, and a link is opened only afterwards.")),
)  # fmt: skip
SECTORS: tuple[tuple[str, Promise], ...] = (
    ("insurance", gettext_lazy("Insurance")),
    ("investments", gettext_lazy("Investments")),
    ("banking", gettext_lazy("Banking")),
    ("health", gettext_lazy("Health")),
    ("employment", gettext_lazy("Employment")),
    ("gambling", gettext_lazy("Gambling")),
    ("alcohol", gettext_lazy("Alcohol")),
    ("other", gettext_lazy("None of these")),
)
# How the form calls them, by how they are called below; "places" is the rail's own on every page.
SERVED_AS = {"sector": "sector", "places": "countries", "languages": "languages"}
SERVED = tuple(SERVED_AS.values())
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,62}\Z")
_PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,7}\Z")
Wrong = dict[str, str]


def currencies() -> list[str]:
    """Every currency, those that are used most first."""
    first = ["EUR", "USD", "GBP", "CHF", "PLN", "SEK"]
    return [*first, *sorted(CURRENCIES - set(first))]


@cache
def zones() -> tuple[str, ...]:
    """Names of time zones to choose from."""
    return tuple(sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/")))


def names(typed: Mapping[str, str]) -> Wrong:
    """Name, legal entity, name in addresses, beginning of codes."""
    wrong: Wrong = {}
    name, slug, prefix = typed.get("name", ""), typed.get("slug", ""), typed.get("prefix", "")
    if not name:
        wrong["name"] = _("Give the client its name: people read it on every page.")
    elif len(name) > LONGEST_NAME:
        wrong["name"] = _("This name is too long. Use at most {n} signs.").format(n=LONGEST_NAME)
    if len(typed.get("legal_name", "")) > 200:
        wrong["legal_name"] = _("This is too long. Use at most 200 signs.")
    if not _SLUG.match(slug) or slug in RESERVED:
        wrong["slug"] = _(
            "Begin with a letter; then small letters, digits and hyphens, at most 63. It stands in addresses."
        )
    elif read.is_taken(slug=slug):
        wrong["slug"] = _("Another client has this address already. This one is free: {free}").format(
            free=free_slug(slug)
        )
    if not _PREFIX.match(prefix):
        wrong["prefix"] = _("Use at most eight letters and digits without accents, a letter first.")
    elif read.is_taken(prefix=prefix):
        wrong["prefix"] = _("Another client's codes begin so. This one is free: {free}").format(
            free=free_prefix(prefix)
        )
    return wrong


def money(typed: Mapping[str, str]) -> Wrong:
    """Currency and time zone."""
    wrong: Wrong = {}
    if not is_currency(typed.get("currency", "")):
        wrong["currency"] = _("This is no currency that Goodword knows. Choose one from the list.")
    if not is_zone(typed.get("timezone", "")):
        wrong["timezone"] = _(
            "There is no such time zone. Write a name such as Europe/Berlin, or choose one from the list."
        )
    return wrong


def served_of(typed: Mapping[str, str]) -> Served | list[Unknown]:
    """Of which sector it is, where it serves and in which languages; or what of it names nothing."""
    sector, places, languages = (typed.get(name, "") for name in SERVED)
    return read_served(sector, places, languages)


def served(typed: Mapping[str, str]) -> Wrong:
    """The same three, each with all that is wrong with it."""
    found = served_of(typed)
    told: dict[str, list[str]] = {}
    for one in () if isinstance(found, Served) else found:
        told.setdefault(SERVED_AS[one.field], []).append(_no_such(one))
    return {field: " ".join(parts) for field, parts in told.items()}


def _no_such(one: Unknown) -> str:
    if one.field == "sector":
        return _("Choose one from the list: by the sector it is known which laws are looked at.")
    if one.meant:
        return _("{written} is not what it is called here. Write {meant}.").format(written=one.written, meant=one.meant)
    if one.field == "places":
        return _(
            "{written} is no country or state, so no law is found by it. Write two letters, such as DE, or US-NY for a state."
        ).format(written=one.written)
    return _("{written} is no language, so no text is found by it. Write two letters, such as de.").format(
        written=one.written
    )


def look(typed: Mapping[str, str]) -> Wrong:
    """Colour and consent."""
    wrong: Wrong = {}
    colour = colours.read_colour(typed.get("colour", ""))
    if colour is None:
        wrong["colour"] = _("This is no colour. Write it as # and six digits, such as #0b6e63.")
    elif not colours.passes(colour):
        wrong["colour"] = _(
            "On white this colour has a contrast of {ratio} to 1; 4.5 is the least that can be read."
        ).format(ratio=f"{colours.contrast(colour, colours.PAPER):.1f}")
    if typed.get("consent", "") not in {one[0] for one in CONSENTS}:
        wrong["consent"] = _("Choose one of the three.")
    return wrong


def review(typed: Mapping[str, str]) -> Wrong:
    """Within how many hours what is held is looked at."""
    text = typed.get("review_hours", "")
    if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST_REVIEW_HOURS:
        return {}
    return {"review_hours": _("Write a whole number of hours, from 1 to {n}.").format(n=MOST_REVIEW_HOURS)}


def is_zone(name: str) -> bool:
    """Whether it names a time zone of this machine."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


def suggested(typed: dict[str, str]) -> dict[str, str]:
    """The same, with what was left out made from the name."""
    slug = typed.get("slug") or free_slug(slugify(typed.get("name", ""))[:60].strip("-") or "client")
    stem = re.sub(r"[^A-Z0-9]", "", slug.upper())[:3]
    prefix = typed.get("prefix", "").upper() or free_prefix(stem if stem[:1].isalpha() else f"C{stem}")
    return typed | {"slug": slug, "prefix": prefix}


def free_slug(wanted: str) -> str:
    """The name, or the first one with a number behind it that is free."""
    stem = wanted if _SLUG.match(wanted) else f"c-{wanted}"[:60]
    tries = [stem, *(f"{stem[:58]}-{n}" for n in range(2, 1000))]
    return next((one for one in tries if one not in RESERVED and not read.is_taken(slug=one)), stem)


def free_prefix(wanted: str) -> str:
    """The same for the beginning of codes."""
    stem = re.sub(r"\d+\Z", "", wanted) or wanted
    tries = [wanted, *(f"{stem[:5]}{n}" for n in range(2, 1000))]
    return next((one for one in tries if not read.is_taken(prefix=one)), wanted)


def told_colour(text: str) -> dict[str, Any]:
    """A colour as the form shows it: its contrast, the text on it, and the nearest one that passes."""
    colour = colours.read_colour(text)
    if colour is None:
        return {}
    return {
        "colour": colour,
        "text": colours.text_on(colour),
        "on_white": f"{colours.contrast(colour, colours.PAPER):.1f}",
        "on_it": f"{colours.contrast(colour, colours.text_on(colour)):.1f}",
        "passes": colours.passes(colour),
        "nearest": colours.nearest(colour),
    }
