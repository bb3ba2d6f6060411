"""Does a version go live only after everybody who has to approved, and does no open referral lose by it unseen?"""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from goodword.actions.deeds import COMMAND_LINE, Actor
from goodword.actions.programs import push, roll_back, version, versions
from goodword.actions.versions import Rules, forecast, rules_of, trials_of
from goodword.actions.versions_approval import LinkEnded, answer, approve, ask_by_link, asked
from goodword.actions.versions_move import weigh_open
from goodword.actions.versions_release import Wish, ask, finish, releases, waiting_release, withdraw
from goodword.actions.versions_stop import ask_stop, confirm_stop
from goodword.catalog import SHELVES
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.errors import BadInput, NotAllowed, NotFound
from goodword.house.roles import Urls
from goodword.store.recompute import replay
from tests.actions.shops import ANA, CARL, NOTE, OLGA, Shop


def test_the_forecast_is_the_versions_test_and_makes_it_tested(shop: Shop) -> None:
    number = shop.draft(cash="10.50")
    expected = forecast(
        shop.chain, shop.client, ANA, version(shop.chain.conn, shop.client, "friends", number), at=shop.now
    )
    assert expected is not None and 0 < expected.change_percent < 10
    assert shop.state(number) == "tested"
    tests = trials_of(shop.chain.conn, shop.client.id, "friends")
    assert [(one.number, one.kind, one.passed, one.by) for one in tests] == [(number, "backtest", True, ANA.name)]
    again = forecast(
        shop.chain, shop.client, ANA, version(shop.chain.conn, shop.client, "friends", number), at=shop.now
    )
    assert again == expected
    assert len(trials_of(shop.chain.conn, shop.client.id, "friends")) == 1


def test_a_small_change_goes_live_at_once_and_retires_the_one_before(shop: Shop) -> None:
    number = shop.draft(cash="10.50")
    release = ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    assert (release.state, release.roles, release.wish.note) == ("published", (), "a reason")
    assert [one.state for one in versions(shop.chain.conn, shop.client.id, "friends")] == ["retired", "live"]
    with pytest.raises(BadInput, match="already live"):
        ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)


def test_a_change_of_cost_beyond_the_threshold_needs_somebody_else(shop: Shop) -> None:
    number = shop.draft(cash="20.00")
    release = ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    assert (release.state, release.missing) == ("waiting", ("second",))
    with pytest.raises(BadInput, match="still waits for: second"):
        finish(shop.chain, shop.client, ANA, "friends", at=shop.now)
    with pytest.raises(NotAllowed, match="Nobody approves their own"):
        approve(shop.chain, shop.client, ANA, "friends", granted=True, comment="", at=shop.now)
    approved = approve(shop.chain, shop.client, CARL, "friends", granted=True, comment="Agreed.", at=shop.now)
    assert approved.missing == ()
    word = approved.approvals[-1]
    assert (word.granted, word.by, word.comment, len(word.text_hash)) == (True, CARL.name, "Agreed.", 64)
    assert finish(shop.chain, shop.client, ANA, "friends", at=shop.now).state == "published"
    assert shop.state(number) == "live"


def test_an_administrator_who_wrote_it_may_not_approve_it_either(shop: Shop) -> None:
    number = shop.draft(OLGA, cash="20.00")
    ask(shop.chain, shop.client, CARL, "friends", number, NOTE, at=shop.now)
    with pytest.raises(NotAllowed, match="administrators too"):
        approve(shop.chain, shop.client, OLGA, "friends", granted=True, comment="", at=shop.now)


def test_a_refusal_needs_a_reason_and_ends_what_was_asked_for(shop: Shop) -> None:
    number = shop.draft(cash="20.00")
    ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    with pytest.raises(BadInput, match="reason is missing"):
        approve(shop.chain, shop.client, CARL, "friends", granted=False, comment=" ", at=shop.now)
    refused = approve(shop.chain, shop.client, CARL, "friends", granted=False, comment="Too dear.", at=shop.now)
    assert (refused.state, shop.state(number)) == ("refused", "tested")
    assert waiting_release(shop.chain, shop.client, "friends") is None


def test_one_version_waits_at_a_time_and_can_be_withdrawn(shop: Shop) -> None:
    first, second = shop.draft(cash="20.00"), shop.draft(cash="30.00")
    ask(shop.chain, shop.client, ANA, "friends", first, NOTE, at=shop.now)
    with pytest.raises(BadInput, match="waits for approval"):
        ask(shop.chain, shop.client, ANA, "friends", second, NOTE, at=shop.now)
    withdraw(shop.chain, shop.client, ANA, "friends", at=shop.now)
    assert ask(shop.chain, shop.client, ANA, "friends", second, NOTE, at=shop.now).number == second
    states = {one.number: one.state for one in releases(shop.chain, shop.client, "friends")}
    assert states == {1: "published", first: "withdrawn", second: "waiting"}


