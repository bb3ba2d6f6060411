"""What can be set, by which variable, and what holds when it is not? One table, and Django's settings made from it.

Values are read when asked for, so that importing this needs no environment and `serve` can hand its children theirs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

Kind = Literal["text", "secret", "number", "switch", "path", "list"]


@dataclass(frozen=True)
class Setting:
    """One thing an operator may set. `default` is written as it would be in the environment."""

    name: str
    env: str
    default: str
    kind: Kind
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("data", "GOODWORD_DATA", "~/.local/share/goodword", "path", "The data folder: embedded database, logs."),
    Setting("key_file", "GOODWORD_KEY_FILE", "~/.config/goodword/master.key", "path",
            "The file with the master key, mode 0600, outside the data folder. Keep a copy: without it nothing opens."),
    Setting("master_key", "GOODWORD_KEY", "", "secret",
            "The master key itself, 32 bytes in base64, instead of the file: for development, and it warns."),
    Setting("database_url", "GOODWORD_DATABASE_URL", "", "secret",
            "PostgreSQL as the role goodword_app; empty means the embedded one."),
    Setting("engine_url", "GOODWORD_ENGINE_URL", "", "secret", "PostgreSQL as the role goodword_engine."),
    Setting("owner_url", "GOODWORD_OWNER_URL", "", "secret", "PostgreSQL as the role goodword_owner; migrations only."),
    Setting("host", "GOODWORD_HOST", "127.0.0.1", "text", "The address to listen on."),
    Setting("port", "GOODWORD_PORT", "8000", "number", "The port to listen on."),
    Setting("public_url", "GOODWORD_PUBLIC_URL", "", "text",
            "How people reach this installation, for links in mails; empty means http://HOST:PORT."),
    Setting("hosts", "GOODWORD_HOSTS", "", "list", "Further host names to answer to, comma separated."),
    Setting("proxies", "GOODWORD_TRUSTED_PROXIES", "", "list",
            "Addresses of reverse proxies whose X-Forwarded-* headers are believed; none by default."),
    Setting("secret_key", "GOODWORD_SECRET_KEY", "", "secret",
            "Signs sessions and forms; empty means the generated one in the data folder."),
    Setting("log_level", "GOODWORD_LOG_LEVEL", "INFO", "text", "DEBUG, INFO, WARNING or ERROR."),
    Setting("min_free_mb", "GOODWORD_MIN_FREE_MB", "512", "number",
            "Below this much free disk new events are refused with 429, before the database stops."),
    Setting("queue_events", "GOODWORD_QUEUE_EVENTS", "20000", "number",
            "Events waiting for a commit before senders are told to retry later."),
    Setting("anonymous_months", "GOODWORD_ANONYMOUS_MONTHS", "13", "number",
            "For so many whole months bodies that no known person owns (clicks, their IP addresses) can be opened."),
    Setting("backup_folder", "GOODWORD_BACKUP_FOLDER", "", "text",
            "Where `serve` puts backups by itself, best on another machine; empty means it takes none."),
    Setting("backup_hours", "GOODWORD_BACKUP_HOURS", "24", "number", "So many hours lie between two of these backups."),
    Setting("backups_daily", "GOODWORD_BACKUPS_DAILY", "7", "number",
            "For so many days the last backup of each day is kept."),
    Setting("backups_weekly", "GOODWORD_BACKUPS_WEEKLY", "4", "number",
            "For so many weeks the last backup of each week is kept."),
    Setting("breached_passwords", "GOODWORD_BREACHED_PASSWORDS", "", "text",
            "A file with SHA-1 hashes of breached passwords, one a line, sorted; empty means Django's short list alone."),
    Setting("second_factor", "GOODWORD_REQUIRE_SECOND_FACTOR", "no", "list",
            "Who has to have a second factor: no, all, or roles, comma separated."),
    Setting("smtp_host", "GOODWORD_SMTP_HOST", "", "text",
            "The mail server for invitations, links and news of an account; empty: people hand links out."),
    Setting("smtp_port", "GOODWORD_SMTP_PORT", "587", "number", "The port of the mail server."),
    Setting("smtp_security", "GOODWORD_SMTP_SECURITY", "starttls", "text", "How mail is carried: starttls, tls or none."),
    Setting("smtp_user", "GOODWORD_SMTP_USER", "", "text", "Who signs in to the mail server; empty means nobody."),
    Setting("smtp_password", "GOODWORD_SMTP_PASSWORD", "", "secret", "The password for the mail server."),
    Setting("mail_from", "GOODWORD_MAIL_FROM", "", "text",
            "The sender of mails; empty means goodword@ and the host of the public address."),
    Setting("session_hours", "GOODWORD_SESSION_HOURS", "12", "number", "After this many hours staff sign in again."),
    Setting("demo", "GOODWORD_DEMO", "no", "switch",
            "Set by `goodword demo` for its own processes; anywhere else it changes nothing."),
    Setting("debug", "GOODWORD_DEBUG", "no", "switch", "Full error pages; never on a machine that others reach."),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}
_YES = frozenset({"1", "yes", "true", "on"})


def text(name: str, environ: Mapping[str, str] | None = None) -> str:
    """The value as written, or the default."""
    setting = _BY_NAME[name]
    return (os.environ if environ is None else environ).get(setting.env, "").strip() or setting.default


def number(name: str, environ: Mapping[str, str] | None = None) -> int:
    """A whole number; anything else names the variable."""
    written = text(name, environ)
    try:
        return int(written)
    except ValueError:
        raise ValueError(f"{_BY_NAME[name].env}={written!r} is not a whole number") from None


def switch(name: str, environ: Mapping[str, str] | None = None) -> bool:
    """yes, true, on or 1 is on; all else is off."""
    return text(name, environ).lower() in _YES


def path(name: str, environ: Mapping[str, str] | None = None) -> Path:
    """A path with ~ opened, absolute."""
    return Path(text(name, environ)).expanduser().absolute()


def listed(name: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """Comma separated parts, blanks trimmed."""
    return [part.strip() for part in text(name, environ).split(",") if part.strip()]


def public_url(environ: Mapping[str, str] | None = None) -> str:
    """The address to print and to put into links, without a slash at its end."""
    written = text("public_url", environ).rstrip("/")
    return written or f"http://{text('host', environ)}:{number('port', environ)}"


def database(url: str) -> dict[str, Any]:
    """Django's form of a PostgreSQL URL; a `host` in the query (a socket folder) wins over the one in the middle."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "goodword.store.backend",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": options.pop("port", None) or str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}, **options},
        "ATOMIC_REQUESTS": False,
    }


