"""How does a body become a row of the log? Checked, its identities turned into tokens, itself sealed: the same for every way in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import msgspec

from goodword.core.events import ACT_BYTES, EVENT_BYTES, Problem, canonical_body, encode_facts, parse_event
from goodword.store.sql.log import LogRow


class ClientKeys(Protocol):
    """What an intake needs of a client's opened keys."""

    token: Callable[[str, str], str]

    def body_hash(self, raw: bytes) -> bytes:
        """Keyed hash of a canonical body."""

    def seal_intake(self, event_id: str, month: str, raw: bytes) -> tuple[str, bytes]:
        """(key id, sealed body)."""


class Intake(msgspec.Struct, frozen=True):
    """Everything that turns one client's bodies into rows, at one moment.

    `acts` lets acts of the house through. `business_now`, where an import sets the business clock, is what dates are ahead of.
    """

    client_id: str
    source: str
    keys: Any  # ClientKeys; msgspec knows no protocols
    programs: frozenset[str]
    plain: frozenset[str]
    received_at: datetime
    acts: bool = False
    business_now: datetime | None = None

    def row(self, raw: bytes, basis: bytes | None = None) -> LogRow | list[Problem]:
        """The row of one native event, or all that is wrong with it.

        `basis` is what the idempotency hash is taken over where the body differs on every retry of the same fact.
        """
        most = ACT_BYTES if self.acts else EVENT_BYTES
        if len(raw) > most:
            return [_event_too_large(len(raw), most)]
        try:
            event = parse_event(
                raw,
                received_at=self.business_now or self.received_at,
                source=self.source,
                token=self.keys.token,
                plain=self.plain,
                acts=self.acts,
            )
            if isinstance(event, list):
                return event
            if event.program is not None and event.program not in self.programs:
                return [_unknown_program(event.program)]
            facts = encode_facts(event)
            body_hash = self.keys.body_hash(canonical_body(raw) if basis is None else basis)
        except RecursionError:
            return [Problem("", "is nested too deeply", "send a flatter object", "malformed")]
        except (ValueError, OverflowError, msgspec.MsgspecError) as error:
            return [Problem("", f"cannot be kept as sent: {error}", "check numbers and characters", "invalid")]
        month = f"{self.received_at.year}-{self.received_at.month:02}"
        key_id, sealed = self.keys.seal_intake(event.id, month, raw)
        return LogRow(self.client_id, event, body_hash, key_id, sealed, self.received_at, facts)


def _event_too_large(size: int, most: int) -> Problem:
    return Problem("", f"{size} bytes; an event may hold {most}", "leave out what terms do not need", "too_large")


def _unknown_program(slug: str) -> Problem:
    return Problem(
        "program",
        f'"{slug}" is not a program of this client',
        "check the spelling, create the program first, or leave the field out",
        "program_unknown",
    )
