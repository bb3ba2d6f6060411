"""Does a real installation let its first administrator in by a link that is printed once?"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx

from tests.journeys.house import House


def test_the_first_administrator_comes_in_by_a_link_that_is_printed_once(tmp_path: Path) -> None:
    house = House(tmp_path)
    try:
        house.start()
        (link,) = re.findall(r"http\S+/welcome/\S+", house.log.read_text())
        assert link.startswith(house.address)
        assert httpx.get(link, timeout=60).status_code == 200
        found = json.loads(_type(house, "status", "--json"))
        assert found["is_running"] is True
        assert [(lane["client"], lane["undecided"], lane["faults"]) for lane in found["clients"]] == [("house", 0, [])]
        assert "house: 0 events to decide" in _type(house, "status")
        house.stop()
        house.start()
        assert house.log.read_text().count("/welcome/") == 1
    finally:
        house.stop()


def _type(house: House, *words: str) -> str:
    argv = [sys.executable, "-m", "goodword.cli", *words]
    return subprocess.run(argv, env=house._env, capture_output=True, text=True, check=True).stdout
