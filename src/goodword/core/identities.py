"""Who is meant? Normal forms of the values that identify people, and the tokens that stand for them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

# (kind, normalised value) -> token; kinds: event id email email_root phone visitor click device payment ip order ...
Token = Callable[[str, str], str]

ROOT_MAIL_HOSTS = {"googlemail.com": "gmail.com"}


def identities(token: Token, id: str | None, email: str | None, phone: str | None) -> tuple[tuple[str, str], ...]:
    """Tokens of a person's identities, the most reliable first: own id, e-mail, phone, then the roots used for screening."""
    found: list[tuple[str, str]] = []
    if id:
        found.append(("id", token("id", unicodedata.normalize("NFKC", id).strip())))
    if email:
        mail = normal_email(email)
        found.append(("email", token("email", mail)))
    if phone and (digits := normal_phone(phone)):
        found.append(("phone", token("phone", digits)))
    if email:
        found.append(("email_root", token("email_root", email_root(mail))))
    return tuple(found)


def normal_email(text: str) -> str:
    """E-mail for equality: NFKC, no blanks, folded case."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def email_root(mail: str) -> str:
    """Mailbox behind an address: no +tag, no dots where the provider ignores them."""
    local, at, host = mail.partition("@")
    host = ROOT_MAIL_HOSTS.get(host, host)
    local = local.split("+", 1)[0]
    if host == "gmail.com":
        local = local.replace(".", "")
    return f"{local}{at}{host}"


def normal_phone(text: str) -> str:
    """Phone for equality: the last nine digits, so that national and international spellings meet; '' if too short."""
    digits = "".join(character for character in unicodedata.normalize("NFKC", text) if character.isdigit())
    return digits[-9:] if len(digits) >= 7 else ""


def normal_address(address: Mapping[str, Any]) -> str:
    """An address for equality: street and number, postcode else town, in one spelling; '' where it names no door."""
    street, place = (_letters(address.get("line1")), _letters(address.get("postcode")) or _letters(address.get("city")))
    if not (street and place and any(character.isdigit() for character in street)):
        return ""
    return f"{street.replace('strasse', 'str')}\x1f{place}"


def _letters(value: Any) -> str:
    folded = unicodedata.normalize("NFKC", str(value)).casefold() if value else ""
    return "".join(character for character in folded if character.isalnum())


def normal_code(text: str) -> str:
    """A code as it is compared: NFKC, no blanks, upper case."""
    return unicodedata.normalize("NFKC", text).strip().upper()
