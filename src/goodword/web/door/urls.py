"""Which addresses has the door? Names that allauth asks for stand beside ours where it leads people on by them."""

from __future__ import annotations

from django.urls import path

from goodword.web import sign_in
from goodword.web.door import account, proofs, reset

urlpatterns = [
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-in", sign_in.sign_in, name="account_login"),
    path("sign-in/code", proofs.code, name="mfa_authenticate"),
    path("sign-in/passkey", proofs.passkey_sign_in, name="mfa_login_webauthn"),
    path("sign-in/forgotten", reset.forgotten, name="forgotten"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("welcome/<str:token>", sign_in.welcome, name="welcome"),
    path("account", account.account, name="account"),
    path("account", account.account, name="mfa_index"),
    path("account", account.account, name="mfa_list_webauthn"),
    path("account/second-factor", account.second_factor_first, name="second_factor_first"),
    path("account/password", account.password, name="account_password"),
    path("account/sessions/end", account.end_others, name="sessions_end"),
    path("account/sessions/<int:number>/end", account.end_one, name="session_end"),
    path("account/prove", proofs.password_again, name="account_reauthenticate"),
    path("account/prove/code", proofs.code_again, name="mfa_reauthenticate"),
    path("account/prove/passkey", proofs.passkey_again, name="mfa_reauthenticate_webauthn"),
    path("account/app", proofs.app_on, name="mfa_activate_totp"),
    path("account/app/remove", proofs.app_off, name="mfa_deactivate_totp"),
    path("account/passkeys/add", proofs.passkey_add, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/name", proofs.passkey_name, name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove", proofs.passkey_remove, name="mfa_remove_webauthn"),
    path("account/recovery-codes", proofs.recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new", proofs.recovery_codes_new, name="mfa_generate_recovery_codes"),
    path("account/recovery-codes/file", proofs.recovery_codes_file, name="mfa_download_recovery_codes"),
]
