"""In which words do screens speak of roles and of how somebody stands?"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goodword.actions.permissions import OPERATOR

ROLE_NAMES: dict[str, Promise] = {
    OPERATOR: _("Command line"),
    "admin": _("Administrator"),
    "manager": _("Manager"),
    "lead": _("Team lead"),
    "agent": _("Agent"),
    "client_viewer": _("Client viewer"),
    "auditor": _("Auditor"),
    "it": _("IT"),
    "developer": _("Developer"),
}
ROLE_HINTS: dict[str, Promise] = {
    "admin": _("Everything."),
    "manager": _("Runs the programs and the team."),
    "lead": _("An agent who also brings files in and sees the team."),
    "agent": _("Works on referrals, people and reviews."),
    "client_viewer": _("Somebody of the client: numbers and referrals without names."),
    "auditor": _("Reads everything that was decided and done, without names."),
    "it": _("Runs the machine and the keys, without people and money."),
    "developer": _("Connects the client's systems."),
}
STANDINGS: dict[str, tuple[str, str, Promise]] = {  # standing -> (tone, icon, word)
    "active": ("ok", "ok", _("May sign in")),
    "invited": ("wait", "clock", _("Invited")),
    "out": ("mute", "no", _("Shut out")),
}


def role_name(role: str) -> str:
    """A role by its name for people; an unknown one as it is written."""
    return str(ROLE_NAMES.get(role, role))
