"""How are children started so that none outlives us, and ended so that none is hurt?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

# The kernel sends the parent-death signal when the THREAD that forked ends; this one lives as long as the process.
_SPAWNER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")
_LAUNCH = str(Path(__file__).with_name("launch.py"))


def spawn(
    argv: Sequence[str],
    *,
    death_signal: signal.Signals,
    env: Mapping[str, str] | None = None,
    user: tuple[int, int] | None = None,
    output: IO[bytes] | None = None,
    pass_fds: Sequence[int] = (),
    cwd: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program that gets `death_signal` when we end, in a session of its own so that Ctrl-C reaches only us."""
    uid, gid = user if user else (-1, -1)
    launch = [sys.executable, "-I", "-S", _LAUNCH, str(int(death_signal)), str(os.getpid()), str(uid), str(gid)]
    return _SPAWNER.submit(
        subprocess.Popen,
        [*launch, *argv],
        env=None if env is None else dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        pass_fds=tuple(pass_fds),
        cwd=cwd,
        start_new_session=True,
    ).result()


def stop(child: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]]) -> int:
    """Ask ever more firmly: each signal gets its seconds, and the last word is SIGKILL."""
    for number, wait_seconds in steps:
        if child.poll() is not None:
            break
        child.send_signal(number)
        try:
            return child.wait(wait_seconds)
        except subprocess.TimeoutExpired:
            continue
    if child.poll() is None:
        child.kill()
    return child.wait()
