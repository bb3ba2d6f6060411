"""Which words, icons and colours stand for what? The one vocabulary of states, accounts and steps on every screen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from goodword.core.amounts import Amount, to_decimal, unit_words
from goodword.core.checks import Remark, in_sentence
from goodword.core.events import Event
from goodword.core.reasons import Reason, template_of
from goodword.store.reads.people import Person

Words = str | Promise


@dataclass(frozen=True)
class State:
    """A state as screens show it: word, icon and colour together, never colour alone."""

    code: str
    word: Words
    icon: str
    tone: str  # ok | wait | stop | hold | info | mute


def _states(*listed: tuple[str, Words, str, str]) -> dict[str, State]:
    return {code: State(code, word, icon, tone) for code, word, icon, tone in listed}


REFERRAL_STATES = _states(
    ("joined", gettext_lazy("Joined"), "person", "info"),
    ("waiting", gettext_lazy("Waiting"), "clock", "wait"),
    ("held", gettext_lazy("Held"), "hold", "hold"),
    ("qualified", gettext_lazy("Qualified"), "half", "wait"),
    ("rewarded", gettext_lazy("Rewarded"), "ok", "ok"),
    ("not_qualified", gettext_lazy("Not qualified"), "no", "mute"),
    ("expired", gettext_lazy("Expired"), "sand", "mute"),
    ("lapsed", gettext_lazy("Lapsed"), "sand", "mute"),
    ("denied", gettext_lazy("Denied"), "no", "stop"),
    ("reversed", gettext_lazy("Reversed"), "back", "stop"),
)
REWARD_STATES = _states(
    ("pending", gettext_lazy("Pending"), "clock", "wait"),
    ("in_review", gettext_lazy("In review"), "hold", "hold"),
    ("payable", gettext_lazy("Payable"), "ok", "ok"),
    ("sent", gettext_lazy("Sent"), "ok", "ok"),
    ("voided", gettext_lazy("Voided"), "no", "mute"),
    ("clawed_back", gettext_lazy("Clawed back"), "back", "stop"),
    ("written_off", gettext_lazy("Written off"), "back", "mute"),
)
METHODS: dict[str, Words] = {
    "click": gettext_lazy("link"),
    "code": gettext_lazy("code"),
    "named": gettext_lazy("name given"),
    "claim": gettext_lazy("late claim"),
}
_EVENTS: dict[str, Words] = {
    "click": gettext_lazy("Link opened"),
    "share": gettext_lazy("Link shared"),
    "signup": gettext_lazy("Sign-up"),
    "purchase": gettext_lazy("Purchase"),
    "refund": gettext_lazy("Refund"),
    "cancel": gettext_lazy("Cancellation"),
    "dispute_opened": gettext_lazy("Dispute opened"),
    "dispute_lost": gettext_lazy("Dispute lost"),
    "dispute_won": gettext_lazy("Dispute won"),
    "renewal": gettext_lazy("Renewal"),
    "update": gettext_lazy("Details changed"),
    "claim": gettext_lazy("Late claim"),
    "known": gettext_lazy("Person known"),
    "code_issued": gettext_lazy("Code issued"),
    "publish": gettext_lazy("Program published"),
    "review": gettext_lazy("Review by a person"),
    "signal": gettext_lazy("Signal switched"),
    "move": gettext_lazy("Open referrals moved"),
    "stop": gettext_lazy("Program stopped"),
    "sent": gettext_lazy("Reward sent"),
    "waive": gettext_lazy("Rewards waived"),
    "erase": gettext_lazy("Person erased"),
    "contest_open": gettext_lazy("Draw committed to"),
    "contest_freeze": gettext_lazy("Board frozen"),
    "contest_award": gettext_lazy("Contest awarded"),
    "contest_accept": gettext_lazy("Prize accepted"),
    "contest_disqualify": gettext_lazy("Winner disqualified"),
    "listed": gettext_lazy("Put on a list"),
    "organization": gettext_lazy("Organization known"),
    "referred": gettext_lazy("Referral brought in"),
    "rewarded": gettext_lazy("Reward brought in"),
    "balance": gettext_lazy("Balance brought in"),
    "withdrawn": gettext_lazy("Import undone"),
}
EVENT_WORDS = tuple(_EVENTS)  # the kinds of events that have words of their own
_MOVES: dict[tuple[str, str], Words] = {
    ("opening_balance", "posted"): gettext_lazy("brought in as a balance"),
    ("carried", "posted"): gettext_lazy("brought in as a reward"),
    ("withdrawn", "posted"): gettext_lazy("import undone"),
    ("prize_pool", "posted"): gettext_lazy("set aside for prizes"),
    ("prize", "pending"): gettext_lazy("prize, pending"),
    ("prize_unused", "posted"): gettext_lazy("prizes that nobody won"),
    ("prize_lapsed", "void"): gettext_lazy("prize not accepted in time"),
    ("prize_disqualified", "void"): gettext_lazy("winner disqualified"),
    ("prize_disqualified", "posted"): gettext_lazy("winner disqualified"),
    ("grant", "pending"): gettext_lazy("granted, pending"),
    ("held_again", "posted"): gettext_lazy("release taken back"),
    ("held_again", "pending"): gettext_lazy("held again, pending"),
    ("grant_reserved", "pending"): gettext_lazy("granted from the reservation, pending"),
    ("moved_to_overrun", "posted"): gettext_lazy("moved to the overrun line"),
    ("budget_cut", "posted"): gettext_lazy("budget cut"),
    ("cost", "posted"): gettext_lazy("what a reward costs"),
    ("cost_reserved", "posted"): gettext_lazy("what a reward costs, from the reservation"),
    ("cost_back", "posted"): gettext_lazy("what a reward cost, given back"),
    ("release", "post"): gettext_lazy("payable"),
    ("release_refused", "void"): gettext_lazy("voided at the release"),
    ("reversal", "void"): gettext_lazy("voided"),
    ("attributed_anew", "void"): gettext_lazy("voided, another referrer won"),
    ("reserve", "posted"): gettext_lazy("reserved for the promise"),
    ("unreserve", "posted"): gettext_lazy("reservation freed"),
    ("send", "posted"): gettext_lazy("sent"),
    ("net", "posted"): gettext_lazy("netted against an earlier balance"),
    ("budget", "posted"): gettext_lazy("budget funded"),
    ("reversal", "posted"): gettext_lazy("taken back unspent"),
    ("claw_back", "posted"): gettext_lazy("taken back, to be netted"),
    ("amount_changed", "posted"): gettext_lazy("amount corrected"),
    ("reward_changed", "void"): gettext_lazy("voided, granted anew with another amount"),
    ("write_off", "posted"): gettext_lazy("written off"),
}
_PHASES: dict[str, Words] = {
    "pending": gettext_lazy("pending"),
    "posted": gettext_lazy("posted"),
    "post": gettext_lazy("pending to posted"),
    "void": gettext_lazy("voided"),
}
_SIDE = re.compile(r"\b(advocate|friend)\.([a-z_]+)")
_SIDES: dict[str, Words] = {"advocate": gettext_lazy("referrer's {}"), "friend": gettext_lazy("friend's {}")}
_SIGNS: tuple[tuple[str, Words], ...] = (
    ("==", gettext_lazy("is")),
    ("!=", gettext_lazy("is not")),
    (">=", gettext_lazy("at least")),
    ("<=", gettext_lazy("at most")),
    ("not in", gettext_lazy("none of")),
    ("in", gettext_lazy("one of")),
)
_NUMBER = re.compile(r"\d+")
_ISO_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


def state_of(code: str, table: dict[str, State] = REFERRAL_STATES) -> State:
    """A state by its code; one that this version does not know is shown raw, never hidden."""
    return table.get(code) or State(code, code, "dot", "mute")


def text(words: object) -> SafeString:
    """Words as they are, made safe to stand in a page."""
    return format_html("{}", words)


def bdi(text: object, kind: str = "") -> SafeString:
    """Numbers, codes and names keep their own direction in any language."""
    return format_html('<bdi class="{}">{}</bdi>', kind, text) if kind else format_html("<bdi>{}</bdi>", text)


def money(amount_minor: int, asset: str) -> SafeString:
    """An amount with its currency: 1,234.50 EUR."""
    text = to_decimal(amount_minor, asset)
    sign, digits = ("−", text[1:]) if text.startswith("-") else ("", text)
    whole, point, fraction = digits.partition(".")
    return bdi(f"{sign}{int(whole):,}{point}{fraction}\u00a0{unit_words(asset)}", "num")


def plain_money(amount_minor: int, asset: str) -> str:
    """The same for files and titles."""
    return str(Amount(amount_minor, asset))


def day(at: datetime) -> SafeString:
    """A day in the client's zone: 17 Nov 2026."""
    local = timezone.localtime(at)
    shown = _day(local.date(), get_language() or "")
    return format_html('<time datetime="{}"><bdi>{}</bdi></time>', local.isoformat(timespec="seconds"), shown)


