"""Does the Merkle log say what RFC 9162 says, and is a leaf the one canonical text of its row?"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from goodword.core import proof

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC)
ACME = "ac" * 16


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 2.1.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 9162 2.1.3.1, word by word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return [*naive_path(index, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(first: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """RFC 9162 2.1.4.1, word by word."""
    if first == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if first <= k:
        return [*naive_subproof(first, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_subproof(first - k, leaves[k:], False), naive_root(leaves[:k])]


def some_leaves(count: int) -> list[bytes]:
    return [proof.leaf_hash(b"leaf %d" % number) for number in range(count)]


@given(st.integers(0, 70), st.data())
@settings(deadline=None)
def test_tree_equals_the_recursive_definition(count: int, data: st.DataObject) -> None:
    leaves = some_leaves(count)
    assert proof.root_of(leaves) == naive_root(leaves)
    cut = data.draw(st.integers(0, count))
    begun = proof.Tree()
    for leaf in leaves[:cut]:
        begun.append(leaf)
    resumed = proof.Tree(begun.size, begun.frontier)
    for leaf in leaves[cut:]:
        resumed.append(leaf)
    assert (resumed.size, resumed.root()) == (count, naive_root(leaves))


@given(st.integers(1, 70), st.data())
@settings(deadline=None)
def test_inclusion(count: int, data: st.DataObject) -> None:
    leaves = some_leaves(count)
    index = data.draw(st.integers(0, count - 1))
    path, root = proof.inclusion_proof(leaves, index), naive_root(leaves)
    assert path == naive_path(index, leaves)
    assert proof.verify_inclusion(leaves[index], index, count, path, root)
    assert not proof.verify_inclusion(proof.leaf_hash(b"other"), index, count, path, root)
    assert not proof.verify_inclusion(leaves[index], index, count, [*path, root], root)
    if count > 1:
        wrong = (index + data.draw(st.integers(1, count - 1))) % count
        assert not proof.verify_inclusion(leaves[index], wrong, count, path, root)
        assert not proof.verify_inclusion(leaves[index], index, count, path[:-1], root)


@given(st.integers(1, 70), st.data())
@settings(deadline=None)
def test_consistency(count: int, data: st.DataObject) -> None:
    leaves = some_leaves(count)
    first = data.draw(st.integers(1, count))
    path, old, new = proof.consistency_proof(leaves, first), naive_root(leaves[:first]), naive_root(leaves)
    assert path == naive_subproof(first, leaves, True)
    assert proof.verify_consistency(first, count, path, old, new)
    assert not proof.verify_consistency(first, count, path, proof.leaf_hash(b"forged"), new)
    assert not proof.verify_consistency(first, count, path, old, proof.leaf_hash(b"forged"))
    forked = [proof.leaf_hash(b"rewritten"), *leaves[1:]]
    if first < count:
        assert not proof.verify_consistency(
            first, count, proof.consistency_proof(forked, first), old, naive_root(forked)
        )


def test_proofs_refuse_what_is_out_of_range() -> None:
    leaves = some_leaves(3)
    with pytest.raises(proof.ProofError):
        proof.inclusion_proof(leaves, 3)
    with pytest.raises(proof.ProofError):
        proof.consistency_proof(leaves, 4)
    assert not proof.verify_inclusion(leaves[0], 3, 3, [], leaves[0])
    assert not proof.verify_consistency(0, 3, [], leaves[0], leaves[0])
    with pytest.raises(proof.ProofError):
        proof.Tree(3, b"short")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-proof.LARGEST_INTEGER, proof.LARGEST_INTEGER) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
)


@given(JSON_VALUES)
def test_canonical_form_equals_the_standard_library(value: object) -> None:
    expected = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert proof.canonical(value) == expected


def test_canonical_form_of_the_rfc_examples() -> None:
    # RFC 8785 3.2.2.2: short escapes where they exist, lower-case hex for other controls, everything else as it is.
    assert proof.canonical('€$\u000f\nA\'B"\\\\"/') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()
    assert proof.canonical({"b": [1, True, None], "a": {}}) == b'{"a":{},"b":[1,true,null]}'


@pytest.mark.parametrize("value", [1.5, {"a": [0.1]}, 2**53, {"ä": 1}, {1: 2}, b"bytes", MOMENT])
def test_canonical_form_refuses(value: object) -> None:
    with pytest.raises(proof.ProofError):
        proof.canonical(value)


def every_leaf(text: str, moment: datetime) -> list[bytes]:
    some_id, other_id = "1a" * 16, "2b" * 16
    return [
        proof.event_leaf(ACME, some_id, moment, 7, moment, text, "purchase", b"\x00\xff", text),
        proof.decision_leaf(ACME, some_id, 7, None, "due", other_id, moment, moment, text, text),
        proof.decision_leaf(ACME, some_id, 7, other_id, "event", None, moment, moment, text, text),
        proof.entry_leaf(
            ACME,
            some_id,
            7,
            other_id,
            some_id,
            other_id,
            "EUR",
            1000,
            "pending",
            None,
            text,
            moment,
            moment,
            None,
            other_id,
        ),
        proof.action_leaf(ACME, some_id, moment, text, "agent", "deny", "referral", other_id, None, b"\x01", text),
    ]


@given(st.text())
def test_leaves_are_canonical(text: str) -> None:
    for content in every_leaf(text, MOMENT):
        assert content == proof.canonical(json.loads(content))


def test_leaf_is_the_same_from_any_time_zone() -> None:
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert every_leaf("x", MOMENT) == every_leaf("x", elsewhere)
    assert json.loads(every_leaf("x", MOMENT)[0])["at"] == "2026-01-02T03:04:05.000060Z"


def test_every_column_of_a_leaf_counts() -> None:
    base: list[Any] = [ACME, "1a" * 16, MOMENT, 7, MOMENT, "shop", "purchase", b"\x00", "{}"]
    other: list[Any] = [
        "bb" * 16,
        "2b" * 16,
        MOMENT + timedelta(seconds=1),
        8,
        MOMENT - timedelta(seconds=1),
        "app",
        "refund",
        b"\x01",
        "{ }",
    ]
    seen = {proof.leaf_hash(proof.event_leaf(*base))}
    for place, value in enumerate(other):
        seen.add(proof.leaf_hash(proof.event_leaf(*[*base[:place], value, *base[place + 1 :]])))
    assert len(seen) == 10


def toy_sign(message: bytes) -> bytes:
    return hashlib.sha512(b"secret" + message).digest()


def toy_verify(signature: bytes, message: bytes) -> bool:
    return signature == toy_sign(message)


def a_note() -> str:
    checkpoint = proof.Checkpoint("goodword/log/acme", 3, proof.root_of(some_leaves(3)), ("time 2026-01-02T03:04:05Z",))
    return proof.sign_note(proof.checkpoint_text(checkpoint), "goodword/log/acme", b"k" * 32, toy_sign)


def test_note_round_trip() -> None:
    text = proof.open_note(a_note(), "goodword/log/acme", b"k" * 32, toy_verify)
    read = proof.parse_checkpoint(text)
    assert read.size == 3 and read.origin == "goodword/log/acme" and read.extensions == ("time 2026-01-02T03:04:05Z",)
    assert read.root == proof.root_of(some_leaves(3))
    assert (
        proof.verifier_key("goodword/log/acme", b"k" * 32).split("+")[1]
        == proof.key_id("goodword/log/acme", b"k" * 32).hex()
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n3\n", "\n4\n"),
        ("\u2014", "-"),
        ("goodword/log/acme ", "goodword/log/globex "),
        ("\n\n", "\n"),
        ("time", "Time"),
    ],
)
def test_note_refuses_changes(old: str, new: str) -> None:
    changed = a_note().replace(old, new)
    assert changed != a_note()
    with pytest.raises(proof.ProofError):
        proof.open_note(changed, "goodword/log/acme", b"k" * 32, toy_verify)


def test_note_refuses_another_key() -> None:
    with pytest.raises(proof.ProofError):
        proof.open_note(a_note(), "goodword/log/acme", b"j" * 32, toy_verify)
    with pytest.raises(proof.ProofError):
        proof.sign_note("text\n", "a name", b"k" * 32, toy_sign)


@pytest.mark.parametrize(
    "text",
    [
        "a\n1\n",
        "a\n01\nAA==\n",
        "a\nx\nAA==\n",
        "a\n1\nAA==\n",
        "a\n1\n!!\n",
        "a\n-1\nAA==\n",
        "a\n1\nAB==\n",
        "a\n\n1\nAA==\n",
    ],
)
def test_checkpoint_refuses(text: str) -> None:
    with pytest.raises(proof.ProofError):
        proof.parse_checkpoint(text)


def test_roots_of_the_published_test_vectors() -> None:
    """The eight leaves that certificate transparency implementations share as their test."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    tree = proof.Tree()
    for text, root in zip(inputs, roots, strict=True):
        tree.append(proof.leaf_hash(bytes.fromhex(text)))
        assert tree.root().hex() == root


def test_a_note_signed_by_the_go_implementation() -> None:
    """The example of golang.org/x/mod/sumdb/note."""
    name, key_id, encoded = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".split("+", 2)
    public_key = base64.b64decode(encoded)[1:]
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )

    def verify(signature: bytes, message: bytes) -> bool:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        return True

    assert proof.key_id(name, public_key).hex() == key_id
    assert proof.open_note(note, name, public_key, verify).startswith("If you think")
