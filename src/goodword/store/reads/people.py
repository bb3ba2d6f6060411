"""Who is behind an id, and which id is behind what somebody typed? The one place where names are opened for display."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.db import connection

from goodword.core.identities import normal_code, normal_email, normal_phone
from goodword.store.models import Code, EventKey, Identifier, Party, Personal, Referral
from goodword.store.open_vault import vault
from goodword.store.sql.envelope import Unreadable

_ID = re.compile(r"(?:(ref|evt|prs)_)?([0-9a-f]{6,32})\Z")


@dataclass(frozen=True)
class Person:
    """A party as one role may see it. `name` is '' where none is known, `is_erased` where none will ever be."""

    id: str
    name: str = ""
    is_erased: bool = False


def people(client_id: str, party_ids: Iterable[str], *, masked: bool) -> dict[str, Person]:
    """The parties of a page in three queries; masked roles get initials only, the full name never leaves this function."""
    wanted = sorted(set(party_ids))
    if not wanted:
        return {}
    erased = {
        id.hex
        for id in Party.objects.filter(client_id=client_id, id__in=wanted, erased_at__isnull=False).values_list(
            "id", flat=True
        )
    }
    names = opened(client_id, wanted, "name")
    return {id: Person(id, _shown(names.get(id, ""), masked=masked), id in erased) for id in wanted}


def opened(client_id: str, party_ids: list[str], field: str) -> dict[str, str]:
    """One personal field of these parties in plain; who has none, or whose key is gone, is missing."""
    rows = Personal.objects.filter(client_id=client_id, party_id__in=party_ids, field=field).values_list(
        "party_id", "sealed"
    )
    sealed = {party_id.hex: bytes(value) for party_id, value in rows}
    if not sealed:
        return {}
    keys = vault().person_keys(connection.connection, client_id, sealed, create=False)
    found = {}
    for party_id, value in sealed.items():
        key = keys.get(party_id)
        if key is None:
            continue
        try:
            found[party_id] = str(msgspec.json.decode(key.open("personal", field, party_id, value)))
        except Unreadable:  # changed or moved: `proof verify` names it, a page shows the id instead
            continue
    return found


def _shown(name: str, *, masked: bool) -> str:
    words = name.split()
    return " ".join(f"{word[0]}." for word in words[:3]) if masked else " ".join(words)


@dataclass(frozen=True)
class Found:
    """What a search leads to: `kind` is referral, event, party, code or '' (nothing)."""

    kind: str = ""
    id: str = ""


def find(client_id: str, typed: str) -> Found:
    """The one thing that somebody typed, by any identifier; at most three queries."""
    text = unicodedata.normalize("NFKC", typed.replace("\x00", "")).strip()[:300]
    if not text:
        return Found()
    return _by_id(client_id, text.lower()) or _by_code(client_id, text) or _by_token(client_id, text) or Found()


def _by_id(client_id: str, text: str) -> Found | None:
    """An id of ours, whole or its beginning as screens show it; a beginning that fits several finds none."""
    match = _ID.match(text)
    if match is None:
        return None
    prefix, digits = match.groups()
    between = (UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f")))
    for kind, mark, model in (("referral", "ref", Referral), ("event", "evt", EventKey), ("party", "prs", Party)):
        if prefix in (None, mark):
            ids = list(model.objects.filter(client_id=client_id, id__range=between).values_list("id", flat=True)[:2])
            if len(ids) == 1:
                return Found(kind, ids[0].hex)
    return None


def _by_code(client_id: str, text: str) -> Found | None:
    code = normal_code(text)
    return Found("code", code) if Code.objects.filter(client_id=client_id, code=code).exists() else None


def _by_token(client_id: str, text: str) -> Found | None:
    """The person behind an e-mail address, a phone number, an own id or an order, by its blind index."""
    token = vault().open_client(client_id).token
    tokens = {("id", token("id", text)), ("order", token("order", text))}
    if "@" in text:
        tokens.add(("email", token("email", normal_email(text))))
    if digits := normal_phone(text):
        tokens.add(("phone", token("phone", digits)))
    rank = {"email": 0, "id": 1, "phone": 2, "order": 3}
    rows = Identifier.objects.filter(client_id=client_id, token__in=[value for _, value in tokens]).values_list(
        "kind", "token", "party_id", "since"
    )
    hits = sorted(
        (rank[kind], since, party_id.hex) for kind, value, party_id, since in rows if (kind, value.hex) in tokens
    )
    return Found("party", hits[0][2]) if hits else None


# ---- by name: names lie sealed, so only so many can be opened for one search

NAMES_SEARCHED = 2_000
_NAMES_FOUND = 20


@dataclass(frozen=True)
class Named:
    """Who is called so among the people who came up last, and how many names were looked at."""

    people: tuple[Person, ...]
    searched: int
    is_everybody: bool


def named(client_id: str, typed: str) -> Named:
    """People whose name holds every word typed, among the latest people of the list of referrals."""
    latest = recent(client_id, NAMES_SEARCHED + 1)
    looked_at = latest[:NAMES_SEARCHED]
    is_everybody = len(latest) <= NAMES_SEARCHED
    words = _folded(typed).split()
    if not words:
        return Named((), 0, is_everybody)
    names = opened(client_id, looked_at, "name")
    found = [
        Person(id, " ".join(name.split()))
        for id in looked_at
        if (name := names.get(id)) and all(word in _folded(name) for word in words)
    ]
    return Named(tuple(found[:_NAMES_FOUND]), len(names), is_everybody)


def recent(client_id: str, most: int) -> list[str]:
    """The people of the latest referrals, each once, the latest first."""
    rows = (
        Referral.objects.filter(client_id=client_id)
        .order_by("-created_at", "-id")
        .values_list("friend_id", "advocate_id")[:most]
    )
    found: dict[str, None] = {}
    for pair in rows:
        found |= {id.hex: None for id in pair if id is not None}
    return list(found)[:most]


def _folded(text: str) -> str:
    """A name as it is compared: without accents and case."""
    spread = unicodedata.normalize("NFKD", text.replace("\x00", ""))
    return "".join(character for character in spread if not unicodedata.combining(character)).casefold()
