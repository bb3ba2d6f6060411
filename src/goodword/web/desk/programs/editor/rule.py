"""How does a draft read as one sentence, each of its values a token? From the same terms that decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword.core.kind import Give, RewardKind
from goodword.core.requirements import Milestone
from goodword.core.terms import Limit, Promise, Terms
from goodword.web import words
from goodword.web.desk.programs import sentence
from goodword.web.desk.programs.editor import places, said
from goodword.web.desk.programs.editor.tokens import Tokens

_ORDERS = ("purchase", "renewal")  # events that come with an amount by their nature
_TOLD = ("cash", "percent", "voucher")


@dataclass(frozen=True)
class Line:
    """One sentence of the rule."""

    text: SafeString
    is_calm: bool = False


def lines(terms: Terms, document: Mapping[str, Any], tokens: Tokens) -> list[Line]:
    """The rule: what has to happen and who gets what, then what belongs to it."""
    found = [Line(_milestone(terms, one, tokens)) for one in terms.milestones if _is_rewarded(terms, one)]
    if "contest" in document:
        board = tokens.token("contest", _("the most friends in a period"))
        found.append(Line(format_html(_("Who brings {board} wins."), board=board)))
    elif not found:
        found.append(Line(words.text(_("Nothing is promised: it is only known who referred whom."))))
    found += [Line(text, True) for text in _beyond(terms, document, tokens)]
    return found


def more(document: Mapping[str, Any], terms: Terms | None) -> list[tuple[str, str]]:
    """What can be added: (place, words); derived from what the document does not say yet."""
    promises = document.get("promises")
    found = [
        (f"promises[{len(promises) if isinstance(promises, list) else 0}]", _("Reward")),
        ("milestones.new_one", _("Step")),
    ]
    for n, one in enumerate(promises if isinstance(promises, list) else ()):
        if isinstance(one, Mapping) and "when" not in one and places.spec_at(f"promises[{n}].when"):
            found.append((f"promises[{n}].when", _("Tiers")))
            break
    for place, says in (
        ("advocates", _("Audience")), ("friends", _("Condition of the friend")), ("limits", _("Limit over all")),
        ("stacking", _("Stacking")), ("currency", _("Currency")), ("markets", _("Markets")), ("runs", _("End date")),
        ("objective", _("Objective")), ("budget", _("Budget")),
    ):  # fmt: skip
        if places.spec_at(place) is not None:
            found.append((place, says))
    return found


# ---- one milestone with all that is promised for it


def _milestone(terms: Terms, one: Milestone, tokens: Tokens) -> SafeString:
    gets = [_promise(terms, promise, n, tokens) for n, promise in enumerate(terms.promises) if promise.on == one.name]
    return format_html(_("{when} {gets}"), when=_when(terms, one, tokens), gets=_joined(gets))


def _when(terms: Terms, one: Milestone, tokens: Tokens) -> SafeString:
    place = f"milestones.{one.name}"
    is_own = bool(terms.promises) and all(promise.to == "person" for promise in terms.promises)
    who = _("a person") if is_own else _("a friend")
    step = tokens.token(place, _did(one))
    if one.moment_after is not None:
        return format_html(_("When {moment} have passed for {who},"), moment=step, who=who)
    if one.event == "signup":
        return format_html(_("When {who} reaches {step},"), who=who, step=step)
    within = _within(one, place, tokens)
    if one.event not in _ORDERS and one.min_minor is None:
        if not within:
            return format_html(_("When {who} reaches {step},"), who=who, step=step)
        return format_html(_("When {who} reaches {step}, {within},"), who=who, step=step, within=within)
    least = _least(terms, one, place, tokens)
    if not least and not within:
        return format_html(_("When {who} makes {step},"), who=who, step=step)
    if not least:
        return format_html(_("When {who} makes {step}, {within},"), who=who, step=step, within=within)
    if not within:
        return format_html(_("When {who} makes {step} of {least},"), who=who, step=step, least=least)
    return format_html(
        _("When {who} makes {step} of {least}, {within},"), who=who, step=step, least=least, within=within
    )


def _promise(terms: Terms, promise: Promise, n: int, tokens: Tokens) -> SafeString:
    place = f"promises[{n}]"
    values = {
        "who": tokens.token(place, said.choice(promise.to)),
        "gift": tokens.token(f"{place}.give", _gift(promise)),
        "hold": _hold(promise, f"{place}.hold", tokens),
        "limit": _limits(terms, promise, f"{place}.limit", tokens),
    }
    often = _often(promise)
    if often:
        values["often"] = tokens.token(f"{place}.when", often)
        return format_html(_("{who} gets {gift} {often}, {hold}, {limit}"), **values)
    return format_html(_("{who} gets {gift}, {hold}, {limit}"), **values)


def _joined(parts: list[SafeString]) -> SafeString:
    if len(parts) < 2:
        return format_html("{}.", parts[0]) if parts else SafeString("")
    text = parts[0]
    for part in parts[1:]:
        text = format_html(_("{first}; and {second}"), first=text, second=part)
    return format_html("{}.", text)


# ---- the words of each value


def _did(one: Milestone) -> str:
    if one.moment_after is not None:
        return _span_after(one)
    if one.event == "signup":
        return _("joining")
    if one.event == "purchase":
        if one.first_matching:
            return _("an order")
        return _("a first order") if one.count == 1 else _("order number {n}").format(n=one.count)
    if one.event == "renewal" and one.count == 1:
        return _("a renewal")
    name = words.event_word(one.event or one.name).lower()
    return name if one.count == 1 else _("{event} number {n}").format(event=name, n=one.count)


def _span_after(one: Milestone) -> str:
    span = (
        ngettext("{n} month", "{n} months", one.moment_months).format(n=one.moment_months)
        if one.moment_months
        else ngettext("{n} day", "{n} days", one.moment_days).format(n=one.moment_days)
    )
    return _("{span} after {step}").format(span=span, step=words.label(one.moment_after or "").lower())


def _least(terms: Terms, one: Milestone, place: str, tokens: Tokens) -> SafeString:
    if one.min_minor is None:
        return tokens.token(f"{place}.min", _("any amount")) if tokens.may_write else SafeString("")
    amount = tokens.token(f"{place}.min", words.money(one.min_minor, terms.currency))
    return format_html(_("at least {amount}"), amount=amount)


def _within(one: Milestone, place: str, tokens: Tokens) -> SafeString:
    if one.within is None:
        return tokens.token(f"{place}.within", _("at any time")) if tokens.may_write else SafeString("")
    since = _("joining") if one.within_of == "joined" else words.label(one.within_of).lower()
    days = tokens.token(f"{place}.within", _days(one.within))
    return format_html(_("within {days} of {since}"), days=days, since=since)


def gift(kind: RewardKind, give: Give) -> SafeString:
    """What is given, in the desk's words where it has some, else in those of the kind itself."""
    return sentence.gift(give) if kind.slug in _TOLD else words.bdi(kind.sentence(give))


