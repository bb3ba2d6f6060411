"""Which work is whose, until when? Each kind of work with its permission, its time, its words and its address: ONE table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword.actions.permissions import May
from goodword.store.reads import today as read
from goodword.store.reads.desk import Served
from goodword.store.reads.today import Pile
from goodword.web.shell import Desk

SOON = timedelta(hours=48)  # a deadline of a friend is told this long before
_TO_PAY = timedelta(days=2)  # a payout is told to be soon from parts of this on
_LATE_FROM, _SOON_FROM = 0.1, 0.25  # parts of the time allowed that are left

Moments = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True)
class Kind:
    """A kind of work: who may do it, how to find it, within which time, and what it is called.

    `by_wall`: its moments are the house's, not those of the client's clock.
    """

    name: str
    may: May
    icon: str
    find: Callable[[Sequence[str], Moments, str], tuple[Pile, ...]]
    due: Callable[[datetime, Served], datetime]
    allowed: Callable[[Served], timedelta]
    says: Callable[[Pile], str]
    why: Callable[[], str]
    act: Callable[[], str]
    places: Callable[[str, Pile], tuple[tuple[str, tuple[str, ...]], ...]]  # of what comes first; the first that exists
    by_wall: bool = False


@dataclass(frozen=True)
class Work:
    """A pile of work on somebody's list."""

    kind: Kind
    pile: Pile
    client: Served
    due_at: datetime | None
    level: str  # ok | soon | late | ''
    left: timedelta | None
    href: str  # where what comes first is done

    @property
    def order(self) -> tuple[bool, datetime]:
        """The most urgent first; what has no deadline comes last."""
        return (self.due_at is None, self.due_at or datetime.max.replace(tzinfo=UTC))


def _after(span: timedelta) -> Callable[[datetime, Served], datetime]:
    return lambda at, _client: at + span


def _within(span: timedelta) -> Callable[[Served], timedelta]:
    return lambda _client: span


def _of_review(client: Served) -> timedelta:
    """Within which time this client wants what is held to be looked at."""
    return timedelta(hours=client.review_hours)


KINDS: tuple[Kind, ...] = (
    Kind(
        "review", May.REVIEW, "hold", lambda clients, _moments, _user: read.held(clients),
        lambda at, client: at + _of_review(client), _of_review,
        lambda pile: ngettext("{n} referral waits for a look", "{n} referrals wait for a look", pile.n),
        lambda: _("Screening held them; you clear or deny, within the time that the client set."),
        lambda: _("Review"),
        lambda slug, pile: (("review_next", (slug,)), ("review", (slug,)), ("referral", (slug, pile.first))),
    ),
    Kind(
        "handed", May.REVIEW, "person", lambda clients, _moments, user: read.handed(clients, user),
        lambda at, client: at + _of_review(client), _of_review,
        lambda pile: ngettext("{n} held referral was handed to you", "{n} held referrals were handed to you", pile.n),
        lambda: _("A colleague asked you to decide; the note stands with it."),
        lambda: _("Decide"),
        lambda slug, pile: (("review_item", (slug, pile.first)), ("referral", (slug, pile.first))), by_wall=True,
    ),
    Kind(
        "dead", May.RETRY, "events", lambda clients, _moments, _user: read.dead_letters(clients), _after(timedelta(hours=4)),
        _within(timedelta(hours=4)),
        lambda pile: ngettext("{n} event could not be decided", "{n} events could not be decided", pile.n),
        lambda: _("You may have them tried again once the cause is mended, within four hours."),
        lambda: _("Look at it"),
        lambda slug, pile: (("event", (slug, pile.first)), ("events", (slug,))), by_wall=True,
    ),
    Kind(
        "payable", May.SEND, "ok", lambda clients, _moments, _user: read.payable(clients), _after(timedelta()),
        _within(_TO_PAY),
        lambda pile: ngettext("{n} reward may be paid", "{n} rewards may be paid", pile.n),
        lambda: _("Their return window is over; the first is promised by then, and you may say that they were sent."),
        lambda: _("See rewards"),
        lambda slug, _pile: (("overview_owed", (slug,)),),
    ),
    Kind(
        "deadline", May.ADD_REFERRAL, "sand", lambda clients, moments, _user: read.running_out(clients, moments),
        _after(timedelta()), _within(SOON),
        lambda pile: ngettext("{n} friend runs out of time", "{n} friends run out of time", pile.n),
        lambda: _("What they still have to do counts only until then; a call in time keeps the promise."),
        lambda: _("See who"),
        lambda slug, pile: (("referral", (slug, pile.first)), ("referrals", (slug,))),
    ),
    Kind(
        "draft", May.PUBLISH, "program", lambda clients, _moments, _user: read.drafts(clients), _after(timedelta()),
        _within(timedelta()),
        lambda pile: ngettext("{n} version of {name} is not live yet", "{n} versions of {name} are not live yet", pile.n),
        lambda: _("You may publish it; until then the version before it holds."),
        lambda: _("Open"),
        lambda slug, pile: (("program", (slug, pile.first)), ("programs", (slug,))),
    ),
)  # fmt: skip


def works(desk: Desk, now: datetime) -> list[Work]:
    """Everything that is due and that this person may do, the most urgent first; one query a kind."""
    clocks = read.clocks([one.id for one in desk.served])
    found = []
    for kind in KINDS:
        served = {one.id: one for one in desk.serving(kind.may)}
        if not served:
            continue
        moments = [(clocks.get(id, now), clocks.get(id, now) + SOON) for id in served]
        for pile in kind.find(list(served), moments, desk.user.id.hex):
            if pile.n > 0:
                found.append(_work(kind, pile, served[pile.client_id], clocks.get(pile.client_id, now), now))
    return sorted(found, key=lambda work: work.order)


def _work(kind: Kind, pile: Pile, client: Served, clock: datetime, now: datetime) -> Work:
    """A pile with its deadline. Where a client's clock is held, its moments are told by that clock."""
    due_at = kind.due(pile.at, client) if pile.at else None
    present = now if kind.by_wall else clock
    left = due_at - present if due_at else None
    return Work(kind, pile, client, due_at, _level(left, kind.allowed(client)), left, address(client.slug, kind, pile))


def _level(left: timedelta | None, allowed: timedelta) -> str:
    if left is None:
        return ""
    if left <= allowed * _LATE_FROM:
        return "late"
    return "soon" if left < allowed * _SOON_FROM else "ok"


def address(slug: str, kind: Kind, pile: Pile) -> str:
    """Where the work is done; '' where this installation has no such room."""
    for name, arguments in kind.places(slug, pile):
        try:
            return reverse(name, args=arguments)
        except NoReverseMatch:
            continue
    return ""
