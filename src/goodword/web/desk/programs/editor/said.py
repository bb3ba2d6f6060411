"""What are the parts of a document called for people? Labels, hints and choices; what has no word of its own is spelled out."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.core.events import Problem
from goodword.web import words

SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # terms read for their problems only are in force at no real moment

_LABELS: dict[str, Promise] = {
    "advocates": gettext_lazy("Who may refer"),
    "friends": gettext_lazy("Who counts as a friend"),
    "attribution": gettext_lazy("How a friend is won"),
    "runs": gettext_lazy("When it runs"),
    "promises": gettext_lazy("What is promised"),
    "milestones": gettext_lazy("What has to happen"),
    "budget": gettext_lazy("Budget"),
    "screening": gettext_lazy("Screening"),
    "disclosure": gettext_lazy("What the referrer learns"),
    "taking_back": gettext_lazy("Coming back"),
    "stacking": gettext_lazy("Several rewards at once"),
    "objective": gettext_lazy("Objective and target"),
    "limits": gettext_lazy("Limits over all promises"),
    "fields": gettext_lazy("Fields of the client's own"),
    "landing": gettext_lazy("Page behind the link"),
    "advocate_sees": gettext_lazy("The referrer sees"),
    "give": gettext_lazy("Reward"),
    "hold": gettext_lazy("Return window"),
    "limit": gettext_lazy("Limits"),
    "when": gettext_lazy("How many friends it takes"),
    "min": gettext_lazy("Smallest order"),
    "of": gettext_lazy("Counted as"),
    "within": gettext_lazy("Within"),
    "if": gettext_lazy("Conditions"),
    "at": gettext_lazy("Looked at"),
    "to": gettext_lazy("Who gets it"),
    "on": gettext_lazy("For which step"),
    "from": gettext_lazy("From"),
    "over": gettext_lazy("Counted for each"),
    "edge": gettext_lazy("When the last one no longer fits"),
    "grants": gettext_lazy("Rewards at most"),
    "joins": gettext_lazy("Friends who may join at most"),
    "amount": gettext_lazy("Amount"),
    "new": gettext_lazy("New means"),
    "who": gettext_lazy("Who"),
    "window": gettext_lazy("How long a referral counts"),
    "late_claim": gettext_lazy("A forgotten code may be claimed for"),
    "bound": gettext_lazy("The friend stays"),
    "reserve": gettext_lazy("Set aside"),
    "at_end": gettext_lazy("At its end"),
    "event": gettext_lazy("What happens"),
    "count": gettext_lazy("Which one of them"),
    "moment": gettext_lazy("Moment"),
    "tiers": gettext_lazy("Tiers"),
    "tiers.at": gettext_lazy("Once, at"),
    "tiers.from": gettext_lazy("For each, from"),
    "when.nth": gettext_lazy("Once, at friend number"),
    "when.every": gettext_lazy("At every so many friends"),
    "when.from": gettext_lazy("For each, from friend number"),
    "when.by": gettext_lazy("What is counted"),
    "when.per": gettext_lazy("Counted anew each"),
    "when.apply": gettext_lazy("A tier holds for"),
    "when.shrinks": gettext_lazy("When the number falls again"),
    "no_open": gettext_lazy("Must not be open yet"),
    "objective.why": gettext_lazy("What it is for"),
    "limit.open": gettext_lazy("Friends on their way at most"),
    "limit.payments": gettext_lazy("Payments at most"),
    "limit.dated": gettext_lazy("Counted by the day"),
    "limit.reopen": gettext_lazy("A reward taken back frees its place"),
    "advocates.who": gettext_lazy("Who may refer"),
    "contest.prizes": gettext_lazy("Prizes"),
    "prizes.place": gettext_lazy("Place, or from-to"),
    "prizes.draw": gettext_lazy("Winners drawn"),
    "only": gettext_lazy("Only these"),
    "only.name": gettext_lazy("Field"),
    "only.value": gettext_lazy("Its values, with commas between them"),
    "without": gettext_lazy("Without these"),
    "without.name": gettext_lazy("Field (empty: events)"),
    "without.value": gettext_lazy("What is left out, with commas between"),
    "min.name": gettext_lazy("Step"),
    "min.value": gettext_lazy("Smallest order"),
    "sum.name": gettext_lazy("Step"),
    "sum.value": gettext_lazy("Sum"),
    "give.name": gettext_lazy("Who gets it"),
    "give.value": gettext_lazy("Reward"),
    "tiers.name": gettext_lazy("Who gets it"),
    "tiers.value": gettext_lazy("Tiers"),
    "programs.name": gettext_lazy("Other program"),
    "programs.value": gettext_lazy("What is given"),
    "runs.notice": gettext_lazy("Notice before that day ends"),
    "payout_days": gettext_lazy("Days on which rewards are paid out"),
    "holidays": gettext_lazy("Holidays, beside Saturdays and Sundays"),
    "business_days": gettext_lazy("Working days until a reward arrives"),
    "contracts": gettext_lazy("Contracts of referrers"),
    "contracts.needed": gettext_lazy("Nobody refers without a contract"),
    "contracts.tail": gettext_lazy("After its end it earns for"),
}
_CHOICES: dict[str, Promise] = {
    "advocate": gettext_lazy("the referrer"),
    "friend": gettext_lazy("the friend"),
    "person": gettext_lazy("the person"),
    "agent": gettext_lazy("the agent who entered it"),
    "net": gettext_lazy("net: less tax and shipping"),
    "gross": gettext_lazy("gross: all that was paid"),
    "items": gettext_lazy("the items"),
    "join": gettext_lazy("when the friend joins"),
    "grant": gettext_lazy("when the reward is given"),
    "touch": gettext_lazy("when the friend is referred"),
    "milestone": gettext_lazy("when the step is reached"),
    "release": gettext_lazy("when the reward becomes payable"),
    "payment": gettext_lazy("when it is paid"),
    "stop_new": gettext_lazy("nobody new is promised anything; who joined before is honoured"),
    "while_funds_last": gettext_lazy("rewards are given while it lasts"),
    "none": gettext_lazy("nothing is given"),
    "partial": gettext_lazy("the part that fits is given"),
    "last_whole": gettext_lazy("the whole is given once more"),
    "last": gettext_lazy("the last one"),
    "first": gettext_lazy("the first one"),
    "all": gettext_lazy("all of them"),
    "best": gettext_lazy("the best one"),
    "code": gettext_lazy("code"),
    "program": gettext_lazy("program"),
    "client": gettext_lazy("client"),
    "join_or_first_milestone": gettext_lazy("at joining, else at the first step reached"),
    "nothing": gettext_lazy("nothing but their own reward"),
    "steps": gettext_lazy("the friend's steps"),
    "steps_with_dates": gettext_lazy("the friend's steps with dates"),
    "reasons": gettext_lazy("the friend's steps and the reason"),
    "whole": gettext_lazy("the whole at one rate"),
    "slice": gettext_lazy("each slice at its own rate"),
    "whole_period": gettext_lazy("all of the period, made up at its close"),
    "from_here_on": gettext_lazy("what comes after it"),
}
# Words that may stand in a text of free shape; the terms have the last word.
_SUGGESTED: dict[str, tuple[str, ...]] = {
    "who": ("anyone", "customers", "audience:"),
    "give.name": ("referrer", "friend"),
    "tiers.name": ("referrer", "friend"),
    "new": ("never_bought", "no_account", "anyone", "not_for 180d"),
    "bound": ("for_life", "until_rewarded", "lapses after 180d"),
    "event": ("signup", "purchase", "renewal"),
    "hold": ("7d", "14d", "30d", "60d"),
    "within": ("14d of joined", "30d of joined", "90d of joined"),
    "window": ("7d", "30d", "90d"),
    "grants": ("1", "5 per month", "10 per year"),
    "cancelled_by": ("order", "subscription", "policy", "employment", "application", "deal"),
}
_COLOURLESS = re.compile(r"\b([Aa])dvocate(s?)\b")


def label(name: str, around: str = "") -> str:
    """A field by its name for people; `around` is the part that it belongs to, where that gives it another meaning."""
    if name.isupper():  # a country
        return name
    return str(_LABELS.get(f"{around}.{name}") or _LABELS.get(name) or words.label(_plain(name)))


def choice(value: str) -> str:
    """One of a list, for people."""
    return str(_CHOICES.get(value) or words.label(_plain(value)).lower())


def hint(text: str) -> str:
    """A description of the language, as the desk speaks."""
    return _plain(_(text)) if text else ""


def suggested(name: str, around: str = "") -> tuple[str, ...]:
    """What may be picked for a text of free shape; `around` is the part that it belongs to, as for its label."""
    return _SUGGESTED.get(f"{around}.{name}") or _SUGGESTED.get(name, ())


def problem(one: Problem) -> str:
    """What is wrong and how to repair it, in one line."""
    return sentence(_("{why}; {repair}").format(why=_plain(one.why), repair=_plain(one.repair)))


def sentence(text: str) -> str:
    """With a capital first and a point last."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}" if text else ""


def _plain(text: str) -> str:
    """Nobody is called an advocate on a screen, and a field takes an amount without the document's quotes."""
    told = text.replace("decimal string in quotes", "decimal number").replace("decimal string", "decimal number")
    return _COLOURLESS.sub(lambda match: ("R" if match[1] == "A" else "r") + "eferrer" + match[2], told)
