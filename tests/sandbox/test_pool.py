"""Workers and contexts: whom a failure costs what, and who never notices."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portico.errors import ScriptFailed, ScriptMemory, ScriptOverrun, ScriptTooMuch, TooMany, WorkerLost
from portico.sandbox.limits import Limits
from portico.sandbox.pool import Context, Pool
from portico.sandbox.process import NotSent, WorkerProcess
from portico.sandbox.turn import ShowAlert, Turn
from portico.sandbox.wire import Op
from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import NOW, posted, request, result

ECHO = page(
    Widget("Name", "Input"),
    Widget("Go", on={"onClick": "{{ showAlert(Name.text + S.count++) }}"}),
    Widget("Ask", on={"onClick": "{{ q.run() }}"}),
    queries=[Query("q")],
    scripts={"S": "export default { count: 0 }"},
)

#: Native code that the engine's own limit does not interrupt.
HANGS = "new Array(1e9) + ''"

LIMITS = Limits(cpu=timedelta(milliseconds=200), wall=timedelta(seconds=1))


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with Pool(limits=LIMITS) as running:
        yield running


@pytest.fixture
async def patient() -> AsyncIterator[Pool]:
    """Waits for a worker that gets no CPU: what ends a script is its own time."""
    async with Pool(limits=replace(LIMITS, wall=timedelta(minutes=1))) as running:
        yield running


def click(widget: str = "Go", ev: str = "e1") -> dict[str, Any]:
    return {"k": "event", "ev": ev, "w": widget, "p": "onClick"}


def acting(code: str) -> Any:
    return page(
        Widget("Go", on={"onClick": code}), Widget("Other", on={"onClick": "{{ showAlert('still here') }}"})
    )


async def echo(pool: Pool, app: str = "app") -> Context:
    context, turn = await pool.open(app, ECHO, [], NOW)
    assert turn.patch["Name"]["text"] == ""
    return context


def said(turn: Turn) -> str:
    (effect,) = turn.effects
    assert isinstance(effect, ShowAlert)
    return effect.message


async def answers(context: Context) -> bool:
    return len((await context.turn([click()], NOW)).effects) == 1


async def test_turns_of_a_context(pool: Pool) -> None:
    """A context keeps its state from turn to turn, and is gone once closed."""
    context = await echo(pool)
    assert said(await context.turn([posted("Name", "a"), click()], NOW)) == "a0"
    assert said(await context.turn([click()], NOW)) == "a1"
    assert (await context.snapshot())["cells"] == {"Name": {"typed": "a"}, "S": {"count": 2}}
    await context.close()
    await context.close()
    assert not context.alive
    with pytest.raises(WorkerLost):
        await context.turn([click()], NOW)


async def test_one_worker_an_app(pool: Pool) -> None:
    """Contexts of one app share a worker, to which a program is sent once; apps share none."""
    contexts = [await echo(pool, app) for app in ("a@1", "a@1", "b@1", "a@2")]
    assert {app: len(pids) for app, pids in pool.workers.items()} == {"a@1": 1, "b@1": 1, "a@2": 1}
    assert len({pid for pids in pool.workers.values() for pid in pids}) == 3
    assert [len(place.programs) for place in pool._places()] == [1, 1, 1]
    assert all([await answers(context) for context in contexts])


async def test_overrun_costs_one_context(patient: Pool) -> None:
    """A script that loops ends its own context; its worker and the others stay."""
    sibling = await echo(patient)
    before = patient.workers
    context, _ = await patient.open("app", acting("while (true) {}"), [], NOW)
    with pytest.raises(ScriptOverrun):
        await context.turn([click()], NOW)
    assert not context.alive
    assert patient.workers == before
    assert await answers(sibling)


async def test_cpu_can_be_less(patient: Pool) -> None:
    """`cpu` of `open` replaces the limit of a turn, the first included."""
    busy = acting("for (let i = 0; i < 3e5; i++);")
    context, _ = await patient.open("app", busy, [click()], NOW)
    await context.turn([click()], NOW)
    context, _ = await patient.open("app", busy, [], NOW, cpu=timedelta(milliseconds=30))
    with pytest.raises(ScriptOverrun):
        await context.turn([click(ev=f"e{number}") for number in range(2000)], NOW)
    with pytest.raises(ScriptOverrun):
        await patient.open("app", busy, [], NOW, cpu=timedelta(microseconds=1))


async def test_hang_is_killed_and_others_answer_meanwhile(pool: Pool) -> None:
    """Native code that never looks up: the watchdog kills the worker; another app's turns go on
    while it hangs, the worker's other contexts are lost with it, and the app gets a new worker."""
    sibling, stranger = await echo(pool), await echo(pool, "other")
    context, _ = await pool.open("app", acting(HANGS), [], NOW)
    old = pool.workers["app"]
    hanging = asyncio.create_task(context.turn([click()], NOW))
    answered = 0
    while not hanging.done():
        assert await answers(stranger)
        answered += 1
    assert answered > 10
    with pytest.raises(ScriptOverrun):
        await hanging
    assert (context.alive, sibling.alive, stranger.alive) == (False, False, True)
    with pytest.raises(WorkerLost):
        await sibling.turn([click()], NOW)
    assert await answers(await echo(pool))
    assert pool.workers["app"] != old


