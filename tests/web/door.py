"""What do tests of the door share? Signing in by typing, an authenticator app, and a clean lock-out for each test."""

from __future__ import annotations

import re
import time
from typing import Any

from tests.web.world import PASSWORD


def sign_in(browser: Any, name: str, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/sign-in", {"email": f"{name}@house.test", "password": password, **more})


def signed_in(as_: Any, name: str) -> Any:
    """A browser in which somebody typed address and password."""
    browser = as_("")
    assert sign_in(browser, name).status_code == 302
    return browser


def code_now(secret: str, steps: int = 0) -> str:
    """What an authenticator app shows; `steps` half minutes from now."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def set_up_app(browser: Any) -> str:
    """Set up an authenticator app as a person does; gives its secret. Spends the code of the step before now."""
    page = browser.get("/account/app")
    assert page.status_code == 200, page
    found = re.search(r'<bdi class="code">([A-Z2-7 ]+)</bdi>', page.content.decode())
    assert found
    secret = found[1].replace(" ", "")
    done = browser.post("/account/app", {"code": code_now(secret, -1)})
    assert done.status_code == 302 and done.headers["Location"] == "/account/recovery-codes"
    return secret


def recovery_codes(browser: Any) -> list[str]:
    page = browser.get("/account/recovery-codes").content.decode()
    return re.findall(r'<li class="code"><bdi>(\d{8})</bdi>', page)


def text_of(response: Any) -> str:
    """What a person reads: no tags, no markup around numbers."""
    return " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())
