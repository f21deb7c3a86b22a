"""Very many sessions at once, and all of them swept out."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.stress.holding import Held, in_redis, in_sqlite, percentile
from tests.stress.trial import Bench, Size, Trial

#: Seconds of a lookup, at the 99th percentile, and of any request while expired sessions are swept out: of
#: CPU time, as the machine may have other work.
LOOKUP, REQUEST = 0.005, 0.2
PLACES: dict[str, Callable[[Path, int], Held]] = {"sqlite": in_sqlite, "redis": in_redis}


def holdings(size: Size) -> Iterator[Trial]:
    """P121, and what a session takes."""
    for name, hold in PLACES.items():
        yield Trial(name=f"{size.sessions:,} sessions, {name}", run=partial(_held, hold, size.sessions))


def _held(hold: Callable[[Path, int], Held], count: int, bench: Bench) -> str:
    found = hold(bench.folder, count)
    wall, cpu = ([getattr(one, kind) for one in found.lookups] for kind in ("wall", "cpu"))
    p50, p95, p99 = (percentile(wall, share) * 1e3 for share in (0.5, 0.95, 0.99))
    slowest = max(one.cpu for one in found.requests)
    said = (
        f"{found.size / 1e6:.0f} MB, {found.size / count:.0f} bytes each; lookups {p50:.2f}, {p95:.2f} and"
        f" {p99:.2f} ms (p50, p95, p99), {percentile(cpu, 0.99) * 1e3:.2f} ms of CPU time (p99);"
        f" {found.swept:,} entries swept in {found.sweeping:.1f} s, {len(found.requests):,} requests"
        f" meanwhile, the slowest {max(one.wall for one in found.requests) * 1e3:.0f} ms, {slowest * 1e3:.0f}"
        " ms of CPU time"
    )
    assert percentile(cpu, 0.99) < LOOKUP, said
    assert slowest <= REQUEST, said
    return said
