"""`portico package`, as users call it (rows S0-16 and S1-9)."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from portico.definition.lock import FILE_NAME
from tests.journeys.servers import EXAMPLES
from tests.packages.shelves import APP, GREETING, app, content, package, write

NO_REGISTRY: Mapping[str, str] = {}


def command(*arguments: object) -> list[str]:
    """The words of a command."""
    return [sys.executable, "-m", "portico", *map(str, arguments)]


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """An environment without settings of Portico's but these."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}, **more}


def portico(
    *arguments: object, cwd: Path, settings: Mapping[str, str] = NO_REGISTRY
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=cwd,
        env=environment(settings),
    )


def done(*arguments: object, cwd: Path, settings: Mapping[str, str] = NO_REGISTRY) -> str:
    """What a command says that succeeds."""
    answer = portico("package", *arguments, cwd=cwd, settings=settings)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def refused(*arguments: object, cwd: Path, settings: Mapping[str, str] = NO_REGISTRY) -> str:
    """What a command says that does not, on one line: no traceback."""
    answer = portico("package", *arguments, cwd=cwd, settings=settings)
    assert answer.returncode != 0, answer.stdout
    assert "Traceback" not in answer.stderr
    return " ".join(answer.stderr.replace("│", " ").split())


def test_the_whole_way(tmp_path: Path) -> None:
    """Rows S0-16 and S1-9: a package is published, found and looked at, put into an app, published anew and
    refused under too small a version, and the app is brought to it."""
    (tmp_path / "registry").mkdir()
    source, shop = package(tmp_path / "greeting"), app(tmp_path)
    assert "published: greeting 1.0.0" in done("publish", source, "--to", "registry", cwd=tmp_path)
    assert "already, with the same content" in done("publish", source, "--to", "registry", cwd=tmp_path)
    assert json.loads(done("list", "--from", "registry", "--format", "json", cwd=tmp_path)) == {
        "greeting": ["1.0.0"]
    }
    shown = done("show", "greeting", "--from", "registry", cwd=tmp_path)
    assert "input name: string" in shown
    assert "output shown: string" in shown
    contract = json.loads(
        done("show", "greeting@1.0.0", "--format", "json", "--from", "registry", cwd=tmp_path)
    )
    assert contract["modules"]["Greeting"]["inputs"] == {
        "name": {"type": "string", "required": False, "description": ""}
    }
    assert "added: greeting 1.0.0" in done(
        "add", "greeting", "--app", "shop", "--from", "registry", cwd=tmp_path
    )
    assert portico("check", "shop", cwd=tmp_path).returncode == 0

    more = GREETING.replace("outputs:\n", 'outputs:\n  more: "{{ 1 }}"\n')
    package(source, "1.0.1", module=more)
    told = refused("publish", source, "--to", "registry", cwd=tmp_path)
    assert "a version that would do is 1.1.0" in told
    package(source, "1.1.0", module=more)
    told = done("publish", source, "--to", "registry", cwd=tmp_path)
    assert "minor: the output more of Greeting is new" in told
    differing = done(
        "diff", "greeting@1.0.0", "greeting", "--from", "registry", "--format", "json", cwd=tmp_path
    )
    assert json.loads(differing)["least"] == "minor"
    told = done("upgrade", "--app", "shop", cwd=tmp_path)
    assert "greeting 1.0.0 → 1.1.0" in told
    before = content(shop)
    assert "is the newest in ^1.0" in done("upgrade", "greeting", "--app", "shop", cwd=tmp_path)
    assert content(shop) == before
    assert "version: 1.1.0" in (shop / FILE_NAME).read_text()


