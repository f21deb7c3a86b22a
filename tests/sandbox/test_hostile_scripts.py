"""Hostile scripts in a real worker: each ends, and nobody else notices (P45, 46, 47, 48, 50, 52)."""

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from portico.errors import ScriptFailed, WorkerLost
from portico.model.program import Program
from portico.sandbox.limits import Limits
from portico.sandbox.pool import Context, Pool
from portico.sandbox.turn import Turn
from tests.sandbox.attacks import ESCAPES, RESOURCES, TRAPS
from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import NOW

CANARY = "canary-7f3a91"

#: A turn that took so long, its worker killed included, was not contained.
DEADLINE = 10

LIMITS = Limits(cpu=timedelta(milliseconds=150), wall=timedelta(seconds=1.5), heap=32 << 20)

NEIGHBOUR = page(Widget("Go", on={"onClick": "{{ showAlert('here') }}"}))
CLICK = {"k": "event", "ev": "e1", "w": "Go", "p": "onClick"}


def hostile(code: str) -> Program:
    return page(
        Widget("Go", on={"onClick": code}),
        Widget("Name", "Input"),
        Widget("See", props={"p": "{{ S.x }}"}),
        queries=[Query("q", body="{{ this.params }}")],
        scripts={"S": "export default { x: 0 }"},
    )


async def attack(pool: Pool, program: Program) -> Turn | None:
    """Open the page and click. None: the context was ended."""
    try:
        context, _ = await pool.open("hostile", program, [], NOW)
        await context.turn([CLICK], NOW)
        return await context.turn([], NOW)
    except ScriptFailed:
        return None


async def answers(context: Context) -> bool:
    return len((await context.turn([CLICK], NOW)).effects) == 1


async def contained(program: Program) -> list[Turn]:
    """Attack beside a neighbour in the same worker and one of another app. Returns the turns."""
    turns: list[Turn] = []
    async with Pool(limits=LIMITS) as pool:
        sibling, _ = await pool.open("hostile", NEIGHBOUR, [], NOW)
        stranger, _ = await pool.open("other", NEIGHBOUR, [], NOW)
        async with asyncio.timeout(DEADLINE):
            attacking = asyncio.create_task(collect(pool, program, turns))
            assert await answers(stranger)
            await attacking
        assert await answers(stranger)
        try:
            assert await answers(sibling)
        except WorkerLost:
            again, _ = await pool.open("hostile", NEIGHBOUR, [], NOW)
            assert await answers(again)
    return turns


async def collect(pool: Pool, program: Program, turns: list[Turn]) -> None:
    try:
        context, turn = await pool.open("hostile", program, [], NOW)
        turns.append(turn)
        turns.append(await context.turn([CLICK], NOW))
        turns.append(await context.turn([], NOW))
        await context.snapshot()
    except ScriptFailed:
        return


@pytest.mark.parametrize("name", RESOURCES)
async def test_resources(name: str) -> None:
    """Time and memory run out for the script alone."""
    await contained(hostile(RESOURCES[name]))


@pytest.mark.parametrize("name", TRAPS)
async def test_traps(name: str) -> None:
    """No code of a script runs where no limit holds."""
    await contained(hostile(TRAPS[name]))


@pytest.mark.parametrize("name", ESCAPES)
async def test_escapes(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the host is found: no variable of its environment, no file, no polluted prototype."""
    monkeypatch.setenv("PORTICO_CANARY", CANARY)
    secret = tmp_path / "secret.js"
    secret.write_text(f"export default '{CANARY}'")
    code = f"const CANARY_FILE = {str(secret)!r};\n{ESCAPES[name]}"
    seen = repr(await contained(hostile(code)))
    assert CANARY not in seen
    assert "function" not in [line for line in seen.split() if "process" in line]
    assert "polluted: 1" not in seen
    assert "/site-packages/" not in seen


@pytest.mark.parametrize(
    "slot", ["binding", "text", "derived", "script", "request", "evaluation", "function"]
)
@pytest.mark.parametrize(
    "code", ["(() => { for (;;); })()", "(() => { throw { toString() { for (;;); } } })()"]
)
async def test_every_slot(slot: str, code: str) -> None:
    """Wherever an app can write JavaScript the same limits hold (P46)."""
    programs = {
        "binding": page(Widget("Go", props={"p": f"{{{{ {code} }}}}"}, on={"onClick": "0"})),
        "text": page(Widget("Go", props={"p": f"a {{{{ {code} }}}}"}, on={"onClick": "0"})),
        "derived": page(
            Widget("Go", on={"onClick": "0"}),
            Widget("N", "Input", props={"defaultText": f"{{{{ {code} }}}}"}),
        ),
        "script": page(Widget("Go", on={"onClick": "0"}), scripts={"S": f"export default {{ x: {code} }}"}),
        "request": page(
            Widget("Go", on={"onClick": "q.run()"}), queries=[Query("q", path=f"/{{{{ {code} }}}}")]
        ),
        "evaluation": page(Widget("Go", on={"onClick": "0"}), evaluations={"rule": ([], code)}),
        "function": page(
            Widget("Go", on={"onClick": "S.f()"}),
            scripts={"S": f"export default {{ f() {{ return {code} }} }}"},
        ),
    }
    await contained(programs[slot])
    if slot == "evaluation":
        async with Pool(limits=LIMITS) as pool:
            question = {"k": "evaluate", "ev": "x", "name": "rule", "values": {}}
            try:
                _, turn = await pool.open("hostile", programs[slot], [question], NOW)
                assert turn.results["rule"] is None
            except ScriptFailed:
                return


async def test_results_of_attacks_are_what_they_should_be() -> None:
    """The scripts do run: harmless ones give their ordinary answers."""
    turns = await contained(hostile(ESCAPES["function constructor"]))
    assert "globalThis" in turns[1].logs[0].text
    turns = await contained(hostile(ESCAPES["prototype by store"]))
    assert turns[1].logs[0].text == "undefined undefined"
    turns = await contained(hostile(TRAPS["toString of what is thrown"]))
    assert turns[1].errors[0].name == "Error"
    turns = await contained(hostile(TRAPS["zero bytes"]))
    assert "a\\x00b" in repr(turns[1].effects)
    turns = await contained(hostile(TRAPS["half characters"]))
    assert "?" in repr(turns[1].effects)


UNPROTECTED = """
import quickjs
context = quickjs.Context()
context.set_memory_limit(32 << 20)
context.set_time_limit(0.15)
try:
    context.eval(%r)
    while context.execute_pending_job():
        pass
except quickjs.JSException:
    pass
"""


@pytest.mark.parametrize(
    "code",
    [
        "throw { toString() { for (;;); } }",
        "Error.prototype.toString = () => { for (;;); }; for (;;);",
        "queueMicrotask(() => { throw { toString() { for (;;); } } })",
        "(async () => { for (;;) await null })()",
        "new Array(1e9) + ''",
    ],
)
def test_engine_alone_does_not_hold(code: str) -> None:
    """Positive control: without our rules the same scripts hang the engine's host."""
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", UNPROTECTED % code], timeout=1, check=False)
