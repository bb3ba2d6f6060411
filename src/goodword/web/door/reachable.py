"""How was this page reached, by which browser, and what can therefore not work? Passkeys and sharing need secure places."""

from __future__ import annotations

import re

from django.http import HttpRequest

_OWN_MACHINE = re.compile(r"localhost(:\d+)?\Z")
_NUMBERS = re.compile(r"(\[.*\]|[\d.]+)(:\d+)?\Z")

# The first that is found names the browser or the system: Edge and Opera also say Chrome, Chrome also says Safari.
_BROWSERS = ("Edg", "OPR", "Firefox", "SamsungBrowser", "HeadlessChrome", "Chrome", "Safari", "curl")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "CrOS", "Mac OS X", "Linux")
_PLAIN = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "HeadlessChrome": "Chrome",
          "CrOS": "ChromeOS", "Mac OS X": "macOS"}  # fmt: skip


def is_secure_place(request: HttpRequest) -> bool:
    """Whether a browser trusts the way here: HTTPS, or the machine that it runs on."""
    host = request.get_host()
    return request.is_secure() or bool(_OWN_MACHINE.match(host)) or host.startswith(("127.", "[::1]"))


def passkeys_work(request: HttpRequest) -> bool:
    """A passkey belongs to a name, not to a number, and is used in secure places only."""
    return is_secure_place(request) and not _NUMBERS.match(request.get_host())


def browser_of(user_agent: str) -> str:
    """`Firefox, Linux`: as much as a person needs to know it again; '' where it says neither."""
    found = []
    for known in (_BROWSERS, _SYSTEMS):
        name = next((name for name in known if re.search(rf"\b{re.escape(name)}\b", user_agent)), "")
        found.append(_PLAIN.get(name, name))
    return ", ".join(word for word in found if word)
