"""What does deciding need to know for these events? Loads a batch's part of the situation in a fixed number of queries.

Everything is asked for by sets: first who the events speak of, then their referrals and trails, then whom those trails
name, then what limits, screening and the ledger ask about all of them. What is not loaded does not exist for the batch.

Each set is probed one by one (LATERAL ... OFFSET 0). For a client that the planner's statistics do not know yet it expects
one row, and would read all rows of the client and compare each with the whole set: a batch took ten times as long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from sys import intern
from typing import Any, NamedTuple

import msgspec
import psycopg

from goodword.core.events import Event, decode_facts, ident
from goodword.core.kind import Shelves
from goodword.core.moving import OPEN_STATES
from goodword.core.referral import Referral
from goodword.core.situation import (
    HISTORY_EVENTS,
    HOUSEHOLD,
    MEMBER_OF,
    TOKEN_EVENTS,
    Code,
    Owner,
    Party,
    Situation,
    Switch,
    ordered_ids,
)
from goodword.core.terms import stopped
from goodword.store.book import Book
from goodword.store.contests import load_contests
from goodword.store.money_held import load_accounts, load_counters
from goodword.store.screened import load_screening
from goodword.store.sql.connect import array_literal
from goodword.store.sql.vault import PersonKey, Vault
from goodword.store.wallets import load_wallets

# Of one trail a few more than are folded: the core cuts it, and sees from the rest that there was more.
SPARE_EVENTS = 100
PERSON_IDS = frozenset({"id", "email", "phone", "email_root", "org", "vat", "domain"})

# Which referrals of its program an act may make due, one index each.
_MADE_DUE = {
    "signal": ("state = 'held'", "state <> 'held' AND without IS NOT NULL"),
    "move": (_OPEN := tuple(f"state = '{state}'" for state in sorted(OPEN_STATES))),
    "stop": _OPEN,
}

_decode_referral = msgspec.json.Decoder(Referral).decode


class Part(NamedTuple):
    """A part of a client's situation, and the friends who are there with all they did and all their referrals."""

    situation: Situation
    friends: frozenset[str]


