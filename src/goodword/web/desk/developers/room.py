"""What does the developers' room show? Keys, what failed, what came in last, and a place to try an event."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goodword import settings
from goodword.actions.keys import LONGEST_OVERLAP_HOURS
from goodword.actions.permissions import May
from goodword.actions.trying import Tried, try_event
from goodword.core.events import EVENT_BYTES
from goodword.store.models import ApiKey, Referral
from goodword.store.reads import received as reads
from goodword.store.sql.keys import SCOPES, TEST_SCOPE, USUAL_SCOPES
from goodword.web import words
from goodword.web.desk import doing
from goodword.web.desk.checks import Check, check_of
from goodword.web.desk.door import Ask, asking, page

_LATEST = 8
OVERLAPS_HOURS = (1, 24, 72, 168)
EXPIRES_DAYS = (30, 90, 365)


@dataclass(frozen=True)
class KeyLine:
    """A key as it may be shown, and how it stands: open, ending or ended."""

    id: str
    name: str
    last4: str
    scopes: list[str]
    source: str
    created_at: datetime
    last_used_at: datetime | None
    ends_at: datetime | None
    state: str

    @property
    def is_test(self) -> bool:
        """Whether nothing that it sends is stored."""
        return self.scopes == [TEST_SCOPE]


@require_GET
@asking(May.EVENTS)
def home(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """The room."""
    return page(request, "goodword/developers/home.html", context_of(ask, request))


@require_POST
@asking(May.EVENTS)
def attempt(ask: Ask, request: HttpRequest) -> HttpResponseBase:
    """What would become of an event that was pasted. Nothing is stored, whatever the answer."""
    typed = request.POST.get("event", "")
    source = request.POST.get("source", "") or "api"
    raw = typed.encode("utf-8", "replace")
    with doing.chain_of(ask) as (chain, _client):
        tried = try_event(chain, ask.client_id, raw, source[:63], at=datetime.now(UTC))
    context = context_of(ask, request) | {"tried": told(ask, tried), "typed": typed, "source": source}
    response = page(request, "goodword/developers/home.html", context)
    response.status_code = 422 if tried.problems else 200
    return response


def context_of(ask: Ask, request: HttpRequest) -> dict[str, Any]:
    """All that the room shows, for its page and for the forms on it that were refused."""
    may, now = ask.desk.may, datetime.now(UTC)
    counts = reads.counts(ask.client_id)
    latest, _more = reads.received(ask.client_id, reads.Wanted(), None, _LATEST)
    keys = _keys(ask.client_id, now) if May.KEYS in may else []
    return {
        "keys": keys,
        "may_see_keys": May.KEYS in may,
        "may_create": May.CREATE_KEY in may,
        "may_revoke": May.REVOKE_KEY in may,
        "may_retry": May.RETRY in may,
        "scopes": SCOPES,
        "usual_scopes": USUAL_SCOPES,
        "overlaps": OVERLAPS_HOURS,
        "longest_overlap": LONGEST_OVERLAP_HOURS,
        "expiries": EXPIRES_DAYS,
        "nonce": secrets.token_hex(16),
        "counts": counts,
        "latest": latest,
        "events_href": reverse("events", args=[ask.slug]),
        "replay_href": reverse("events_replay", args=[ask.slug]),
        "typed": json.dumps(sample(ask, now), indent=2),
        "event_kb": EVENT_BYTES // 1024,
        "source": "api",
        "sources": sorted({one.source for one in keys} | {"api"}),
        "address": address_of(request),
    }


def address_of(request: HttpRequest) -> str:
    """Where systems send events: as the operator set it, else as this page was reached."""
    base = settings.public_url() if settings.text("public_url") else request.build_absolute_uri("/").rstrip("/")
    return f"{base}/v1/events"


def sample(ask: Ask, now: datetime) -> dict[str, Any]:
    """A purchase as a shop would send it."""
    currency = ask.desk.client.currency if ask.desk.client else "EUR"
    return {
        "id": "shop-8831-paid",
        "type": "purchase",
        "at": now.replace(microsecond=0).isoformat().replace("+00:00", "Z"),
        "person": {"id": "c-991", "email": "bob@example.com"},
        "order": {"id": "8831", "amount": "54.00", "currency": currency},
    }


def curl_of(ask: Ask, request: HttpRequest, secret: str, now: datetime, *, is_test: bool = False) -> str:
    """A request that is ready to be sent."""
    return (
        f"curl -sS -X POST {address_of(request)}{'/try' if is_test else ''} \\\n"
        f"  -H 'Authorization: Bearer {secret}' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{json.dumps(sample(ask, now))}'"
    )


def _keys(client_id: str, now: datetime) -> list[KeyLine]:
    """Keys that open something first, then those that ended, the newest first."""
    found = [_line(row, now) for row in ApiKey.objects.of(client_id).order_by("-created_at", "id").defer("hash")]
    return sorted(found, key=lambda one: one.state == "ended")


def _line(row: ApiKey, now: datetime) -> KeyLine:
    ends_at = min((moment for moment in (row.revoked_at, row.expires_at) if moment), default=None)
    state = "open" if ends_at is None else "ended" if ends_at <= now else "ending"
    return KeyLine(
        row.id.hex,
        row.name,
        row.last4,
        sorted(row.scopes),
        row.source,
        row.created_at,
        row.last_used_at,
        ends_at,
        state,
    )


# ---- an event that was tried


def told(ask: Ask, tried: Tried) -> dict[str, Any]:
    """The answer for the page: what is wrong, or the receipt and what would be decided."""
    decision = tried.decision
    reasons: list[Check] = [check_of(reason, "auditor") for reason in decision.reasons] if decision else []
    moved = [one.id for one in decision.referrals] if decision else []
    there = {id.hex for id in Referral.objects.of(ask.client_id).filter(id__in=moved).values_list("id", flat=True)}
    return {
        "problems": tried.problems,
        "event": tried.event,
        "amount": words.event_amount(tried.event) if tried.event else "",
        "known": tried.known,
        "is_ahead": tried.is_ahead,
        "decision": decision,
        "due": tried.due,
        "reasons": reasons,
        "referrals": [
            (
                one,
                one.id in there and May.REFERRALS in ask.desk.may,
                [(_("referrer") if reward.to == "advocate" else _("friend"), reward,
                  words.money(reward.amount_minor, reward.asset)) for reward in one.rewards],
            )
            for one in (decision.referrals if decision else ())
        ],
        "entries": len(decision.entries) if decision else 0,
    }  # fmt: skip
