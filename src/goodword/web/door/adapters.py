"""What does allauth do our way? Passwords are tried under the lock-out, secrets are sealed, messages are our toasts."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goodword.actions import second_factor
from goodword.actions import sign_in as act
from goodword.store.models import User
from goodword.store.open_vault import vault
from goodword.store.scope import HOUSE
from goodword.web import letters
from goodword.web.door.reachable import browser_of
from goodword.web.door.watch import roles_of
from goodword.web.toasts import toast

_SAYS: dict[str, Promise] = {
    "mfa/messages/totp_activated.txt": _(
        "The authenticator app is set up. From now on it is asked for when you sign in."
    ),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app is no longer asked for."),
    "mfa/messages/webauthn_added.txt": _("The passkey is kept. You can sign in with it."),
    "mfa/messages/webauthn_removed.txt": _("The passkey does not open this account any more."),
    "usersessions/messages/sessions_logged_out.txt": _("All other sessions were ended."),
}
_NEWS = {
    "mfa/email/totp_activated": "app_added",
    "mfa/email/totp_deactivated": "app_removed",
    "mfa/email/webauthn_added": "passkey_added",
    "mfa/email/webauthn_removed": "passkey_removed",
    "mfa/email/recovery_codes_generated": "codes_made",
}


class StaffAdapter(DefaultAccountAdapter):
    """Accounts of staff: nobody signs up, and there is one way to try a password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def reauthenticate(self, user: User, password: str) -> bool:
        """Raises Locked like the front door does; the form says it."""
        tried = act.attempt(user.email, password, datetime.now(UTC))
        return tried is not None and tried.pk == user.pk

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Our own sentence where there is one; signing in and out go without saying."""
        if said := _SAYS.get(message_template or ""):
            toast(request, str(said))

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """The same page as for anybody who cannot come in: it does not tell that there was such an account."""
        return HttpResponseRedirect(reverse("sign_in"))

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Our own letter about what changed; the log of acts keeps it either way."""
        if what := _NEWS.get(template_prefix):
            letters.news(user, what, datetime.now(UTC))

    def get_client_ip(self, request: HttpRequest) -> str:
        """The server has already put a trusted proxy's word in here; a socket has no address at all."""
        return self._plain_address(request.META.get("REMOTE_ADDR", ""))

    @staticmethod
    def _plain_address(written: str) -> str:
        from allauth.core.internal.httpkit import clean_client_ip

        return (clean_client_ip(written) if written else None) or "0.0.0.0"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors: secrets sealed under the house's key, a QR code as plain shapes, our words."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not the right one. Codes change every half minute; type the one shown now."),
        "cannot_delete_authenticator": _(
            "Your role needs a second factor, and this is the only one. Set up another one first."
        ),
    }

    def encrypt(self, text: str) -> str:
        sealed = vault().open_client(HOUSE.hex).seal("mfa_authenticator", "data", "", text.encode())
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        sealed = base64.b64decode(encrypted_text)
        return vault().open_client(HOUSE.hex).open("mfa_authenticator", "data", "", sealed).decode()

    def build_totp_svg(self, url: str) -> str:
        """One path of black squares on white, so that it also reads on a dark page and needs no style."""
        code = qrcode.QRCode(border=3, box_size=1)
        code.add_data(url)
        code.make(fit=True)
        rows = code.get_matrix()
        shape = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
        size = len(rows)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="220" height="220"'
            f' shape-rendering="crispEdges" aria-hidden="true" focusable="false">'
            f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{shape}" fill="#000"/></svg>'
        )

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of somebody who has to have one."""
        if not second_factor.is_demanded(roles_of(context.request)):
            return True
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=second_factor.KINDS)
        return bool(others.exclude(pk=authenticator.pk).exists())

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What the passkey is called until the person says otherwise: where it was made."""
        return browser_of(context.request.META.get("HTTP_USER_AGENT", "")) or str(_("This device"))
