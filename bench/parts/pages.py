"""Pages a second of Portico: the cached login page, and a page with 20 bindings that is never cached.

The load is wrk's. For the login page the server has one core and wrk another, and what counts are pages
for each second of the server's CPU time, which a busy machine changes least.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from functools import partial

from bench import bindings
from bench.figures import Goal, Row, Sample
from bench.process import cores, cpu_seconds, pin, tree
from bench.product import PORTICO, Product, portico
from bench.server import BenchError, Server
from bench.stand import Stand

SECONDS = 3
CONNECTIONS = 8
BINDINGS = 20
PAGE = f"/{bindings.SLUG}/{bindings.PAGE}"
_COUNT = re.compile(r"(\d+) requests in ([\d.]+)s")
_BAD = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors")


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one run: pages a second on the wall, and a CPU second of the server."""

    wall: float
    cpu: float


def measure(stand: Stand) -> list[Row]:
    """Both pages, round by round."""
    login, bound = [], []
    with stand.fresh(PORTICO) as cached, stand.fresh(_bindings(stand)) as computed:
        if len(cores()) > 1:
            pin(tree(cached.pid), cores()[0])
        for _ in range(stand.rounds):
            login.append(_load(cached, PORTICO.login, apart=True))
            bound.append(_load(computed, f"{PAGE}?name=x", apart=False))
            stand.say(
                f"Portico: {login[-1].cpu:.0f} login pages, {bound[-1].wall:.0f} pages with bindings a second"
            )
    return [
        _row(
            "cached login pages a second, of one core's CPU time",
            [one.cpu for one in login],
            Goal(bound=4000, least=True),
        ),
        _row("cached login pages a second, by the clock", [one.wall for one in login]),
        _row(
            f"pages a second with {BINDINGS} bindings, not cached",
            [one.wall for one in bound],
            Goal(bound=500, least=True),
        ),
        _row("the same, of one core's CPU time", [one.cpu for one in bound]),
    ]


def _bindings(stand: Stand) -> Product:
    """Portico with the generated app."""
    app = bindings.write(stand.scratch(), BINDINGS)
    return replace(PORTICO, login=PAGE, command=partial(portico, app))


def _load(server: Server, path: str, *, apart: bool) -> Load:
    """One run of wrk; `apart`: on another core than the server."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise BenchError("wrk is missing: apt-get install wrk")
    options = ["--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{SECONDS}s"]
    begin = cpu_seconds(server.pid)
    process = subprocess.Popen([wrk, *options, server.url + path], stdout=subprocess.PIPE, text=True)
    if apart:
        pin([process.pid], cores()[-1])
    said, _ = process.communicate()
    work = cpu_seconds(server.pid) - begin
    found = _COUNT.search(said)
    if found is None or _BAD.search(said):
        raise BenchError(f"wrk had trouble:\n{said}")
    count = int(found[1])
    return Load(wall=count / float(found[2]), cpu=count / work)


def _row(what: str, values: list[float], goal: Goal | None = None) -> Row:
    return Row(
        part="pages", what=what, unit="per second", figures={PORTICO.name: Sample.of(values)}, goal=goal
    )
