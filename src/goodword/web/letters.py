"""What is mailed to people of the house? Links to choose a password, and news of their own account; where there is a mail server.

Mail goes out once the deed is committed, apart from the request. What fails is told to the operator's log without the
address: the link still stands on the page, and the deed in the log of acts.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
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


def send(address: str, language: str, subject: Promise, template: str, context: dict[str, Any]) -> None:
    """Send one letter now, in the reader's language."""
    with translation.override(language or "en"):
        EmailMessage(str(subject), render_to_string(template, context), to=[address]).send()


def _later(address: str, language: str, subject: Promise, template: str, context: dict[str, Any]) -> bool:
    if not can_mail():
        return False

    def deliver() -> None:
        try:
            send(address, language, subject, template, context)
        except Exception:
            log.exception("a letter about an account was not sent")

    transaction.on_commit(lambda: threading.Thread(target=deliver, daemon=True).start())
    return True
