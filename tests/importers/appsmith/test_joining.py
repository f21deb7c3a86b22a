"""An application with its package: instances of modules run, and what is missing is named."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from portico.definition.load import load
from portico.importers.appsmith.importing import Imported, import_application
from portico.importers.appsmith.intake import NotImportable
from portico.ui.widgets import CATALOGUE
from tests.importers.appsmith.shop import CANARY, Json, lines, page, rest, root, widget, write_export
from tests.importers.appsmith.test_packages import package

HOME = root(
    widget("Name", "INPUT_WIDGET_V2", label="Name"),
    widget("Go", "BUTTON_WIDGET", text="Go", onClick="{{In.run().then(() => Tokens1.keep(In.data.jwt))}}"),
    widget("Valid", "TEXT_WIDGET", text="{{Tokens1.valid('a.b.c')}}"),
)


def instance(name: str, module: str, kind: str, inputs: Json, home: str = "Home") -> Json:
    """An instance of a module of the package."""
    return {
        "id": f"{home}_{name}",
        "moduleUUID": f"uuid-{module}",
        "packageUUID": "uuid",
        "type": kind,
        "unpublishedModuleInstance": {"name": name, "pageId": home, "inputs": inputs},
    }


def stub(name: str, instance_of: str, **more: Any) -> Json:
    """What of an instance is left in an application: no code, no configuration."""
    full = f"_${instance_of}$_{name}"
    return {
        "pluginType": more.pop("plugin", "API"),
        "isPublic": True,
        "moduleInstanceId": f"Home_{instance_of}",
        "unpublishedAction": {"name": full, "pageId": "Home", "actionConfiguration": {}, **more},
    }


INSTANCES = [
    instance("In", "signIn", "QUERY_MODULE", {"name": "{{Name.text}}", "password": CANARY, "more": "7"}),
    instance("Tokens1", "tokens", "JS_MODULE", {"valid": "[]"}),
]
STUBS = [
    stub("signIn", "In", runBehaviour="ON_PAGE_LOAD"),
    {
        **stub("valid", "Tokens1", plugin="JS", fullyQualifiedName="_$Tokens1$_tokens.valid"),
        "unpublishedAction": {
            "name": "valid",
            "pageId": "Home",
            "fullyQualifiedName": "_$Tokens1$_tokens.valid",
            "runBehaviour": "ON_PAGE_LOAD",
            "actionConfiguration": {},
        },
    },
]
COLLECTION = {
    "moduleInstanceId": "Home_Tokens1",
    "unpublishedCollection": {"name": "_$Tokens1$_tokens", "pageId": "Home"},
}
ORIGINS = [
    {"packageName": "Sign in", "packageUUID": "uuid", "moduleName": "signIn", "moduleUUID": "uuid-signIn"},
    {"packageName": "Sign in", "packageUUID": "uuid", "moduleName": "tokens", "moduleUUID": "uuid-tokens"},
]


def application(folder: Path, instances: list[Json] | None = None, dsl: Json = HOME) -> Path:
    """An application with instances, in the newest git layout."""
    files: dict[str, Any] = {
        "metadata.json": {"fileFormatVersion": 5},
        "application.json": {"pages": [{"id": "Home", "isDefault": True}]},
        "pages/Home/Home.json": page("Home", dsl),
        "pages/Home/queries/_$In$_signIn/metadata.json": STUBS[0],
        "pages/Home/queries/_$Tokens1$_tokens-valid/metadata.json": STUBS[1],
        "pages/Home/jsobjects/_$Tokens1$_tokens/metadata.json": COLLECTION,
    }
    for one in INSTANCES if instances is None else instances:
        files[f"pages/Home/module instances/{one['unpublishedModuleInstance']['name']}.json"] = one
    for one in ORIGINS:
        files[f"source modules/{one['packageName']}/{one['moduleName']}.json"] = one
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content))
    return folder


def loaded(found: Imported, folder: Path) -> list[str]:
    """What Portico says against the app, written to a folder."""
    for path, content in found.files.items():
        (folder / "app" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "app" / path).write_text(content)
    read = load(folder / "app", types=CATALOGUE, settings={})
    return [problem.as_text() for problem in read.problems if problem.severity == "error"]


def home(found: Imported) -> Any:
    """What the page says."""
    return yaml.safe_load(found.files["pages/Home/page.yaml"])


def test_an_application_with_its_package(tmp_path: Path) -> None:
    """The package lies in the app, and the page uses its modules by the names that code calls them."""
    found = import_application(
        application(tmp_path / "source"), "app", CATALOGUE, [package(tmp_path / "package")]
    )
    assert yaml.safe_load(found.files["app.yaml"])["packages"] == {"Sign-in": {"path": "packages/Sign-in"}}
    assert home(found)["modules"] == {
        "In": {
            "module": "Sign-in/signIn",
            "inputs": {"name": "{{Name.text}}", "password": "", "more": "7"},
            "run": "on_load",
        },
        "Tokens1": {"module": "Sign-in/tokens", "functions": {"valid": {"run": "on_load"}}},
    }
    assert "packages/Sign-in/modules/signIn/queries/signIn.yaml" in found.files
    # Nothing stands for what is there, and what of it was left in the application is no query of its own.
    assert not any(path.startswith(("pages/Home/scripts", "pages/Home/queries")) for path in found.files)
    assert loaded(found, tmp_path) == []
    assert (
        "packages/Sign-in › signIn › password: the default of this input, a credential: instances give it"
        in (lines(found, "left-out"))
    )


def test_credentials_of_instances(tmp_path: Path) -> None:
    """One that is written out is left out, and asked for."""
    found = import_application(
        application(tmp_path / "source"), "app", CATALOGUE, [package(tmp_path / "package")]
    )
    assert not any(CANARY in content for content in found.files.values())
    assert "Home › In.password: a credential that is written out: give it here" in lines(found, "left-out")
    assert "Home › In.password: the module needs it, and nothing gives it" in lines(found, "question")


def test_without_the_package(tmp_path: Path) -> None:
    """It is named, with its module; names stand for nothing, and the app loads."""
    found = import_application(application(tmp_path / "source"), "app", CATALOGUE)
    assert any(
        line.startswith(
            "Home › In: an instance of the module signIn of the package Sign in, whose code is not"
        )
        for line in lines(found, "left-out")
    )
    assert "packages" not in yaml.safe_load(found.files["app.yaml"])
    assert "pages/Home/scripts/In.js" in found.files
    assert loaded(found, tmp_path) == []


def test_a_package_in_the_same_repository(tmp_path: Path) -> None:
    """Beside the application, and in a folder of it."""
    application(tmp_path / "beside" / "apps" / "one")
    package(tmp_path / "beside" / "packages" / "sign-in")
    application(tmp_path / "inside")
    package(tmp_path / "inside" / "packages" / "sign-in")
    for name in ("beside", "inside"):
        found = import_application(tmp_path / name, "app", CATALOGUE)
        assert home(found)["modules"]["In"]["module"] == "Sign-in/signIn"
        assert loaded(found, tmp_path / f"{name}-app") == []


def test_an_export_with_its_package(tmp_path: Path) -> None:
    """A single file names its instances, too."""
    file = write_export(
        tmp_path,
        exportedApplication={"pages": [{"id": "Home", "isDefault": True}]},
        pageList=[page("Home", HOME)],
        actionList=STUBS,
        actionCollectionList=[COLLECTION],
        moduleInstanceList=INSTANCES,
        sourceModuleList=ORIGINS,
    )
    found = import_application(file, "app", CATALOGUE, [package(tmp_path / "package")])
    assert home(found)["modules"].keys() == {"In", "Tokens1"}
    assert loaded(found, tmp_path) == []


def test_a_datasource_of_both(tmp_path: Path) -> None:
    """It is the app's: its address is filled in once."""
    source = application(tmp_path / "source")
    own = rest("Home", "getOrders", configuration={"path": "/orders"})
    (source / "pages/Home/queries/getOrders").mkdir()
    (source / "pages/Home/queries/getOrders/metadata.json").write_text(json.dumps(own))
    found = import_application(source, "app", CATALOGUE, [package(tmp_path / "package")])
    assert yaml.safe_load(found.files["app.yaml"])["packages"]["Sign-in"] == {
        "path": "packages/Sign-in",
        "datasources": {"Shop-API": "Shop-API"},
    }
    assert len([line for line in lines(found, "needs") if "Shop-API.yaml" in line]) == 1
    assert loaded(found, tmp_path) == []


