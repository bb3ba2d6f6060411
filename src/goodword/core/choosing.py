"""Which of several gifts is it? A payee's choice, and the recorded number of a draw, as claims that stand ever after."""

from __future__ import annotations

import msgspec

from goodword.core.draft import Draft
from goodword.core.events import Event
from goodword.core.offers import CHANCES, by_weight
from goodword.core.reasons import Reason
from goodword.core.referral import Claim, Referral
from goodword.core.terms import Choice

Hindered = tuple[str, str]  # why it is not possible, and what can be done


def choose(event: Event, draft: Draft) -> tuple[Referral, Reason] | Hindered:
    """The payee chose the gift number `option` (0 is the first) of a promise; a claim of a single gift is option 0."""
    found = _open(event, draft)
    if not isinstance(found[0], Referral):
        return found[0], str(found[1])
    referral, claim, choice = found[0], found[1], found[2]
    option = event.act.get("option", 0)
    if claim.reason and claim.reason.code == "draw_waits":
        return "chance decides it", "wait for the draw"
    if isinstance(option, bool) or not isinstance(option, int) or not 0 <= option < len(choice.rows):
        return "there is no such gift", f"choose a number from 0 to {len(choice.rows) - 1}"
    return _decided(draft, referral, claim, choice, option, "the payee")


def drawn(event: Event, draft: Draft) -> tuple[Referral, Reason] | Hindered:
    """The house drew a random number below 2**53 for a gift that chance decides; it stays on record with the act."""
    found = _open(event, draft)
    if not isinstance(found[0], Referral):
        return found[0], str(found[1])
    referral, claim, choice = found[0], found[1], found[2]
    number = event.act.get("number")
    if claim.reason is None or claim.reason.code != "draw_waits":
        return "no draw is waited for", "let the payee choose"
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < CHANCES:
        return "this is not a random number", "send a whole number from 0 to 2**53 - 1"
    return _decided(draft, referral, claim, choice, by_weight(choice.rows, number), f"the draw {number}")


def _open(event: Event, draft: Draft) -> tuple[Referral, Claim, Choice] | Hindered:
    referral = draft.situation.referrals.get(str(event.act.get("referral")))
    if referral is None:
        return "the referral is not known", "take the id from the list of referrals"
    key = str(event.act.get("promise"))
    promise = draft.situation.terms_of(referral.program, referral.version).promise(key)
    claim = referral.claim("choice", key)
    if promise is None or promise.choice is None or claim is None:
        return "nothing is to be chosen there", "take the promise from the notice"
    if claim.granted is not None:
        return "it is decided already", "the first choice stands"
    return referral, claim, promise.choice


def _decided(
    draft: Draft, referral: Referral, claim: Claim, choice: Choice, option: int, by: str
) -> tuple[Referral, Reason]:
    line = choice.rows[option]
    reason = Reason("chosen", True, line.kind.sentence(line.give), by, claim.key)
    others = tuple(known for known in referral.claims if known is not claim)
    chosen = Claim("choice", claim.key, True, draft.clock, option, reason)
    return msgspec.structs.replace(referral, claims=(*others, chosen)), reason
