"""Can a person add a passkey and come in by it alone, with the browser that people have? And is every page of the door well made?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.test_pages import TAGS, opened, sign_in
from tests.web.world import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


class ByName:
    """The same server by the name `localhost`, to which a passkey can belong."""

    def __init__(self, server: Any) -> None:
        self.url = server.url.replace("127.0.0.1", "localhost")


def device(page: Any) -> Any:
    """A device with a finger on it, as Chromium plays one."""
    played = page.context.new_cdp_session(page)
    played.send("WebAuthn.enable")
    made = played.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return lambda **how: played.send("WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], **how})


def test_a_passkey_is_added_and_opens_alone(browser: Any, server: Any) -> None:
    named = ByName(server)
    with opened(browser, named) as (page, wrong):
        finger = device(page)
        sign_in(page, named, "dan")
        page.goto(f"{named.url}/account")
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_role("textbox", name="Name", exact=True).fill("Office laptop")
        page.get_by_role("button", name="Add a passkey").click()
        page.wait_for_url("**/account/recovery-codes")
        assert page.locator(".codes li").count() == 10
        page.goto(f"{named.url}/account")
        assert page.get_by_text("Office laptop").first.is_visible()

        page.context.clear_cookies()
        page.goto(f"{named.url}/sign-in?next=/c/acme/events")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(f"{named.url}/c/acme/events")

        page.context.clear_cookies()
        page.goto(f"{named.url}/sign-in")
        page.get_by_label("E-mail").fill("dan@house.test")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/sign-in/code")
        page.get_by_role("button", name="Use a passkey instead").click()
        page.wait_for_url(f"{named.url}/today")

        page.context.clear_cookies()
        finger(isUserVerified=False)
        page.goto(f"{named.url}/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_text("No passkey was used.").wait_for()
        assert "/sign-in" in page.url
        assert wrong == []


@pytest.mark.parametrize(("wide", "dark"), [(True, False), (False, True)])
def test_the_pages_of_the_door_are_well_made(browser: Any, server: Any, wide: bool, dark: bool) -> None:
    from axe_playwright_python.sync_playwright import Axe

    named = ByName(server)
    with opened(browser, named, wide=wide, dark=dark) as (page, wrong):
        seen = {}
        for path in ("/sign-in", "/sign-in/forgotten"):
            page.goto(named.url + path)
            seen[path] = Axe().run(page, options=TAGS).response["violations"]
        sign_in(page, named, "carl")
        page.wait_for_url(f"{named.url}/c/acme/**")
        for path in ("/account", "/account/app", "/account/passkeys/add", "/account/password", "/account/prove"):
            page.goto(named.url + path)
            seen[path] = Axe().run(page, options=TAGS).response["violations"]
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the window"
        assert {path: [one["id"] for one in found] for path, found in seen.items() if found} == {}
        assert wrong == []
