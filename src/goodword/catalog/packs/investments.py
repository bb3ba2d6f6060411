"""High-risk investments and crypto-assets: incentives to invest are banned in the United Kingdom, refer-a-friend among them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from goodword.catalog.sighting import promises
from goodword.core.checks import Case, Check, Pack, Place, Source

_FCA = Source(
    "FCA COBS 4.12A and following: PS22/10 (restricted mass market investments, incentives banned from 2023-02-01)"
    " and PS23/6 (crypto-assets, in force 2023-10-08)",
    date(2026, 11, 22),
    "https://insurance-edge.net/2022/08/01/investment-fca-bans-refer-a-friend-bonus-marketing/",
)


def _any_reward(case: Case) -> Iterator[Place]:
    for field, promise in promises(case):
        if promise.to in ("advocate", "friend"):
            yield Place(
                field,
                "An incentive to invest is offered where refer-a-friend bonuses are banned.",
                'Leave the UK out of its places, or track without any promise (type: "tracking").',
                "GB",
            )
        elif promise.to == "agent":
            yield Place(
                field,
                "An agent's commission is no incentive to the investor only as long as nothing of it reaches one.",
                "Pay agents who are authorised and do not invest, and have compliance confirm it; then override with their name.",
                "GB",
            )
    if case.terms.contest:
        yield Place("contest", "Prizes are an incentive to invest as well.", "Leave the UK out of its places.", "GB")


INVESTMENTS = Pack(
    slug="investments",
    title="High-risk investments",
    help=__doc__ or "",
    sectors=("investments",),
    checks=(Check("uk-ban", "No monetary or other incentive to invest.", "block", _FCA, _any_reward, ("GB",)),),
)
