"""What becomes of open referrals when a newer version is there? They may move to it; a legal stop ends what was promised."""

from __future__ import annotations

import msgspec

from goodword.core.acting import Outcome, blank, done, refused
from goodword.core.draft import Draft
from goodword.core.events import Event
from goodword.core.moving import NAMED, OPEN_STATES
from goodword.core.referral import Claim, Referral


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
