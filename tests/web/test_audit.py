"""Does the audit room show who did what, find what was altered, and prove one thing on the spot?"""

from __future__ import annotations

import io
import json
import re
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.web.conftest import As
from tests.web.test_desk import text_of
from tests.web.test_walls import body


def main_of(page: str) -> str:
    return text_of(page, r"<main.*</main>")


def verified(browser: Any, where: str = "/c/acme/audit", **more: str) -> str:
    """Press the button, and read the page that follows."""
    response = browser.post(f"{where}/verify", more)
    assert response.status_code == 303, body(response)[:400]
    deadline = time.monotonic() + 20
    while "Verifying." in (page := body(browser.get(where))):
        assert time.monotonic() < deadline, "it never ends"
        time.sleep(0.1)
    return page


@pytest.fixture
def owner(world: Any) -> Any:
    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        yield conn


def test_the_log_names_actor_role_act_and_object(world: Any, as_: As) -> None:
    as_("dan").post(f"{world.event_path('acme', 'paid-bob')}/body")
    page = body(as_("audra").get("/c/acme/audit?act=event.open_body"))
    row = text_of(page, r"<tr data-row>\s*<td data-label=\"Leaf\".*?</tr>")
    assert "Dan agent opened the sealed body of an event" in row
    assert f"evt_{world.events['acme/paid-bob'][:8]}" in row
    assert re.search(r"[0-9a-f]{8}…[0-9a-f]{4}", row)
    assert "opened the sealed body" not in body(as_("audra").get("/c/acme/audit?act=key.revoke")).split('id="acts"')[1]


def test_filters_that_make_no_sense_say_so_and_keep_what_was_typed(world: Any, as_: As) -> None:
    page = body(as_("audra").get("/c/acme/audit?since=yesterday&object=evt_123"))
    assert (
        "“yesterday” is no day" in page.replace("&quot;", '"')
        and 'value="yesterday"' in page
        and 'value="evt_123"' in page
    )
    assert "No act fits these filters" in page
    assert as_("audra").get("/c/acme/audit?at=nonsense").status_code == 404


def test_pages_of_acts_go_on_where_the_last_one_ended(world: Any, as_: As) -> None:
    dan, audra = as_("dan"), as_("audra")
    for _ in range(55):
        dan.get("/c/acme/referrals.csv?state=held").getvalue()
    seen: list[str] = []
    path = "/c/acme/audit?act=export.referrals"
    for _ in range(5):
        page = body(audra.get(path))
        seen += re.findall(r"leaves/(act_[0-9a-f]{32})", page)
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        if onward is None:
            break
        path = onward[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) >= 55 and "at=" in path
    told = json.loads(body(audra.get("/c/acme/audit.json?act=export.referrals")))
    assert len(told) >= len(seen)
    assert set(told[0]) == {"leaf", "at", "actor", "name", "role", "act", "object_kind", "object", "hash"}
    assert body(audra.get("/c/acme/audit.csv")).startswith("leaf,at,actor,name,role,act")
    assert "took the log of acts away" in body(audra.get("/c/acme/audit"))


def test_a_whole_log_is_told_as_such_with_its_head(world: Any, as_: As) -> None:
    told = main_of(verified(as_("audra")))
    assert "Whole." in told and "signed checkpoints in" in told and "Verified by Audra" in told
    assert re.search(r"Head [0-9a-f]{16}…", told)
    assert "verified the log" in main_of(body(as_("audra").get("/c/acme/audit?act=proof.verify")))


def test_a_period_recomputes_its_rows_only(world: Any, as_: As) -> None:
    told = main_of(verified(as_("audra"), verify_since="2001-01-01", verify_until="2001-12-31"))
    assert "Whole in this period." in told and "0 rows recomputed" in told
    wrong = as_("audra").post("/c/acme/audit/verify", {"verify_since": "soon"})
    assert wrong.status_code == 422 and "This is no day" in body(wrong) and 'value="soon"' in body(wrong)


def test_an_altered_row_is_found_and_named(world: Any, as_: As, owner: Any) -> None:
    event = world.events["acme/paid-cleo"]
    owner.execute("UPDATE event SET source = 'forged' WHERE id = %s", (event,))
    try:
        page = verified(as_("audra"))
        told = main_of(page)
        assert "Not as sealed." in told and f"event {event}" in told and "was altered" in told
        shown = main_of(body(as_("audra").get(f"/c/acme/audit/leaves/evt_{event}")))
        assert "The row is not the one that was sealed." in shown
        assert f"/c/acme/audit/leaves/evt_{event}" in page, "the fault leads to its row"
    finally:
        owner.execute("UPDATE event SET source = 'api' WHERE id = %s", (event,))
    assert "Whole." in main_of(verified(as_("audra")))


