"""What sessions cost a server: many in one store, their renewals, and one more process at the same store."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

from bench.figures import Goal, Row, Sample, Unit
from bench.process import cpu_seconds
from bench.product import PORTICO
from bench.server import BenchError
from bench.stand import Stand
from tests.journeys.fleet import DIALECTS, MOVED, Browser, Fleet
from tests.journeys.servers import Server
from tests.stores.shared import store
from tests.stress.holding import Held, in_redis, in_sqlite, percentile
from tests.stress.rig import rig

SESSIONS = 100_000
#: Bytes that so many may take.
PLACES: Sequence[tuple[str, Callable[[Path, int], Held], float]] = (
    ("SQLite, its file", in_sqlite, 400e6),
    ("Redis, its memory", in_redis, 200e6),
)
USERS, PAGES, AT_ONCE = 40, 200, 8
#: Seconds that the auth API takes to renew.
DELAY = 0.02


def measure(stand: Stand) -> list[Row]:
    """All of it; what many sessions take is measured once."""
    return [*_held(stand), *_renewals(stand), *_processes(stand)]


def _held(stand: Stand) -> list[Row]:
    rows = []
    for name, hold, bound in PLACES:
        with ThreadPoolExecutor(1) as elsewhere:
            found = elsewhere.submit(hold, stand.scratch(), SESSIONS).result()
        wall, cpu = ([getattr(one, kind) for one in found.lookups] for kind in ("wall", "cpu"))
        stand.say(f"Portico: {found.size / 1e6:.0f} MB in {name}")
        rows += [
            _row(f"{SESSIONS:,} sessions, {name}", "bytes", [found.size], Goal(bound=bound)),
            _row(f"lookup among them, {name}, p99", "s", [percentile(wall, 0.99)], Goal(bound=0.005)),
            _row("the same, CPU time", "s", [percentile(cpu, 0.99)]),
        ]
    return rows


def _renewals(stand: Stand) -> list[Row]:
    """A page by a user whose token is due, beside the same once more, which asks and writes nothing: all that
    the first costs more is the renewal's, also that it is noted when the user was there."""
    rates = []
    with ExitStack() as stack:
        running = _running(stand, stack, "sqlite", 1)
        running.api.before = _slow
        browsers = list(_signed_in(running))
        for _ in range(stand.rounds):
            before = len(running.refreshes())
            running.expire()
            both = _load(browsers, running.servers, USERS)
            without = _load(browsers, running.servers, USERS)
            if len(running.refreshes()) - before != USERS:
                raise BenchError("not every token was renewed once")
            rates.append(USERS / max(both - without, 1e-6))
            stand.say(f"Portico: {rates[-1]:.0f} renewals a second of one core's CPU time")
    what = "renewals of a token a second, SQLite, auth API 20 ms, of one core's CPU time"
    return [_row(what, "per second", rates, Goal(bound=120, least=True))]


def _slow(_call: str, _body: bytes) -> None:
    time.sleep(DELAY)


def _processes(stand: Stand) -> list[Row]:
    """Pages of sessions in Redis from one process, and from two whose turns alternate."""
    factors = []
    with ExitStack() as stack:
        running = _running(stand, stack, "redis", 2)
        browsers = list(_signed_in(running))
        for _ in range(stand.rounds):
            alone = _load(browsers, running.servers[:1], PAGES)
            factors.append(alone / _load(browsers, running.servers, PAGES))
            stand.say(f"Portico: two processes give ×{factors[-1]:.2f} pages a CPU second")
    what = "pages of a CPU second from two processes at one Redis, by those from one"
    return [_row(what, "times", factors, Goal(bound=0.85, least=True))]


def _running(stand: Stand, stack: ExitStack, kind: str, count: int) -> Fleet:
    folder = stand.scratch()
    address = stack.enter_context(store(kind, folder))
    return stack.enter_context(rig(DIALECTS["gotrue"], address, folder, count=count, harness=MOVED))


def _signed_in(running: Fleet) -> Iterator[Browser]:
    """So many users, not so fast that they count as an attack."""
    for _ in range(USERS):
        running.advance(timedelta(seconds=15))
        yield running.sign_in()


def _load(browsers: Sequence[Browser], servers: Sequence[Server], count: int) -> float:
    """The CPU seconds of the servers for so many pages, each of another user and from the next server."""
    begin = sum(cpu_seconds(server.pid) for server in servers)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = partial(_page, browsers, servers)
        if not all(pool.map(asked, range(count))):
            raise BenchError("a page was not given")
    return sum(cpu_seconds(server.pid) for server in servers) - begin


def _page(browsers: Sequence[Browser], servers: Sequence[Server], number: int) -> bool:
    return browsers[number % len(browsers)].lives(servers[number % len(servers)])


def _row(what: str, unit: Unit, values: Sequence[float], goal: Goal | None = None) -> Row:
    figures = {PORTICO.name: Sample.of(values)}
    return Row(part="sessions", what=what, unit=unit, figures=figures, goal=goal)
