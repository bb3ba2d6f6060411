"""Draws and contests: where prizes have to be registered, secured or authorised before they are announced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from goodword.catalog.sighting import needs_sale
from goodword.core.checks import Case, Check, Pack, Place, Source, values

_READ = date(2026, 11, 22)
_BONDS = Source(
    "New York GBL 369-e, Florida Statutes 849.094, Rhode Island 11-50, as told by Klein Moynihan Turco",
    _READ,
    "https://kleinmoynihan.com/sweepstakes-registration-and-bonding-requirements",
)
_ITALY = Source(
    "DPR 430/2001, as told by ConcorsiePremi", _READ, "https://www.concorsiepremi.it/en/how-to-run-a-prize-promotion/"
)
_BRAZIL = Source(
    "Brazilian Law 5.768/1971: authorization by the Ministry of Finance (SRE), as told by Contest PR",
    _READ,
    "https://contestpr.com/prize-promotions-legal-compliance-brazil/",
)
_LOTTERY = Source(
    "US lottery law: a prize, chance and a payment together are a lottery",
    _READ,
    "https://www.legalfix.com/topics/business/sweepstakes-and-contests/ny",
)
_QUEBEC = Source(
    "Quebec Bill 17 of 2023, S.Q. 2023, chapter 24, sections 75 and following, as told by WorldServicesGroup, 2023-12",
    _READ,
    "https://www.worldservicesgroup.com/publications.asp?action=article&artid=26740",
)
_RHODE_ISLAND = Source(
    "Rhode Island 11-50-1, form of the Secretary of State; a bill of 2024 would repeal the chapter, its outcome was not verified",
    _READ,
    "https://fastdemocracy.com/bill-summary/?billsummary_id=RIB00027813&billsummary_session=2024&billsummary_state=ri",
)
_BOND_MINOR, _RETAIL_MINOR = 5_000_00, 500_00
_NEW_YORK_WORDS = "In New York a draw with prizes above {limit} has to be registered and bonded 30 days before."
_FLORIDA_WORDS = "In Florida a draw with prizes above {limit} has to be registered and bonded 7 days before."
_SHOPS_WORDS = "In Rhode Island a draw with prizes above {limit} has to be registered where it runs in shops."
_BONDED_WORDS = "Register it, lower the prizes, or leave {state} out of its places; say what each prize is worth."
_UNVERIFIED_WORDS = "Register it, lower the prizes, or leave {state} out of its places; ask counsel: this law is not verified."


def has_draw(case: Case) -> bool:
    """Whether chance gives anything: prizes, ties, or a promise."""
    contest = case.terms.contest
    return bool(contest and contest.draws) or any(one.choice and one.choice.by_chance for one in case.terms.promises)


def _worth_minor(case: Case) -> int | None:
    """All prizes of one round together; None: some have no known value."""
    contest = case.terms.contest
    if contest is None:
        return None
    total = 0
    for prize in contest.prizes:
        each = prize.worth_minor if prize.worth_minor is not None else (
            prize.minor if prize.give.asset == case.terms.currency else None
        )  # fmt: skip
        if each is None:
            return None
        total += each * prize.count
    return total


def _incomparable(case: Case) -> Iterator[Place]:
    """The limits of states are in USD; nobody converts prizes for the law."""
    if has_draw(case) and case.terms.currency != "USD":
        yield Place(
            "contest.prizes",
            "The limits for draws are in USD; prizes in {currency} cannot be compared with them.",
            "Have somebody compare them on the day, register the draw, or run it in USD.",
            "US",
            values(currency=case.terms.currency),
        )


def _quebec(case: Case) -> Iterator[Place]:
    if has_draw(case):
        yield Place(
            "contest",
            "In Quebec a draw needs no registration any more since 27 October 2023, but its rules have to be in French as well.",
            "Nothing to register; have the rules in French, and let the Criminal Code and the Competition Act be looked at.",
            "CA-QC",
        )


def _bonded(code: str, limit_minor: int, words: str, repair: str = _BONDED_WORDS) -> Callable[[Case], Iterator[Place]]:
    def look(case: Case) -> Iterator[Place]:
        if not has_draw(case) or case.terms.currency != "USD":
            return
        worth = _worth_minor(case)
        if worth is None or worth > limit_minor:
            told = values(state=code, limit=f"{limit_minor // 100:,} USD")
            yield Place("contest.prizes", words, repair, code, told)

    return look


def _italy(case: Case) -> Iterator[Place]:
    if case.terms.contest or has_draw(case):
        yield Place(
            "contest",
            "In Italy every prize contest is notified 15 days before, secured for the full value, and closed before a notary.",
            "Notify it, or leave Italy out of its places.",
            "IT",
        )


def _brazil(case: Case) -> Iterator[Place]:
    if case.terms.contest or has_draw(case):
        yield Place(
            "contest",
            "In Brazil a draw or contest needs an authorization and a local company; money is no allowed prize.",
            "Have it authorised, or leave Brazil out of its places.",
            "BR",
        )


def _lottery(case: Case) -> Iterator[Place]:
    contest = case.terms.contest
    if contest and contest.draws and needs_sale(case.terms, contest.on):
        yield Place(
            "contest.on",
            "A ticket in the draw takes a purchase: prize, chance and payment together are a lottery.",
            "Let a sign-up count, or give the prizes by place without chance.",
            "US",
        )


DRAWS = Pack(
    slug="draws",
    title="Draws and contests",
    help=__doc__ or "",
    checks=(
        Check("lottery", "No draw whose tickets have to be bought.", "warn", _LOTTERY, _lottery, ("US",)),
        Check("us-ny", "New York: registration and bond above 5,000 USD, 30 days before.", "block", _BONDS,
              _bonded("US-NY", _BOND_MINOR, _NEW_YORK_WORDS), ("US-NY",)),
        Check("us-fl", "Florida: registration and bond above 5,000 USD, 7 days before.", "block", _BONDS,
              _bonded("US-FL", _BOND_MINOR, _FLORIDA_WORDS), ("US-FL",)),
        Check("us-ri", "Rhode Island: registration above 500 USD in shops.", "warn", _RHODE_ISLAND,
              _bonded("US-RI", _RETAIL_MINOR, _SHOPS_WORDS, _UNVERIFIED_WORDS), ("US-RI",)),
        Check("us-currency", "Limits in USD are compared with USD only.", "warn", _BONDS, _incomparable,
              ("US-NY", "US-FL", "US-RI")),
        Check("ca-qc", "Quebec: no registration since 2023, French rules.", "warn", _QUEBEC, _quebec, ("CA-QC",)),
        Check("italy", "Italy: notification, security, notary.", "block", _ITALY, _italy, ("IT",)),
        Check("brazil", "Brazil: authorization.", "block", _BRAZIL, _brazil, ("BR",)),
    ),
)  # fmt: skip
