"""How does the world flow in? Week after week through the front door, as if each had just passed, while the pages answer.

The business clock of a client is held at the end of the week that flows in, and its lane is kept until all events of the
week are there: so what is due is released on the way, and nothing before its time.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from goodword.actions.clients import hold_clock
from goodword.actions.drain import Lanes, advance, lane_held
from goodword.actions.importing import decide_all
from goodword.actions.opening import Chain, ClientRow
from goodword.demo import creators
from goodword.demo.installation import Installation
from goodword.demo.opening import ACTOR, finish, import_text, loading, put_live
from goodword.demo.payday import WEEKS_BETWEEN, pay_and_review
from goodword.demo.world import Brand, Chapter
from goodword.errors import BadInput, GoodwordError
from goodword.store.sql import runs

_PATIENCE_SECONDS = 0.01
_TRIES = 30

Tell = Callable[[int, int, int], None]  # (weeks told, weeks in all, events sent)


class Told(NamedTuple):
    """What was sent in this start, and whether anything had to be."""

    events: int
    was_needed: bool


def flow_in(chain: Chain, made: Installation, brands: list[Brand], address: str, tell: Tell) -> Told:
    """Send what is still missing of all brands, week by week and brand by brand."""
    open_ends = [
        (brand, client, _begun(chain, client, brand))
        for brand in brands
        if loading(chain, client := chain.client(brand.slug)) != "done"
    ]
    weeks = max((len(brand.chapters) for brand, _, _ in open_ends), default=0)
    events = 0
    for number in range(weeks):
        for brand, client, begun in open_ends:
            if number >= begun:
                _tell_chapter(chain, client, brand, number, address, made.keys[brand.slug])
            events += len(brand.chapters[number].events)
        tell(number + 1, weeks, events)
    for brand, client, _ in open_ends:
        _let_time_run(chain, client, brand)
        finish(chain, client, sum(len(chapter.events) for chapter in brand.chapters))
    creators.fill(chain, brands)
    return Told(events, bool(open_ends))


def _begun(chain: Chain, client: ClientRow, brand: Brand) -> int:
    """The first chapter that may not be there as a whole: the one at whose end the clock is held."""
    _, held_at = runs.lane_clock(chain.conn, client.id)
    return next((n for n, chapter in enumerate(brand.chapters) if held_at is None or chapter.until >= held_at), 0)


def _tell_chapter(chain: Chain, client: ClientRow, brand: Brand, number: int, address: str, key: str) -> None:
    chapter = brand.chapters[number]
    since = brand.chapters[number - 1].until if number else brand.begin
    for program in brand.programs:
        if program.after_chapters == number and number:
            put_live(chain, client, program, since)
    with lane_held(chain.conn, client.id, wait=True):
        _, held_at = runs.lane_clock(chain.conn, client.id)
        if chapter.codes and held_at != chapter.until:
            import_text(chain, client, "codes", chapter.codes, since)
        hold_clock(chain, client, ACTOR, chapter.until, at=datetime.now(UTC), is_noted=False)
        _send(chapter, address, key)
        while not runs.is_settled(chain.conn, client.id):
            time.sleep(_PATIENCE_SECONDS)
    if (number + 1) % WEEKS_BETWEEN == 0:
        with lane_held(chain.conn, client.id, wait=True):
            _catch_up(chain, client, chapter.until)
            pay_and_review(chain, client, chapter.until)


def _catch_up(chain: Chain, client: ClientRow, until: datetime) -> None:
    """Decide all that was sent and let time run so far. The caller holds the lane."""
    now = datetime.now(UTC)
    decide_all(chain, client.id, now=now)
    advance(chain.conn, Lanes(chain.vault), client.id, until, now=now)


def _let_time_run(chain: Chain, client: ClientRow, brand: Brand) -> None:
    """The history is over: from here on the client's clock is the world's."""
    with lane_held(chain.conn, client.id, wait=True):
        _catch_up(chain, client, brand.chapters[-1].until)
        hold_clock(chain, client, ACTOR, None, at=datetime.now(UTC), is_noted=False)


class _Item(msgspec.Struct):
    index: int
    errors: list[dict[str, str]] = []


class _Answer(msgspec.Struct):
    rejected: int
    results: list[_Item]


def _send(chapter: Chapter, address: str, key: str) -> None:
    """One request with the events of a week. A server that asks for patience gets it; sending twice adds nothing."""
    if not chapter.events:
        return
    body = b"\n".join(chapter.events)
    for _ in range(_TRIES):
        status, answer = _post(address, key, body)
        if status == 207:
            told = msgspec.json.decode(answer, type=_Answer)
            if told.rejected:
                bad = next(item for item in told.results if item.errors)
                raise BadInput(f"The front door refused event {bad.index} of a week: {bad.errors[0]}.", "", "")
            return
        if status not in (0, 429, 503):
            raise GoodwordError(f"The front door answered {status}.", answer.decode(errors="replace")[:300], "")
        time.sleep(1)
    raise GoodwordError("The front door does not take the demo's events.", "It was asked many times.", "Start again.")


def _post(address: str, key: str, body: bytes) -> tuple[int, bytes]:
    """(status, answer); 0 where nobody answered."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    try:
        connection.request("POST", "/v1/events", body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
