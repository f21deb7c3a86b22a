"""The script engine: a turn, and what it takes to make a context and to bring one back.

In this process, in CPU time; and in a worker behind the pipe, by the clock. With the programs of real pages.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from bench import bindings
from bench.figures import Row, Sample
from bench.product import PORTICO
from bench.server import BenchError
from bench.stand import Stand
from portico.definition.load import load
from portico.model.program import Program
from portico.sandbox.engine import Box
from portico.sandbox.pool import Pool
from portico.ui.widgets import CATALOGUE

COUNTS = (20, 200)
#: Of one round.
TURNS, CONTEXTS = 50, 10
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENV: Mapping[str, Any] = {
    "k": "env",
    "url": {"queryParams": {"name": "x"}},
    "store": {"persistent": {}, "session": {}},
    "user": {},
    "auth": {},
    "theme": {},
    "mode": "VIEW",
}
EMPTY = Program(source='__page({"chunks": []}, []);')

Times = dict[str, list[float]]


def measure(stand: Stand) -> list[Row]:
    """Every figure for each number of bindings."""
    programs = {count: _program(stand, count) for count in COUNTS}
    times: Times = {}
    # A browser that an earlier part opened keeps an event loop in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        for _ in range(stand.rounds):
            for _ in range(CONTEXTS):
                times.setdefault("create, an empty page, in process, CPU", []).append(
                    _timed(_made, EMPTY, ENV)
                )
            for count, program in programs.items():
                elsewhere.submit(asyncio.run, _round(program, f"{count} bindings", times)).result()
            turn = times[f"turn, through the pipe, {COUNTS[-1]} bindings"][-1]
            stand.say(f"Portico: a turn takes {turn * 1e6:.0f} µs")
    return [
        Row(part="engine", what=f"script engine: {what}", unit="s", figures={PORTICO.name: Sample.of(values)})
        for what, values in times.items()
    ]


def _program(stand: Stand, count: int) -> Program:
    loaded = load(bindings.write(stand.scratch(), count), types=CATALOGUE, settings={})
    if loaded.app is None:
        raise BenchError(f"{loaded.problems}")
    return loaded.app.pages[bindings.PAGE].program


async def _round(program: Program, size: str, times: Times) -> None:
    def note(what: str, seconds: float) -> None:
        times.setdefault(f"{what}, {size}", []).append(seconds)

    box = Box(program.source, generation="g")
    box.turn(_message(ENV))
    for number in range(TURNS):
        text = _message(_typed(number))
        note("turn, in process, CPU", _timed(box.turn, text))
    state = {"k": "restore", "state": json.loads(box.snapshot())}
    for _ in range(CONTEXTS):
        note("create with first turn, in process, CPU", _timed(_made, program, ENV))
        note("restore, in process, CPU", _timed(_made, program, ENV, state))
    async with Pool() as pool:
        context, _ = await pool.open("bench", program, [ENV], NOW)
        for number in range(TURNS):
            note("turn, through the pipe", await _awaited(context.turn([_typed(number)], NOW)))
        for _ in range(CONTEXTS):
            opening = pool.open("bench", program, [ENV], NOW)
            note("create with first turn, through the pipe", await _awaited(opening))
            opening = pool.open("bench", program, [ENV, state], NOW)
            note("restore, through the pipe", await _awaited(opening))


def _made(program: Program, *inputs: Mapping[str, Any]) -> Box:
    box = Box(program.source, generation="g")
    box.turn(_message(*inputs))
    return box


def _typed(number: int) -> dict[str, Any]:
    """A value for the input that a tenth of the bindings depend on."""
    return {"k": "set", "set": [["Name", "typed", "x" * (number % 7 + 1)]]}


def _message(*inputs: Mapping[str, Any]) -> str:
    return json.dumps({"now": int(NOW.timestamp() * 1000), "inputs": inputs})


def _timed(work: Callable[..., object], *given: object) -> float:
    begin = time.process_time()
    work(*given)
    return time.process_time() - begin


async def _awaited(work: Awaitable[object]) -> float:
    begin = time.perf_counter()
    await work
    return time.perf_counter() - begin
