"""What may deciding look at? Parties, codes, trails, referrals, claims and balances, folded forward decision by decision."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from goodword.core.contest import Round, Score
from goodword.core.events import Event
from goodword.core.kind import Shelves
from goodword.core.ledger import Accounts, Balance, Entry, apply, budget_account
from goodword.core.reasons import Reason
from goodword.core.referral import Referral
from goodword.core.terms import Published, Stop, Terms, stopped, with_version
from goodword.core.units import Unit
from goodword.core.wallet import Wallet


class Party(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person or organization. `known_since` and `purchased_at` are what was known before its own events."""

    id: str
    ids: tuple[tuple[str, str], ...] = ()
    known_since: datetime | None = None
    purchased_at: datetime | None = None
    organization: str | None = None
    erased: bool = False
    household: str | None = None
    kind: str = "person"  # person | organization


# Tokens that several people share: the household they live in, the organization they act for.
HOUSEHOLD, MEMBER_OF = "household", "member_of"


_ID_ORDER = {"id": 0, "email": 1, "phone": 2, "email_root": 3}


# Tokens that carry a trail of their own: what came under them before anybody knew whose they are.
TRAIL_KINDS = ("visitor", "click", "order")


# What one friend may have done for decisions to be made by themselves. Beyond it a person has to look: a part of a history
# would count orders wrongly, and what was earned once would be taken back or granted anew.
HISTORY_EVENTS = 2000
# Of a visitor's, click's or order's trail the latest count, and whatever a referral stands on: a browser that a whole shop
# uses, or somebody who clicks all day, must not stop those who buy through it.
TOKEN_EVENTS = 500