def test_a_package_that_nothing_uses(tmp_path: Path) -> None:
    """It stays out, with a word."""
    found = import_application(
        application(tmp_path / "source", instances=[]), "app", CATALOGUE, [package(tmp_path / "package")]
    )
    assert not any(path.startswith("packages/") for path in found.files)
    assert any("is an instance of the package" in line for line in lines(found, "note"))


def test_instances_that_say_what_there_is_not(tmp_path: Path) -> None:
    """Inputs that the module does not have, code that does not parse, unknown names: the page stays."""
    odd = [
        instance("In", "signIn", "QUERY_MODULE", {"name": "{{Nobody.text}}", "password": "{{ ((", "x": "1"}),
        instance("Other", "elsewhere", "QUERY_MODULE", {}),
    ]
    found = import_application(
        application(tmp_path / "source", instances=odd), "app", CATALOGUE, [package(tmp_path / "package")]
    )
    assert home(found)["modules"] == {
        "In": {
            "module": "Sign-in/signIn",
            "inputs": {"name": "{{Nobody.text}}", "password": ""},
            "run": "on_load",
        }
    }
    assert "Home › In.password: it does not parse" in lines(found, "broken")
    assert any(
        line.startswith("Home › Other: an instance of the module uuid-elsewhere")
        for line in lines(found, "left-out")
    )
    assert loaded(found, tmp_path) == []


