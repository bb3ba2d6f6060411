"""How is a round told? Its rules and prizes in sentences, its places with people, its winners with what can be done about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from goodword.core.contest import Contest, Prize, Round, Winner
from goodword.core.contest_board import Standing, offers
from goodword.store.reads.contests import Called, Placed
from goodword.store.reads.people import Person
from goodword.web import words

ROUND_STATES: dict[str, tuple[str | Promise, str, str]] = {  # word, icon, tone
    "planned": (gettext_lazy("nobody joined yet"), "clock", "mute"),
    "open": (gettext_lazy("running"), "half", "info"),
    "frozen": (gettext_lazy("frozen"), "lock", "wait"),
    "awarded": (gettext_lazy("waiting for winners"), "clock", "wait"),
    "closed": (gettext_lazy("closed"), "ok", "ok"),
}
WINNER_STATES: dict[str, tuple[str | Promise, str, str]] = {
    "offered": (gettext_lazy("not answered yet"), "clock", "wait"),
    "accepted": (gettext_lazy("theirs"), "ok", "ok"),
    "lapsed": (gettext_lazy("not accepted in time"), "sand", "mute"),
    "disqualified": (gettext_lazy("disqualified"), "no", "stop"),
}
WHYS: dict[str, str | Promise] = {
    "staff": gettext_lazy("works for the client or the house"),
    "household": gettext_lazy("lives with somebody who may not win"),
    "self_referral": gettext_lazy("referred themselves"),
    "fake": gettext_lazy("the friends are not real"),
    "terms": gettext_lazy("broke the terms"),
    "other": gettext_lazy("another reason"),
}


@dataclass(frozen=True)
class Row:
    """A place on the board as the page shows it."""

    rank: int | None
    person: SafeString
    party: str
    called: Called
    worth: SafeString
    waiting: SafeString | str
    prize: SafeString | str
    reached_at: datetime | None
    is_own: bool = False


@dataclass(frozen=True)
class WinnerRow:
    """A winner as the page shows them."""

    winner: Winner
    person: SafeString
    what: SafeString
    word: str | Promise
    icon: str
    tone: str
    why: str | Promise
    place: SafeString
    tax: str


def worth(contest: Contest, currency: str, value: int) -> SafeString:
    """A score: friends, an amount, or points."""
    if contest.metric == "amount":
        return words.money(value, currency)
    if contest.metric == "points":
        return format_html(ngettext("{} point", "{} points", value), words.bdi(f"{value:,}", "num"))
    return format_html(ngettext("{} friend", "{} friends", value), words.bdi(f"{value:,}", "num"))


def rows(
    contest: Contest,
    currency: str,
    placed: Iterable[Placed],
    people: dict[str, Person],
    called: dict[str, Called],
    prizes: dict[str, SafeString],
    own: str | None,
) -> list[Row]:
    """Places with names, scores, and what they would win as it stands."""
    return [
        _row(contest, currency, one.standing, people, called, prizes, one.rank, is_own=one.standing.party == own)
        for one in placed
    ]


def waiting_rows(
    contest: Contest, currency: str, waiting: Iterable[Standing], people: dict[str, Person], called: dict[str, Called]
) -> list[Row]:
    """Who has friends that somebody still has to look at, and none that count yet."""
    return [_row(contest, currency, one, people, called, {}, None) for one in waiting]


def _row(
    contest: Contest,
    currency: str,
    one: Standing,
    people: dict[str, Person],
    called: dict[str, Called],
    prizes: dict[str, SafeString],
    rank: int | None,
    *,
    is_own: bool = False,
) -> Row:
    return Row(
        rank,
        words.person(people.get(one.party), one.party),
        one.party,
        called.get(one.party, Called()),
        worth(contest, currency, one.value),
        worth(contest, currency, one.provisional_value) if one.provisional_value else "",
        prizes.get(one.party, ""),
        one.reached_at,
        is_own,
    )


def would_win(contest: Contest, label: str, placed: Iterable[Placed]) -> dict[str, SafeString]:
    """What falls to whom by place as it stands; draws are left out, for nobody knows them yet."""
    order = [one.standing for one in placed]
    return {one.party: words.money(one.minor, one.prize.give.asset) for one in offers(contest, label, order, None)}


def falls(contest: Contest, label: str, placed: Iterable[Placed]) -> tuple[int, SafeString | str]:
    """How many winners by place there are as it stands, and what they get together."""
    found = list(offers(contest, label, [one.standing for one in placed], None))
    sums: dict[str, int] = {}
    for one in found:
        sums[one.prize.give.asset] = sums.get(one.prize.give.asset, 0) + one.minor
    return len(found), _sum(sums.items())


def have_won(round_: Round) -> dict[str, SafeString]:
    """What was given to whom."""
    return {one.party: words.money(one.amount_minor, one.asset) for one in round_.winners if one.stands}


def prize_words(prize: Prize) -> SafeString:
    """Who gets what: "Place 1: 300.00 EUR"."""
    what = prize.kind.sentence(prize.give)
    if prize.is_draw:
        tickets = _("one ticket a friend") if prize.weight == "friends" else _("one ticket an entrant")
        told = ngettext(
            "{n} drawn winner: {what}, {tickets}", "{n} drawn winners: {what} each, {tickets}", prize.winners
        )
        return format_html(told, n=words.bdi(prize.winners), what=words.bdi(what), tickets=tickets)
    if prize.first == prize.last:
        return format_html(_("Place {n}: {what}"), n=words.bdi(prize.first), what=words.bdi(what))
    return format_html(
        _("Places {a} to {b}: {what} each"), a=words.bdi(prize.first), b=words.bdi(prize.last), what=words.bdi(what)
    )


def headline(contest: Contest) -> str:
    """What it takes to win, in a sentence."""
    return {
        "friends": _("Whoever brings the most friends wins."),
        "amount": _("Whoever's friends order the most wins."),
        "points": _("Whoever earns the most points by friends wins."),
    }[contest.metric]


def rules(contest: Contest, currency: str) -> list[SafeString | str]:
    """The rules of a round, a sentence each."""
    dated = {
        "joined": _("A friend counts in the round in which they joined, if they qualify by the freeze."),
        "qualified": _("A friend counts in the round in which they qualify."),
    }[contest.counts]
    ties = {
        "reached_first": _("Who is level: the first to reach the score is ahead."),
        "share": _("Who is level shares the prizes of their places."),
        "draw": _("Who is level: a committed random number decides."),
    }[contest.ties]
    found: list[SafeString | str] = [headline(contest), dated, ties]
    if contest.minimum > 1:
        found.append(format_html(_("It takes {} to win a place."), worth(contest, currency, contest.minimum)))
    found += [
        format_html(_("May not win: whoever meets {}."), words.bdi(words.humane(one.words))) for one in contest.excluded
    ]
    if contest.one_a_household:
        found.append(_("Of a household one wins, and nobody where one of it may not."))
    return found


def winner_rows(contest: Contest, round_: Round, people: dict[str, Person]) -> list[WinnerRow]:
    """Everybody a prize was offered to, in the order in which it was."""
    prizes = {prize.key: prize for prize in contest.prizes}
    found = []
    for one in round_.winners:
        word, icon, tone = WINNER_STATES[one.state]
        prize = prizes[one.prize]
        place = _("draw {}") if prize.is_draw else _("place {}")
        found.append(
            WinnerRow(
                one,
                words.person(people.get(one.party), one.party),
                words.money(one.amount_minor, one.asset),
                word,
                icon,
                tone,
                WHYS.get(one.why, one.why),
                format_html(place, words.bdi(one.place)),
                prize.tax,
            )
        )
    return found


def pool(round_: Round) -> SafeString | str:
    """What lies ready for the prizes of a round."""
    return _sum((asset, minor) for asset, minor, _source in round_.pool)


def total(contest: Contest) -> SafeString | str:
    """What all prizes of a round come to."""
    sums: dict[str, int] = {}
    for prize in contest.prizes:
        sums[prize.give.asset] = sums.get(prize.give.asset, 0) + prize.minor * prize.count
    return _sum(sums.items())


def _sum(parts: Iterable[tuple[str, int]]) -> SafeString | str:
    told = [words.money(minor, asset) for asset, minor in parts if minor]
    if not told:
        return ""
    text = told[0]
    for one in told[1:]:
        text = format_html(_("{} and {}"), text, one)
    return text
