"""Emitted programs, taken apart the way the sandbox does."""

import json
import shutil
import subprocess
from typing import Any

import quickjs  # type: ignore[import-untyped]

from portico.model.app import App
from portico.model.program import Program


def programs(app: App) -> list[Program]:
    """Every program of an app."""
    found = [page.program for page in app.pages.values()]
    return found + [program for program in (app.contract_program, app.guard_program) if program is not None]


def definition(program: Program) -> dict[str, Any]:
    """The definition, as the engine reads it."""
    context = quickjs.Context()
    context.eval("globalThis.__page = (definition) => { globalThis.kept = JSON.stringify(definition) }")
    context.eval(program.source)
    found = json.loads(context.eval("kept"))
    assert isinstance(found, dict)
    return found


def chunk(program: Program, index: int, names: dict[str, Any], this: Any = None) -> Any:
    """What a chunk gives for plain values of the names it takes; promises are waited for."""
    context = quickjs.Context()
    context.set("given", json.dumps(names))
    context.set("self", json.dumps(this))
    context.set("at", index)
    context.eval("globalThis.__page = (definition, chunks) => { globalThis.kept = [definition, chunks] }")
    context.eval(program.source)
    context.eval(
        """
        globalThis.result = undefined;
        const values = JSON.parse(given);
        const thunk = kept[1][at](...kept[0].chunks[at].map((name) => values[name]));
        Promise.resolve(thunk.call(JSON.parse(self))).then((value) => { result = JSON.stringify(value) });
        """
    )
    while context.execute_pending_job():
        pass
    found = context.eval("result")
    return None if found is None else json.loads(found)


def check_with_node(program: Program) -> None:
    """A second engine must take it for a script."""
    node = shutil.which("node")
    assert node is not None, "these tests need Node.js"
    done = subprocess.run(
        [node, "--check", "-"], input=program.source, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
