"""What does deciding need to know for these events? Loads a batch's part of the situation in a fixed number of queries.

Everything is asked for by sets: first who the events speak of, then their referrals and trails, then whom those trails
name, then what limits, screening and the ledger ask about all of them. What is not loaded does not exist for the batch.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg

from goodword.core.events import Event, decode_facts, ident
from goodword.core.kind import Shelves
from goodword.core.ledger import (
    FUNDING,
    RECOVERED,
    SENT,
    WRITTEN_OFF,
    Balance,
    budget_account,
    overrun_account,
    owed_account,
    payable_account,
    reserved_account,
)
from goodword.core.referral import Referral
from goodword.core.situation import Code, Owner, Party, Situation, Trait, ordered_ids
from goodword.core.terms import Terms, read_terms
from goodword.store.sql.connect import array_literal
from goodword.store.sql.vault import PersonKey, Vault

TRAIL_EVENTS = (
    500  # of one owner; a longer trail is decided from its latest events (the events themselves stay on record)
)
TRAIT_HOLDERS = 60
PERSON_IDS = frozenset({"id", "email", "phone", "email_root"})
VELOCITY = timedelta(days=7)

_decode_referral = msgspec.json.Decoder(Referral).decode


class Book:
    """The published terms of a client and the ids of its programs, read again only when a version was added."""

    def __init__(self) -> None:
        self._terms: dict[str, Terms] = {}
        self.programs: dict[str, str] = {}
        self.versions: list[Terms] = []

    def refresh(self, conn: psycopg.Connection[Any], client_id: str, shelves: Shelves) -> None:
        """Read what is published; a version that was read before is not parsed again."""
        rows = conn.execute(
            "SELECT p.id, p.slug, v.id, v.number, v.live_from FROM program p LEFT JOIN program_version v"
            " ON v.client_id = p.client_id AND v.program_id = p.id AND v.state IN ('live', 'retired') AND v.live_from IS NOT NULL"
            " WHERE p.client_id = %s::uuid",
            (client_id,),
        ).fetchall()
        self.programs = {slug: program_id for program_id, slug, *_ in rows}
        new = [row[2] for row in rows if row[2] and row[2] not in self._terms]
        if new:
            documents = dict(
                conn.execute(
                    "SELECT id, document FROM program_version WHERE client_id = %s::uuid AND id = ANY(%s::uuid[])",
                    (client_id, array_literal(new)),
                ).fetchall()
            )
            for _, slug, version_id, number, live_from in rows:
                if version_id in documents:
                    document = msgspec.json.decode(documents[version_id])
                    terms = read_terms(document, shelves, version=number, live_from=live_from)
                    if not isinstance(terms, Terms):
                        raise ValueError(
                            f"version {number} of {slug} cannot be read any more: {terms[0].field} {terms[0].why}"
                        )
                    self._terms[version_id] = terms
        self.versions = [self._terms[row[2]] for row in rows if row[2]]

    @property
    def attributes(self) -> list[str]:
        """Attribute names that any published condition asks for."""
        return sorted(
            {
                condition.field
                for terms in self.versions
                for conditions in (
                    terms.advocate_conditions,
                    terms.friend_conditions,
                    *(milestone.conditions for milestone in terms.milestones),
                )
                for condition in conditions
                if condition.side in ("advocate", "friend")
            }
        )

    @property
    def asks_of_advocates(self) -> bool:
        """Whether terms look at an advocate's own purchases."""
        return any(
            terms.who == "customers"
            or any(
                condition.side == "advocate" and condition.field == "orders" for condition in terms.advocate_conditions
            )
            for terms in self.versions
        )


def load_situation(
    conn: psycopg.Connection[Any],
    vault: Vault,
    client_id: str,
    shelves: Shelves,
    book: Book,
    events: list[Event],
    due: list[str],
    clock: datetime | None,
) -> Situation:
    """The part of the client's situation that these events and due referrals may look at."""
    loader = _Loader(conn, vault, client_id, shelves, book)
    loader.situation.clock = clock
    for terms in book.versions:
        loader.situation.publish(terms)
    loader.people_of(events)
    loader.referrals_of(events, due)
    loader.trails_of(events)
    loader.named_in_trails(events)
    loader.screening(events, min((at for at in (clock, *(event.at for event in events)) if at), default=None))
    loader.money()
    return loader.situation


