"""The order of what runs when a page opens (row S3-12)."""

from pathlib import Path

import pytest

from portico.model.page import Page
from tests.definition.apps import PLAIN, app, brief, loaded

QUERY = "pages/Home/queries/getUser.yaml"


def page(folder: Path, script: str, settings: str, **queries: str) -> Page:
    """The page Home with a script and queries of its own."""
    files = {
        **PLAIN,
        QUERY: "datasource: api\npath: /user\nrun: manual\n",
        "pages/Home/scripts/Tools.js": f"export default {{ {script} }}\n",
        "pages/Home/scripts/Tools.yaml": settings,
    }
    files |= {
        f"pages/Home/queries/{name}.yaml": f"datasource: api\npath: /{name}\nrun: on_load\n{text}"
        for name, text in queries.items()
    }
    return app(folder, files).pages["Home"]


READY = "functions: {ready: {run: on_load}}\n"
BOTH = "functions: {ready: {run: on_load}, after: {run: on_load}}\n"


@pytest.mark.parametrize(
    ("script", "settings", "queries", "stages"),
    [
        ("ready() { return 1 }", READY, {"first": ""}, (("Tools.ready",), ("first",))),
        ("ready() { return first.data }", READY, {"first": ""}, (("first",), ("Tools.ready",))),
        # What it runs itself it does not wait for.
        (
            "async ready() { await first.run(); return first.data }",
            READY,
            {"first": ""},
            (("Tools.ready",), ("first",)),
        ),
        (
            "ready() { return this.help() }, help() { return first.data }",
            READY,
            {"first": ""},
            (("first",), ("Tools.ready",)),
        ),
        (
            "ready() { return 1 }, after() { return first.data }",
            BOTH,
            {"first": "", "second": ""},
            (("Tools.ready",), ("first",), ("Tools.after",), ("second",)),
        ),
        (
            "ready() { return 1 }",
            READY,
            {"second": 'params: {id: "{{ first.data.id }}"}', "first": ""},
            (("Tools.ready",), ("first",), ("second",)),
        ),
        (
            "ready() { return 1 }",
            "functions: {ready: {run: manual}}\n",
            {"a": 'params: {x: "{{ b.data }}"}', "b": 'params: {x: "{{ a.data }}"}', "c": ""},
            (("c",), ("a", "b")),
        ),
        (
            "ready() { return 1 }, after() { return 2 }",
            BOTH,
            {"a": 'params: {x: "{{ Tools.ready.data }}"}'},
            (("Tools.ready", "Tools.after"), ("a",)),
        ),
    ],
)  # fmt: skip
def test_stages(
    script: str,
    settings: str,
    queries: dict[str, str],
    stages: tuple[tuple[str, ...], ...],
    tmp_path: Path,
) -> None:
    """Functions get ready what queries need; who reads the data of another comes after it."""
    assert page(tmp_path, script, settings, **queries).load == stages


@pytest.mark.parametrize(
    ("script", "waits"),
    [
        ("ready() { return 1 }", False),
        ("ready() { setInterval(() => 1, 1000) }", True),
        ("ready() { this.later() }, later() { setTimeout(() => 1, 1) }", True),
        ("ready() { return appsmith.URL.queryParams.a }", False),
        ("ready() { return appsmith.URL.hash }", True),
        ("ready() { return portico.URL.fullPath }", True),
        ("ready() { const { URL } = appsmith; return URL }", True),
        ("ready() { return copyToClipboard('x') }", True),
        ("ready() { return ask.run() }", True),
        ("ready() { return getUser.run() }", False),
    ],
)
def test_what_needs_a_browser_waits_for_it(script: str, waits: bool, tmp_path: Path) -> None:
    """Timers, the fragment, questions: a GET cannot have them, the `load` event can."""
    files = {
        **PLAIN,
        QUERY: "datasource: api\npath: /user\nrun: manual\n",
        "pages/Home/queries/ask.yaml": "datasource: api\npath: /ask\nrun: manual\nconfirm: true\n",
        "pages/Home/scripts/Tools.js": f"export default {{ {script} }}\n",
        "pages/Home/scripts/Tools.yaml": READY,
    }
    assert app(tmp_path, files).pages["Home"].waits_for_browser is waits


def test_a_function_that_asks_needs_a_browser(tmp_path: Path) -> None:
    """Its own question, or that of a function it calls."""
    settings = "functions: {ready: {run: on_load}, wipe: {confirm: 'Really?'}}\n"
    script = "ready() { return this.wipe() }, wipe() { return 1 }"
    assert page(tmp_path, script, settings).waits_for_browser
    own = "functions: {ready: {run: on_load, confirm: true}}\n"
    assert page(tmp_path, "ready() { return 1 }", own).waits_for_browser


def test_a_page_with_a_load_is_not_cached(tmp_path: Path) -> None:
    """It may differ from visitor to visitor."""
    assert not page(tmp_path, "ready() { return 1 }", READY).cacheable
    assert page(tmp_path, "ready() { return 1 }", "functions: {}\n").cacheable


@pytest.mark.parametrize(
    ("settings", "problems"),
    [
        ("functions: {gone: {run: on_load}}\n", ["pages/Home/scripts/Tools.yaml:1:13 E408"]),
        ("functions: {ready: {run: automatic}}\n", ["pages/Home/scripts/Tools.yaml:1:26 E204"]),
        ("functions: {ready: {runs: on_load}}\n", ["pages/Home/scripts/Tools.yaml:1:21 E201"]),
        ("functions: [ready]\n", ["pages/Home/scripts/Tools.yaml:1:12 E202"]),
        ("functions: {ready: on_load}\n", ["pages/Home/scripts/Tools.yaml:1:20 E202"]),
        ("ready: {run: on_load}\n", ["pages/Home/scripts/Tools.yaml:1:1 E201"]),
    ],
)
def test_settings_that_do_not_fit(settings: str, problems: list[str], tmp_path: Path) -> None:
    """Each at its place."""
    files = {
        **PLAIN,
        "pages/Home/scripts/Tools.js": "export default { ready() { return 1 } }\n",
        "pages/Home/scripts/Tools.yaml": settings,
    }
    assert brief(loaded(tmp_path, files).problems) == problems


def test_settings_without_a_script_are_read_by_nothing(tmp_path: Path) -> None:
    """A file beside no script is a mistake in its name."""
    files = {**PLAIN, "pages/Home/scripts/Tols.yaml": "functions: {}\n"}
    assert brief(loaded(tmp_path, files).problems) == ["pages/Home/scripts/Tols.yaml:1:1 W101"]
