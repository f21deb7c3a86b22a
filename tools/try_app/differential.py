"""Every binding of a page, evaluated by Portico and by Node, over the same state.

Portico evaluates them in a script object of the page's own scope, which also tells the state: all members of
all entities. Node gets that state as plain data, the page's script objects as code, and the same snippets.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import portico
from portico.clock import Clock
from portico.definition import scripts
from portico.definition.diagnostics import Problems
from portico.definition.text import whole
from portico.model.app import App
from portico.model.page import Page
from portico.runtime.environment import ANONYMOUS, theme_of
from portico.runtime.rules import auth_of
from portico.sandbox.limits import Limits
from portico.sandbox.pool import Pool
from tools.try_app.bindings import GIVEN, Binding, of_page, script_objects
from tools.try_app.folder import AppFolder, as_yaml

HERE = Path(__file__).parent
#: What scripts can name, as the build took it from npm.
ASSETS = Path(portico.__file__).parent / "_assets"
LIBRARIES = ("lodash", "moment", "moment-timezone")
#: What is added to a page: a script object, and widgets whose texts are what it tells.
PROBE = "PorticoTrial"
#: As many snippets are told in one text.
BATCH = 200
LIMITS = Limits(cpu=timedelta(seconds=60), wall=timedelta(seconds=120))


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A binding of which the two make different things."""

    where: str
    code: str
    portico: str
    node: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What came of a page: how many bindings are alike, how many fail in both, how many are no JavaScript,
    and which are different."""

    alike: int
    failing: int
    broken: int
    different: tuple[Difference, ...]

    def __add__(self, other: "Compared") -> "Compared":
        return Compared(
            alike=self.alike + other.alike,
            failing=self.failing + other.failing,
            broken=self.broken + other.broken,
            different=self.different + other.different,
        )


NOTHING = Compared(alike=0, failing=0, broken=0, different=())


async def compare(folder: AppFolder, pool: Pool, app: App, name: str, files: dict[str, str]) -> Compared:
    """The bindings of a page that opens. `files` are those that make the app one without a sign-in."""
    data = json.loads(files[f"pages/{name}/page.yaml"])
    found = of_page(folder, name, data)
    entities = _entities(folder, app.pages[name])
    batches = [found.bindings[at : at + BATCH] for at in range(0, len(found.bindings), BATCH)]
    widgets = [
        {"name": f"{PROBE}{at}", "type": "Text", "text": f"{{{{ {PROBE}.batch{at}() }}}}"}
        for at in range(len(batches))
    ]
    state = {"name": f"{PROBE}State", "type": "Text", "text": f"{{{{ {PROBE}.state() }}}}"}
    page = {**data, "widgets": [*data.get("widgets", []), *widgets, state]}
    planned = {
        **files,
        f"pages/{name}/page.yaml": as_yaml(page),
        f"pages/{name}/scripts/{PROBE}.js": _probe(entities, batches),
    }
    loaded = folder.load(planned)
    if loaded.app is None:
        raise AssertionError("\n".join(problem.as_text() for problem in loaded.problems))
    told = await _told(pool, loaded.app, name)
    given = [text for at in range(len(batches)) for text in json.loads(str(told[f"{PROBE}{at}"]["text"]))]
    there = _node(folder, name, found.bindings, json.loads(str(told[f"{PROBE}State"]["text"])))
    pairs = list(zip(found.bindings, given, there, strict=True))
    error = json.dumps({"$": "error"}, separators=(",", ":"))
    return Compared(
        alike=sum(ours == theirs != error for _, ours, theirs in pairs),
        failing=sum(ours == theirs == error for _, ours, theirs in pairs),
        broken=found.broken,
        different=tuple(
            Difference(where=binding.where, code=binding.code.strip(), portico=ours, node=theirs)
            for binding, ours, theirs in pairs
            if ours != theirs
        ),
    )


def _entities(folder: AppFolder, page: Page) -> list[str]:
    """Names that snippets of the page see, of what it is made of."""
    widgets = [path for path in page.widgets if "[" not in path and "." not in path]
    queries = [path for path in page.queries if "." not in path]
    return [*widgets, *queries, *(name for name, _ in script_objects(folder, page.name))]


def _probe(entities: list[str], batches: list[list[Binding]]) -> str:
    parts = ["export default {", (HERE / "told.js").read_text()]
    listed = ", ".join([*entities, "appsmith", "auth"])
    parts.append(f"  state() {{ return this.told({{ now: Date.now(), entities: {{ {listed} }} }}); }},")
    for at, batch in enumerate(batches):
        parts.append(f"  batch{at}() {{ return JSON.stringify([")
        parts += [f"    this.tried(() => {_called(binding)})," for binding in batch]
        parts.append("  ]); },")
    return "\n".join([*parts, "};"])


def _called(binding: Binding) -> str:
    """The snippet as the code of a row and of a query, which have names of their own and `this.params`."""
    row = json.dumps(binding.sample)
    return (
        f"(function ({', '.join(GIVEN)}) {{ return (\n{binding.code}\n); }})"
        f".call({{ params: {{}} }}, {row}, 0, {{}}, {row}, {row})"
    )


async def _told(pool: Pool, app: App, name: str) -> dict[str, Any]:
    """What the page's properties are when it opens, by widget."""
    page = app.pages[name]
    address = {
        "fullPath": f"http://localhost/{app.slug}/{name}",
        "host": "localhost",
        "hostname": "localhost",
        "pathname": f"/{app.slug}/{name}",
        "port": "",
        "protocol": "http:",
        "queryParams": {},
        "hash": "",
    }
    environment = {
        "k": "env",
        "locale": "en-US",
        "zone": "UTC",
        "url": address,
        "page": name,
        "store": {"persistent": {}, "session": {}},
        "user": ANONYMOUS,
        "auth": {**auth_of(None), "token": None, "refreshToken": None, "expiresAt": None, "cookies": {}},
        "mode": "VIEW",
        "theme": theme_of(app.theme),
    }
    context, turn = await pool.open(app.key, page.program, [environment], Clock().now(), cpu=LIMITS.cpu)
    await context.close()
    return {path: dict(changes) for path, changes in turn.patch.items()}


def _node(folder: AppFolder, name: str, bindings: list[Binding], state: dict[str, Any]) -> list[str]:
    """What Node makes of the same snippets."""
    code = {}
    for called, file in script_objects(folder, name):
        draft = scripts.read(called, whole(file.name, file.read_text()), Problems())
        if draft is not None:
            code[called] = draft.program
    asked = {
        "state": state,
        "scripts": code,
        "snippets": [_called(binding) for binding in bindings],
        "told": (HERE / "told.js").read_text(),
        "libraries": [str(ASSETS / f"{library}.js") for library in LIBRARIES],
    }
    node = shutil.which("node")
    if node is None:
        raise AssertionError("Node.js is not on PATH")
    answer = subprocess.run(  # noqa: S603 (the app's code runs as it would in a browser of its builder)
        [node, str(HERE / "evaluate.mjs")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "TZ": "UTC"},
        check=False,
    )
    if answer.returncode != 0:
        raise AssertionError(answer.stderr)
    found: list[str] = json.loads(answer.stdout)
    return found
