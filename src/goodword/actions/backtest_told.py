"""How is the outcome of a backtest told to scripts, files and pages? The same figures, wherever somebody asked for it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from goodword.actions.backtesting import Backtest
from goodword.core.amounts import to_decimal
from goodword.core.comparison import Outcome, Sides, Sums, standing
from goodword.core.reasons import text_of, verdict
from goodword.core.recorded import Recorded


def as_data(found: Backtest) -> dict[str, Any]:
    """The outcome for scripts; amounts are decimal strings by currency."""
    comparison = found.comparison
    return {
        "events": found.events,
        "decided_anew_because": found.anew or None,
        "until": _told(found.until) or "-",
        "erased_people_left_out": found.left_out,
        "counts": dict(comparison.counts),
        "before": sums_data(comparison.whole.before),
        "after": sums_data(comparison.whole.after),
        "by_channel": _split(comparison.by_channel),
        "by_market": _split(comparison.by_market),
        "by_tier": _split(comparison.by_tier),
        "newly_rewarded_but_denied_or_reversed": comparison.suspicious,
        "budget_ended_at": _told(found.budget_ended_at),
        "near_misses": [
            {
                "reason": one.code,
                "needed": to_decimal(one.needed_minor, one.asset),
                "currency": one.asset,
                "short_by_at_most_percent": one.percent,
                "count": one.count,
                "most_missing": to_decimal(one.most_missing_minor, one.asset),
            }
            for one in comparison.near
        ],
    }


def _split(parts: dict[str, Sides]) -> dict[str, Any]:
    """Both sides by part; the part of which nobody knows is called unknown."""
    return {
        name or "unknown": {"before": sums_data(sides.before), "after": sums_data(sides.after)}
        for name, sides in in_order(parts)
    }


def in_order(parts: dict[str, Sides]) -> list[tuple[str, Sides]]:
    """The parts by name, tiers as numbers; what belongs to none comes last."""
    return sorted(parts.items(), key=lambda part: (not part[0], _number(part[0]), part[0]))


def _number(name: str) -> Decimal:
    number = name.partition(" ")[0]
    return Decimal(number) if number.replace(".", "", 1).isdecimal() else Decimal(0)


def line_of(outcome: Outcome) -> dict[str, Any]:
    """One referral that changes, with both explanations side by side."""
    known = outcome.after or outcome.before
    assert known is not None, "an outcome has a side"
    return {
        "referral": f"ref_{known.id}",
        "friend": f"prs_{known.friend}",
        "method": known.method,
        "change": outcome.change,
        "before": _side(outcome.before),
        "after": _side(outcome.after),
    }


def _side(referral: Recorded | None) -> dict[str, Any] | None:
    if referral is None:
        return None
    reason = verdict(referral.reasons)
    return {
        "version": referral.version,
        "state": referral.state,
        "rewards": [
            {"to": to, "amount": to_decimal(minor, asset), "currency": asset}
            for (to, asset), minor in standing(referral).items()
        ],
        "why": text_of(reason, "agent") if reason else "",
        "reason": reason.code if reason else None,
    }


def sums_data(sums: Sums) -> dict[str, Any]:
    """One side's figures; cost per customer where there are customers."""
    return {
        "referrals": sums.referrals,
        "customers": sums.customers,
        "given": {asset: to_decimal(minor, asset) for asset, minor in sorted(sums.given_minor.items())},
        "open": {asset: to_decimal(minor, asset) for asset, minor in sorted(sums.open_minor.items())},
        "cost_per_customer": {
            asset: to_decimal(minor // sums.customers, asset)
            for asset, minor in sorted(sums.given_minor.items())
            if sums.customers
        },
    }


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
