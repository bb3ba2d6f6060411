"""What becomes of open referrals when a newer version is there? They may move to it; a legal stop ends what was promised."""

from __future__ import annotations

import msgspec

from goodword.core.acting import Outcome, blank, done, refused
from goodword.core.draft import Draft
from goodword.core.events import Event
from goodword.core.moving import NAMED, OPEN_STATES
from goodword.core.reasons import Reason
from goodword.core.referral import Claim, Referral
from goodword.core.terms import Stop


def move(event: Event, draft: Draft) -> Outcome:
    """Open referrals are to be judged by a newer version: each comes due at its first moment and is decided by itself."""
    act, situation = event.act, draft.situation
    program, number = str(act.get("program")), act.get("version")
    if program not in situation.book:
        return refused(draft, event, "the program is not live", "take its name from the list of programs")
    terms = next((one for one in situation.book[program] if one.version == number), None)
    if terms is None:
        return refused(draft, event, f"version {number} was never published", "publish it first")
    named = {str(one) for one in act.get("named") or ()}
    moves_at = max(draft.clock, terms.live_from)
    due: dict[str, Referral] = {}
    for id_, referral in sorted(situation.referrals.items()):
        is_open = referral.program == program and referral.state in OPEN_STATES and not referral.is_record
        if is_open and referral.version < terms.version:
            claim = Claim("move", NAMED if id_ in named else "", None, draft.clock, terms.version)
            due_at = min(moves_at, referral.next_due_at or moves_at)
            due[id_] = msgspec.structs.replace(
                referral, claims=(*referral.claims, claim), next_due_at=max(due_at, draft.clock)
            )
    reasons = done(f"{len(due):,} open referrals are looked at")
    return Outcome(msgspec.structs.replace(blank(draft, event), reasons=reasons), due)


def stop(event: Event, draft: Draft) -> Outcome:
    """The law ends a program: nobody is referred, joins or reaches anything any more. It takes two people to say so.

    What was earned before stays; with `voids` everything that is not payable yet is voided. What was sent stays sent.
    """
    act, situation = event.act, draft.situation
    program, people = str(act.get("program")), {str(act.get(name) or "") for name in ("by", "second")}
    if program not in situation.book:
        return refused(draft, event, "the program is not live", "take its name from the list of programs")
    if len(people - {""}) != 2:
        return refused(draft, event, "a stop needs two people", "have somebody else approve it")
    due: dict[str, Referral] = {}
    for id_, referral in sorted(situation.referrals.items()):
        if referral.program == program and referral.state in OPEN_STATES and not referral.is_record:
            voided = _voided(referral, draft) if act.get("voids") else ()
            claims, woken = (*referral.claims, *voided), referral.woken + 1
            due[id_] = msgspec.structs.replace(referral, claims=claims, next_due_at=draft.clock, woken=woken)
    stopped = Stop(program, draft.clock, max(terms.version for terms in situation.book[program]))
    reasons = done(f"{program} is stopped")
    return Outcome(msgspec.structs.replace(blank(draft, event), stop=stopped, reasons=reasons), due)


def _voided(referral: Referral, draft: Draft) -> tuple[Claim, ...]:
    """Everything that is not payable yet, given up."""
    return tuple(
        Claim("waived", one.promise, False, draft.clock, 0, Reason("program_stopped", False, None, None, one.promise))
        for one in referral.rewards
        if one.state in ("pending", "in_review")
    )
