"""Where does a referral link lead? `GET /r/CODE`: records the click durably, then sends the friend to the client's own page.

The address is put together from the client's settings alone; nothing in the request can choose another host.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

import msgspec

from goodword.core.identities import normal_code
from goodword.ingest.http import NO_STORE, Header, Request, peer_address
from goodword.ingest.writer import Unavailable
from goodword.store.sql.chance import draw
from goodword.store.sql.codes import CodeState
from goodword.store.sql.intake import Intake
from goodword.store.sql.keys import ClientInfo, KeyBook
from goodword.store.sql.log import LogRow, Receipt

SOURCE = "redirect"
QUERY_NAMES = ("ref", "via", "fpr", "fp_ref", "refcode", "referral", "code")
CHANNEL_NAMES = ("channel", "ch", "utm_medium")
CHANNELS = frozenset(
    "email sms whatsapp telegram signal messenger facebook instagram x linkedin tiktok youtube reddit pinterest qr print link"
    " web app store phone chat".split()
)
COUNTRY_HEADERS = (b"cf-ipcountry", b"cloudfront-viewer-country", b"x-vercel-ip-country", b"x-country-code")
# Where a cookie that is not strictly needed wants consent first: EEA, United Kingdom, Switzerland.
CONSENT_FIRST = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO GB CH".split()
)
VISITOR_COOKIE = "gw_visitor"
_COOKIE_DAYS = 90
_LONGEST_CODE = 100
_VISITOR = re.compile(rb"(?:^|;\s*)gw_visitor=(v_[0-9a-f]{32})(?:;|$)")
_NEEDS_NO_QUOTING = re.compile(r"[A-Za-z0-9_.~-]*\Z")
_HTML: Header = (b"content-type", b"text/html; charset=utf-8")
_CLOSED: Header = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
_NO_INDEX: Header = (b"x-robots-tag", b"noindex")

NEUTRAL_PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Link not found</title><style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}</style>
<h1>This link leads nowhere</h1><p>It may have ended, or a character is missing. Please ask whoever sent it to you.</p></html>
"""


class House(Protocol):
    """What the redirect asks of the service around it."""

    keys: KeyBook
    proxies: frozenset[str]

    async def find_code(self, client_id: str, code: str) -> CodeState | None: ...

    def intake_of(self, client_id: str, source: str) -> Intake: ...

    async def append(self, rows: list[LogRow]) -> list[Receipt]: ...

    def now(self) -> datetime: ...


async def get_redirect(house: House, request: Request) -> None:
    """302 to the program's landing page with the code and, once it is durable, the click id."""
    query = request.query()
    client, code = _wanted(house, request, query)
    if client is None:
        return await _not_found(request)
    state = await house.find_code(client.id, code) if code else None
    if state is None or state.has_ended(house.now()):
        return await _fall_back(request, client)
    landing = landing_of(client, state)
    if landing is None:
        return await _fall_back(request, client)
    if request.method == "HEAD":  # somebody only looks where it leads
        return await _go(request, landing_address(landing, {"ref": state.code}), [])
    headers: list[Header] = []
    visitor = _visitor(house, request, client, headers)
    click = "clk_" + draw().hex()
    answer = {"ref": state.code, "click": click} | _passed_on(client, query)
    try:
        await _record(house, request, client, state, click, visitor, query)
    except Unavailable:
        # The friend still arrives, by the code alone: no click id is handed out for a click that was not recorded.
        del answer["click"]
        headers = []
    return await _go(request, landing_address(landing, answer), headers)


def _wanted(house: House, request: Request, query: Mapping[str, str]) -> tuple[ClientInfo | None, str]:
    """The client (by its own host name, else by the prefix of the code) and the code without the prefix."""
    host = request.header(b"host").rpartition("@")[2].partition(":")[0]
    client = house.keys.client_by_host(host)
    text = request.path.removeprefix("/r").strip("/")
    if not text:
        names = (client.landing.get("query_names") if client else None) or QUERY_NAMES
        text = next((query[name] for name in names if name in query), "")
    if not text or len(text) > _LONGEST_CODE or not text.isprintable():
        return client, ""
    prefix, dash, rest = text.partition("-")
    if client is None:
        return (house.keys.client_by_prefix(prefix), normal_code(rest)) if dash else (None, "")
    is_prefixed = dash and client.code_prefix and prefix.upper() == client.code_prefix.upper()
    return client, normal_code(rest if is_prefixed else text)


