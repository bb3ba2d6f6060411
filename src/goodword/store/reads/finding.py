"""Which thing is behind any identifier that somebody pasted? What people have at hand first, then what machines write."""

from __future__ import annotations

import re
import unicodedata
from uuid import UUID

from goodword.core.proof import HASH_BYTES
from goodword.store.models import Creator, EventKey, Identifier, Reward, Trail
from goodword.store.open_vault import vault
from goodword.store.reads import audit
from goodword.store.reads.listing import sources
from goodword.store.reads.people import Found, find

_OURS = re.compile(r"(?:(rwd|crt)_)?([0-9a-f]{6,32})\Z")
_LEAF = re.compile(r"(?:dec|ent|act)_[0-9a-f]{6,32}\Z")
_USUAL_SOURCE = "api"  # of rows that were imported as well, also where no key sends into it
_LEAF_NAMES = {kind: prefix for prefix, kind in audit.PREFIXES.items()}


def find_anything(client_id: str, typed: str) -> Found:
    """The one thing that was named. Beyond what `find` knows: rewards, creators, hashes, clicks, visitors, senders' own ids."""
    if (found := find(client_id, typed)).kind:
        return found
    text = unicodedata.normalize("NFKC", typed.replace("\x00", "")).strip()[:300]
    if not text:
        return Found()
    return (
        _of_ours(client_id, text.lower())
        or _of_the_log(client_id, text.lower())
        or _of_a_sender(client_id, text)
        or Found()
    )


def _of_ours(client_id: str, text: str) -> Found | None:
    """A reward leads to its referral, a creator to the creator; the beginning that screens show is enough."""
    match = _OURS.match(text)
    if match is None:
        return None
    prefix, digits = match.groups()
    between = (UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f")))
    if prefix in (None, "rwd"):
        rewards = Reward.objects.filter(client_id=client_id, id__range=between)
        referrals = list(rewards.values_list("referral_id", flat=True)[:2])
        if len(referrals) == 1:
            return Found("referral", referrals[0].hex)
    if prefix in (None, "crt"):
        creators = list(Creator.objects.filter(client_id=client_id, id__range=between).values_list("id", flat=True)[:2])
        if len(creators) == 1:
            return Found("creator", creators[0].hex)
    return None


def _of_the_log(client_id: str, text: str) -> Found | None:
    """The hash of a receipt or of any other leaf, the root of a checkpoint, the id of a decision, entry or act."""
    plain = text.replace("-", "")
    is_hash = len(plain) == 2 * HASH_BYTES and all(letter in "0123456789abcdef" for letter in plain)
    if not is_hash and _LEAF.match(text) is None:
        return None
    target = audit.find(client_id, text)
    if target is None:
        return None
    if target.size is not None:
        return Found("checkpoint", str(target.size))
    if target.kind is None:
        return None
    return (
        Found("event", target.id)
        if target.kind == "event"
        else Found("leaf", f"{_LEAF_NAMES[target.kind]}_{target.id}")
    )


def _of_a_sender(client_id: str, text: str) -> Found | None:
    """The id that a sender gave its event, a click's id, or a visitor's: of all of them only keyed hashes are kept."""
    keys = vault().open_client(client_id)
    named = [keys.token("event", f"{source}\x1f{text}") for source in {_USUAL_SOURCE, *sources([client_id])}]
    if event := EventKey.objects.filter(client_id=client_id, id__in=named).values_list("id", flat=True).first():
        return Found("event", event.hex)
    trail = Trail.objects.filter(client_id=client_id, owner=keys.token("click", text))
    if event := trail.order_by("at", "event_id").values_list("event_id", flat=True).first():
        return Found("event", event.hex)
    visitor = Identifier.objects.filter(client_id=client_id, kind="visitor", token=keys.token("visitor", text))
    if person := visitor.order_by("since").values_list("party_id", flat=True).first():
        return Found("party", person.hex)
    return None
