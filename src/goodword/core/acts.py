"""What did the house do? Acts of people and imports are events too: known people, codes, publications, reviews, switches, payments."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from goodword.core import (
    acts_carried,
    acts_imported,
    acts_withdrawn,
    choosing,
    contest_acts,
    contract_acts,
    version_acts,
)
from goodword.core.acting import Outcome, moment, waiting_for
from goodword.core.amounts import Amount
from goodword.core.contest_closing import Closing
from goodword.core.contracts import may_say
from goodword.core.draft import Draft
from goodword.core.events import Event
from goodword.core.extending import extend
from goodword.core.groups import belonging
from goodword.core.ledger import FUNDING, budget_account
from goodword.core.observation import whose
from goodword.core.reading import read_terms
from goodword.core.reasons import Reason
from goodword.core.redeeming import cancel, give_up, redeem
from goodword.core.referral import STANDING, Claim, Referral, Reward
from goodword.core.releasing import may_be_paid
from goodword.core.reversal import send
from goodword.core.screening import LEFT_THE_HOUSE, is_switched
from goodword.core.situation import AttributeFact, Code, Decision, Owner, Party, Publication, Switch, ordered_ids
from goodword.core.terms import Terms
from goodword.core.units import is_points

REVIEW_VERDICTS = ("clear", "deny", "reopen")
REVIEW_WHYS = ("self_referral", "duplicate", "fake", "terms", "other")
SWITCH_WHYS = ("false_alarms", "failing", "shared_place", "restored", "other")


def perform(event: Event, draft: Draft) -> Outcome:
    """The outcome of an act; what is not possible is refused by a reason, never raised."""
    return _ACTS[event.type](event, draft)


def _blank(draft: Draft, event: Event) -> Decision:
    return Decision(draft.decision_id, "event", draft.clock, event.id)


def _refused(draft: Draft, event: Event, why: str, repair: str) -> Outcome:
    return Outcome(msgspec.structs.replace(_blank(draft, event), reasons=(Reason("act_refused", False, why, repair),)))


def _done(words: str) -> tuple[Reason, ...]:
    return (Reason("act_done", True, words),)


def _known(event: Event, draft: Draft) -> Outcome:
    """A row about a person: identities, attributes, since when known, last purchase known."""
    party, parties = whose(event, draft.situation)
    if party is None:
        return _refused(draft, event, "the row names nobody", "give an id, an e-mail or a phone")
    person = parties[0] if parties else draft.situation.parties.get(party) or Party(party, ordered_ids(event.ids))
    joined_at, purchased_at = moment(event.act.get("joined_at")), moment(event.act.get("purchased_at"))
    person = msgspec.structs.replace(
        person, known_since=joined_at or person.known_since, purchased_at=purchased_at or person.purchased_at
    )
    told = belonging(event, draft.situation, person, event.at)
    owners = (*(Owner(kind, token, party, joined_at or event.at) for kind, token in event.ids), *told.owners)
    attributes = tuple(
        AttributeFact(party, name, value, event.at)
        for name, value in event.attributes.items()
        if value != "" and may_say(name, value)
    )
    decision = msgspec.structs.replace(
        _blank(draft, event),
        party=party,
        parties=tuple({known.id: known for known in (person, *told.parties)}.values()),
        owners=owners,
        attributes=attributes,
        reasons=_done("known"),
    )
    friends = [draft.situation.referrals[id_].friend for id_ in sorted(draft.situation.waiting.get(party, ()))]
    if draft.situation.of_friend.get(party):
        friends.append(party)
    return Outcome(decision, {}, tuple(dict.fromkeys(friends)))


def _code_issued(event: Event, draft: Draft) -> Outcome:
    """A code and whose it is; a party named only here is created without being known as a customer."""
    if not event.codes:
        return _refused(draft, event, "the row has no code", "give a code")
    party, parties = whose(event, draft.situation)
    if party is None:
        return _refused(draft, event, "the row names no person", "give the id of the person who owns the code")
    code = event.codes[0]
    known = draft.situation.codes.get(code)
    if known and known.party != party:
        return _refused(draft, event, f"the code {code} belongs to somebody else", "issue another code")
    owners = tuple(Owner(kind, token, party, event.at) for kind, token in event.ids)
    issued = Code(code, party, event.program, moment(event.act.get("ended_at")))
    return Outcome(
        msgspec.structs.replace(
            _blank(draft, event), party=party, parties=parties, owners=owners, codes=(issued,), reasons=_done("code")
        )
    )


def _publish(event: Event, draft: Draft) -> Outcome:
    """A version goes live; the difference to the budget before is funded or taken out, even below what is set aside."""
    document = event.act.get("document")
    terms = read_terms(
        document,
        draft.situation.shelves,
        version=int(event.act.get("version", 1)),
        live_from=moment(event.act.get("live_from")) or event.at,
    )
    if not isinstance(terms, Terms):
        return _refused(draft, event, f"{terms[0].field}: {terms[0].why}", terms[0].repair)
    known = draft.situation.book.get(terms.program, ())
    if any(version.version == terms.version for version in known):
        return _refused(draft, event, f"version {terms.version} is already published", "publish a new version")
    for currency in terms.currencies:
        _fund(draft, terms, known[-1] if known else None, currency)
    assert isinstance(document, dict)
    return Outcome(
        msgspec.structs.replace(
            _blank(draft, event),
            publication=Publication(terms, document),
            reasons=_done(f"{terms.program} version {terms.version}"),
        )
    )


def _fund(draft: Draft, terms: Terms, earlier: Terms | None, currency: str) -> None:
    """The budget of one currency, brought to what the new version says; where it says nothing, what is there stays."""
    was, is_now = earlier.budget_in(currency) if earlier else None, terms.budget_in(currency)
    before = was.amount_minor if was else 0
    change = (is_now.amount_minor if is_now else before) - before
    account = budget_account(terms.program)
    if change > 0:
        draft.book(FUNDING, account, Amount(change, currency), "posted", "budget", terms.program)
    elif change < 0:
        draft.book(account, FUNDING, Amount(-change, currency), "posted", "budget_cut", terms.program)


def _review(event: Event, draft: Draft) -> Outcome:
    """A person clears or denies what was held, for one of a few reasons; a later word replaces an earlier one.

    `reopen` takes the last word back, until something was sent. `seen` is how many words were on record for whoever
    decided: where somebody else spoke meanwhile, the act is refused, so that two people never overrule each other unseen.
    Free words of the person are kept elsewhere, sealed: facts and decisions are read by many and never forgotten.
    """
    referral = draft.situation.referrals.get(str(event.act.get("referral")))
    verdict, why, seen = event.act.get("verdict"), event.act.get("why"), event.act.get("seen")
    if referral is None:
        return _refused(draft, event, "the referral is not known", "take the id from the list of referrals")
    if verdict not in REVIEW_VERDICTS:
        return _refused(draft, event, "this is not a verdict", "clear, deny or reopen")
    if why not in REVIEW_WHYS:
        return _refused(draft, event, "this is not a reason of a review", f"one of {', '.join(REVIEW_WHYS)}")
    if seen is not None and seen != len(words_on(referral)):
        return _refused(draft, event, "somebody decided it meanwhile", "look at it again")
    hindered = cannot_reopen(referral) if verdict == "reopen" else None
    if hindered:
        return _refused(draft, event, *hindered)
    granted = {"clear": True, "deny": False}.get(verdict)
    code = {"clear": "review_cleared", "deny": "review_denied", "reopen": "review_reopened"}[verdict]
    claim = Claim("review", "", granted, draft.clock, 0, Reason(code, granted, str(why)))
    changed = msgspec.structs.replace(referral, claims=(*referral.claims, claim))
    decision = msgspec.structs.replace(_blank(draft, event), party=referral.friend)
    return Outcome(decision, {referral.id: changed}, (referral.friend,))


def words_on(referral: Referral) -> tuple[Claim, ...]:
    """Every word of a person on a referral, the first one first."""
    return tuple(claim for claim in referral.claims if claim.kind == "review")


def cannot_reopen(referral: Referral) -> tuple[str, str] | None:
    """Why the last word cannot be taken back, and what can be done instead; None: it can."""
    last = referral.claim("review")
    if last is None or last.granted is None:
        return "no word of a person stands", "clear or deny it"
    if any(reward.state in LEFT_THE_HOUSE for reward in referral.rewards):
        return "a reward was sent", "deny it: what was sent is netted against later rewards"
    return None


def _signal(event: Event, draft: Draft) -> Outcome:
    """A signal is switched off for a program, or on again: what it held (or let go) becomes due now and is judged anew.

    Each of them is decided by its own moment, so that a switch over thousands stops no one.
    """
    act, situation = event.act, draft.situation
    program, signal, is_off, why = str(act.get("program")), str(act.get("signal")), act.get("off"), act.get("why")
    if program not in situation.book:
        return _refused(draft, event, "the program is not live", "take its name from the list of programs")
    if signal not in situation.shelves.signals:
        known = ", ".join(sorted(situation.shelves.signals))
        return _refused(draft, event, "this is not a signal of screening", f"one of {known}")
    if not isinstance(is_off, bool):
        return _refused(draft, event, "it does not say off or on", 'send "off": true or false')
    if why not in SWITCH_WHYS:
        return _refused(draft, event, "this is not a reason of a switch", f"one of {', '.join(SWITCH_WHYS)}")
    if (signal in situation.switched_off(program)) is is_off:
        return _refused(draft, event, f"the signal is already {'off' if is_off else 'on'}", "nothing is left to do")
    due = {
        id_: msgspec.structs.replace(referral, next_due_at=draft.clock)
        for id_, referral in sorted(situation.referrals.items())
        if referral.program == program and is_switched(referral, signal, is_off=is_off)
    }
    switch = Switch(program, signal, is_off, str(why))
    words = f"{signal} {'off' if is_off else 'on'} for {program}"
    return Outcome(msgspec.structs.replace(_blank(draft, event), switch=switch, reasons=_done(words)), due)


def _sent(event: Event, draft: Draft) -> Outcome:
    """A payable reward left the house."""
    reward_id = str(event.act.get("reward"))
    referral = draft.situation.referrals.get(draft.situation.rewards.get(reward_id, ""))
    reward = next((known for known in referral.rewards if known.id == reward_id), None) if referral else None
    if referral is None or reward is None:
        return _refused(draft, event, "the reward is not known", "take the id from the referral")
    if is_points(reward.asset):
        return _refused(draft, event, "points lie in the wallet", "they leave the house by being redeemed")
    if reward.state != "payable":
        return _refused(draft, event, f"the reward is {reward.state}", "only a payable reward can be sent")
    if why := may_be_paid(draft, referral, reward):
        return _refused(draft, event, f"it may not be paid now: {why.value}", f"needed {why.needed}")
    decision = msgspec.structs.replace(_blank(draft, event), party=referral.friend)
    return Outcome(decision, {referral.id: send(draft, referral, reward)}, (referral.friend,))


def _waive(event: Event, draft: Draft) -> Outcome:
    """A payee gives up what is not sent yet, in writing; what was sent stays as it is."""
    party = str(event.act.get("party"))
    changed: dict[str, Referral] = {}
    for _, referral in sorted(draft.situation.referrals.items()):  # whoever has more at hand comes to the same order
        keys = [
            reward.promise
            for reward in referral.rewards
            if reward.payee == party
            and reward.state in STANDING
            and reward.state != "sent"
            and not _is_in_wallet(reward)
        ]
        if keys:
            waived = tuple(
                Claim("waived", key, False, draft.clock, 0, Reason("act_done", False, "waived", None, key))
                for key in keys
            )
            changed[referral.id] = msgspec.structs.replace(referral, claims=(*referral.claims, *waived))
    give_up(draft, party)
    friends = tuple(dict.fromkeys(referral.friend for referral in changed.values()))
    return Outcome(msgspec.structs.replace(_blank(draft, event), reasons=_done("waived")), changed, friends)


def _is_in_wallet(reward: Reward) -> bool:
    return is_points(reward.asset) and reward.state == "payable"


def _redeem(event: Event, draft: Draft) -> Outcome:
    """Somebody (named by the event, or by the id of the party) spends points on something of a catalogue."""
    named = event.act.get("party")
    party, parties = (named, ()) if isinstance(named, str) else whose(event, draft.situation)
    if party is None or (isinstance(named, str) and named not in draft.situation.parties):
        return _refused(draft, event, "the person is not known", "look the person up first")
    reason = redeem(draft, event, party)
    blank = _blank(draft, event)
    return Outcome(msgspec.structs.replace(blank, party=party, parties=parties, reasons=(reason,)))


def _redeem_cancelled(event: Event, draft: Draft) -> Outcome:
    """A redemption is taken back while it still can be."""
    reason, party = cancel(draft, str(event.act.get("redemption")))
    return Outcome(msgspec.structs.replace(_blank(draft, event), party=party, reasons=(reason,)))


def _gift(event: Event, draft: Draft) -> Outcome:
    """One of several gifts is chosen by its payee, or by a recorded draw."""
    found = choosing.choose(event, draft) if event.type == "choose" else choosing.drawn(event, draft)
    referral, reason = found
    if not isinstance(referral, Referral) or not isinstance(reason, Reason):
        return _refused(draft, event, str(referral), str(reason))
    decision = msgspec.structs.replace(_blank(draft, event), party=referral.friend, reasons=_done("chosen"))
    return Outcome(decision, {referral.id: referral}, (referral.friend,))


def _erase(event: Event, draft: Draft) -> Outcome:
    """A person is forgotten: identities and attributes go, codes end, referrals and money stay under the bare id."""
    party = str(event.act.get("party"))
    known = draft.situation.parties.get(party)
    if known is None:
        return _refused(draft, event, "the person is not known", "look the person up first")
    forgotten = Party(party, (), known.known_since, known.purchased_at, erased=True)
    own = (code for _, code in sorted(draft.situation.codes.items()) if code.party == party)
    codes = tuple(
        Code(code.code, party, code.program, draft.clock)
        for code in own
        if not (code.ended_at and code.ended_at <= draft.clock)
    )
    return Outcome(
        msgspec.structs.replace(
            _blank(draft, event), party=party, parties=(forgotten,), codes=codes, erased=party, reasons=_done("erased")
        ),
        {},
        waiting_for(draft, party),
    )


def _contest(event: Event, draft: Draft) -> Outcome:
    """A round was opened, frozen or awarded, or a winner answered; its prizes change with it."""
    done = contest_acts.perform(event, draft)
    if isinstance(done, tuple):
        return _refused(draft, event, *done)
    reasons = (*_done(event.type), *draft.reasons)
    draft.reasons.clear()
    decision = msgspec.structs.replace(_blank(draft, event), reasons=reasons)
    return Outcome(decision, done.records if isinstance(done, Closing) else {})


_ACTS: dict[str, Callable[[Event, Draft], Outcome]] = {
    "known": _known,
    "code_issued": _code_issued,
    "publish": _publish,
    "review": _review,
    "signal": _signal,
    "sent": _sent,
    "extend": extend,
    "waive": _waive,
    "erase": _erase,
    "choose": _gift,
    "drawn": _gift,
    "redeem": _redeem,
    "redeem_cancelled": _redeem_cancelled,
    "move": version_acts.move,
    "stop": version_acts.stop,
    "contract": contract_acts.contract,
    "contest_open": _contest,
    "contest_freeze": _contest,
    "contest_award": _contest,
    "contest_accept": _contest,
    "contest_disqualify": _contest,
    "listed": acts_imported.listed,
    "organization": acts_imported.organization,
    "balance": acts_imported.balance,
    "referred": acts_carried.referred,
    "rewarded": acts_carried.rewarded,
    "withdrawn": acts_withdrawn.withdrawn,
}
