"""How does the desk redeem points on behalf of a person? As acts in the log, decided at once and kept in the log of acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from goodword.actions.deeds import Actor, note, require
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import ACT_SOURCE, append_act
from goodword.core.reasons import Reason
from goodword.store.sql import runs


class _Body(msgspec.Struct):
    reasons: tuple[Reason, ...] = ()


def redeem_for(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    party: str,
    item: str,
    quantity: int,
    *,
    program: str | None = None,
    once: str,
    at: datetime,
) -> Reason:
    """Spend a person's points on something of the catalogue. The reason says what for, or (not passed) why not.

    `once` names the wish: asked for again (a form sent twice) it is the same one, and the first answer stands.
    """
    act: dict[str, Any] = {"party": party, "item": item, "quantity": quantity, "by": actor.name}
    if program:
        act["program"] = program
    return _decided(chain, client, actor, ("party", party), "redeem", f"redeem-{once}", act, at)


def cancel_redemption(
    chain: Chain, client: ClientRow, actor: Actor, party: str, redemption: str, *, at: datetime
) -> Reason:
    """Take a redemption back; its points return with their old dates. Raises BadInput where it can no longer be cancelled."""
    act = {"redemption": redemption, "by": actor.name}
    id_ = f"redeem-cancelled-{redemption}-{at.isoformat()}"
    return _decided(chain, client, actor, ("party", party), "redeem_cancelled", id_, act, at)


def _decided(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    about: tuple[str, str],
    type_: str,
    id_: str,
    act: dict[str, Any],
    at: datetime,
) -> Reason:
    require(actor, May.REDEEM)
    with chain.conn.transaction():
        note(chain.conn, chain.keys(client.id), actor, May.REDEEM, *about, at=at, after={"type": type_} | act)
    when = runs.business_now(chain.conn, client.id, at).isoformat()
    append_act(chain, client, {"id": id_, "type": type_, "at": when, "act": act}, at=at, is_repeatable=True)
    row = chain.conn.execute(
        "SELECT d.body FROM decision d JOIN event e ON e.client_id = d.client_id AND e.id = d.event_id"
        " WHERE d.client_id = %s::uuid AND e.id = %s::uuid",
        (client.id, chain.keys(client.id).token("event", f"{ACT_SOURCE}\x1f{id_}")),
    ).fetchone()
    assert row is not None, "an act is decided before it is answered"
    return msgspec.json.decode(row[0], type=_Body).reasons[0]
