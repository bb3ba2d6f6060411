"""What does somebody who writes a program want to know of the past? How fast it spends, and what the client's feeds deliver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Sum

from goodword.store.models import Referral, Reward

PACE_DAYS = 90
_LOOKED_AT = 5_000  # rows of attributes: enough to meet every name that feeds deliver regularly
_TAKEN_BACK = ("voided", "clawed_back", "written_off")


@dataclass(frozen=True)
class Given:
    """What one promise to one role gave of late."""

    role: str
    asset: str
    count: int
    amount_minor: int


@dataclass(frozen=True)
class Reached:
    """What a program brought since a day: friends who became customers, and what was given for them."""

    customers: int
    given_minor: dict[str, int]


def given_since(client_id: str, program_id: str, since: datetime) -> list[Given]:
    """Rewards granted since then and not taken back, by role and asset."""
    rows = (
        Reward.objects.of(client_id)
        .filter(program_id=program_id, granted_at__gte=since)
        .exclude(state__in=_TAKEN_BACK)
        .values_list("role", "asset")
        .annotate(n=Count("id"), minor=Sum("amount_minor"))
        .order_by("role", "asset")
    )
    return [Given(role, asset, n, int(minor or 0)) for role, asset, n, minor in rows]


def reached(client_id: str, program_id: str) -> Reached:
    """All that a program brought so far."""
    customers = (
        Referral.objects.of(client_id).filter(program_id=program_id, state__in=("qualified", "rewarded")).count()
    )
    sums = (
        Reward.objects.of(client_id)
        .filter(program_id=program_id)
        .exclude(state__in=_TAKEN_BACK)
        .values_list("asset")
        .annotate(minor=Sum("amount_minor"))
    )
    return Reached(customers, {asset: int(minor or 0) for asset, minor in sums})


def delivered(client_id: str) -> tuple[str, ...]:
    """Names of attributes that the client's feeds deliver, by a part of their rows that is quick to look at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(DISTINCT name ORDER BY name) FROM (SELECT name FROM attribute WHERE client_id = %s LIMIT %s) AS few",
            [client_id, _LOOKED_AT],
        )
        (names,) = cursor.fetchone()
    return tuple(names or ())
