"""Where is every cent of this referral? Entries in words, and per account a sum; all sums together are zero."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString

from goodword.store.reads.people import Person
from goodword.store.reads.referrals import Posting
from goodword.web import words


@dataclass(frozen=True)
class EntryLine:
    """An entry: from -> to in words."""

    posting: Posting
    source: SafeString
    destination: SafeString
    amount: SafeString
    did: str
    phase: str
    is_struck: bool


@dataclass(frozen=True)
class Sum:
    """What one account gained or lost by the entries shown, posted and still pending."""

    account: SafeString
    asset: str
    posted: SafeString
    pending: SafeString
    is_total: bool = False


def entry_lines(postings: tuple[Posting, ...], people: dict[str, Person], program: str = "") -> tuple[EntryLine, ...]:
    """Each entry, those that a later entry voided struck."""
    voided = {one.of for one in postings if one.phase == "void"}
    return tuple(
        EntryLine(
            one,
            words.account(one.source, people, program),
            words.account(one.destination, people, program),
            words.money(one.amount_minor, one.asset),
            words.move(one.reason, one.phase),
            words.phase_word(one.phase),
            one.id in voided,
        )
        for one in postings
    )


def sums(postings: tuple[Posting, ...], people: dict[str, Person], program: str = "") -> tuple[Sum, ...]:
    """Per account and asset what is left of what these entries did, then a total of each asset, which is zero."""
    found: dict[tuple[str, str], list[int]] = {}
    for one in postings:
        posted, pending = _EFFECT[one.phase]
        for account, sign in ((one.source, -1), (one.destination, 1)):
            line = found.setdefault((account, one.asset), [0, 0])
            line[0] += sign * posted * one.amount_minor
            line[1] += sign * pending * one.amount_minor
    lines = [
        Sum(words.account(account, people, program), asset, words.money(posted, asset), words.money(pending, asset))
        for (account, asset), (posted, pending) in found.items()
        if posted or pending
    ]
    for asset in dict.fromkeys(asset for _, asset in found):
        both = [sum(line[n] for (_, of), line in found.items() if of == asset) for n in (0, 1)]
        lines.append(Sum(SafeString(""), asset, words.money(both[0], asset), words.money(both[1], asset), True))
    return tuple(lines)


# phase -> what it adds to (posted, pending)
_EFFECT = {"posted": (1, 0), "pending": (0, 1), "post": (1, -1), "void": (0, -1)}
