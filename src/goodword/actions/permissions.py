"""Who may do what? ONE table of roles and permissions; pages, exports and commands all ask it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class May(StrEnum):
    """One thing that a role may do, by the verb that the log of acts keeps, and in words."""

    says: str

    def __new__(cls, verb: str, says: str) -> May:
        may = str.__new__(cls, verb)
        may._value_ = verb
        may.says = says
        return may

    REFERRALS = "referral.read", "see referrals and their stories"
    NAMES = "person.read", "see names of people (others see initials)"
    EXPORT = "export.referrals", "take lists away as files"
    EVENTS = "event.read", "see events, decisions and their place in the proof"
    BODIES = "event.open_body", "open the sealed body of an event"
    RETRY = "event.retry", "have a dead-letter event decided again"
    AUDIT = "audit.read", "read every reason in the auditor's voice"
    REVIEW = "referral.review", "clear or deny what screening holds"
    SEND = "reward.sent", "say that a payable reward left the house"
    IMPORT = "import", "bring files in, and give up an import that was cut short"
    PUSH = "program.push", "keep a program's document as its next version"
    PUBLISH = "program.publish", "put a version of a program live"
    WAIVE = "person.waive", "take down that a person gives up open rewards"
    ERASE = "person.erase", "forget a person for good"
    CREATE_KEY = "key.create", "make a key for the front door"
    REVOKE_KEY = "key.revoke", "end a key for the front door"
    CLOCK = "client.clock", "hold a client's business clock, or let it run"
    ADD_CLIENT = "client.add", "add a client"
    INVITE = "user.invite", "let people in, and give them roles"


OPERATOR = "operator"  # whoever may start commands on this machine; no person is given this role

_EVERYTHING = frozenset(May)
_AGENT = frozenset({May.REFERRALS, May.NAMES, May.EXPORT, May.EVENTS, May.BODIES, May.RETRY, May.AUDIT})
_LEAD = _AGENT | {May.REVIEW, May.IMPORT}
_MANAGER = _LEAD | {May.SEND, May.PUSH, May.PUBLISH, May.WAIVE}

ROLES: dict[str, frozenset[May]] = {
    OPERATOR: _EVERYTHING,
    "admin": _EVERYTHING,
    "manager": _MANAGER,
    "lead": _LEAD,
    "agent": _AGENT,
    "client_viewer": frozenset({May.REFERRALS, May.EXPORT}),
    "auditor": frozenset({May.REFERRALS, May.EXPORT, May.EVENTS, May.AUDIT}),
    "it": frozenset({May.EVENTS, May.RETRY, May.CREATE_KEY, May.REVOKE_KEY}),
    "developer": frozenset({May.REFERRALS, May.EVENTS, May.RETRY}),
}
GIVEN = tuple(role for role in ROLES if role != OPERATOR)


def allowed(roles: Iterable[str]) -> frozenset[May]:
    """All that these roles together may do; an unknown role may do nothing."""
    return frozenset[May]().union(*(ROLES.get(role, frozenset()) for role in roles))


def as_markdown() -> str:
    """The table for people; `docs/permissions.md` holds it."""
    lines = [f"| | {' | '.join(ROLES)} |", f"|---|{'---|' * len(ROLES)}"]
    for may in May:
        marks = ["✓" if may in ROLES[role] else "" for role in ROLES]
        lines.append(f"| {may.says} (`{may}`) | {' | '.join(marks)} |")
    return "\n".join(lines)