async def _record(
    house: House,
    request: Request,
    client: ClientInfo,
    state: CodeState,
    click: str,
    visitor: str | None,
    query: Mapping[str, str],
) -> None:
    context: dict[str, Any] = {
        "ip": peer_address(request.scope, request.headers, house.proxies),
        "user_agent": request.header(b"user-agent")[:300] or None,
        "channel": _channel(client, query),
        "country": _country(house, request),
    }
    intake = house.intake_of(client.id, SOURCE)
    event: dict[str, Any] = {
        "id": click,
        "type": "click",
        "at": intake.received_at,
        "code": state.code,
        "click": click,
        "context": {name: value for name, value in context.items() if value},
    }
    if visitor:
        event["visitor"] = visitor
    row = intake.row(msgspec.json.encode(event))
    if isinstance(row, list):
        raise Unavailable(503, "click_not_recorded", "The click could not be recorded.", 1)
    receipt = (await house.append([row]))[0]
    if receipt.problem:
        raise Unavailable(503, "click_not_recorded", "The click could not be recorded.", 1)


def landing_of(client: ClientInfo, state: CodeState) -> str | None:
    """The page of the code's program: as the client set it, as the program says, else the client's general one.

    A person's code belongs to no program; it leads to the page that all programs share, if they do.
    """
    set_here = client.landing.get("programs") or {}
    programs = [client.programs.get(state.program_id, ("", None))] if state.program_id else client.programs.values()
    pages = {next(filter(is_web_address, (set_here.get(slug), page)), None) for slug, page in programs} - {None}
    if len(pages) == 1:
        return str(pages.pop())
    general = client.landing.get("url")
    return str(general) if is_web_address(general) else None


def is_web_address(page: Any) -> bool:
    """Whether a setting is an absolute web address; anything else is never put into a Location."""
    return isinstance(page, str) and page.startswith(("https://", "http://")) and bool(urlsplit(page).hostname)


def landing_address(page: str, more: Mapping[str, str]) -> str:
    """The page with further query names; what it had itself stays, its fragment too."""
    parts = urlsplit(page)
    added = [f"{_in_query(name)}={_in_query(value)}" for name, value in more.items()]
    query = "&".join([parts.query, *added] if parts.query else added)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, parts.fragment))


def _in_query(text: str) -> str:
    return text if _NEEDS_NO_QUOTING.match(text) else quote(text, safe="")


def _passed_on(client: ClientInfo, query: Mapping[str, str]) -> dict[str, str]:
    """Query names that the client wants on its page too (utm_source ...); never our own two."""
    names = client.landing.get("pass_on") or ()
    return {name: query[name][:200] for name in names if name in query and name not in ("ref", "click")}


def _channel(client: ClientInfo, query: Mapping[str, str]) -> str | None:
    """The channel named in the link, if it is one of the known; free text could be personal."""
    allowed = frozenset(client.landing.get("channels") or CHANNELS)
    for name in client.landing.get("channel_names") or CHANNEL_NAMES:
        if (value := query.get(name, "").lower()) in allowed:
            return value
    return None


def _country(house: House, request: Request) -> str | None:
    """The visitor's country as the proxy in front says it; without one nobody does."""
    if not house.proxies:
        return None
    for name in COUNTRY_HEADERS:
        value = request.header(name).upper()
        if len(value) == 2 and value.isalpha() and value not in ("XX", "T1"):
            return value
    return None


def may_set_cookie(consent: Mapping[str, Any], country: str | None) -> bool:
    """The client's setting for that country: `always`, `never`, or (default) only where no consent is needed first."""
    by_country = consent.get("countries") or {}
    if country is not None and country in by_country:
        return by_country[country] is True or by_country[country] == "always"
    rule = consent.get("visitor_cookie", "where_allowed")
    if rule == "always":
        return True
    return rule == "where_allowed" and country is not None and country not in CONSENT_FIRST


def _visitor(house: House, request: Request, client: ClientInfo, headers: list[Header]) -> str | None:
    if not may_set_cookie(client.consent, _country(house, request)):
        return None
    known = _VISITOR.search(request.headers.get(b"cookie", b""))
    visitor = known.group(1).decode() if known else "v_" + draw().hex()
    days = client.consent.get("cookie_days", _COOKIE_DAYS)
    cookie = f"{VISITOR_COOKIE}={visitor}; Path=/; Max-Age={int(days) * 86400}; SameSite=Lax"
    domain = client.landing.get("cookie_domain")
    if isinstance(domain, str) and re.fullmatch(r"\.?[A-Za-z0-9.-]{3,200}", domain):
        cookie += f"; Domain={domain}"
    if request.scope.get("scheme") == "https" or request.header(b"x-forwarded-proto") == "https":
        cookie += "; Secure"
    headers.append((b"set-cookie", cookie.encode("latin-1", "ignore")))
    return visitor


async def _fall_back(request: Request, client: ClientInfo) -> None:
    page = client.landing.get("fallback")
    if is_web_address(page):
        return await _go(request, str(page), [])
    return await _not_found(request)


async def _not_found(request: Request) -> None:
    await request.answer(404, NEUTRAL_PAGE, [_HTML, _CLOSED, NO_STORE, _NO_INDEX])


async def _go(request: Request, address: str, headers: list[Header]) -> None:
    location = quote(address, safe="%/:=&?~#+!$,;'@()*[]").encode("ascii")
    await request.answer(302, b"", [(b"location", location), NO_STORE, _NO_INDEX, *headers])
