"""How do ids stand in addresses? With a prefix that tells what they name, bare in the code; programs by their own name."""

from __future__ import annotations

from django.urls import register_converter

# prefix -> what it names; `<prs:id>` in a route takes prs_ and 32 hex digits
PREFIXES = {
    "ref": "a referral",
    "evt": "an event",
    "prs": "a person or organization",
    "rwd": "a reward",
    "key": "a key for the front door",
    "usr": "somebody of the house",
    "act": "a line in the log of acts",
    "crt": "a creator",
}


class _Prefixed:
    prefix = ""
    regex = ""

    def to_python(self, value: str) -> str:
        return value.removeprefix(self.prefix)

    def to_url(self, value: str) -> str:
        return f"{self.prefix}{value.replace('-', '')}"


class ProgramName:
    """A program's own name, as its document writes it."""

    regex = r"[a-z][a-z0-9_-]{0,99}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def register() -> None:
    """Make the converters known to routes; once, before the first route is read."""
    for name in PREFIXES:
        found = type(name, (_Prefixed,), {"prefix": f"{name}_", "regex": f"{name}_[0-9a-f]{{32}}"})
        register_converter(found, name)
    register_converter(ProgramName, "prg")