def _gift(promise: Promise) -> SafeString:
    listed = list(promise.lines)
    told = [gift(one.kind, one.give) for one in listed[:3]]
    if len(listed) > 3:
        told.append(words.text(_("more")))
    if promise.choice is not None:
        return _options(told)
    if len(told) == 1:
        return told[0]
    text = told[0]
    for one in told[1:]:
        text = (
            format_html(_("{a}, else {b}"), a=text, b=one)
            if not promise.ladder
            else format_html(_("{a}, then {b}"), a=text, b=one)
        )
    return text


def _options(told: list[SafeString]) -> SafeString:
    text = told[0]
    for one in told[1:]:
        text = format_html(_("{a} or {b}"), a=text, b=one)
    return text


def _often(promise: Promise) -> str:
    ladder = promise.ladder
    if ladder is None:
        return ""
    if ladder.every:
        return _("for every {n} friends").format(n=ladder.every)
    if len(ladder.rows) == 1 and ladder.by == "count":
        at = ladder.rows[0].at
        if ladder.apply == "once":
            return ngettext("at {n} friend", "at {n} friends", at).format(n=at)
        return ngettext("from friend {n} on", "from friend {n} on", at).format(n=at)
    return ngettext("in {n} step", "in {n} steps", len(ladder.rows)).format(n=len(ladder.rows))


def _hold(promise: Promise, place: str, tokens: Tokens) -> SafeString:
    if not promise.hold_days:
        return tokens.token(place, _("at once"))
    days = tokens.token(place, _days(timedelta(days=promise.hold_days)))
    return format_html(_("after a return window of {days}"), days=days)


