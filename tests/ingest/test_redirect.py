"""Where does a referral link lead, what is recorded on the way, and what never happens?"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from goodword.ingest.redirect import landing_address, may_set_cookie
from tests.ingest.conftest import Front


@pytest.fixture
def browser(front: Front) -> Iterator[httpx.Client]:
    with front.server.client(headers={"user-agent": "Test", "x-forwarded-for": "203.0.113.9"}) as client:
        yield client


def query_of(answer: httpx.Response) -> dict[str, list[str]]:
    return parse_qs(urlsplit(answer.headers["location"]).query)


def test_a_click_is_recorded_and_leads_to_the_program(front: Front, browser: httpx.Client) -> None:
    before = front.count("click")
    answer = browser.get("/r/ACM-alice1?channel=whatsapp")
    assert answer.status_code == 302 and answer.headers["cache-control"] == "no-store"
    location = urlsplit(answer.headers["location"])
    assert (location.scheme, location.netloc, location.path, location.fragment) == ("https", "acme.example", "/welcome", "top")
    query = query_of(answer)
    assert query["season"] == ["autumn"] and query["ref"] == ["ALICE1"] and query["click"][0].startswith("clk_")
    assert front.count("click") == before + 1
    ((source, facts),) = front.rows("SELECT source, facts FROM event WHERE type = 'click' ORDER BY seq DESC LIMIT 1")
    assert source == "redirect" and '"channel":"whatsapp"' in facts and '"ALICE1"' in facts
    assert "203.0.113.9" not in facts and query["click"][0] not in facts, "address and click id lie there as tokens only"


@pytest.mark.parametrize("address", ["/r/ALICE1", "/r/acm-ALICE1", "/r/?ref=ALICE1", "/r/?via=alice1", "/r?fpr=ALICE1"])
def test_a_client_s_own_host_needs_no_prefix(browser: httpx.Client, address: str) -> None:
    answer = browser.get(address, headers={"host": "go.acme.example"})
    assert answer.status_code == 302 and query_of(answer)["ref"] == ["ALICE1"]


@pytest.mark.parametrize("code", ["ACM-NOBODY", "ACM-OLD1", "ACM-", "ACM-%00%0d%0aX:y", "ACM-" + "A" * 300])
def test_an_unknown_or_ended_code_leads_to_the_client_s_fallback_or_nowhere(browser: httpx.Client, code: str) -> None:
    answer = browser.get(f"/r/{code}")
    if answer.status_code == 302:
        assert answer.headers["location"] == "https://acme.example/hello"
    else:
        assert answer.status_code == 404
    assert "x" not in answer.headers


@pytest.mark.parametrize("code", ["ALICE1", "XYZ-ALICE1", "GLO-NOBODY", "", "%2e%2e", "https://evil.example/"])
def test_on_the_common_host_all_else_is_a_neutral_page(browser: httpx.Client, code: str) -> None:
    answer = browser.get(f"/r/{code}")
    assert answer.status_code == 404 and "leads nowhere" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_nothing_in_the_request_chooses_the_host(browser: httpx.Client) -> None:
    for more in ("?url=https://evil.example", "?next=//evil.example", "?ref=https://evil.example", "?utm_source=https://evil.example"):
        for headers in ({}, {"x-forwarded-host": "evil.example"}, {"referer": "https://evil.example"}):
            answer = browser.get(f"/r/ACM-ALICE1{more}", headers=headers)
            assert urlsplit(answer.headers["location"]).netloc == "acme.example"


def test_declared_names_are_passed_on_and_others_are_not(browser: httpx.Client) -> None:
    query = query_of(browser.get("/r/ACM-ALICE1?utm_source=mail%26x&gclid=1&click=clk_forged"))
    assert query["utm_source"] == ["mail&x"] and "gclid" not in query
    assert query["click"][0] != "clk_forged" and len(query["click"]) == 1


def test_a_look_without_a_visit_records_nothing(front: Front, browser: httpx.Client) -> None:
    before = front.count("click")
    answer = browser.head("/r/ACM-ALICE1")
    assert answer.status_code == 302 and "click" not in query_of(answer)
    assert front.count("click") == before


def test_the_cookie_is_set_only_where_consent_allows(front: Front, browser: httpx.Client) -> None:
    for country, is_set in (("DE", False), ("GB", False), ("CH", False), ("US", True), ("JP", False), ("", False)):
        answer = browser.get("/r/ACM-ALICE1", headers={"cf-ipcountry": country} if country else {})
        assert ("set-cookie" in answer.headers) is is_set, country
        browser.cookies.clear()
    answer = browser.get("/r/ACM-ALICE1", headers={"cf-ipcountry": "US"})
    cookie = answer.headers["set-cookie"]
    assert "SameSite=Lax" in cookie and "Path=/" in cookie and "v_" in cookie
    visitor = cookie.partition("=")[2].partition(";")[0]
    again = browser.get("/r/ACM-ALICE1", headers={"cf-ipcountry": "US", "cookie": f"a=b; gw_visitor={visitor}"})
    assert f"gw_visitor={visitor};" in again.headers["set-cookie"], "the same browser keeps its id"
    forged = browser.get("/r/ACM-ALICE1", headers={"cf-ipcountry": "US", "cookie": "gw_visitor=v_<script>"})
    assert "script" not in forged.headers["set-cookie"]


def test_consent_settings() -> None:
    assert may_set_cookie({}, "US") and not may_set_cookie({}, "FR") and not may_set_cookie({}, None)
    assert may_set_cookie({"visitor_cookie": "always"}, None)
    assert not may_set_cookie({"visitor_cookie": "never"}, "US")
    assert may_set_cookie({"visitor_cookie": "never", "countries": {"US": "always"}}, "US")


def test_addresses_are_put_together_from_their_parts() -> None:
    assert landing_address("https://a.example", {"ref": "A B&C"}) == "https://a.example/?ref=A%20B%26C"
    assert landing_address("https://a.example/p?x=1#f", {"ref": "A"}) == "https://a.example/p?x=1&ref=A#f"
