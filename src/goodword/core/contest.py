"""What is a contest? Rounds, the metric, prizes and their rules as terms hold them; a round as it stands, and what a friend adds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from goodword.core.conditions import Condition
from goodword.core.events import ident
from goodword.core.kind import Give, RewardKind

PERIODS = ("day", "week", "month", "quarter", "year")
METRICS = ("friends", "amount", "points")
TIES = ("reached_first", "share", "draw")
REVIEW_WAIT = timedelta(days=14)  # how long an award waits for people who still have to look
LIVE_STATES = frozenset({"open", "frozen"})  # scores still move


class Span(msgspec.Struct, frozen=True):
    """A round in the calendar: from its first moment to the first moment after it."""

    name: str
    opens_at: datetime
    closes_at: datetime


class Prize(msgspec.Struct, frozen=True):
    """What the places `first` to `last` get, or `winners` drawn among all entrants who reached `minimum`."""

    key: str
    kind: RewardKind
    give: Give
    first: int = 0
    last: int = 0
    winners: int = 0
    weight: str = "friends"  # tickets in a draw: one a friend, or `equal`: one an entrant
    minimum: int = 1
    tax: str = ""
    worth_minor: int | None = None  # value in the program's currency, for the tax note

    @property
    def is_draw(self) -> bool:
        """Whether its winners are drawn."""
        return self.winners > 0

    @property
    def count(self) -> int:
        """How many of it there are."""
        return self.winners or self.last - self.first + 1

    @property
    def minor(self) -> int:
        """What one of it comes to."""
        return self.kind.amount_minor(self.give, None) or 0


class Contest(msgspec.Struct, frozen=True):
    """The rules of a program's contest, the same for every round that opens while they are live."""

    period: str  # a calendar period, or "" where the rounds are dated
    spans: tuple[Span, ...]
    counts: str  # joined | qualified: the date that puts a friend into a round
    metric: str
    on: str
    conditions: tuple[Condition, ...]
    excluded: tuple[Condition, ...]
    one_a_household: bool
    team: str | None
    minimum: int
    ties: str
    prizes: tuple[Prize, ...]
    freeze_after: timedelta
    award_after: timedelta
    accept_within: timedelta | None

    @property
    def draws(self) -> bool:
        """Whether a committed random number is needed."""
        return self.ties == "draw" or any(prize.is_draw for prize in self.prizes)

    def span_at(self, at: datetime, zone: ZoneInfo) -> Span | None:
        """The round that a moment lies in; None between dated rounds."""
        if self.period:
            return span_of(at, self.period, zone)
        return next((span for span in self.spans if span.opens_at <= at < span.closes_at), None)

    def asset_of(self, currency: str) -> str:
        """What the metric counts in: the currency for amounts, bare numbers else."""
        return currency if self.metric == "amount" else ""


class Score(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one referral adds to its advocate's score in a round. `value` in friends, minor units or points."""

    round: str
    party: str
    value: int
    at: datetime  # the milestone that counted
    provisional: bool = False  # held: shown apart until a person decides
    excluded: bool = False
    household: str = ""
    team: str = ""


class Winner(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody a prize was offered to, and what became of the offer."""

    prize: str
    place: int  # rank on the board, or the number of the draw
    party: str
    record: str  # the referral record that carries the reward
    amount_minor: int
    asset: str
    state: str  # offered | accepted | lapsed | disqualified
    state_at: datetime
    until: datetime | None = None
    why: str = ""

    @property
    def stands(self) -> bool:
        """Whether the prize is (or may still become) theirs."""
        return self.state in ("offered", "accepted")


class PrizeCost(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a prize that is not money takes out of the budget. It lies with the prizes until the round closes, then it is cost."""

    prize: str
    each: int  # millionths of the currency that one unit cost when the round opened
    minor: int
    currency: str
    source: str  # account that it came from
    is_spent: bool = False


class Round(msgspec.Struct, frozen=True, omit_defaults=True):
    """One round as it stands. Its rules are those of the version that was live when it opened."""

    id: str
    program: str
    name: str
    version: int
    opens_at: datetime
    closes_at: datetime
    freeze_at: datetime
    award_at: datetime
    state: str  # open | frozen | awarded | closed
    state_at: datetime
    next_due_at: datetime | None = None
    commitment: str | None = None  # SHA-256 of the seed, given before the freeze
    committed_at: datetime | None = None
    seed: str | None = None  # revealed at the award
    pool: tuple[tuple[str, int, str], ...] = ()  # set aside for prizes: (asset, minor units, account it came from)
    costs: tuple[PrizeCost, ...] = ()  # set aside in money for prizes that are points or things
    winners: tuple[Winner, ...] = ()
    entrants: int = 0  # at the award

    @property
    def is_live(self) -> bool:
        """Whether scores still move."""
        return self.state in LIVE_STATES

    def winner(self, record: str) -> Winner | None:
        """The winner of that record."""
        return next((known for known in self.winners if known.record == record), None)


def round_id(program: str, name: str) -> str:
    """Id of a program's round."""
    return ident("contest", program, name)


def span_of(at: datetime, period: str, zone: ZoneInfo) -> Span:
    """The calendar period around a moment in a zone."""
    local = at.astimezone(zone).date()
    if period == "day":
        first, after, name = local, local + timedelta(days=1), f"{local:%Y-%m-%d}"
    elif period == "week":
        first = local - timedelta(days=local.weekday())
        year, week, _ = local.isocalendar()
        after, name = first + timedelta(days=7), f"{year}-W{week:02d}"
    else:
        months = {"month": 1, "quarter": 3, "year": 12}[period]
        first = date(local.year, (local.month - 1) // months * months + 1, 1)
        after = date(first.year + (first.month - 1 + months) // 12, (first.month - 1 + months) % 12 + 1, 1)
        quarter = f"{local:%Y}-Q{(local.month + 2) // 3}"
        name = {"month": f"{local:%Y-%m}", "quarter": quarter, "year": f"{local:%Y}"}[period]
    return Span(name, midnight(first, zone), midnight(after, zone))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day in a zone."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)
