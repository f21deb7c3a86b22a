"""A small app that uses a package of three modules: what cases change."""

from collections.abc import Mapping
from pathlib import Path

from portico.definition.load import Loaded
from portico.definition.packages import LoadedPackage, load_package
from portico.model.app import App
from tests.definition.apps import PLAIN, TYPES, app, loaded, write

PACKAGE = "packages/kit/"
LOGIN = f"{PACKAGE}modules/Login/module.yaml"
SIGN = f"{PACKAGE}modules/Login/scripts/sign.js"
SEND = f"{PACKAGE}modules/Login/queries/send.yaml"
ASK = f"{PACKAGE}modules/ask/module.yaml"
ASK_QUERY = f"{PACKAGE}modules/ask/queries/ask.yaml"
TOOLS = f"{PACKAGE}modules/Tools/module.yaml"
TOOLS_SCRIPT = f"{PACKAGE}modules/Tools/scripts/Tools.js"
HOME = "pages/Home/page.yaml"
MANIFEST = "app.yaml"

#: A package with a module of each kind.
KIT: Mapping[str, str] = {
    f"{PACKAGE}package.yaml": "name: kit\nversion: 1.2.3\n",
    f"{PACKAGE}datasources/auth_api.yaml": "url: https://auth.example.com\n",
    LOGIN: """\
kind: ui
inputs:
  title: {type: string, default: Sign in}
  logo: {type: string}
outputs:
  token: "{{ sign.logIn.data.token }}"
  typed: "{{ email.text }}"
datasources: [auth_api]
stores: [jwt]
navigates: [Home]
widgets:
  - {name: heading, type: Text, text: "{{ inputs.title }}"}
  - {name: email, type: Input}
  - {name: go, type: Button, onClick: "{{ sign.logIn() }}"}
""",
    SIGN: """\
export default {
  async logIn() {
    const answer = await send.run();
    await storeValue('jwt', answer.token);
    navigateTo('Home');
    return answer;
  }
}
""",
    SEND: "datasource: auth_api\nmethod: POST\npath: /token\nbody: '{\"email\": {{email.text}}}'\n",
    ASK: """\
kind: query
inputs: {id: {default: 1}}
outputs: {name: "{{ ask.data.name }}"}
datasources: [auth_api]
""",
    ASK_QUERY: "datasource: auth_api\npath: /users/{{ inputs.id }}\n",
    TOOLS: "kind: script\ninputs: {unit: {default: m}}\nfunctions: [length]\n",
    TOOLS_SCRIPT: "export default { length(value, unit) { return value + unit }, other() {} }\n",
}

#: An app that uses each of them once, and is fine.
USING: Mapping[str, str] = {
    **PLAIN,
    **KIT,
    MANIFEST: "auth: none\npackages: {kit: {path: packages/kit}}\n",
    HOME: """\
modules:
  Ask1: {module: kit/ask, inputs: {id: 7}}
  Tools1: {module: kit/Tools}
widgets:
  - {name: Login1, module: kit/Login, inputs: {logo: a.svg}}
  - name: Shown
    type: Text
    text: "{{ Login1.token + Login1.outputs.typed + Ask1.data + Tools1.length(1) }}"
""",
}


def using(folder: Path, changes: Mapping[str, str] | None = None) -> Loaded:
    """The app with these files changed or added."""
    return loaded(folder, {**USING, **(changes or {})})


def fine(folder: Path, changes: Mapping[str, str] | None = None) -> App:
    """The same, which must have no problem."""
    return app(folder, {**USING, **(changes or {})})


def said(folder: Path, changes: Mapping[str, str]) -> str:
    """What is reported about it."""
    return "\n".join(problem.as_text() for problem in using(folder, changes).problems)


def package(folder: Path, changes: Mapping[str, str] | None = None) -> LoadedPackage:
    """The package on its own."""
    root = write(folder, {**KIT, **(changes or {})})
    return load_package(root / PACKAGE, types=TYPES, settings={})


def swapped(path: str, old: str, new: str) -> dict[str, str]:
    """A file of the app with one thing changed in it."""
    assert old in USING[path], (path, old)
    return {path: USING[path].replace(old, new, 1)}