def ordered_ids(ids: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Identities of a person in their one order: the most reliable kind first, then by token."""
    return tuple(sorted(ids, key=lambda pair: (_ID_ORDER.get(pair[0], 9), pair[1])))


class Code(msgspec.Struct, frozen=True, omit_defaults=True):
    """A referral code: whose it is and (where the client has several programs) of which program."""

    code: str
    party: str
    program: str | None = None
    ended_at: datetime | None = None


class Owner(msgspec.Struct, frozen=True):
    """A token belongs to a party since a moment."""

    kind: str
    token: str
    party: str
    since: datetime


class AttributeFact(msgspec.Struct, frozen=True):
    """A dated value of a party's attribute."""

    party: str
    name: str
    value: Any
    valid_from: datetime


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """A party is on a named list from a moment on, perhaps until another; `is_off`: that was taken back."""

    audience: str
    party: str
    since: datetime
    until: datetime | None = None
    is_off: bool = False


class Trait(msgspec.Struct, frozen=True):
    """A device or payment means seen with a party."""

    kind: str
    token: str
    party: str
    first_at: datetime


class Publication(msgspec.Struct, frozen=True):
    """A version of a program that goes live with this decision."""

    terms: Terms
    document: dict[str, Any]


class Switch(msgspec.Struct, frozen=True):
    """A signal of screening is switched off for a program, or on again; `why` is a code word."""

    program: str
    signal: str
    is_off: bool
    why: str


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to tell the outside: its kind and what it is about, by ids only."""

    kind: str
    referral: str | None = None
    reward: str | None = None
    words: str | None = None
    wallet: str | None = None


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that follows from one event or one due moment, as data. `clock` is the business time it was decided at."""

    id: str
    cause: str  # event | due
    clock: datetime
    event: str | None = None
    due: str | None = None  # the referral or wallet whose moment came
    party: str | None = None
    reasons: tuple[Reason, ...] = ()
    parties: tuple[Party, ...] = ()
    owners: tuple[Owner, ...] = ()
    attributes: tuple[AttributeFact, ...] = ()
    codes: tuple[Code, ...] = ()
    traits: tuple[Trait, ...] = ()
    trail: tuple[str, ...] = ()  # owners (parties, visitors, clicks) on whose trail the event is put
    referrals: tuple[Referral, ...] = ()
    wallets: tuple[Wallet, ...] = ()
    entries: tuple[Entry, ...] = ()
    counters: tuple[tuple[str, int, int], ...] = ()
    notices: tuple[Notice, ...] = ()
    publication: Publication | None = None
    erased: str | None = None
    switch: Switch | None = None
    stop: Stop | None = None
    members: tuple[Member, ...] = ()
    rounds: tuple[Round, ...] = ()
    withdrawn: tuple[tuple[str, str], ...] = ()  # (owner of a trail, event that no longer lies on it)


class Situation:
    """Everything known that deciding may need, in memory: the whole client for files and replays, a batch's part on the server."""

    def __init__(self, shelves: Shelves) -> None:
        self.shelves = shelves
        self.clock: datetime | None = None
        self.book: Published = {}
        self.parties: dict[str, Party] = {}
        self.owners: dict[tuple[str, str], dict[str, datetime]] = {}  # (kind, token) -> party -> since
        self.visitors: dict[str, dict[str, datetime]] = {}  # party -> visitor, click or order token -> since
        self.groups: dict[str, dict[tuple[str, str], datetime]] = {}  # party -> (household or organization) -> since
        self.attributes: dict[tuple[str, str], list[tuple[datetime, Any]]] = {}
        self.audiences: dict[tuple[str, str], list[tuple[datetime, datetime | None]]] = {}  # (audience, party)
        self.codes: dict[str, Code] = {}
        self.trails: dict[str, list[Event]] = {}
        self.contests: dict[str, Round] = {}
        self.scores: dict[str, dict[str, Score]] = {}  # round -> referral -> what it adds
        self.referrals: dict[str, Referral] = {}
        self.of_friend: dict[str, set[str]] = {}
        self.of_advocate: dict[str, set[str]] = {}
        self.waiting: dict[str, set[str]] = {}  # party -> referrals that wait to hear of it
        self.counting: dict[tuple[str, int], bool] = {}  # (program, version) -> whether it asks who brought how many
        self.rewards: dict[str, str] = {}  # reward -> referral
        self.joins: dict[str, list[datetime]] = {}  # advocate -> moments at which friends were bound
        self.traits: dict[tuple[str, str], dict[str, datetime]] = {}
        self.party_traits: dict[str, set[tuple[str, str]]] = {}
        self.counters: dict[str, tuple[int, int]] = {}
        self.accounts: Accounts = {}
        self.switches: dict[str, frozenset[str]] = {}  # program -> signals that are switched off
        self.wallets: dict[str, Wallet] = {}
        self.redemptions: dict[str, str] = {}  # redemption -> wallet

    # -- looking ---------------------------------------------------------------------------------------------------

    def history(self, party: str) -> list[Event]:
        """Events of the party, of every visitor and about every order that belongs to it, in canonical order, each once."""
        events = list(self.trails.get(party, ())[-HISTORY_EVENTS:])
        trails = [token for token in self.visitors.get(party, ()) if token in self.trails]
        if trails:
            seen = {event.id for event in events}
            for token in trails:
                for event in self._latest(token, party):
                    if event.id not in seen:
                        seen.add(event.id)
                        events.append(event)
            events.sort(key=lambda event: event.rank)
        return events

    def is_too_long(self, party: str) -> bool:
        """Whether the party did more than is folded at once, so that a person has to look."""
        return len(self.trails.get(party, ())) > HISTORY_EVENTS

    def _latest(self, token: str, party: str) -> list[Event]:
        """The latest events under a token, and the older ones on which a referral of the party stands."""
        trail = self.trails.get(token, [])
        if len(trail) <= TOKEN_EVENTS:
            return trail
        own = [self.referrals[id_] for id_ in self.of_friend.get(party, ())]
        stood_on = {id_ for referral in own for id_ in (referral.bound_event, referral.touch_event)}
        return [event for event in trail[:-TOKEN_EVENTS] if event.id in stood_on] + trail[-TOKEN_EVENTS:]

    def party_of(self, ids: Iterable[tuple[str, str]]) -> str | None:
        """The party that owns the first known of these identities; an own id outranks an e-mail, that a phone."""
        given = tuple(ids)
        for kind, token in given:
            if kind == "email_root":
                continue
            owners = self.owners.get((kind, token))
            if not owners:
                continue
            party = min(owners, key=lambda owner: (owners[owner], owner))
            if kind != "id" and self._has_other_id(party, given):
                continue
            return party
        return None

    def _has_other_id(self, party: str, given: tuple[tuple[str, str], ...]) -> bool:
        """Whether the party already carries an own id while the event names another: two people who share a mailbox."""
        named = [token for kind, token in given if kind == "id"]
        known = self.parties.get(party)
        return (
            bool(named) and known is not None and any(kind == "id" and token not in named for kind, token in known.ids)
        )

    def owners_of(self, kind: str, token: str | None) -> list[str]:
        """Parties that own the token, in the order in which they came to own it."""
        owners = self.owners.get((kind, token), {}) if token else {}
        return sorted(owners, key=lambda party: (owners[party], party))

    def attribute(self, party: str, name: str, at: datetime, until: datetime | None = None) -> Any:
        """The value of an attribute as it stood at that moment, else the first one known later (at most `until`), else None."""
        value = None
        for valid_from, known in self.attributes.get((party, name), ()):
            if valid_from > at and (value is not None or (until is not None and valid_from > until)):
                break
            value = known
            if valid_from > at:
                break
        return value

    def in_audience(self, audience: str, party: str, at: datetime) -> bool:
        """Whether the party was on the named list at that moment."""
        return any(
            since <= at and (until is None or at <= until) for since, until in self.audiences.get((audience, party), ())
        )

    def group_of(self, party: str, kind: str) -> str | None:
        """The household (or the organization) that the party belongs to, the one it joined last; None: unknown."""
        known = self.groups.get(party, {})
        joined = [(since, token) for (of, token), since in known.items() if of == kind]
        return max(joined)[1] if joined else None

    def members_of(self, kind: str, group: str) -> list[str]:
        """Everybody who belongs to a household or acts for an organization, in the order in which they came to it."""
        return [party for party in self.owners_of(kind, group) if self.group_of(party, kind) == group]

    def terms_at(self, program: str, at: datetime) -> Terms | None:
        """The version in force at a moment."""
        found = None
        for terms in self.book.get(program, ()):
            if terms.live_from <= at:
                found = terms
        return found

    def terms_of(self, program: str, version: int) -> Terms:
        """A version by its number."""
        return next(terms for terms in self.book[program] if terms.version == version)

    def live_terms(self, program: str) -> Terms:
        """The version in force now: its limits and budget hold for the decision, whatever version promised."""
        versions = self.book[program]
        if self.clock is None or len(versions) == 1:
            return versions[-1]
        return self.terms_at(program, self.clock) or versions[0]

    def switched_off(self, program: str) -> frozenset[str]:
        """Signals that do not look at a program's referrals at present."""
        return self.switches.get(program, frozenset())

    def balance(self, account: str, asset: str) -> Balance:
        """Balance of an account; empty where nothing was booked yet."""
        return self.accounts.get((account, asset), Balance())

    def household_of(self, party: str) -> str:
        """The household that a party belongs to; itself where none is known."""
        return self.group_of(party, HOUSEHOLD) or party

    def organization_of(self, party: str) -> str:
        """The organization that a party acts for; itself where none is known."""
        return self.group_of(party, MEMBER_OF) or party

    def joins_within(self, advocate: str, since: datetime, until: datetime) -> int:
        """Friends bound to the advocate in the span, both ends included."""
        return sum(1 for at in self.joins.get(advocate, ()) if since <= at <= until)

    def unit(self, asset: str) -> tuple[Terms, Unit] | None:
        """What is known of a unit: by the version that declared it last, of whichever program."""
        found: tuple[Terms, Unit] | None = None
        for program in sorted(self.book):
            for terms in self.book[program]:
                declared = next((unit for unit in terms.units if unit.asset == asset), None)
                if declared and (found is None or terms.live_from >= found[0].live_from):
                    found = (terms, declared)
        return found

    def dues(self) -> Iterator[tuple[datetime, str]]:
        """Every referral, wallet and round with a moment to come, unordered."""
        for referral in self.referrals.values():
            if referral.next_due_at:
                yield referral.next_due_at, referral.id
        for wallet in self.wallets.values():
            if wallet.next_due_at:
                yield wallet.next_due_at, wallet.id
        for round_ in self.contests.values():
            if round_.next_due_at:
                yield round_.next_due_at, round_.id

    def due_at(self, id_: str) -> datetime | None:
        """The moment to come of a referral, a wallet or a round."""
        one: Referral | Wallet | Round | None = self.referrals.get(id_) or self.wallets.get(id_) or self.contests.get(id_)
        return one.next_due_at if one else None

    def nothing_due(self, id_: str) -> None:
        """The moment of a referral, a wallet or a round is over, and nothing came of it."""
        if id_ in self.wallets:
            self.wallets[id_] = msgspec.structs.replace(self.wallets[id_], next_due_at=None)
        elif id_ in self.contests:
            self.contests[id_] = msgspec.structs.replace(self.contests[id_], next_due_at=None)
        else:
            self.put(msgspec.structs.replace(self.referrals[id_], next_due_at=None))

    # -- folding ---------------------------------------------------------------------------------------------------

    def note(self, decision: Decision, event: Event | None) -> None:
        """Fold in what a decision's event says: who it is, what is theirs, where it lies. Idempotent."""
        self.tick(decision.clock)
        for party in decision.parties:
            self.parties[party.id] = party
        for owner in decision.owners:
            self.add_owner(owner)
        for fact in decision.attributes:
            values = self.attributes.setdefault((fact.party, fact.name), [])
            values[:] = [known for known in values if known[0] != fact.valid_from]
            insort(values, (fact.valid_from, fact.value), key=lambda known: known[0])
        for code in decision.codes:
            self.codes[code.code] = code
        for trait in decision.traits:
            self.add_trait(trait)
        for member in decision.members:
            self.put_member(member)
        for owner_id, event_id in decision.withdrawn:
            trail = self.trails.get(owner_id, [])
            trail[:] = [known for known in trail if known.id != event_id]
        if event is not None:
            for owner_id in decision.trail:
                self.add_to_trail(owner_id, event)

    def conclude(self, decision: Decision) -> None:
        """Fold in what follows by a decision, once. The inverse of nothing: time runs one way."""
        for entry in decision.entries:
            apply(self.accounts, entry)
        if decision.publication:
            self.publish(decision.publication.terms)
        for key, number, amount_minor in decision.counters:
            had_number, had_minor = self.counters.get(key, (0, 0))
            self.counters[key] = (had_number + number, had_minor + amount_minor)
        for referral in decision.referrals:
            self.put(referral)
        for wallet in decision.wallets:
            self.put_wallet(wallet)
        for round_ in decision.rounds:
            self.contests[round_.id] = round_
        if decision.switch:
            self.switch(decision.switch)
        if decision.stop:
            self.book = stopped(self.book, decision.stop.program, decision.stop.at)
        if decision.erased:
            self._erase(decision.erased)

    def add_owner(self, owner: Owner) -> None:
        """A token came to belong to a party; the earliest moment stands."""
        owners = self.owners.setdefault((owner.kind, owner.token), {})
        since = min(owner.since, owners.get(owner.party, owner.since))
        owners[owner.party] = since
        if owner.kind in TRAIL_KINDS:
            self.visitors.setdefault(owner.party, {})[owner.token] = since
        elif owner.kind in (HOUSEHOLD, MEMBER_OF):
            self.groups.setdefault(owner.party, {})[(owner.kind, owner.token)] = since

    def put_member(self, member: Member) -> None:
        """A party came on a list, left it at another moment than was known, or was never on it."""
        spans = self.audiences.setdefault((member.audience, member.party), [])
        spans[:] = [span for span in spans if span[0] != member.since]
        if not member.is_off:
            insort(spans, (member.since, member.until), key=lambda span: span[0])

    def add_trait(self, trait: Trait) -> None:
        """A device or payment means was seen with a party."""
        holders = self.traits.setdefault((trait.kind, trait.token), {})
        holders[trait.party] = min(trait.first_at, holders.get(trait.party, trait.first_at))
        self.party_traits.setdefault(trait.party, set()).add((trait.kind, trait.token))

    def add_to_trail(self, owner: str, event: Event) -> None:
        """Put an event at its canonical place."""
        trail = self.trails.setdefault(owner, [])
        if not trail or trail[-1].rank < event.rank:
            trail.append(event)
        elif all(known.id != event.id for known in trail):
            insort(trail, event, key=lambda known: known.rank)

    def publish(self, terms: Terms) -> None:
        """A version joins the book; where its program has a budget, the budget's account gets a floor."""
        self.book = with_version(self.book, terms)
        self._set_floor(terms)

    def _set_floor(self, terms: Terms) -> None:
        live, versions = self.live_terms(terms.program), self.book[terms.program]
        for currency in dict.fromkeys(one for version in versions for one in version.currencies):
            key, floor = (budget_account(terms.program), currency), 0 if live.budget_in(currency) else None
            self.accounts[key] = msgspec.structs.replace(self.accounts.get(key, Balance()), floor_minor=floor)

    def tick(self, clock: datetime) -> None:
        """It is this late now; a version whose time has come brings its budget's floor with it."""
        before, self.clock = self.clock or clock, clock
        for versions in self.book.values():
            if len(versions) > 1 and any(before < terms.live_from <= clock for terms in versions):
                self._set_floor(versions[-1])

    def switch(self, switch: Switch) -> None:
        """A signal goes off or on for a program."""
        off, one = self.switched_off(switch.program), {switch.signal}
        self.switches[switch.program] = off | one if switch.is_off else off - one

    def put(self, referral: Referral) -> None:
        """The referral as it stands now, with the indexes that find it."""
        before = self.referrals.get(referral.id)
        if before:
            for party in before.waits_on:
                self.waiting.get(party, set()).discard(referral.id)
            if before.advocate != referral.advocate:
                self.of_advocate.get(before.advocate, set()).discard(referral.id)
        moved = before is None or (before.advocate, before.bound_at) != (referral.advocate, referral.bound_at)
        if moved and referral.kind == "referral":
            if before and before.bound_at in self.joins.get(before.advocate, ()):
                self.joins[before.advocate].remove(before.bound_at)
            insort(self.joins.setdefault(referral.advocate, []), referral.bound_at)
        self.referrals[referral.id] = referral
        self._put_score(referral.id, before.score if before else None, referral.score)
        for reward in referral.rewards:
            self.rewards[reward.id] = referral.id
        for party in referral.waits_on:
            self.waiting.setdefault(party, set()).add(referral.id)
        if referral.is_record:
            return
        self.of_friend.setdefault(referral.friend, set()).add(referral.id)
        self.of_advocate.setdefault(referral.advocate, set()).add(referral.id)

    def _put_score(self, referral: str, before: Score | None, after: Score | None) -> None:
        if before is not None and (after is None or after.round != before.round):
            self.scores.get(before.round, {}).pop(referral, None)
        if after is not None:
            self.scores.setdefault(after.round, {})[referral] = after

    def put_wallet(self, wallet: Wallet) -> None:
        """The wallet as it stands now, with the redemptions that can be cancelled."""
        self.wallets[wallet.id] = wallet
        for redemption in wallet.redemptions:
            self.redemptions[redemption.id] = wallet.id

    def _erase(self, party: str) -> None:
        for owners in self.owners.values():
            owners.pop(party, None)
        self.visitors.pop(party, None)
        self.groups.pop(party, None)
        for trait in self.party_traits.pop(party, ()):
            self.traits[trait].pop(party, None)
        self.audiences = {key: spans for key, spans in self.audiences.items() if key[1] != party}
        self.attributes = {key: values for key, values in self.attributes.items() if key[0] != party}
