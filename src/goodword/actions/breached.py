"""Is this password known to everybody who collects passwords? A file of hashes, else Django's short list, answers."""

from __future__ import annotations

import hashlib
import logging
import mmap
import re
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from goodword import settings

log = logging.getLogger(__name__)
_HASH_LETTERS = 40
_HASH = re.compile(rb"[0-9A-Fa-f]{40}([:\r\n]|\Z)")


class BreachedPasswordValidator(CommonPasswordValidator):
    """Refuses what stands in GOODWORD_BREACHED_PASSWORDS, and always what Django itself knows to be common.

    The file has one SHA-1 hash a line, in hex, sorted; what follows a hash (`:count`) is skipped, so the ordered list of
    Have I Been Pwned fits as it is. It is searched where it lies: 40 GB cost the memory of a few pages.
    """

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password, user)
        written = settings.text("breached_passwords")
        if not written:
            return
        try:
            is_known = holds(Path(written).expanduser(), password)
        except OSError as error:  # people still have to get in; the operator reads it in the log and on the system page
            log.error("GOODWORD_BREACHED_PASSWORDS cannot be read (%s): only the short list is asked", error.strerror)
            return
        if is_known:
            raise ValidationError(
                _("This password was in a data breach, so it is on every list that is tried first. Take another one."),
                code="password_breached",
            )


def trouble() -> str:
    """Why the file that the settings name is of no use, in words; '' where it is, or where none is named."""
    written = settings.text("breached_passwords")
    if not written:
        return ""
    try:
        with Path(written).expanduser().open("rb") as opened:
            first = opened.read(_HASH_LETTERS + 1)
    except OSError as error:
        return error.strerror or type(error).__name__
    if not first:
        return gettext_noop("it is empty")
    return "" if _HASH.match(first) else gettext_noop("its first line does not begin with a SHA-1 hash")


def holds(file: Path, password: str) -> bool:
    """Whether the sorted file of hashes has this password's."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with file.open("rb") as opened:
        if opened.seek(0, 2) == 0:
            return False
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as lines:
            return _found(lines, wanted)


def _found(lines: mmap.mmap, wanted: bytes) -> bool:
    """Halve the file by bytes; each look begins at the start of the line that the middle falls into."""
    low, high = 0, len(lines)
    while low < high:
        start = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
        end = lines.find(b"\n", start)
        end = len(lines) if end < 0 else end
        here = lines[start : start + _HASH_LETTERS].upper()
        if here == wanted:
            return True
        if here < wanted:
            low = end + 1
        else:
            high = start
    return False
