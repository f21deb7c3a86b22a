"""A page of module instances beside the same page with its widgets written out.

Both are opened in turns, by one client, from one server: what differs between them is the modules.
"""

import http.client
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median

from bench import instances
from bench.figures import Goal, Row, Sample, Unit
from bench.process import cpu_seconds
from bench.product import PORTICO, portico
from bench.server import BenchError, Server
from bench.stand import Stand

INSTANCES = 20
#: Times that each page is opened in a round, after some that do not count.
OPENINGS, BEFORE = 60, 20


def measure(stand: Stand) -> list[Row]:
    """Time and CPU time of an opening, and of the one by the other."""
    app = instances.write(stand.scratch(), INSTANCES)
    pages = {name: f"/{instances.SLUG}/{name}" for name in (instances.MODULES, instances.FLAT)}
    product = replace(PORTICO, login=pages[instances.FLAT], command=partial(portico, app))
    walls: list[tuple[float, float]] = []
    works: list[tuple[float, float]] = []
    with stand.fresh(product) as server:
        for path in pages.values():
            _openings(server, path, BEFORE)
        for _ in range(stand.rounds):
            used, flat = (_openings(server, pages[name], OPENINGS) for name in pages)
            walls.append((used[0], flat[0]))
            works.append((used[1], flat[1]))
            stand.say(f"{INSTANCES} instances: ×{used[0] / flat[0]:.2f} of the page written out")
    what = f"page with {INSTANCES} module instances, not cached"
    return [
        _row(f"{what}: until it is there", "s", [used for used, _ in walls]),
        _row("the same page written out", "s", [flat for _, flat in walls]),
        _row("the one by the other", "times", [used / flat for used, flat in walls], Goal(bound=1.5)),
        _row("the same, of CPU time", "times", [used / flat for used, flat in works]),
    ]


def _openings(server: Server, path: str, count: int) -> tuple[float, float]:
    """Median seconds until a page is there, and CPU seconds of the server for each."""
    begin = cpu_seconds(server.pid)
    seconds = [_timed(partial(_open, server, path, number)) for number in range(count)]
    return median(seconds), (cpu_seconds(server.pid) - begin) / count


def _timed(action: Callable[[], None]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def _open(server: Server, path: str, number: int) -> None:
    """Open a page, from an address that few others come from: each may have only so many open."""
    source = (f"127.1.{number // 250 + 1}.{number % 250 + 1}", 0)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30, source_address=source)
    try:
        connection.request("GET", f"{path}?name=x{number}")
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 or f"x{number} {INSTANCES - 1}".encode() not in body:
            raise BenchError(f"{answer.status}: {body[:300]!r}")
    finally:
        connection.close()


def _row(what: str, unit: Unit, values: list[float], goal: Goal | None = None) -> Row:
    return Row(part="modules", what=what, unit=unit, figures={PORTICO.name: Sample.of(values)}, goal=goal)
