"""Insurance in the United States: what may be given for a referral, of which kind and up to what, state by state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from goodword.catalog.sighting import MONEY_KINDS, most_minor, needs_sale, promises
from goodword.core.amounts import Amount
from goodword.core.checks import Case, Check, Pack, Place, Source


class State(msgspec.Struct, frozen=True):
    """A state's rule for gifts to people without a licence: the limit in USD cents, whether money is allowed, its source."""

    code: str
    most_minor: int | None
    money: bool
    words: str
    source: Source


_READ = date(2026, 11, 22)
_MULTI = Source(
    "NAIC Producer Licensing Model Act section 13 D; Insurance Journal, Referral Fees: A Multi-State Overview, 2024-02-19",
    _READ,
    "https://www.insurancejournal.com/magazines/mag-features/2024/02/19/761025.htm",
)
_THREE = Source(
    "N.Y. Ins. Law 2114-2116, 40 P.S. 310.72, 215 ILCS 5/500-80, as told by PropertyCasualty360, 2013-07-31",
    _READ,
    "https://propertycasualty360.com/2013/07/31/moving-target",
)
_SURVEY = Source("Note to Producers: survey of gift limits by state (after 2011; amounts may have changed)", _READ)

# Only states for which a source was read. Whatever is not here is told as "not in the table", never as allowed.
STATES = (
    State("US-NY", None, True, "a fee may not be based on the purchase, and terms of a policy may not be discussed", _THREE),
    State("US-PA", None, True, "a fee may not depend on the purchase", _THREE),
    State("US-IL", None, True, "a fee may not depend on the purchase", _THREE),
    State("US-FL", None, True, "a fee is lawful where it is given for every referral, not just for those that buy",
          Source("Florida Statutes 626.112(8), Department of Financial Services as told by Radey Law, 2015-12-06", _READ,
                 "https://www.radeylaw.com/2015/12/06/dfs-discusses-differences-referral-fees-advertising-gifts-unlawful-inducements/")),
    State("US-WA", 100_00, False, "goods or gift cards up to 100 USD in 12 months, no cash to insured people",
          Source("RCW 48.30.133, WAC 284-17-825, Office of the Insurance Commissioner", _READ,
                 "https://www.insurance.wa.gov/referrals")),
    State("US-AL", 15_00, False, "gifts up to 15 USD, no cash", _SURVEY),
    State("US-AK", 0, False, "inducements are prohibited", _SURVEY),
    State("US-AZ", 25_00, False, "goods up to 25 USD in all", _SURVEY),
    State("US-AR", 25_00, False, "token gifts up to 25 USD", _SURVEY),
    State("US-CO", 0, False, "inducements are prohibited", _SURVEY),
    State("US-CT", 0, False, "inducements are prohibited", _SURVEY),
    State("US-DE", 0, False, "inducements are prohibited", _SURVEY),
    State("US-DC", 10_00, False, "gifts that cost less than 10 USD", _SURVEY),
)  # fmt: skip


def _per_sale(case: Case) -> Iterator[Place]:
    for field, promise in promises(case):
        if promise.to == "advocate" and needs_sale(case.terms, promise.on):
            yield Place(
                f"{field}.on",
                "The reward for a referral depends on the sale of insurance.",
                "Pay for the referral or the completed quote: put the promise on that milestone.",
                "US",
            )


def _commission(case: Case) -> Iterator[Place]:
    for field, promise in promises(case):
        if any(row.kind.slug in ("commission", "percent") for row in promise.lines):
            yield Place(
                f"{field}.give",
                "A share of the premium is given to people without a licence.",
                "Give a fixed amount for each referral.",
                "US",
            )


def _state(state: State) -> Check:
    def look(case: Case) -> Iterator[Place]:
        for field, promise in promises(case):
            for row in promise.lines:
                worth = most_minor(case.terms, row)
                is_money = row.kind.slug in MONEY_KINDS
                if state.most_minor == 0:
                    yield _place(state, field, f"No reward may be given in {state.code}", "Leave the state out.")
                elif is_money and not state.money:
                    yield _place(state, field, f"Money may not be given in {state.code}", "Give a gift card or goods.")
                elif state.most_minor is not None and (worth is None or worth > state.most_minor):
                    most = Amount(state.most_minor, "USD")
                    yield _place(state, field, f"In {state.code} at most {most} may be given", f"Lower it to {most}.")

    return Check(
        f"state-{state.code.lower()}", f"{state.code}: {state.words}.", "block", state.source, look, (state.code,)
    )


def _place(state: State, field: str, words: str, repair: str) -> Place:
    return Place(f"{field}.give", f"{words}: {state.words}.", repair, state.code)


def _unlisted(case: Case) -> Iterator[Place]:
    listed = {state.code for state in STATES}
    for market in case.places:
        if market.startswith("US-") and market not in listed:
            yield Place(
                "places", f"{market} is not in the table of states.", "Ask its insurance department first.", market
            )
        if market == "US":
            yield Place(
                "places",
                "The whole of the US is named, but kinds and limits differ by state.",
                "Name the states in which it runs: US-NY, US-FL.",
                market,
            )


INSURANCE = Pack(
    slug="insurance",
    title="Insurance",
    help=__doc__ or "",
    sectors=("insurance",),
    checks=(
        Check("per-referral", "Paid per referral or quote, not per sale.", "block", _MULTI, _per_sale, ("US",)),
        Check(
            "no-share", "No share of the premium for people without a licence.", "block", _THREE, _commission, ("US",)
        ),
        *(_state(state) for state in STATES),
        Check("listed", "States that the table does not know.", "warn", _MULTI, _unlisted, ("US",)),
    ),
)