async def test_those_who_queue_behind_a_hang_are_told(pool: Pool) -> None:
    """A turn that waits for a worker that is killed gets WorkerLost; an open one gets a new worker."""
    sibling = await echo(pool)
    context, _ = await pool.open("app", acting(HANGS), [], NOW)
    hanging = asyncio.create_task(context.turn([click()], NOW))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(sibling.turn([click()], NOW))
    opening = asyncio.create_task(echo(pool))
    outcomes = await asyncio.gather(hanging, waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ScriptOverrun, NotSent]
    assert await answers(await opening)


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("when", ["idle", "working"])
async def test_crashed_worker_is_replaced(pool: Pool, how: signal.Signals, when: str) -> None:
    """P47: a worker that crashes or stops in its tracks is a clear error for its contexts alone."""
    context, stranger = await echo(pool), await echo(pool, "other")
    (pid,) = pool.workers["app"]
    busy, _ = await pool.open("app", acting("for (let i = 0; i < 2e5; i++);"), [], NOW)
    turn = asyncio.create_task(busy.turn([click()], NOW)) if when == "working" else None
    if turn:
        await asyncio.sleep(0)
    os.kill(pid, how)
    if turn:
        with contextlib.suppress(ScriptFailed):
            await turn
    with pytest.raises((WorkerLost, ScriptOverrun)):
        await context.turn([click()], NOW)
    assert not context.alive
    assert await answers(stranger)
    assert await answers(await echo(pool))
    assert pool.workers["app"] != [pid]


async def test_state_moves_to_another_worker(pool: Pool) -> None:
    """After kill -9 a context is built from the snapshot in a new worker, and goes on."""
    context = await echo(pool)
    await context.turn([posted("Name", "kept"), click()], NOW)
    kept = await context.snapshot()
    os.kill(pool.workers["app"][0], signal.SIGKILL)
    again, turn = await pool.open("app", ECHO, [{"k": "restore", "state": kept}], NOW)
    assert turn.patch["Name"]["text"] == "kept"
    assert said(await again.turn([click()], NOW)) == "kept1"


async def test_late_answer_of_a_lost_context_is_dropped(pool: Pool) -> None:
    """Request ids of one context mean nothing to another."""
    first, second = await echo(pool), await echo(pool)
    asked = request(await first.turn([click("Ask")], NOW))
    own = request(await second.turn([click("Ask")], NOW))
    assert asked.id != own.id
    assert (await second.turn([result(asked, 1)], NOW)).open == 1
    assert (await second.turn([result(own, 1)], NOW)).open == 0


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("const a = []; while (true) a.push(new Array(1e5).fill(1))", ScriptMemory),
        ("const a = []; while (true) a.push(new Uint8Array(1e6))", ScriptMemory),
        ("for (let i = 0; i < 2000; i++) showAlert('x')", ScriptTooMuch),
        ("for (let i = 0; i < 9; i++) showAlert('x'.repeat(1e6))", ScriptTooMuch),
        ("S.big = 'é'.repeat(2.5e6)", ScriptTooMuch),
    ],
)
async def test_limits_of_a_turn(code: str, error: type[ScriptFailed]) -> None:
    """Memory, effects and output beyond the limit end the context and no other."""
    program = page(
        Widget("Go", on={"onClick": code}),
        Widget("See", props={"p": "{{ S.big }}"}),
        scripts={"S": "export default { big: '' }"},
    )
    patient = Limits(cpu=timedelta(seconds=5), wall=timedelta(seconds=20), answer=4 << 20)
    async with Pool(limits=patient) as pool:
        sibling = await echo(pool)
        context, _ = await pool.open("app", program, [], NOW)
        with pytest.raises(ScriptFailed) as failed:
            await context.turn([click()], NOW)
        assert type(failed.value) is error
        assert not context.alive
        assert await answers(sibling)


