"""An Appsmith application of 1,620 widgets: how long its import takes, and what its largest page costs."""

import http.client
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
#: Openings that do not count, and those of a round. Portico keeps that many visits at hand, and more.
BEFORE, OPENINGS = 10, 30
#: Seconds until a server has done what it still does after the last opening.
AFTER = 2.0


def measure(stand: Stand) -> list[Row]:
    """Seconds of the import, CPU seconds of an opening, and bytes of each page that is open."""
    source = stand.scratch() / "source"
    if appsmith.write(source) != WIDGETS:
        raise BenchError("the application has another size")
    targets = [stand.scratch() / "imported" / f"round{number}" for number in range(stand.rounds)]
    imports = [_import(source, target) for target in targets]
    stand.say(f"{WIDGETS} widgets are imported in {imports[-1]:.1f} s")
    app = _public(targets[0])
    path = f"/{app.name}/{PAGE}"
    product = replace(PORTICO, login=path, command=partial(portico, app))
    works, bytes_each = [], []
    with stand.fresh(product) as server:
        _openings(server, path, range(BEFORE))
        for number in range(stand.rounds):
            begin, before = cpu_seconds(server.pid), memory_bytes(server.pid)
            start = BEFORE + number * OPENINGS
            _openings(server, path, range(start, start + OPENINGS))
            works.append((cpu_seconds(server.pid) - begin) / OPENINGS)
            time.sleep(AFTER)
            bytes_each.append((memory_bytes(server.pid) - before) / OPENINGS)
            stand.say(
                f"its largest page opens in {works[-1] * 1e3:.0f} ms CPU, {bytes_each[-1] / 1e6:.1f} MB"
            )
    figures: tuple[tuple[str, Unit, list[float], float], ...] = (
        (f"import of an Appsmith application of {WIDGETS:,} widgets", "s", imports, 10.0),
        (f"its largest page ({appsmith.LARGEST} widgets), an opening, CPU", "s", works, 0.150),
        ("the same, memory of the server for each that is open", "bytes", bytes_each, 4e6),
    )
    return [
        Row(
            part="imported",
            what=what,
            unit=unit,
            figures={PORTICO.name: Sample.of(found)},
            goal=Goal(bound=bound),
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


def _public(app: Path) -> Path:
    """Without a sign-in: what a page costs is asked, not who may open it."""
    manifest = (app / "app.yaml").read_text()
    if "auth: none" not in manifest:
        raise BenchError(f"the imported app has a sign-in:\n{manifest}")
    return app


def _openings(server: Server, path: str, numbers: range) -> None:
    """Open the page, from addresses that few others come from: each may have only so many open."""
    for number in numbers:
        source = (f"127.1.{number // 30 + 1}.{number % 30 + 1}", 0)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60, source_address=source)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200 or b'id="w.Table118"' not in body:
                raise BenchError(f"{answer.status}: {body[:300]!r}")
        finally:
            connection.close()


def _row(what: str, unit: Unit, values: list[float], goal: Goal) -> Row:
    return Row(part="imported", what=what, unit=unit, figures={PORTICO.name: Sample.of(values)}, goal=goal)
