"""What exactly is promised? Terms: one published version of a program, checked, complete and immutable. `reading` makes them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from goodword.core.conditions import Condition
from goodword.core.contest import Contest
from goodword.core.kind import Give, RewardKind, Signal
from goodword.core.requirements import Milestone, milestone_name
from goodword.core.units import Item, Unit

METHODS = ("named", "code", "click")
WHOLE = "0"  # the part of a ladder that is no market's own
PERIODS = ("day", "week", "month", "quarter", "year", "fiscal_year", "lifetime")


class Limit(msgspec.Struct, frozen=True):
    """At most `most` (a number, or minor units for `amount`) of what it `counts`, over whom, in a period.

    `dated` names the date that puts an item into its period. `shared` marks a limit over all promises to one role.
    """

    counts: str  # grants | amount | joins | open | payments
    most: int
    period: str
    over: str
    edge: str
    reopen: bool
    dated: str = "milestone"
    shared: str = ""


class Row(msgspec.Struct, frozen=True):
    """One line of a table of gifts: given where all its conditions hold (the first such line), or from a place on."""

    kind: RewardKind
    give: Give
    conditions: tuple[Condition, ...] = ()
    at: int = 0  # place (a number of friends, or minor units) from which the line counts
    weight: int = 1  # of a line that chance chooses


class Ladder(msgspec.Struct, frozen=True):
    """A gift that hangs on how many friends (or how much of their orders) came together for one person in a period.

    `once`: each row when its place is reached (`every`: each so many). `from_here_on`: for each friend, the row of its place.
    `whole_period` and `slice`: the first row for each friend, and at the close of the period what is missing to the row
    that the whole came to, or to each slice at its own row.
    """

    by: str  # count | amount
    period: str
    apply: str  # once | from_here_on | whole_period | slice
    rows: tuple[Row, ...]
    every: int = 0
    shrinks: str = "suspend"  # suspend | keep | take_back
    part: str = WHOLE  # the market that it counts for alone: amounts are never added across markets with tiers of their own

    @property
    def counts_over_all(self) -> bool:
        """Whether the tier follows the friends of all markets while each part is made up for in its own money."""
        return self.by == "count" and self.apply == "whole_period"

    @property
    def has_record(self) -> bool:
        """Whether something is owed by the whole rather than by one friend."""
        return self.apply != "from_here_on"


class Choice(msgspec.Struct, frozen=True):
    """One of several gifts: chosen by the payee within a span (else `otherwise`), or by a recorded random number."""

    rows: tuple[Row, ...]
    by_chance: bool = False
    within: timedelta | None = None
    otherwise: str = "default"  # default (the first row) | forfeit | chance


class Promise(msgspec.Struct, frozen=True):
    """Who gets what, at which milestone, after how many days of hold, under which limits.

    `kind` and `give` are the gift, or the first line of `rows`, `ladder` or `choice` where there are several.
    """

    key: str
    to: str  # advocate | friend | person | agent
    on: str
    kind: RewardKind
    give: Give
    hold_days: int
    limits: tuple[Limit, ...]
    rows: tuple[Row, ...] = ()
    ladder: Ladder | None = None
    choice: Choice | None = None

    @property
    def lines(self) -> tuple[Row, ...]:
        """Every gift that may come of it."""
        if self.ladder:
            return self.ladder.rows
        if self.choice:
            return self.choice.rows
        return self.rows or (Row(self.kind, self.give),)


class Stacking(msgspec.Struct, frozen=True):
    """What is given where one fact fulfils several promises to one person, here or together with other programs."""

    promises: str = "all"  # all | best | first
    programs: tuple[tuple[str, str], ...] = ()  # (other program, all | best | before | after)

    def with_program(self, program: str) -> str | None:
        """The rule with another program; None: a fact is rewarded in the program of its winning touch."""
        return dict(self.programs).get(program)


class Budget(msgspec.Struct, frozen=True):
    """What may be spent: reserved when a friend joins or at the grant, and what happens at its end."""

    amount_minor: int
    reserve: str
    at_end: str


class Screening(msgspec.Struct, frozen=True):
    """Points from which a referral is held or denied, and the signals that look."""

    hold_at: int
    deny_at: int
    signals: tuple[Signal, ...]


class Channels(msgspec.Struct, frozen=True, omit_defaults=True):
    """Channels that refuse or outrank the touches of whoever comes through them; so may another program's code."""

    refuse: tuple[str, ...] = ()
    outranked_by: tuple[str, ...] = ()
    other_code: str = "ignore"


class Contracts(msgspec.Struct, frozen=True):
    """Referrers accept contracts: whether nobody refers without one, and for how long one that ended still earns."""

    needed: bool
    tail: timedelta


class PayoutDays(msgspec.Struct, frozen=True):
    """Days on which the house pays out: of the month (moved off a weekend), its last working day, or of the week (Monday: 0)."""

    days: tuple[int, ...] = ()
    at_month_end: bool = False
    weekdays: tuple[int, ...] = ()