def test_a_checkpoint_kept_elsewhere_is_checked_or_refused(world: Any, as_: As) -> None:
    audra = as_("audra")
    page = body(audra.get("/c/acme/audit"))
    size = re.search(r"/c/acme/audit/checkpoints/(\d+)", page)
    assert size
    note = body(audra.get(f"/c/acme/audit/checkpoints/{size[1]}.txt"))
    assert note.startswith("goodword/log/")
    printed = main_of(body(audra.get(f"/c/acme/audit/checkpoints/{size[1]}")))
    assert "The signature holds." in printed and "goodword proof verify --client acme --held FILE" in printed
    assert "matches the checkpoint that was kept elsewhere" in main_of(verified(audra, held=note))
    for bad in (
        "hello",
        note.replace("goodword/log/", "goodword/gol/"),
        note.replace(size[1], str(int(size[1]) + 1), 1),
    ):
        response = audra.post("/c/acme/audit/verify", {"held": bad})
        assert response.status_code == 422 and "This is no checkpoint" in body(response)


def test_whatever_is_pasted_leads_to_its_leaf_with_a_path_that_holds(world: Any, as_: As) -> None:
    audra, event = as_("audra"), world.events["acme/paid-bob"]
    place = audra.post("/c/acme/audit/find", {"what": f" evt_{event.upper()} "})
    assert place.status_code == 303 and place.headers["Location"] == f"/c/acme/audit/leaves/evt_{event}"
    page = body(audra.get(place.headers["Location"]))
    told = main_of(page)
    assert "Untouched since it was sealed." in told and "hashes lead from this leaf to the root" in told
    assert page.count("<li><bdi>") >= 3, "the path is shown"
    hash_ = re.search(r'<bdi class="code small">([0-9a-f]{64})', page)
    number = re.search(r"Leaf (\d+) lies under", told)
    assert hash_ and number
    for typed in (hash_[1], f"#{number[1]}", number[1], f"evt_{event[:10]}", event):
        assert audra.post("/c/acme/audit/find", {"what": typed}).headers["Location"].endswith(event), typed
    root = re.findall(r'<bdi class="code small">([0-9a-f]{64})', page)[1]
    assert "/audit/checkpoints/" in audra.post("/c/acme/audit/find", {"what": root}).headers["Location"]


def test_what_is_not_of_this_log_is_not_found_and_the_text_is_kept(world: Any, as_: As) -> None:
    audra = as_("audra")
    for typed in (f"evt_{world.events['globex/paid-bob']}", "ff" * 32, "bob@x.test", "", "999999999", "evt_", "\x00"):
        page = body(audra.post("/c/acme/audit/find", {"what": typed}))
        assert "Nothing in this log has the id or hash" in page, typed
        assert typed.strip("\x00") in page
    assert audra.get(f"/c/acme/audit/leaves/evt_{world.events['globex/paid-bob']}").status_code == 404
    for path in ("leaves/evt_zz", "leaves/xyz_" + "0" * 32, "checkpoints/999999999", "checkpoints?before=x"):
        assert audra.get(f"/c/acme/audit/{path}").status_code == 404, path


def test_the_proof_pack_is_whole_and_checked_by_python_alone(world: Any, as_: As, tmp_path: Path) -> None:
    import subprocess

    response = as_("audra").post("/c/acme/audit/pack")
    assert response.headers["Content-Type"] == "application/zip"
    zipfile.ZipFile(io.BytesIO(body_bytes(response))).extractall(tmp_path)
    folder = tmp_path / "proof-acme"
    assert {file.name for file in folder.iterdir()} == {
        "leaves.jsonl",
        "checkpoints.txt",
        "public.key",
        "goodword-verify.py",
    }
    done = subprocess.run(
        [sys.executable, "goodword-verify.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "took a proof pack away" in main_of(body(as_("audra").get("/c/acme/audit?act=proof.export")))
    assert '"proof.export"' in (folder / "leaves.jsonl").read_text(), "that it was taken is in it"


def body_bytes(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_house_has_a_log_of_its_own(world: Any, as_: As) -> None:
    page = body(as_("isa").get("/audit"))
    assert "Audit of the house" in page
    assert "Whole." in main_of(verified(as_("isa"), "/audit")) or "verified the log" in body(as_("isa").get("/audit"))
    assert as_("ida").get("/audit").status_code == 403, "a role for one client opens nothing of the house"
    assert as_("audra").get("/c/globex/audit").status_code == 404
    assert as_("dan").get("/c/acme/audit").status_code == 403
