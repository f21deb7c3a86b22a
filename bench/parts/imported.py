"""An Appsmith application of 1,620 widgets: how long its import takes, and what its largest page costs."""

import http.client
import json
import secrets
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench import appsmith
from bench.figures import Goal, Row, Sample, Unit
from bench.process import cpu_seconds, memory_bytes
from bench.product import PORTICO, portico
from bench.server import BenchError, Server
from bench.stand import Stand

WIDGETS = 1620
PAGE = "Page-1"
#: What the largest page shows of the last of its queries that run at load.
ROWS = b"200 rows, 1970"
#: Openings that do not count, and those of a round. Portico keeps all of these visits at hand, and more.
BEFORE, OPENINGS = 10, 30
#: Pages that come from one address, which may have only so many open.
PER_ADDRESS = 20
#: Seconds until a server has done what it still does after the last opening.
AFTER = 2.0


def measure(stand: Stand) -> list[Row]:
    """Seconds of the import, CPU seconds of an opening and of a click, and bytes of each open page."""
    source = stand.scratch() / "source"
    if appsmith.write(source, stand.api.url) != WIDGETS:
        raise BenchError("the application has another size")
    targets = [stand.scratch() / "imported" / f"round{number}" for number in range(stand.rounds)]
    imports = [_import(source, target) for target in targets]
    stand.say(f"{WIDGETS} widgets are imported in {imports[-1]:.1f} s")
    app = targets[0]
    with (app / "datasources" / "Api.yaml").open("a") as datasource:
        datasource.write("allow_private: true\n")
    path = f"/{app.name}/{PAGE}"
    openings, events, bytes_each = [], [], []
    with stand.fresh(replace(PORTICO, login=path, command=partial(portico, app))) as server:
        _used(server, path, range(BEFORE))
        for number in range(stand.rounds):
            start, memory = BEFORE + number * OPENINGS, memory_bytes(server.pid)
            opening, event = _used(server, path, range(start, start + OPENINGS))
            openings.append(opening)
            events.append(event)
            time.sleep(AFTER)
            bytes_each.append((memory_bytes(server.pid) - memory) / OPENINGS)
            stand.say(f"its largest page: {opening * 1e3:.0f} ms CPU, {bytes_each[-1] / 1e6:.1f} MB")
    figures: tuple[tuple[str, Unit, list[float], float | None], ...] = (
        (f"import of an Appsmith application of {WIDGETS:,} widgets", "s", imports, 10.0),
        (f"its largest page ({appsmith.LARGEST} widgets, 800 rows), an opening, CPU", "s", openings, 0.150),
        ("the same, a click that asks for 200 rows, CPU", "s", events, None),
        ("the same, memory of the server for each that is open and was clicked in", "bytes", bytes_each, 4e6),
    )
    return [
        Row(
            part="imported",
            what=what,
            unit=unit,
            figures={PORTICO.name: Sample.of(found)},
            goal=None if bound is None else Goal(bound=bound),
        )
        for what, unit, found, bound in figures
    ]


def _import(source: Path, target: Path) -> float:
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "portico", "import", "appsmith", str(source), str(target)]
    begin = time.perf_counter()
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise BenchError(f"the import failed:\n{answer.stdout}{answer.stderr}")
    return time.perf_counter() - begin


def _used(server: Server, path: str, numbers: range) -> tuple[float, float]:
    """Open the page as each of these visitors, and click on it; CPU seconds of an opening and of a click."""
    connections = []
    begin = cpu_seconds(server.pid)
    for number in numbers:
        source = (f"127.1.0.{number // PER_ADDRESS + 1}", 0)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60, source_address=source)
        connections.append(connection)
        connection.request("GET", path)
        _expect(connection, ROWS)
    opened = cpu_seconds(server.pid)
    heads = {
        "Origin": f"http://127.0.0.1:{server.port}",
        "Content-Type": "application/json",
        "Portico-Event": "1",
    }
    for connection in connections:
        event = {"visit": secrets.token_urlsafe(16), "n": 1, "widget": "Button31", "event": "onClick"}
        connection.request("POST", path, json.dumps(event), heads)
        _expect(connection, ROWS)
        connection.close()
    clicked = cpu_seconds(server.pid)
    return (opened - begin) / len(numbers), (clicked - opened) / len(numbers)


def _expect(connection: http.client.HTTPConnection, text: bytes) -> None:
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200 or text not in body:
        raise BenchError(f"{answer.status}: {body[:300]!r}")
