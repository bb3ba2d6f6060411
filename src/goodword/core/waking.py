"""Who reads what has just changed? Referrals whose conditions count the friends of somebody are made due when that number turns.

Since when a friend stands is a matter of merit, conditions on that number aside, so a condition on `referrals` has one answer for
each moment, whatever order events came in. What is woken changes nothing that others count, so waking ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from goodword.core.asking import counts_friends
from goodword.core.events import Event
from goodword.core.referral import Referral
from goodword.core.sharing import may_hold
from goodword.core.situation import Situation


def woken_by(situation: Situation, changed: Mapping[str, Referral], clock: datetime) -> dict[str, Referral]:
    """Referrals that read how many friends somebody brought and have to be looked at again, made due at once."""
    found: dict[str, Referral] = {}
    for referral in changed.values():
        for reader in _readers(situation, changed, referral, clock):
            known = changed.get(reader) or situation.referrals[reader]
            found[reader] = msgspec.structs.replace(known, next_due_at=clock, woken=known.woken + 1)
    return found


def woken_by_share(situation: Situation, advocate: str, event: Event, clock: datetime) -> dict[str, Referral]:
    """Referrals by touches after a share that was heard of only now: another promise may hold for the advocate."""
    if event.type != "share" or event.at >= clock:
        return {}
    found: dict[str, Referral] = {}
    for id_ in sorted(situation.of_advocate.get(advocate, ())):
        known = situation.referrals[id_]
        if known.touch_at >= event.at and may_hold(situation.book[known.program]):
            found[id_] = msgspec.structs.replace(known, next_due_at=clock, woken=known.woken + 1)
    return found


def _readers(
    situation: Situation, changed: Mapping[str, Referral], referral: Referral, clock: datetime
) -> Iterator[str]:
    """Whoever waits for the number, and where it turned in the past, all who may have been told another one."""
    before = situation.referrals.get(referral.id)
    was, is_now = (
        (before.advocate, before.stands_since) if before else ("", None),
        (referral.advocate, referral.stands_since),
    )
    if referral.kind != "referral" or was == is_now or (was[1] is None and is_now[1] is None):
        return
    if not any(counts_friends(situation, terms) for terms in situation.book[referral.program]):
        return
    is_late = any(since is not None and since < clock for since in (was[1], is_now[1]))
    for advocate in {was[0]: None, is_now[0]: None}:
        reading = situation.of_advocate.get(advocate, set()) | situation.of_friend.get(advocate, set()) | {referral.id}
        for id_ in sorted(reading):
            known = changed.get(id_) or situation.referrals.get(id_)
            if known is None or known.program != referral.program or not (is_late or known.waits_on):
                continue
            if counts_friends(situation, situation.terms_of(known.program, known.version)):
                yield id_
