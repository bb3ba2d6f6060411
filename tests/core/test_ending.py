"""Is notice of a program's end given once, in time, and only to whoever it can concern, whatever order events arrive in?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from goodword.core.decide import fingerprint
from goodword.core.ending import SOON
from goodword.core.referral import TOLD, Referral
from goodword.scenarios.player import CorePlayer
from goodword.scenarios.programs import from_block
from tests.core.worlds import (
    CAREFULLY,
    FREE_PROGRAMS,
    PUBLISHED,
    THE_END,
    Raw,
    deliver,
    histories,
    late_arrivals,
    on_time,
    published,
)

TELLING = [document for document in FREE_PROGRAMS if "notice" in document.get("runs", {})]
JOINED = [{"id": "s1", "type": "signup", "at": "2026-03-02T10:00:00+00:00", "person": {"id": "bob"}, "code": "ALICE"}]


def _told(referral: Referral) -> list[str | None]:
    return [claim.reason.value for claim in referral.claims if claim.kind == TOLD and claim.reason]


@CAREFULLY
@given(st.sampled_from(TELLING), histories(), st.data())
def test_notice_is_given_once_inside_its_time(document: Raw, history: list[Raw], data: st.DataObject) -> None:
    player = deliver(published(document), data.draw(late_arrivals(history)))
    notices = [(one.clock, notice) for one in player.decisions for notice in one.notices if notice.kind == SOON]
    terms = player.situation.live_terms("acme")
    assert terms.last_milestone_at and terms.notice
    for clock, _ in notices:
        assert terms.last_milestone_at - terms.notice <= clock < terms.last_milestone_at
    told = sorted(id_ for id_, referral in player.situation.referrals.items() for _ in _told(referral))
    assert sorted(notice.referral or "" for _, notice in notices) == told
    assert len(set(told)) == len(told)
    assert all(referral.decides_at is None for referral in player.situation.referrals.values())


@CAREFULLY
@given(st.sampled_from(TELLING), histories())
def test_notice_changes_nothing_else(document: Raw, history: list[Raw]) -> None:
    runs = {key: value for key, value in document["runs"].items() if key != "notice"}
    with_notice, without = (deliver(published(one), on_time(history)) for one in (document, {**document, "runs": runs}))
    assert with_notice.balances() == without.balances()
    assert _states(with_notice) == _states(without)


def _states(player: CorePlayer) -> dict[str, Any]:
    return {
        id_: (referral.state, referral.state_at, referral.rewards, referral.next_due_at)
        for id_, referral in player.situation.referrals.items()
    }


@CAREFULLY
@given(st.sampled_from(TELLING), histories())
def test_a_replay_gives_the_same_notices(document: Raw, history: list[Raw]) -> None:
    once, again = (deliver(published(document), on_time(history)) for _ in range(2))
    assert [fingerprint(one) for one in once.decisions] == [fingerprint(one) for one in again.decisions]


def test_the_deadline_is_what_decides_not_what_tells() -> None:
    player = _player("runs: {last_milestone: 2026-04-10, notice: 14d}")
    (referral,) = player.situation.referrals.values()
    assert referral.next_due_at == datetime.fromisoformat("2026-03-27T23:59:59.999999+00:00")
    assert referral.deadline_at == datetime.fromisoformat("2026-04-11T00:00:00+00:00")
    player.run_until(referral.next_due_at)
    (referral,) = player.situation.referrals.values()
    assert _told(referral) == ["2026-04-10"]
    assert referral.next_due_at == referral.deadline_at == datetime.fromisoformat("2026-04-11T00:00:00+00:00")


def test_an_earlier_deadline_comes_before_notice() -> None:
    player = _player(
        "runs: {last_milestone: 2026-04-10, notice: 5d}\n"
        "milestones: {joined: {event: signup}, first_order: {event: purchase, within: 10d of joined},"
        " another: {event: purchase, count: 2}}"
    )
    (referral,) = player.situation.referrals.values()
    deadline_at = datetime.fromisoformat("2026-03-12T10:00:00+00:00")
    assert referral.deadline_at and timedelta() < referral.deadline_at - deadline_at < timedelta(seconds=1)
    assert referral.next_due_at == referral.deadline_at


def test_terms_without_notice_leave_no_trace() -> None:
    player = _player("runs: {last_milestone: 2026-04-10}")
    player.run_until(THE_END)
    (referral,) = player.situation.referrals.values()
    assert (referral.decides_at, _told(referral)) == (None, [])


def _player(block: str) -> CorePlayer:
    """Bob was brought by Alice on the second of March, under these terms."""
    promises = 'promises: [{to: advocate, on: first_order, give: {cash: "10.00"}}]'
    player = published(from_block(f"{block}\n{promises}", PUBLISHED))
    for raw, at in on_time(JOINED):
        player.deliver(raw, at)
    return player