class Terms(msgspec.Struct, frozen=True):
    """One published, immutable version of a program's promise. Days are whole; moments are UTC."""

    program: str
    version: int
    live_from: datetime
    name: str
    type: str
    currency: str
    zone: ZoneInfo
    runs_from: datetime | None
    last_touch_at: datetime | None
    last_join_at: datetime | None
    last_milestone_at: datetime | None
    who: str
    advocate_conditions: tuple[Condition, ...]
    new: str
    new_days: int
    friend_conditions: tuple[Condition, ...]
    methods: tuple[str, ...]
    touch: str
    window: timedelta
    bind: str
    late_claim: timedelta
    bound: str
    lapse: timedelta | None
    milestones: tuple[Milestone, ...]
    promises: tuple[Promise, ...]
    budget: Budget | None
    screening: Screening | None
    disclosure: str
    net_within: timedelta
    friend_debt: bool
    landing: str | None
    hash: str
    stacking: Stacking = Stacking()
    fiscal_from: tuple[int, int] = (1, 1)  # month and day on which the fiscal year begins
    business_days: int = 2  # after the hold, until the payee is to have it
    payout_days: PayoutDays | None = None  # None: any working day
    holidays: frozenset[date] = frozenset()  # no working days, beside Saturdays and Sundays
    units: tuple[Unit, ...] = ()
    catalogue: tuple[Item, ...] = ()
    contest: Contest | None = None
    contracts: Contracts | None = None
    channels: Channels = Channels()
    new_scope: str = "client"  # client | group | household | organization
    no_open: tuple[str, ...] = ()
    markets: tuple[tuple[str, Terms], ...] = ()  # terms by the friend's country; each knows of the others
    market: str = ""  # the country that these terms are for
    promise_days: int = 30  # so long after a share this version holds for the advocate who shared it
    notice: timedelta | None = None  # so long before the last milestone counts, those on their way are told; None: never

    def milestone(self, name: str) -> Milestone:
        """The milestone of that name (or of that step of it); read_terms made sure that every name used exists."""
        return next(milestone for milestone in self.milestones if milestone.name == milestone_name(name))

    @property
    def event_types(self) -> frozenset[str]:
        """Event types that can reach a milestone of these terms."""
        return frozenset().union(*(milestone.types for milestone in self.milestones))

    @property
    def is_own(self) -> bool:
        """Whether it rewards people for what they do themselves, without any friend."""
        return bool(self.promises) and all(promise.to == "person" for promise in self.promises)

    def promise(self, key: str) -> Promise | None:
        """The promise of that key; an occurrence ("advocate:paid:0#3") belongs to the promise before its sign."""
        name = key.partition("#")[0].partition("@")[0]
        return next((promise for promise in self.promises if promise.key == name), None)

    @property
    def ladder_of_friends(self) -> Ladder | None:
        """The first ladder that an advocate climbs by the number of friends: its tiers are the advocate's levels."""
        ladders = (promise.ladder for promise in self.promises if promise.to == "advocate" and promise.ladder)
        return next((ladder for ladder in ladders if ladder.by == "count"), None)

    def budget_in(self, currency: str) -> Budget | None:
        """What may be spent in a currency: the program's own budget, or that of its markets in it."""
        if currency == self.currency:
            return self.budget
        return next((own.budget for _, own in self.markets if own.currency == currency), None)

    @property
    def has_budget(self) -> bool:
        """Whether what may be spent is limited, in any currency."""
        return any(self.budget_in(currency) for currency in self.currencies)

    @property
    def currencies(self) -> tuple[str, ...]:
        """The program's own currency, and those of its markets."""
        return tuple(dict.fromkeys((self.currency, *(own.currency for _, own in self.markets))))

    def in_part(self, key: str, part: str) -> Terms:
        """The terms (these, or those of a market) by which a part of a promise's ladder is climbed."""
        for terms in (self, *(own for _, own in self.markets)):
            promise = terms.promise(key)
            if promise and promise.ladder and promise.ladder.part == part:
                return terms
        return self

    def reserve_minor(self, promise: Promise) -> int:
        """What has to be set aside for one grant of the promise; nothing for what hangs on many friends together."""
        if promise.ladder and promise.ladder.apply == "once":
            return 0
        return (
            max(row.kind.most_minor(row.give) or 0 for row in promise.lines if row.give.asset == self.currency)
            if any(row.give.asset == self.currency for row in promise.lines)
            else 0
        )


class Stop(msgspec.Struct, frozen=True):
    """A program's versions so far, up to this one, promise nothing more since a moment: a legal stop, by two people."""

    program: str
    at: datetime
    version: int


Published = dict[str, tuple[Terms, ...]]  # program -> versions


def with_version(known: Published, terms: Terms) -> Published:
    """What is published, with a version more. Versions and programs stand by the day from which they hold, whatever order
    they are read in: what several programs say about one person is always told in one order."""
    others = [one for one in known.get(terms.program, ()) if one.version != terms.version]
    versions = tuple(sorted([*others, terms], key=lambda one: (one.live_from, one.version)))
    whole = {**known, terms.program: versions}
    return dict(sorted(whole.items(), key=lambda named: (named[1][0].live_from, named[0])))


def stopped(known: Published, program: str, at: datetime, number: int | None = None) -> Published:
    """What is published, where the versions of a program so far (or the one of that number) promise nothing more since then."""
    versions = (_until(terms, at) if number in (None, terms.version) else terms for terms in known[program])
    return {**known, program: tuple(versions)}


def _until(terms: Terms, at: datetime) -> Terms:
    """The terms with their last days brought forward."""

    def earlier(day: datetime | None) -> datetime:
        return at if day is None else min(day, at)

    return msgspec.structs.replace(
        terms,
        last_touch_at=earlier(terms.last_touch_at),
        last_join_at=earlier(terms.last_join_at),
        last_milestone_at=earlier(terms.last_milestone_at),
    )
