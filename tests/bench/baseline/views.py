"""The same first-order promise as the product's, in plain Django: checks, ORM, one transaction an event, decided at once."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path

from tests.bench.baseline.models import Account, ApiKey, Click, Code, Entry, Event, Person, Referral, Reward

REWARD = Decimal("10.00")
HOLD = timedelta(days=14)


def events(request: HttpRequest) -> HttpResponse:
    """One event, or one a line."""
    secret = request.headers.get("authorization", "").removeprefix("Bearer ")
    key = ApiKey.objects.filter(hash=hashlib.sha256(secret.encode()).hexdigest()).first()
    if key is None:
        return JsonResponse({"title": "unknown key"}, status=401)
    if request.headers.get("content-type") == "application/x-ndjson":
        results = [_take_in(key.client, json.loads(line)) for line in request.body.splitlines() if line.strip()]
        return JsonResponse({"results": results}, status=207)
    result = _take_in(key.client, json.loads(request.body))
    return JsonResponse(result, status=422 if "errors" in result else 202)


def _take_in(client: int, sent: dict[str, Any]) -> dict[str, Any]:
    needed = {"click": ("code",), "signup": ("person",)}.get(sent.get("type", ""), ("person", "order"))
    problems = [name for name in ("id", "type", "at", *needed) if not sent.get(name)]
    if problems:
        return {"errors": problems}
    at = datetime.fromisoformat(sent["at"])
    if at.tzinfo is None or Decimal(sent.get("order", {}).get("amount", "0")) < 0:
        return {"errors": ["order.amount", "at"]}
    with transaction.atomic():
        event, is_new = Event.objects.get_or_create(
            client=client, external_id=sent["id"], defaults={"type": sent["type"], "at": at, "body": sent}
        )
        if is_new:
            _decide(client, sent, at)
    return {"event": event.pk, "duplicate": not is_new}


def _decide(client: int, sent: dict[str, Any], at: datetime) -> None:
    """Ten euros for whoever owns the code, at the friend's first order."""
    code = Code.objects.select_related("advocate").filter(client=client, code=sent.get("code", "")).first()
    if sent["type"] == "click":
        if code is not None:
            ip = sent.get("context", {}).get("ip", "")
            Click.objects.create(code=code, token=secrets.token_hex(16), ip=ip, visitor=sent.get("visitor", ""))
        return
    person = sent["person"]
    friend, _ = Person.objects.get_or_create(
        client=client,
        external_id=person["id"],
        defaults={"email": person.get("email", ""), "name": person.get("name", "")},
    )
    if code is None and sent.get("visitor"):
        click = Click.objects.select_related("code__advocate").filter(visitor=sent["visitor"]).order_by("-at").first()
        code = click.code if click else None
    referral = Referral.objects.select_related("advocate").filter(client=client, friend=friend).first()
    if referral is None and code is not None and code.advocate != friend:
        referral = Referral.objects.create(client=client, friend=friend, advocate=code.advocate, state="joined")
    if sent["type"] == "purchase" and referral is not None and referral.state == "joined":
        _grant(client, referral, at)


def _grant(client: int, referral: Referral, at: datetime) -> None:
    referral.state = "rewarded"
    referral.save(update_fields=["state"])
    reward = Reward.objects.create(
        referral=referral, payee=referral.advocate, amount=REWARD, currency="EUR", state="pending", due_at=at + HOLD
    )
    for name, amount in ((f"payable:{referral.advocate.pk}", REWARD), ("budget", -REWARD)):
        account, _ = Account.objects.select_for_update().get_or_create(client=client, name=name)
        account.balance += amount
        account.save(update_fields=["balance"])
        Entry.objects.create(account=account, reward=reward, amount=amount)


def redirect(request: HttpRequest, code: str) -> HttpResponse:
    """A referral link: the click is on disk before the friend goes on."""
    found = Code.objects.filter(code=code).first()
    if found is None:
        return HttpResponse(status=404)
    token = secrets.token_hex(16)
    with transaction.atomic():
        Click.objects.create(
            code=found,
            token=token,
            ip=request.META.get("REMOTE_ADDR", ""),
            user_agent=request.headers.get("user-agent", "")[:500],
        )
    return HttpResponseRedirect(f"https://acme.example/welcome?ref={code}&click=clk_{token}")


urlpatterns = [path("v1/events", events), path("r/<str:code>", redirect)]
