"""What did another system know? Lists, organizations and balances that were brought in are acts of the log like any other.

So files, replays and the server see one history, and a row that comes twice is one act.
"""

from __future__ import annotations

import msgspec

from goodword.core.acting import Outcome, blank, done, moment, refused, waiting_for
from goodword.core.amounts import Amount
from goodword.core.draft import Draft
from goodword.core.events import Event
from goodword.core.groups import organization_of
from goodword.core.ledger import OPENING, owed_account, payable_account
from goodword.core.observation import whose
from goodword.core.situation import Member, Owner
from goodword.core.units import is_points

HOLDINGS = ("credit", "points", "owed")


def listed(event: Event, draft: Draft) -> Outcome:
    """A party is on a named list, from a moment on and perhaps until another."""
    party, parties = whose(event, draft.situation)
    audience = event.act.get("audience")
    if party is None:
        return refused(draft, event, "the row names nobody", "give an id, an e-mail or a phone")
    if not isinstance(audience, str) or not audience:
        return refused(draft, event, "the row names no list", "give the name of the audience")
    member = Member(audience, party, moment(event.act.get("since")) or event.at, moment(event.act.get("until")))
    decision = msgspec.structs.replace(
        blank(draft, event),
        party=party,
        parties=parties,
        owners=tuple(Owner(kind, token, party, event.at) for kind, token in event.ids),
        members=(member,),
        reasons=done(audience),
    )
    return Outcome(decision, {}, waiting_for(draft, party))


def organization(event: Event, draft: Draft) -> Outcome:
    """A company by its own id, tax number or domain; what it is called lies sealed under a key of its own."""
    if not event.organization:
        return refused(draft, event, "the row names no organization", "give an id, a vat_id or a domain")
    company, parties = organization_of(event.organization, draft.situation)
    decision = msgspec.structs.replace(
        blank(draft, event),
        party=company,
        parties=parties,
        owners=tuple(Owner(kind, token, company, event.at) for kind, token in event.organization),
        reasons=done("organization"),
    )
    return Outcome(decision)


def balance(event: Event, draft: Draft) -> Outcome:
    """What a person held elsewhere: an opening entry, once for each person, asset and kind."""
    party, parties = whose(event, draft.situation)
    amount, kind = amount_of(event), str(event.act.get("kind"))
    if party is None:
        return refused(draft, event, "the row names nobody", "give an id, an e-mail or a phone")
    if amount is None or amount.minor <= 0 or kind not in HOLDINGS:
        return refused(draft, event, "the row has no amount or no kind", f"one of {', '.join(HOLDINGS)}")
    if (kind == "points") is not is_points(amount.asset):
        return refused(draft, event, "points have a unit of their own", 'give kind points with a unit such as "PTS:club"')
    if kind == "points" and draft.situation.unit(amount.asset) is None:
        return refused(draft, event, f"no program knows the unit {amount.asset}", "publish the program first")
    key = opening_counter(party, kind, amount.asset)
    if draft.counter(key)[0]:
        held = str(Amount(draft.counter(key)[1], amount.asset))
        return refused(draft, event, f"it was opened with {held}", "undo that import first")
    source, destination = sides_of(kind, draft.holder(party, amount.asset))
    draft.book(source, destination, amount, "posted", "opening_balance", party)
    draft.count(key, 1, amount.minor)
    decision = msgspec.structs.replace(
        blank(draft, event),
        party=party,
        parties=parties,
        owners=tuple(Owner(mark, token, party, event.at) for mark, token in event.ids),
        reasons=done(f"{kind} {amount}"),
    )
    return Outcome(decision)


def opening_counter(party: str, kind: str, asset: str) -> str:
    """The counter that keeps a balance from being opened twice."""
    return f"{party}|opening|{kind}|{asset}"


def amount_of(event: Event) -> Amount | None:
    """What the row says it is worth; None where it says nothing that can be counted."""
    minor, asset = event.act.get("amount_minor"), event.act.get("asset")
    return Amount(minor, asset) if isinstance(minor, int) and isinstance(asset, str) else None


def sides_of(kind: str, party: str) -> tuple[str, str]:
    """(source, destination) of an opening balance: what a person owes is the other way round."""
    if kind == "owed":
        return owed_account(party), OPENING
    return OPENING, payable_account(party)