def test_the_registry_of_the_environment(tmp_path: Path) -> None:
    """Used where none is named, and not written into app.yaml."""
    (tmp_path / "registry").mkdir()
    settings = {"PORTICO_REGISTRY": "registry"}
    package(tmp_path / "greeting")
    app(tmp_path)
    done("publish", "greeting", cwd=tmp_path, settings=settings)
    assert "greeting  1.0.0" in done("list", cwd=tmp_path, settings=settings)
    done("add", "greeting@~1.0", "--app", "shop", cwd=tmp_path, settings=settings)
    assert '  greeting: "~1.0"\n' in (tmp_path / "shop" / "app.yaml").read_text()
    assert "promise the same" in done("diff", "greeting@1.0.0", "./greeting", cwd=tmp_path, settings=settings)


def test_several_apps(tmp_path: Path) -> None:
    """Each is upgraded by itself: one that cannot be does not keep the others; the status says so."""
    (tmp_path / "registry").mkdir()
    package(tmp_path / "source")
    done("publish", "source", "--to", "registry", cwd=tmp_path)
    for name in ("one", "two"):
        write(tmp_path / name, APP)
        done("add", "greeting", "--app", name, "--from", "registry", cwd=tmp_path)
    package(tmp_path / "source", "2.0.0", module=GREETING.replace("  shown:", "  text:"))
    done("publish", "source", "--to", "registry", cwd=tmp_path)
    page = tmp_path / "two" / "pages/Home/page.yaml"
    page.write_text(page.read_text().replace("Greeting1.shown", "Greeting1.text"))
    before = content(tmp_path / "one")
    answer = portico(
        *("package", "upgrade", "greeting", "--to", "2.0.0", "--app", "one", "--app", "two"), cwd=tmp_path
    )
    assert answer.returncode == 1
    assert "1 of 2 apps" in answer.stderr
    assert "one/pages/Home/page.yaml:4:40 E705" in answer.stderr
    assert "Greeting1, page Home (pages/Home/page.yaml:3:5)" in answer.stdout
    assert content(tmp_path / "one") == before
    assert "version: 2.0.0" in (tmp_path / "two" / FILE_NAME).read_text()


