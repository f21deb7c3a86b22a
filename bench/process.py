"""What a server's processes use: time of the CPU, and memory that is theirs alone."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

PRIVATE = ("Private_Clean:", "Private_Dirty:")


def tree(pid: int) -> list[int]:
    """The process and all that descend from it and live."""
    found = [pid]
    for parent in found:
        found += children(parent)
    return found


def children(pid: int) -> list[int]:
    """The living children of a process; none if it has ended."""
    try:
        lists = [task.joinpath("children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for text in lists for child in text.split()]


def cpu_seconds(pid: int) -> float:
    """CPU time that a process and its living descendants have used, in user and kernel mode, by the
    scheduler's own clock (nanoseconds, where /proc/<pid>/stat counts in hundredths of a second)."""
    return sum(time.clock_gettime(_clock_of(one)) for one in tree(pid))


def _clock_of(pid: int) -> int:
    """The CPU clock of another process, as clock_getcpuclockid(3) of Linux makes it."""
    return (~pid << 3) | 2


def memory_bytes(pid: int) -> int:
    """USS: what a process and its descendants would give back if they ended."""
    return sum(_private(one) for one in tree(pid))


def _private(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(PRIVATE))


def pin(pids: Iterable[int], core: int) -> None:
    """Keep processes, with all their threads, on one core; what they start later stays there too."""
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})


def cores() -> list[int]:
    """The cores that this process may use."""
    return sorted(os.sched_getaffinity(0))
