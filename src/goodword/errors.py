"""What went wrong, why, and what repairs it? The three parts that every refusal of Goodword says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class GoodwordError(Exception):
    """A refusal that a person can act on. `str()` gives the three parts, one a line."""

    code = "refused"

    def __init__(self, what: str, why: str = "", repair: str = "") -> None:
        super().__init__(what, why, repair)
        self.what = what
        self.why = why
        self.repair = repair

    def __str__(self) -> str:
        return "\n".join(part for part in (self.what, self.why, self.repair) if part)

    def as_data(self) -> dict[str, str]:
        """The same three parts for scripts (`--json`)."""
        return {"error": self.code, "what": self.what, "why": self.why, "repair": self.repair}


class NoClientScope(GoodwordError):
    """A query on a client's rows ran outside a client's scope."""

    code = "no_client_scope"

    def __init__(self, what: str = "A client's rows were asked for outside the scope of a client.") -> None:
        super().__init__(
            what,
            "Without a scope the database would answer with nothing, which looks like an empty result.",
            "Open the scope around the whole work: `with client_scope(client_id):`.",
        )


class NotAllowed(GoodwordError):
    """The person or key is known and may not do this."""

    code = "not_allowed"


class NotFound(GoodwordError):
    """No such thing, or none that the asker may see."""

    code = "not_found"


class BadInput(GoodwordError):
    """A file, field or argument that cannot be read as it stands; `field` is where a form shows the refusal."""

    code = "bad_input"

    def __init__(self, what: str, why: str = "", repair: str = "", field: str = "") -> None:
        super().__init__(what, why, repair)
        self.field = field


class Unsafe(GoodwordError):
    """Starting or going on would leak or lose something, so Goodword does not."""

    code = "unsafe"


class AlreadyRunning(GoodwordError):
    """Another Goodword serves the same data folder."""

    code = "already_running"


class NotRunning(GoodwordError):
    """No Goodword serves this data folder."""

    code = "not_running"


class DatabaseTrouble(GoodwordError):
    """PostgreSQL cannot be started or reached."""

    code = "database"


PROBLEM_TYPE = "application/problem+json"


def problem(
    status: int, title: str, detail: str = "", errors: Iterable[Mapping[str, Any]] = (), **more: Any
) -> dict[str, Any]:
    """The body of an HTTP refusal after RFC 9457; `errors` names the places, each with why and repair."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    listed = [dict(error) for error in errors]
    if listed:
        body["errors"] = listed
    return body | more