async def test_input_beyond_the_limit_is_not_sent(pool: Pool) -> None:
    """A message that is too large or too deep is refused here; the context lives."""
    context = await echo(pool)
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for value in ("x" * LIMITS.message, deep):
        with pytest.raises(ScriptTooMuch):
            await context.turn([posted("Name", value)], NOW)
    assert await answers(context)


async def test_numbers_that_json_lacks_arrive_as_null(pool: Pool) -> None:
    """An upstream answer may parse to infinity; scripts see null."""
    context = await echo(pool)
    turn = await context.turn([posted("Name", [float("inf"), {"a": float("nan")}, 1])], NOW)
    assert turn.patch["Name"]["typed"] == [None, {"a": None}, 1]


async def test_broken_program_is_a_clear_error(pool: Pool) -> None:
    """A program that does not parse, or is none, fails to open and costs nothing else."""
    sibling = await echo(pool)
    for source in (
        "__page({",
        "throw new Error('x')",
        "__page({widgets: [{path: 'A', name: 'A', type: 'T'}]}, [])",
    ):
        with pytest.raises(ScriptFailed):
            await pool.open("app", type(ECHO)(source=source), [], NOW)
    assert await answers(sibling)


async def test_contexts_are_let_go_by_last_use() -> None:
    """Beyond the limit the context used longest ago goes, but none that waits for an answer first."""
    async with Pool(limits=LIMITS, contexts_per_worker=3) as pool:
        waiting = await echo(pool)
        await waiting.turn([click("Ask")], NOW)
        first, second = await echo(pool), await echo(pool)
        assert await answers(first)
        third = await echo(pool)
        alive = [context.alive for context in (waiting, first, second, third)]
        assert alive == [True, True, False, True]
        with pytest.raises(WorkerLost):
            await second.turn([click()], NOW)


async def test_workers_are_let_go_by_last_use() -> None:
    """Beyond the limit the idle worker used longest ago stops; if all are busy, opening is refused."""
    async with Pool(limits=LIMITS, max_workers=2) as pool:
        first, second = await echo(pool, "a"), await echo(pool, "b")
        assert await answers(first)
        third = await echo(pool, "c")
        assert [context.alive for context in (first, second, third)] == [True, False, True]
        hanging = []
        for app in ("a", "c"):
            context, _ = await pool.open(app, acting(HANGS), [], NOW)
            hanging.append(asyncio.create_task(context.turn([click()], NOW)))
        await asyncio.sleep(0.01)
        with pytest.raises(TooMany):
            await echo(pool, "d")
        await asyncio.gather(*hanging, return_exceptions=True)


async def test_idle_workers_stop() -> None:
    """A worker that nobody used for a while ends; its app gets another when it is needed."""
    async with Pool(limits=LIMITS, idle_after=timedelta(milliseconds=100)) as pool:
        context = await echo(pool)
        while pool.workers:  # noqa: ASYNC110  (what is waited for is a process)
            await asyncio.sleep(0.02)
        assert not context.alive
        assert await answers(await echo(pool))


async def test_an_app_may_have_several_workers() -> None:
    """With more workers an app's contexts are spread."""
    async with Pool(limits=LIMITS, workers_per_app=2) as pool:
        contexts = [await echo(pool) for _ in range(4)]
        assert len(pool.workers["app"]) == 2
        assert sorted(len(place.contexts) for place in pool._places()) == [2, 2]
        assert all([await answers(context) for context in contexts])


async def test_opening_at_once_starts_one_worker(pool: Pool) -> None:
    """Many first visitors of an app at the same moment share the worker that is being started."""
    contexts = await asyncio.gather(*(echo(pool) for _ in range(10)))
    assert len(pool.workers["app"]) == 1
    assert all([await answers(context) for context in contexts])