@lru_cache(maxsize=4_096)  # a list says the same days over and over
def _day(local: date, language: str) -> str:
    return date_format(local, "j M Y")


def plain_day(at: datetime) -> str:
    """The same for messages."""
    return date_format(timezone.localtime(at), "j M Y")


def moment(at: datetime) -> SafeString:
    """A moment in the client's zone: 17 Nov 2026, 18:05."""
    local = timezone.localtime(at)
    shown = date_format(local, "j M Y, H:i")
    return format_html('<time datetime="{}"><bdi>{}</bdi></time>', local.isoformat(timespec="seconds"), shown)


def person(one: Person | None, id: str = "") -> SafeString:
    """A person by name; by the beginning of the id where no name is known."""
    if one is not None and one.is_erased:
        return format_html('<span class="quiet">{}</span>', _("erased person"))
    if one is not None and one.name:
        return bdi(one.name)
    return bdi(f"prs_{(one.id if one else id)[:8]}", "code")


def event_word(type: str) -> str:
    """What happened; an event type of the client's own is shown as it is named."""
    return str(_EVENTS.get(type, type.replace("_", " ").capitalize()))


def dead_word(reason: str) -> str:
    """Why an event waits undecided, as a sentence."""
    known: dict[str, Words] = {"at_in_future": gettext_lazy("It lies in the future and waits until then.")}
    return str(known.get(reason) or (reason if " " in reason else label(reason) + "."))


