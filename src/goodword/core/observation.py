"""What does an event say about parties? Who it is, what is theirs, on whose trail it belongs, and whose referrals it may change."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goodword.core.asking import asks_of_advocates
from goodword.core.attribution import bears_touch
from goodword.core.contracts import may_say
from goodword.core.events import TAKES_BACK, Event, ident
from goodword.core.groups import belonging
from goodword.core.reasons import Reason
from goodword.core.situation import TRAIL_KINDS, AttributeFact, Decision, Owner, Party, Situation, Trait, ordered_ids

# What conditions on orders read. A friend's own events settle its referrals anyway.
_ASKED_OF = frozenset({"purchase", *TAKES_BACK})


class Observed(msgspec.Struct, frozen=True):
    """The facts of an event as the beginning of a decision, and the friends whose referrals have to be settled anew."""

    decision: Decision
    friends: tuple[str, ...]


def observe(event: Event, situation: Situation, blank: Decision) -> Observed:
    """Read an event against what is known."""
    party, parties = whose(event, situation)
    if party is None:
        return _anonymous(event, situation, blank)
    owners = [Owner(kind, token, party, event.at) for kind, token in event.ids]
    for kind, token in (("visitor", event.visitor), ("click", event.click)):
        if token:
            owners.append(Owner(kind, token, party, event.at))
    if event.household or event.organization:
        person = parties[0] if parties else situation.parties.get(party) or Party(party)
        told = belonging(event, situation, person, event.at)
        owners += told.owners
        parties = tuple({known.id: known for known in (*parties, *told.parties)}.values())
    if event.order and event.type not in TAKES_BACK:
        owners.append(Owner("order", event.order.id, party, event.at))
    traits = tuple(
        Trait(kind, token, party, event.at)
        for kind, token in (("device", event.device), ("payment", event.payment))
        if token
    )
    attributes = tuple(
        AttributeFact(party, name, value, event.at) for name, value in event.attributes.items() if may_say(name, value)
    )
    noted = msgspec.structs.replace(
        blank,
        party=party,
        parties=parties,
        owners=tuple(owner for owner in owners if _is_news(owner, situation)),
        attributes=attributes,
        traits=tuple(
            trait for trait in traits if trait.party not in situation.traits.get((trait.kind, trait.token), {})
        ),
        trail=(party, *_order_trail(event, situation, party)),
        reasons=_remarks(event, situation, party),
    )
    friends = [party]
    if event.order and event.type in TAKES_BACK:
        friends += situation.owners_of("order", event.order.id)
    if attributes or event.type in _ASKED_OF:
        friends += [situation.referrals[id_].friend for id_ in sorted(_waiting(event, situation, party, attributes))]
    return Observed(noted, tuple(dict.fromkeys(friends)))


def _waiting(
    event: Event, situation: Situation, party: str, attributes: tuple[AttributeFact, ...]
) -> Iterator[str]:
    """Referrals that wait for what the event says: for an attribute of anybody, or for the orders of their advocate."""
    if attributes:
        yield from situation.waiting.get(party, ())
        return
    buyers = situation.owners_of("order", event.order.id) if event.order and event.type in TAKES_BACK else ()
    for buyer in dict.fromkeys((party, *buyers)):
        for id_ in situation.waiting.get(buyer, ()):
            referral = situation.referrals[id_]
            if asks_of_advocates(situation.terms_of(referral.program, referral.version)):
                yield id_


def _order_trail(event: Event, situation: Situation, party: str | None) -> tuple[str, ...]:
    """What takes an order back also lies on the order's own trail, unless it came from its buyer: the buyer may be unknown yet."""
    if event.order is None or event.type not in TAKES_BACK:
        return ()
    return () if situation.owners_of("order", event.order.id) == [party] else (event.order.id,)


def _anonymous(event: Event, situation: Situation, blank: Decision) -> Observed:
    """An event that names nobody lies on the trail of its visitor; it matters now only where it came late for a known one."""
    tokens = (event.visitor, event.click, *_order_trail(event, situation, None))
    trail = tuple(dict.fromkeys(token for token in tokens if token)) or (event.id,)
    owners = [party for token in trail for kind in TRAIL_KINDS for party in situation.owners_of(kind, token)]
    late = [party for party in dict.fromkeys(owners) if _came_late(event, situation, party)]
    reasons = _remarks(event, situation, None)
    if not reasons and event.type != "click" and not owners:
        reasons = (Reason("person_unknown", None),)
    return Observed(msgspec.structs.replace(blank, trail=trail, reasons=reasons), tuple(late))


def _came_late(event: Event, situation: Situation, party: str) -> bool:
    if event.type != "click":
        return True
    trail = situation.trails.get(party)
    return bool(trail) and trail is not None and trail[-1].rank > event.rank


def whose(event: Event, situation: Situation) -> tuple[str | None, tuple[Party, ...]]:
    """The party of an event: by its identities (known or new), else by its order, else none. New identities are kept."""
    party = situation.party_of(event.ids)
    if party is not None:
        known = situation.parties.get(party) or Party(party)
        news = tuple(pair for pair in event.ids if pair not in known.ids)
        return party, (msgspec.structs.replace(known, ids=ordered_ids((*known.ids, *news))),) if news else ()
    if event.ids:
        party = somebody_new(event.ids, event, situation)
        return party, (Party(party, ordered_ids(event.ids)),)
    if event.order:
        buyers = situation.owners_of("order", event.order.id)
        if buyers:
            return buyers[0], ()
    if event.type != "click":
        for kind, token in (("visitor", event.visitor), ("click", event.click)):
            owners = situation.owners_of(kind, token)
            if owners:
                return owners[0], ()
    return None, ()


def somebody_new(ids: tuple[tuple[str, str], ...], event: Event, situation: Situation) -> str:
    """The id of a person whom nobody knows: by the first identity. Who was forgotten and comes back is somebody new."""
    party = ident("party", *ids[0])
    known = situation.parties.get(party)
    return ident("party", *ids[0], event.id) if known is not None and known.erased else party


def _is_news(owner: Owner, situation: Situation) -> bool:
    since = situation.owners.get((owner.kind, owner.token), {}).get(owner.party)
    return since is None or owner.since < since


def _remarks(event: Event, situation: Situation, party: str | None) -> tuple[Reason, ...]:
    """What the event itself gives rise to say, whether or not a referral follows."""
    if event.order and event.type in TAKES_BACK and not situation.owners_of("order", event.order.id):
        return (Reason("order_unknown", False),)
    if event.order and event.type in ("purchase", "renewal") and party:
        for known in situation.trails.get(party, ()):
            if known.order and known.order.id == event.order.id and known.id != event.id and known.type == event.type:
                same = known.order.amount_minor == event.order.amount_minor
                return (Reason("order_duplicate", None),) if same else (Reason("order_corrected", True),)
    if event.type == "click" and bears_touch(event):
        unknown = next((code for code in event.codes if code not in situation.codes), None)
        if unknown:
            return (Reason("code_unknown", False, unknown),)
        ended = situation.codes[event.codes[0]].ended_at
        if ended and ended < event.at:
            return (Reason("code_ended", False, event.codes[0], f"{ended:%Y-%m-%d}"),)
    return ()
