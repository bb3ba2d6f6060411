"""What is known of a version before it goes live? Its tests, what it would cost, and the client's rules of publishing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg

from goodword.actions.backtesting import Backtest, backtest
from goodword.actions.deeds import Actor, note, require
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.permissions import May
from goodword.actions.programs import Version, versions
from goodword.catalog import SHELVES
from goodword.core.comparison import Sums
from goodword.core.events import ident
from goodword.core.reading import read_terms
from goodword.core.rows import SINCE_EVER
from goodword.core.terms import Terms
from goodword.errors import BadInput
from goodword.store.sql import runs

KINDS = ("scenarios", "backtest")
SECOND = "second"  # the role of the second person at the desk
CLIENT_ROLES = ("marketing", "legal", "it")
DEFAULT_PERCENT = 10
FORECAST_DAYS = 90
STALE_AFTER = timedelta(days=7)
# So many decisions are judged anew in a second or two; a longer history is judged by a backtest of its own beforehand.
JUDGED_AT_ONCE = 300_000


class Rules(msgspec.Struct, frozen=True):
    """A change of the forecast cost beyond so many percent needs a second person; these roles of the client approve."""

    change_percent: int = DEFAULT_PERCENT
    approvals: tuple[str, ...] = ()
    programs: dict[str, tuple[str, ...]] = {}

    def roles_for(self, program: str) -> tuple[str, ...]:
        """Whose approval every version of that program needs."""
        wanted = {*self.approvals, *self.programs.get(program, ())}
        return tuple(role for role in CLIENT_ROLES if role in wanted)


class Forecast(msgspec.Struct, frozen=True):
    """What the version would have cost over recent history, beside the one in force. Sums are minor units by asset."""

    against: int  # number of the version in force
    since: datetime
    events: int
    before_minor: dict[str, int]
    after_minor: dict[str, int]
    counts: dict[str, int]
    change_percent: float


class Tested(msgspec.Struct, frozen=True):
    """One test on record."""

    number: int
    kind: str
    passed: bool
    by: str
    at: datetime
    figures: dict[str, Any]


def rules_of(conn: psycopg.Connection[Any], client_id: str) -> Rules:
    """The client's rules of publishing; what is not set goes by the default."""
    row = conn.execute("SELECT publishing FROM client WHERE id = %s::uuid", (client_id,)).fetchone()
    stored = row[0] if row else {}
    return msgspec.convert(msgspec.json.decode(stored) if isinstance(stored, (str, bytes)) else stored, Rules)


def terms_of(version: Version) -> Terms:
    """The terms of a version; refused in words where this release no longer reads its document."""
    read = read_terms(version.as_document(), SHELVES, version=version.number, live_from=version.live_from or SINCE_EVER)
    if isinstance(read, list):
        raise BadInput(
            f"Version {version.number} of {version.slug} cannot be read by this release.",
            f"{read[0].field}: {read[0].why}.",
            "Write a new version with today's fields.",
        )
    return read


def in_force(known: list[Version], now: datetime) -> Version | None:
    """Of a program's versions the one by which friends are promised something now."""
    begun = [one for one in known if one.live_from and one.live_from <= now]
    return max(begun, key=lambda one: (one.live_from or now, one.number), default=None)


# -- tests -------------------------------------------------------------------------------------------------------------


def keep_test(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    version: Version,
    kind: str,
    *,
    passed: bool,
    figures: dict[str, Any],
    at: datetime,
) -> None:
    """Take down that a version was tested, by whom and what it showed. A draft that passed is tested from then on."""
    require(actor, May.PUSH)
    program_id = ident("program", version.slug)
    with chain.conn.transaction():
        chain.conn.execute(
            "INSERT INTO version_test (client_id, program_id, number, kind, passed, figures, by, at)"
            " VALUES (%s::uuid, %s::uuid, %s, %s, %s, %s, %s, %s)",
            (
                client.id,
                program_id,
                version.number,
                kind,
                passed,
                msgspec.json.encode(figures).decode(),
                actor.name,
                at,
            ),
        )
        if passed:
            chain.conn.execute(
                "UPDATE program_version SET state = 'tested' WHERE client_id = %s::uuid AND program_id = %s::uuid"
                " AND number = %s AND state = 'draft'",
                (client.id, program_id, version.number),
            )
        told = {"version": version.number, "kind": kind, "passed": passed}
        id_ = ident("version", program_id, str(version.number))
        note(chain.conn, chain.keys(client.id), actor, f"program.test:{kind}", "version", id_, at=at, after=told)


