"""Django's settings of the baseline: nothing that slows it down, connections that stay open."""

from __future__ import annotations

import os
from urllib.parse import parse_qsl, unquote, urlsplit

_url = urlsplit(os.environ["BASELINE_URL"])
SECRET_KEY = "only for measuring"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["tests.bench.baseline"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # says how long an answer is
ROOT_URLCONF = "tests.bench.baseline.views"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(_url.path.lstrip("/")),
        "USER": unquote(_url.username or ""),
        "PASSWORD": unquote(_url.password or ""),
        "HOST": dict(parse_qsl(_url.query))["host"],
        "CONN_MAX_AGE": None,
    }
}
