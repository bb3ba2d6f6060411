"""Who may do what for a client? ONE table of roles and permissions; pages, exports and commands all ask it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class May(StrEnum):
    """One thing that a role may do."""

    REFERRALS = "see referrals and their stories"
    NAMES = "see names of people (others see initials)"
    EXPORT = "take lists away as CSV"
    EVENTS = "see events, decisions and their place in the proof"
    BODIES = "open the sealed body of an event (each time logged)"
    RETRY = "have a dead-letter event decided again"
    AUDIT = "read every reason in the auditor's voice"


_OFFICE = frozenset(May)

ROLES: dict[str, frozenset[May]] = {
    "admin": _OFFICE,
    "manager": _OFFICE,
    "lead": _OFFICE,
    "agent": _OFFICE,
    "client_viewer": frozenset({May.REFERRALS, May.EXPORT}),
    "auditor": frozenset({May.REFERRALS, May.EXPORT, May.EVENTS, May.AUDIT}),
    "it": frozenset({May.EVENTS, May.RETRY}),
    "developer": frozenset({May.REFERRALS, May.EVENTS, May.RETRY}),
}


def allowed(roles: Iterable[str]) -> frozenset[May]:
    """All that these roles together may do; an unknown role may do nothing."""
    return frozenset[May]().union(*(ROLES.get(role, frozenset()) for role in roles))
