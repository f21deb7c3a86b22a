"""An application that is imported with its package runs the package's query and functions."""

import json
from pathlib import Path

from portico.model.journey import AuthSettings
from portico.testing.stage import Stage
from tests.cli.test_import import portico
from tests.importers.appsmith.shop import root, widget
from tests.importers.appsmith.test_joining import application, instance
from tests.importers.appsmith.test_packages import package

DIALECT = """\
access_token: {kind: opaque, lifetime: 15m}
user: {id: "{id}"}
endpoints:
  sign_in: {path: /login, body: {token: "{access_token}"}}
  me: {path: /me, body: "{user}"}
data:
  - {method: POST, path: /greet, access: public, body: {words: Ahoy}}
"""
HOME = root(
    widget("Name", "INPUT_WIDGET_V2", (0, 0, 64, 7), label="Name"),
    widget("Said", "TEXT_WIDGET", (0, 8, 64, 12), text="Said: {{In.data.words}}"),
    widget("Kept", "TEXT_WIDGET", (0, 13, 64, 17), text="Kept: {{appsmith.store.greeting}}"),
    widget(
        "Go",
        "BUTTON_WIDGET",
        (0, 18, 20, 22),
        text="Greet",
        onClick="{{In.run().then(() => Tokens1.keep('x1')).catch((e) => showAlert(e.message, 'error'))}}",
    ),
)
#: As that of the tests of packages, without what no package of ours can have.
BODY = """export default {
  valid(token) { return token.length > 0; },
  keep(token) { return storeValue('greeting', token); }
}"""


def greeting(folder: Path) -> Path:
    """The package, whose query asks a page that answers anybody."""
    package(folder)
    file = folder / "modules/signIn/queries/signIn/metadata.json"
    query = json.loads(file.read_text())
    query["unpublishedAction"]["actionConfiguration"]["path"] = "/greet"
    file.write_text(json.dumps(query))
    (folder / "modules/tokens/jsobjects/tokens/tokens.js").write_text(BODY)
    keep = folder / "modules/tokens/queries/tokens-keep/metadata.json"
    keep.parent.mkdir()
    named = {"name": "keep", "moduleId": "tokens", "fullyQualifiedName": "tokens.keep"}
    keep.write_text(json.dumps({"pluginType": "JS", "unpublishedAction": named}))
    return folder


def test_modules_run(tmp_path: Path) -> None:
    """From the command to the page: what the query of the package answers is shown, its function stores."""
    instances = [
        instance("In", "signIn", "QUERY_MODULE", {"name": "{{Name.text}}", "password": "{{Name.text}}"}),
        instance("Tokens1", "tokens", "JS_MODULE", {}),
    ]
    source = application(tmp_path / "source", instances, HOME)
    # It runs when it is clicked alone.
    for stub in (source / "pages/Home/queries").glob("*/metadata.json"):
        stub.write_text(stub.read_text().replace("ON_PAGE_LOAD", "MANUAL"))
    greeting(tmp_path / "package")
    done = portico("import", "appsmith", "source", "app", "--package", "package", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    app = tmp_path / "app"
    (app / "packages/Sign-in/datasources/Shop-API.yaml").write_text(
        "url: ${AUTH_URL:-http://127.0.0.1:1}\nallow_private: true\n"
    )
    (app / "dialect.yaml").write_text(DIALECT)
    # What was filled in stays when the application is imported again.
    done = portico("import", "appsmith", "source", "app", "--package", "package", "--force", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    checked = portico("check", "app", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with Stage(app, auth=AuthSettings(dialect="dialect.yaml")) as stage:
        user = stage.user()
        user.open("Home")
        user.not_see("Said: Ahoy")
        user.fill("Name", "Ada")
        user.click("Greet")
        user.see("Said: Ahoy")
        user.see("Kept: x1")
        assert [call.status for call in stage.calls if call.path == "/greet"] == [200]
