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

    WORK = "today.read", "have a list of what is due today"
    OVERVIEW = "overview.read", "see what the programs bring"
    REFERRALS = "referral.read", "see referrals and their stories"
    ADD_REFERRAL = "referral.add", "enter a referral, or who referred somebody, with evidence"
    PEOPLE = "person.find", "find people and see what is known of them"
    REVEAL = "person.reveal", "open a person's e-mail address and telephone number"
    NAMES = "person.read", "see names of people (others see initials)"
    EXPORT = "export.referrals", "take lists away as files"
    EVENTS = "event.read", "see events, decisions and their place in the proof"
    BODIES = "event.open_body", "open the sealed body of an event"
    RETRY = "event.retry", "have a dead-letter event decided again"
    AUDIT = "audit.read", "read every reason in the auditor's voice"
    AUDIT_LOG = "action.read", "read the log of acts, verify it and look things up in it"
    REVIEW = "referral.review", "clear or deny what screening holds"
    EXTEND = "referral.extend", "let a referral without progress lapse later"
    SWITCH_SIGNAL = "signal.switch", "switch a signal of screening off or on for a program"
    SEND = "reward.sent", "say that a payable reward left the house"
    REDEEM = "points.redeem", "redeem points for a person, and cancel a redemption"
    IMPORT = "import", "bring files in, and give up an import that was cut short"
    PROGRAMS = "program.read", "read programs and their versions"
    PUSH = "program.push", "keep a program's document as its next version"
    COMMENT = "program.comment", "say something about a program's draft, and set tasks"
    PUBLISH = "program.publish", "put a version of a program live"
    CLOSE_CONTEST = "contest.close", "freeze and award a contest, and disqualify a winner"
    ANSWER_CONTEST = "contest.answer", "take down a winner's answer, and how somebody is called on boards"
    CREATORS = "creator.read", "see creators, their contracts, briefs and posts"
    ADD_CREATOR = "creator.apply", "take down an application of a creator"
    VET_CREATOR = "creator.vet", "vet creators, offer contracts, brief, pause and end them"
    CHECK_POST = "creator.post", "note down a creator's post, and check its disclosure"
    WAIVE = "person.waive", "take down that a person gives up open rewards"
    ERASE = "person.erase", "forget a person for good"
    KEYS = "key.read", "see which keys for the front door there are"
    CREATE_KEY = "key.create", "make a key for the front door"
    REVOKE_KEY = "key.revoke", "end a key for the front door"
    CLOCK = "client.clock", "hold a client's business clock, or let it run"
    CLIENTS = "client.read", "see which clients there are"
    ADD_CLIENT = "client.add", "add a client"
    EDIT_CLIENT = "client.edit", "change a client's name, colour and settings"
    TEAM = "team.read", "see who works for a client"
    USERS = "user.read", "see everybody of the house"
    INVITE = "user.invite", "let people in, and give them roles"
    DEACTIVATE = "user.deactivate", "shut people out at once, or let them in again"
    SEE_AS = "user.see_as", "see the desk as somebody else does, read only"
    SYSTEM = "system.read", "see how the machine does"
    KEEP_HOUSE = "house.keep", "copy the installation away, bring it back, and change its keys"


OPERATOR = "operator"  # whoever may start commands on this machine; no person is given this role
PROGRAM_KEY = "program_key"  # an API key with the scope programs:write; no person is given this role

_EVERYTHING = frozenset(May)
_AGENT = frozenset({
    May.WORK, May.OVERVIEW, May.REFERRALS, May.ADD_REFERRAL, May.PEOPLE, May.REVEAL, May.NAMES, May.EXPORT, May.EVENTS,
    May.BODIES, May.RETRY, May.AUDIT, May.REVIEW, May.REDEEM, May.PROGRAMS, May.COMMENT, May.ANSWER_CONTEST, May.CREATORS,
    May.ADD_CREATOR, May.CHECK_POST,
})  # fmt: skip
_LEAD = _AGENT | {May.IMPORT, May.TEAM}
_MANAGER = _LEAD | {
    May.SEND, May.EXTEND, May.PUSH, May.PUBLISH, May.CLOSE_CONTEST, May.VET_CREATOR, May.WAIVE, May.SWITCH_SIGNAL, May.KEYS,
    May.AUDIT_LOG, May.CLIENTS, May.EDIT_CLIENT, May.INVITE, May.SEE_AS,
}  # fmt: skip

ROLES: dict[str, frozenset[May]] = {
    OPERATOR: _EVERYTHING,
    "admin": _EVERYTHING,
    "manager": _MANAGER,
    "lead": _LEAD,
    "agent": _AGENT,
    "client_viewer": frozenset({
        May.OVERVIEW, May.REFERRALS, May.EXPORT, May.PROGRAMS, May.COMMENT, May.CREATORS,
    }),
    "auditor": frozenset({
        May.OVERVIEW, May.REFERRALS, May.PEOPLE, May.EXPORT, May.EVENTS, May.AUDIT, May.AUDIT_LOG, May.PROGRAMS, May.TEAM,
        May.USERS, May.SYSTEM, May.CREATORS,
    }),
    "it": frozenset({
        May.EVENTS, May.RETRY, May.KEYS, May.CREATE_KEY, May.REVOKE_KEY, May.AUDIT_LOG, May.CLIENTS, May.TEAM, May.USERS,
        May.DEACTIVATE, May.SYSTEM,
    }),
    "developer": frozenset({May.REFERRALS, May.EVENTS, May.RETRY, May.KEYS, May.PROGRAMS}),
}  # fmt: skip
ROLES[PROGRAM_KEY] = frozenset({May.PROGRAMS, May.PUSH})
GIVEN = tuple(role for role in ROLES if role not in (OPERATOR, PROGRAM_KEY))


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
