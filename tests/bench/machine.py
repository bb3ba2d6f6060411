"""What did it cost? Processor seconds and memory of whole process trees, read from /proc; what machine this is."""

from __future__ import annotations

import contextlib
import os
import platform
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """A process and all that come from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def cpu_seconds(root: int) -> float:
    """What a tree has used up to now, with its children that have ended."""
    ticks = 0
    for pid in tree(root):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(fields[n]) for n in (11, 12, 13, 14))
    return ticks / _TICKS


def memory_mb(root: int) -> float:
    """Proportional set size of a tree: pages that several share are counted once."""
    kilobytes = 0
    for pid in tree(root):
        with contextlib.suppress(OSError, StopIteration):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            kilobytes += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


def described() -> str:
    """The machine in words, without its name."""
    model = "unknown processor"
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"
    )


def stolen() -> tuple[int, int]:
    """Processor time of all cores up to now, and the part that was not ours: used by others or taken by the host."""
    try:
        fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    except (OSError, ValueError):
        return 0, 0
    return sum(fields), fields[7]


def stolen_since(before: tuple[int, int]) -> str:
    """How much of the processor the host took meanwhile, in a sentence."""
    total, taken = (after - then for after, then in zip(stolen(), before, strict=True))
    return f"The host took {taken / total:.0%} of the processor meanwhile." if total else ""
