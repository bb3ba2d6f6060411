"""What is mailed? To people of the house links to choose a password, and news of their own account; to creators the link to their
own page; where there is a mail server.

Mail goes out once the deed is committed, apart from the request. What fails is told to the operator's log without the
address: the link still stands on the page, and the deed in the log of acts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from goodword import settings
from goodword.store.models import User

log = logging.getLogger(__name__)

# what changed on somebody's account -> what the letter says of it
NEWS: dict[str, Promise] = {
    "password": _("The password of your account was changed, and every other session was ended."),
    "app_added": _("An authenticator app was set up for your account. From now on it is asked for when you sign in."),
    "app_removed": _("The authenticator app of your account was taken away."),
    "passkey_added": _("A passkey was added to your account. Whoever holds it can sign in."),
    "passkey_removed": _("A passkey was taken away from your account."),
    "codes_made": _("New recovery codes were made for your account. The ones before open nothing any more."),
    "factors_forgotten": _(
        "An administrator took away the second factor of your account: the password alone opens it now."
    ),
}


class Letter(NamedTuple):
    """A letter as it is sent, and shown before."""

    subject: str
    text: str


def can_mail() -> bool:
    """Whether this installation has a mail server."""
    return bool(settings.text("smtp_host"))


def invite(address: str, language: str, path: str, hours: int) -> bool:
    """Mail the link with which somebody who was let in chooses a password; whether it can be mailed at all."""
    context = {"link": settings.public_url() + path, "hours": hours, "host": settings.public_url()}
    return _later(address, language, _("You were let in to Goodword"), "goodword/door/mail_invited.txt", context)


def link(address: str, language: str, path: str, hours: int) -> bool:
    """Mail the link that a colleague made for somebody who lost the password; whether it can be mailed at all."""
    context = {"link": settings.public_url() + path, "hours": hours, "by_colleague": True}
    return _later(address, language, _("Your link to choose a new password"), "goodword/door/mail_link.txt", context)


def news(user: User, what: str, at: datetime) -> bool:
    """Tell somebody that their account changed, so that they notice what they did not do."""
    when = date_format(timezone.localtime(at), "j M Y, H:i e")
    context = {"what": NEWS[what], "when": when, "account": f"{settings.public_url()}/account"}
    return _later(user.email, user.language, _("Your account was changed"), "goodword/door/mail_news.txt", context)


def for_creator(name: str, client: str, program: str, path: str, until: datetime, *, waits: bool) -> Letter:
    """The letter that brings a creator the link to their own page, in the language that is active. `waits`: an offer does."""
    subject = gettext("A contract with {client} for you") if waits else gettext("Your page with {client}")
    context = {"name": name, "client": client, "program": program, "link": settings.public_url() + path,
               "until": date_format(until, "j M Y"), "waits": waits}  # fmt: skip
    text = render_to_string("goodword/creators/mail_link.txt", context).strip() + "\n"
    return Letter(" ".join(subject.format(client=client).split()), text)


def mail(address: str, letter: Letter) -> bool:
    """Mail a letter that was shown; whether it can be mailed at all."""
    return _once_committed(lambda: _send(address, letter))


def _send(address: str, letter: Letter) -> None:
    EmailMessage(letter.subject, letter.text, to=[address]).send()


def send(address: str, language: str, subject: Promise, template: str, context: dict[str, Any]) -> None:
    """Send one letter now, in the reader's language."""
    with translation.override(language or "en"):
        _send(address, Letter(str(subject), render_to_string(template, context)))


def _later(address: str, language: str, subject: Promise, template: str, context: dict[str, Any]) -> bool:
    return _once_committed(lambda: send(address, language, subject, template, context))


def _once_committed(post: Callable[[], None]) -> bool:
    if not can_mail():
        return False

    def deliver() -> None:
        try:
            post()
        except Exception:
            log.exception("a letter was not sent")

    transaction.on_commit(lambda: threading.Thread(target=deliver, daemon=True).start())
    return True
