"""What exactly is promised? The program document, read into Terms: checked, complete and immutable."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from goodword.core.amounts import is_currency, to_minor
from goodword.core.conditions import MOMENTS, Condition, read_condition
from goodword.core.documents import (
    AttributionPart,
    LimitPart,
    MilestonePart,
    ProgramDocument,
    PromisePart,
    document_problem,
)
from goodword.core.events import Problem, ident
from goodword.core.kind import Give, RewardKind, Shelves, Signal

METHODS = ("named", "code", "click")
PERIODS = ("day", "week", "month", "quarter", "year", "lifetime")


class Milestone(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event with conditions, or (where `moment_after` is set) a moment so long after another milestone."""

    name: str
    event: str | None = None
    count: int = 1
    min_minor: int | None = None
    base: str = "net"
    within: timedelta | None = None
    within_of: str = "joined"
    first_matching: bool = False
    first_order_decides: bool = False
    cancelled_by: str | None = None
    moment_after: str | None = None
    moment_days: int = 0
    moment_months: int = 0
    grace: timedelta | None = None
    without: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


class Limit(msgspec.Struct, frozen=True):
    """At most `most` (a number, or minor units for `amount`) of what it `counts`, over whom, in a period."""

    counts: str
    most: int
    period: str
    over: str
    edge: str
    reopen: bool


class Promise(msgspec.Struct, frozen=True):
    """Who gets what, at which milestone, after how many days of hold, under which limits."""

    key: str
    to: str
    on: str
    kind: RewardKind
    give: Give
    hold_days: int
    limits: tuple[Limit, ...]


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

    def milestone(self, name: str) -> Milestone:
        """The milestone of that name; read_terms made sure that every name used exists."""
        return next(milestone for milestone in self.milestones if milestone.name == name)

    @property
    def event_types(self) -> frozenset[str]:
        """Event types that can reach a milestone of these terms."""
        return frozenset(milestone.event for milestone in self.milestones if milestone.event)

    def reserve_minor(self, promise: Promise) -> int:
        """What has to be set aside for one grant of the promise."""
        return promise.kind.most_minor(promise.give) or 0


def read_terms(document: Any, shelves: Shelves, *, version: int, live_from: datetime) -> Terms | list[Problem]:
    """Terms of a program document (a mapping from YAML or JSON), or every problem found with its place and repair."""
    if isinstance(document, dict) and document.get("type") in shelves.templates:
        document = _filled(document, shelves.templates[document["type"]].defaults)
    try:
        part = msgspec.convert(document, ProgramDocument)
    except msgspec.ValidationError as error:
        return [document_problem(error)]
    return _Reader(part, shelves).read(
        version, live_from, ident(msgspec.json.encode(document, order="sorted").decode())
    )


def _filled(document: dict[str, Any], defaults: Any) -> dict[str, Any]:
    filled = dict(document)
    for key, value in defaults.items():
        if key not in filled:
            filled[key] = value
        elif isinstance(value, dict) and isinstance(filled[key], dict) and key != "milestones":
            filled[key] = _filled(filled[key], value)
    return filled


