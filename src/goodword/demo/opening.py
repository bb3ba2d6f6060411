"""What is set up before the first event? Clients, keys, programs, known people and the people of the house, by the usual actions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from goodword.actions.clients import add_client, hold_clock, make_key
from goodword.actions.deeds import Actor
from goodword.actions.evidence import heard_for
from goodword.actions.importing import Imported, Wish, import_file
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.programs import publish, push
from goodword.catalog import SHELVES
from goodword.catalog.reading import read_program
from goodword.core.events import ident
from goodword.demo.installation import Installation, SignIn
from goodword.demo.world import Brand, Program
from goodword.errors import BadInput
from goodword.house.folder import DataFolder
from goodword.store.sql import runs

ACTOR = Actor("demo", "operator")
SOURCE = "api"
_KIND = "demo"
# Each brand has one of its own, so that nobody takes one for another; all are read on white.
_COLOURS = (
    "#0b6e63", "#8a3b12", "#5a3a8c", "#0b5c8f", "#7a2048", "#4d5a12", "#a03030", "#6b4a00", "#2f5fb3", "#1f4e4a", "#5b4a3a",
)  # fmt: skip


def set_up(chain: Chain, made: Installation, brand: Brand, folder: DataFolder) -> None:
    """Everything a brand needs before its first event. Each step is done once, however often this is called."""
    now = datetime.now(UTC)
    if brand.slug not in chain.slugs():
        add_client(
            chain,
            ACTOR,
            slug=brand.slug,
            name=brand.name,
            currency=brand.currency,
            timezone=brand.timezone,
            prefix=brand.prefix,
            colour=_COLOURS[len(chain.slugs()) % len(_COLOURS)],
            served=brand.served,
            at=now,
        )
    client = chain.client(brand.slug)
    if brand.slug not in made.keys:
        made.keys[brand.slug], _ = make_key(
            chain, client, ACTOR, name="demo world", scopes=[], source=SOURCE, expires_at=None, at=now
        )
        made.save(folder)
    if loading(chain, client) is None:
        put_live(chain, client, brand.programs[0], brand.begin - timedelta(days=1))
        hold_clock(chain, client, ACTOR, brand.begin, at=now)
        import_text(chain, client, "people", brand.people, brand.begin)
        run = runs.Run(_run_id(client), _KIND, "demo world", b"", SOURCE, brand.chapters[-1].until, now, ACTOR.name)
        runs.begin(chain.conn, client.id, run)


def loading(chain: Chain, client: ClientRow) -> str | None:
    """Whether the client's world is "running" in, "done", or was not begun."""
    row = chain.conn.execute(
        "SELECT state FROM import_run WHERE client_id = %s::uuid AND id = %s::uuid", (client.id, _run_id(client))
    ).fetchone()
    return str(row[0]) if row else None


def finish(chain: Chain, client: ClientRow, events: int) -> None:
    """The client's world is all there."""
    runs.end(chain.conn, client.id, _run_id(client), "done", (events, 0, 0), datetime.now(UTC))


def put_live(chain: Chain, client: ClientRow, program: Program, live_from: datetime) -> None:
    """Push and publish a version, unless it is live already."""
    now = datetime.now(UTC)
    read = read_program(program.text, SHELVES, version=1, live_from=live_from)
    if isinstance(read, list):
        raise BadInput(f"A demo program cannot be read: {read[0].field} {read[0].why}.", "", read[0].repair)
    pushed, _ = push(chain, client, ACTOR, *read, at=now)
    if pushed.state == "draft":
        publish(chain, client, ACTOR, pushed, live_from, at=now, remarks=heard_for(chain, client, pushed))


def import_text(chain: Chain, client: ClientRow, kind: str, text: str, as_of: datetime) -> None:
    """Bring in a people or codes file as an office would."""
    with _file(f"{kind}.csv", text) as path:
        done = import_file(
            chain, client, ACTOR, Wish(kind, path, as_of=as_of), now=datetime.now(UTC), tell=lambda _what, _part: None
        )
        _require_whole(done)


def let_in(owner_url: str, person: SignIn, now: datetime) -> None:
    """Invite a person of the house and set the password as they would by their link; known ones stay as they are.

    Somebody whose client is not there (a demo that was cleared) waits until it is. Django has to be set up.
    """
    from goodword.actions.sign_in import accept, invite

    with psycopg.connect(owner_url) as owner:
        waits = owner.execute(
            "SELECT %s::text IS NOT NULL AND NOT EXISTS (SELECT FROM client WHERE slug = %s)",
            (person.client, person.client),
        ).fetchone() == (True,)
        known = owner.execute(
            "SELECT FROM store_user u JOIN membership m ON m.user_id = u.id LEFT JOIN client c ON c.id = m.client_id"
            " WHERE lower(u.email) = %s AND u.password NOT LIKE '!%%' AND m.role = %s AND c.slug IS NOT DISTINCT FROM %s",
            (person.email, person.role, person.client),
        ).fetchone()
    if known is None and not waits:
        link = invite(person.email, person.role, person.client, now, owner_url=owner_url)
        user = accept(link.rpartition("/")[2], person.password, now)
        if not user.name:  # as a person writes it under Account: the short name of "Olga, administrator"
            user.name = person.name.partition(",")[0]
            user.save(update_fields=["name"])


def _run_id(client: ClientRow) -> str:
    return ident("demo", client.id)


@contextmanager
def _file(name: str, text: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="goodword-demo-") as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        yield path


def _require_whole(done: Imported) -> None:
    if done.bad:
        first = done.first_bad[0]
        raise BadInput(
            f"Line {first.number} of the demo's file was refused: {first.problem.why}.", "", first.problem.repair
        )
