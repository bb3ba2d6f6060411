"""Does an outsider with the export, a file and a key find what was done to the log?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from goodword.core import proof
from goodword.core.events import ident
from goodword.store.sql import seal
from goodword.store.sql.export import VERIFIER_NAME, export
from goodword.store.sql.vault import ClientKeys, Vault

from .sealed_log import ACME, GLOBEX, Conn, rewrite, row_of


def run_verifier(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(folder / VERIFIER_NAME), str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def change_lines(change: Callable[[list[str]], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        lines = (folder / "leaves.jsonl").read_text().splitlines(keepends=True)
        change(lines)
        (folder / "leaves.jsonl").write_text("".join(lines))

    return apply


def flip(lines: list[str]) -> None:
    lines[31] = lines[31].replace('"amount_minor":1008', '"amount_minor":9008')


def flip_with_its_hash(lines: list[str]) -> None:
    entry = json.loads(lines[31])
    entry["leaf"]["amount_minor"] = 9008
    lines[31] = json.dumps(entry | {"hash": proof.leaf_hash(proof.canonical(entry["leaf"])).hex()}) + "\n"


def drop(lines: list[str]) -> None:
    del lines[31]


def swap(lines: list[str]) -> None:
    lines[31], lines[32] = lines[32], lines[31]


def insert_copy(lines: list[str]) -> None:
    lines.insert(31, lines[30])


def truncate(lines: list[str]) -> None:
    del lines[70:]


def renumber(lines: list[str]) -> None:
    del lines[31]
    for at in range(31, len(lines)):
        lines[at] = json.dumps(json.loads(lines[at]) | {"n": at}) + "\n"


def spoil(lines: list[str]) -> None:
    lines[31] = "{\n"


def drop_checkpoint(folder: Path) -> None:
    text = (folder / "checkpoints.txt").read_text()
    (folder / "checkpoints.txt").write_text(text[: text.rindex("goodword/log", 0, text.rindex("\u2014"))])


def forge_checkpoint(folder: Path) -> None:
    text = (folder / "checkpoints.txt").read_text()
    (folder / "checkpoints.txt").write_text(text.replace("\n57\n", "\n56\n"))


MUTATIONS: dict[str, tuple[Callable[[Path], None], str]] = {
    "flip": (change_lines(flip), "leaf 31 (entry {entry}) was altered"),
    "flip with its hash": (change_lines(flip_with_its_hash), "leaves 28 to 56 are not the ones signed"),
    "drop": (change_lines(drop), "leaf 31 is due and leaf 32"),
    "swap": (change_lines(swap), "leaf 31 is due and leaf 32"),
    "insert": (change_lines(insert_copy), "inserted or swapped: leaf 31 is due and leaf 30"),
    "truncate": (change_lines(truncate), "covers 81 leaves, there are only 70"),
    "renumber": (change_lines(renumber), "leaves 28 to 56 are not the ones signed"),
    "spoil": (change_lines(spoil), "line 32 of leaves.jsonl cannot be read"),
    "drop checkpoint": (drop_checkpoint, "leaves beyond the last checkpoint"),
    "forge checkpoint": (forge_checkpoint, "is not signed by goodword/log/" + ACME),
}


def test_an_outsider_can_check_an_export(conn: Conn, keys: ClientKeys, log: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "export"
    done = export(conn, ACME, folder, keys.public_key)
    assert (done.leaves, done.checkpoints) == (81, 3)
    assert sorted(path.name for path in folder.iterdir()) == [
        "checkpoints.txt",
        VERIFIER_NAME,
        "leaves.jsonl",
        "public.key",
    ]
    assert run_verifier(folder) == (
        0,
        f"log goodword/log/{ACME}: 81 leaves, 3 checkpoints, 0 held elsewhere\nOK: every leaf is as it was signed\n",
    )
    wanted = ident("entry", "9", "friend")
    code, said = run_verifier(folder, "--find", wanted, "--held", str(folder / "checkpoints.txt"))
    hashes = [bytes.fromhex(json.loads(line)["hash"]) for line in (folder / "leaves.jsonl").read_text().splitlines()]
    path = [bytes.fromhex(line.strip()) for line in said.splitlines() if line.startswith("  ")]
    index = next(
        at
        for at, line in enumerate((folder / "leaves.jsonl").read_text().splitlines())
        if json.loads(line)["id"] == wanted
    )
    assert code == 0 and proof.verify_inclusion(hashes[index], index, 81, path, proof.root_of(hashes))


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_outsider_finds_what_was_done_to_an_export(
    conn: Conn, keys: ClientKeys, log: list[str], tmp_path: Path, name: str
) -> None:
    export(conn, ACME, tmp_path / "export", keys.public_key)
    mutate, expected = MUTATIONS[name]
    mutate(tmp_path / "export")
    code, said = run_verifier(tmp_path / "export")
    lines = [
        json.loads(line) for line in (tmp_path / "export" / "leaves.jsonl").read_text().splitlines() if line != "{"
    ]
    entry = next((line["id"] for line in lines if line["n"] == 31), "gone")
    assert code == 1 and expected.format(entry=entry) in said, said


def test_the_outsider_finds_a_fork_and_another_key(
    conn: Conn, owner: Conn, vault: Vault, keys: ClientKeys, log: list[str], tmp_path: Path
) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("\n".join(log))
    rewrite(conn, owner, keys)
    folder = tmp_path / "export"
    export(conn, ACME, folder, keys.public_key)
    assert run_verifier(folder)[0] == 0
    code, said = run_verifier(folder, "--held", str(kept))
    assert code == 1 and "forked" in said
    (folder / "public.key").write_text(proof.verifier_key(seal.origin(ACME), vault.open_client(GLOBEX).public_key))
    code, said = run_verifier(folder)
    assert code == 1 and "is not signed by" in said
    (folder / "public.key").write_text("rubbish")
    assert run_verifier(folder)[0] == 2


def test_the_outsider_sees_an_altered_and_a_dropped_row_of_the_database(
    conn: Conn, owner: Conn, keys: ClientKeys, log: list[str], tmp_path: Path
) -> None:
    owner.execute("UPDATE entry SET amount_minor = 7 WHERE id = %s", (row_of("entry"),))
    owner.execute("DELETE FROM decision WHERE id = %s", (row_of("decision"),))
    export(conn, ACME, tmp_path / "export", keys.public_key)
    code, said = run_verifier(tmp_path / "export")
    assert (
        code == 1
        and f"(entry {row_of('entry')}) was altered" in said
        and f"(decision {row_of('decision')}) was dropped" in said
    )
