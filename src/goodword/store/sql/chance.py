"""Where does chance come from? From the system, by the block: one call a value lets go of the interpreter's lock each time.

A restored machine image may repeat what was left of a block. So a draw may be a nonce where repetition tells next to nothing
(GCM-SIV), or the name of a click, where it is refused as a duplicate; never a key.
"""

from __future__ import annotations

import os
import threading

_DRAW_BYTES = 16
_DRAWS_A_BLOCK = 256


class _Block(threading.local):
    """Random draws of one thread; a forked child draws its own."""

    def __init__(self) -> None:
        self.left: list[bytes] = []


_block = _Block()


def draw() -> bytes:
    """Sixteen random bytes."""
    if not _block.left:
        block = os.urandom(_DRAW_BYTES * _DRAWS_A_BLOCK)
        _block.left = [block[at : at + _DRAW_BYTES] for at in range(0, len(block), _DRAW_BYTES)]
    return _block.left.pop()


def _forget() -> None:
    _block.left = []


os.register_at_fork(after_in_child=_forget)
