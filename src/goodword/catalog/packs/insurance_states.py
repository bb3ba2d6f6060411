"""What do the states of the US allow to be given for a referral of insurance? A table: each row with its statute, or unverified."""

from __future__ import annotations

from datetime import date

import msgspec

from goodword.core.checks import Source

READ = date(2026, 11, 22)
REFERRER, FRIEND = ("advocate", "agent"), ("friend",)
EVERYBODY = (*REFERRER, *FRIEND, "person")


class Rule(msgspec.Struct, frozen=True):
    """What may be given to whom: up to how many USD cents within which span, in money or not, for a purchase or not."""

    to: tuple[str, ...]
    source: Source
    most_minor: int | None = None  # None: no limit is known
    span: str = "reward"  # reward: each one | year: a calendar year | twelve_months: any twelve | ever
    is_below: bool = False  # less than the limit, not up to it
    money: bool = True  # whether money may be given
    for_a_sale: bool = True  # whether it may hang on a purchase (the checks for all states say more)


class State(msgspec.Struct, frozen=True):
    """A row of the table. What was not verified warns and never blocks."""

    code: str
    says: str
    rules: tuple[Rule, ...]
    is_verified: bool = True
    may_not_discuss: bool = False  # whoever refers may not talk about the terms of a policy

    @property
    def name(self) -> str:
        """What people call it."""
        return NAMES[self.code]


def _fees(source: Source) -> Rule:
    """Fees for a referral that may not hang on the purchase."""
    return Rule(REFERRER, source, for_a_sale=False)


def _by_survey(code: str, says: str, statute: str, most_minor: int, **more: bool | str) -> State:
    """A row of which only a survey without a date is known, with the statute that the survey names."""
    source = Source(
        f"{statute}, as told by Note to Producers: survey of gift limits by state (no date, after 2011)", READ
    )
    return State(code, says, (msgspec.structs.replace(Rule(EVERYBODY, source, most_minor), **more),), is_verified=False)


_THREE = Source(
    "N.Y. Ins. Law 2114-2116, 40 P.S. 310.72, 215 ILCS 5/500-80, as told by PropertyCasualty360, 2013-07-31",
    READ,
    "https://propertycasualty360.com/2013/07/31/moving-target",
)
_NEW_YORK = Source(
    "N.Y. Ins. Law 2114-2116 and 2324, OGC Opinion 07-06-16 of 2007-06-18",
    READ,
    "http://www.dfs.ny.gov/insurance/ogco2007/rg070616.htm",
)
_NEW_YORK_GIFTS = Source("N.Y. Ins. Law 2324 (a)", READ, "https://www.nysenate.gov/legislation/laws/ISC/2324")
_PENNSYLVANIA_GIFTS = Source("40 P.S. 310.45 (a.1) and (a.2)", READ)
_FLORIDA = Source(
    "Florida Statutes 626.112(8), Department of Financial Services as told by Radey Law, 2015-12-06",
    READ,
    "https://www.radeylaw.com/2015/12/06/dfs-discusses-differences-referral-fees-advertising-gifts-unlawful-inducements/",
)
_FLORIDA_GIFTS = Source(
    "Florida Statutes 626.9541(1)(m) since 2018-07-01, as told by Colodny Fass, 2018-06-15",
    READ,
    "https://colodnyfass.com/blog/breaking-news-floridas-insurance-advertising-and-promotional-gift-law-expanded",
)
_WASHINGTON = Source(
    "RCW 48.30.133, WAC 284-17-825, Office of the Insurance Commissioner",
    READ,
    "https://www.insurance.wa.gov/referrals",
)

# Only states for which a source was read. Whatever is not here is told as "no row", never as allowed.
STATES = (
    State(
        "US-NY",
        "a fee may not be based on the purchase, and terms of a policy may not be discussed; a friend gets up to 25 USD",
        (_fees(_NEW_YORK), Rule(FRIEND, _NEW_YORK_GIFTS, 25_00)),
        may_not_discuss=True,
    ),
    State(
        "US-PA",
        "a fee may not depend on the purchase; a friend gets no money, up to 100 USD a year, and not for the purchase",
        (_fees(_THREE), Rule(FRIEND, _PENNSYLVANIA_GIFTS, 100_00, "year", money=False, for_a_sale=False)),
    ),
    State("US-IL", "a fee may not depend on the purchase", (_fees(_THREE),)),
    State(
        "US-FL",
        "a fee is lawful where it is given for every referral; a friend gets no money, up to 100 USD in a calendar year",
        (_fees(_FLORIDA), Rule(FRIEND, _FLORIDA_GIFTS, 100_00, "year", money=False)),
    ),
    State(
        "US-WA",
        "goods or gift cards up to 100 USD in any 12 months, no cash to insured people, not for an application or purchase",
        (Rule(EVERYBODY, _WASHINGTON, 100_00, "twelve_months", money=False, for_a_sale=False),),
    ),
    _by_survey(
        "US-AL", "gifts up to 15 USD, no cash", "Alabama Code 27-12-12, Admin. Code 482-1-088", 15_00, money=False
    ),
    _by_survey("US-AK", "inducements are prohibited", "Alaska Stat. 21.36.100", 0),
    _by_survey("US-AZ", "goods up to 25 USD in all", "Arizona Rev. Stat. 20-452(4)", 25_00, span="ever", money=False),
    _by_survey("US-AR", "token gifts up to 25 USD", "Arkansas Code 23-66-206(10)", 25_00, money=False),
    _by_survey("US-CO", "inducements are prohibited", "Colorado Rev. Stat. 10-3-1104(1)(g)", 0),
    _by_survey("US-CT", "inducements are prohibited", "Connecticut Gen. Stat. 38a-825, Bulletin S-12", 0),
    _by_survey("US-DE", "inducements are prohibited", "18 Del. C. 2304(8)", 0),
    _by_survey("US-DC", "gifts that cost less than 10 USD", "D.C. Code 31-2231.12(f)", 10_00, is_below=True),
)

NAMES = {
    "US-AL": "Alabama", "US-AK": "Alaska", "US-AZ": "Arizona", "US-AR": "Arkansas", "US-CA": "California",
    "US-CO": "Colorado", "US-CT": "Connecticut", "US-DE": "Delaware", "US-DC": "the District of Columbia",
    "US-FL": "Florida", "US-GA": "Georgia", "US-HI": "Hawaii", "US-ID": "Idaho", "US-IL": "Illinois", "US-IN": "Indiana",
    "US-IA": "Iowa", "US-KS": "Kansas", "US-KY": "Kentucky", "US-LA": "Louisiana", "US-ME": "Maine", "US-MD": "Maryland",
    "US-MA": "Massachusetts", "US-MI": "Michigan", "US-MN": "Minnesota", "US-MS": "Mississippi", "US-MO": "Missouri",
    "US-MT": "Montana", "US-NE": "Nebraska", "US-NV": "Nevada", "US-NH": "New Hampshire", "US-NJ": "New Jersey",
    "US-NM": "New Mexico", "US-NY": "New York", "US-NC": "North Carolina", "US-ND": "North Dakota", "US-OH": "Ohio",
    "US-OK": "Oklahoma", "US-OR": "Oregon", "US-PA": "Pennsylvania", "US-RI": "Rhode Island", "US-SC": "South Carolina",
    "US-SD": "South Dakota", "US-TN": "Tennessee", "US-TX": "Texas", "US-UT": "Utah", "US-VT": "Vermont",
    "US-VA": "Virginia", "US-WA": "Washington", "US-WV": "West Virginia", "US-WI": "Wisconsin", "US-WY": "Wyoming",
}  # fmt: skip
