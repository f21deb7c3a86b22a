"""A small app with a sign-in for the lint to look at: cases change a file of it, or add one."""

from collections.abc import Mapping
from pathlib import Path

from portico.definition.lint.finding import Finding
from portico.definition.load import load
from portico.ui.widgets import CATALOGUE
from tests.definition.apps import write

#: Signs in by a script that stores the token; nothing of it is to be found.
SOUND: Mapping[str, str] = {
    "app.yaml": """\
auth:
  entry_page: Login
  home_page: Home
  store_keys: {token: jwt}
  me: {query: me}
""",
    "datasources/api.yaml": "url: https://api.example.com\n",
    "queries/me.yaml": """\
datasource: api
path: /me
headers: {Authorization: "Bearer {{ this.params.token }}"}
""",
    "queries/orders.yaml": """\
datasource: api
path: /orders
headers: {Authorization: "Bearer {{ appsmith.store.jwt }}"}
""",
    "queries/refresh.yaml": """\
datasource: api
method: POST
path: /refresh
body: {refresh_token: "{{ appsmith.store.refresh_token }}"}
""",
    "queries/revoke.yaml": """\
datasource: api
method: POST
path: /revoke
headers: {Authorization: "Bearer {{ appsmith.store.jwt }}"}
""",
    "pages/Login/page.yaml": """\
title: Sign in
widgets:
  - {name: Email, type: Input}
  - {name: Password, type: Input, inputType: PASSWORD}
  - {name: Go, type: Button, onClick: "{{ Session.logIn() }}"}
""",
    "pages/Login/queries/login.yaml": """\
datasource: api
method: POST
path: /login
body: {email: "{{ Email.text }}", password: "{{ Password.text }}"}
""",
    "pages/Login/scripts/Session.js": """\
export default {
  async logIn() {
    try {
      const { jwt, refresh_token } = await login.run();
      await storeValue('jwt', jwt);
      await storeValue('refresh_token', refresh_token);
      navigateTo('Home');
    } catch (error) {
      showAlert(error.message, 'error');
    }
  }
};
""",
    "pages/Home/page.yaml": """\
title: Home
widgets:
  - {name: Count, type: Text, text: "{{ orders.data?.length }}"}
  - name: Leave
    type: Button
    onClick: "{{ revoke.run().then(() => clearStore()).then(() => navigateTo('Login')) }}"
""",
}


def findings(folder: Path, files: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """What the lint finds in the sound app with these files, which has no error."""
    result = load(write(folder, {**SOUND, **(files or {})}), types=CATALOGUE, settings={}, linted=True)
    assert [problem.as_text() for problem in result.problems if problem.severity == "error"] == []
    return result.findings


def found(folder: Path, files: Mapping[str, str] | None = None) -> list[str]:
    """The same in short: place and rule of those that nobody silenced."""
    return [f"{one.place} {one.rule}" for one in findings(folder, files) if one.silenced is None]


def page(text: str) -> str:
    """A page with a button `Act` that does this."""
    indented = "".join(f"      {line}\n" for line in text.strip("\n").splitlines())
    return f"title: Page\nwidgets:\n  - name: Act\n    type: Button\n    onClick: |\n{indented}"
