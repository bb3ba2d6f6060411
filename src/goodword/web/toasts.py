"""What does the next page say about what was just done? Short sentences without names, kept in the session until shown once."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.http import HttpRequest

_KEPT = "toasts"
_MOST = 5


@dataclass(frozen=True)
class Toast:
    """A sentence, its tone (ok, wait, stop), and where a POST takes back what was done ('' where nothing does)."""

    text: str
    tone: str = "ok"
    undo: str = ""


def toast(request: HttpRequest, text: str, *, tone: str = "ok", undo: str = "") -> None:
    """Say this on the next page. The session lies unsealed in the database, so the sentence names nobody: refs and amounts."""
    kept = request.session.get(_KEPT, [])
    request.session[_KEPT] = [*kept, asdict(Toast(text, tone, undo))][-_MOST:]


def take(request: HttpRequest) -> list[Toast]:
    """The sentences to show now; they are shown once, and not to a script that only looks for news."""
    if "Goodword-Live" in request.headers or _KEPT not in request.session:
        return []
    return [Toast(**one) for one in request.session.pop(_KEPT)]