def test_the_client_approves_by_a_link_once_and_for_one_text(shop: Shop, installation: Urls) -> None:
    shop.rules(installation.owner, '{"approvals": ["legal"], "change_percent": 500}')
    assert rules_of(shop.chain.conn, shop.client.id) == Rules(500, ("legal",))
    number = shop.draft()
    number = shop.draft(cash="11.00")
    release = ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    assert release.missing == ("legal",)
    path = ask_by_link(
        shop.chain, shop.client, ANA, "friends", "legal", "Lea Law, legal", has_colleagues=True, at=shop.now
    )
    token = path.removeprefix("/approve/")
    shown = asked(shop.chain, token, at=shop.now)
    assert (shown.approval.name, shown.version.number) == ("Lea Law, legal", number)
    with pytest.raises(BadInput, match="not the text"):
        answer(shop.chain, token, granted=True, comment="", seen_mark="0" * 64, at=shop.now)
    answer(shop.chain, token, granted=True, comment="Fine by us.", seen_mark=shown.mark, at=shop.now)
    with pytest.raises(LinkEnded):
        answer(shop.chain, token, granted=True, comment="", seen_mark=shown.mark, at=shop.now)
    waiting = waiting_release(shop.chain, shop.client, "friends")
    assert waiting is not None
    assert (waiting.missing, waiting.approvals[0].comment) == ((), "Fine by us.")
    plain = shop.chain.conn.execute("SELECT row_to_json(a)::text FROM version_approval a").fetchall()
    assert all("Lea Law" not in row[0] and token not in row[0] and "Fine by us" not in row[0] for row in plain)


def test_a_link_ends_by_time_by_a_newer_one_and_with_what_it_is_about(shop: Shop, installation: Urls) -> None:
    shop.rules(installation.owner, '{"programs": {"friends": ["it", "marketing"]}, "change_percent": 500}')
    ask(shop.chain, shop.client, ANA, "friends", shop.draft(cash="11.00"), NOTE, at=shop.now)

    def link(role: str) -> str:
        path = ask_by_link(shop.chain, shop.client, ANA, "friends", role, "Ian", has_colleagues=True, at=shop.now)
        return path.removeprefix("/approve/")

    old, new, other = link("it"), link("it"), link("marketing")
    later = shop.now + timedelta(seconds=1)
    with pytest.raises(LinkEnded):
        asked(shop.chain, old, at=later)
    assert asked(shop.chain, new, at=later).approval.role == "it"
    with pytest.raises(LinkEnded):
        asked(shop.chain, new, at=shop.now + timedelta(days=15))
    for wrong in ("", ".", "x.y", new[:-1], new.replace(".", "!"), f"{'0' * 32}.{new.partition('.')[2]}"):
        with pytest.raises(LinkEnded):
            asked(shop.chain, wrong, at=later)
    withdraw(shop.chain, shop.client, ANA, "friends", at=later)
    with pytest.raises(LinkEnded):
        asked(shop.chain, other, at=later)


def test_the_client_is_the_second_person_only_where_there_is_no_colleague(shop: Shop) -> None:
    ask(shop.chain, shop.client, ANA, "friends", shop.draft(cash="20.00"), NOTE, at=shop.now)
    with pytest.raises(BadInput, match="colleague can be"):
        ask_by_link(shop.chain, shop.client, ANA, "friends", "second", "Vera", has_colleagues=True, at=shop.now)
    path = ask_by_link(shop.chain, shop.client, ANA, "friends", "second", "Vera", has_colleagues=False, at=shop.now)
    token = path.removeprefix("/approve/")
    shown = asked(shop.chain, token, at=shop.now)
    answer(shop.chain, token, granted=True, comment="", seen_mark=shown.mark, at=shop.now)
    assert finish(shop.chain, shop.client, ANA, "friends", at=shop.now).state == "published"


def test_a_note_is_asked_for_and_viewers_publish_nothing(shop: Shop) -> None:
    number = shop.draft(cash="10.50")
    with pytest.raises(BadInput, match="note is missing"):
        ask(shop.chain, shop.client, ANA, "friends", number, Wish("  "), at=shop.now)
    with pytest.raises(NotAllowed):
        ask(shop.chain, shop.client, Actor("d" * 32, "agent"), "friends", number, NOTE, at=shop.now)
    with pytest.raises(NotFound):
        approve(shop.chain, shop.client, CARL, "friends", granted=True, comment="", at=shop.now)


def test_a_version_for_a_later_day_is_published_now_and_in_force_then(shop: Shop) -> None:
    number = shop.draft(cash="10.50")
    day = shop.now + timedelta(days=30)
    release = ask(shop.chain, shop.client, ANA, "friends", number, Wish("next month", live_from=day), at=shop.now)
    assert release.state == "published"
    known = version(shop.chain.conn, shop.client, "friends", number)
    assert known.live_from == day


