"""To what is the list narrowed, in words? From the address to a filter, and back to chips, a sentence and addresses."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.core import signing
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodword.core.reasons import TEXTS
from goodword.store.reads.listing import MOST_COUNTED, SORTS, Page, Place, Wanted
from goodword.web import words

FIELDS = ("state", "program", "method", "why", "reward", "source", "joined_from", "joined_to", "code", "person")
_RANKS_OF_WHYS = range(25, 130)  # reasons why a referral is where it is: touches, people, milestones, screening
_LONGEST = 200


@dataclass(frozen=True)
class Asked:
    """What an address asks for: the filter, its fields as they were written, and what of them cannot be read."""

    wanted: Wanted
    written: dict[str, str]
    problems: tuple[str, ...] = ()

    def query(self, **more: str) -> str:
        """The same filter as a query; `more` changes or empties ('') single fields of it."""
        asked = self.written | ({"sort": self.wanted.sort} if self.wanted.sort != SORTS[0] else {}) | more
        return urlencode({name: value for name, value in asked.items() if value})

    def others(self, *names: str) -> list[tuple[str, str]]:
        """What a form that edits one field carries along of the others."""
        sort = {"sort": self.wanted.sort} if self.wanted.sort != SORTS[0] else {}
        return [(name, value) for name, value in (self.written | sort).items() if name not in names]


@dataclass(frozen=True)
class Chip:
    """One filter: its field as a label, operator, value, the query without it, and the form that edits it in place."""

    name: str
    label: str
    operator: str
    value: SafeString
    without: str
    written: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()
    others: list[tuple[str, str]] = field(default_factory=list)


def asked_by(request: HttpRequest) -> Asked:
    """The filter of an address. What no screen of ours could have written is not found."""
    written = {name: request.GET.get(name, "").strip()[:_LONGEST] for name in FIELDS}
    written = {name: value for name, value in written.items() if value}
    sort = request.GET.get("sort", SORTS[0])
    party = written.get("person", "").removeprefix("prs_")
    known: dict[str, Container[str]] = {
        "state": words.REFERRAL_STATES,
        "method": words.METHODS,
        "reward": words.REWARD_STATES,
        "why": TEXTS,
    }
    is_strange = any(name in written and written[name] not in table for name, table in known.items())
    if (
        is_strange
        or sort not in SORTS
        or (party and not _is_id(party))
        or any("\x00" in one for one in written.values())
    ):
        raise Http404
    problems: list[str] = []
    first, last = (_day(written, name, problems) for name in ("joined_from", "joined_to"))
    if first and last and last < first:
        problems.append(_("“Joined until” lies before “joined from”, so nothing can fit. Swap the two days."))
    wanted = Wanted(
        state=written.get("state", ""),
        party=party,
        code=written.get("code", "").upper(),
        program=written.get("program", ""),
        method=written.get("method", ""),
        why=written.get("why", ""),
        reward=written.get("reward", ""),
        source=written.get("source", ""),
        joined_from=_begins(first) if first else None,
        joined_before=_begins(last + timedelta(days=1)) if last else None,
        sort=sort,
    )
    return Asked(wanted, written, tuple(problems))


def only(**written: str) -> Asked:
    """A filter of a few fields, for links."""
    return Asked(Wanted(), {name: value for name, value in written.items() if value})


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(character in "0123456789abcdef" for character in text)


def _day(written: dict[str, str], name: str, problems: list[str]) -> date | None:
    text = written.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        written.pop(name)
        problems.append(_("“{}” is not a day, so it was left out. Write it like 2026-11-03.").format(text[:40]))
        return None


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


# ---- words for it


def why_words() -> tuple[tuple[str, str], ...]:
    """Reasons that a list can be narrowed to, in the order in which they are looked at."""
    codes = [code for code, line in TEXTS.items() if line.rank in _RANKS_OF_WHYS]
    return tuple((code, words.label(code.replace("advocate", "referrer"))) for code in codes)


def options_of(name: str, found: Page) -> tuple[tuple[str, str], ...]:
    """What a field may be: (value, word)."""
    tables = {"state": words.REFERRAL_STATES, "reward": words.REWARD_STATES}
    if name in tables:
        return tuple((state.code, str(state.word)) for state in tables[name].values())
    if name == "method":
        return tuple((code, str(word)) for code, word in words.METHODS.items())
    if name == "why":
        return why_words()
    if name == "source":
        return tuple((source, source_word(source)) for source in found.sources)
    return found.programs if name == "program" else ()


def source_word(source: str) -> str:
    """Who sent an event, in words; a stream of a key is called as it was named."""
    own = {
        "desk": _("typed at the desk"),
        "goodword": _("an act of the house"),
        "redirect": _("a link that was opened"),
    }
    return own.get(source, source)


def _kind(name: str) -> str:
    if name in ("joined_from", "joined_to"):
        return "date"
    return {"code": "text", "person": "fixed"}.get(name, "choice")


def _labels() -> dict[str, tuple[str, str]]:
    return {
        "state": (_("state"), _("is")),
        "program": (_("program"), _("is")),
        "method": (_("came by"), _("is")),
        "why": (_("reason"), _("is")),
        "reward": (_("reward"), _("is")),
        "source": (_("has an event"), _("from")),
        "joined_from": (_("joined"), _("from")),
        "joined_to": (_("joined"), _("until")),
        "code": (_("code"), _("is")),
        "person": (_("person"), _("is")),
    }


def chips(asked: Asked, found: Page) -> list[Chip]:
    """A chip of every filter in force."""
    labels = _labels()
    return [_chip(asked, name, labels[name], found) for name in FIELDS if name in asked.written]


def blanks(asked: Asked, found: Page) -> list[Chip]:
    """A form of every filter that is not in force."""
    labels = _labels()
    return [
        _chip(asked, name, labels[name], found)
        for name in FIELDS
        if name not in asked.written and name != "person" and (name != "program" or found.programs)
    ]


def _chip(asked: Asked, name: str, label: tuple[str, str], found: Page) -> Chip:
    written = asked.written.get(name, "")
    options = options_of(name, found)
    if name == "person":
        shown = words.person(found.party, asked.wanted.party)
    elif name.startswith("joined_") and written:
        shown = words.day(_begins(date.fromisoformat(written)))
    else:
        shown = words.bdi(dict(options).get(written, written.upper() if name == "code" else written))
    return Chip(
        name, *label, shown, asked.query(**{name: ""}), written, _kind(name), options, asked.others(name)
    )  # fmt: skip


def caption(asked: Asked, found: Page, client: str, listed: list[Chip]) -> SafeString:
    """The filter as a sentence: Held referrals for Acme, person Bob B., newest first: 14."""
    wanted = asked.wanted
    kind = words.state_of(wanted.state).word if wanted.state else _("All")
    parts = format_html(_("{} referrals for {}"), kind, words.bdi(client))
    for chip in listed:
        if chip.name != "state":
            operator = "" if chip.operator == _("is") else f"{chip.operator} "
            parts = format_html("{}, {} {}{}", parts, chip.label, operator, chip.value)
    return format_html(_("{}, {}: {}"), parts, order_word(wanted.sort), counted(found))


def counted(found: Page) -> SafeString:
    """How many there are: exactly up to 10,000, then that there are more."""
    if found.total is None:
        return words.text(_("many; not counted, to stay fast"))
    return words.bdi(f">{MOST_COUNTED:,}" if found.is_capped else f"{found.total:,}", "num")


def order_word(sort: str) -> str:
    """The order of the list in words."""
    return {"newest": _("newest first"), "oldest": _("oldest first"), "due": _("soonest due first")}[sort]


def order_name(sort: str) -> str:
    """The order as a short word on its button."""
    return {"newest": _("newest"), "oldest": _("oldest"), "due": _("due")}[sort]


# ---- places in the list


def cursor_of(asked: Asked, scope: str, place: Place) -> str:
    """A place that can stand in an address: it says when a row was made, and nothing of it can be changed."""
    told = [place.at.isoformat(), place.id, *([1] if place.is_before else [])]
    return signing.dumps(told, salt=_salt(asked, scope))


def place_of(request: HttpRequest, asked: Asked, scope: str) -> Place | None:
    """The place in the address; one of another list, another client or a changed one is not found."""
    cursor = request.GET.get("at")
    if not cursor:
        return None
    try:
        at, id, *before = signing.loads(cursor, salt=_salt(asked, scope))
    except signing.BadSignature:
        raise Http404 from None
    return Place(datetime.fromisoformat(at), id, bool(before))


def _salt(asked: Asked, scope: str) -> str:
    return f"goodword.referrals.{scope}.{asked.query()}"
