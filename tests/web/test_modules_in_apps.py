"""What instances of modules are to the app around them: inputs, outputs, settings, and what stays theirs
(rows 2B-1 to 2B-15)."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser import chromium as launched
from tests.journeys.logins import FOLDERS, LOBBY, portico_says
from tests.journeys.relay import Relay
from tests.journeys.servers import AuthServer, DevServer, PorticoServer
from tests.web.conftest import client_of
from tests.web.posts import Tab

KIT = f"/{LOBBY}/Kit"
PACKAGES = FOLDERS[LOBBY].parent / "packages"


@pytest.fixture(scope="module")
def relay(auth_server: AuthServer) -> Iterator[Relay]:
    """What Portico asks the API."""
    with Relay(auth_server.url) as between:
        yield between


@pytest.fixture(scope="module")
def lobby(relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PorticoServer]:
    """The app that uses modules of each kind."""
    folder = tmp_path_factory.mktemp("lobby")
    with PorticoServer([FOLDERS[LOBBY]], folder=folder, settings={"AUTH_URL": relay.url}) as running:
        yield running


@pytest.fixture
def client(lobby: PorticoServer) -> Iterator[httpx.Client]:
    """A visitor."""
    with client_of(lobby) as visitor:
        yield visitor


@pytest.fixture
def tab(client: httpx.Client) -> Tab:
    """The page with an instance of each, loaded."""
    opened = Tab(client, KIT)
    opened.load()
    return opened


def text(page: str, widget: str) -> str:
    """What a widget of a document shows."""
    found = re.search(rf'data-widget="{re.escape(widget)}".*?</div>', page, re.DOTALL)
    assert found is not None, widget
    return html.unescape(re.sub(r"<[^>]+>", "", found[0].partition(">")[2])).strip()


def asked(relay: Relay) -> list[str]:
    """What the query module asked about, each time."""
    return [request.path.partition("who=")[2] for request in relay.requests("/health")]


def test_a_ui_module_is_a_container_of_its_own(client: httpx.Client) -> None:
    """2B-1: widgets, queries and scripts in one box, whose names clash with none outside."""
    page = client.get(KIT).text
    for name in ("Box1", "Box1.saidText", "Box1.typedInput", "Box2.typedInput"):
        assert f'data-widget="{name}"' in page
    assert text(page, "Box1.saidText") == "Hello Ada, 1 times"


def test_inputs_have_names_and_defaults(client: httpx.Client) -> None:
    """2B-2: `inputs.x` is what the instance gives, else the default, which may be a binding of the module."""
    page = client.get(KIT).text
    assert text(page, "Box1.saidText") == "Hello Ada, 1 times"
    assert text(page, "Box2.saidText") == "Hello nothing yet, 42 times"


def test_outputs_are_read_by_name_with_and_without_outputs(tab: Tab) -> None:
    """2B-3: `Box1.said`, as one manual writes it, and `Box1.outputs.said`, as another; they follow what is
    typed inside."""
    changed = tab.send(widget="Box2.typedInput", event="change", values={"Box2.typedInput": "new"})["html"][
        "Both"
    ]
    assert text(changed, "Both") == "Hello Ada, 1 times | Hello Ada, 1 times | new"


@pytest.mark.parametrize(
    "code",
    ["Box1.typedInput.text", "Box1.say.all()", "typedInput.text", "Box1.asking.run()", "Box1.inputs.words"],
)
def test_nothing_inside_is_to_be_reached_from_outside(tmp_path: Path, code: str) -> None:
    """2B-4: widgets, scripts and queries of a module are its own; the app is told so when it is checked."""
    app = tmp_path / "apps" / "probe"
    (app / "pages" / "Home").mkdir(parents=True)
    relative = "../" * len(app.parts[1:]) + str((PACKAGES / "kit").relative_to("/"))
    (app / "app.yaml").write_text(f"auth: none\npackages:\n  kit: {{path: {relative}}}\n")
    page = "widgets:\n  - {name: Box1, module: kit/Box}\n  - {name: Out, type: Text, text: '{{ CODE }}'}\n"
    (app / "pages" / "Home" / "page.yaml").write_text(page.replace("CODE", "Box1.said"))
    settings = {"AUTH_URL": "http://127.0.0.1:1"}
    assert portico_says("check", app, **settings)[0] == 0
    (app / "pages" / "Home" / "page.yaml").write_text(page.replace("CODE", code))
    status, said = portico_says("check", app, **settings)
    assert status == 1
    assert "pages/Home/page.yaml:3" in said


def test_an_instance_looks_as_its_app_says(tab: Tab, client: httpx.Client) -> None:
    """2B-5: visibility, scrolling, colours, border, radius and shadow are said by the app."""
    page = client.get(KIT).text
    box = re.search(r'<div id="w.Box1"[^>]*>', page)
    assert box is not None
    for said in (
        'data-background="#fef3c7"',
        'data-border-color="#b45309"',
        'data-border-width="3px"',
        'data-radius="12px"',
        'data-shadow="0 1px 2px black"',
        "data-scrolls",
    ):
        assert said in box[0]
    other = re.search(r'<div id="w.Box2"[^>]*>', page)
    assert other is not None
    assert "data-background" not in other[0]
    hidden = tab.post("NameInput", "change", NameInput="hide")["html"]["Box1"]
    assert "typedInput" not in hidden


def test_code_modules_work_inside_of_ui_modules(tab: Tab, relay: Relay) -> None:
    """2B-6: a query module and a script module below `modules` of a UI module, as no vendor has it."""
    relay.forget()
    tab.send(widget="Box1.askButton", event="onClick", values={"Box1.typedInput": "inner"})
    assert asked(relay) == ["inner"]


def test_instances_are_several_and_of_their_own(tab: Tab) -> None:
    """2B-7: what is typed into one is not in the other."""
    changed = tab.send(widget="Box1.typedInput", event="change", values={"Box1.typedInput": "first"})["html"]
    assert "Both" not in changed, "what shows the second has not changed"
    other = tab.send(widget="Box2.typedInput", event="change", values={"Box2.typedInput": "second"})["html"][
        "Both"
    ]
    assert text(other, "Both").endswith("| second")


def test_a_query_module_without_values_takes_its_defaults(client: httpx.Client, relay: Relay) -> None:
    """2B-8: an input that the instance does not give has its default; what `run` is given counts once."""
    relay.forget()
    tab = Tab(client, KIT)
    tab.load()
    assert asked(relay) == ["nobody"]
    tab.post("AskWith")
    assert asked(relay)[-1] == "given"


def test_an_instance_of_a_query_runs_at_load_and_asks_first(client: httpx.Client, relay: Relay) -> None:
    """2B-9: `run: on_load` and `confirm: true` are said by the app."""
    tab = Tab(client, KIT)
    assert "ask1: true" in text(tab.load()["html"]["Loaded"], "Loaded")
    relay.forget()
    question = tab.post("AskTwo")["ask"]
    assert asked(relay) == []
    tab.reply(question, agreed=False)
    assert asked(relay) == []
    tab.reply(tab.post("AskTwo")["ask"], agreed=True)
    assert asked(relay) == ["Ada"]


def test_parameters_are_inputs_or_arguments(tab: Tab) -> None:
    """2B-10: by position, as one object, and from the inputs of the instance for what is not given."""
    assert tab.post("ByPosition")["alerts"] == ["Bye Bob"]
    assert tab.post("AsObject", NameInput="Cleo")["alerts"] == ["Hi Cleo"]


def test_a_function_runs_at_load(client: httpx.Client) -> None:
    """2B-11: `functions: {greet: {run: on_load}}` of an instance of a script module, with its inputs."""
    assert "words1: Hello Ada" in text(Tab(client, KIT).load()["html"]["Loaded"], "Loaded")


def packaged(folder: Path) -> tuple[Path, Path]:
    """A small app and the package that it uses, both in a folder."""
    files = {
        "box/package.yaml": "name: box\nversion: 1.0.0\n",
        "box/modules/Box/module.yaml": "kind: ui\ninputs: {words: {default: none}}\nwidgets:\n"
        "  - {name: wordsText, type: Text, text: 'before {{ inputs.words }}'}\n",
        "shop/app.yaml": "auth: none\npackages:\n  box: {path: ../box}\n",
        "shop/pages/Home/page.yaml": "widgets:\n  - {name: Box1, module: box/Box}\n",
    }
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    return folder / "shop", folder / "box"


def reworded(package: Path, version: str, old: str, new: str) -> None:
    """The package with another version and text."""
    module, manifest = package / "modules" / "Box" / "module.yaml", package / "package.yaml"
    module.write_text(module.read_text().replace(old, new))
    manifest.write_text(f"name: box\nversion: {version}\n")


def test_a_followed_package_shows_while_an_app_is_built(tmp_path: Path) -> None:
    """2B-12: a change of the package shows in an open page of `portico dev`, not in what is deployed."""
    app, package = packaged(tmp_path)
    (tmp_path / "dev").mkdir()
    (tmp_path / "deployed").mkdir()
    with (
        DevServer([app], folder=tmp_path / "dev") as dev,
        PorticoServer([app], folder=tmp_path / "deployed") as deployed,
        launched() as browser,
    ):
        page = browser.new_page()
        page.goto(f"{dev.url}/shop/Home")
        expect(page.locator("html.js")).to_have_count(1)
        expect(page.get_by_text("before none")).to_be_visible()
        reworded(package, "1.0.0", "before", "after")
        expect(page.get_by_text("after none")).to_be_visible(timeout=15_000)
        assert "before none" in httpx.get(f"{deployed.url}/shop/Home", trust_env=False).text


def test_versions_say_what_changes_and_apps_take_them_by_hand(tmp_path: Path) -> None:
    """2B-13, 2B-14: `publish` refuses a version that promises too much; an app stays with what it has until
    it is upgraded, within its range."""
    app, package = packaged(tmp_path)
    (registry := tmp_path / "registry").mkdir()
    assert portico_says("package", "publish", package, "--to", registry)[0] == 0
    (app / "app.yaml").write_text("auth: none\n")
    assert portico_says("package", "add", "box@^1.0", "--app", app, "--from", registry)[0] == 0
    copy = app / "packages" / "box" / "modules" / "Box" / "module.yaml"
    reworded(package, "1.0.1", "default: none", "type: string")
    refused = portico_says("package", "publish", package, "--to", registry)
    assert refused[0] == 1
    assert "2.0.0" in refused[1]
    reworded(package, "1.1.0", "type: string", "default: none}, more: {default: 1")
    assert portico_says("package", "publish", package, "--to", registry)[0] == 0
    assert "more" not in copy.read_text()
    assert portico_says("package", "upgrade", "--app", app)[0] == 0
    assert "more" in copy.read_text()
    reworded(package, "2.0.0", "before", "after")
    assert portico_says("package", "publish", package, "--to", registry)[0] == 0
    assert portico_says("package", "upgrade", "--app", app)[0] == 0
    assert "after" not in copy.read_text(), "a major version is not in the range"


@pytest.mark.parametrize("name", ["Box/Box", "box/box", "other/Box", "Box"])
def test_packages_and_modules_are_found_by_their_exact_names(tmp_path: Path, name: str) -> None:
    """2B-15: another name, also one that differs in case alone, is an error with its place."""
    app, _ = packaged(tmp_path)
    assert portico_says("check", app)[0] == 0
    page = app / "pages" / "Home" / "page.yaml"
    page.write_text(page.read_text().replace("box/Box", name))
    status, said = portico_says("check", app, "--format", "json")
    (problem,) = json.loads(said)
    assert status == 1
    assert problem["file"].endswith("pages/Home/page.yaml")
