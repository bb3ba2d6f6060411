"""How is a creator told? States, reasons and disclosures in words, and the text that a contract begins as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from goodword.actions.creator_contracts import LINK_ROLE
from goodword.core.terms import Terms
from goodword.web import words
from goodword.web.desk.audit.deeds import verb_of

Told = tuple[Promise, str, str]  # words, icon, tone

STATES: dict[str, Told] = {
    "applied": (pgettext_lazy("state of a creator", "applied"), "sand", "wait"),
    "vetted": (pgettext_lazy("state of a creator", "taken, no contract yet"), "half", "info"),
    "active": (pgettext_lazy("state of a creator", "active"), "ok", "ok"),
    "paused": (pgettext_lazy("state of a creator", "paused"), "hold", "hold"),
    "ended": (pgettext_lazy("state of a creator", "ended"), "dot", "mute"),
    "declined": (pgettext_lazy("state of a creator", "declined"), "no", "stop"),
}
POST_STATES: dict[str, Told] = {
    "due": (gettext_lazy("disclosure is due"), "sand", "wait"),
    "stated": (gettext_lazy("waits for a check"), "half", "info"),
    "verified": (gettext_lazy("disclosed"), "ok", "ok"),
    "missing": (gettext_lazy("does not disclose"), "no", "stop"),
}
CONTRACT_STATES: dict[str, Told] = {
    "open": (gettext_lazy("waits for the answer"), "sand", "wait"),
    "ruling": (gettext_lazy("rules"), "ok", "ok"),
    "coming": (gettext_lazy("accepted, begins later"), "half", "info"),
    "former": (gettext_lazy("ruled before"), "dot", "mute"),
    "withdrawn": (gettext_lazy("withdrawn"), "dot", "mute"),
    "declined": (gettext_lazy("declined by the creator"), "no", "stop"),
}
DEEDS: dict[str, Promise] = {
    "creator.apply:form": gettext_lazy("Applied by the form"),
    "creator.apply:desk": gettext_lazy("Application taken down"),
    "creator.apply:again": gettext_lazy("Applied again; nothing new was kept"),
    "creator.vet:taken": gettext_lazy("Taken"),
    "creator.vet:declined": gettext_lazy("Declined"),
    "creator.vet:offered": gettext_lazy("Contract offered"),
    "creator.vet:link": gettext_lazy("Link made"),
    "creator.vet:brief": gettext_lazy("Briefed"),
    "creator.vet:pause": gettext_lazy("Paused"),
    "creator.vet:resume": gettext_lazy("Taken up again"),
    "creator.vet:end": gettext_lazy("Contract ended"),
    "creator.vet:forgotten": gettext_lazy("Forgotten"),
    "creator.vet:mailed": gettext_lazy("Link sent by mail"),
    "creator.accept": gettext_lazy("Contract accepted"),
    "creator.decline": gettext_lazy("Contract declined"),
    "creator.post": gettext_lazy("Post noted down"),
    "creator.post:disclosed": gettext_lazy("Disclosure of a post told"),
    "creator.post:verified": gettext_lazy("Post checked: it discloses"),
    "creator.post:missing": gettext_lazy("Post checked: it does not disclose"),
}
WHYS: dict[str, Promise] = {
    "audience": gettext_lazy("The audience does not fit"),
    "content": gettext_lazy("What they post does not fit"),
    "duplicate": gettext_lazy("Applied under another name before"),
    "staff": gettext_lazy("Works for the client"),
    "fraud": gettext_lazy("Signs of deceit"),
    "other": gettext_lazy("Another reason"),
}
DISCLOSURES: dict[str, Promise] = {
    "ad": gettext_lazy("In the text: #ad, “Advertisement”"),
    "paid_partnership": gettext_lazy("Label of the platform: paid partnership"),
    "label": gettext_lazy("A label inside the picture or film"),
    "spoken": gettext_lazy("Spoken at the beginning"),
    "none": gettext_lazy("Not said yet"),
}


def deed(verb: str) -> str:
    """What was done, as the record of the creator tells it."""
    return str(DEEDS.get(verb) or verb_of(verb))


def doer(name: str, role: str) -> str:
    """Who did it: the creator behind the link or the form, else somebody of the house."""
    return _("the creator") if role == LINK_ROLE else name


def begun_text(client: str, name: str, code: str, terms: Terms) -> str:
    """A text to begin a contract with. The house changes it; it is no legal advice."""
    tail = terms.contracts.tail.days if terms.contracts else 0
    parts = [
        _("{client} and {name} agree:").format(client=client, name=name),
        _("1. {name} recommends {client} in the program “{program}” with the code {code}.").format(
            name=name, client=client, program=terms.name, code=code
        ),
        _("2. {client} pays for it as said below, and otherwise by the terms of the program.").format(client=client),
        _("3. Every post says clearly, at its beginning, that it is advertising."),
        _("4. Either side may end this contract at any time.")
        + (
            " "
            + _("For {n} days after it, orders of friends who came before are still paid for.").format(n=tail)
            if tail
            else ""
        ),
    ]
    return "\n\n".join(parts)


def whole_text(text: str, values: Sequence[tuple[str, str]], starts_at: datetime | None) -> str:
    """The text as it is shown and accepted: with its values, and the day from which they hold."""
    lines = [text.replace("\r\n", "\n").strip(), ""]
    lines += [_("What is paid on “{milestone}”: {gift}.").format(milestone=name, gift=gift) for name, gift in values]
    if not values:
        lines.append(_("What is paid: as the terms of the program say."))
    if starts_at is None:
        lines.append(_("It begins when it is accepted."))
    else:
        lines.append(_("It begins on {day}, or when it is accepted after that.").format(day=f"{starts_at:%Y-%m-%d}"))
    return "\n".join(lines)


def money_of(earned: Iterable[tuple[str, int]]) -> list[str]:
    """Sums that were earned, an asset each."""
    return [str(words.money(minor, asset)) for asset, minor in earned]
