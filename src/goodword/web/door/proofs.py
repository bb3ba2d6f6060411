"""How does a person prove that it is them: code, passkey, password again? allauth's views with our forms, words and status."""

from __future__ import annotations

import json
from typing import Any

from allauth.account import views as accounts
from allauth.account.models import Login
from allauth.mfa.base import views as codes
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from allauth.mfa.webauthn.internal import auth, flows
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic.base import ContextMixin, View

from goodword.web.door import forms, reachable
from goodword.web.door.adapters import SecondFactorAdapter
from goodword.web.sign_in import inside

_HIDDEN = sensitive_post_parameters("password", "code", "credential")
_WAYS: dict[str, Promise] = {
    "reauthenticate": gettext_lazy("Use your password"),
    "mfa_reauthenticate": gettext_lazy("Use a code"),
    "mfa_reauthenticate:webauthn": gettext_lazy("Use a passkey"),
}


class Told:
    """A form that was refused answers 422, or 429 while its subject is locked."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]  # the view beside this mixin has it
        response.status_code = _status(form)
        return response


def _status(form: Any) -> int:
    return 429 if getattr(form, "is_locked", False) else 422


class Code(codes.AuthenticateView):
    """The second step of signing in: a code, or a passkey where one can be used."""

    template_name = "goodword/door/code.html"
    form_class = forms.CodeForm
    webauthn_form_class = forms.PasskeyStepForm

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        response.status_code = _status(form)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        user = self.stage.login.user
        has_passkey = bool(auth.get_credentials(user)) and reachable.passkeys_work(self.request)
        options = context["js_data"]["request_options"] if has_passkey else None
        return context | {
            "email": user.email,
            "options": json.dumps(options) if options else "",
            "error": _first_error(self.auth_form, self.webauthn_form),
        }


class PasskeySignIn(passkeys.LoginWebAuthnView):
    """Signing in with a passkey alone: it is something one has, opened by something one knows or is."""

    form_class = forms.PasskeySignInForm

    def form_valid(self, form: Any) -> HttpResponse:
        authenticator = form.cleaned_data["credential"]
        onward = inside(self.request, self.request.POST.get("next", "/"))
        login = Login(user=authenticator.user, redirect_url=onward)
        response: HttpResponse = flows.perform_passwordless_login(self.request, authenticator, login)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        from goodword.web.sign_in import shown

        error = _("This passkey does not open an account here. Use another one, or your password.")
        return shown(self.request, {"error": error}, status=422)


class _Again(ContextMixin, View):
    """What the three pages share on which somebody signed in proves it once more."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        ways = context.get("reauthentication_alternatives", [])
        usable = [way for way in ways if "webauthn" not in way["id"] or reachable.passkeys_work(self.request)]
        options = context.get("js_data", {}).get("request_options")
        return context | {
            "ways": [(_WAYS[way["id"]], way["url"]) for way in usable],
            "options": json.dumps(options) if options else "",
            "error": _first_error(context.get("form")),
        }


class PasswordAgain(_Again, Told, accounts.ReauthenticateView):
    """By the password."""

    template_name = "goodword/door/prove.html"
    form_class = forms.PasswordAgainForm
    extra_context = {"by": "password"}


class CodeAgain(_Again, Told, codes.ReauthenticateView):
    """By a code."""

    template_name = "goodword/door/prove.html"
    form_class = forms.CodeAgainForm
    extra_context = {"by": "code"}


class PasskeyAgain(_Again, passkeys.ReauthenticateWebAuthnView):
    """By a passkey."""

    template_name = "goodword/door/prove.html"
    form_class = forms.PasskeyAgainForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"by": "passkey"}

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=422)
        return response


class AppOn(Told, app.ActivateTOTPView):
    """Setting up an authenticator app."""

    template_name = "goodword/door/app.html"
    form_class = forms.AppForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        secret = context["form"].secret
        spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        return context | {"secret": spaced, "error": _first_error(context["form"])}


class PasskeyAdd(Told, passkeys.AddWebAuthnView):
    """Keeping a new passkey: always one that signs in alone, so it has to ask for a finger, a face or a PIN."""

    template_name = "goodword/door/passkey.html"
    form_class = forms.NewPasskeyForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not reachable.passkeys_work(request):
            return HttpResponseRedirect(reverse("account"))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or self.get_form()
        options = auth.begin_registration(self.request.user, True)
        return {"form": form, "view": self, "options": json.dumps(options), "error": _first_error(form)}


class PasskeyName(Told, passkeys.EditWebAuthnView):
    """Calling a passkey something else."""

    template_name = "goodword/door/passkey_name.html"
    form_class = forms.PasskeyNameForm


class PasskeyRemove(passkeys.RemoveWebAuthnView):
    """Taking a passkey away, unless it is the one that a role has to have."""

    template_name = "goodword/door/passkey_remove.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"kept": not SecondFactorAdapter().can_delete_authenticator(self.object)}

    def form_valid(self, form: Any) -> HttpResponse:
        if not SecondFactorAdapter().can_delete_authenticator(self.object):
            raise PermissionDenied
        response: HttpResponse = super().form_valid(form)
        return response


def _first_error(*asked: Any) -> str:
    """The first thing that is wrong in any of these forms; '' where nothing is."""
    for form in asked:
        if form is not None and form.is_bound:
            for errors in form.errors.values():
                return str(errors[0])
    return ""


code = _HIDDEN(Code.as_view())
passkey_sign_in = _HIDDEN(PasskeySignIn.as_view())
password_again = _HIDDEN(PasswordAgain.as_view())
code_again = _HIDDEN(CodeAgain.as_view())
passkey_again = _HIDDEN(PasskeyAgain.as_view())
app_on = _HIDDEN(AppOn.as_view())
app_off = app.DeactivateTOTPView.as_view(template_name="goodword/door/app_remove.html")
passkey_add = _HIDDEN(PasskeyAdd.as_view())
passkey_name = PasskeyName.as_view()
passkey_remove = PasskeyRemove.as_view()
recovery_codes = recovery.ViewRecoveryCodesView.as_view(template_name="goodword/door/recovery_codes.html")
recovery_codes_new = recovery.GenerateRecoveryCodesView.as_view(template_name="goodword/door/recovery_codes_new.html")
recovery_codes_file = recovery.DownloadRecoveryCodesView.as_view(template_name="goodword/door/recovery_codes.txt")
