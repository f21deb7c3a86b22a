"""The same cases in Node and in the sandbox, with the same state."""

import json
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from portico.definition.load import load
from portico.model.app import App
from portico.model.page import Page
from portico.sandbox.pool import Context, Pool
from portico.sandbox.turn import RunQuery
from portico.ui.widgets import CATALOGUE
from tests.differential.cases import Case

ROOT = Path(__file__).parents[2]
STATE: Mapping[str, Any] = json.loads((Path(__file__).parent / "state.json").read_text("utf-8"))
NOW = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=STATE["now"])
LIBRARIES = (
    ROOT / "src/portico/_assets/lodash.js",
    ROOT / "src/portico/_assets/moment.js",
    # With the data that it ships: those of the server are what is compared.
    ROOT / "build/test-assets/moment-timezone.js",
)

#: `<case> <zone> <locale>` → `{"value": …}` or `{"error": [name, message]}`.
Answers = dict[str, Any]

WIDGETS = """\
widgets:
  - {name: NameInput, type: Input, isRequired: true}
  - {name: AmountInput, type: Input}
  - {name: AgreeBox, type: Checkbox}
"""
ENV: Mapping[str, Any] = {
    "k": "env",
    "url": STATE["url"],
    "store": {"persistent": STATE["store"], "session": {}},
}


def in_node(cases: Sequence[Case]) -> Answers:
    """What Node answers. One process for all of them."""
    node = shutil.which("node")
    assert node is not None, "these tests need Node.js"
    question = {
        "state": STATE,
        "libraries": [file.read_text("utf-8") for file in LIBRARIES],
        "cases": [
            {"name": case.name, "code": case.code, "zones": case.zones, "locales": case.locales}
            for case in cases
        ],
    }
    done = subprocess.run(
        [node, str(Path(__file__).parent / "reference.cjs")],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=True,
    )
    found: Answers = json.loads(done.stdout)
    return found


async def in_sandbox(cases: Sequence[Case], folder: Path) -> Answers:
    """What the sandbox answers: a page for each file of cases, compiled as any app is, in workers."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.place.partition(":")[0]].append(case)
    app = _app(folder, {f"P{number}": group for number, group in enumerate(groups.values())})
    answers: Answers = {}
    async with Pool() as pool:
        for page, group in zip(app.pages.values(), groups.values(), strict=True):
            for zone, locale in sorted(
                {(z, tag) for case in group for z in case.zones for tag in case.locales}
            ):
                wanted = [case for case in group if zone in case.zones and locale in case.locales]
                found = await _asked(pool, page, wanted, zone, locale)
                answers |= {f"{name} {zone} {locale}": answer for name, answer in found.items()}
    return answers


def _app(folder: Path, pages: Mapping[str, Sequence[Case]]) -> App:
    files = {
        "app.yaml": "auth: none\n",
        "datasources/api.yaml": "url: https://api.example.com\n",
        **{f"queries/{name}.yaml": f"datasource: api\npath: /{name}\n" for name in STATE["queries"]},
    }
    for name, group in pages.items():
        members = "".join(f"  async {case.name}() {{ return (\n{case.code}\n) }},\n" for case in group)
        files[f"pages/{name}/page.yaml"] = WIDGETS
        files[f"pages/{name}/scripts/Cases.js"] = f"export default {{\n{members}}}\n"
    for path, text in files.items():
        file = folder / "cases" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    loaded = load(folder / "cases", types=CATALOGUE, settings={})
    assert [problem.as_text() for problem in loaded.problems] == []
    assert loaded.app is not None
    return loaded.app


async def _asked(pool: Pool, page: Page, cases: Sequence[Case], zone: str, locale: str) -> Answers:
    context = await _prepared(pool, page, zone, locale)
    answers: Answers = {}
    for case in cases:
        turn = await context.turn(
            [{"k": "call", "ev": case.name, "w": "Cases", "p": case.name, "args": []}], NOW
        )
        failed = [[error.name, error.message] for error in turn.errors if error.event == case.name]
        if failed:
            answers[case.name] = {"error": failed[0]}
    kept = await context.snapshot()
    assert kept["lost"] == []
    await context.close()
    for case in cases:
        if case.name not in answers:
            # A KeyError here: it never came to an end.
            answers[case.name] = {"value": kept["cells"]["Cases"][f"{case.name}.data"]}
    return answers


async def _prepared(pool: Pool, page: Page, zone: str, locale: str) -> Context:
    """A context in the state of `state.json`."""
    first = {**ENV, "zone": zone, "locale": locale}
    context, _ = await pool.open("differential", page.program, [first], NOW)
    values = STATE["widgets"]
    cells = [
        [
            path,
            CATALOGUE[page.widgets[path].type].value,
            values[path].get("text", values[path].get("isChecked")),
        ]
        for path in values
    ]
    asked = [{"k": "run", "ev": name, "q": name} for name in STATE["queries"]]
    turn = await context.turn([{"k": "set", "set": cells}, *asked], NOW)
    for effect in turn.effects:
        assert isinstance(effect, RunQuery)
        query = STATE["queries"][effect.query]
        answer = {"k": "result", "id": effect.id, "ok": True, "message": ""}
        await context.turn([{**answer, "value": query["data"], "meta": query["responseMeta"]}], NOW)
    return context
