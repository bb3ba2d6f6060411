"""What would become of an event? Test mode over HTTP: read and decided like a real one, and nothing is stored."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from goodword.actions.trying import Tried, try_event
from goodword.api.door import Asked, Refused, body_of, keyed, said, told
from goodword.core.reasons import verdict
from goodword.core.situation import Decision
from goodword.store.sql.keys import TEST_SCOPE


@keyed({"POST": TEST_SCOPE})
def tried(asked: Asked, request: HttpRequest) -> HttpResponseBase:
    """200 with what the event would bring now; 422 with every place that is wrong. Sent for real, it would say the same."""
    if not (raw := body_of(request)).strip():
        raise Refused(400, "Not readable", "Send one event as a JSON object.", "empty")
    found = try_event(asked.chain, asked.client.id, raw, asked.source, at=asked.at)
    if found.problems or found.event is None:
        problems = [msgspec.structs.asdict(problem) for problem in found.problems]
        detail = "Nothing was stored; sent for real, it would not be taken in."
        return said(422, "Not accepted", detail, problems, code="invalid")
    if found.known == "other":
        detail = "An event with this id was accepted before, with another body. Nothing was stored now."
        return said(409, "Already there with other content", detail, code="id_taken")
    return told(_as_data(found, found.event.id))


def _as_data(found: Tried, event_id: str) -> dict[str, Any]:
    """As the front door answers with `Prefer: wait`, and that nothing of it was kept."""
    answer = {"event": f"evt_{event_id}", "duplicate": found.known == "same", "stored": False}
    if found.is_ahead:
        return answer | {"waits": "It lies ahead of the clock and would be decided when its time has come."}
    return answer | ({"decision": _decision(found.decision)} if found.decision else {})


def _decision(decision: Decision) -> dict[str, Any]:
    main = verdict(decision.reasons)
    return {
        "verdict": main.code if main else "",
        "reasons": [
            {"code": one.code, "passed": one.passed, "value": one.value, "needed": one.needed, "about": one.about}
            for one in decision.reasons
        ],
        "referrals": [{"id": f"ref_{one.id}", "state": one.state} for one in decision.referrals],
        "entries": len(decision.entries),
    }
