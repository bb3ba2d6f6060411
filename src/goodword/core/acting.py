"""What does an act of the house answer? Done or refused by a reason, what it changed itself, and who has to be settled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from goodword.core.draft import Draft
from goodword.core.events import Event
from goodword.core.reasons import Reason
from goodword.core.referral import Referral
from goodword.core.situation import Decision


class Outcome(msgspec.Struct, frozen=True):
    """What an act says, the referrals it changed itself, and the friends whose referrals have to be settled."""

    decision: Decision
    referrals: dict[str, Referral] = {}
    friends: tuple[str, ...] = ()


def blank(draft: Draft, event: Event) -> Decision:
    """The decision about an act before it says anything."""
    return Decision(draft.decision_id, "event", draft.clock, event.id)


def refused(draft: Draft, event: Event, why: str, repair: str) -> Outcome:
    """An act that is not possible."""
    return Outcome(msgspec.structs.replace(blank(draft, event), reasons=(Reason("act_refused", False, why, repair),)))


def done(words: str) -> tuple[Reason, ...]:
    """That an act was done."""
    return (Reason("act_done", True, words),)


def moment(value: Any) -> datetime | None:
    """A moment that an act carries, told as the store tells it: two offsets of one moment would be two decisions."""
    if not isinstance(value, str) or not value:
        return None
    read = datetime.fromisoformat(value)
    return read.astimezone(UTC) if read.tzinfo else read


def waiting_for(draft: Draft, party: str) -> tuple[str, ...]:
    """Friends whose referrals wait for something about the party, and the party where it is a friend itself."""
    friends = [draft.situation.referrals[id_].friend for id_ in sorted(draft.situation.waiting.get(party, ()))]
    if draft.situation.of_friend.get(party):
        friends.append(party)
    return tuple(dict.fromkeys(friends))
