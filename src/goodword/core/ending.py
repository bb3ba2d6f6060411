"""Who has to hear that a program ends? Every referral that can earn something until then, once, so long before as its terms say.

Notice is a fact written once (a claim), in order of decision: whoever joins after its moment hears of it at the join, and an
end that moves is told anew. It changes nothing of what is promised.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from goodword.core.draft import Draft
from goodword.core.journey import AN_INSTANT, Step
from goodword.core.qualification import Merit
from goodword.core.reasons import Reason
from goodword.core.referral import TOLD, Claim, Referral
from goodword.core.situation import Notice
from goodword.core.terms import Terms

SOON = "ends_soon"  # key of the claim, code of its reason and kind of the notice
_STILL_OPEN = frozenset({"open", "taken_back"})


def closes_at(merit: Merit, steps: Iterable[Step], clock: datetime) -> datetime | None:
    """The first moment after the program's end, where that end (and nothing before it) closes one of the steps; else None."""
    end = merit.terms.last_milestone_at
    if end is None or end <= clock or merit.refused or merit.ended_at:
        return None
    if merit.lapses_at and merit.lapses_at <= end:
        return None
    is_closed_by_it = any(step.state in _STILL_OPEN and (step.due_at is None or step.due_at > end) for step in steps)
    return end + AN_INSTANT if is_closed_by_it else None


def told(draft: Draft, terms: Terms, referral: Referral) -> Referral:
    """The referral that ends with its program, told of it if that is due by now; the notice goes into the draft."""
    if _is_told(terms, referral) or _notice_at(terms) > draft.clock:
        return referral
    day = _last_day(terms)
    draft.notices.append(Notice(SOON, referral.id, words=day))
    claim = Claim(TOLD, SOON, True, draft.clock, terms.version, Reason(SOON, True, day))
    return msgspec.structs.replace(referral, claims=(*referral.claims, claim))


def awaits_notice(terms: Terms, referral: Referral, closes_at: datetime) -> Referral:
    """The referral, looked at again no later than when notice is due; what it waits for by itself is kept beside that."""
    notice_at, waits_until = _notice_at(terms), referral.next_due_at or closes_at
    if _is_told(terms, referral) or waits_until <= notice_at:
        return referral
    return msgspec.structs.replace(referral, next_due_at=notice_at, decides_at=waits_until)


def _notice_at(terms: Terms) -> datetime:
    assert terms.last_milestone_at is not None
    assert terms.notice is not None
    return terms.last_milestone_at - terms.notice


def _is_told(terms: Terms, referral: Referral) -> bool:
    """Whether it heard of this very day; of another one it heard by terms that it was moved away from, or before a stop."""
    before = referral.claim(TOLD, SOON)
    return before is not None and before.reason is not None and before.reason.value == _last_day(terms)


def _last_day(terms: Terms) -> str:
    """The last day, in the program's calendar."""
    assert terms.last_milestone_at is not None
    return f"{terms.last_milestone_at.astimezone(terms.zone):%Y-%m-%d}"