class _Loader:
    """One batch's queries, in the order in which they widen what is known."""

    def __init__(
        self, conn: psycopg.Connection[Any], vault: Vault, client_id: str, shelves: Shelves, book: Book
    ) -> None:
        self.conn = conn
        self.vault = vault
        self.client_id = client_id
        self.book = book
        self.situation = Situation(shelves)
        self.parties: set[str] = set()  # whose identities, attributes and traits matter
        self.friends: set[str] = set()  # whose trail is folded
        self.codes: set[str] = set()

    def ask(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query about this client."""
        return self.conn.execute(query, {"client": self.client_id} | values, prepare=True).fetchall()

    # -- 1: whom the events speak of ---------------------------------------------------------------------------------

    def people_of(self, events: list[Event]) -> None:
        pairs: set[tuple[str, str]] = set()
        for event in events:
            pairs.update(event.ids)
            pairs.update(pair for pair in event.advocate if pair[0] != "code")
            self.codes.update(event.codes)
            self.codes.update(token for kind, token in event.advocate if kind == "code")
            for kind, token in (("visitor", event.visitor), ("click", event.click)):
                if token:
                    pairs.add((kind, token))
            if event.order:
                pairs.add(("order", event.order.id))
            if isinstance(event.act.get("party"), str):
                self.friends.add(event.act["party"])
        self.friends |= self._owners(pairs)
        self._codes(self.codes)
        self.friends |= {ident("party", *event.ids[0]) for event in events if event.ids}

    def _owners(self, pairs: Iterable[tuple[str, str]]) -> set[str]:
        listed = [pair for pair in pairs if pair[0] != "email_root"]
        # OFFSET 0 keeps each probe a probe of the key's index under every plan, with statistics or without.
        rows = self.ask(
            "SELECT q.kind, q.token, i.party_id, i.since FROM unnest(%(kinds)s::text[], %(tokens)s::uuid[]) AS q(kind, token),"
            " LATERAL (SELECT party_id, since FROM identifier i WHERE i.client_id = %(client)s::uuid AND i.kind = q.kind"
            " AND i.token = q.token OFFSET 0) i",
            kinds=array_literal(kind for kind, _ in listed),
            tokens=array_literal(token for _, token in listed),
        )
        for row in rows:
            self.situation.add_owner(Owner(*row))
        return {row[2] for row in rows}

    def _codes(self, codes: Iterable[str]) -> None:
        slugs = {program_id: slug for slug, program_id in self.book.programs.items()}
        for code, party, program_id, ended_at in self.ask(
            "SELECT code, party_id, program_id, ended_at FROM code WHERE client_id = %(client)s::uuid AND code ="
            " ANY(%(codes)s::text[])",
            codes=array_literal(codes),
        ):
            if party:
                self.situation.codes[code] = Code(code, party, slugs.get(program_id), ended_at)
                self.parties.add(party)

    # -- 2: their referrals, and the friends who wait for them -------------------------------------------------------

    def referrals_of(self, events: list[Event], due: list[str]) -> None:
        acted = [event.act["referral"] for event in events if isinstance(event.act.get("referral"), str)]
        rewards = [event.act["reward"] for event in events if isinstance(event.act.get("reward"), str)]
        waived = [
            event.act["party"] for event in events if event.type == "waive" and isinstance(event.act.get("party"), str)
        ]
        rows = self.ask(
            "SELECT body FROM referral WHERE client_id = %(client)s::uuid AND friend_id = ANY(%(friends)s::uuid[])"
            " UNION SELECT body FROM referral WHERE client_id = %(client)s::uuid AND id = ANY(%(ids)s::uuid[])"
            " UNION SELECT body FROM referral WHERE client_id = %(client)s::uuid AND waits_on IS NOT NULL AND"
            " waits_on && %(friends)s::uuid[]"
            " UNION SELECT f.body FROM reward w JOIN referral f ON f.client_id = w.client_id AND f.id = w.referral_id"
            " WHERE w.client_id = %(client)s::uuid AND (w.id = ANY(%(rewards)s::uuid[]) OR w.payee_id = ANY(%(waived)s::uuid[]))",
            friends=array_literal(self.friends),
            ids=array_literal(_hex_only([*acted, *due])),
            rewards=array_literal(_hex_only(rewards)),
            waived=array_literal(_hex_only(waived)),
        )
        for (body,) in rows:
            referral = _decode_referral(body)
            self.situation.put(referral)
            self.friends.add(referral.friend)
            self.parties.add(referral.advocate)
        self.situation.joins.clear()

    # -- 3: what those friends did -----------------------------------------------------------------------------------

    def trails_of(self, events: list[Event]) -> None:
        self.parties |= self.friends
        for kind, token, party, since in self.ask(
            "SELECT kind, token, party_id, since FROM identifier WHERE client_id = %(client)s::uuid AND party_id ="
            " ANY(%(parties)s::uuid[])",
            parties=array_literal(self.friends),
        ):
            self.situation.add_owner(Owner(kind, token, party, since))
        owners = set(self.friends)
        for party in self.friends:
            owners.update(self.situation.visitors.get(party, ()))
        for event in events:
            owners.update(token for token in (event.visitor, event.click) if token)
            if event.order:  # what takes the order back may have come before anybody knew whose it is
                owners.add(event.order.id)
        self._trails(owners)
        self._bindings()

    def _bindings(self) -> None:
        """Binding and touch of each known referral, also where they are older than the part of the trail that was loaded."""
        here = {event.id for trail in self.situation.trails.values() for event in trail}
        wanted = {id_ for r in self.situation.referrals.values() for id_ in (r.bound_event, r.touch_event)} - here
        if not wanted:
            return
        owners = set(self.friends).union(*(self.situation.visitors.get(party, ()) for party in self.friends))
        rows = self.ask(
            "SELECT owner, facts FROM trail WHERE client_id = %(client)s::uuid AND owner = ANY(%(owners)s::uuid[])"
            " AND event_id = ANY(%(wanted)s::uuid[])",
            owners=array_literal(owners),
            wanted=array_literal(wanted),
        )
        for owner, facts in rows:
            self.situation.add_to_trail(owner, decode_facts(facts))

    def _trails(self, owners: Iterable[str]) -> None:
        rows = self.ask(
            "SELECT o.owner, t.facts FROM unnest(%(owners)s::uuid[]) AS o(owner),"
            " LATERAL (SELECT facts FROM trail t WHERE t.client_id = %(client)s::uuid AND t.owner = o.owner ORDER BY"
            " at DESC LIMIT %(most)s) t",
            owners=array_literal(owners),
            most=TRAIL_EVENTS,
        )
        for owner, facts in rows:
            self.situation.trails.setdefault(owner, []).append(decode_facts(facts))
        for trail in self.situation.trails.values():
            trail.sort(key=lambda event: event.rank)

    # -- 4: whom those trails name -----------------------------------------------------------------------------------

    def named_in_trails(self, events: list[Event]) -> None:
        codes: set[str] = set()
        pairs: set[tuple[str, str]] = set()
        for trail in self.situation.trails.values():
            for event in trail:
                codes.update(event.codes)
                codes.update(token for kind, token in event.advocate if kind == "code")
                pairs.update(pair for pair in event.advocate if pair[0] != "code")
        self._codes(codes - self.codes)
        self.parties |= self._owners(pairs)
        advocates = self.parties - self.friends
        rows = self.ask(
            "SELECT kind, token, party_id, since FROM identifier WHERE client_id = %(client)s::uuid AND party_id ="
            " ANY(%(parties)s::uuid[])",
            parties=array_literal(advocates),
        )
        for kind, token, party, since in rows:
            self.situation.add_owner(Owner(kind, token, party, since))
        if self.book.asks_of_advocates:
            owners = set(advocates)
            for party in advocates:
                owners.update(self.situation.visitors.get(party, ()))
            self._trails(owners - self.situation.trails.keys())
        self._parties()
        self._attributes()

    def _parties(self) -> None:
        ids: dict[str, list[tuple[str, str]]] = {}
        for (kind, token), owners in self.situation.owners.items():
            if kind in PERSON_IDS:
                for party in owners:
                    ids.setdefault(party, []).append((kind, token))
        for party, known_since, purchased_at, organization, erased_at in self.ask(
            "SELECT id, known_since, purchased_at, organization_id, erased_at FROM party"
            " WHERE client_id = %(client)s::uuid AND id = ANY(%(parties)s::uuid[])",
            parties=array_literal(self.parties),
        ):
            known = ordered_ids(ids.get(party, ()))
            self.situation.parties[party] = Party(
                party, known, known_since, purchased_at, organization, erased_at is not None
            )
        for audience, party, since, until in self.ask(
            "SELECT audience, party_id, since, until FROM audience_member"
            " WHERE client_id = %(client)s::uuid AND party_id = ANY(%(parties)s::uuid[])",
            parties=array_literal(self.parties),
        ):
            self.situation.audiences.setdefault((audience, party), []).append((since, until))

    def _attributes(self) -> None:
        """Dated attributes that published terms ask for, opened with the person's key; a shredded person's stay unknown."""
        names = self.book.attributes
        if not names:
            return
        rows = self.ask(
            "SELECT party_id, name, valid_from, value_sealed FROM attribute WHERE client_id = %(client)s::uuid"
            " AND party_id = ANY(%(parties)s::uuid[]) AND name = ANY(%(names)s::text[]) ORDER BY party_id, name, valid_from",
            parties=array_literal(self.parties),
            names=array_literal(names),
        )
        keys: dict[str, PersonKey] = self.vault.person_keys(
            self.conn, self.client_id, {row[0] for row in rows}, create=False
        )
        for party, name, valid_from, sealed in rows:
            if party in keys:
                value = msgspec.json.decode(
                    keys[party].open("attribute", name, attribute_row(party, name, valid_from), sealed)
                )
                self.situation.attributes.setdefault((party, name), []).append((valid_from, value))

    # -- 5: what screening asks --------------------------------------------------------------------------------------

    def screening(self, events: list[Event], since: datetime | None) -> None:
        rows = self.ask(
            "SELECT kind, token, party_id, first_at FROM trait WHERE client_id = %(client)s::uuid AND party_id ="
            " ANY(%(parties)s::uuid[])",
            parties=array_literal(self.parties),
        )
        tokens: set[tuple[str, str]] = set()
        for kind, token, party, first_at in rows:
            self.situation.add_trait(Trait(kind, token, party, first_at))
            tokens.add((kind, token))
        if not any(terms.screening for terms in self.book.versions):
            return
        # Of the batch too: the first order with a card that others use is the one that has to be held.
        for trail in (events, *self.situation.trails.values()):
            for event in trail:
                tokens.update(
                    (kind, token) for kind, token in (("device", event.device), ("payment", event.payment)) if token
                )
        rows = self.ask(
            "SELECT q.kind, q.token, t.party_id, t.first_at FROM unnest(%(kinds)s::text[], %(tokens)s::uuid[]) AS q(kind, token),"
            " LATERAL (SELECT party_id, first_at FROM trait t WHERE t.client_id = %(client)s::uuid AND t.kind ="
            " q.kind AND t.token = q.token"
            " LIMIT %(most)s) t",
            kinds=array_literal(kind for kind, _ in tokens),
            tokens=array_literal(token for _, token in tokens),
            most=TRAIT_HOLDERS,
        )
        for kind, token, party, first_at in rows:
            self.situation.add_trait(Trait(kind, token, party, first_at))
        if since is None:
            return
        for advocate, bound_at in self.ask(
            "SELECT advocate_id, bound_at FROM referral WHERE client_id = %(client)s::uuid AND advocate_id = ANY(%(parties)s::uuid[])"
            " AND bound_at >= %(since)s ORDER BY bound_at",
            parties=array_literal(self.parties),
            since=since - VELOCITY,
        ):
            self.situation.joins.setdefault(advocate, []).append(bound_at)

    # -- 6: what limits and the ledger ask ---------------------------------------------------------------------------

    def money(self) -> None:
        if any(promise.limits for terms in self.book.versions for promise in terms.promises):
            whom = self.parties | self.situation.codes.keys() | self.book.programs.keys() | {""}
            for key, number, minor in self.ask(
                "SELECT c.key, c.n, c.amount_minor FROM unnest(%(whom)s::text[]) AS w(whom), LATERAL (SELECT key, n,"
                " amount_minor FROM counter c"
                " WHERE c.client_id = %(client)s::uuid AND c.key >= w.whom || '|' AND c.key < w.whom || '}') c",
                whom=array_literal(whom),
            ):
                self.situation.counters[key] = (number, minor)
        names = {FUNDING, SENT, RECOVERED, WRITTEN_OFF}
        for program in self.book.programs:
            names |= {budget_account(program), reserved_account(program), overrun_account(program)}
        for party in self.parties:
            names |= {payable_account(party), owed_account(party)}
        for name, asset, floor, posted, pending_out, pending_in in self.ask(
            "SELECT name, asset, floor_minor, posted_minor, pending_out_minor, pending_in_minor FROM account"
            " WHERE client_id = %(client)s::uuid AND name = ANY(%(names)s::text[])",
            names=array_literal(names),
        ):
            known = self.situation.accounts.get((name, asset))
            kept = known.floor_minor if known else floor
            self.situation.accounts[(name, asset)] = Balance(posted, pending_out, pending_in, kept)


def attribute_row(party: str, name: str, valid_from: datetime) -> str:
    """Row id that an attribute's seal is bound to."""
    return ident("attribute", party, name, valid_from.isoformat())


def _hex_only(ids: Iterable[str]) -> list[str]:
    """Ids that can be ids; anything else names nothing."""
    return [id_ for id_ in ids if len(id_) == 32 and all(character in "0123456789abcdef" for character in id_)]
