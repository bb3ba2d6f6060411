"""What may be typed at the door? allauth's forms, with tries counted and said in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from allauth.account.forms import ReauthenticateForm
from allauth.core import context
from allauth.mfa.base import forms as codes
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as app
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn import forms as passkeys
from cryptography.exceptions import InvalidSignature
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword.actions import lockout, second_factor
from goodword.store.models import User
from goodword.web.door.adapters import SecondFactorAdapter

_LONGEST_NAME = 60
# What the libraries raise about bytes that are no answer of a device, or one signed by another key.
_MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, InvalidSignature)


def locked_words(locked: lockout.Locked, now: datetime) -> str:
    """Until when nobody gets any further here; minutes too, for people are in other zones than the server."""
    minutes = max(1, round((locked.until - now).total_seconds() / 60))
    said = ngettext(
        "Too many wrong tries. This sign-in is locked until {time} (UTC), which is one minute from now.",
        "Too many wrong tries. This sign-in is locked until {time} (UTC), which is {minutes} minutes from now.",
        minutes,
    )
    return said.format(time=f"{locked.until:%H:%M}", minutes=minutes)


class _Code(forms.Form):
    """A code of the app or a recovery code, tried under the lock-out."""

    user: User
    is_locked = False

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        now = datetime.now(UTC)
        try:
            if second_factor.try_code(self.user.id, code, lambda: self._opens(code), now):
                return code
        except lockout.Locked as locked:
            self.is_locked = True
            raise ValidationError(locked_words(locked, now)) from None
        raise SecondFactorAdapter().validation_error("incorrect_code")

    def _opens(self, code: str) -> bool:
        """Whether the code is of an app or a list of recovery codes that the account has."""
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
        for one in Authenticator.objects.filter(user_id=self.user.pk, type__in=kinds):
            if one.wrap().validate_code(code):
                one.user = self.user
                self.authenticator = one
                return True
        return False


class CodeForm(_Code, codes.AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(_Code, codes.ReauthenticateForm):
    """Proving it again by a code."""


class AppForm(_Code, app.ActivateTOTPForm):
    """Setting up an authenticator app: the secret waits sealed in the session until a code shows that the app has it."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        forms.Form.__init__(self, *args, **kwargs)
        self.user = user
        session, adapter = context.request.session, SecondFactorAdapter()
        kept = session.get(totp.SECRET_SESSION_KEY) if self.is_bound else None
        self.secret = adapter.decrypt(kept) if kept else totp.generate_totp_secret()
        if not kept:
            session[totp.SECRET_SESSION_KEY] = adapter.encrypt(self.secret)

    def _opens(self, code: str) -> bool:
        return bool(totp.validate_totp_code(self.secret, code))


class PasswordAgainForm(ReauthenticateForm):
    """Proving it again by the password."""

    is_locked = False

    def clean_password(self) -> str:
        now = datetime.now(UTC)
        try:
            return str(super().clean_password())
        except lockout.Locked as locked:
            self.is_locked = True
            raise ValidationError(locked_words(locked, now)) from None


class PasskeyNameForm(passkeys.EditWebAuthnForm):
    """What a passkey is called."""

    name = forms.CharField(max_length=_LONGEST_NAME)


class _Credential:
    """The answer of a device. Whatever else a caller sends is no passkey, and no fault of this server."""

    def clean_credential(self) -> Any:
        with _no_passkey_if(*_MALFORMED):
            return super().clean_credential()  # type: ignore[misc]  # the form beside this mixin has it


class PasskeySignInForm(_Credential, passkeys.LoginWebAuthnForm):
    """Signing in with a passkey alone."""


class PasskeyStepForm(_Credential, passkeys.AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class PasskeyAgainForm(_Credential, passkeys.ReauthenticateWebAuthnForm):
    """Proving it again by a passkey."""


class NewPasskeyForm(passkeys.AddWebAuthnForm):
    """A passkey and its name."""

    name = forms.CharField(max_length=_LONGEST_NAME, required=False)

    def clean(self) -> dict[str, Any]:
        with _no_passkey_if(*_MALFORMED):
            return dict(super().clean())


@contextmanager
def _no_passkey_if(*trouble: type[Exception]) -> Iterator[None]:
    try:
        yield
    except trouble:
        raise ValidationError(_("This device did not answer with a passkey that fits. Try again.")) from None
