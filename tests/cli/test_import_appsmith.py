"""`portico import appsmith`, as users call it."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_import import portico
from tests.importers.appsmith.shop import CANARY, ORDERS, page, root, widget, write_export, write_git


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_an_app_is_made(tmp_path: Path) -> None:
    """It loads, its report is told, and again it is the same, byte for byte."""
    write_git(tmp_path / "source")
    done = portico("import", "appsmith", "source", "shop", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    # With or without a placeholder for the one that there is not.
    assert re.search(r"2 pages, [78] widgets, 3 queries, 1 script, 2 datasources\.", done.stdout)
    assert "My Orders › Mystery: there is no widget for MAP_WIDGET" in done.stdout
    checked = portico("check", "shop", "--format", "json", cwd=tmp_path)
    assert [one for one in json.loads(checked.stdout) if one["severity"] == "error"] == []
    assert portico("import", "appsmith", "source", "shop2/shop", cwd=tmp_path).returncode == 0
    assert tree(tmp_path / "shop") == tree(tmp_path / "shop2" / "shop")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shop", "shop2", "source"]


def test_a_change_upstream_is_a_small_change(tmp_path: Path) -> None:
    """Another text is another line of one page, and of the report."""
    write_git(tmp_path / "source")
    changed = json.loads(json.dumps(ORDERS))
    changed["children"][0]["text"] = "All orders of {{getMe.data.username}}"
    write_git(tmp_path / "later", pages=[page("My Orders", changed)])
    for name in ("source", "later"):
        if name == "later":
            for file in (tmp_path / "source" / "pages" / "Login").rglob("*.json"):
                copy = tmp_path / "later" / file.relative_to(tmp_path / "source")
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(file.read_bytes())
        assert portico("import", "appsmith", name, f"{name}-app/shop", cwd=tmp_path).returncode == 0
    before, after = tree(tmp_path / "source-app" / "shop"), tree(tmp_path / "later-app" / "shop")
    differ = [path for path in before if before[path] != after.get(path) and path != "import-report.html"]
    assert before.keys() == after.keys()
    assert differ == ["pages/My-Orders/page.yaml"]
    lines = zip(before[differ[0]].splitlines(), after[differ[0]].splitlines(), strict=True)
    assert [new for old, new in lines if old != new] == [b'    text: "All orders of {{getMe.data.username}}"']


def test_the_report_for_programs(tmp_path: Path) -> None:
    """Places, counts and reasons as JSON."""
    write_export(tmp_path)
    done = portico("import", "appsmith", "export.json", "shop", "--format", "json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert found["format"] == "export"
    assert found["counts"]["widgets"] in (7, 8)
    (told,) = [line for line in found["lines"] if line["name"] == "Mystery"]
    assert (told["kind"], told["page"], told["property"]) == ("left-out", "My Orders", "")
    assert told["message"].startswith("there is no widget for MAP_WIDGET")
    assert {"appsmith": "TABLE_WIDGET_V2", "portico": "Table", "count": 1} in found["widgets"]


def test_the_report_as_a_page(tmp_path: Path) -> None:
    """It runs nothing and fetches nothing, also with what an application put into it."""
    evil = '<script>alert(1)</script><img src=x onerror="x">'
    dsl = root(widget("A", "MAP_WIDGET"), widget(evil, "TEXT_WIDGET", onX=f"{{{{'{evil}'}}}}"))
    write_git(tmp_path / "source", pages=[page("Home", dsl)], actions=[], scripts=[])
    assert portico("import", "appsmith", "source", "shop", cwd=tmp_path).returncode == 0
    html = (tmp_path / "shop" / "import-report.html").read_text()
    assert "<script" not in html
    assert "<img" not in html
    assert not re.search(r"\sstyle=|\son[a-z]+=\"", html.replace(evil, ""))
    assert "&lt;script&gt;" in html
    assert "MAP_WIDGET" in html


def test_what_is_there_is_not_replaced(tmp_path: Path) -> None:
    """Without --force nothing is touched; with it, datasources and files of others stay."""
    write_git(tmp_path / "source")
    assert portico("import", "appsmith", "source", "shop", cwd=tmp_path).returncode == 0
    datasource = tmp_path / "shop" / "datasources" / "Shop-API.yaml"
    datasource.write_text("url: https://api.example.com\n")
    (tmp_path / "shop" / "pages" / "Login" / "page.yaml").write_text("title: Mine\n")
    (tmp_path / "shop" / "tests").mkdir()
    (tmp_path / "shop" / "tests" / "mine.yaml").write_text("journeys: {}\n")
    (tmp_path / "shop" / "pages" / "Mine").mkdir()
    (tmp_path / "shop" / "pages" / "Mine" / "page.yaml").write_text("title: Mine\n")
    before = tree(tmp_path / "shop")
    refused = portico("import", "appsmith", "source", "shop", cwd=tmp_path)
    assert refused.returncode == 1
    assert "There already: shop" in refused.stderr
    assert tree(tmp_path / "shop") == before
    done = portico("import", "appsmith", "source", "shop", "--force", cwd=tmp_path)
    assert done.returncode == 0
    assert datasource.read_text() == "url: https://api.example.com\n"
    assert "datasources/Shop-API.yaml: it was there, and stays as it is" in done.stdout
    assert "pages/Mine: it is not in the application any more" in done.stdout
    assert "LoginForm" in (tmp_path / "shop" / "pages" / "Login" / "page.yaml").read_text()
    assert (tmp_path / "shop" / "tests" / "mine.yaml").exists()


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    """A link in the app that is to be replaced is no way out of it."""
    write_git(tmp_path / "source")
    assert portico("import", "appsmith", "source", "shop", cwd=tmp_path).returncode == 0
    outside = tmp_path / "outside"
    (tmp_path / "shop" / "pages" / "Login").rename(outside)
    (tmp_path / "shop" / "pages" / "Login").symlink_to(outside)
    before = tree(outside)
    done = portico("import", "appsmith", "source", "shop", "--force", cwd=tmp_path)
    assert done.returncode == 1
    assert "leads out of shop" in done.stderr
    assert tree(outside) == before


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("nothing", "shop", "there is no such file or folder"),
        ("broken.json", "shop", "broken.json: This is not JSON: line 1, column 2."),
        ("source", "My App", "lower-case letters, digits and hyphens"),
        ("source", "taken", "There already: taken"),
        ("empty", "shop", "holds no Appsmith application"),
    ],
)
def test_errors_are_one_line(source: str, target: str, said: str, tmp_path: Path) -> None:
    """No traceback, no half of an app."""
    write_git(tmp_path / "source")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "empty").mkdir()
    (tmp_path / "taken").write_text("a file")
    done = portico("import", "appsmith", source, target, cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "shop").exists()
    assert not any(path.name.startswith(".") for path in tmp_path.iterdir())


def test_secrets_go_where_they_are_told_to(tmp_path: Path) -> None:
    """Into the file of secrets with --write-secrets, nowhere without it."""
    write_git(tmp_path / "source")
    assert portico("import", "appsmith", "source", "shop", cwd=tmp_path).returncode == 0
    assert not (tmp_path / "secrets.toml").exists()
    done = portico("import", "appsmith", "source", "other/shop", "--write-secrets", cwd=tmp_path)
    assert done.returncode == 0
    assert CANARY not in done.stdout
    file = tmp_path / "secrets.toml"
    assert f'= "{CANARY}"' in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert not any(CANARY.encode() in content for content in tree(tmp_path / "other").values())
