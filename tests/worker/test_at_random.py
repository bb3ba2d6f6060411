"""Does everything verify after versions were published, moved to and stopped in whatever order?"""

from __future__ import annotations

import os
import random

import msgspec
import pytest

from goodword.catalog.signals import shared_payment, velocity
from goodword.core.events import ident
from goodword.core.referral import Referral
from goodword.house.roles import Urls
from tests.worker.at_random import Befalling
from tests.worker.at_random_carried import Carrying
from tests.worker.at_random_more import Collecting
from tests.worker.lane import Lane, lane_on, new_keyring

_KEYRING = new_keyring()


def moved_once(lane: Lane) -> int:
    """How many referrals moved; none of them to the same version twice, and none without having been asked."""
    moved = 0
    for (body,) in lane.rows("SELECT body FROM referral WHERE client_id = %s::uuid", lane.client_id):
        claims = [one for one in msgspec.json.decode(body, type=Referral).claims if one.kind == "move"]
        asked = [one.value for one in claims if one.granted is None]
        answers = [one.value for one in claims if one.granted]
        assert len(set(answers)) == len(answers) and set(answers) <= set(asked)
        assert sum(1 for one in claims if one.granted is not None) <= len(asked)
        moved += bool(answers)
    return moved


def lived(client: Befalling, steps: int) -> None:
    """So many things befell the client, all that was due came about, and every event could be decided."""
    client.begin()
    client.go_on(steps)
    client.end()
    assert client.lane.count("dead_letter", "resolved_at IS NULL") == 0


@pytest.mark.parametrize("seed", [2, 3, 5, 7])
def test_whatever_befalls_a_program_follows_from_its_log(
    urls: Urls, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(os, "urandom", random.Random(seed).randbytes)  # keys make tokens, and tokens an order
    monkeypatch.setattr(velocity, "USUAL", 1)
    monkeypatch.setattr(shared_payment, "OTHERS", 2)
    with lane_on(urls, ident("client", str(seed)), keyring=_KEYRING) as lane:
        client = Befalling(lane, seed)
        lived(client, 70)
        assert lane.count("referral") > 2 and lane.count("decision", "cause = 'due'") > 0
        moved_once(lane)
        lane.assert_sound()


@pytest.mark.parametrize("seed", [8, 9, 10, 11])  # one of each kind
def test_so_it_is_with_points_contests_markets_and_contracts(
    urls: Urls, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(os, "urandom", random.Random(seed).randbytes)
    with lane_on(urls, ident("client", "more", str(seed)), keyring=_KEYRING) as lane:
        client = Collecting(lane, seed)
        lived(client, 200)
        assert lane.count("wallet") > 0 and lane.count("reward") > 3, "something was given"
        assert client.kind != "contest" or lane.count("contest_round") > 0
        lane.assert_sound()


@pytest.mark.parametrize("seed", [12, 13, 14, 19])  # one of each kind
def test_so_it_is_with_history_that_is_brought_in_and_people_who_are_forgotten(
    urls: Urls, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(os, "urandom", random.Random(seed).randbytes)
    with lane_on(urls, ident("client", "carried", str(seed)), keyring=_KEYRING) as lane:
        lived(Carrying(lane, seed), 160)
        for kind in ("referred", "rewarded", "listed", "withdrawn"):
            assert lane.count("event", f"type = '{kind}'") > 0, kind
        lane.assert_sound()
