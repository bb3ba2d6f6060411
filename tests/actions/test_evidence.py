"""Is it proven what people read of a version: as it was written, as it went live, and as somebody approved it?"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from goodword.actions.deeds import COMMAND_LINE
from goodword.actions.evidence import evidence_of
from goodword.actions.programs import append_act, publish, push, roll_back, version
from goodword.actions.versions_approval import answer, approve, ask_by_link, asked
from goodword.actions.versions_release import OtherWording, Wish, ask, finish, move, releases, waiting_release
from goodword.actions.versions_stop import ask_stop, confirm_stop
from goodword.catalog import SHELVES
from goodword.core.events import EVENT_BYTES
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.core.wording import LANGUAGES, Wording, for_the_friend, mark_of, paragraphs, plain_text
from goodword.errors import BadInput
from goodword.house.roles import Urls
from goodword.store.recompute import replay
from goodword.store.sql import runs
from goodword.store.wording import KEPT, PUBLISHED, KeptWording
from tests.actions.shops import ANA, CARL, NOTE, Shop


def kept_of(shop: Shop, number: int) -> dict[str, KeptWording]:
    return evidence_of(shop.chain, shop.client, version(shop.chain.conn, shop.client, "friends", number)).kept


# As it was kept in November 2026. It has to be read for ever: this text never changes, whatever the shapes become.
OF_2026 = """{"texts": {"en": {"terms": "Who may refer\\nAnybody.\\n", "friend": "You may be recommended.\\n"}}, "by": "carl",
 "remarks": [{"pack_title": "Draws and contests", "remark": {"pack": "draws", "check": "italy", "severity": "block", "field": "contest",
 "words": "In Italy it is notified.", "repair": "Notify it.", "source": "DPR 430/2001", "as_of": "2026-11-22", "where": "IT"}}]}"""


def test_what_was_kept_is_read_for_ever() -> None:
    kept = msgspec.json.decode(OF_2026, type=Wording)
    assert kept.texts["en"].friend == "You may be recommended.\n" and kept.by == "carl"
    assert kept.remarks is not None and kept.remarks[0].remark.as_of == date(2026, 11, 22)
    assert mark_of({"b": 1, "a": [2]}, kept.texts) == mark_of({"a": [2], "b": 1}, kept.texts)
    assert mark_of({"a": 1}, kept.texts) == "000ebcda143f429dce7eb4b6dcbe129d53bb1a3cfd88133b1ad7859e958c0891"


def lines_of(shop: Shop) -> int:
    """How many publications the log of acts tells of."""
    row = shop.chain.conn.execute(
        "SELECT count(*) FROM action WHERE client_id = %s AND verb = 'program.publish'", (shop.client.id,)
    ).fetchone()
    assert row is not None
    return int(row[0])


def another_release_of_software(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some sentence is told in other words from now on."""
    monkeypatch.setattr(
        "goodword.core.wording.kept.for_the_friend", lambda terms, language: f"In {language} it reads otherwise now."
    )


def waiting(shop: Shop, installation: Urls, *roles: str) -> int:
    """A version that waits for the approval of these roles of the client."""
    shop.rules(installation.owner, json.dumps({"approvals": roles, "change_percent": 900}))
    number = shop.draft(cash="11.00")
    ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    return number


def link(shop: Shop, role: str) -> str:
    path = ask_by_link(
        shop.chain, shop.client, ANA, "friends", role, f"Lea of {role}", has_colleagues=True, at=shop.now
    )
    return path.removeprefix("/approve/")


def test_what_people_read_is_kept_as_written_and_as_it_went_live(shop: Shop) -> None:
    number = shop.draft(cash="10.50")
    written = kept_of(shop, number)
    assert set(written) == {KEPT} and written[KEPT].wording.by == ANA.name
    ask(shop.chain, shop.client, CARL, "friends", number, NOTE, at=shop.now)
    live = kept_of(shop, number)[PUBLISHED]
    found = version(shop.chain.conn, shop.client, "friends", number)
    terms = read_terms(found.as_document(), SHELVES, version=number, live_from=shop.now)
    assert isinstance(terms, Terms)
    assert set(live.wording.texts) == set(LANGUAGES)
    for language, told in live.wording.texts.items():
        assert told.terms == plain_text(paragraphs(terms, language, organiser="Globex"))
        assert told.friend == for_the_friend(terms, language) + "\n"
    assert (live.mark, live.wording.by) == (written[KEPT].mark, CARL.name)
    assert live.mark == mark_of(found.as_document(), live.wording.texts)


