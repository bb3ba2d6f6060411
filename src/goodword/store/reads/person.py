"""What is known of one person? Contact, attributes, codes, money and what was received, as one role may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Count, Sum

from goodword.core.contracts import PREFIX as CONTRACT_PREFIX
from goodword.core.events import Event as CoreEvent
from goodword.core.events import decode_facts
from goodword.store.load import attribute_row
from goodword.store.models import Attribute, AudienceMember, Code, EventBody, Identifier, Party, Referral, Reward, Trail
from goodword.store.open_vault import vault
from goodword.store.reads.people import Person, opened, people
from goodword.store.sql.envelope import Unreadable

CONTACTS = ("email", "phone", "id")
_MOST_EVENTS, _MOST_REWARDS, _MOST_ATTRIBUTES, _MOST_CODES = 50, 30, 60, 20


@dataclass(frozen=True)
class Contact:
    """A way to reach or name a person: its kind, and what of it is shown."""

    kind: str
    shown: str


@dataclass(frozen=True)
class Known:
    """A dated attribute; an earlier value of the same name is history."""

    name: str
    value: str
    since: datetime
    is_now: bool


@dataclass(frozen=True)
class Total:
    """What a person's rewards of one state come to in one currency."""

    asset: str
    state: str
    count: int
    amount_minor: int


@dataclass(frozen=True)
class Whole:
    """Everything that the page of a person shows beside the stories of the referrals."""

    person: Person
    created_at: datetime
    known_since: datetime | None
    purchased_at: datetime | None
    erased_at: datetime | None
    contacts: tuple[Contact, ...]
    attributes: tuple[Known, ...]
    audiences: tuple[tuple[str, datetime], ...]
    codes: tuple[Code, ...]
    totals: tuple[Total, ...]
    rewards: tuple[Reward, ...]
    events: tuple[CoreEvent, ...]
    has_more_events: bool


def person(client_id: str, party_id: str, *, masked: bool, revealed: bool = False) -> Whole | None:
    """One person in eleven queries; None: nobody of this client. `revealed` shows the contact in full."""
    row = Party.objects.of(client_id).filter(id=party_id).first()
    if row is None:
        return None
    events = Trail.objects.filter(client_id=client_id, owner=party_id).order_by("-at", "-event_id")
    facts = [decode_facts(one) for one in events.values_list("facts", flat=True)[: _MOST_EVENTS + 1]]
    rewards = Reward.objects.filter(client_id=client_id, payee_id=party_id)
    return Whole(
        people(client_id, [party_id], masked=masked)[party_id],
        row.created_at,
        row.known_since,
        row.purchased_at,
        row.erased_at,
        () if row.erased_at else _contacts(client_id, party_id, masked=masked, revealed=revealed),
        () if row.erased_at or masked else _attributes(client_id, party_id),
        tuple(
            AudienceMember.objects.filter(client_id=client_id, party_id=party_id, until=None)
            .order_by("audience")
            .values_list("audience", "since")
        ),
        tuple(
            Code.objects.filter(client_id=client_id, party_id=party_id).select_related("program").order_by("-created_at")[
                :_MOST_CODES
            ]
        ),
        tuple(
            Total(one["asset"], one["state"], one["count"], one["minor"])
            for one in rewards.values("asset", "state")
            .annotate(count=Count("id"), minor=Sum("amount_minor"))
            .order_by("asset", "state")
        ),
        tuple(rewards.select_related("program").order_by("-granted_at", "-id")[:_MOST_REWARDS]),
        tuple(facts[:_MOST_EVENTS]),
        len(facts) > _MOST_EVENTS,
    )


def _contacts(client_id: str, party_id: str, *, masked: bool, revealed: bool) -> tuple[Contact, ...]:
    """Contacts that are kept; a role without names learns only that there are such."""
    if masked:
        kinds = set(Identifier.objects.filter(client_id=client_id, party_id=party_id).values_list("kind", flat=True))
        return tuple(Contact(kind, "") for kind in CONTACTS if kind in kinds)
    found = []
    for kind in CONTACTS:
        value = opened(client_id, [party_id], kind).get(party_id, "")
        if value:
            found.append(Contact(kind, value if revealed or kind == "id" else _veiled(kind, value)))
    return tuple(found)


def _veiled(kind: str, value: str) -> str:
    """Enough to tell two people apart on the phone, too little to write to one."""
    if kind == "email":
        local, at, host = value.partition("@")
        return f"{local[:1]}…{at}{host}"
    return f"…{value[-3:]}"


def _attributes(client_id: str, party_id: str) -> tuple[Known, ...]:
    rows = list(
        Attribute.objects.filter(client_id=client_id, party_id=party_id)
        .exclude(name__startswith=CONTRACT_PREFIX)
        .order_by("name", "-valid_from")
        .values_list("name", "valid_from", "value_sealed")[:_MOST_ATTRIBUTES]
    )
    key = vault().person_keys(connection.connection, client_id, [party_id], create=False).get(party_id) if rows else None
    found: list[Known] = []
    for name, since, sealed in rows:
        if key is None:
            break
        try:
            value = msgspec.json.decode(key.open("attribute", name, attribute_row(party_id, name, since), bytes(sealed)))
        except Unreadable:  # changed or moved: `proof verify` names it
            continue
        found.append(Known(name, _plain(value), since, all(one.name != name for one in found)))
    return tuple(found)


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def is_unknown(client_id: str, party_id: str) -> bool:
    """Whether this client knows nobody of that id."""
    return not Party.objects.filter(client_id=client_id, id=party_id).exists()


def owner_of(client_id: str, code: str) -> str:
    """Whose code it is; '' where it is nobody's."""
    found = Code.objects.filter(client_id=client_id, code=code).values_list("party_id", flat=True).first()
    return found.hex if found else ""


def owner_of_event(client_id: str, event_id: str) -> str:
    """Whose event it is; '' where nobody is named in it, or nobody is known any more."""
    found = EventBody.objects.filter(client_id=client_id, id=event_id).values_list("party_id", flat=True).first()
    return found.hex if found else ""


def referral_counts(client_id: str, party_ids: list[str]) -> dict[str, tuple[int, int]]:
    """(given, received) of each of these people, in two queries."""
    given, received = (
        dict(
            Referral.objects.filter(client_id=client_id, **{f"{side}__in": party_ids})
            .values_list(side)
            .annotate(count=Count("id"))
            .values_list(side, "count")
        )
        for side in ("advocate_id", "friend_id")
    )
    by_hex = [{id.hex: count for id, count in side.items()} for side in (given, received)]
    return {id: (by_hex[0].get(id, 0), by_hex[1].get(id, 0)) for id in party_ids}
