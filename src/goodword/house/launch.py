"""How does a child end when its parent does? Started as a script, it asks the kernel for that and becomes the child.

Usage: python -I -S launch.py SIGNAL PARENT_PID UID GID PROGRAM ARGUMENT ...   (UID -1: stay who you are)

A process of its own, since nothing but plain system calls is safe between fork and exec of a threaded parent; and the
signal is asked for after the change of user, which would clear it. Imports nothing of Goodword.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(number: int, parent_pid: int) -> None:
    """Be sent this signal when the parent ends; end now if it already has."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit(1)


def main(arguments: list[str]) -> None:
    """Change user, ask for the signal, become the program."""
    number, parent_pid, uid, gid = (int(argument) for argument in arguments[:4])
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    die_with_parent(number, parent_pid)
    program = arguments[4:]
    os.execv(program[0], program)


if __name__ == "__main__":
    main(sys.argv[1:])