def test_a_roll_back_is_a_new_version_of_the_old_document(shop: Shop) -> None:
    ask(shop.chain, shop.client, ANA, "friends", shop.draft(cash="10.50"), NOTE, at=shop.now)
    made, is_new = roll_back(shop.chain, shop.client, ANA, "friends", 1, at=shop.now)
    first = version(shop.chain.conn, shop.client, "friends", 1)
    assert (made.number, is_new, made.state, made.terms_hash) == (3, True, "draft", first.terms_hash)
    assert roll_back(shop.chain, shop.client, ANA, "friends", 1, at=shop.now)[1] is False


def test_what_is_written_on_older_terms_is_not_pushed_over_newer_ones(shop: Shop) -> None:
    first = version(shop.chain.conn, shop.client, "friends", 1)
    ask(shop.chain, shop.client, ANA, "friends", shop.draft(cash="10.50"), NOTE, at=shop.now)
    document = first.as_document() | {"name": "Friends of us"}
    terms = read_terms(document, SHELVES, version=1, live_from=shop.now)
    assert isinstance(terms, Terms)
    with pytest.raises(BadInput, match="Version 2 went live since"):
        push(shop.chain, shop.client, CARL, document, terms, at=shop.now, written_on=first.terms_hash)
    assert push(shop.chain, shop.client, CARL, document, terms, at=shop.now)[1]


def test_open_referrals_that_would_lose_are_told_before_and_keep_their_promise(shop: Shop) -> None:
    conn, client = shop.chain.conn, shop.client
    still_open = conn.execute(
        "SELECT count(*) FROM referral WHERE client_id = %s AND state IN ('joined', 'waiting', 'held', 'qualified')",
        (client.id,),
    ).fetchone()
    assert still_open is not None and still_open[0] > 0
    worse, better = shop.draft(cash="9.90"), shop.draft(cash="10.90")
    weighing = weigh_open(shop.chain, client, version(conn, client, "friends", worse), at=shop.now)
    assert (weighing.open, weighing.weighed) == (still_open[0], still_open[0])
    assert {one.reasons[0].code for one in weighing.losers} == {"promise_kept"}
    assert weigh_open(shop.chain, client, version(conn, client, "friends", better), at=shop.now).losers == ()
    named = weighing.losers[0].id
    ask(shop.chain, client, ANA, "friends", worse, Wish("cheaper", moves=True, named=(named,)), at=shop.now)
    rows = conn.execute(
        "SELECT replace(id::text, '-', ''), version FROM referral WHERE client_id = %s AND id = ANY(%s::uuid[])",
        (client.id, [one.id for one in weighing.losers]),
    ).fetchall()
    assert dict(rows) == {one.id: worse if one.id == named else 1 for one in weighing.losers}
    replayed = replay(conn, shop.chain.vault, client.id, SHELVES)
    assert replayed.ok, replayed.differences[:2]


def test_a_legal_stop_takes_two_people_and_names_both(shop: Shop) -> None:
    conn, client = shop.chain.conn, shop.client
    with pytest.raises(BadInput, match="reason is missing"):
        ask_stop(shop.chain, client, ANA, "friends", why=" ", voids=False, at=shop.now)
    waiting = ask_stop(shop.chain, client, ANA, "friends", why="The regulator said so.", voids=False, at=shop.now)
    assert (waiting.state, waiting.missing) == ("waiting", ("second",))
    with pytest.raises(NotAllowed, match="two people"):
        confirm_stop(shop.chain, client, ANA, "friends", granted=True, comment="", at=shop.now)
    with pytest.raises(BadInput, match="A stop of friends was asked for"):
        ask(shop.chain, client, CARL, "friends", shop.draft(cash="10.50"), NOTE, at=shop.now)
    done = confirm_stop(shop.chain, client, CARL, "friends", granted=True, comment="Confirmed.", at=shop.now)
    assert done.state == "published"
    row = conn.execute("SELECT stopped_at, stopped_version FROM program WHERE client_id = %s", (client.id,)).fetchone()
    assert row is not None and row[0] is not None and row[1] == 1
    left = conn.execute(
        "SELECT count(*) FROM referral WHERE client_id = %s AND state = 'joined'", (client.id,)
    ).fetchone()
    assert left == (0,)
    assert waiting_release(shop.chain, client, "friends") is None
    ask(shop.chain, client, ANA, "friends", shop.draft(cash="10.60"), NOTE, at=shop.now)


def test_nobody_changes_what_a_version_says_not_even_in_the_database(shop: Shop) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), shop.chain.conn.transaction():
        shop.chain.conn.execute("UPDATE program_version SET document = '{}'")


def test_the_command_line_is_an_actor_like_any_other(shop: Shop) -> None:
    number = shop.draft(COMMAND_LINE, cash="20.00")
    ask(shop.chain, shop.client, CARL, "friends", number, NOTE, at=shop.now)
    with pytest.raises(NotAllowed):
        approve(shop.chain, shop.client, COMMAND_LINE, "friends", granted=True, comment="", at=shop.now)