def event_amount(event: Event) -> SafeString | str:
    """The amount of an event's order, if it has one."""
    return money(event.order.amount_minor, event.order.currency) if event.order and event.order.currency else ""


def move(reason: str, phase: str) -> str:
    """What an entry did."""
    return str(_MOVES.get((reason, phase)) or f"{reason.replace('_', ' ')}, {_PHASES.get(phase, phase)}")


def phase_word(phase: str) -> str:
    """How far an entry is."""
    return str(_PHASES.get(phase, phase))


def account(name: str, people: dict[str, Person], program: str = "") -> SafeString:
    """An account in words: whose it is; the program is named where it is not the one the page is about."""
    family, _colon, owner = name.partition(":")
    if family == "payable":
        return format_html(_("owed to {}"), person(people.get(owner), owner))
    if family == "owed":
        return format_html(_("owed back by {}"), person(people.get(owner), owner))
    named = {
        "budget": _("budget"),
        "reserved": _("reserved budget"),
        "prizes": _("prizes"),
        "cost": _("cost of rewards that are not money"),
        "overrun": _("overrun line"),
        "funding": _("client's funding"),
        "sent": _("sent out"),
        "recovered": _("recovered"),
        "written_off": _("written off"),
        "redeemed": _("redeemed in"),
        "expired": _("expired points of"),
    }.get(family, family)
    return format_html("{} {}", named, bdi(owner, "code")) if owner and owner != program else text(named)


def label(name: str) -> str:
    """A milestone or promise key as words: first_order -> First order."""
    return name.replace("_", " ").capitalize()


def humane(text: str) -> str:
    """A value of a reason for people: ISO days become days, conditions become words, nobody is called an advocate."""

    def spelled(match: re.Match[str]) -> str:
        try:
            return date_format(datetime(int(match[1]), int(match[2]), int(match[3])), "j M Y")
        except ValueError:
            return match[0]

    if text in METHODS:
        return str(METHODS[text])
    text = _SIDE.sub(
        lambda match: str(_SIDES[match[1]]).format(match[2].replace("_", " ")), _ISO_DAY.sub(spelled, text)
    )
    for sign, spoken in _SIGNS:
        text = text.replace(f" {sign} ", f" {spoken} ")
    return text


def found(sentence: str) -> str:
    """What a check found, in the reader's language: the sentence is looked up with its numbers set aside."""
    numbers = _NUMBER.findall(sentence)
    return _(_NUMBER.sub("{}", sentence)).format(*numbers) if "{" not in sentence else sentence


def remark(one: Remark) -> tuple[str, str]:
    """What a check by law or sense says, and its repair, in the reader's language: the sentences are looked up without values."""
    says, repair = one.sentences if one.values else (one.words, one.repair)
    return in_sentence(_(says), one.values), in_sentence(_(repair), one.values)


# Why a person denied, by its code word in the log.
REVIEW_WHYS: dict[str, Promise] = {
    "self_referral": gettext_lazy("Self-referral"),
    "duplicate": gettext_lazy("Duplicate"),
    "fake": gettext_lazy("Fake"),
    "terms": gettext_lazy("Against the terms"),
    "other": gettext_lazy("Other"),
}


def said(reason: Reason, voice: str) -> SafeString:
    """The sentence of a reason in one voice, its values set apart; '' where that voice is told nothing."""
    template = template_of(reason, "agent" if voice == "auditor" else voice)
    if template is None:
        return format_html("{}: {}", reason.code, bdi(reason.value or ""))
    if not template:
        return SafeString("")
    words: str = escape(_(template))
    for name, value in (("value", reason.value), ("needed", reason.needed)):
        told = found(value) if value and reason.code == "finding" else value
        told = str(REVIEW_WHYS.get(value, value)) if value and reason.code.startswith("review_") else told
        told = event_word(value) if value in _EVENTS and reason.code == "milestone_open" else told
        words = words.replace("{" + name + "}", bdi(humane(told)) if told else "–")
    return SafeString(words)
