"""Are settings read when asked for, and do database addresses reach Django whole?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from goodword import settings
from goodword.errors import GoodwordError, problem


def test_defaults_hold_without_an_environment() -> None:
    assert settings.number("port", {}) == 8000
    assert settings.public_url({}) == "http://127.0.0.1:8000"
    assert settings.listed("hosts", {}) == []
    assert settings.switch("debug", {}) is False


def test_what_is_set_wins_and_blank_counts_as_unset() -> None:
    environ = {"GOODWORD_PORT": "8123", "GOODWORD_HOSTS": "a.test, b.test,", "GOODWORD_DEBUG": "Yes", "GOODWORD_HOST": " "}
    assert settings.number("port", environ) == 8123
    assert settings.listed("hosts", environ) == ["a.test", "b.test"]
    assert settings.switch("debug", environ) is True
    assert settings.text("host", environ) == "127.0.0.1"


def test_a_number_that_is_none_names_its_variable() -> None:
    with pytest.raises(ValueError, match="GOODWORD_PORT='eighty' is not a whole number"):
        settings.number("port", {"GOODWORD_PORT": "eighty"})


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql://app:p%2Fw%40@db.test:6432/goodword?sslmode=verify-full", "db.test", "6432"),
        ("postgresql://app:p%2Fw%40@/goodword?host=/a%20b/socket", "/a b/socket", ""),
    ],
)
def test_addresses_reach_django_whole(url: str, host: str, port: str) -> None:
    made = settings.database(url)
    assert (made["HOST"], made["PORT"], made["USER"], made["PASSWORD"]) == (host, port, "app", "p/w@")
    assert made["NAME"] == "goodword"


def test_options_of_an_address_are_kept() -> None:
    made = settings.database("postgresql://app@db.test/goodword?sslmode=verify-full")
    assert made["OPTIONS"]["sslmode"] == "verify-full"


def test_django_starts_without_any_environment() -> None:
    code = "from django.conf import settings as s; print(s.DATABASES['default']['NAME'] == '', s.DEBUG, s.TIME_ZONE)"
    env = {"DJANGO_SETTINGS_MODULE": "goodword.settings", "HOME": "/nonexistent"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout == "True False UTC\n"


def test_the_secret_key_comes_from_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOODWORD_SECRET_KEY", raising=False)
    monkeypatch.setenv("GOODWORD_DATA", str(tmp_path))
    assert settings.SECRET_KEY == ""
    (tmp_path / "secret_key").write_text("generated\n")
    assert settings.SECRET_KEY == "generated"


def test_cookies_are_secure_where_people_come_by_https(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODWORD_PUBLIC_URL", "https://refer.example.test/")
    assert settings.SESSION_COOKIE_SECURE is True
    assert settings.CSRF_TRUSTED_ORIGINS == ["https://refer.example.test"]
    assert "refer.example.test" in settings.ALLOWED_HOSTS


def test_a_refusal_says_its_parts_and_skips_the_empty_ones() -> None:
    assert str(GoodwordError("It failed.", repair="Try again.")) == "It failed.\nTry again."
    assert GoodwordError("It failed.").as_data()["error"] == "refused"


def test_a_problem_after_the_rfc() -> None:
    made = problem(400, "Bad event", "Two things are wrong.", [{"field": "at", "why": "x"}], instance="/v1/events")
    assert made["type"] == "about:blank"
    assert (made["status"], made["title"], made["instance"]) == (400, "Bad event", "/v1/events")
    assert made["errors"] == [{"field": "at", "why": "x"}]
    assert "errors" not in problem(404, "Not found")