def test_all_problems_of_a_package_are_told(tmp_path: Path) -> None:
    """With their places; nothing is published."""
    (tmp_path / "registry").mkdir()
    broken = GREETING.replace("kind: ui", "kind: gui")
    package(tmp_path / "greeting", "1.0", module=broken)
    told = refused("publish", "greeting", "--to", "registry", cwd=tmp_path)
    assert "package.yaml:2:10 E702" in told
    assert "modules/Greeting/module.yaml:1:7 E204" in told
    assert content(tmp_path / "registry") == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["publish", "greeting"], "No registry is named: --to REGISTRY"),
        (["publish", "greeting", "--to", "nowhere"], "There is no registry nowhere"),
        (["publish", "nothing", "--to", "registry"], "nothing is not a folder"),
        (["publish", "shop", "--to", "registry"], "E101"),
        (["list"], "No registry is named: --from REGISTRY"),
        (["list", "--from", "greeting/package.yaml"], "is not a folder"),
        (["list", "--from", "registry", "--format", "xml"], "text or json"),
        (["show", "other", "--from", "registry"], "has no package other"),
        (["show", "greeting@1", "--from", "registry"], "1 is not a version"),
        (["show", "greeting@9.0.0", "--from", "registry"], "There is: 1.0.0"),
        (["show", "./nothing"], "E101"),
        (["diff", "greeting@1.0.0", "other", "--from", "registry"], "has no package other"),
        (["add", "greeting", "--app", "shop"], "Nothing says where greeting comes from"),
        (["add", "greeting@latest", "--app", "shop"], "latest is not a range"),
        (["add", "../greeting", "--app", "shop"], "NAME@RANGE"),
        (
            ["add", "greeting@^2.0", "--app", "shop", "--from", "registry"],
            "No version of greeting is in",
        ),
        (["add", "greeting", "--app", "greeting", "--from", "registry"], "has no app.yaml"),
        (["add", "greeting", "--app", "nothing", "--from", "registry"], "nothing"),
        (["add", "greeting", "--app", "shop", "--from", "registry", "--datasource", "x"], "NAME=OURS"),
        (["upgrade", "--app", "nothing"], "nothing"),
        (["upgrade"], "--app APP"),
        (["upgrade", "--to", "1.0.0", "--app", "shop"], "--to is for one package"),
        (["upgrade", "greeting", "--to", "1", "--app", "shop"], "1 is not a version"),
        (["upgrade", "greeting", "--app", "shop"], "lists no package greeting"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(arguments: list[str], words: str, tmp_path: Path) -> None:
    """What is wrong, and what would be right; nothing is changed."""
    (tmp_path / "registry").mkdir()
    package(tmp_path / "greeting")
    shop = app(tmp_path)
    done("publish", "greeting", "--to", "registry", cwd=tmp_path)
    before = content(tmp_path)
    assert words in refused(*arguments, cwd=tmp_path)
    assert content(tmp_path) == before
    assert shop.is_dir()


def test_two_publish_at_once(tmp_path: Path) -> None:
    """Two commands, two contents, one version: one of them wins and the registry is that one's."""
    (tmp_path / "registry").mkdir()
    for name in ("a", "b"):
        package(tmp_path / name, more={"who.txt": name})
    running = [
        subprocess.Popen(
            command("package", "publish", name, "--to", "registry"),
            cwd=tmp_path,
            env=environment({}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b")
    ]
    answers = [process.communicate(timeout=60) for process in running]
    statuses = [process.returncode for process in running]
    assert sorted(statuses) == [0, 1], answers
    winner = "ab"[statuses.index(0)]
    assert (tmp_path / "registry/greeting/1.0.0/who.txt").read_text() == winner
    assert "another content" in answers[1 - statuses.index(0)][1]
    done("show", "greeting", "--from", "registry", cwd=tmp_path)


def test_a_command_that_is_killed(tmp_path: Path) -> None:
    """As soon as it shows a sign of writing: no file is half of one, and the same command succeeds
    afterwards and leaves nothing over."""
    (tmp_path / "registry").mkdir()
    package(tmp_path / "greeting", more={f"notes/{number}.txt": "x" for number in range(200)})
    shop = app(tmp_path)
    for words, folder in (
        (("publish", "greeting", "--to", "registry"), tmp_path / "registry"),
        (("add", "greeting", "--app", "shop", "--from", "registry"), shop),
    ):
        before = content(folder)
        process = subprocess.Popen(
            command("package", *words), cwd=tmp_path, env=environment({}), stdout=subprocess.PIPE
        )
        while process.poll() is None and not any(path.name.startswith(".") for path in folder.iterdir()):
            pass
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        left = {name: data for name, data in content(folder).items() if not name.startswith(".")}
        done(*words, cwd=tmp_path)
        after = content(folder)
        assert all(data in (before.get(name), after.get(name)) for name, data in left.items())
        assert not any(path.name.startswith(".") for path in folder.iterdir())
    assert portico("check", "shop", cwd=tmp_path).returncode == 0


def test_rows_s0_16_and_17_the_examples(tmp_path: Path) -> None:
    """The package of seed S0 is published, and its app uses the published one as it used the files."""
    (tmp_path / "registry").mkdir()
    shutil.copytree(EXAMPLES / "hr-portal", tmp_path / "hr-portal")
    for name in ("login", "auth-code"):
        done("publish", EXAMPLES / "packages" / name, "--to", "registry", cwd=tmp_path)
    manifest = tmp_path / "hr-portal" / "app.yaml"
    manifest.write_text(manifest.read_text().replace("path: ../packages/login", 'version: "^1.0"'))
    assert portico("check", "hr-portal", cwd=tmp_path).returncode == 1
    done("add", "login", "--app", "hr-portal", "--from", "registry", cwd=tmp_path)
    assert portico("check", "hr-portal", cwd=tmp_path).returncode == 0