async def test_turns_interleave_correctly(pool: Pool) -> None:
    """Turns of many contexts at once: each gets its own answers, in its own order."""
    contexts = [await echo(pool, f"app{number % 2}") for number in range(10)]

    async def use(number: int, context: Context) -> list[str]:
        return [said(await context.turn([posted("Name", f"{number}-"), click()], NOW)) for _ in range(20)]

    heard = await asyncio.gather(*(use(number, context) for number, context in enumerate(contexts)))
    assert heard == [[f"{number}-{turn}" for turn in range(20)] for number in range(10)]


async def test_cancelled_turn_ends_its_context_alone(pool: Pool) -> None:
    """Who stops waiting cannot know what the turn did: that context is gone, the worker's order kept."""
    context, sibling = await echo(pool), await echo(pool)
    turn = asyncio.create_task(context.turn([click()], NOW))
    await asyncio.sleep(0)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert not context.alive
    assert [said(await sibling.turn([click()], NOW)) for _ in range(3)] == ["0", "1", "2"]


async def test_closed_pool_leaves_nothing() -> None:
    """Closing ends every worker, also one that is being started; nothing opens afterwards."""
    pool = Pool(limits=LIMITS)
    context = await echo(pool)
    (pid,) = pool.workers["app"]
    starting = asyncio.create_task(echo(pool, "late"))
    await asyncio.sleep(0)
    await pool.close()
    with pytest.raises(WorkerLost):
        await starting
    assert (pool.workers, context.alive) == ({}, False)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(WorkerLost):
        await echo(pool)


@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.stdin.buffer.read(9); sys.stdout.buffer.write(b'\\xff' * 9)",
        "import sys; sys.stdin.buffer.read(9); sys.stdout.buffer.write(b'\\x02\\0\\0\\0\\0\\xff\\xff')",
        "import sys; sys.stdin.buffer.read(9)",
        "import time; time.sleep(60)",
    ],
)
async def test_worker_that_speaks_nonsense_is_killed(program: str) -> None:
    """A taken-over worker can claim any length, bytes or silence: it ends, and nothing waits for it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    worker = WorkerProcess(process, LIMITS)
    with pytest.raises((WorkerLost, ScriptOverrun)):
        await worker.ask(Op.SNAPSHOT, 1, "")
    assert not worker.alive
    assert process.returncode is not None


async def test_contexts_share_nothing(pool: Pool) -> None:
    """P49: what one context does to globals and prototypes no other ever sees, however turns interleave."""
    dirty = acting(
        "globalThis.leak = Array.prototype.leak = Object.prototype.leak = 'leaked'; leak2 = 1;"
        "Math.leak = 1; JSON.parse = () => 'mine'; Array.prototype.push = () => 'mine'; Date.now = () => 1"
    )
    clean = acting(
        "console.log([typeof leak, typeof leak2, "
        "[].leak, ({}).leak, Math.leak, JSON.parse('1'), [].push(1), Date.now() > 1].join())"
    )
    chance = random.Random(49)
    dirty_ones = [(await pool.open("app", dirty, [], NOW))[0] for _ in range(3)]
    clean_ones = [(await pool.open("app", clean, [], NOW))[0] for _ in range(3)]
    for _ in range(300):
        if chance.random() < 0.5:
            with contextlib.suppress(ScriptFailed):
                await chance.choice(dirty_ones).turn([click()], NOW)
        else:
            turn = await chance.choice(clean_ones).turn([click()], NOW)
            assert turn.logs[0].text == "undefined,undefined,,,,1,1,true"
    assert len(pool.workers["app"]) == 1


async def test_a_retired_worker_goes_with_its_last_context(pool: Pool) -> None:
    """What is open goes on; what is opened gets another worker, and an idle one goes at once."""
    context = await echo(pool)
    idle = await echo(pool, "idle")
    await idle.close()
    (old,), (unused,) = pool.workers["app"], pool.workers["idle"]
    pool.retire("app")
    pool.retire("idle")
    pool.retire("never seen")
    other = await echo(pool)
    assert await answers(context)
    assert await answers(other)
    assert old in pool.workers["app"]
    assert len(pool.workers["app"]) == 2
    await context.close()
    await gone(old)
    await gone(unused)
    assert old not in pool.workers["app"]
    assert await answers(other)


async def gone(pid: int) -> None:
    """Wait until a process has ended."""
    for _ in range(500):
        if not runs(pid):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{pid} is still there")


def runs(pid: int) -> bool:
    """Whether a process is there."""
    return Path(f"/proc/{pid}").exists()