# ---- Django reads the names below. Those that depend on the environment are made in `__getattr__`, on first reading.

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "goodword.store",
    "goodword.web",
    # After ours, so that a template of ours wins.
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "goodword.web.middleware.Compressed",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "goodword.web.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "goodword.web.door.watch.LastSeen",
    "goodword.web.middleware.ClientScope",
    "goodword.web.door.watch.SecondFactorFirst",
]
AUTH_USER_MODEL = "store.User"
ROOT_URLCONF = "goodword.urls"
ASGI_APPLICATION = "goodword.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "goodword.actions.breached.BreachedPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
# allauth carries the sign-in through its stages and keeps second factors and sessions. Forms, pages, addresses and what
# counts as too many failures are ours; nobody signs up by themselves, and an address is proven by the invitation.
ACCOUNT_ADAPTER = "goodword.web.door.adapters.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
MFA_ADAPTER = "goodword.web.door.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RATE_LIMITS = False
MFA_TOTP_ISSUER = "Goodword"
MFA_TOTP_TOLERANCE = 1  # clocks of telephones are half a minute off; a code still counts once
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ]
        },
    }
]
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("ar", "العربية"),
]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in"
STATIC_URL = "/static/"
# Served straight from the package: no collectstatic step on an operator's machine.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "goodword.web.errors.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024


def _hosts() -> list[str]:
    own = {urlsplit(public_url()).hostname or "", text("host"), "127.0.0.1", "localhost", "[::1]"}
    return sorted((own | set(listed("hosts"))) - {"", "0.0.0.0"})


def _secret_key() -> str:
    """The set one, else the one `serve` generated; empty where there is none, and Django refuses to sign with that."""
    if written := text("secret_key"):
        return written
    kept = path("data") / "secret_key"
    try:
        return kept.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _logging() -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": text("log_level").upper()},
        # Request lines hold query strings, and query strings may hold what people typed.
        "loggers": {"django.request": {"level": "ERROR"}, "django.server": {"level": "WARNING"}},
    }


def _is_https() -> bool:
    return public_url().startswith("https:")


def _sender() -> str:
    return text("mail_from") or f"goodword@{urlsplit(public_url()).hostname or 'localhost'}"


_LAZY: dict[str, Callable[[], Any]] = {
    "DATABASES": lambda: {"default": database(text("database_url"))},
    "SECRET_KEY": _secret_key,
    "DEBUG": lambda: switch("debug"),
    "ALLOWED_HOSTS": _hosts,
    "CSRF_TRUSTED_ORIGINS": lambda: [public_url()] if _is_https() else [],
    "SESSION_COOKIE_SECURE": _is_https,
    "CSRF_COOKIE_SECURE": _is_https,
    "SESSION_COOKIE_AGE": lambda: number("session_hours") * 3600,
    "EMAIL_HOST": lambda: text("smtp_host"),
    "EMAIL_PORT": lambda: number("smtp_port"),
    "EMAIL_HOST_USER": lambda: text("smtp_user"),
    "EMAIL_HOST_PASSWORD": lambda: text("smtp_password"),
    "EMAIL_USE_TLS": lambda: text("smtp_security") == "starttls",
    "EMAIL_USE_SSL": lambda: text("smtp_security") == "tls",
    "EMAIL_TIMEOUT": lambda: 10,
    "DEFAULT_FROM_EMAIL": _sender,
    "LOGGING": _logging,
}


def __getattr__(name: str) -> Any:
    make = _LAZY.get(name)
    if make is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return make()


def __dir__() -> list[str]:
    return [*globals(), *_LAZY]
