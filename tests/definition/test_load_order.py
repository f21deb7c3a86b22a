"""What runs when a page opens, what is worth a turn, and which pages are the same for everybody."""

from pathlib import Path

import pytest

from portico.model.page import Page
from tests.definition.apps import GUARDED, PLAIN, app

HOME = "pages/Home/page.yaml"
QUERY = "pages/Home/queries/getUser.yaml"


def home(folder: Path, widgets: str, files: dict[str, str] | None = None) -> Page:
    """Page Home with an input in a form and these widgets."""
    text = f"""\
widgets:
  - name: Box
    type: Form
    widgets: [{{name: NameInput, type: Input}}]
{widgets}"""
    return app(folder, {**PLAIN, HOME: text, **(files or {})}).pages["Home"]


def text(binding: str) -> str:
    """A Text that shows a binding."""
    return f'  - name: Shown\n    type: Text\n    text: "{{{{ {binding} }}}}"\n'


TOOLS = """\
const shared = () => NameInput.text
export default {
  user() { return getUser.data.name },
  again() { return this.user() },
  plain() { return 1 },
  typed() { return shared() },
}
"""

MORE = "export default { plain() { return 1 }, typed() { return NameInput.text } }\n"


@pytest.mark.parametrize(
    ("binding", "on_load"),
    [
        ("getUser.data.name", True),
        ("getUser?.data", True),
        ("getUser.responseMeta.statusCode", True),
        ("getUser['data']", True),
        ("JSON.stringify(getUser)", True),
        ("getUser.isLoading", False),
        ("Tools.user()", True),
        ("Tools.again()", True),
        ("Tools.plain()", False),
        ("NameInput.text", False),
    ],
)
def test_a_reading_query_runs_when_something_shows_its_data(
    binding: str, on_load: bool, tmp_path: Path
) -> None:
    """Directly or through the functions of a script (2A: referencing data runs the query on load)."""
    page = home(tmp_path, text(binding), {"pages/Home/scripts/Tools.js": TOOLS})
    assert page.load == ((("getUser",),) if on_load else ())


@pytest.mark.parametrize(
    ("query", "on_load"),
    [
        ("method: POST\n", False),
        ("method: POST\nrun: on_load\n", True),
        ("run: manual\n", False),
        ("method: OPTIONS\n", True),
    ],
)
def test_a_query_that_changes_something_never_runs_by_itself(
    query: str, on_load: bool, tmp_path: Path
) -> None:
    """Only a reading method is run for being shown (hard-cases 12); the author's word wins."""
    page = home(tmp_path, text("getUser.data"), {QUERY: f"datasource: api\npath: /user\n{query}"})
    assert page.load == ((("getUser",),) if on_load else ())


def test_events_and_other_queries_do_not_run_a_query(tmp_path: Path) -> None:
    """Only what is shown counts."""
    widgets = '  - {name: Go, type: Button, onClick: "{{ showAlert(getUser.data.name) }}"}\n'
    other = 'datasource: api\npath: "/x/{{ getUser.data.id }}"\n'
    assert home(tmp_path, widgets, {"pages/Home/queries/other.yaml": other}).load == ()


def test_queries_of_the_app_run_on_the_pages_that_show_them(tmp_path: Path) -> None:
    """In document order, those of the app first."""
    page = home(
        tmp_path,
        text("getUser.data + all.data"),
        {"queries/all.yaml": "datasource: api\npath: /all\n", "pages/Other/page.yaml": "title: Other\n"},
    )
    assert page.load == (("all", "getUser"),)


@pytest.mark.parametrize(
    ("widgets", "live"),
    [
        (text("NameInput.text"), True),
        (text("Tools.typed()"), True),
        (text("More.plain()"), False),
        (text("Box.data"), True),
        (text("Box.hasChanges"), True),
        (text("Box.isVisible"), False),
        (text("JSON.stringify(Box)"), True),
        ('  - {name: Go, type: Button, onClick: "{{ showAlert(NameInput.text) }}"}\n', False),
    ],
)
def test_an_input_is_live_when_a_binding_depends_on_its_value(
    widgets: str, live: bool, tmp_path: Path
) -> None:
    """By its name, through a script, or through the form around it."""
    page = home(tmp_path, widgets, {"pages/Home/scripts/Tools.js": TOOLS, "pages/Home/scripts/More.js": MORE})
    assert page.widgets["NameInput"].live is live
    assert not page.widgets["Box"].live


def test_an_input_with_a_change_event_is_live(tmp_path: Path) -> None:
    """Its action wants to run."""
    widgets = "  - {name: Other, type: Input, onTextChanged: \"{{ showAlert('x') }}\"}\n"
    page = home(tmp_path, widgets)
    assert (page.widgets["Other"].live, page.widgets["NameInput"].live) == (True, False)


@pytest.mark.parametrize(
    ("binding", "cacheable"),
    [
        ("'a' + 1", True),
        ("NameInput.text.length > 2 ? [1] : 'x'", True),
        ("getUser.isLoading", True),
        ("appsmith.store.a", False),
        ("portico.URL.pathname", False),
        ("auth.uid", False),
        ("new Date().getFullYear()", False),
        ("Math.random()", False),
        ("(12.5).toLocaleString()", False),
        ("'a'.localeCompare('b')", False),
        ("globalThis.Date.now()", False),
        ("this.Date.now()", False),
        ("(() => 1).constructor('return Date.now()')()", False),
        ("eval('Date.now()')", False),
        ("Tools.plain()", False),
        ("getUser.data", False),
    ],
)
def test_pages_that_vary_are_not_cached(binding: str, cacheable: bool, tmp_path: Path) -> None:
    """Hard-cases 16: store, user, address, time, chance, language, scripts and data."""
    query = "datasource: api\npath: /user\nrun: manual\n"
    page = home(tmp_path, text(binding), {"pages/Home/scripts/Tools.js": TOOLS, QUERY: query})
    assert page.cacheable is cacheable


def test_what_is_not_shown_does_not_matter_for_the_cache(tmp_path: Path) -> None:
    """Events and parts of queries run later; a query at load does matter."""
    widgets = "  - {name: Go, type: Button, onClick: \"{{ storeValue('at', Date.now()) }}\"}\n"
    query = 'datasource: api\npath: "/user/{{ appsmith.store.id }}"\n'
    assert home(tmp_path, widgets, {QUERY: query}).cacheable
    assert not home(tmp_path, widgets, {QUERY: query + "run: on_load\n"}).cacheable


def test_only_public_pages_are_cached(tmp_path: Path) -> None:
    """What needs a session is nobody else's."""
    pages = app(tmp_path, GUARDED).pages
    assert {name: page.cacheable for name, page in pages.items()} == {"Home": False, "Login": True}
