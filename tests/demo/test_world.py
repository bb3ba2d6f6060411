"""Is the demo's world the same each time, and does it show all there is to show?"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from goodword.cli import main
from goodword.core.events import Event, parse_event
from goodword.core.referral import REFERRAL_MOVES
from goodword.demo import names
from goodword.demo.world import SEED, WEEKS, Brand, World

END = date(2026, 11, 3)


@pytest.fixture(scope="module")
def everybody() -> list[Brand]:
    return World(SEED, END).brands()


@pytest.fixture(scope="module")
def brands(everybody: list[Brand]) -> list[Brand]:
    """The three large ones."""
    return everybody[:3]


@pytest.fixture(scope="module")
def played(brands: list[Brand], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the core alone says to each brand's history."""
    return {brand.slug: play(brand, tmp_path_factory.mktemp(brand.slug)) for brand in brands}


def play(brand: Brand, folder: Path) -> dict[str, Any]:
    codes = [chapter.codes.splitlines() for chapter in brand.chapters if chapter.codes]
    (folder / "program.yaml").write_text(brand.programs[-1].text)
    (folder / "people.csv").write_text(brand.people)
    (folder / "codes.csv").write_text("\n".join([codes[0][0], *itertools.chain(*(lines[1:] for lines in codes))]))
    (folder / "events.ndjson").write_bytes(b"\n".join(event for chapter in brand.chapters for event in chapter.events))
    files = [str(folder / name) for name in ("program.yaml", "events.ndjson")]
    more = ["--people", str(folder / "people.csv"), "--codes", str(folder / "codes.csv")]
    summary = folder / "summary.json"
    assert main(["decide", *files, *more, "--until", f"{END}T00:00:00Z", "--summary", str(summary)]) == 0
    told: dict[str, Any] = json.loads(summary.read_text())
    return told


def bodies(brand: Brand) -> list[dict[str, Any]]:
    return [json.loads(event) for chapter in brand.chapters for event in chapter.events]


def test_the_same_seed_day_and_scale_give_the_same_bytes(brands: list[Brand]) -> None:
    assert World(SEED, END).brands()[:3] == brands
    small = World(SEED, END, 0.1).brands()
    assert small == World(SEED, END, 0.1).brands()
    assert small[:3] != brands


def test_another_seed_gives_another_world(brands: list[Brand]) -> None:
    other = World(SEED + 1, END, 1.0).brands()
    assert other[0].chapters[3].events != brands[0].chapters[3].events


def test_each_brand_has_half_a_year_and_some_thousand_events(brands: list[Brand]) -> None:
    assert [brand.slug for brand in brands] == ["acme", "globex", "initech"]
    assert len({(brand.currency, brand.timezone, brand.prefix) for brand in brands}) == 3
    for brand in brands:
        assert len(brand.chapters) == WEEKS
        assert brand.chapters[-1].until == datetime(2026, 11, 3, tzinfo=UTC)
        assert 2_000 < len(bodies(brand)) < 6_000
        assert all(chapter.events for chapter in brand.chapters)


def test_the_front_door_would_take_every_event(brands: list[Brand]) -> None:
    now = datetime(2026, 11, 3, tzinfo=UTC)
    for brand in brands:
        for event in itertools.chain.from_iterable(chapter.events for chapter in brand.chapters):
            read = parse_event(event, received_at=now, source="api", token=lambda kind, value: f"{kind}:{value}")
            assert isinstance(read, Event), (event, read)
            assert read.at < now
        assert len({body["id"] for body in bodies(brand)}) == len(bodies(brand))


def test_most_events_come_in_order_and_some_come_days_late(brands: list[Brand]) -> None:
    for brand in brands:
        times = [datetime.fromisoformat(body["at"]) for body in bodies(brand)]
        late = sum(max(times[:n], default=at) > at for n, at in enumerate(times))
        assert 10 < late < len(times) / 10


def test_all_ways_of_referring_and_coming_back_are_there(brands: list[Brand]) -> None:
    acme = Counter(body["type"] for body in bodies(brands[0]))
    assert {"click", "share", "signup", "purchase", "refund", "cancel", "claim"} <= acme.keys()
    assert {"update", "renewal", "cancel"} <= {body["type"] for body in bodies(brands[1])}
    signups = [body for body in bodies(brands[0]) if body["type"] == "signup"]
    for part in ("code", "visitor", "advocate"):
        assert sum(part in body for body in signups) > 30
    said = {body["person"]["name"] for body in signups} | {line.split(",")[2] for line in brands[0].people.splitlines()}
    assert {names.ARABIC, names.CHINESE, names.LONG, names.LONG_GREEK, "Bob Bauer", "Alice Albrecht"} <= said


def test_every_state_of_a_referral_occurs(played: dict[str, dict[str, Any]]) -> None:
    seen = {state for told in played.values() for state in told["referrals"]}
    assert seen == set(REFERRAL_MOVES)


def test_cheats_are_held_or_denied(played: dict[str, dict[str, Any]]) -> None:
    assert played["acme"]["referrals"]["denied"] >= 6, "six accounts of one mailbox"
    assert played["acme"]["referrals"]["held"] >= 30, "a burst of thirty, a farm of twelve, a card of eight: most of them"
    for told in played.values():
        assert told["reasons"]["screening_denied"] and told["reasons"]["screening_held"]


def test_limits_budget_minimum_and_lapse_show_themselves(played: dict[str, dict[str, Any]]) -> None:
    assert {"limit_reached", "below_minimum", "claim_too_late", "friend_not_allowed"} <= played["acme"]["reasons"].keys()
    assert {"status_missing", "condition_failed", "milestone_waiting"} <= played["globex"]["reasons"].keys()
    assert {"budget_ended", "limit_partial", "lapsed"} <= played["initech"]["reasons"].keys()
    for told in played.values():
        assert set(told["ledger"]["imbalance"].values()) <= {"0.00"}
        assert told["rejected"] == []


# What each of the smaller brands shows: the type of its program, and a kind of reward that came of it.
SHOWS = {
    "parcel": ("direct", "voucher"),
    "brewbox": ("two_sided", "discount"),
    "peak": ("tiered", "free_time"),
    "sundial": ("contest", "cash"),
    "glow": ("points", "points"),
    "market": ("social", "points"),
    "atelier": ("influencer", "commission"),
    "ledgerline": ("b2b", "commission"),
}


@pytest.mark.parametrize("slug", SHOWS)
def test_each_smaller_brand_shows_a_type_of_program_that_pays(
    slug: str, everybody: list[Brand], tmp_path: Path
) -> None:
    brand = next(one for one in everybody if one.slug == slug)
    type_, kind = SHOWS[slug]
    assert f"type: {type_}\n" in brand.programs[0].text
    told = play(brand, tmp_path)
    given = {one["kind"] for one in told["rewards"] if one["state"] in ("payable", "sent")}
    assert kind in given, told["rewards"]
    assert told["rejected"] == []
    assert set(told["ledger"]["imbalance"].values()) <= {"0.00"}


def test_a_ladder_a_contest_and_a_contract_show_their_higher_steps(everybody: list[Brand], tmp_path: Path) -> None:
    played = {}
    for brand in everybody:
        if brand.slug in ("peak", "sundial"):
            folder = tmp_path / brand.slug
            folder.mkdir()
            played[brand.slug] = play(brand, folder)
    assert {"product", "upgrade"} & {one["kind"] for one in played["peak"]["rewards"]}, "somebody brought five friends"
    assert sum(one["count"] for one in played["sundial"]["rewards"] if one["kind"] == "cash") >= 3, "some months were won"
