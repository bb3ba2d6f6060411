"""Who tried too often? Failures are counted under a keyed hash; too many lock the subject for a while, right secret or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from goodword.core.identities import normal_email
from goodword.errors import NotAllowed
from goodword.store import sign_in

COUNTED_FOR = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)


class Locked(NotAllowed):
    """Too many failures: nobody gets any further here until `until`."""

    code = "locked"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            "This sign-in is locked.", "What was typed was wrong too often.", f"Try again after {until:%H:%M} UTC."
        )
        self.until = until


@dataclass(frozen=True)
class Tries:
    """The failures of one subject. The subject is a keyed hash, so that the table names nobody."""

    subject: str
    most: int

    def require_open(self, now: datetime) -> None:
        """Raise Locked while the subject is."""
        if until := sign_in.locked_until(self.subject, now):
            raise Locked(until)

    def failed(self, now: datetime) -> None:
        """Count one; raise Locked where that was one too many."""
        until = sign_in.count_failure(self.subject, now, most=self.most, window=COUNTED_FOR, lock=LOCKED_FOR)
        if until and until > now:
            raise Locked(until)

    def succeeded(self) -> None:
        """The count begins anew."""
        sign_in.forget_failures(self.subject)


def of_address(email: str) -> Tries:
    """Passwords tried on one e-mail address, whether or not somebody has it."""
    return Tries(_hashed("goodword.sign_in", normal_email(email)[:300]), most=5)


def of_place(ip: str) -> Tries:
    """Passwords tried from one network address on any account. A house behind one address has to fit through."""
    return Tries(_hashed("goodword.sign_in.place", ip[:64]), most=100)


def of_codes(user_id: str) -> Tries:
    """Codes tried after the right password. Apart from passwords: a right password must not forgive wrong codes."""
    return Tries(_hashed("goodword.sign_in.code", user_id), most=5)


def of_mails(email: str) -> Tries:
    """Links asked for by mail for one address."""
    return Tries(_hashed("goodword.sign_in.mail", normal_email(email)[:300]), most=5)


def of_links(ip: str) -> Tries:
    """Links to approve by that lead nowhere, opened from one network address."""
    return Tries(_hashed("goodword.approve.place", ip[:64]), most=30)


def of_applications(ip: str) -> Tries:
    """Applications of creators sent from one network address."""
    return Tries(_hashed("goodword.apply.place", ip[:64]), most=10)


def _hashed(salt: str, subject: str) -> str:
    return salted_hmac(salt, subject, algorithm="sha256").hexdigest()
