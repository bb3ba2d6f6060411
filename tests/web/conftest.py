"""What do tests of pages share? Django as the app role on a world of two clients, and browsers signed in as somebody."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from goodword.house.roles import Urls

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.settings")

As = Callable[[str], Any]


@pytest.fixture(scope="module")
def site(urls: Urls) -> Iterator[None]:
    """Django's default connection on this module's database as the app role, for all threads."""
    import django

    django.setup()
    from django.conf import settings as of_django
    from django.db import connections

    from goodword import settings
    from goodword.store import open_vault

    known = connections.settings
    before = known["default"]
    address = settings.database(urls.app)
    address["OPTIONS"].pop("pool", None)
    connections.close_all()
    known["default"] = connections.configure_settings({"default": address})["default"]
    _forget_thread_connection()
    of_django.SECRET_KEY = "for tests only, for tests only, for tests only"
    yield
    connections.close_all()
    known["default"] = before
    open_vault.use(None)
    _forget_thread_connection()


def _forget_thread_connection() -> None:
    from django.db import connections

    if hasattr(connections._connections, "default"):
        del connections["default"]


@pytest.fixture(scope="module")
def world(site: None, urls: Urls) -> Iterator[Any]:
    """Acme and Globex, and the vault that opens their names."""
    import psycopg

    from goodword.actions.opening import open_chain
    from goodword.store import open_vault
    from goodword.store.sql.vault import Vault
    from goodword.web.desk import doing
    from tests.web.world import build

    made = build(urls)
    open_vault.use(Vault(lambda: psycopg.connect(urls.app, autocommit=True), made.keyring))
    doing.use(lambda: open_chain(urls.engine, made.keyring, "goodword-desk"))
    yield made
    doing.use(None)


@pytest.fixture
def as_(world: Any) -> As:
    """`as_("dan")` is a browser signed in as Dan; `as_("")` one of nobody."""
    from django.test import Client

    from goodword.store.models import User

    def signed_in(name: str) -> Any:
        browser = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
        if name:
            browser.force_login(
                User.objects.get(email=f"{name}@house.test"), backend="django.contrib.auth.backends.ModelBackend"
            )
        return browser

    return signed_in
