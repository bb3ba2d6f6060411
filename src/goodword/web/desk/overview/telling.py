"""How are the numbers of a period told? Tiles with what they did and how they are counted, the funnel with its gaps, tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword.core.amounts import exponent, unit_words
from goodword.core.referral import REFERRAL_MOVES
from goodword.store.reads.overview import CUSTOMER_STATES, Money, Overview, Sums
from goodword.web import charts, words
from goodword.web.desk.overview.periods import Period

DAY_SECONDS = 24 * 3600
LAST_WEEK = 8  # of the cohorts; later ones are counted together
_GAPS: dict[str, Callable[[int], str]] = {
    "joined": lambda n: ngettext(
        "has not done yet what the program asks", "have not done yet what the program asks", n
    ),
    "waiting": lambda n: ngettext(
        "waits for something that is not known yet", "wait for something that is not known yet", n
    ),
    "not_qualified": lambda n: ngettext("did not qualify", "did not qualify", n),
    "expired": lambda n: ngettext("ran out of time", "ran out of time", n),
    "lapsed": lambda n: ngettext("lapsed", "lapsed", n),
    "denied": lambda n: ngettext("was denied", "were denied", n),
    "reversed": lambda n: ngettext("was taken back", "were taken back", n),
    "held": lambda n: ngettext("is held for review", "are held for review", n),
    "qualified": lambda n: ngettext(
        "waits for the end of the return window", "wait for the end of the return window", n
    ),
}


@dataclass(frozen=True)
class Tile:
    """A number of the page: what it is, what it did, how it is counted, and where its rows are."""

    name: str
    label: str
    value: SafeString
    href: str
    delta: str
    tone: str  # better | worse | ''
    spark: tuple[float | None, ...]
    how: str
    more: SafeString | str = ""


@dataclass(frozen=True)
class Gap:
    """Why some did not take the next step: how many stand in this state, and where they are listed."""

    n: int
    says: str
    href: str


@dataclass(frozen=True)
class Stage:
    """A step of the funnel."""

    label: str
    n: int
    href: str
    part: float
    rate: str  # of the stage before
    lost: int = 0
    gaps: tuple[Gap, ...] = ()


class Links:
    """Addresses of the rows behind the numbers of one period."""

    def __init__(self, slug: str, period: Period, program: str) -> None:
        self._slug, self._period, self._program = slug, period, program

    def state(self, state: str) -> str:
        """Referrals in one state."""
        return self.behind("referrals", state=state)

    def behind(self, number: str, **more: str) -> str:
        """The rows that add up to a number, in a list of their own."""
        span = {} if number == "owed" else {"from": self._period.begin.isoformat(), "to": self._last}
        asked = span | {"program": self._program} | more
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{reverse(f'overview_{number}', args=[self._slug])}" + (f"?{query}" if query else "")

    def of_days(self, number: str, first: date | None, last: date | None, **more: str) -> str:
        """The rows of some days of the period; without days for a script that fills them in."""
        span = {"from": first.isoformat(), "to": last.isoformat()} if first and last else {}
        query = urlencode(span | ({"program": self._program} if self._program else {}) | more)
        return reverse(f"overview_{number}", args=[self._slug]) + (f"?{query}" if query else "")

    def of_cohort(self, first: date, last: date, week: int) -> str:
        """Who of those who joined in these days earned their first reward so many weeks later."""
        weeks = f"{week}-" if week == LAST_WEEK else str(week)
        return self.of_days("earned", first, last, weeks=weeks)

    @property
    def _last(self) -> str:
        return (self._period.counted_end - timedelta(days=1)).isoformat()


def count(n: int) -> SafeString:
    """1,284, in its own direction."""
    return words.bdi(f"{n:,}")


def moneys(sums: Money, currency: str) -> SafeString:
    """One amount an asset, the client's currency first; nothing is nothing of that currency."""
    shown = sorted(sums, key=lambda asset: (asset != currency, asset)) or [currency]
    return format_html_join(" · ", "{}", ((words.money(sums.get(asset, 0), asset),) for asset in shown))


