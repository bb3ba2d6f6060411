"""What did a person do that counts? Orders once each, corrected by the latest sending, net of what was taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from goodword.core.events import DISPUTES, TAKES_BACK, Event
from goodword.core.situation import Situation

WHOLE_PROGRAM = "program"
_NEVER_COUNT = TAKES_BACK | {"click", "share", "update", "claim"}


class Fact(msgspec.Struct, frozen=True):
    """An event that may count towards milestones. `amount` is the sending that stands for the amount."""

    event: Event
    amount: Event
    back_minor: int = 0
    cancelled: bool = False
    ended: frozenset[str] = frozenset()  # what a later cancel named: "subscription", "deal" ...
    disputed_at: datetime | None = None  # since when a dispute is open

    @property
    def gone(self) -> bool:
        """Fully taken back: counts as not made."""
        paid = self.amount.order.amount_minor if self.amount.order else 0
        return self.cancelled or (self.back_minor > 0 and self.back_minor >= paid)

    def gone_for(self, cancelled_by: str | None) -> bool:
        """Taken back, or ended by a cancel of what the milestone names."""
        return self.gone or (cancelled_by is not None and cancelled_by in self.ended)

    def base_minor(self, base: str) -> int:
        """The base of the order, less the same share of it that was given back, half up, never below zero."""
        whole = base_of(self.amount, base)
        paid = self.amount.order.amount_minor if self.amount.order else 0
        if self.back_minor <= 0 or paid <= 0:
            return whole
        left = max(0, paid - self.back_minor)
        return (2 * whole * left + paid) // (2 * paid)


def subject_of(event: Event) -> str:
    """Key of what the event is about."""
    return event.subject.id if event.subject else WHOLE_PROGRAM


def facts_of(history: Iterable[Event]) -> list[Fact]:
    """The facts in a history that is in canonical order."""
    back: dict[tuple[str, str], int] = {}
    cancels: list[Event] = []
    disputes: list[Event] = []
    latest: dict[tuple[str, str], Event] = {}
    counted: list[Event] = []
    for event in history:
        if event.type == "refund" and event.order is not None:
            key = (event.order.id, event.order.currency)
            back[key] = back.get(key, 0) + event.order.amount_minor
        elif event.type == "cancel":
            cancels.append(event)
        elif event.type in DISPUTES:
            disputes.append(event)
        elif event.type not in _NEVER_COUNT:
            if event.order is None:
                counted.append(event)
                continue
            same_order = (event.type, event.order.id)
            if same_order not in latest:
                counted.append(event)
            latest[same_order] = event
    return [_under_dispute(_fact(event, latest, back, cancels), disputes) for event in counted]


def _fact(
    event: Event,
    latest: dict[tuple[str, str], Event],
    back: dict[tuple[str, str], int],
    cancels: list[Event],
) -> Fact:
    ended = frozenset(cancel.cancels for cancel in cancels if cancel.cancels and _ends(cancel, event))
    if event.order is None:
        return Fact(event, event, ended=ended)
    amount = latest[(event.type, event.order.id)]
    currency = amount.order.currency if amount.order else ""
    cancelled = any(
        cancel.cancels in (None, "order") and cancel.order is not None and cancel.order.id == event.order.id
        for cancel in cancels
    )
    return Fact(event, amount, back.get((event.order.id, currency), 0), cancelled, ended)


def _under_dispute(fact: Fact, disputes: list[Event]) -> Fact:
    """The fact as its last dispute left it: frozen while it is open, gone (or less) when it was lost, whole when it was won."""
    own = [dispute for dispute in disputes if _is_about(dispute, fact.event)]
    if not own or own[-1].type == "dispute_won":
        return fact
    last = own[-1]
    if last.type == "dispute_opened":
        return msgspec.structs.replace(fact, disputed_at=last.at)
    if last.order is None or not last.order.amount_minor:
        return msgspec.structs.replace(fact, cancelled=True)
    return msgspec.structs.replace(fact, back_minor=fact.back_minor + last.order.amount_minor)


def _is_about(dispute: Event, event: Event) -> bool:
    if dispute.order is not None or event.order is not None:
        return bool(dispute.order and event.order and dispute.order.id == event.order.id)
    return dispute.rank > event.rank and subject_of(dispute) == subject_of(event)


def _ends(cancel: Event, event: Event) -> bool:
    """Whether a cancel that is not about one order ends what began with the event."""
    if cancel.cancels == "order" or cancel.rank < event.rank:
        return False
    if cancel.order is not None and (event.order is None or event.order.id != cancel.order.id):
        return False
    return cancel.subject is None or subject_of(cancel) == subject_of(event)


def base_of(event: Event, base: str) -> int:
    """Money base of an order in minor units before anything is given back: net, gross or items (terms.md 3)."""
    order = event.order
    if order is None:
        return 0
    if base == "gross":
        return order.amount_minor
    if base == "items":
        return order.items_minor if order.items_minor is not None else max(0, order.amount_minor - order.shipping_minor)
    return max(0, order.amount_minor - order.tax_minor - order.shipping_minor)


def net_purchases(situation: Situation, party: str, before: datetime) -> Iterable[Event]:
    """Purchases of a party before a moment that were not taken back in full."""
    for fact in facts_of(situation.history(party)):
        if fact.event.type == "purchase" and fact.event.at < before and not fact.gone:
            yield fact.event


def has_bought(situation: Situation, party: str, before: datetime) -> bool:
    """Whether a net purchase of the party is known before a moment."""
    known = situation.parties.get(party)
    if known and known.purchased_at and known.purchased_at < before:
        return True
    return any(True for _ in net_purchases(situation, party, before))
