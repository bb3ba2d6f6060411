"""How does this person like the desk? What they chose, kept on the server; what they did not choose follows their role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from goodword.store.models import User

THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")
RAILS = ("wide", "icons")
# Who works through lists all day starts with narrow rows.
_COMPACT_ROLES = frozenset({"agent", "lead"})

# Every single key that something of the desk may have, and what it does there. A person may put another in its place.
KEYS: Mapping[str, Promise] = MappingProxyType({
    "j": _("Next row"),
    "k": _("Row before"),
    "x": _("Choose the row, or let go of it"),
    ".": _("Copy the reference"),
    "z": _("Rows narrow or wide"),
    "/": _("Search"),
    "?": _("Keys of this page"),
    "[": _("Fold the rail, or unfold it"),
    "f": _("Filter"),
    "v": _("Saved views"),
    "o": _("Columns"),
    "a": _("Clear or approve"),
    "d": _("Deny"),
    "h": _("Hold"),
    "m": _("Message"),
    "t": _("Transfer"),
    "n": _("Next, or start"),
    "u": _("Undo"),
    "i": _("Insert the answer"),
    "g": pgettext_lazy("keyboard", "Go to a room: this key, then the room's"),
    "c": pgettext_lazy("keyboard", "Create: this key, then what"),
})  # fmt: skip


@dataclass(frozen=True)
class Preferences:
    """The look and the keys. `keys` maps a key of the desk to the one this person put in its place."""

    theme: str = "auto"
    density: str = "comfortable"
    rail: str = "wide"
    language: str = ""
    single_keys: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)

    def key(self, key: str) -> str:
        """What this person presses for a key of the desk; '' where single keys are off."""
        return self.keys.get(key, key) if self.single_keys else ""

    def stored(self) -> dict[str, Any]:
        """As it is kept, without the language, which has a column of its own."""
        return {
            "theme": self.theme, "density": self.density, "rail": self.rail, "single_keys": self.single_keys,
            "keys": dict(self.keys),
        }  # fmt: skip


def of(user: User | None, roles: Iterable[str] = ()) -> Preferences:
    """What holds for a person; whatever is stored but no longer known falls back."""
    kept: Mapping[str, Any] = user.settings if user is not None and isinstance(user.settings, dict) else {}
    by_role = "compact" if _COMPACT_ROLES.intersection(roles) else "comfortable"
    mapped = kept.get("keys")
    return Preferences(
        theme=_known(kept.get("theme"), THEMES, "auto"),
        density=_known(kept.get("density"), DENSITIES, by_role),
        rail=_known(kept.get("rail"), RAILS, "wide"),
        language=language_of(user),
        single_keys=kept.get("single_keys") is not False,
        keys={key: mine for key, mine in mapped.items() if key in KEYS and is_key(mine)} if isinstance(mapped, dict) else {},
    )


def language_of(user: User | None) -> str:
    """The language somebody chose; '' leaves it to the browser."""
    chosen = user.language if user is not None else ""
    return chosen if chosen in dict(settings.LANGUAGES) else ""


def speak(user: User) -> None:
    """The rest of this request is answered in the person's own language, if they chose one."""
    if language := language_of(user):
        translation.activate(language)


def is_key(written: object) -> bool:
    """Whether this can be a single key: one visible character."""
    return isinstance(written, str) and len(written) == 1 and written.isprintable() and not written.isspace()


def clashes(keys: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs of keys of the desk that would end up on the same key."""
    taken: dict[str, str] = {}
    found = []
    for key in KEYS:
        mine = keys.get(key, key)
        if mine in taken:
            found.append((taken[mine], key))
        taken.setdefault(mine, key)
    return found


def _known(value: object, known: tuple[str, ...], otherwise: str) -> str:
    return value if isinstance(value, str) and value in known else otherwise
