"""How is an act told? Its verb as a past event, its object by kind, and a link where the object has a page."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goodword.web.desk.audit.log import Log
from goodword.web.desk.users.words import role_name

VERBS: dict[str, Promise] = {
    "client.add": _("added the client"),
    "client.clock": _("set the client's clock"),
    "client.edit": _("changed the client's settings"),
    "contest.answer": _("took down an answer in a contest"),
    "contest.close": _("closed a contest"),
    "creator.accept": _("accepted a contract as a creator"),
    "creator.apply": _("took down an application of a creator"),
    "creator.decline": _("declined a contract as a creator"),
    "creator.post": _("noted down a post of a creator"),
    "creator.vet": _("worked on a creator"),
    "referral.extend": _("let a referral lapse later"),
    "event.open_body": _("opened the sealed body of an event"),
    "event.retry": _("had events decided again"),
    "export.acts": _("took the log of acts away as a file"),
    "export.creators": _("took the list of creators away as a file"),
    "export.events": _("took a list of events away as a file"),
    "export.referrals": _("took a list of referrals away as a file"),
    "export.review": _("took the list of held referrals away as a file"),
    "import": _("brought a file in"),
    "backup": _("backed the installation up"),
    "import.abandon": _("gave up an import"),
    "import.undo": _("undid an import"),
    "keys.drop": _("took older keys out"),
    "keys.rotate": _("changed keys"),
    "restore": _("brought the installation back from a backup"),
    "key.create": _("made a key"),
    "key.revoke": _("ended a key"),
    "key.roll": _("rolled a key"),
    "person.erase": _("forgot a person"),
    "person.reveal": _("opened a person's contact details"),
    "person.waive": _("took down that a person gives up rewards"),
    "program.approve": _("approved a version of a program"),
    "program.ask": _("asked for a version of a program to go live"),
    "program.ask_approval": _("made a link to approve a version by"),
    "program.move": _("moved open referrals to a version of a program"),
    "program.publish": _("put a version of a program live"),
    "program.push": _("kept a version of a program"),
    "program.refuse": _("refused a version of a program"),
    "program.stop": _("stopped what a program promises"),
    "program.test": _("tested a version of a program"),
    "program.withdraw": _("withdrew a version of a program"),
    "proof.export": _("took a proof pack away"),
    "proof.verify": _("verified the log"),
    "referral.add": _("entered a referral"),
    "referral.message": _("prepared a message about a referral"),
    "referral.pause": _("let a held referral wait"),
    "referral.resume": _("took up a held referral that waited"),
    "referral.review": _("reviewed a referral"),
    "referral.transfer": _("asked a colleague to decide a held referral"),
    "reward.sent": _("said that a reward was sent"),
    "signal.switch": _("switched a signal of screening"),
    "user.activate": _("let somebody in again"),
    "user.deactivate": _("shut somebody out"),
    "user.invite": _("let somebody in"),
    "user.see_as": _("saw the desk as somebody else"),
    "user.set_password": _("set a password"),
}
_KINDS: dict[str, tuple[str, str]] = {  # kind of object -> (prefix of its id, URL name of its page)
    "event": ("evt", "event"),
    "referral": ("ref", "referral"),
    "person": ("prs", "person"),
    "party": ("prs", "person"),
    "key": ("key", ""),
    "reward": ("rwd", ""),
    "user": ("usr", ""),
    "program": ("", "program"),
    "import_run": ("imp", ""),
    "version": ("ver", ""),
    "client": ("", ""),
    "log": ("", ""),
    "contest": ("", ""),
    "creator": ("crt", "creator"),
}


def verb_of(code: str) -> str:
    """What was done, in words, with what stands behind the colon; an unknown verb is shown raw, never hidden."""
    verb, _mark, more = code.partition(":")
    said = VERBS.get(verb)
    if said is None:
        return code
    return f"{said} ({role_name(more)})" if more else str(said)


def prefix_of(kind: str) -> str:
    """How ids of that kind begin on screens."""
    return _KINDS.get(kind, ("", ""))[0]


def address_of(log: Log, kind: str, object_id: str) -> str:
    """The page of an act's object; '' where it has none."""
    _prefix, page = _KINDS.get(kind, ("", ""))
    if not page or not object_id or not log.slug:
        return ""
    try:
        return reverse(page, args=[log.slug, object_id])
    except NoReverseMatch:
        return ""
