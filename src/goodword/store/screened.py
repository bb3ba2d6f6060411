"""What does screening ask of a batch? Devices and payment means of the people in it, who else has them, and who joined when."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from goodword.core.events import Event
from goodword.core.screening import MOST_HOLDERS
from goodword.core.situation import Situation, Trait
from goodword.store.sql.connect import array_literal

Ask = Callable[..., list[tuple[Any, ...]]]
VELOCITY = timedelta(days=7)  # at least as far back as any signal counts who joined


def load_screening(
    ask: Ask, situation: Situation, events: list[Event], parties: Collection[str], friends: Collection[str] | None
) -> None:
    """What is known of these parties; with `friends`, also what the signals ask when one of them is looked at."""
    rows = ask(
        "SELECT t.kind, t.token, t.party_id, t.first_at FROM unnest(%(parties)s::uuid[]) AS q(id), LATERAL (SELECT *"
        " FROM trait t WHERE t.client_id = %(client)s::uuid AND t.party_id = q.id OFFSET 0) t",
        parties=array_literal(parties),
    )
    for row in rows:
        situation.add_trait(Trait(*row))
    if friends is None:
        return
    _holders(ask, situation, events, {(kind, token) for kind, token, _, _ in rows})
    _joins(ask, situation, parties, _spans(_looked_at(situation, events, friends)))


def _holders(ask: Ask, situation: Situation, events: list[Event], tokens: set[tuple[str, str]]) -> None:
    """Who else has a device or payment means; of the batch too: the first order with a card that others use is the one that
    has to be held."""
    for trail in (events, *situation.trails.values()):
        for event in trail:
            tokens.update(
                (kind, token) for kind, token in (("device", event.device), ("payment", event.payment)) if token
            )
    for row in ask(
        "SELECT q.kind, q.token, t.party_id, t.first_at FROM unnest(%(kinds)s::text[], %(tokens)s::uuid[]) AS q(kind, token),"
        " LATERAL (SELECT party_id, first_at FROM trait t WHERE t.client_id = %(client)s::uuid AND t.kind ="
        " q.kind AND t.token = q.token"
        " LIMIT %(most)s) t",
        kinds=array_literal(kind for kind, _ in tokens),
        tokens=array_literal(token for _, token in tokens),
        most=MOST_HOLDERS,
    ):
        situation.add_trait(Trait(*row))


def _looked_at(situation: Situation, events: list[Event], friends: Collection[str]) -> Iterator[datetime]:
    """Moments at which somebody may have been bound who was not looked at yet: that may be long after."""
    yield from (event.at for event in events)
    for friend in friends:
        own = [situation.referrals[id_] for id_ in situation.of_friend.get(friend, ())]
        yield from (one.bound_at for one in own)
        if not own or any(one.claim("screening") is None for one in own):
            yield from (event.at for event in situation.history(friend) if event.type != "click")


def _spans(moments: Iterator[datetime]) -> list[tuple[datetime, datetime]]:
    """The times before these moments that signals count over, those that touch made one."""
    spans: list[tuple[datetime, datetime]] = []
    for at in sorted(moments):
        if spans and at - VELOCITY <= spans[-1][1]:
            spans[-1] = (spans[-1][0], at)
        else:
            spans.append((at - VELOCITY, at))
    return spans


def _joins(ask: Ask, situation: Situation, parties: Collection[str], spans: list[tuple[datetime, datetime]]) -> None:
    for advocate, bound_at in ask(
        "SELECT r.advocate_id, r.bound_at FROM unnest(%(parties)s::uuid[]) AS q(id), LATERAL (SELECT advocate_id, bound_at"
        " FROM referral r WHERE r.client_id = %(client)s::uuid AND r.advocate_id = q.id AND r.kind = 'referral' AND EXISTS ("
        " SELECT FROM unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) AS s(since, until)"
        " WHERE r.bound_at BETWEEN s.since AND s.until) OFFSET 0) r ORDER BY r.bound_at",
        parties=array_literal(parties),
        since=array_literal(since for since, _ in spans),
        until=array_literal(until for _, until in spans),
    ):
        situation.joins.setdefault(advocate, []).append(bound_at)
