"""Packages of modules become packages that apps can use."""

import json
from pathlib import Path
from typing import Any

import yaml

from portico.definition.load import load
from portico.importers.appsmith.importing import Imported
from portico.ui.widgets import CATALOGUE
from tests.importers.appsmith.shop import CANARY, imported, lines, rest, widget

BODY = """export default {
  valid(token) { return JSON.parse(atob(token.split('.')[1])).exp > Date.now() / 1000; },
  keep(token) { storeValue('token', token); return fetch('x'); }
}"""


def module(name: str, kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """A module."""
    fields = [{"propertyName": f"inputs.{key}", "defaultValue": value} for key, value in inputs.items()]
    return {
        "moduleUUID": f"uuid-{name}",
        "type": kind,
        "unpublishedModule": {"name": name, "inputsForm": [{"children": fields}]},
    }


def package(folder: Path) -> Path:
    """A package with a query that signs in, and functions over tokens."""
    query = rest(
        "signIn",
        "signIn",
        configuration={
            "httpMethod": "POST",
            "path": "/login",
            "body": "{name: {{inputs.name}}, password: {{inputs.password}}, more: {{inputs.more}}}",
            "formData": {"apiContentType": "application/json"},
        },
    )
    query["unpublishedAction"]["moduleId"] = query["unpublishedAction"].pop("pageId")
    stub = {
        "pluginType": "JS",
        "unpublishedAction": {"name": "valid", "moduleId": "tokens", "fullyQualifiedName": "tokens.valid"},
    }
    files = {
        "metadata.json": {"artifactJsonType": "PACKAGE", "fileFormatVersion": 5},
        "package.json": {"packageUUID": "uuid", "unpublishedPackage": {}},
        "modules/signIn/signIn.json": module("signIn", "QUERY_MODULE", {"name": "ada", "password": CANARY}),
        "modules/signIn/queries/signIn/metadata.json": query,
        "modules/tokens/tokens.json": module("tokens", "JS_MODULE", {"valid": "[]"}),
        "modules/tokens/jsobjects/tokens/metadata.json": {
            "unpublishedCollection": {"name": "tokens", "moduleId": "tokens"}
        },
        "modules/tokens/queries/tokens-valid/metadata.json": stub,
    }
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content))
    (folder / "modules/tokens/jsobjects/tokens/tokens.js").write_text(BODY)
    return folder


def used(found: Imported, folder: Path) -> list[str]:
    """What Portico says against an app that uses the package."""
    for path, content in found.files.items():
        (folder / "shop" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "shop" / path).write_text(content)
    (folder / "app").mkdir()
    app = {
        "app.yaml": "auth: none\npackages: {shop: {path: ../shop}}\n",
        "pages/Home/page.yaml": "title: Home\nmodules:\n"
        "  In: {module: shop/signIn, inputs: {password: x}}\n  Tokens: {module: shop/tokens}\n"
        "widgets:\n  - {name: A, type: Text, text: \"{{ Tokens.valid('x') + In.data }}\"}\n",
    }
    loaded = load(folder / "app", types=CATALOGUE, settings={}, planned=app)
    return [problem.as_text() for problem in loaded.problems if problem.severity == "error"]


def test_a_package(tmp_path: Path) -> None:
    """Inputs, the query, functions, what they store and call; an app can use it at once."""
    found = imported(package(tmp_path / "source"))
    assert yaml.safe_load(found.files["package.yaml"]) == {"name": "shop", "version": "1.0.0"}
    assert yaml.safe_load(found.files["modules/signIn/module.yaml"]) == {
        "kind": "query",
        "inputs": {
            "name": {"default": "ada"},
            "password": {"type": "any"},
            "more": {"required": False},
        },
        "query": "signIn",
        "datasources": ["Shop-API"],
    }
    assert yaml.safe_load(found.files["modules/tokens/module.yaml"]) == {
        "kind": "script",
        "script": "tokens",
        "functions": ["valid"],
        "stores": ["*"],
    }
    assert found.report.counts["modules"] == 2
    assert used(found, tmp_path) == []


def test_credentials_are_no_defaults(tmp_path: Path) -> None:
    """What stands in for a password in Appsmith's editor is left out, and told."""
    found = imported(package(tmp_path))
    assert not any(CANARY in content for content in found.files.values())
    assert any("signIn › password" in line for line in lines(found, "left-out"))


def test_an_app_without_its_package_says_so(tmp_path: Path) -> None:
    """Its instances are dead: what reads them gets undefined, and the rest runs."""
    folder = tmp_path / "source"
    page = {
        "unpublishedPage": {"name": "Home", "layouts": [{"dsl": {"widgetId": "0", "type": "CANVAS_WIDGET"}}]}
    }
    files = {
        "metadata.json": {"fileFormatVersion": 5},
        "application.json": {"pages": [{"id": "Home", "isDefault": True}]},
        "pages/Home/Home.json": page,
        "pages/Home/widgets/A.json": widget("A", "TEXT_WIDGET", text="{{Tokens1.valid()}}"),
        "pages/Home/module instances/Tokens1.json": {
            "moduleUUID": "uuid-tokens",
            "packageUUID": "uuid",
            "type": "JS_MODULE",
            "unpublishedModuleInstance": {"name": "Tokens1", "pageId": "Home"},
        },
    }
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content))
    found = imported(folder)
    assert any(
        "Home › Tokens1: an instance of the module uuid-tokens" in line for line in lines(found, "left-out")
    )
    assert "instance of a module" in found.files["pages/Home/scripts/Tokens1.js"]
    assert "{{Tokens1.valid()}}" in found.files["pages/Home/page.yaml"]