def figure(amount_minor: int, asset: str) -> SafeString:
    """An amount as the number of a tile, its unit smaller."""
    number = f"{amount_minor / 10 ** exponent(asset):,.{exponent(asset)}f}"
    return format_html('<bdi>{} <span class="unit">{}</span></bdi>', number, unit_words(asset))


def figures(sums: Money, currency: str) -> SafeString:
    """One amount an asset, as the number of a tile."""
    shown = sorted(sums, key=lambda asset: (asset != currency, asset)) or [currency]
    return format_html_join(" ", "{}", ((figure(sums.get(asset, 0), asset),) for asset in shown))


def duration(seconds: int) -> SafeString:
    """2.1 days, or hours where it is less than one."""
    if seconds < DAY_SECONDS:
        return format_html(_('{} <span class="unit">hours</span>'), words.bdi(f"{seconds / 3600:.1f}"))
    return format_html(_('{} <span class="unit">days</span>'), words.bdi(f"{seconds / DAY_SECONDS:.1f}"))


def change(now: float, before: float, span: str) -> str:
    """What a number did against the days compared, in words."""
    if now == before:
        return _("the same as {span}").format(span=span)
    if not before:
        return _("none in {span}").format(span=span)
    percent = round(abs(now - before) * 100 / before)
    text = _("{percent} % more than {span}") if now > before else _("{percent} % less than {span}")
    return text.format(percent=f"{percent:,}" if percent else "<1", span=span)


def tone(now: float, before: float, *, more_is_better: bool = True) -> str:
    """Whether the change is a good one."""
    return "" if now == before or not before else "better" if (now > before) is more_is_better else "worse"


def per_customer(sums: Sums, currency: str) -> int | None:
    """Minor units of the client's currency given for one customer; None: no customer yet."""
    return round(sums.given.get(currency, 0) / sums.customers) if sums.customers else None


def tiles(
    found: Overview, period: Period, steps: tuple[date, ...], links: Links, currency: str, *, compares: bool
) -> list[Tile]:
    """The six numbers."""
    now, before, span = found.now, found.before, period.compared
    at_step = [found.trend.get(step, Sums()) for step in steps]
    cost, cost_before = per_customer(now, currency), per_customer(before, currency)
    owed = found.liability.owed
    owed_moved = now.owed_moved.get(currency, 0)
    took, took_before = now.seconds_to_reward, before.seconds_to_reward
    denied, denied_before = now.in_states(("denied",)), before.in_states(("denied",))

    def against(this: float | None, that: float | None, *, more_is_better: bool = True) -> tuple[str, str]:
        if not compares or this is None or that is None:
            return "", ""
        return change(this, that, span), tone(this, that, more_is_better=more_is_better)

    return [
        Tile(
            "referrals", _("Referrals"), count(now.referrals), links.behind("referrals"),
            *against(now.referrals, before.referrals), tuple(one.referrals for one in at_step),
            _("Friends who joined in these days with somebody's link, code or name, whatever came of them."),
        ),
        Tile(
            "customers", _("Customers"), count(now.customers), links.behind("customers"),
            *against(now.customers, before.customers), tuple(one.customers for one in at_step),
            _("Of these referrals, the friends who did so far what the program asks: qualified, held for review or"
              " rewarded. Who was denied or taken back is not counted any more."),
            format_html(_("{} of referrals"), words.bdi(rate(now.customers, now.referrals))),
        ),
        Tile(
            "cost", _("Cost per new customer"),
            figure(cost, currency) if cost is not None else words.text("–"), links.behind("given"),
            *against(cost, cost_before, more_is_better=False),
            tuple(None if (each := per_customer(one, currency)) is None else each / 100 for one in at_step),
            _("All rewards that stand for these referrals (pending, in review, payable, sent), divided by the"
              " customers. Rewards that were voided or taken back cost nothing."),
            format_html(_("{} in rewards"), moneys(now.given, currency)),
        ),
        Tile(
            "owed", _("Owed and unpaid"), figures(owed, currency), links.behind("owed"),
            *(_owed_delta(owed_moved, currency, period) if compares else ("", "")),
            tuple(_levels(owed.get(currency, 0), [one.owed_moved.get(currency, 0) for one in at_step])) if period.is_running else (),
            _("What the ledger holds for people just now and has not left the house: promised, in review or payable,"
              " whatever the period above. It is the balance of everybody's account."),
        ),
        Tile(
            "time", _("Time to reward"), duration(took) if took is not None else words.text("–"), links.behind("sent"),
            *against(took, took_before, more_is_better=False),
            tuple(None if one.seconds_to_reward is None else one.seconds_to_reward / DAY_SECONDS for one in at_step),
            _("The mean time from the deed that earned a reward until it was sent, over all rewards sent in these days"
              " and not taken back since. The return window is part of it."),
            format_html(ngettext("{} reward sent", "{} rewards sent", now.sent), count(now.sent)),
        ),
        Tile(
            "fraud", _("Fraud stopped"), count(denied), links.behind("denied"),
            *(against(denied, denied_before)[0], ""), tuple(one.in_states(("denied",)) for one in at_step),
            _("Referrals of these days that screening or a person denied. The amount is that of rewards which were"
              " promised first and voided by the denial; what was denied at once was never promised."),
            format_html(_("{} in rewards voided"), moneys(now.stopped, currency)) if now.stopped else "",
        ),
    ]  # fmt: skip


