"""What runs when a page opens: stage by stage, as far as a request may (hard-cases 12)."""

import asyncio
from collections.abc import Awaitable, Callable

from portico.model.page import Page
from portico.runtime.ledger import SHOWN
from portico.runtime.run import Run
from portico.runtime.visit import Visit


def may_run(page: Page, step: str, *, write: bool, browser: bool) -> bool:
    """Whether a step may run for a request that may `write`, with a `browser` at hand that carries
    out what scripts ask of it. A query that only reads always may."""
    return page.reads(step) or (write and (browser or not page.waits_for_browser))


def whole(visit: Visit) -> list[list[str]]:
    """The load of a page that begins anew. Where it wrote to another server before, in a process that is not
    at hand, what may write does not run again (hard-cases 5)."""
    wrote = SHOWN in visit.ledger.begun
    stages = ([step for step in stage if not wrote or visit.page.reads(step)] for stage in visit.page.load)
    return [stage for stage in stages if stage]


async def load(
    visit: Visit,
    run: Run,
    *,
    may: Callable[[str], bool],
    perform: Callable[[], Awaitable[bool]],
    patience: float,
) -> bool:
    """Run what is left of a page's load, as a part of `run`. Returns whether it ended in `patience`
    seconds; what did not is then `visit.loading`.

    A stage begins when the one before is quiet, and none does behind a step that may not run now.
    `perform` carries out the commands so far, and says whether the page goes on.
    """
    end = asyncio.get_running_loop().time() + patience
    visit.loading = None
    while await _quiet(run, perform, end):
        if run.asks or not visit.unloaded:
            return True
        stage = visit.unloaded[0]
        allowed = [step for step in stage if may(step)]
        visit.unloaded[0] = [step for step in stage if step not in allowed]
        if not allowed:
            return True
        if not visit.unloaded[0]:
            del visit.unloaded[0]
        await visit.turn([_start(visit.page, run, step) for step in allowed], run)
    if run.quiet:
        return True
    visit.loading = run
    return False


async def _quiet(run: Run, perform: Callable[[], Awaitable[bool]], end: float) -> bool:
    """Wait until the run is quiet. False: it took too long, or the page does not go on."""
    loop = asyncio.get_running_loop()
    while await perform():
        if run.quiet:
            return True
        if (left := end - loop.time()) <= 0:
            return False
        await run.news(left)
    return False


def _start(page: Page, run: Run, step: str) -> dict[str, object]:
    if step in page.queries:
        return {"k": "run", "ev": run.ev, "q": step, "load": True}
    script, _, function = step.rpartition(".")
    return {"k": "call", "ev": run.ev, "w": script, "p": function, "args": [], "load": True}
