"""Whatever an application holds: a clear error or a line of the report, and no file outside of the app."""

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from portico.definition.load import load
from portico.importers.appsmith import intake
from portico.importers.appsmith.intake import Intake, NotImportable, parsed
from portico.importers.appsmith.page_text import write
from portico.ui.widgets import CATALOGUE
from tests.importers.appsmith.shop import (
    CANARY,
    export,
    imported,
    page,
    rest,
    root,
    script,
    widget,
    write_export,
    write_git,
)


def test_large_files_are_refused(tmp_path: Path) -> None:
    """By their size, before they are read."""
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.write(b'{"exportedApplication": {}, "pageList": [')
        file.truncate(100 << 20)
    with pytest.raises(NotImportable, match="100 MiB"):
        imported(large)
    source = write_git(tmp_path / "git")
    with (source / "pages" / "Login" / "Login.json").open("r+b") as file:
        file.truncate(intake.FILE_LIMIT + 1)
    with pytest.raises(NotImportable, match=r"Login\.json has 32 MiB"):
        imported(source)


def test_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what they have together, and by their number."""
    source = write_git(tmp_path)
    monkeypatch.setattr(intake, "WHOLE_LIMIT", 2000)
    with pytest.raises(NotImportable, match="in all"):
        imported(source)
    monkeypatch.undo()
    monkeypatch.setattr(intake, "COUNT_LIMIT", 5)
    with pytest.raises(NotImportable, match="more than 5 files"):
        imported(source)


@pytest.mark.parametrize("depth", [200, 200_000])
def test_deep_json_is_refused(depth: int, tmp_path: Path) -> None:
    """Whether the parser or we notice."""
    with pytest.raises(NotImportable, match="nested"):
        parsed(b'{"a":' * depth + b"1" + b"}" * depth)
    file = tmp_path / "deep.json"
    file.write_bytes(b'{"exportedApplication": {}, "pageList": ' + b"[" * depth + b"]" * depth + b"}")
    with pytest.raises(NotImportable, match="nested"):
        imported(file)


def test_widgets_in_widgets_in_widgets(tmp_path: Path) -> None:
    """As deep as an application can be read, and its files still can be."""
    dsl = widget("Last", "TEXT_WIDGET", text="x")
    for at in range(28):
        dsl = widget(
            f"C{at}", "CONTAINER_WIDGET", children=[{**widget(f"V{at}", "CANVAS_WIDGET"), "children": [dsl]}]
        )
    found = imported(
        write_git(tmp_path / "source", 4, pages=[page("Home", root(dsl))], actions=[], scripts=[])
    )
    (tmp_path / "shop").mkdir()
    loaded = load(tmp_path / "shop", types=CATALOGUE, settings={}, planned=dict(found.files))
    assert [problem for problem in loaded.problems if problem.severity == "error"] == []


NAMES = [
    "../../outside", "..", "/etc/passwd", "a/b", "a\\b", "a\x00b", ".hidden", "con", "x" * 300, "", " ", "-",
    "a.b", "ä", "🦊", "constructor", "__proto__", "a\nb", "${HOME}", "{{ 1 }}", "'; drop", "# x", "name: x",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_lead_nowhere(name: str, tmp_path: Path) -> None:
    """Of pages, datasources, queries, scripts and widgets: each file lies in the app, and the app loads."""
    source = write_export(
        tmp_path,
        datasourceList=[{"name": name, "pluginId": "restapi-plugin"}],
        pageList=[
            page(name or "x", root(widget(name, "TEXT_WIDGET", text="{{1}}"), widget(name, "BUTTON_WIDGET")))
        ],
        actionList=[rest(name or "x", name, datasource={"name": name, "id": name})],
        actionCollectionList=[script(name or "x", name, "export default {}")],
    )
    found = imported(source)
    for path in found.files:
        assert not path.startswith("/")
        assert ".." not in path.split("/")
        assert path.isascii()
        assert path.isprintable()
    (tmp_path / "shop").mkdir()
    loaded = load(tmp_path / "shop", types=CATALOGUE, settings={}, planned=dict(found.files))
    assert [problem.as_text() for problem in loaded.problems if problem.severity == "error"] == []


def test_links_that_lead_out_are_not_followed(tmp_path: Path) -> None:
    """Neither of files nor of folders; it is told."""
    outside = tmp_path / "outside"
    write_git(outside)
    (outside / "secret.txt").write_text(f"export default {{ leak: '{CANARY}' }}")
    source = write_git(tmp_path / "source")
    folder = source / "pages" / "My Orders" / "jsobjects" / "Session"
    (folder / "Session.js").unlink()
    (folder / "Session.js").symlink_to(outside / "secret.txt")
    (source / "pages" / "Linked").symlink_to(outside / "pages" / "Login")
    found = imported(source)
    assert not any(CANARY in content for content in found.files.values())
    assert "pages/Linked/page.yaml" not in found.files
    assert any("leads out" in line.message for line in found.report.lines())


def test_links_inside_are_followed(tmp_path: Path) -> None:
    """The control of the test above: it is not links as such that are left out."""
    source = write_git(tmp_path / "source")
    folder = source / "pages" / "My Orders" / "jsobjects" / "Session"
    (folder / "Session.js").rename(source / "elsewhere.js")
    (folder / "Session.js").symlink_to(source / "elsewhere.js")
    assert "removeValue" in Intake(source).text("pages/My Orders/jsobjects/Session/Session.js")
    assert "removeValue" in imported(source).files["pages/My-Orders/scripts/Session.js"]


ODD: list[Any] = [
    None, True, 0, -1, 1e308, "", "x", "{{", "{{ }}", "{{1}}", [], [1], {}, {"a": 1}, [[]], [{}], "\ud800",
    "../x", "a" * 5000, [None, "{{a}}"], {"": ""}, {"key": "{{"}, float("nan"),
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to everything in JSON."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


@pytest.mark.parametrize("seed", range(24))
def test_wrong_types_anywhere(seed: int, tmp_path: Path) -> None:
    """An application in which anything is anything: an app that loads, or an error of ours."""
    chance = random.Random(seed)
    whole = export()
    for _ in range(6):
        changed = copy.deepcopy(whole)
        ways = [way for way in places(changed) if way]
        for way in chance.sample(ways, 12):
            target: Any = changed
            try:
                for key in way[:-1]:
                    target = target[key]
                target[way[-1]] = copy.deepcopy(chance.choice(ODD))
            except (KeyError, IndexError, TypeError):
                continue
        file = tmp_path / "odd.json"
        file.write_text(json.dumps(changed))
        try:
            found = imported(file)
        except NotImportable:
            continue
        (tmp_path / "shop").mkdir(exist_ok=True)
        loaded = load(tmp_path / "shop", types=CATALOGUE, settings={}, planned=dict(found.files))
        assert [one.as_text() for one in loaded.problems if one.severity == "error"] == []


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"exportedApplication": 1}', b"9" * 5000]
)
def test_files_that_are_none(content: bytes, tmp_path: Path) -> None:
    """Each gets an error that says so."""
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(NotImportable):
        imported(tmp_path / "x.json")


def test_halves_of_characters() -> None:
    """What no file could hold becomes a replacement; pairs stay."""
    assert parsed(rb'["\ud83e\udd8a", "\ud800", "\udc00x", "a\ud800\u0041"]') == [
        "🦊",
        "\ufffd",
        "\ufffdx",
        "a\ufffdA",
    ]


def test_any_text_comes_back_from_yaml() -> None:
    """What is written is what is read, whatever signs are in it."""
    chance = random.Random(7)
    signs = list("ab {}:#'\"\n\t-|>&*!%@`,[]\\é\u2028\x85\x07🦊0")

    def some(depth: int = 0) -> Any:
        kind = chance.random()
        if kind < 0.6 or depth > 2:
            return "".join(chance.choice(signs) for _ in range(chance.randint(0, 12)))
        if kind < 0.7:
            return chance.choice([1, 2.5, True, None, -3, 1e20])
        if kind < 0.85:
            return [some(depth + 1) for _ in range(chance.randint(0, 3))]
        return {f"k{at}": some(depth + 1) for at in range(chance.randint(0, 3))}

    for _ in range(3000):
        data = {"a": some(), "b": [some(), {"c": some()}]}
        assert yaml.safe_load(write(data).text) == data
