"""What would become of one order? Decided by the core itself on a small history that is made up, with the draft's terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodword.catalog import SHELVES
from goodword.core.amounts import to_minor
from goodword.core.conditions import Condition
from goodword.core.decide import Lane
from goodword.core.events import Event, parse_event
from goodword.core.referral import Referral
from goodword.core.situation import Situation
from goodword.core.terms import Terms
from goodword.store.reads.people import Person
from goodword.store.reads.referrals import Story
from goodword.web import words
from goodword.web.desk.programs.editor import lenient
from goodword.web.desk.telling import Telling
from goodword.web.desk.verdict import Verdict, verdict

_CODE = "CASE"
_JOINED_BEFORE = timedelta(hours=2)
_LONG_BEFORE = timedelta(days=400)
_FAR = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """What was asked, as it was read, and what would come of it."""

    amount: str
    on: str
    read: SafeString | str = ""
    verdict: Verdict | None = None
    rewards: tuple[SafeString, ...] = ()
    wrong: str = ""


def try_case(terms: Terms, document: Mapping[str, Any], amount: str, on: str) -> Case:
    """A friend orders for `amount` on the day `on`, both as somebody typed them."""
    exact = lenient.amount(amount, terms.currency)
    day = lenient.day(on) if on.strip() else timezone.localdate()
    if exact is None:
        return Case(amount, on, wrong=_("This is no amount. Write it as 38.20."))
    if day is None:
        return Case(amount, on, wrong=_("This is no day. Write it as 3 Nov 2026 or 2026-11-03."))
    situation = Situation(SHELVES)
    try:
        _play(situation, terms, document, exact, day)
    except ValueError as error:
        return Case(amount, on, wrong=str(error))
    referral = next(iter(situation.referrals.values()), None)
    if referral is None:
        return Case(amount, on, _read(terms, exact, day), _nothing())
    told = _telling(referral, terms)
    rewards = tuple(words.text(told.listed((one,))) for one in referral.rewards)
    return Case(amount, on, _read(terms, exact, day), verdict(told), rewards)


def _play(situation: Situation, terms: Terms, document: Mapping[str, Any], amount: str, day: date) -> None:
    """A referrer with a code, a friend who joins by it and orders two hours later; both are as the conditions want them."""
    ordered_at = datetime.combine(day, time(12), terms.zone).astimezone(UTC)
    joined_at = ordered_at - _JOINED_BEFORE
    long_ago = joined_at - _LONG_BEFORE
    referrer = {"id": "case-referrer", "attributes": _wanted(terms.advocate_conditions, "advocate")}
    friend = {"id": "case-friend", "attributes": _wanted(_all_conditions(terms), "friend")}
    act = {"document": dict(document), "version": 1, "live_from": long_ago.isoformat()}
    known = {"joined_at": long_ago.isoformat(), "purchased_at": long_ago.isoformat()}
    order = {"id": "case-order", "amount": amount, "currency": terms.currency}
    lane = Lane(situation)
    for event in (
        _event("publish", long_ago, terms, act=act),
        _event("known", long_ago, terms, person=referrer, act=known),
        _event("code_issued", long_ago, terms, person={"id": "case-referrer"}, code=_CODE, act={}),
        _event("signup", joined_at, terms, person=friend, code=_CODE),
        _event(_ordering(terms), ordered_at, terms, person={"id": "case-friend"}, order=order),
    ):
        for _decision in lane.receive(event, _FAR):
            pass


def _event(type_: str, at: datetime, terms: Terms, **more: Any) -> Event:
    wire = {"id": f"case-{type_}", "type": type_, "at": at.isoformat(), **more}
    found = parse_event(wire, received_at=_FAR, source="case", token=lambda kind, value: f"{kind}:{value}", acts=True)
    if not isinstance(found, Event):
        raise ValueError(found[0].why)
    return found


def _ordering(terms: Terms) -> str:
    """The event that an order is in this program: a purchase, unless its milestones wait for another one."""
    wanted = [one.event for one in terms.milestones if one.event and one.event != "signup"]
    return "purchase" if "purchase" in wanted or not wanted else str(wanted[0])


def _all_conditions(terms: Terms) -> list[Condition]:
    return [*terms.friend_conditions, *(one for milestone in terms.milestones for one in milestone.conditions)]


def _wanted(conditions: Any, side: str) -> dict[str, str]:
    """Attributes that meet the conditions as far as one value can."""
    found: dict[str, str] = {}
    for one in conditions:
        if one.side == side and one.operator in ("==", "in", ">=", "<=") and one.values:
            found.setdefault(one.field, one.values[0])
    return found


def _telling(referral: Referral, terms: Terms) -> Telling:
    people = {
        referral.advocate: Person(referral.advocate, _("the referrer")),
        referral.friend: Person(referral.friend, _("the friend")),
    }
    return Telling(Story(referral, terms.program, "", None, (), (), {}, people), terms, "agent")


def _read(terms: Terms, amount: str, day: date) -> SafeString:
    at = datetime.combine(day, time(12), terms.zone)
    return words.text(
        _("{amount} on {day}").format(
            amount=words.plain_money(to_minor(amount, terms.currency), terms.currency),
            day=at.strftime("%d %b %Y").lstrip("0"),
        )
    )


def _nothing() -> Verdict:
    return Verdict(
        _("No referral."), words.text(_("Nobody was referred by this: the friend did not join by the code.")),
        words.state_of("not_qualified"),
    )  # fmt: skip