def load_situation(
    conn: psycopg.Connection[Any],
    vault: Vault,
    client_id: str,
    shelves: Shelves,
    book: Book,
    events: list[Event],
    due: list[str],
    clock: datetime | None,
) -> Part:
    """The part of the client's situation that these events and due referrals may look at."""
    loader = _Loader(conn, vault, client_id, shelves, book)
    loader.situation.clock = clock
    for terms in book.versions:
        loader.situation.publish(terms)
    loader.switches()
    loader.stops()
    loader.people_of(events)
    loader.referrals_of(events, due)
    loader.trails_of(events)
    loader.named_in_trails(events)
    loader.screening(events)
    entrants = loader.contests(events, due)
    loader.money(loader.wallets(events, due, entrants) | entrants)
    return Part(loader.situation, frozenset(loader.friends))


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
        self.told_of: set[str] = set()  # households and channels that this batch is the first to name
        self.opens_balances = False  # a balance is opened once: a counter says so

    def ask(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query about this client."""
        return self.conn.execute(query, {"client": self.client_id} | values, prepare=True).fetchall()

    # -- 1: whom the events speak of ---------------------------------------------------------------------------------

    def people_of(self, events: list[Event]) -> None:
        pairs: set[tuple[str, str]] = set()
        for event in events:
            pairs.update(event.ids)
            pairs.update(pair for pair in (*event.advocate, *event.agent) if pair[0] != "code")
            self.codes.update(event.codes)
            self.codes.update(token for kind, token in event.advocate if kind == "code")
            for kind, token in (("visitor", event.visitor), ("click", event.click)):
                if token:
                    pairs.add((kind, token))
            if event.order:
                pairs.add(("order", event.order.id))
            self.told_of.update(told for told in (event.household, event.channel) if told)
            self.opens_balances = self.opens_balances or event.type in ("balance", "withdrawn")
            if isinstance(event.act.get("party"), str):
                self.friends.add(event.act["party"])
        forgotten = {str(event.act.get("party")) for event in events if event.type == "erase"}
        self.friends |= self._owners(pairs)
        self._codes(self.codes | self._codes_of(forgotten))
        self.friends |= {ident("party", *event.ids[0]) for event in events if event.ids}
        self.parties |= {
            ident("party", *event.advocate[0]) for event in events if event.type == "referred" and event.advocate
        }
        companies = self._owners({pair for event in events for pair in event.organization})
        self._identities(companies)
        self.parties |= companies
        self.told_of |= companies

    def _owners(self, pairs: Iterable[tuple[str, str]]) -> set[str]:
        listed = [pair for pair in pairs if pair[0] != "email_root"]
        if not listed:
            return set()
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

    def _identities(self, parties: Collection[str]) -> None:
        if not parties:
            return
        for row in self.ask(
            "SELECT i.kind, i.token, i.party_id, i.since FROM unnest(%(parties)s::uuid[]) AS q(id), LATERAL (SELECT *"
            " FROM identifier i WHERE i.client_id = %(client)s::uuid AND i.party_id = q.id OFFSET 0) i",
            parties=array_literal(parties),
        ):
            self.situation.add_owner(Owner(*row))

    def _codes(self, codes: Iterable[str]) -> None:
        slugs = {program_id: slug for slug, program_id in self.book.programs.items()}
        for code, party, program_id, ended_at in self.ask(
            "SELECT q.code, c.party_id, c.program_id, c.ended_at FROM unnest(%(codes)s::text[]) AS q(code), LATERAL (SELECT *"
            " FROM code c WHERE c.client_id = %(client)s::uuid AND c.code = q.code OFFSET 0) c",
            codes=array_literal(codes),
        ):
            if party:
                self.situation.codes[code] = Code(code, party, slugs.get(program_id), ended_at)
                self.parties.add(party)

    def _codes_of(self, parties: Collection[str]) -> set[str]:
        """Codes of whoever is forgotten: they end with it."""
        if not parties:
            return set()
        rows = self.ask(
            "SELECT code FROM code WHERE client_id = %(client)s::uuid AND party_id = ANY(%(parties)s::uuid[])",
            parties=array_literal(_hex_only(parties)),
        )
        return {row[0] for row in rows}

    # -- 2: their referrals, and the friends who wait for them -------------------------------------------------------

    def referrals_of(self, events: list[Event], due: list[str]) -> None:
        acted = [event.act["referral"] for event in events if isinstance(event.act.get("referral"), str)]
        rewards = [event.act["reward"] for event in events if isinstance(event.act.get("reward"), str)]
        waived = [
            event.act["party"] for event in events if event.type == "waive" and isinstance(event.act.get("party"), str)
        ]
        rows = self.ask(
            "SELECT f.body FROM unnest(%(friends)s::uuid[]) AS q(id), LATERAL (SELECT body FROM referral r"
            " WHERE r.client_id = %(client)s::uuid AND r.friend_id = q.id OFFSET 0) f"
            " UNION ALL SELECT f.body FROM unnest(%(ids)s::uuid[]) AS q(id), LATERAL (SELECT body FROM referral r"
            " WHERE r.client_id = %(client)s::uuid AND r.id = q.id OFFSET 0) f"
            " UNION ALL SELECT body FROM referral WHERE client_id = %(client)s::uuid AND waits_on IS NOT NULL AND"
            " waits_on && %(friends)s::uuid[]"
            " UNION ALL SELECT f.body FROM ("
            "  SELECT w.referral_id AS id FROM unnest(%(rewards)s::uuid[]) AS q(id), LATERAL (SELECT referral_id FROM reward w"
            "  WHERE w.client_id = %(client)s::uuid AND w.id = q.id OFFSET 0) w"
            "  UNION ALL SELECT w.referral_id FROM unnest(%(waived)s::uuid[]) AS q(id), LATERAL (SELECT referral_id FROM reward w"
            "  WHERE w.client_id = %(client)s::uuid AND w.payee_id = q.id OFFSET 0) w"
            " ) q, LATERAL (SELECT body FROM referral r WHERE r.client_id = %(client)s::uuid AND r.id = q.id OFFSET 0) f",
            friends=array_literal(self.friends),
            ids=array_literal(_hex_only([*acted, *due])),
            rewards=array_literal(_hex_only(rewards)),
            waived=array_literal(_hex_only(waived)),
        )
        asked_of = set(self.friends)
        self._put({row[0] for row in rows})
        self._beside(self.friends - asked_of)
        self._made_due(events)
        self.situation.joins.clear()

    def _put(self, bodies: Iterable[str]) -> None:
        for body in bodies:
            referral = _decode_referral(body)
            self.situation.put(referral)
            self.friends.add(referral.friend)
            self.parties.add(referral.advocate)
            self.parties.update(reward.payee for reward in referral.rewards)  # it may have had another advocate before

    def _beside(self, friends: set[str]) -> None:
        """Every other referral of friends who came in by one of theirs: what is settled is a friend, not a referral, and one
        that were not at hand would be opened a second time."""
        if not friends:
            return
        rows = self.ask(
            "SELECT f.body FROM unnest(%(friends)s::uuid[]) AS q(id), LATERAL (SELECT body FROM referral r"
            " WHERE r.client_id = %(client)s::uuid AND r.friend_id = q.id OFFSET 0) f",
            friends=array_literal(friends),
        )
        self._put(row[0] for row in rows)

    def switches(self) -> None:
        """Signals that are switched off."""
        slugs = {program_id: slug for slug, program_id in self.book.programs.items()}
        for program_id, signal, why in self.ask(
            "SELECT program_id, signal, why FROM signal_switch WHERE client_id = %(client)s::uuid AND is_off"
        ):
            self.situation.switch(Switch(slugs[program_id], signal, True, why))

    def stops(self) -> None:
        """Versions that a legal stop ended; those published since then promise as they say."""
        for slug, number, at in self.ask(
            "SELECT p.slug, v.number, v.stopped_at FROM program_version v JOIN program p ON p.client_id = v.client_id"
            " AND p.id = v.program_id WHERE v.client_id = %(client)s::uuid AND v.stopped_at IS NOT NULL"
        ):
            self.situation.book = stopped(self.situation.book, slug, at, number)

    def _made_due(self, events: list[Event]) -> None:
        """Referrals that a switch of a signal or a move to newer terms makes due: only they, each is decided in a later batch."""
        for event in events:
            program = self.book.programs.get(str(event.act.get("program")))
            for wanted in _MADE_DUE.get(event.type, ()) if program else ():
                for (body,) in self.ask(
                    "SELECT body FROM referral WHERE client_id = %(client)s::uuid AND program_id = %(program)s::uuid"
                    f" AND {wanted}",
                    program=program,
                ):
                    referral = _decode_referral(body)
                    if referral.id not in self.situation.referrals:
                        self.situation.put(referral)

    # -- 3: what those friends did -----------------------------------------------------------------------------------

    def trails_of(self, events: list[Event]) -> None:
        self.parties |= self.friends
        self._identities(self.friends)
        if self.book.new_scopes:
            self._fellows(events)
        self._trails(self.friends, HISTORY_EVENTS)
        owners: set[str] = set()
        for party in self.friends:
            owners.update(self.situation.visitors.get(party, ()))
        for event in events:
            owners.update(token for token in (event.visitor, event.click) if token)
            if event.order:  # what takes the order back may have come before anybody knew whose it is
                owners.add(event.order.id)
        self._trails(owners - self.friends, TOKEN_EVENTS)
        self._bindings()

    def _fellows(self, events: list[Event]) -> None:
        """Whoever shares a household or organization with a friend, and what they did: what is new is asked of all of them."""
        groups = {key for party in self.friends for key in self.situation.groups.get(party, ())}
        groups |= {(HOUSEHOLD, event.household) for event in events if event.household}
        named = {pair for event in events for pair in event.organization}
        groups |= {(MEMBER_OF, company) for company in self._owners(named)}
        fellows = self._owners({key for key in groups if key[0] in self.book.new_scopes}) - self.friends
        self._identities(fellows)
        self.parties |= fellows
        owners = fellows.union(*(self.situation.visitors.get(party, ()) for party in fellows))
        self._trails(owners - self.friends, HISTORY_EVENTS)

    def _bindings(self) -> None:
        """Binding and touch of each known referral, also where they are older than the part of the trail that was loaded."""
        here = {event.id for trail in self.situation.trails.values() for event in trail}
        wanted = {
            id_ for r in self.situation.referrals.values() for id_ in (r.bound_event, r.touch_event) if id_
        } - here
        if not wanted:
            return
        owners = set(self.friends).union(*(self.situation.visitors.get(party, ()) for party in self.friends))
        rows = self.ask(
            "SELECT t.owner, t.facts FROM unnest(%(owners)s::uuid[]) AS o(owner), LATERAL (SELECT owner, facts FROM trail t"
            " WHERE t.client_id = %(client)s::uuid AND t.owner = o.owner AND t.event_id = ANY(%(wanted)s::uuid[]) OFFSET 0) t",
            owners=array_literal(owners),
            wanted=array_literal(wanted),
        )
        for owner, facts in rows:
            self.situation.add_to_trail(owner, decode_facts(facts))

    def _trails(self, owners: Iterable[str], most: int) -> None:
        rows = self.ask(
            "SELECT o.owner, t.facts FROM unnest(%(owners)s::uuid[]) AS o(owner),"
            " LATERAL (SELECT facts FROM trail t WHERE t.client_id = %(client)s::uuid AND t.owner = o.owner ORDER BY"
            " at DESC LIMIT %(most)s) t",
            owners=array_literal(owners),
            most=most + SPARE_EVENTS,
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
                pairs.update(event.agent)
        self._codes(codes - self.codes)
        self.parties |= self._owners(pairs)
        advocates = self.parties - self.friends
        self._identities(advocates)
        if self.book.has_ladders:
            self._records(advocates)
        if self.book.asks_of_advocates or self.book.has_shares:
            self._trails(advocates - self.situation.trails.keys(), HISTORY_EVENTS)
            owners: set[str] = set()
            for party in advocates:
                owners.update(self.situation.visitors.get(party, ()))
            self._trails(owners - self.situation.trails.keys(), TOKEN_EVENTS)
            shared = (trail for owner, trail in self.situation.trails.items() if owner in advocates or owner in owners)
            named = {code for trail in shared for event in trail for code in event.codes}
            self._codes(named - self.codes - codes)  # what was shared may be of one program only
        if self.book.asks_of_referrals or (self.book.has_shares and any(event.type == "share" for event in events)):
            self._brought()
        if self.book.asks_of_homes:
            self._homes()
        self._parties()
        self._attributes()

    def _records(self, parties: Iterable[str]) -> None:
        """What many referrals together earned these people; their own were loaded with their referrals."""
        for (body,) in self.ask(
            "SELECT f.body FROM unnest(%(parties)s::uuid[]) AS q(id), LATERAL (SELECT body FROM referral r"
            " WHERE r.client_id = %(client)s::uuid AND r.friend_id = q.id AND r.kind = 'record' OFFSET 0) f",
            parties=array_literal(parties),
        ):
            self.situation.put(_decode_referral(body))

    def _brought(self) -> None:
        """Every referral of whoever may be asked how many friends they brought, and those in which they are the friend."""
        for (body,) in self.ask(
            "SELECT f.body FROM unnest(%(parties)s::uuid[]) AS q(id), LATERAL (SELECT body FROM referral r"
            " WHERE r.client_id = %(client)s::uuid AND r.advocate_id = q.id OFFSET 0) f"
            " UNION ALL SELECT f.body FROM unnest(%(parties)s::uuid[]) AS q(id), LATERAL (SELECT body FROM referral r"
            " WHERE r.client_id = %(client)s::uuid AND r.friend_id = q.id OFFSET 0) f",
            parties=array_literal(self.parties),
        ):
            referral = _decode_referral(body)
            if referral.id not in self.situation.referrals:
                self.situation.put(referral)
        self.situation.joins.clear()

    def _parties(self) -> None:
        ids: dict[str, list[tuple[str, str]]] = {}
        for (mark, token), owners in self.situation.owners.items():
            if mark in PERSON_IDS:
                for party in owners:
                    ids.setdefault(party, []).append((mark, token))
        for party, kind, known_since, purchased_at, organization, erased_at in self.ask(
            "SELECT q.id, p.kind, p.known_since, p.purchased_at, p.organization_id, p.erased_at"
            " FROM unnest(%(parties)s::uuid[]) AS q(id),"
            " LATERAL (SELECT * FROM party p WHERE p.client_id = %(client)s::uuid AND p.id = q.id OFFSET 0) p",
            parties=array_literal(self.parties),
        ):
            known = ordered_ids(ids.get(party, ()))
            self.situation.parties[party] = Party(
                party,
                known,
                known_since,
                purchased_at,
                organization,
                household=self.situation.group_of(party, HOUSEHOLD),
                erased=erased_at is not None,
                kind=intern(kind),  # a default is left out of a decision by identity, and a replay has to be equal
            )
        for audience, party, since, until in self.ask(
            "SELECT m.audience, m.party_id, m.since, m.until FROM unnest(%(parties)s::uuid[]) AS q(id), LATERAL (SELECT *"
            " FROM audience_member m WHERE m.client_id = %(client)s::uuid AND m.party_id = q.id OFFSET 0) m",
            parties=array_literal(self.parties),
        ):
            self.situation.audiences.setdefault((audience, party), []).append((since, until))

    def _attributes(self) -> None:
        """Dated attributes that published terms ask for, opened with the person's key; a shredded person's stay unknown."""
        names = self.book.attributes
        if not names:
            return
        rows = self.ask(
            "SELECT a.party_id, a.name, a.valid_from, a.value_sealed FROM unnest(%(parties)s::uuid[]) AS q(id), LATERAL (SELECT *"
            " FROM attribute a WHERE a.client_id = %(client)s::uuid AND a.party_id = q.id AND a.name = ANY(%(names)s::text[])"
            " OFFSET 0) a ORDER BY a.party_id, a.name, a.valid_from",
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

    def screening(self, events: list[Event]) -> None:
        """Devices and payment means of everybody, and who joined through them, where anything looks at that."""
        is_on = any(terms.screening for terms in self.book.versions)
        load_screening(self.ask, self.situation, events, self.parties, self.friends if is_on else None)

    # -- 6: what limits and the ledger ask ---------------------------------------------------------------------------

    def contests(self, events: list[Event], due: list[str]) -> set[str]:
        """Rounds of contests, and everybody who may win something in this batch."""
        entrants = load_contests(self.ask, self.situation, events, due) if self.book.has_contests else set()
        if self.book.has_units:  # points that are won may belong to a household
            self._identities(entrants - self.parties)
        return entrants

    def _homes(self) -> None:
        """Who lives with these people: whoever lives with somebody excluded from a contest is excluded too."""
        groups = (key for party in self.parties for key in self.situation.groups.get(party, ()))
        others = self._owners({key for key in groups if key[0] == HOUSEHOLD}) - self.parties
        self._identities(others)
        self.parties |= others

    def wallets(self, events: list[Event], due: list[str], entrants: set[str]) -> set[str]:
        """Wallets of points, and whose accounts hold them: parties and households."""
        return (
            load_wallets(self.ask, self.situation, events, due, self.parties | entrants)
            if self.book.has_units
            else set()
        )

    def money(self, holders: set[str]) -> None:
        whose = self.parties | holders
        if self.book.counts or self.opens_balances:
            whom = whose | self.situation.codes.keys() | self.book.programs.keys() | self.told_of | {""}
            load_counters(self.ask, self.situation, whom)
        load_accounts(self.ask, self.situation, self.book, whose)


def attribute_row(party: str, name: str, valid_from: datetime) -> str:
    """Row id that an attribute's seal is bound to."""
    return ident("attribute", party, name, valid_from.isoformat())


def _hex_only(ids: Iterable[str]) -> list[str]:
    """Ids that can be ids; anything else names nothing."""
    return [id_ for id_ in ids if len(id_) == 32 and all(character in "0123456789abcdef" for character in id_)]
