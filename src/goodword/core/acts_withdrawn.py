"""What was brought in and is taken back? An event that does not count any more: countered by an act, never deleted.

Whose e-mail or browser it is stays known, and so does what people decided since: an undo says that an event does not count,
not that nobody ever knew of it.
"""

from __future__ import annotations

import msgspec

from goodword.core.acting import Outcome, blank, done, moment, refused, waiting_for
from goodword.core.acts_carried import STATES, promise_of
from goodword.core.acts_imported import HOLDINGS, amount_of, opening_counter, sides_of
from goodword.core.amounts import Amount
from goodword.core.carried import CARRIED, carried_claim
from goodword.core.draft import Draft
from goodword.core.events import Event
from goodword.core.ledger import OPENING, SENT, payable_account
from goodword.core.limits import reopen_places
from goodword.core.qualification import merits
from goodword.core.referral import Claim
from goodword.core.reversal import put_reward
from goodword.core.situation import AttributeFact, Code, Member


def withdrawn(event: Event, draft: Draft) -> Outcome:
    """The event that the act names does not count any more; what it named is repeated in the act, so that it is found."""
    take = {
        "known": _known_back,
        "code_issued": _code_back,
        "listed": _listed_back,
        "rewarded": _rewarded_back,
        "balance": _balance_back,
    }.get(str(event.act.get("type")), _from_trails)
    return take(event, draft)


def _from_trails(event: Event, draft: Draft) -> Outcome:
    """The event leaves every trail, and the people on whose trail it lay are judged anew."""
    situation, of = draft.situation, str(event.act.get("event"))
    trails = sorted(owner for owner, trail in _trails_near(event, draft) if any(known.id == of for known in trail))
    friends = [owner for owner in trails if owner in situation.parties]
    for owner in trails:
        for kind in ("visitor", "click", "order"):
            friends += situation.owners_of(kind, owner)
    party = situation.party_of(event.ids) or (friends[0] if friends else None)
    decision = msgspec.structs.replace(
        blank(draft, event), party=party, withdrawn=tuple((owner, of) for owner in trails), reasons=done("withdrawn")
    )
    return Outcome(decision, {}, tuple(dict.fromkeys(friends)))


def _trails_near(event: Event, draft: Draft) -> list[tuple[str, list[Event]]]:
    """Trails on which the event can lie: of its people, their visitors and orders, and of what it names itself."""
    situation = draft.situation
    near = set(situation.owners_of("order", event.order.id)) if event.order else set()
    party = situation.party_of(event.ids)
    near |= {party} if party else set()
    for token in (event.visitor, event.click):
        near |= {*situation.owners_of("visitor", token), *situation.owners_of("click", token)}
    tokens = {token for token in (event.visitor, event.click, event.order.id if event.order else None) if token}
    for owner in tuple(near):
        tokens |= set(situation.visitors.get(owner, ()))
    return [(owner, situation.trails[owner]) for owner in sorted(near | tokens) if owner in situation.trails]


def _known_back(event: Event, draft: Draft) -> Outcome:
    """What was known of a person before the row: dates as they would be without it, attributes unknown again."""
    party = draft.situation.party_of(event.ids)
    person = draft.situation.parties.get(party or "")
    if party is None or person is None:
        return refused(draft, event, "the person is not known any more", "nothing is left to do")
    before = msgspec.structs.replace(
        person, known_since=moment(event.act.get("known_since")), purchased_at=moment(event.act.get("purchased_at"))
    )
    valid_from = moment(event.act.get("valid_from")) or event.at
    gone = tuple(AttributeFact(party, name, None, valid_from) for name in event.act.get("attributes", ()))
    decision = msgspec.structs.replace(
        blank(draft, event), party=party, parties=(before,), attributes=gone, reasons=done("withdrawn")
    )
    return Outcome(decision, {}, waiting_for(draft, party))


def _code_back(event: Event, draft: Draft) -> Outcome:
    """The code ends now: what was decided by it stands, and nobody is referred by it any more."""
    known = draft.situation.codes.get(event.codes[0]) if event.codes else None
    if known is None:
        return refused(draft, event, "the code is not known", "nothing is left to do")
    ended = Code(known.code, known.party, known.program, min(known.ended_at or draft.clock, draft.clock))
    decision = msgspec.structs.replace(
        blank(draft, event), party=known.party, codes=(ended,), reasons=done("withdrawn")
    )
    return Outcome(decision)


def _listed_back(event: Event, draft: Draft) -> Outcome:
    """The party was never on the list."""
    party, since = draft.situation.party_of(event.ids), moment(event.act.get("since"))
    if party is None or since is None:
        return refused(draft, event, "the person is not known any more", "nothing is left to do")
    gone = Member(str(event.act.get("audience")), party, since, is_off=True)
    decision = msgspec.structs.replace(blank(draft, event), party=party, members=(gone,), reasons=done("withdrawn"))
    return Outcome(decision, {}, waiting_for(draft, party))


def _balance_back(event: Event, draft: Draft) -> Outcome:
    """The opening entry is countered where what it brought is still there."""
    party, amount, kind = draft.situation.party_of(event.ids), amount_of(event), str(event.act.get("kind"))
    if party is None or amount is None or kind not in HOLDINGS:
        return refused(draft, event, "the person is not known any more", "nothing is left to do")
    key = opening_counter(party, kind, amount.asset)
    if draft.counter(key) != (1, amount.minor):
        return refused(draft, event, "this balance was not opened by the row", "nothing is left to do")
    source, destination = sides_of(kind, draft.holder(party, amount.asset))
    if kind != "owed" and draft.balance(destination, amount.asset).available_minor < amount.minor:
        return refused(draft, event, "it was spent meanwhile", "it stays")
    draft.book(destination, source, amount, "posted", "withdrawn", party)
    draft.count(key, -1, -amount.minor)
    return Outcome(msgspec.structs.replace(blank(draft, event), party=party, reasons=done("withdrawn")))


def _rewarded_back(event: Event, draft: Draft) -> Outcome:
    """The opening entry of a reward is countered, its place is free, and the promise may come due here."""
    situation = draft.situation
    friend = situation.party_of(event.ids) or ""
    for merit in merits(situation, friend, draft.clock):
        referral, promise = situation.referrals.get(merit.id), promise_of(event, merit)
        if referral is None or promise is None or carried_claim(referral, promise.key) is None:
            continue
        reward = referral.reward(promise.key)
        if reward is None or reward.source != OPENING or reward.state != STATES.get(str(event.act.get("state"))):
            return refused(draft, event, "the reward moved on since", "it stays")
        place = SENT if reward.state == "sent" else payable_account(reward.payee)
        amount = Amount(reward.amount_minor, reward.asset)
        if reward.state == "payable" and draft.balance(place, reward.asset).available_minor < amount.minor:
            return refused(draft, event, "it was netted or spent since", "it stays")
        draft.book(place, OPENING, amount, "posted", "withdrawn", referral.id, reward.id)
        back = msgspec.structs.replace(reward, state="voided", state_at=draft.clock)
        changed = reopen_places(draft, put_reward(referral, back), reward)
        free = Claim(CARRIED, promise.key, None, draft.clock)
        changed = msgspec.structs.replace(changed, claims=(*changed.claims, free))
        decision = msgspec.structs.replace(blank(draft, event), party=friend)
        return Outcome(decision, {referral.id: changed}, (friend,))
    return refused(draft, event, "no reward of it stands", "nothing is left to do")