def trials_of(conn: psycopg.Connection[Any], client_id: str, slug: str) -> list[Tested]:
    """What a program's versions were tested with, the latest first."""
    rows = conn.execute(
        "SELECT number, kind, passed, by, at, figures FROM version_test WHERE client_id = %s::uuid AND program_id = %s::uuid"
        " ORDER BY at DESC",
        (client_id, ident("program", slug)),
    ).fetchall()
    return [
        Tested(number, kind, passed, by, tested_at, msgspec.json.decode(figures))
        for number, kind, passed, by, tested_at, figures in rows
    ]


def keep_backtest(
    chain: Chain,
    client: ClientRow,
    actor: Actor,
    terms: Terms,
    found: Backtest,
    *,
    since: datetime | None,
    at: datetime,
) -> Version | None:
    """A backtest of a document that is kept as a version is that version's test; returns it, None where it is none.

    It stands for the forecast too: the way for a history that is too long to be judged while somebody waits.
    """
    known = versions(chain.conn, client.id, terms.program)
    tested = next((one for one in reversed(known) if one.terms_hash == terms.hash), None)
    live = in_force(known, runs.business_now(chain.conn, client.id, at))
    if tested is None or live is None:
        return None
    told = _forecast(live, since or SINCE_EVER, found, found.comparison.whole.before)
    figures = msgspec.to_builtins(told) | {"forecast": True}
    keep_test(chain, client, actor, tested, "backtest", passed=True, figures=figures, at=at)
    return tested


# -- cost --------------------------------------------------------------------------------------------------------------


def _change(before: Sums, after: Sums) -> float:
    """By how much the cost changes, of the asset that changes most; what cost nothing before changes by all of it."""
    changes = [0.0]
    for asset in before.given_minor.keys() | after.given_minor.keys():
        was, is_now = before.given_minor.get(asset, 0), after.given_minor.get(asset, 0)
        changes.append(100 * (is_now - was) / was if was else (100.0 if is_now else 0.0))
    most: float = max(changes, key=abs)
    return round(most, 1)


def forecast(chain: Chain, client: ClientRow, actor: Actor, version: Version, *, at: datetime) -> Forecast | None:
    """What a version would change of the cost; None where none is in force to compare with, or nothing happened yet.

    A recent backtest on record is taken; else the last months are judged now, and that is kept as the version's test.
    """
    now = runs.business_now(chain.conn, client.id, at)
    live = in_force(versions(chain.conn, client.id, version.slug), now)
    if live is None or live.number == version.number:
        return None
    known = _on_record(chain.conn, client.id, version, live, at)
    if known is not None:
        return known
    row = chain.conn.execute("SELECT count(*) FROM decision WHERE client_id = %s::uuid", (client.id,)).fetchone()
    if row and row[0] > JUDGED_AT_ONCE:
        raise BadInput(
            f"What version {version.number} would cost has to be judged first.",
            f"This client has {row[0]:,} decisions on record: that takes longer than a page waits.",
            "Run a backtest of this version; then publish it.",
        )
    since = now - timedelta(days=FORECAST_DAYS)
    try:
        found = backtest(chain.conn, chain.vault, client.id, version.as_document(), terms_of(version), since=since)
        before = _before(chain, client, live, since, found)
    except BadInput:
        return None  # no history of this program yet
    told = _forecast(live, since, found, before)
    figures = msgspec.to_builtins(told) | {"forecast": True}
    keep_test(chain, client, actor, version, "backtest", passed=True, figures=figures, at=at)
    return told


def _before(chain: Chain, client: ClientRow, live: Version, since: datetime, found: Backtest) -> Sums:
    """What the version in force costs over the same time: as it was decided, or judged too where it is younger than that."""
    if live.live_from is not None and live.live_from <= since:
        return found.comparison.whole.before
    judged = backtest(chain.conn, chain.vault, client.id, live.as_document(), terms_of(live), since=since)
    return judged.comparison.whole.after


def _forecast(live: Version, since: datetime, found: Backtest, before: Sums) -> Forecast:
    after, counts = found.comparison.whole.after, {str(key): n for key, n in found.comparison.counts.items()}
    percent = _change(before, after)
    return Forecast(live.number, since, found.events, before.given_minor, after.given_minor, counts, percent)


def _on_record(
    conn: psycopg.Connection[Any], client_id: str, version: Version, live: Version, at: datetime
) -> Forecast | None:
    for test in trials_of(conn, client_id, version.slug):
        is_forecast = test.kind == "backtest" and test.figures.get("forecast") and test.number == version.number
        if is_forecast and test.figures.get("against") == live.number and at - test.at <= STALE_AFTER:
            return msgspec.convert({k: v for k, v in test.figures.items() if k != "forecast"}, Forecast)
    return None