def test_what_is_no_package(tmp_path: Path) -> None:
    """An application in the place of a package, and a package with one."""
    source = application(tmp_path / "source")
    with pytest.raises(NotImportable, match="is an application, and no package"):
        import_application(source, "app", CATALOGUE, [source])
    with pytest.raises(NotImportable, match="is a package itself"):
        import_application(package(tmp_path / "p"), "app", CATALOGUE, [package(tmp_path / "q")])


def test_a_sign_in_of_a_package(tmp_path: Path) -> None:
    """The contract names the instance whose query signs in, and it holds."""
    code = "{{In.run().then(() => { storeValue('token', In.data.jwt); navigateTo('Home'); })}}"
    login = root(
        widget("Name", "INPUT_WIDGET_V2", label="Name"),
        widget("Password", "INPUT_WIDGET_V2", label="Password", inputType="PASSWORD"),
        widget("Go", "BUTTON_WIDGET", text="Go", onClick=code),
    )
    given = {"name": "{{Name.text}}", "password": "{{Password.text}}"}
    source = application(tmp_path / "source", [instance("In", "signIn", "QUERY_MODULE", given, "Login")])
    (source / "pages/Login").mkdir()
    (source / "pages/Login/Login.json").write_text(json.dumps(page("Login", login)))
    (source / "pages/Home/Home.json").write_text(json.dumps(page("Home", root())))
    folder = source / "pages/Login/module instances"
    (source / "pages/Home/module instances").rename(folder)
    found = import_application(source, "app", CATALOGUE, [package(tmp_path / "package")])
    contract = yaml.safe_load(found.files["app.yaml"])["auth"]
    assert contract == {
        "entry_page": "Login",
        "home_page": "Home",
        "sign_in": {"query": "In"},
        "store_keys": {"token": "token"},
    }
    assert loaded(found, tmp_path) == []


def test_modules_with_widgets(tmp_path: Path) -> None:
    """They come over with the package; where one stands on a page is for you to say."""
    source = package(tmp_path / "package")
    dsl = root(widget("Ask", "TEXT_WIDGET", text="Who are you?"))
    form = {
        "moduleUUID": "uuid-form",
        "type": "UI_MODULE",
        "unpublishedModule": {"name": "form", "inputsForm": [], "layouts": [{"dsl": dsl}]},
    }
    (source / "modules/form").mkdir()
    (source / "modules/form/form.json").write_text(json.dumps(form))
    placed = [*INSTANCES, instance("Form1", "form", "UI_MODULE", {})]
    found = import_application(application(tmp_path / "source", placed), "app", CATALOGUE, [source])
    assert yaml.safe_load(found.files["packages/Sign-in/modules/form/module.yaml"])["kind"] == "ui"
    assert home(found)["modules"].keys() == {"In", "Tokens1"}
    assert (
        "Home › Form1: an instance of Sign-in/form, a module of widgets: place it among the widgets yourself"
        in lines(found, "left-out")
    )
    assert loaded(found, tmp_path) == []


def test_parts_that_only_their_name_tells(tmp_path: Path) -> None:
    """What an instance consists of is called after it, also where no id says so."""
    source = application(tmp_path / "source")
    for file in (
        *(source / "pages/Home/queries").rglob("*.json"),
        *(source / "pages/Home/jsobjects").rglob("*.json"),
    ):
        content = json.loads(file.read_text())
        content.pop("moduleInstanceId", None)
        file.write_text(json.dumps(content))
    found = import_application(source, "app", CATALOGUE, [package(tmp_path / "package")])
    assert home(found)["modules"]["In"]["run"] == "on_load"
    assert home(found)["modules"]["Tokens1"]["functions"] == {"valid": {"run": "on_load"}}
    assert not any(path.startswith(("pages/Home/scripts", "pages/Home/queries")) for path in found.files)