def test_the_texts_that_count_are_those_of_the_day_it_went_live(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    number = shop.draft(cash="10.50")
    another_release_of_software(monkeypatch)
    ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    monkeypatch.undo()
    evidence = evidence_of(shop.chain, shop.client, version(shop.chain.conn, shop.client, "friends", number))
    counts = evidence.counts
    assert counts is not None and counts.occasion == PUBLISHED
    assert counts.wording.texts["de"].friend == "In de it reads otherwise now.\n"
    assert counts.mark != evidence.kept[KEPT].mark == evidence.mark_today
    assert evidence.says_today(evidence.kept[KEPT]) and not evidence.says_today(counts)


def test_nobody_changes_what_was_kept_and_the_log_plays_again_with_it(shop: Shop, installation: Urls) -> None:
    number = shop.draft(cash="10.50")
    ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    for statement in ("UPDATE version_wording SET texts = '{}'", "DELETE FROM version_wording"):
        for url in (installation.engine, installation.app):
            with psycopg.connect(url) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)
    replayed = replay(shop.chain.conn, shop.chain.vault, shop.client.id, SHELVES)
    assert replayed.ok, replayed.differences[:2]
    facts = shop.chain.conn.execute(
        "SELECT facts FROM event WHERE client_id = %s AND type = 'publish' ORDER BY seq DESC LIMIT 1", (shop.client.id,)
    ).fetchone()
    assert facts is not None and kept_of(shop, number)[PUBLISHED].wording.texts["ar"].friend.strip() in facts[0]


def test_who_falls_after_it_went_live_leaves_a_line_that_the_next_one_writes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = shop.draft(cash="10.50")

    def fall(*_: Any, **__: Any) -> None:
        raise RuntimeError("the power is gone")

    monkeypatch.setattr("goodword.actions.programs.note_published", fall)
    with pytest.raises(RuntimeError):
        ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    monkeypatch.undo()
    assert shop.state(number) == "live" and lines_of(shop) == 1
    assert finish(shop.chain, shop.client, CARL, "friends", at=shop.now).state == "published"
    assert lines_of(shop) == 2


def test_a_publication_that_carries_no_texts_gets_those_of_its_moment(shop: Shop) -> None:
    document = shop.document()
    at = runs.business_now(shop.chain.conn, shop.client.id, shop.now).isoformat()
    event = {"id": "publish-friends-7", "type": "publish", "at": at, "act": {"document": document, "version": 7}}
    append_act(shop.chain, shop.client, event, at=shop.now)
    live = kept_of(shop, 7)
    assert set(live) == {PUBLISHED} and live[PUBLISHED].wording.remarks is None
    assert live[PUBLISHED].wording.texts == kept_of(shop, 1)[PUBLISHED].wording.texts


def test_a_version_from_before_texts_were_kept_says_so(shop: Shop, installation: Urls) -> None:
    with psycopg.connect(installation.owner, autocommit=True) as conn:
        conn.execute("DELETE FROM version_wording WHERE client_id = %s", (shop.client.id,))
    evidence = evidence_of(shop.chain, shop.client, version(shop.chain.conn, shop.client, "friends", 1))
    assert (evidence.kept, evidence.counts) == ({}, None) and set(evidence.today) == set(LANGUAGES)


def test_a_roll_back_keeps_its_own_texts_and_stop_and_move_change_none(shop: Shop) -> None:
    shop_acts = (shop.chain, shop.client)
    ask(*shop_acts, ANA, "friends", shop.draft(cash="10.50"), NOTE, at=shop.now)
    made, _ = roll_back(*shop_acts, CARL, "friends", 1, at=shop.now)
    assert kept_of(shop, made.number)[KEPT].mark == kept_of(shop, 1)[PUBLISHED].mark
    release = ask(*shop_acts, ANA, "friends", made.number, Wish("back", moves=True), at=shop.now)
    before = {number: kept_of(shop, number) for number in (1, 2, made.number)}
    assert release.state == "published" and all(PUBLISHED in one for one in before.values())
    later = shop.now + timedelta(seconds=1)
    move(*shop_acts, ANA, "friends", made.number, (), at=later)
    ask_stop(*shop_acts, ANA, "friends", why="The regulator said so.", voids=False, at=later)
    asked_for = waiting_release(*shop_acts, "friends")
    assert asked_for is not None and asked_for.mark == ""
    confirm_stop(*shop_acts, CARL, "friends", granted=True, comment="", at=later)
    assert {number: kept_of(shop, number) for number in (1, 2, made.number)} == before