def _owed_delta(moved: int, currency: str, period: Period) -> tuple[str, str]:
    if not moved:
        return _("as much as before {period}").format(period=period.title), ""
    amount = words.plain_money(abs(moved), currency)
    text = _("grew by {amount} in {period}") if moved > 0 else _("fell by {amount} in {period}")
    return text.format(amount=amount, period=period.title), ""


def _levels(last: int, moves: list[int]) -> list[float]:
    """The level after each step, reckoned back from what it is now."""
    found = []
    for move in reversed(moves):
        found.append(last / 100)
        last -= move
    return found[::-1]


def rate(part: int, whole: int) -> str:
    """31.4 %."""
    return f"{part * 100 / whole:.1f}\u00a0%" if whole else "–"


def funnel(sums: Sums, links: Links, *, with_clicks: bool) -> list[Stage]:
    """Link opened, joined, customer, rewarded: how many, and why the others are not further."""
    states = sums.states
    joined, customers, rewarded = sums.referrals, sums.customers, states["rewarded"]
    whole = max(1, joined, sums.clicks if with_clicks else 0)
    stages = []
    if with_clicks:
        stages.append(Stage(_("Opened a link"), sums.clicks, links.behind("clicks"), sums.clicks / whole, ""))
    not_customers = tuple(state for state in (*REFERRAL_MOVES, *states) if state not in CUSTOMER_STATES)
    lost_after = tuple(state for state in CUSTOMER_STATES if state != "rewarded")
    stages += [
        Stage(_("Joined"), joined, links.behind("referrals"), joined / whole, ""),
        Stage(
            _("Became customers"), customers, links.behind("customers"), customers / whole, rate(customers, joined),
            joined - customers, _gaps(states, not_customers, links),
        ),
        Stage(
            _("Rewarded"), rewarded, links.state("rewarded"), rewarded / whole, rate(rewarded, customers),
            customers - rewarded, _gaps(states, lost_after, links),
        ),
    ]  # fmt: skip
    return stages


def _gaps(states: dict[str, int], listed: tuple[str, ...], links: Links) -> tuple[Gap, ...]:
    found = {state: states.get(state, 0) for state in listed}
    by_size = sorted(found.items(), key=lambda pair: -pair[1])
    return tuple(Gap(n, _GAPS[state](n) if state in _GAPS else state, links.state(state)) for state, n in by_size if n)


@dataclass(frozen=True)
class Source:
    """How friends came, and what came of them."""

    word: str
    referrals: int
    customers: int
    rewarded: int
    rate: str
    href: str
    customers_href: str


