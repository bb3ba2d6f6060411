"""How does a long history not hold up pages and receipts? It is judged in a process of its own, which ends, or fails, alone.

Deciding is all processor and memory: beside the pages it would take their turn at every step, and what it took of memory the
process would keep. Started as a script, this reads what to judge and tells line by line how far it is and what it found;
where nobody listens any more, the next line ends it.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from goodword.actions.backtesting import Backtest, Cancelled, Progress, backtest
from goodword.actions.opening import Chain, chain_of_installation
from goodword.catalog import SHELVES
from goodword.core.comparison import Outcome
from goodword.core.reading import read_terms
from goodword.core.rows import SINCE_EVER
from goodword.core.terms import Terms
from goodword.errors import BadInput, GoodwordError

_OUTCOMES_A_LINE = 500  # small enough that reading a line holds nobody up
_MODEST = 10  # receipts, pages and the worker go first
_FIRST_TO_GO = "1000"  # where memory runs out, the system ends this process and not the house


class _Job(msgspec.Struct):
    client_id: str
    document: dict[str, Any]
    since: datetime | None


class _Told(msgspec.Struct, omit_defaults=True):
    """A line: how far it is, some of what changes, and at the end the whole or why there is none."""

    done: int = 0
    of: int = 0
    changed: list[Outcome] = []
    found: Backtest | None = None
    refused: tuple[str, str, str] | None = None


_told = msgspec.json.Decoder(_Told).decode


def backtest_apart(
    chain: Chain,
    client_id: str,
    document: dict[str, Any],
    *,
    since: datetime | None,
    progress: Progress,
) -> Backtest:
    """What `backtest` finds, found by a process of its own. Raises what it raises; BadInput where memory ran out."""
    with subprocess.Popen(
        [sys.executable, "-m", "goodword.actions.apart"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **chain.environment()},
    ) as child:  # fmt: skip
        try:
            assert child.stdin and child.stdout
            with suppress(BrokenPipeError):  # it ended before it read; how, is told below
                child.stdin.write(msgspec.json.encode(_Job(client_id, document, since)))
                child.stdin.close()
            found = _listened(child.stdout, progress)
            if found is None:
                raise _why_silent(child.wait())
            return found
        finally:
            child.kill()


def _listened(lines: Iterable[bytes], progress: Progress) -> Backtest | None:
    """The outcome; None where the lines ended without one."""
    changed: list[Outcome] = []
    for line in lines:
        told = _told(line)
        changed += told.changed
        if told.refused:
            raise BadInput(*told.refused)
        if told.found:
            told.found.comparison.changed = changed
            return told.found
        if told.of and not progress(told.done, told.of):
            raise Cancelled
    return None


def _why_silent(code: int) -> Exception:
    if code != -signal.SIGKILL:
        return RuntimeError(f"the process that judges ended with {code}")
    return BadInput(
        "The history is too large for this machine's memory just now.",
        "The system ended the process that judged it; nothing else was touched.",
        "Run `goodword backtest` where more memory is free.",
    )


# -- the process of its own --------------------------------------------------------------------------------------------


def main() -> None:
    """Judge what stands on standard input."""
    os.nice(_MODEST)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)
    gc.disable()  # the whole history stays in memory until the end: looking for garbage only costs time
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=_Job)
    terms = read_terms(job.document, SHELVES, version=1, live_from=SINCE_EVER)
    assert isinstance(terms, Terms), "whoever asks has read it before"
    try:
        with chain_of_installation() as chain:
            found = backtest(
                chain.conn, chain.vault, job.client_id, job.document, terms, since=job.since, progress=_go_on
            )
    except GoodwordError as refusal:
        _say(_Told(refused=(refusal.what, refusal.why, refusal.repair)))
        return
    changed, found.comparison.changed = found.comparison.changed, []
    for n in range(0, len(changed), _OUTCOMES_A_LINE):
        _say(_Told(changed=changed[n : n + _OUTCOMES_A_LINE]))
    _say(_Told(found=found))


def _go_on(done: int, of: int) -> bool:
    _say(_Told(done=done, of=of))
    return True


def _say(told: _Told) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # nobody listens any more, at the last flush neither
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