def _limits(terms: Terms, promise: Promise, place: str, tokens: Tokens) -> SafeString:
    if not promise.limits:
        return tokens.token(place, _("without a limit"))
    text = _limit(terms, promise.limits[0])
    for one in promise.limits[1:]:
        text = format_html(_("{a} and {b}"), a=text, b=_limit(terms, one))
    return format_html(_("at most {limits}"), limits=tokens.token(place, text))


def _limit(terms: Terms, limit: Limit) -> SafeString:
    most = words.money(limit.most, terms.currency) if limit.counts == "amount" else words.bdi(f"{limit.most:,}", "num")
    if limit.period == "lifetime":
        return format_html(_("{most} in all"), most=most)
    return format_html(_("{most} per {period}"), most=most, period=words.label(limit.period).lower())


def _days(span: timedelta) -> SafeString:
    return format_html(ngettext("{n} day", "{n} days", span.days), n=words.bdi(span.days, "num"))


# ---- what belongs to the rule


def _beyond(terms: Terms, document: Mapping[str, Any], tokens: Tokens) -> Iterator[SafeString]:
    yield _people(terms, tokens)
    yield format_html(
        _("A referral counts for {window}; a forgotten code may be claimed for {late}."),
        window=tokens.token("attribution.window", _days(terms.window)),
        late=tokens.token("attribution.late_claim", _days(terms.late_claim)),
    )
    yield _budget(terms, tokens)
    yield _runs(terms, tokens)
    if "stacking" in document:
        stacked = tokens.token("stacking", said.choice(terms.stacking.promises))
        yield format_html(_("Of several rewards for one fact the person gets {stacked}."), stacked=stacked)


def _people(terms: Terms, tokens: Tokens) -> SafeString:
    new = {
        "never_bought": _("who never bought before"),
        "no_account": _("who was not known before"),
        "anyone": _("whoever it is, known or new"),
        "not_for": ngettext("who bought nothing for {n} day", "who bought nothing for {n} days", terms.new_days).format(
            n=terms.new_days
        ),
    }.get(terms.new, terms.new)
    who = {"anyone": _("anybody"), "customers": _("who has bought before")}.get(terms.who) or _(
        "people of the audience {name}"
    ).format(name=terms.who.partition(":")[2])
    conditions = [words.humane(one.words) for one in terms.friend_conditions]
    own = [words.humane(one.words) for one in terms.advocate_conditions]
    return format_html(
        _("A friend is somebody {new}{conditions}; {who} may refer{own}."),
        new=tokens.token("friends.new", new),
        conditions=_if("friends", conditions, tokens),
        who=tokens.token("advocates.who", who),
        own=_if("advocates", own, tokens),
    )


def _if(part: str, conditions: list[str], tokens: Tokens) -> SafeString:
    if not conditions:
        return SafeString("")
    token = tokens.token(part, words.bdi(_(" and ").join(conditions)))
    return format_html(_(", if {condition}"), condition=token)


def _budget(terms: Terms, tokens: Tokens) -> SafeString:
    if terms.budget is None:
        return format_html(
            _("There is {none}."), none=tokens.token("budget", _("no budget: nothing stops the spending"))
        )
    return format_html(
        _("The budget is {amount}; at its end {at_end}."),
        amount=tokens.token("budget.amount", words.money(terms.budget.amount_minor, terms.currency)),
        at_end=tokens.token("budget", said.choice(terms.budget.at_end)),
    )


def _runs(terms: Terms, tokens: Tokens) -> SafeString:
    def day(name: str, at: Any, silent: str) -> SafeString:
        text = words.bdi(date_format(at.astimezone(terms.zone), "j M Y")) if at else words.text(silent)
        return tokens.token(f"runs.{name}", text)

    return format_html(
        _("It runs from {begin} until {end}; the last day to reach the goal is {last}."),
        begin=day("from", terms.runs_from, _("the day it is put live")),
        end=day("last_touch", terms.last_touch_at, _("further notice")),
        last=day("last_milestone", terms.last_milestone_at, _("not set")),
    )


def _is_rewarded(terms: Terms, one: Milestone) -> bool:
    return any(promise.on == one.name for promise in terms.promises)
