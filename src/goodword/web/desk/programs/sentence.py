"""What does a program promise, as a person would say it? Terms told in sentences, from the same terms that decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.functional import Promise as Words
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from goodword.catalog.rewards import REWARDS
from goodword.core import wording
from goodword.core.conditions import Condition
from goodword.core.kind import Give
from goodword.core.requirements import Milestone
from goodword.core.terms import Promise, Terms
from goodword.web import words
from goodword.web.desk.contests import told
from goodword.web.desk.programs import steps


@dataclass(frozen=True)
class Part:
    """One thing that terms say: what it is about, and the sentence."""

    about: str
    text: SafeString


def rule(terms: Terms) -> SafeString:
    """The promise in one sentence for each milestone that is rewarded."""
    found: list[str] = []
    for milestone in terms.milestones:
        gets = _gets(terms, milestone.name)
        if gets:
            when = steps.with_repeats(_when(terms, milestone), milestone)
            found.append(format_html(_("{gets} {when}."), gets=gets, when=when))
    if terms.contest:
        found += [told.headline(terms.contest), *map(told.prize_line, terms.contest.prizes)]
    return format_html_join(" ", "{}", ((one,) for one in found))


def beyond(terms: Terms) -> SafeString:
    """What belongs to the rule beyond its sentence: hold, limits, who is new, conditions, window and budget."""
    said = (_hold(terms), _limits(terms), _new(terms), _conditions(terms), _referral(terms), _budget(terms))
    return format_html_join(" ", "{}", ((one,) for one in said if one))


def parts(terms: Terms) -> list[Part]:
    """All that the terms say, in sentences, in the order in which a person would ask."""
    found = [
        (_("Rule"), rule(terms)),
        (_("Contest"), _contest(terms)),
        (_("Hold"), _hold(terms)),
        (_("Limits"), _limits(terms)),
        (_("What counts"), _as_in_terms(terms, "counts")),
        (_("Several rewards at once"), _as_in_terms(terms, "stacking")),
        (_("Contest"), _as_in_terms(terms, "contest")),
        (_("Points"), _as_in_terms(terms, "points")),
        (_("Other channels"), _as_in_terms(terms, "channels")),
        (_("Markets"), _as_in_terms(terms, "markets")),
        (_("Contracts"), _as_in_terms(terms, "contracts")),
        (_("New friends"), _new(terms)),
        (_("Conditions"), _conditions(terms)),
        (_("Referral"), _referral(terms)),
        (_("Late claim"), _late(terms)),
        (_("Budget"), _budget(terms)),
        (_("Runs"), _runs(terms)),
        (_("Screening"), _screening(terms)),
        (_("The referrer learns"), words.text(_SEES.get(terms.disclosure, terms.disclosure))),
        (_("Coming back"), _back(terms)),
        (_("Calendar"), format_html(_("Days and months are counted in {zone}."), zone=words.bdi(terms.zone.key))),
    ]
    return [Part(about, text) for about, text in found if text]


def _contest(terms: Terms) -> SafeString | None:
    """The rules of a contest, a sentence each."""
    if terms.contest is None:
        return None
    return format_html_join(" ", "{}", ((one,) for one in told.rules(terms.contest, terms.currency)))


def gift(give: Give) -> SafeString:
    """What is given: 10.00 EUR, a voucher of 20 %."""
    if give.kind not in _OWN_WORDS and give.kind in REWARDS:
        return words.text(wording.gift(wording.Speaker(_language()), REWARDS[give.kind], give))
    most = words.money(give.max_minor, give.asset) if give.max_minor is not None else ""
    if give.percent is not None:
        share = words.bdi(f"{give.percent:f} %", "num")
        if give.kind == "voucher":
            return format_html(_("a voucher of {share} (at most {most})"), share=share, most=most)
        if most:
            return format_html(_("{share} of the order (at most {most})"), share=share, most=most)
        return format_html(_("{share} of the order"), share=share)
    amount = words.money(give.fixed_minor or 0, give.asset)
    return format_html(_("a voucher of {amount}"), amount=amount) if give.kind == "voucher" else amount


def _gets(terms: Terms, milestone: str) -> SafeString | None:
    """Who gets what at this milestone: the clause that the sentence begins with."""
    mine = [_together(one) for one in _of(terms, milestone, "advocate")]
    theirs = [_together(one) for one in _of(terms, milestone, "friend")]
    if mine and theirs:
        return format_html(
            _("The referrer gets {mine} and the friend gets {theirs}"), mine=_listed(mine), theirs=_listed(theirs)
        )
    if mine:
        return format_html(_("The referrer gets {mine}"), mine=_listed(mine))
    if theirs:
        return format_html(_("The friend gets {theirs}"), theirs=_listed(theirs))
    return None


def _when(terms: Terms, one: Milestone) -> SafeString:
    """What has to happen: the clause that the sentence ends with."""
    if (more := steps.clause(terms, one, _step)) is not None:
        return more
    if one.moment_after is not None:
        span = (
            ngettext("{n} month", "{n} months", one.moment_months).format(n=one.moment_months)
            if one.moment_months
            else ngettext("{n} day", "{n} days", one.moment_days).format(n=one.moment_days)
        )
        base = words.text(_step(terms, one.moment_after))
        if one.without:
            events = ", ".join(words.event_word(event).lower() for event in one.without)
            return format_html(
                _("{span} after {base}, unless there was: {events}"), span=span, base=base, events=events
            )
        return format_html(_("{span} after {base}"), span=span, base=base)
    least = words.money(one.min_minor, terms.currency) if one.min_minor is not None else None
    days = _days(one.within) if one.within is not None else None
    step = words.text(_did(one))
    since = words.text(_step(terms, one.within_of))
    if least and days:
        return format_html(
            _("when the friend makes {step} of at least {least} within {days} of {since}"),
            step=step, least=least, days=days, since=since,
        )  # fmt: skip
    if least:
        return format_html(_("when the friend makes {step} of at least {least}"), step=step, least=least)
    if days and one.event != "signup":
        return format_html(
            _("when the friend makes {step} within {days} of {since}"), step=step, days=days, since=since
        )
    if one.event == "signup":
        return words.text(_("when the friend joins"))
    return format_html(_("when the friend makes {step}"), step=step)


def _did(one: Milestone) -> str:
    """The thing that the friend does, with its article."""
    if one.event == "purchase":
        if one.first_matching:
            return _("an order")
        return _("a first order") if one.count == 1 else _("order number {n}").format(n=one.count)
    if one.event == "renewal":
        return _("a renewal") if one.count == 1 else _("renewal number {n}").format(n=one.count)
    name = words.event_word(one.event or "").lower()
    return name if one.count == 1 else _("{event} number {n}").format(event=name, n=one.count)


def _step(terms: Terms, name: str) -> str:
    """A milestone as a noun: joining, the first order."""
    one = next((milestone for milestone in terms.milestones if milestone.name == name), None)
    if one is None or one.event == "signup":
        return _("joining")
    if one.event == "purchase" and one.count == 1:
        return _("the first order")
    return _("“{step}”").format(step=words.label(name))


def _hold(terms: Terms) -> SafeString:
    """How long a reward may still be lost by a return."""
    days = {promise.hold_days for promise in terms.promises}
    if not days or days == {0}:
        return words.text(_("Rewards are payable at once."))
    if len(days) == 1:
        return format_html(
            _("Rewards are payable {days} later, if nothing was returned by then."),
            days=_days(timedelta(days=days.pop())),
        )
    told = format_html_join("; ", "{}", (
        (format_html(_("{who}: {days}"), who=_WHO[one.to], days=_days(timedelta(days=one.hold_days))),)
        for one in terms.promises
    ))  # fmt: skip
    return format_html(_("Rewards are payable later, if nothing was returned by then: {told}."), told=told)


def _limits(terms: Terms) -> SafeString:
    """At most how often and how much."""
    return _as_in_terms(terms, "limits")


def _as_in_terms(terms: Terms, about: str) -> SafeString:
    """A paragraph as the terms & conditions have it."""
    told = (one.text for one in wording.paragraphs(terms, _language()) if one.about == about)
    return words.text(next(told, ""))


def _is_plain(terms: Terms) -> bool:
    """Whether one sentence says it: single gifts to referrer and friend, for single events or moments, the same everywhere."""
    return (
        terms.contest is None
        and not terms.markets
        and all(one.to in ("advocate", "friend") and not (one.rows or one.ladder or one.choice) for one in terms.promises)
        and not any(
            one.counting or one.combines or one.repeat or one.moment_on or one.moment_end_of for one in terms.milestones
        )
    )


def _language() -> str:
    """The language of the page, where terms are told in it; else English."""
    spoken = (get_language() or "en")[:2]
    return spoken if spoken in wording.LANGUAGES else "en"


def _new(terms: Terms) -> SafeString:
    if terms.new == "not_for":
        return format_html(
            _("A friend is new who bought nothing for {days}."), days=_days(timedelta(days=terms.new_days))
        )
    return words.text(_NEW.get(terms.new, terms.new))


def _conditions(terms: Terms) -> SafeString:
    """Further conditions of both sides and of milestones, and who may refer."""
    all_of: list[Condition] = [*terms.advocate_conditions, *terms.friend_conditions]
    for milestone in terms.milestones:
        all_of += milestone.conditions
    told = [words.humane(one.words) for one in all_of]
    found = []
    if terms.who == "customers":
        found.append(words.text(_("Only who has bought before may refer.")))
    elif terms.who.startswith("audience:"):
        name = words.bdi(terms.who.partition(":")[2])
        found.append(format_html(_("Only people of the audience {name} may refer."), name=name))
    if told:
        text = ngettext("This has to hold: {told}.", "These have to hold: {told}.", len(told))
        found.append(format_html(text, told=words.bdi("; ".join(dict.fromkeys(told)))))
    return format_html_join(" ", "{}", ((one,) for one in found))


def _referral(terms: Terms) -> SafeString:
    """How a friend is won, within which window, and for how long they stay."""
    methods = _listed([words.text(words.METHODS.get(one, one)) for one in terms.methods])
    won = format_html(
        _("A friend is won by {methods}, at most {days} before joining or buying."),
        methods=methods,
        days=_days(terms.window),
    )
    if terms.bound == "lapses" and terms.lapse is not None:
        stays = format_html(_("After {days} without progress another may refer the friend."), days=_days(terms.lapse))
    else:
        stays = words.text(_BOUND.get(terms.bound, ""))
    return format_html("{} {}", won, stays)


def _late(terms: Terms) -> SafeString:
    if not terms.late_claim:
        return words.text(_("A forgotten code cannot be claimed later."))
    return format_html(_("A forgotten code may be claimed up to {days} later."), days=_days(terms.late_claim))


def _budget(terms: Terms) -> SafeString:
    if terms.budget is None:
        return words.text(_("There is no budget: nothing stops the spending."))
    amount = words.money(terms.budget.amount_minor, terms.currency)
    if terms.budget.at_end == "while_funds_last":
        return format_html(_("The budget is {amount}; rewards are given while it lasts."), amount=amount)
    text = _("The budget is {amount}; at its end nobody new is promised anything, and who joined before is honoured.")
    return format_html(text, amount=amount)


def _runs(terms: Terms) -> SafeString:
    told = [
        (text, _day(at, terms))
        for text, at in (
            (_("It runs from {day}."), terms.runs_from),
            (_("The last day to be referred is {day}."), terms.last_touch_at),
            (_("The last day to join is {day}."), terms.last_join_at),
            (_("The last day to reach the goal is {day}."), terms.last_milestone_at),
        )
        if at is not None
    ]
    return format_html_join(" ", "{}", ((format_html(text, day=day),) for text, day in told))


def _screening(terms: Terms) -> SafeString:
    if terms.screening is None:
        return words.text(_("Referrals are not screened for fraud."))
    names = _listed([words.bdi(signal.title) for signal in terms.screening.signals])
    text = _("A person looks from {hold} points on, and {deny} points deny. These signals look: {names}.")
    return format_html(
        text, hold=words.bdi(terms.screening.hold_at), deny=words.bdi(terms.screening.deny_at), names=names
    )


def _back(terms: Terms) -> SafeString:
    netted = format_html(
        _("What was sent and is taken back is netted against later rewards for {days}."), days=_days(terms.net_within)
    )
    if terms.friend_debt:
        return format_html("{} {}", netted, _("This holds for the friend as well."))
    return format_html("{} {}", netted, _("The friend owes nothing."))


def _of(terms: Terms, milestone: str, to: str) -> list[Promise]:
    return [one for one in terms.promises if one.on == milestone and one.to == to]


def _together(promise: Promise) -> SafeString:
    return gift(promise.give)


def _listed(told: list[SafeString]) -> SafeString:
    """a, b and c, as the language lists things."""
    if len(told) < 2:
        return told[0] if told else SafeString("")
    first = format_html_join(", ", "{}", ((one,) for one in told[:-1]))
    return format_html(_("{first} and {last}"), first=first, last=told[-1])


def _days(span: timedelta) -> SafeString:
    return format_html(ngettext("{n} day", "{n} days", span.days), n=words.bdi(span.days, "num"))


def _day(at: datetime, terms: Terms) -> SafeString:
    return words.bdi(date_format(at.astimezone(terms.zone), "j M Y"))


_OWN_WORDS = ("cash", "voucher", "percent")
_WHO: dict[str, Words] = {"advocate": gettext_lazy("referrer"), "friend": gettext_lazy("friend")}
_NEW: dict[str, Words] = {
    "never_bought": gettext_lazy("A friend is new who never bought before."),
    "no_account": gettext_lazy("A friend is new who was not known before."),
    "anyone": gettext_lazy("Anybody counts as a friend, known or new."),
}
_BOUND: dict[str, Words] = {
    "for_life": gettext_lazy("The friend then stays with that referrer."),
    "until_rewarded": gettext_lazy("Once that is rewarded, another may refer the friend."),
}
_SEES: dict[str, Words] = {
    "nothing": gettext_lazy("Nothing but their own reward."),
    "steps": gettext_lazy("The steps of a friend: joined, on its way, yours, not this time."),
    "steps_with_dates": gettext_lazy("The steps of a friend with their dates."),
    "reasons": gettext_lazy("The steps of a friend and the reason, never amounts, never what was bought."),
}
