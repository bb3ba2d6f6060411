"""Is the friend new? By what the person, the household, the organization or the group of brands is known to have done before."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from goodword.core.attribution import Touch
from goodword.core.events import Event
from goodword.core.facts import Fact, has_bought, net_purchases
from goodword.core.fields import GROUP_FIELDS
from goodword.core.reasons import Reason
from goodword.core.situation import HOUSEHOLD, MEMBER_OF, Situation
from goodword.core.terms import Terms

_SHARED = {"household": HOUSEHOLD, "organization": MEMBER_OF}


class Newness(msgspec.Struct, frozen=True):
    """Why the friend is not new, or which conditions nobody can answer yet, each with the party it waits for."""

    refused: Reason | None = None
    unknowns: tuple[tuple[str, str], ...] = ()


def newness(
    situation: Situation, friend: str, touch: Touch, binding: Event, facts: list[Fact], history: list[Event]
) -> Newness:
    """Whether the friend is new by the terms of the winning touch, at the binding event."""
    terms = touch.terms
    talks = _open_talks(terms, touch, history)
    if talks or terms.new == "anyone":
        return Newness(talks)
    if terms.new == "no_account":
        refused = _known_before(situation, friend, touch, facts)
    else:
        refused = _bought_before(situation, friend, terms, binding, facts)
    if refused is None and terms.new_scope in _SHARED:
        refused = _by_fellows(situation, friend, terms, touch, binding)
    if refused is None and terms.new_scope == "group":
        return _in_group(situation, friend, terms, touch, binding)
    return Newness(refused)


def _open_talks(terms: Terms, touch: Touch, history: list[Event]) -> Reason | None:
    """A quote or application that was opened before the touch and not closed by then."""
    for name in terms.no_open:
        since: datetime | None = None
        for event in history:
            if event.at >= touch.at:
                break
            if event.type == f"{name}_opened":
                since = event.at
            elif event.type == f"{name}_closed" or (event.type == "cancel" and event.cancels == name):
                since = None
        if since:
            return Reason("friend_not_new", False, f"{name} open since {since:%Y-%m-%d}", f"no open {name}")
    return None


def _known_before(situation: Situation, friend: str, touch: Touch, facts: list[Fact]) -> Reason | None:
    party = situation.parties.get(friend)
    known = [party.known_since] if party and party.known_since else []
    known += [fact.event.at for fact in facts if fact.event.type == "signup"]
    early = [at for at in known if at < touch.at]
    return Reason("friend_not_new", False, f"known since {min(early):%Y-%m-%d}", "no account") if early else None


def _bought_before(situation: Situation, friend: str, terms: Terms, binding: Event, facts: list[Fact]) -> Reason | None:
    party = situation.parties.get(friend)
    bought = [
        fact.event.at
        for fact in facts
        if fact.event.type == "purchase" and not fact.gone and fact.event.rank < binding.rank
    ]
    if party and party.purchased_at and party.purchased_at < binding.at:
        bought.append(party.purchased_at)
    if terms.new == "not_for":
        bought = [at for at in bought if binding.at - at <= timedelta(days=terms.new_days)]
    elif not bought and has_bought(situation, friend, binding.at):
        return Reason("friend_not_new", False, "bought before", "never bought")
    return Reason("friend_not_new", False, f"bought on {min(bought):%Y-%m-%d}", _needed(terms)) if bought else None


def _needed(terms: Terms) -> str:
    return f"not bought for {terms.new_days} days" if terms.new == "not_for" else "never bought"


def _by_fellows(situation: Situation, friend: str, terms: Terms, touch: Touch, binding: Event) -> Reason | None:
    """Somebody of the same household or organization who was here before: their order or account counts as the friend's."""
    kind = _SHARED[terms.new_scope]
    group = situation.group_of(friend, kind)
    for fellow in situation.members_of(kind, group) if group else ():
        party = situation.parties.get(fellow)
        if fellow == friend:
            continue
        if terms.new == "no_account":
            if party and party.known_since and party.known_since < touch.at:
                return Reason("friend_not_new", False, f"the {terms.new_scope} is known", "no account")
            continue
        bought = [event.at for event in net_purchases(situation, fellow, binding.at)]
        bought += [party.purchased_at] if party and party.purchased_at and party.purchased_at < binding.at else []
        if terms.new == "not_for":
            bought = [at for at in bought if binding.at - at <= timedelta(days=terms.new_days)]
        if bought:
            return Reason("friend_not_new", False, f"the {terms.new_scope} bought before", _needed(terms))
    return None


def _in_group(situation: Situation, friend: str, terms: Terms, touch: Touch, binding: Event) -> Newness:
    """What another brand of the group told; as long as nobody told, the referral waits."""
    field = GROUP_FIELDS[terms.new]
    told = situation.attribute(friend, field, binding.at)
    if told is None:
        return Newness(unknowns=((f"friend.{field} == never", friend),))
    if str(told).strip().casefold() == "never":
        return Newness()
    try:
        day = date.fromisoformat(str(told)[:10])
    except ValueError:
        return Newness(unknowns=((f"friend.{field} == never", friend),))
    before = touch.at if terms.new == "no_account" else binding.at
    age = before.astimezone(terms.zone).date() - day
    if age.days < 0 or (terms.new == "not_for" and age.days > terms.new_days):
        return Newness()
    needed = "no account" if terms.new == "no_account" else _needed(terms)
    return Newness(Reason("friend_not_new", False, f"in the group since {day.isoformat()}", needed))
