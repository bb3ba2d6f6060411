"""What does the office do every fourth week? It pays, hands out what points are redeemed for, and looks at some of what is held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from goodword.actions.opening import Chain, ClientRow
from goodword.actions.programs import ACT_SOURCE
from goodword.errors import BadInput
from goodword.store.sql import log
from goodword.store.sql.intake import Intake

WEEKS_BETWEEN = 4
_LOOKED_AT_AFTER = timedelta(days=10)
_SPENDS = 3  # every so manieth wallet redeems
_LEFT_OUT = 15  # every so manieth reward is not paid yet: an account number is missing


def pay_and_review(chain: Chain, client: ClientRow, at: datetime) -> None:
    """Append the acts of one payday; the worker decides them. The caller holds the lane and has it decided so far."""
    acts = [_sent(reward, at) for number, reward in enumerate(_payable(chain, client), 1) if number % _LEFT_OUT]
    for number, referral in enumerate(_held(chain, client, at - _LOOKED_AT_AFTER)):
        if number % 3 == 0:
            acts.append(_review(referral, "clear", "other", at))
        elif number % 3 == 1:
            acts.append(_review(referral, "deny", "self_referral", at))
    acts += _redeemed(chain, client, at)
    intake = Intake(
        client.id, ACT_SOURCE, chain.keys(client.id), frozenset(), frozenset(), datetime.now(UTC), acts=True
    )
    rows = []
    for act in acts:
        row = intake.row(msgspec.json.encode(act))
        if isinstance(row, list):
            raise BadInput(f"A demo act cannot be kept: {row[0].why}.", "", row[0].repair)
        rows.append(row)
    if rows:
        log.append(chain.conn, rows)


def _sent(reward_id: str, at: datetime) -> dict[str, Any]:
    return {"id": f"sent-{reward_id}", "type": "sent", "at": at.isoformat(), "act": {"reward": reward_id}}


def _review(referral_id: str, verdict: str, why: str, at: datetime) -> dict[str, Any]:
    act = {"referral": referral_id, "verdict": verdict, "why": why}
    return {"id": f"review-{referral_id}-{at:%Y%m%d}", "type": "review", "at": at.isoformat(), "act": act}


def _payable(chain: Chain, client: ClientRow) -> list[str]:
    rows = chain.conn.execute(
        "SELECT id FROM reward WHERE client_id = %s::uuid AND state = 'payable' AND NOT starts_with(asset, 'PTS:')"
        " ORDER BY due_at, amount_minor, id",
        (client.id,),
    ).fetchall()
    return [row[0] for row in rows]


def _redeemed(chain: Chain, client: ClientRow, at: datetime) -> list[dict[str, Any]]:
    """Every so manieth wallet spends its points on the dearest thing that it carries."""
    rows = chain.conn.execute(
        "SELECT p.slug, v.document FROM program_version v JOIN program p ON p.client_id = v.client_id AND p.id = v.program_id"
        " WHERE v.client_id = %s::uuid AND v.state = 'live' ORDER BY p.slug",
        (client.id,),
    ).fetchall()
    catalogues = {slug: msgspec.json.decode(document).get("catalogue", {}) for slug, document in rows}
    offers = sorted((item["points"], slug, name) for slug, items in catalogues.items() for name, item in items.items())
    wallets = chain.conn.execute(
        "SELECT w.holder_id, w.available FROM wallet w JOIN party p ON p.client_id = w.client_id AND p.id = w.holder_id"
        " WHERE w.client_id = %s::uuid AND w.available > 0 ORDER BY w.holder_id",
        (client.id,),
    ).fetchall()
    acts = []
    for number, (holder, available) in enumerate(wallets):
        carried = [offer for offer in offers if offer[0] <= available]
        if carried and number % _SPENDS == 0:
            _points, program, item = carried[-1]
            act = {"party": holder, "item": item, "program": program}
            acts.append({"id": f"redeem-{holder}-{at:%Y%m%d}", "type": "redeem", "at": at.isoformat(), "act": act})
    return acts


def _held(chain: Chain, client: ClientRow, since: datetime) -> list[str]:
    rows = chain.conn.execute(
        "SELECT id FROM referral WHERE client_id = %s::uuid AND state = 'held' AND state_at <= %s ORDER BY created_at, id",
        (client.id, since),
    ).fetchall()
    return [row[0] for row in rows]
