"""Every format of Appsmith's gives the same app."""

import json
from pathlib import Path

import pytest
import yaml

from portico.definition.load import load
from portico.importers.appsmith.importing import REPORT, Imported
from portico.importers.appsmith.intake import NotImportable
from portico.ui.widgets import CATALOGUE
from tests.importers.appsmith.shop import (
    ORDERS,
    PAGES,
    SETTINGS,
    export,
    imported,
    lines,
    page,
    root,
    widget,
    write_export,
    write_git,
)


def app_files(found: Imported) -> dict[str, str]:
    """The files but the report, which says the format."""
    return {path: content for path, content in found.files.items() if path != REPORT}


@pytest.mark.parametrize("form", [1, 2, 3, 4])
def test_older_layouts_give_the_same(form: int, tmp_path: Path) -> None:
    """Files are the same, whether widgets and code lie in files of their own or not."""
    newest = imported(write_git(tmp_path / "new", 5))
    assert app_files(imported(write_git(tmp_path / "old", form))) == app_files(newest)
    assert newest.report.counts["widgets"] == 7


def test_an_export_gives_the_same(tmp_path: Path) -> None:
    """With its floats, and whatever the file is called."""
    newest = app_files(imported(write_git(tmp_path / "new", 5)))
    assert app_files(imported(write_export(tmp_path))) == newest
    write_export(tmp_path / "repository", "application.json")
    (tmp_path / "repository" / "metadata.json").write_text("{}")
    assert app_files(imported(tmp_path / "repository")) == newest


def test_the_app_loads(tmp_path: Path) -> None:
    """Without an error, as `portico check` reads it."""
    found = imported(write_git(tmp_path / "source"))
    for path, content in found.files.items():
        file = tmp_path / "shop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    loaded = load(tmp_path / "shop", types=CATALOGUE, settings={})
    assert [problem.as_text() for problem in loaded.problems if problem.severity == "error"] == []
    assert loaded.app is not None


def test_applications_are_found_in_repositories(tmp_path: Path) -> None:
    """In a sub-folder; of several one has to be named."""
    write_git(tmp_path / "repository" / "apps" / "shop")
    assert imported(tmp_path / "repository").report.counts["pages"] == 2
    write_git(tmp_path / "repository" / "apps" / "other")
    with pytest.raises(NotImportable, match=r"2 applications: apps/other, apps/shop\. Name one"):
        imported(tmp_path / "repository")


def test_what_is_not_known_is_refused(tmp_path: Path) -> None:
    """A newer layout, another kind of layout, nothing at all."""
    with pytest.raises(NotImportable, match="format 6"):
        imported(write_git(tmp_path / "six", 6))
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotImportable, match="no Appsmith application"):
        imported(tmp_path / "empty")
    with pytest.raises(NotImportable, match="no such file"):
        imported(tmp_path / "none")
    anvil = {"unpublishedApplicationDetail": {"appPositioning": {"type": "ANVIL"}}}
    with pytest.raises(NotImportable, match="Anvil"):
        imported(write_git(tmp_path / "anvil", settings=anvil))


def test_old_pages_are_asked_about(tmp_path: Path) -> None:
    """Before version 19 the grid had other columns."""
    source = write_git(tmp_path, pages=[page("Home", root(version=18))], actions=[], scripts=[], settings={})
    assert any("version 18" in line for line in lines(imported(source), "question"))


def test_deleted_and_published_pieces(tmp_path: Path) -> None:
    """The edited version counts, else the published one; what is deleted does not come over."""
    published = {
        "publishedPage": {"name": "Old", "layouts": [{"dsl": root(widget("A", "TEXT_WIDGET", text="x"))}]}
    }
    gone = {"unpublishedPage": {"name": "Gone", "deletedAt": "2024-01-01", "layouts": [{"dsl": ORDERS}]}}
    dead = {"unpublishedAction": {"name": "dead", "pageId": "Old", "deletedAt": "2024-01-01"}}
    source = write_export(tmp_path, pageList=[published, gone], actionList=[dead], actionCollectionList=[])
    found = imported(source)
    assert "pages/Old/page.yaml" in found.files
    assert not any("Gone" in path or "dead" in path for path in found.files)


@pytest.mark.parametrize(
    ("setting", "written"),
    [
        ({}, {"pages": ["My-Orders", "Login"]}),
        (
            {"showNavbar": True, "orientation": "side"},
            {"orientation": "side", "pages": ["My-Orders", "Login"]},
        ),
        ({"showNavbar": False, "orientation": "side"}, None),
    ],
)
def test_pages_are_linked_as_they_were(setting: object, written: object, tmp_path: Path) -> None:
    """The bar over them or at their side; hidden pages have no link."""
    secret = page("Secret", root(widget("A", "TEXT_WIDGET", text="x")))
    secret["unpublishedPage"]["isHidden"] = True
    settings = {**SETTINGS, "unpublishedApplicationDetail": {"navigationSetting": setting}}
    found = imported(write_git(tmp_path, pages=[*PAGES, secret], settings=settings))
    assert "pages/Secret/page.yaml" in found.files
    assert yaml.safe_load(found.files["app.yaml"]).get("navigation") == written


def test_load_is_told_by_what_was_recorded(tmp_path: Path) -> None:
    """Old versions recorded what runs at load in stages, and said so of single queries."""
    whole = export()
    orders = next(one for one in whole["pageList"] if one["unpublishedPage"]["name"] == "My Orders")
    orders["unpublishedPage"]["layouts"][0]["layoutOnLoadActions"] = [[{"name": "getMe"}]]
    for action in whole["actionList"]:
        action["unpublishedAction"].pop("runBehaviour")
    (tmp_path / "old.json").write_text(json.dumps(whole))
    found = imported(tmp_path / "old.json")
    assert "run: on_load" in found.files["pages/My-Orders/queries/getMe.yaml"]
    assert "run: manual" in found.files["pages/My-Orders/queries/getOrders.yaml"]
