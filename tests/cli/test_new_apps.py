"""`portico new`: what it makes is an app, and it makes all of it or nothing."""

import os
import re
from pathlib import Path

import pytest

from portico.cli import new, new_auth
from portico.cli.console import Stop
from portico.cli.loading import read
from portico.definition import preset
from portico.definition.secrets import Secrets
from portico.testing.dialect_file import SHIPPED
from tests.cli.test_commands import portico

TEMPLATES = sorted(path.name for path in new.TEMPLATES.iterdir())
PRESETS = list(new_auth.STARTS)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_an_app_without_a_fault(template: str) -> None:
    """As it lies in the package; every file that its README names is there, and none is left out."""
    folder = new.TEMPLATES / template
    loaded = read(folder, Secrets.read(None, {}))
    assert loaded.problems == ()
    assert loaded.app is not None
    told = set(re.findall(r"\| `([^`]+)` \|", (folder / "README.md").read_text()))
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert told == files - {"README.md", "logo.svg"}


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("hr-portal", "Hr Portal"),
        ("x", "X"),
        ("true", "True"),
        ("a" * 64, "A" + "a" * 63),
        ("my-app", "My App"),
    ],
)
def test_what_is_made_is_sound_and_has_its_name(name: str, title: str, template: str, tmp_path: Path) -> None:
    """No warning, nothing of the template's own name, the same files, readable as others are."""
    files = new.create(name, tmp_path, template)
    loaded = read(tmp_path / name, Secrets.read(None, {}))
    assert loaded.problems == ()
    assert loaded.app is not None
    assert (loaded.app.slug, loaded.app.name) == (name, title)
    source = new.TEMPLATES / template
    assert {path.relative_to(tmp_path / name) for path in files} == {
        path.relative_to(source) for path in source.rglob("*") if path.is_file()
    }
    if name != new.DRAFT_SLUG:
        assert not any(re.search("my-app|My app", path.read_text()) for path in files)
    plain = tmp_path / "plain"
    plain.mkdir()
    assert (tmp_path / name).stat().st_mode == plain.stat().st_mode
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "plain"])


@pytest.mark.parametrize("name", PRESETS)
def test_an_app_for_a_preset_is_sound(name: str, tmp_path: Path) -> None:
    """No warning, nothing left to fill in, and its README names its files and the preset's queries."""
    files = new.create("hr-portal", tmp_path, new.DEFAULT, name)
    folder = tmp_path / "hr-portal"
    loaded = read(folder, Secrets.read(None, {}))
    assert loaded.problems == ()
    assert loaded.app is not None
    assert loaded.app.name == "Hr Portal"
    assert not any(re.search(r"@[A-Z_]+@|my-app|My app", path.read_text()) for path in files)
    readme = (folder / "README.md").read_text()
    told = set(re.findall(r"^\| `([^`]+)` \|", readme, re.MULTILINE))
    assert told == {str(path.relative_to(folder)) for path in files} - {"README.md", "logo.svg"}
    if name == preset.OIDC:
        assert loaded.app.queries == {}
        assert "127.0.0.1:8000/hr-portal/_auth/callback" in readme
        return
    (sentence,) = re.findall(r"brings the datasource `auth_api` and the queries ([^.]+)\.", readme)
    assert set(re.findall(r"`(\w+)`", sentence)) == set(loaded.app.queries)
    assert ("SignUp" in loaded.app.pages) is ("sign_up" in loaded.app.queries)


def test_the_presets_that_apps_can_begin_with() -> None:
    """All that there are."""
    assert set(PRESETS) == set(preset.NAMES)
    assert len(PRESETS) == 9


def test_it_says_how_to_try_a_preset(tmp_path: Path) -> None:
    """With the embedded auth server where that speaks like the API."""
    commands = {name: new_auth.command(name, "shop") for name in PRESETS}
    embedded = {name for name, command in commands.items() if command == "portico dev shop --auth-server"}
    assert embedded == {*SHIPPED, "supabase", "strapi", "oidc"}
    answer = portico("new", "hr-portal", "--auth", "pocketbase", cwd=tmp_path)
    assert answer.returncode == 0
    assert "portico dev hr-portal --auth-server\n" in answer.stdout
    assert "http://127.0.0.1:8090" in answer.stdout


def test_it_says_what_to_do_next(tmp_path: Path) -> None:
    """The command, with its path; and the app that it leads to passes the check."""
    answer = portico("new", "hr-portal", cwd=tmp_path)
    assert answer.returncode == 0
    assert "portico dev hr-portal --auth-server" in answer.stdout
    (tmp_path / "apps").mkdir()
    answer = portico("new", "shop", "--folder", "apps", cwd=tmp_path)
    assert "portico dev apps/shop --auth-server" in answer.stdout
    checked = portico("check", "hr-portal", "apps/shop", cwd=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Shop"], "lower-case letters"),
        (["my shop"], "lower-case letters"),
        (["1shop"], "a letter first"),
        (["shop-"], "no hyphen last"),
        (["../shop"], "lower-case letters"),
        (["a" * 65], "at most 64"),
        (["--", "-shop"], "lower-case letters"),
        ([""], "lower-case letters"),
        (["shop", "--folder", "nowhere"], "nowhere is not a folder"),
        (["shop", "--folder", "file"], "file is not a folder"),
        (["shop", "--template", "none"], "There is: strapi"),
        (["shop", "--template", ".."], "There is: strapi"),
        (["shop", "--auth", "supbase"], "There is no preset supbase: did you mean supabase?"),
        (["empty"], "empty exists already"),
        (["file"], "file exists already"),
        (["dangling"], "dangling exists already"),
    ],
)
def test_what_cannot_be_made_is_told_in_a_sentence(arguments: list[str], words: str, tmp_path: Path) -> None:
    """And nothing is written."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to("nothing")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    answer = portico("new", *arguments, cwd=tmp_path)
    assert answer.returncode == 1
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_what_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be written takes the others with it; the control: they had been written."""
    files = {"a.yaml": "name: My app\n", "b.yaml": "half a pair: \ud800"}
    monkeypatch.setattr(new, "_files", lambda _: files)
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(UnicodeEncodeError):
        new.create("shop", target, "strapi")
    assert list(target.iterdir()) == []
    with pytest.raises(UnicodeEncodeError):
        new._write(files, target / "copy", "shop")
    assert (target / "copy" / "a.yaml").read_text() == "name: Shop\n"


def test_what_the_system_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the operating system says becomes the message, and nothing is left."""
    long = tmp_path
    while len(os.fspath(long)) < 3900:
        long = long / ("d" * 150)
    long.mkdir(parents=True)
    monkeypatch.chdir(long)
    with pytest.raises(Stop, match="could not be made"):
        new.create("a" * 64, Path(long), "strapi")
    assert list(Path().iterdir()) == []
