"""Writes `docs/language.md`: what apps can be made of, each with a test that names it."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portico.model.app import Theme
from portico.model.program import FRAMEWORK_NAMES, LIBRARY_NAMES, RECORD_NAMES, ROW_NAMES
from portico.runtime.environment import ANONYMOUS, theme_of
from portico.ui.widgets import CATALOGUE

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "language.md"

HEAD = """\
# What apps can be made of, and what shows that it works

Made by `make docs` from the code and its tests. Each name stands beside a test that names it: the test's
text holds the name, and the test fails if it does not work.

"""

#: The steps of the recipes that apps follow (a login as a UI module, S0; as a query module and a script
#: module, S1; sign-in with JWTs, S2; with any auth API, S3; by actions, S4).
ROWS: Mapping[str, str] = {
    "S0-1": "a package of UI modules, shared by apps with brands of their own",
    "S0-2": "the module's widgets: two Inputs, one masked, a Button, a Text, an Image",
    "S0-3": "the module's query: a JSON body over its own Inputs",
    "S0-4": "the module's script",
    "S0-5": "empty fields are told without a call",
    "S0-6": "`run` with parameters resolves to the body",
    "S0-7": "with a token: store it, go to Home",
    "S0-8": "an answer without a token",
    "S0-9": "an error of the API or the network",
    "S0-10": "the token is kept for the whole app",
    "S0-11": "later calls use the stored token",
    "S0-12": "functions of the framework act on the app around the module",
    "S0-13": "the button runs the script's function",
    "S0-14": "inputs: name and logo, set by each app",
    "S0-15": "outputs: the last result of a function",
    "S0-16": "publishing the package",
    "S0-17": "a module on a page, by a name of its own",
    "S0-18": "the parent shows, asks and redirects by an output",
    "S0-19": "log-out: revoke, `clearStore`, LoginPage",
    "S1-1": "the query module `sign_in`",
    "S1-2": "its inputs",
    "S1-3": "a JSON body over the inputs",
    "S1-4": "the script module",
    "S1-5": "the user is taken out before anything is stored",
    "S1-6": "every other key of the answer is stored",
    "S1-7": "a refused call rejects the caller's promise",
    "S1-8": "parameters of `run` go to the inputs of the same names",
    "S1-9": "publishing the package",
    "S1-10": "app and package in one workspace",
    "S1-11": "a form of the app's own, and the module beside it",
    "S1-12": "calling the function: by one object, by position, by inputs",
    "S1-13": "the button runs the function, which leads to a new page",
    "S1-14": "log-out: revoke, `clearStore`, LoginPage",
    "S2-1": "two pages, one of them to secure",
    "S2-2": "a Form with the Inputs for name and password",
    "S2-3": "an auth API that takes the credentials",
    "S2-4": "a datasource and the query `login_api`",
    "S2-5": "a body that is one JavaScript expression",
    "S2-6": "the answer: a token, and the user",
    "S2-7": "`run` with a callback that stores the token and navigates",
    "S2-8": "a refused call without `onError`: `run` rejects",
    "S2-9": "the token in a header of later queries",
    "S2-10": "a page gated by Tabs",
    "S2-11": "the tab of those who are not signed in, with a way to sign in",
    "S2-12": "tabs that users cannot switch",
    "S2-13": "only with a valid token the content is seen",
    "S2-14": "log-out by storing `undefined`",
    "S3-1": "a configured auth API, and a home page",
    "S3-2": "a sign-up page",
    "S3-3": "import of a curl command, saved as a datasource",
    "S3-4": "a JSON body with bindings in it",
    "S3-5": "the Form's button runs `sign_up`",
    "S3-6": "on success, what came back is stored, and the user led home",
    "S3-7": "a page that takes tokens from the address's fragment",
    "S3-8": "`sign_in`, from the same datasource",
    "S3-9": "a script that stores each key of the answer",
    "S3-10": "a button that runs the query, or the function",
    "S3-11": "signing in with valid credentials",
    "S3-12": "tokens that are renewed when a page opens, before the queries that need them",
    "S3-13": "log-out",
    "S4-1": "authentication is on, and custom",
    "S4-2": "an entry page and a page for who is logged in",
    "S4-3": "sessions persist, with a token",
    "S4-4": "a data type for what is known of the user",
    "S4-5": "pages to sign up and to log in",
    "S4-6": "an API call on a button, with a TRUE and a FALSE branch",
    "S4-7": "the action `log_in` in the TRUE branch",
    "S4-8": "token, refresh token, expiry and uid",
    "S4-9": "user data from the JSON of the call",
    "S4-10": "bindings read auth properties and user data",
    "S4-11": "the action `update_user` after a 401",
    "S4-12": "the action `log_out`",
    "S4-13": "a token that is sent, ends, and is renewed",
    "S4-14": "the FALSE branch is the builder's",
}

#: What packages and modules are to the apps that use them.
MODULES: Mapping[str, str] = {
    "2B-1": "a UI module: widgets, queries and scripts in one box",
    "2B-2": "inputs with names and defaults, `inputs.name`",
    "2B-3": "outputs, `Name.output` and `Name.outputs.output`",
    "2B-4": "what is inside a module is not reached from outside",
    "2B-5": "the look of an instance: visibility, scrolling, colours, border, shadow",
    "2B-6": "query and script modules inside UI modules",
    "2B-7": "several instances, each with inputs of its own",
    "2B-8": "a query module: defaults where nothing is given",
    "2B-9": "an instance of a query module: run at load, confirm",
    "2B-10": "a script module: parameters as inputs or as arguments",
    "2B-11": "a function that runs at load",
    "2B-12": "a change of the package, while an app is built and when it is deployed",
    "2B-13": "versions: what a change asks for",
    "2B-14": "upgrades, app by app",
    "2B-15": "packages and modules are found by their exact names",
}

#: Members of queries and scripts, and how they run: as the docstrings of their tests write them.
MEMBERS = (
    *("query.run", "query.data", "query.responseMeta", "query.isLoading", "query.clear", "this.params"),
    *("script variable", "script function.data", "run: on_load", "run: automatic", "confirm"),
)

#: Members of `auth`.
AUTH = (
    *("isLoggedIn", "uid", "user", "roles", "token", "refreshToken", "expiresAt"),
    *("logIn", "update", "logOut", "sessions"),
)

#: Folders of the tests that run code of apps.
RUNNING = frozenset({"sandbox", "web", "journeys", "definition", "differential"})

#: Fields of `appsmith`.
FIELDS = (
    *("store", "mode", "currentPageName", "geolocation"),
    *(
        f"URL.{name}"
        for name in ("host", "hostname", "fullPath", "pathname", "port", "protocol", "hash", "queryParams")
    ),
    *(f"user.{name}" for name in ANONYMOUS),
    *(f"theme.{group}.{name}" for group, names in theme_of(Theme()).items() for name in names),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Test:
    """A test function: where it stands, and its text with decorators and docstring."""

    file: str
    name: str
    says: str
    text: str


@cache
def tests() -> tuple[Test, ...]:
    """All of them, by file."""
    return tuple(test for file in sorted((ROOT / "tests").rglob("test_*.py")) for test in _tests(file))


def _tests(file: Path) -> Iterator[Test]:
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield Test(
                file=str(file.relative_to(ROOT)),
                name=node.name,
                says=ast.get_docstring(node) or "",
                text="\n".join(lines[start - 1 : node.end_lineno]),
            )


#: Folders whose tests see the most of Portico at work come first.
_ORDER = ("journeys", "web", "ui", "sandbox", "differential", "definition")


def naming(pattern: str, among: Iterable[Test]) -> Test | None:
    """The test that names this: rather one that says so than one that holds it, and the shortest."""

    def rank(test: Test) -> tuple[bool, int, int]:
        folder = test.file.split("/")[1]
        place = _ORDER.index(folder) if folder in _ORDER else len(_ORDER)
        return not re.search(pattern, test.says), place, len(test.text)

    return min((test for test in among if re.search(pattern, test.text)), key=rank, default=None)


def _function(name: str) -> str:
    """One that is also a word of English, or less, is named where it is used."""
    if re.search(r"[a-z][A-Z]", name):
        return rf"(?<![\w./]){name}\b"
    return rf"`{name}`|(?<![\w./`'\"]){name}[(.][\w'{{]"


def _field(name: str) -> str:
    return rf"\b{re.escape(name if '.' in name else f'appsmith.{name}')}\b"


def sections() -> Iterator[tuple[str, list[tuple[str, str, Test | None]]]]:
    """Every part of the language with its names, what they are, and a test of each."""
    everywhere = tests()
    for heading, named in (("Steps of the recipes", ROWS), ("Packages and modules", MODULES)):
        rows = ((row, title, naming(rf"\b{row}\b", everywhere)) for row, title in named.items())
        yield heading, list(rows)
    code = [test for test in everywhere if test.file.split("/")[1] in RUNNING]
    functions = sorted(FRAMEWORK_NAMES | LIBRARY_NAMES | ROW_NAMES | set(RECORD_NAMES))
    yield "Functions and objects", [(name, "", naming(_function(name), code)) for name in functions]
    fields = ((f"appsmith.{name}", "", naming(_field(name), code)) for name in FIELDS)
    yield "Fields of `appsmith`", list(fields)
    yield "Members of `auth`", [(name, "", naming(rf"\bauth\.{name}\b", code)) for name in AUTH]
    yield "Queries and scripts", [(name, "", naming(rf"`{name}`", code)) for name in MEMBERS]
    for kind in CATALOGUE.values():
        own = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind.name).lower()
        about = [
            test
            for test in everywhere
            if re.search(rf"\b{kind.name}\b", test.text) or f"test_ui_{own}" in test.file
        ]
        every = dict.fromkeys((*kind.properties, *kind.events, *kind.meta, *kind.derived, *kind.methods))
        names = [name for name in every if name not in kind.private]
        yield f"Widget {kind.name}", [(name, "", naming(rf"\b{name}\b", about)) for name in names]


def text() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, items in sections():
        parts.append(f"## {title}\n\n| name | test |\n|---|---|\n")
        for name, meaning, test in items:
            where = f"`{test.file}::{test.name}`" if test else "none"
            parts.append(f"| {f'{name}: {meaning}' if meaning else f'`{name}`'} | {where} |\n")
        parts.append("\n")
    return "".join(parts)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
