"""Does notice of a program's end stand in the story, and no page take its moment for a deadline of the referral?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from goodword.core.ending import SOON
from goodword.core.reasons import Reason
from goodword.core.referral import TOLD, Claim, Referral
from tests.web.conftest import As
from tests.web.test_desk import text_of, verdict
from tests.web.test_walls import body


@pytest.fixture
def dora(world: Any) -> Iterator[Any]:
    """The row of Dora, who still has to buy; a function writes it otherwise, and afterwards it is as it was."""
    id_ = world.referrals["acme/dora"]
    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        kept, due_at = conn.execute("SELECT body, next_due_at FROM referral WHERE id = %s", (id_,)).fetchone()

        def write(**changes: Any) -> Referral:
            changed = msgspec.structs.replace(msgspec.json.decode(kept, type=Referral), **changes)
            written = (msgspec.json.encode(changed).decode(), changed.next_due_at, id_)
            conn.execute("UPDATE referral SET body = %s, next_due_at = %s WHERE id = %s", written)
            return changed

        yield write
        conn.execute("UPDATE referral SET body = %s, next_due_at = %s WHERE id = %s", (kept, due_at, id_))


@pytest.fixture
def story(world: Any, as_: As) -> Any:
    """What the page of Dora's referral says, for Dan."""
    return lambda: as_("dan").get(world.path("acme", "dora")).content.decode()


def test_the_verdict_and_the_list_name_the_deadline_behind_the_notice(world: Any, as_: As, dora: Any) -> None:
    dan, path = as_("dan"), world.path("acme", "dora")
    before = verdict(dan, path)
    rows = body(dan.get("/c/acme/referrals.json"))
    due_at = dora().next_due_at
    dora(next_due_at=due_at - timedelta(days=14), decides_at=due_at)
    assert verdict(dan, path) == before
    assert body(dan.get("/c/acme/referrals.json")) == rows


def test_the_story_tells_of_the_notice_to_come_and_of_what_is_decided_after_it(dora: Any, story: Any) -> None:
    due_at = dora().next_due_at
    dora(next_due_at=due_at - timedelta(days=14), decides_at=due_at)
    told = text_of(story(), r'<ol class="timeline.*?</ol>')
    assert told.index("Notice that the program ends") < told.index("Decided anew")


def test_the_story_tells_of_the_notice_that_was_given(dora: Any, story: Any) -> None:
    known = dora()
    claim = Claim(TOLD, SOON, True, known.created_at, 1, Reason(SOON, True, "2027-01-31"))
    dora(claims=(*known.claims, claim), reasons=(claim.reason, *known.reasons))
    told = text_of(story(), r'<ol class="timeline.*?</ol>')
    assert "Notice of the end" in told and "Notice was given: steps count until 31" in told


def test_nobody_runs_out_of_time_because_a_notice_is_near(world: Any, as_: As, dora: Any) -> None:
    due_at = dora().next_due_at
    notice_at = due_at - timedelta(days=20)

    def piles() -> list[str]:
        with psycopg.connect(world.urls.owner, autocommit=True) as conn:
            lane = "UPDATE lane SET held_at = %s WHERE client_id = %s"
            conn.execute(lane, (notice_at - timedelta(hours=6), world.clients["acme"]))
            try:
                page = as_("dan").get("/today").content.decode()
            finally:
                conn.execute(lane, (None, world.clients["acme"]))
        return re.findall(r'data-live-key="(deadline-acme)">', page)

    dora(next_due_at=notice_at)
    assert piles() == ["deadline-acme"], "a deadline of that moment would be told"
    dora(next_due_at=notice_at, decides_at=due_at)
    assert piles() == []