def test_what_the_checks_said_is_kept_with_pack_source_and_day(shop: Shop) -> None:
    contest = {"on": "first_order", "prizes": [{"place": 1, "give": {"cash": "900.00"}}]}
    document = shop.document(places=["IT"], contest=contest)
    terms = read_terms(document, SHELVES, version=1, live_from=shop.now)
    assert isinstance(terms, Terms), terms
    pushed, _ = push(shop.chain, shop.client, ANA, document, terms, at=shop.now)
    with pytest.raises(BadInput):
        ask(shop.chain, shop.client, ANA, "friends", pushed.number, NOTE, at=shop.now)
    ask(
        shop.chain,
        shop.client,
        ANA,
        "friends",
        pushed.number,
        NOTE,
        at=shop.now,
        override="The notary has it in writing.",
    )
    remarks = kept_of(shop, pushed.number)[PUBLISHED].wording.remarks
    assert remarks is not None
    italy = next(one for one in remarks if one.remark.where == "IT")
    assert italy.pack_title == "Draws and contests" and italy.remark.severity == "block"
    assert italy.remark.source.startswith("DPR 430/2001") and italy.remark.as_of.year >= 2026


def test_an_approval_covers_document_and_texts_and_no_other_wording(
    shop: Shop, installation: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = waiting(shop, installation, "legal", "it")
    token = link(shop, "legal")
    shown = asked(shop.chain, token, at=shop.now)
    assert shown.mark == kept_of(shop, number)[KEPT].mark == shown.release.mark
    another_release_of_software(monkeypatch)
    with pytest.raises(OtherWording, match=f"Version {number} of friends reads otherwise now"):
        answer(shop.chain, token, granted=True, comment="", seen_mark=shown.mark, at=shop.now)
    monkeypatch.undo()
    answer(shop.chain, token, granted=True, comment="", seen_mark=shown.mark, at=shop.now)
    token = link(shop, "it")
    answer(shop.chain, token, granted=True, comment="", seen_mark=shown.mark, at=shop.now)
    another_release_of_software(monkeypatch)
    release = waiting_release(shop.chain, shop.client, "friends")
    assert release is not None and release.missing == ("legal", "it") and len(release.of_other_wording) == 2
    with pytest.raises(OtherWording, match=rf"Lea of (legal|it) \(mark {shown.mark[:16]}\), Lea of (legal|it)"):
        finish(shop.chain, shop.client, ANA, "friends", at=shop.now)
    for role in ("legal", "it"):
        again = link(shop, role)
        seen = asked(shop.chain, again, at=shop.now).mark
        assert seen != shown.mark
        answer(shop.chain, again, granted=True, comment="", seen_mark=seen, at=shop.now)
    assert finish(shop.chain, shop.client, ANA, "friends", at=shop.now).state == "published"
    live = kept_of(shop, number)[PUBLISHED].mark
    words = releases(shop.chain, shop.client, "friends")[0].approvals
    assert sorted(one.text_hash == live for one in words) == [False, False, True, True]


def test_the_second_person_approves_what_they_were_shown(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    number = shop.draft(cash="20.00")
    release = ask(shop.chain, shop.client, ANA, "friends", number, NOTE, at=shop.now)
    assert release.missing == ("second",)

    def say(mark: str | None) -> Any:
        return approve(shop.chain, shop.client, CARL, "friends", granted=True, comment="", at=shop.now, seen_mark=mark)

    with pytest.raises(OtherWording):
        say("")
    another_release_of_software(monkeypatch)
    with pytest.raises(OtherWording, match="Open the page again"):
        say(release.mark)
    monkeypatch.undo()
    assert say(release.mark).missing == ()


def test_a_client_that_is_called_otherwise_is_another_wording(shop: Shop, installation: Urls) -> None:
    waiting(shop, installation, "legal")
    token = link(shop, "legal")
    answer(
        shop.chain, token, granted=True, comment="", seen_mark=asked(shop.chain, token, at=shop.now).mark, at=shop.now
    )
    with psycopg.connect(installation.owner, autocommit=True) as conn:
        conn.execute("UPDATE client SET name = 'Globex Holding' WHERE id = %s", (shop.client.id,))
    renamed = shop.chain.client(shop.client.slug)
    with pytest.raises(OtherWording, match="Have the wording of today approved"):
        finish(shop.chain, renamed, ANA, "friends", at=shop.now)


def test_a_long_document_with_all_its_texts_fits_into_the_log(shop: Shop) -> None:
    document = shop.document(attribution={"channels": {"refuse": [f"cashback-{n:04}" for n in range(900)]}})
    terms = read_terms(document, SHELVES, version=1, live_from=shop.now)
    assert isinstance(terms, Terms), terms
    pushed, _ = push(shop.chain, shop.client, COMMAND_LINE, document, terms, at=shop.now)
    publish(shop.chain, shop.client, COMMAND_LINE, pushed, None, at=shop.now)
    texts = kept_of(shop, pushed.number)[PUBLISHED].wording.texts
    assert sum(len(told.terms) for told in texts.values()) > EVENT_BYTES