def sources(sums: Sums, links: Links) -> list[Source]:
    """One line a way in which friends came."""
    lines = []
    for method in sums.methods:
        joined = sums.in_states(REFERRAL_MOVES, method)
        customers = sums.in_states(CUSTOMER_STATES, method)
        lines.append(
            Source(
                str(words.METHODS.get(method, method)), joined, customers, sums.in_states(("rewarded",), method),
                rate(customers, joined), links.behind("referrals", method=method), links.behind("customers", method=method),
            )
        )  # fmt: skip
    return lines


@dataclass(frozen=True)
class Owed:
    """A line of the liability: a state and a month."""

    state: str
    month: str
    n: int
    amount: SafeString
    href: str


def liability(found: Overview, links: Links) -> list[Owed]:
    """What is owed by month and state."""
    return [
        Owed(
            state, date_format(month, "M Y"), n, words.money(minor, asset),
            links.behind("owed", state=state, month=f"{month:%Y-%m}"),
        )
        for (state, month, asset), (n, minor) in sorted(found.liability.lines.items(), key=lambda one: (one[0][1], one[0]))
    ]  # fmt: skip


@dataclass(frozen=True)
class Cohort:
    """Friends who joined in the same week or month: (how many earned their first reward n weeks later, step of heat, rows)."""

    name: str
    joined: int
    href: str
    cells: tuple[tuple[int, int, str], ...]


def cohorts(found: Overview, period: Period, grain: str, links: Links) -> tuple[Cohort, ...]:
    """One line a week, or a month in a year's view; the last cell holds all later weeks."""
    joined: dict[date, int] = {}
    earned: dict[date, dict[int, int]] = {}
    for bucket, sums in found.trend.items():
        if bucket >= period.begin or grain == "week":
            first = _cohort(bucket, grain)
            joined[first] = joined.get(first, 0) + sums.referrals
    for bucket, weeks in found.cohorts.items():
        line = earned.setdefault(_cohort(bucket, grain), {})
        for week, n in weeks.items():
            line[min(week, LAST_WEEK)] = line.get(min(week, LAST_WEEK), 0) + n
    last = max((week for weeks in earned.values() for week in weeks), default=0)
    most = max((n for weeks in earned.values() for n in weeks.values()), default=0)
    cells = {first: [earned.get(first, {}).get(week, 0) for week in range(last + 1)] for first in joined}
    return tuple(
        Cohort(
            date_format(first, "F Y" if grain == "month" else "j M"), n, links.of_days("referrals", *days),
            tuple(
                (cell, charts.heat(cell, most), links.of_cohort(*days, week) if cell else "")
                for week, cell in enumerate(cells[first])
            ),
        )
        for first, n in sorted(joined.items()) if n and (days := _days_of_cohort(first, period, grain))
    )  # fmt: skip


def _days_of_cohort(first: date, period: Period, grain: str) -> tuple[date, date]:
    """Its days, as far as they lie in the period."""
    after = (first + timedelta(days=31)).replace(day=1) if grain == "month" else first + timedelta(days=7)
    return max(first, period.begin), min(after, period.counted_end) - timedelta(days=1)


def _cohort(bucket: date, grain: str) -> date:
    return bucket - timedelta(days=bucket.weekday()) if grain == "day" else bucket


def in_short(found: Overview, period: Period, currency: str) -> list[SafeString]:
    """The page in a few sentences."""
    now = found.now
    said = [
        format_html(
            ngettext("{} friend joined in {}.", "{} friends joined in {}.", now.referrals),
            count(now.referrals),
            words.bdi(period.title),
        ),
        format_html(
            ngettext("{} of them became a customer.", "{} of them became customers.", now.customers),
            count(now.customers),
        ),
    ]
    cost = per_customer(now, currency)
    if cost is not None:
        said.append(format_html(_("A new customer cost {}."), words.money(cost, currency)))
    if found.liability.owed:
        said.append(format_html(_("{} are owed to people and not paid yet."), moneys(found.liability.owed, currency)))
    return said
