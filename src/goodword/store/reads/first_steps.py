"""What has really been done for a client by hand? Read from referrals and from the log of acts, never from a click."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from goodword.core.units import POINTS
from goodword.store.models import Action, ImportRun, Referral, Reward

_QUALIFIED = ("qualified", "rewarded", "reversed")


@dataclass(frozen=True)
class Payable:
    """The reward that has waited longest to leave the house."""

    id: str
    amount_minor: int
    asset: str


@dataclass(frozen=True)
class Done:
    """How far a client has come. `verbs` are those acts out of the wanted ones that somebody has done for it."""

    has_referral: bool
    has_qualified: bool
    verbs: frozenset[str]
    holds: int
    payable: Payable | None


def done_for(client_id: str, verbs: Iterable[str]) -> Done:
    """What happened since the client is there; for a brand of the demo, since its history had flowed in."""
    referrals = Referral.objects.filter(client_id=client_id)
    ours = referrals if (told_until := _told_until(client_id)) is None else referrals.filter(created_at__gt=told_until)
    acts = Action.objects.filter(client_id=client_id, verb__in=list(verbs)).values_list("verb", flat=True).distinct()
    return Done(
        has_referral=ours.exists(),
        has_qualified=ours.filter(state__in=_QUALIFIED).exists(),
        verbs=frozenset(acts),
        holds=referrals.filter(state="held").count(),
        payable=_payable(client_id),
    )


def _told_until(client_id: str) -> datetime | None:
    return ImportRun.objects.filter(client_id=client_id, kind="demo").values_list("as_of", flat=True).first()


def _payable(client_id: str) -> Payable | None:
    money = Reward.objects.filter(client_id=client_id, state="payable").exclude(asset__startswith=POINTS)
    waiting = money.order_by("due_at", "id")
    row = waiting.values_list("id", "amount_minor", "asset").first()
    return Payable(row[0].hex, row[1], row[2]) if row else None