class _Reader:
    """Reads one document and collects its problems, so that an author sees all of them at once."""

    def __init__(self, part: ProgramDocument, shelves: Shelves) -> None:
        self.part = part
        self.shelves = shelves
        self.problems: list[Problem] = []
        self.zone = ZoneInfo("UTC")

    def wrong(self, field: str, why: str, repair: str) -> None:
        self.problems.append(Problem(field, why, repair, "terms"))

    def read(self, version: int, live_from: datetime, hash_: str) -> Terms | list[Problem]:
        part = self.part
        self._head()
        runs = self._runs()
        methods, window, late, bound, lapse = self._attribution(part.attribution)
        milestones = tuple(self._milestone(name, milestone) for name, milestone in part.milestones.items())
        promises = tuple(self._promise(n, promise) for n, promise in enumerate(part.promises))
        self._names(milestones, promises)
        budget = self._budget(promises)
        screening = self._screening()
        new, new_days = self._new()
        of_advocates = self._conditions(part.advocates.conditions, part.advocates.at, "advocates")
        of_friends = self._conditions(part.friends.conditions, part.friends.at, "friends")
        net_within = self._days(part.taking_back.net_within, "taking_back.net_within")
        if self.problems:
            return self.problems
        return Terms(
            program=part.program,
            version=version,
            live_from=live_from,
            name=part.name,
            type=part.type,
            currency=part.currency,
            zone=self.zone,
            runs_from=runs[0],
            last_touch_at=runs[1],
            last_join_at=runs[2],
            last_milestone_at=runs[3],
            who=part.advocates.who,
            advocate_conditions=of_advocates,
            new=new,
            new_days=new_days,
            friend_conditions=of_friends,
            methods=methods,
            touch=part.attribution.touch,
            window=window,
            bind=part.attribution.bind,
            late_claim=late,
            bound=bound,
            lapse=lapse,
            milestones=milestones,
            promises=tuple(promise for promise in promises if promise),
            budget=budget,
            screening=screening,
            disclosure=part.disclosure.advocate_sees,
            net_within=net_within,
            friend_debt=part.taking_back.friend_debt,
            landing=part.landing,
            hash=hash_,
        )

    def _head(self) -> None:
        if self.part.type not in self.shelves.templates:
            self.wrong(
                "type",
                f'"{self.part.type}" is not a program type',
                f"use one of: {', '.join(sorted(self.shelves.templates))}",
            )
        if not is_currency(self.part.currency):
            self.wrong(
                "currency", f'"{self.part.currency}" is not a known currency', "use an ISO 4217 code in upper case"
            )
        try:
            self.zone = ZoneInfo(self.part.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            self.wrong("timezone", f'"{self.part.timezone}" is not a time zone', 'use a name such as "Europe/Berlin"')

    def _runs(self) -> tuple[datetime | None, datetime | None, datetime | None, datetime | None]:
        runs = self.part.runs
        start = self._moment(runs.start, "runs.from", end_of_day=False)
        lasts = [
            self._moment(getattr(runs, name), f"runs.{name}", end_of_day=True)
            for name in ("last_touch", "last_join", "last_milestone")
        ]
        before, before_name = start, "from"
        for last, name in zip(lasts, ("last_touch", "last_join", "last_milestone"), strict=True):
            if last and before and last < before:
                self.wrong(
                    f"runs.{name}",
                    f"lies before {before_name}",
                    "put the dates in the order from, last_touch, last_join, last_milestone",
                )
            before, before_name = (last, name) if last else (before, before_name)
        return start, lasts[0], lasts[1], lasts[2]

    def _moment(self, day: date | None, field: str, *, end_of_day: bool) -> datetime | None:
        if day is None:
            return None
        at = datetime.combine(day, time(23, 59, 59, 999999) if end_of_day else time(0), self.zone)
        return at.astimezone(UTC)

    def _days(self, text: str, field: str) -> timedelta:
        match = re.fullmatch(r"(\d{1,4})\s*d", text.strip())
        if not match:
            self.wrong(field, f'"{text}" is not a number of days', 'write for example "30d"')
            return timedelta(0)
        return timedelta(days=int(match.group(1)))

    def _attribution(
        self, part: AttributionPart
    ) -> tuple[tuple[str, ...], timedelta, timedelta, str, timedelta | None]:
        for method in part.methods:
            if method not in METHODS:
                self.wrong("attribution.methods", f'"{method}" is not a method', f"use some of: {', '.join(METHODS)}")
        lapse = None
        bound = part.bound
        if match := re.fullmatch(r"lapses after (\d{1,4}d)", bound):
            bound, lapse = "lapses", self._days(match.group(1), "attribution.bound")
        elif bound not in ("for_life", "until_rewarded"):
            self.wrong(
                "attribution.bound", f'"{bound}" is not known', 'use for_life, until_rewarded or "lapses after 180d"'
            )
        window = self._days(part.window, "attribution.window")
        return tuple(part.methods), window, self._days(part.late_claim, "attribution.late_claim"), bound, lapse

    def _conditions(self, texts: list[str], moments: list[str], field: str) -> tuple[Condition, ...]:
        for moment in moments:
            if moment not in MOMENTS:
                self.wrong(f"{field}.at", f'"{moment}" is not a moment', f"use some of: {', '.join(MOMENTS)}")
        found = []
        for n, text in enumerate(texts):
            try:
                found.append(read_condition(text, tuple(moments)))
            except ValueError as error:
                self.wrong(f"{field}.if[{n}]", str(error), "see the conditions in the program documentation")
        return tuple(found)

    def _milestone(self, name: str, part: MilestonePart) -> Milestone:
        field = f"milestones.{name}"
        if (part.event is None) == (part.moment is None):
            self.wrong(
                field,
                "must be either an event or a moment",
                'write "event: purchase" or "moment: 90d after first_order"',
            )
            return Milestone(name)
        conditions = self._conditions(part.conditions, ["milestone"], field)
        grace = self._days(part.grace, f"{field}.grace") if part.grace else None
        if part.moment is not None:
            match = re.fullmatch(r"(\d{1,4})\s*(d|months?) after ([a-z][a-z0-9_]*)", part.moment.strip())
            if not match:
                self.wrong(
                    f"{field}.moment",
                    f'"{part.moment}" is not a moment',
                    'write "90d after first_order" or "3 months after joined"',
                )
                return Milestone(name)
            count, unit, after = int(match.group(1)), match.group(2), match.group(3)
            days, months = (count, 0) if unit == "d" else (0, count)
            return Milestone(
                name,
                moment_after=after,
                moment_days=days,
                moment_months=months,
                grace=grace,
                without=tuple(part.without),
                conditions=conditions,
            )
        within, within_of = None, "joined"
        if part.within:
            match = re.fullmatch(r"(\d{1,4}d)(?: of ([a-z][a-z0-9_]*))?", part.within.strip())
            if match:
                within, within_of = self._days(match.group(1), f"{field}.within"), match.group(2) or "joined"
            else:
                self.wrong(f"{field}.within", f'"{part.within}" is not a span', 'write for example "30d of joined"')
        cancelled_by = part.cancelled_by or ("order" if part.event in ("purchase", "renewal") else None)
        return Milestone(
            name,
            event=part.event,
            count=part.count,
            min_minor=self._money(part.min, f"{field}.min") if part.min else None,
            base=part.of,
            within=within,
            within_of=within_of,
            first_matching=part.first_matching,
            first_order_decides=part.first_order_decides,
            cancelled_by=cancelled_by,
            grace=grace,
            conditions=conditions,
        )

    def _money(self, text: str, field: str) -> int:
        try:
            minor = to_minor(text, self.part.currency)
        except ValueError as error:
            self.wrong(field, str(error), 'write a decimal string in quotes, for example "50.00"')
            return 0
        if minor <= 0:
            self.wrong(field, f'"{text}" is not above zero', "write an amount above zero")
        return minor

    def _promise(self, n: int, part: PromisePart) -> Promise | None:
        field = f"promises[{n}]"
        if len(part.give) != 1:
            self.wrong(
                f"{field}.give", "must name exactly one kind of reward", 'write for example give: {cash: "10.00"}'
            )
            return None
        ((slug, value),) = part.give.items()
        kind = self.shelves.rewards.get(slug)
        if kind is None:
            self.wrong(
                f"{field}.give",
                f'"{slug}" is not a kind of reward',
                f"use one of: {', '.join(sorted(self.shelves.rewards))}",
            )
            return None
        try:
            give = kind.parse(value, self.part.currency)
        except ValueError as error:
            self.wrong(f"{field}.give.{slug}", str(error), "see the reward kinds in the program documentation")
            return None
        hold = self._days(part.hold, f"{field}.hold").days if part.hold else 0
        limits = part.limit if isinstance(part.limit, list) else [part.limit] if part.limit else []
        read = tuple(limit for m, one in enumerate(limits) for limit in self._limits(one, f"{field}.limit[{m}]"))
        nth = sum(1 for known in self.part.promises[:n] if (known.to, known.on) == (part.to, part.on))
        return Promise(f"{part.to}:{part.on}:{nth}", part.to, part.on, kind, give, hold, read)

    def _limits(self, part: LimitPart, field: str) -> list[Limit]:
        found = []
        for counts in ("grants", "joins", "amount"):
            text = getattr(part, counts)
            if text is None:
                continue
            match = re.fullmatch(
                r"(\d+(?:\.\d+)?)(?:\s*(?:per|a|an)\s+(day|week|month|quarter|year|lifetime))?", str(text).strip()
            )
            if not match:
                self.wrong(f"{field}.{counts}", f'"{text}" is not a limit', 'write for example "5 per month"')
                continue
            amount = match.group(1)
            if counts == "amount":
                most = self._money(amount, f"{field}.amount")
            elif amount.isdigit() and int(amount) > 0:
                most = int(amount)
            else:
                self.wrong(
                    f"{field}.{counts}",
                    f'"{amount}" is not a whole number above zero',
                    'write for example "5 per month"',
                )
                continue
            found.append(Limit(counts, most, match.group(2) or "lifetime", part.over, part.edge, part.reopen))
        if not found and not self.problems:
            self.wrong(field, "limits nothing", 'name what it counts, for example limit: {grants: "5 per month"}')
        return found

    def _names(self, milestones: tuple[Milestone, ...], promises: tuple[Promise | None, ...]) -> None:
        seen: set[str] = {"joined"}
        for milestone in milestones:
            base = milestone.moment_after or (milestone.within_of if milestone.within else None)
            if base and base not in seen:
                self.wrong(
                    f"milestones.{milestone.name}",
                    f'speaks of "{base}", which is not an earlier milestone',
                    "name a milestone above it",
                )
            seen.add(milestone.name)
        defined = {milestone.name for milestone in milestones}
        for n, promise in enumerate(promises):
            if promise and promise.on not in defined:
                self.wrong(
                    f"promises[{n}].on",
                    f'"{promise.on}" is not a milestone',
                    f"use one of: {', '.join(sorted(defined))}",
                )

    def _budget(self, promises: tuple[Promise | None, ...]) -> Budget | None:
        part = self.part.budget
        if part is None:
            return None
        amount = self._money(part.amount, "budget.amount")
        for n, promise in enumerate(promises):
            most = promise.kind.most_minor(promise.give) if promise else 0
            if most is None and part.reserve == "join" and part.at_end == "stop_new":
                self.wrong(
                    f"promises[{n}].give",
                    "has no maximum, so the budget cannot reserve it",
                    "add max, or budget: {reserve: grant}",
                )
            elif most and most > amount:
                self.wrong(
                    "budget.amount",
                    f"cannot carry one single grant of promises[{n}]",
                    "raise the budget or lower the reward",
                )
        return Budget(amount, part.reserve, part.at_end)

    def _screening(self) -> Screening | None:
        part = self.part.screening
        if isinstance(part, str) or part is None:
            return None if part == "off" else Screening(30, 70, tuple(self.shelves.signals.values()))
        for slug in part.off:
            if slug not in self.shelves.signals:
                self.wrong(
                    "screening.off",
                    f'"{slug}" is not a signal',
                    f"use some of: {', '.join(sorted(self.shelves.signals))}",
                )
        if part.hold_at > part.deny_at:
            self.wrong("screening", "hold_at is above deny_at", "hold at fewer points than deny")
        return Screening(
            part.hold_at, part.deny_at, tuple(s for slug, s in self.shelves.signals.items() if slug not in part.off)
        )

    def _new(self) -> tuple[str, int]:
        text = self.part.friends.new
        if match := re.fullmatch(r"not_for (\d{1,4})d", text):
            return "not_for", int(match.group(1))
        if text not in ("never_bought", "no_account", "anyone"):
            self.wrong(
                "friends.new", f'"{text}" is not known', 'use never_bought, no_account, anyone or "not_for 180d"'
            )
        return text, 0
