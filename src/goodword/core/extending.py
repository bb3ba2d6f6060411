"""May somebody have longer? An act that moves the moment at which a referral without progress lapses."""

from __future__ import annotations

import msgspec

from goodword.core.acting import Outcome, blank, done, refused
from goodword.core.draft import Draft
from goodword.core.events import Event

MOST_DAYS = 366


def extend(event: Event, draft: Draft) -> Outcome:
    """The referral lapses so many days later: the act lies on the friend's trail, where every later look finds it."""
    referral = draft.situation.referrals.get(str(event.act.get("referral")))
    days = event.act.get("days")
    if referral is None:
        return refused(draft, event, "the referral is not known", "take the id from the list of referrals")
    if not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
        return refused(draft, event, "this is not a number of days", f"extend by 1 to {MOST_DAYS} days")
    if draft.situation.terms_of(referral.program, referral.version).lapse is None:
        return refused(draft, event, "the referral does not lapse", "its terms bind the friend for life")
    if referral.state == "lapsed":
        return refused(draft, event, "the referral lapsed already", "refer the friend anew")
    said = msgspec.structs.replace(
        blank(draft, event), party=referral.friend, trail=(referral.friend,), reasons=done(f"extended by {days} days")
    )
    return Outcome(said, {}, (referral.friend,))
