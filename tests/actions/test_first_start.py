"""Is the first administrator invited, once?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg

from goodword.commands.door import set_up_django
from goodword.house.roles import Urls


def test_an_empty_installation_invites_its_administrator_once(installation: Urls) -> None:
    set_up_django()
    from goodword.actions.first_start import invite_administrator

    now = datetime(2026, 11, 3, 18, 5, tzinfo=UTC)
    first = invite_administrator(installation.owner, now)
    assert first is not None
    assert first.startswith("/welcome/")
    assert invite_administrator(installation.owner, now) is None
    later = now + timedelta(days=2)
    second = invite_administrator(installation.owner, later)
    assert second is not None, "nobody used the first link in its day, and nobody else can let anybody in"
    with psycopg.connect(installation.owner) as conn:
        conn.execute("UPDATE store_user SET password = 'argon2$known'")
    assert invite_administrator(installation.owner, later + timedelta(days=2)) is None, "somebody can sign in"
    with psycopg.connect(installation.owner) as conn:
        assert conn.execute("SELECT role, client_id FROM membership").fetchall() == [("admin", None)]
