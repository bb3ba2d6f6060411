"""How far is a client decided, and where does its business clock stand? One row of its lane."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from goodword.store.models import Lane, Referral


@dataclass(frozen=True)
class Clock:
    """A client's business time: where decisions have come to, the moment it is held at, and the next moment that is due."""

    decided_to: datetime | None
    held_at: datetime | None
    next_due_at: datetime | None

    def now(self, at: datetime) -> datetime:
        """The present of the client: never before what was decided already."""
        return max(one for one in (self.held_at or at, self.decided_to) if one is not None)


def decided_of_all(client_ids: Iterable[str]) -> int:
    """How many decisions there are of these clients together: it changes whenever something is decided for one of them."""
    found = Lane.objects.filter(client_id__in=list(client_ids)).aggregate(total=Sum("decision_seq"))
    return int(found["total"] or 0)


def clock_of(client_id: str) -> Clock:
    """The client's clock, and the first moment at which something will be decided by itself."""
    row = Lane.objects.filter(client_id=client_id).values_list("clock", "held_at").first() or (None, None)
    waiting = Referral.objects.filter(client_id=client_id, next_due_at__isnull=False)
    return Clock(row[0], row[1], waiting.order_by("next_due_at").values_list("next_due_at", flat=True).first())
