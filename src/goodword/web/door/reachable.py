"""How was this page reached, and what can therefore not work? Browsers keep passkeys and sharing to secure places."""

from __future__ import annotations

import re

from django.http import HttpRequest

_OWN_MACHINE = re.compile(r"localhost(:\d+)?\Z")
_NUMBERS = re.compile(r"(\[.*\]|[\d.]+)(:\d+)?\Z")


def is_secure_place(request: HttpRequest) -> bool:
    """Whether a browser trusts the way here: HTTPS, or the machine that it runs on."""
    host = request.get_host()
    return request.is_secure() or bool(_OWN_MACHINE.match(host)) or host.startswith(("127.", "[::1]"))


def passkeys_work(request: HttpRequest) -> bool:
    """A passkey belongs to a name, not to a number, and is used in secure places only."""
    return is_secure_place(request) and not _NUMBERS.match(request.get_host())
