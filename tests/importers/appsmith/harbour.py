"""An application of our own that does by hand what a contract does: renews, revokes, asks who it is, and
compares roles. Made here, of nobody's."""

from pathlib import Path
from typing import Any

from tests.importers.appsmith.shop import Json, function, page, rest, root, script, widget, write_git

JSON = {"apiContentType": "application/json"}
SOURCE = {"id": "Harbour API", "name": "Harbour API"}
BEARER = {"key": "Authorization", "value": "Bearer {{appsmith.store.token}}"}


def query(page_name: str, name: str, method: str, path: str, body: str = "", **more: Any) -> Json:
    """A query of the API."""
    configuration: Json = {"httpMethod": method, "path": path}
    if body:
        configuration |= {"body": body, "formData": JSON}
    if more.pop("sends", False):
        configuration["headers"] = [BEARER, *more.pop("headers", [])]
    return rest(page_name, name, datasource=SOURCE, configuration=configuration, **more)


LOGIN = root(
    widget("Name", "INPUT_WIDGET_V2", (0, 0, 64, 7), label="E-mail", inputType="EMAIL"),
    widget("Password", "INPUT_WIDGET_V2", (0, 7, 64, 14), label="Password", inputType="PASSWORD"),
    widget("Go", "BUTTON_WIDGET", (0, 16, 20, 20), text="Log in", onClick="{{Session.logIn()}}"),
)
BERTHS = root(
    widget("Title", "TEXT_WIDGET", (0, 0, 64, 4), text="Berths of {{appsmith.store.user.mail}}"),
    widget("First", "TEXT_WIDGET", (0, 5, 64, 8), text="Berth {{getBerths.data[0].number}}"),
    widget("Renew", "BUTTON_WIDGET", (0, 10, 20, 14), text="Renew", onClick="{{Session.renew()}}"),
    widget("Again", "BUTTON_WIDGET", (22, 10, 40, 14), text="Look again", onClick="{{getBerths.run()}}"),
    widget("Out", "BUTTON_WIDGET", (50, 41, 64, 45), text="Log out", onClick="{{Session.logOut()}}"),
)
OFFICE = root(
    widget("Papers", "TEXT_WIDGET", (0, 0, 64, 4), text="Papers of the office"),
    widget("OfficeOut", "BUTTON_WIDGET", (50, 41, 64, 45), text="Log out", onClick="{{Session.logOut()}}"),
)
SIGNING = """export default {
  async logIn() {
    const answer = await logIn.run();
    await storeValue('token', answer.result.token);
    await storeValue('renewal', answer.result.refresh_token);
    await storeValue('user', answer.result.of);
    navigateTo('Berths');
  }
}"""
GUARD = """export default {
  async check() {
    if (!appsmith.store.token) {
      navigateTo('Login');
      return;
    }
    const who = await whoAmI.run();
    await storeValue('user', who.data);
  },
  async renew() {
    const again = await renewToken.run();
    await storeValue('token', again.result.token);
    showAlert('Renewed', 'success');
  },
  async logOut() {
    await logOut.run();
    await clearStore();
    navigateTo('Login');
  }
}"""
OFFICE_GUARD = GUARD.replace(
    "    const who",
    "    if (appsmith.store.user.role !== 'admin') {\n      navigateTo('Berths');\n    }\n    const who",
)


def of_both(name: str, *given: Any, **more: Any) -> list[Json]:
    """The same query on both pages behind the sign-in."""
    return [query(page_name, name, *given, **more) for page_name in ("Berths", "Office")]


ACTIONS = [
    query("Login", "logIn", "POST", "/v2/session", '{"who": {{Name.text}}, "secret": {{Password.text}}}'),
    *of_both("whoAmI", "GET", "/v2/me", sends=True),
    *of_both(
        "renewToken", "POST", "/v2/session/renew", '{"renew": "{{appsmith.store.renewal}}"}', sends=False
    ),
    *of_both("logOut", "DELETE", "/v2/session", sends=True),
    query(
        "Berths",
        "getBerths",
        "GET",
        "/v2/berths?of={{appsmith.store.user.id}}",
        sends=True,
        runBehaviour="ON_PAGE_LOAD",
    ),
    *(function(name, "Session", "check", "ON_PAGE_LOAD") for name in ("Berths", "Office")),
]
SCRIPTS = [
    script("Login", "Session", SIGNING),
    script("Berths", "Session", GUARD),
    script("Office", "Session", OFFICE_GUARD),
]
PAGES = [page("Login", LOGIN), page("Berths", BERTHS), page("Office", OFFICE)]
SETTINGS: Json = {"pages": [{"id": "Login", "isDefault": True}, {"id": "Berths"}, {"id": "Office"}]}

#: The API as it is, for `portico auth-server`.
DIALECT = """\
access_token: {kind: opaque, lifetime: 15m}
refresh_token: {lifetime: 30d, rotates: true}
user: {id: "{id}", mail: "{email}", role: "{role}"}
endpoints:
  sign_in:
    path: /v2/session
    fields: {login: who, password: secret}
    body: {result: {token: "{access_token}", refresh_token: "{refresh_token}", of: "{user}"}}
  refresh:
    path: /v2/session/renew
    fields: {refresh_token: renew}
    body: {result: {token: "{access_token}", refresh_token: "{refresh_token}"}}
  me: {path: /v2/me, body: {data: "{user}"}}
  sign_out: {method: DELETE, path: /v2/session, status: 204}
data:
  - {path: /v2/berths, body: [{number: 7, of: "{email}"}]}
"""


def harbour(folder: Path, **changed: Any) -> Path:
    """The application in a git layout, or with other `pages`, `actions` or `scripts`."""
    given = {"pages": PAGES, "actions": ACTIONS, "scripts": SCRIPTS, "settings": SETTINGS, **changed}
    return write_git(folder, **given)
