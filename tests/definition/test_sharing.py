"""Apps that share a sign-in: what they must have the same, what is their own, and where it differs."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from portico.definition.load import Loaded, load, together
from portico.definition.secrets import Secrets
from portico.model.app import App
from portico.ui.widgets import CATALOGUE

APP = """\
name: App
auth:
  entry_page: Login
  home_page: Home
  session: shared
  sign_in: {query: login, uid: "{{ response.body.user.id }}"}
  me: {query: me, roles: "{{ response.body.roles }}"}
"""
PAGE = "title: Page\nwidgets:\n  - {name: Hello, type: Text, text: hello}\n"
FILES = {
    "app.yaml": APP,
    "datasources/api.yaml": "url: ${API:-https://api.example.com}/v1\n",
    "queries/login.yaml": 'datasource: api\nmethod: POST\npath: /in\nbody: {x: "{{ this.params.name }}"}\n',
    "queries/me.yaml": 'datasource: api\npath: /me\nheaders: {X-Token: "{{ this.params.token }}"}\n',
    "pages/Login/page.yaml": f"access: public\n{PAGE}",
    "pages/Home/page.yaml": PAGE,
}
Change = Mapping[str, tuple[str, str]]


def read(
    folder: Path, slug: str, changes: Change | None = None, settings: Mapping[str, str] | None = None
) -> Loaded:
    """An app with its files changed: by path, a text and what stands in its place."""
    for path, content in FILES.items():
        old, new = (changes or {}).get(path, ("", ""))
        assert old in content
        file = folder / slug / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content.replace(old, new, 1) if old else content)
    return load(folder / slug, types=CATALOGUE, settings=settings or {}, secrets=Secrets())


def told(loaded: list[Loaded]) -> list[str]:
    """What is wrong with apps together, one text an app."""
    return ["\n".join(problem.as_text() for problem in found.problems) for found in together(loaded)]


def test_equal_contracts_can_be_shared(tmp_path: Path) -> None:
    """Two apps that say the same go together, and know their group."""
    loaded = together([read(tmp_path, "hr"), read(tmp_path, "crm")])
    assert [found.problems for found in loaded] == [(), ()]
    assert [found.app is not None and found.app.sharing is not None for found in loaded] == [True, True]
    groups = {app.sharing.group for app in apps(loaded) if app.sharing is not None}
    assert groups == {"shared"}
    assert len({app.sharing.origin for app in apps(loaded) if app.sharing is not None}) == 1


def apps(loaded: list[Loaded]) -> list[App]:
    """The apps that there are."""
    return [found.app for found in loaded if found.app is not None]


def test_separate_is_the_default(tmp_path: Path) -> None:
    """Without a word, and by `separate`, an app has a sign-in of its own, whatever its contract is."""
    changes = {"app.yaml": ("session: shared", "session: separate"), "queries/me.yaml": ("/me", "/whoami")}
    loaded = [read(tmp_path, "hr", {"app.yaml": ("  session: shared\n", "")}), read(tmp_path, "crm", changes)]
    assert [app.sharing for app in apps(loaded)] == [None, None]
    assert told(loaded) == ["", ""]


@pytest.mark.parametrize(
    ("path", "old", "new", "what", "place"),
    [
        ("datasources/api.yaml", "/v1", "/v2", "the address of `sign_in`", "queries/login.yaml:1:13"),
        ("datasources/api.yaml", "/v1\n", "/v1\nheaders: {X: y}\n", "datasource", "queries/login.yaml:1:13"),
        ("queries/login.yaml", "POST", "PUT", "`method` of the query `sign_in`", "queries/login.yaml:2:1"),
        ("queries/login.yaml", "/in", "/enter", "`path` of the query `sign_in`", "queries/login.yaml:3:1"),
        ("queries/login.yaml", "{x:", "{mail:", "`body` of the query `sign_in`", "queries/login.yaml:4:1"),
        ("queries/me.yaml", "X-Token:", "X-Key:", "`headers` of the query `me`", "queries/me.yaml:3:1"),
        (
            "queries/me.yaml",
            "this.params.token",
            "'x'",
            "`headers`",
            "queries/me.yaml:3:1",
        ),
        ("app.yaml", "body.user.id", "body.user.key", "`uid` of `sign_in`", "app.yaml:6:35"),
        ("app.yaml", "  me:", "  send: {header: X}\n  me:", "`send`", "app.yaml:5:3"),
        ("app.yaml", "  me:", "  persist_sessions: false\n  me:", "`persist_sessions`", "app.yaml:5:3"),
        ("app.yaml", "  me:", "  refused: '{{ false }}'\n  me:", "`refused`", "app.yaml:7:15"),
        ("app.yaml", "  me:", "  sign_out: {query: login}\n  me:", "the query `sign_out`", "app.yaml:7:21"),
    ],
)
def test_a_difference_is_told_with_both_places(
    tmp_path: Path, path: str, old: str, new: str, what: str, place: str
) -> None:
    """Each part of a contract that differs is an error in both apps, which names the other's place."""
    hr, crm = read(tmp_path, "hr"), read(tmp_path, "crm", {path: (old, new)})
    assert (hr.problems, crm.problems) == ((), ())
    first, second = told([hr, crm])
    assert second.startswith(f"{place} E532 the app shares the sign-in `shared` with hr, and has another")
    assert what in second
    assert "make it what hr/" in second
    assert "E532" in first
    assert "crm" in first
    assert apps(together([hr, crm])) == []


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("app.yaml", "home_page: Home", "home_page: Login"),
        ("app.yaml", "response.body.roles", "response.body.groups"),
        ("app.yaml", "  me: {", "  keep: [cart]\n  max_stale: 5\n  me: {user: '{{ response.body.x }}', "),
        ("app.yaml", "  me:", "  audience: [api]\n  store_keys: {token: jwt}\n  me:"),
        ("app.yaml", "{query: login,", "{query: login, error: '{{ response.body.why }}',"),
        ("queries/login.yaml", "this.params.name", "this.params.email"),
        ("pages/Home/page.yaml", "title: Page\n", "title: Page\naccess: {roles: [admin]}\n"),
    ],
)
def test_what_is_an_apps_own(tmp_path: Path, path: str, old: str, new: str) -> None:
    """Pages, access, roles, `auth.user`, the words for users, and what a page puts into its query differ."""
    loaded = [read(tmp_path, "hr"), read(tmp_path, "crm", {path: (old, new)})]
    assert told(loaded) == ["", ""]
    assert len(apps(loaded)) == 2


def test_without_me_roles_and_user_are_the_contracts(tmp_path: Path) -> None:
    """An app that cannot ask about the user takes the answer that another app signed in with, so what that
    means must be the same."""
    without = {"app.yaml": ('  me: {query: me, roles: "{{ response.body.roles }}"}\n', "")}
    other = {
        "app.yaml": (
            '{ response.body.user.id }}"}\n  me: {query: me, roles: "{{ response.body.roles }}"}\n',
            '{ response.body.user.id }}", roles: "{{ [\'admin\'] }}"}\n',
        )
    }
    assert told([read(tmp_path, "hr", without), read(tmp_path, "crm", without)]) == ["", ""]
    first, second = told([read(tmp_path, "hr", without), read(tmp_path, "crm", other)])
    assert "`roles` of `sign_in`" in second
    assert "E532" in first


def test_settings_are_filled_in(tmp_path: Path) -> None:
    """The same text with another setting is another auth API."""
    hr = read(tmp_path, "hr", settings={"API": "https://one.example.com"})
    crm = read(tmp_path, "crm", settings={"API": "https://two.example.com"})
    first, second = told([hr, crm])
    assert "https://one.example.com/v1" in first
    assert "https://two.example.com/v1" in first
    assert "E532" in second
    origins = {app.sharing.origin for app in apps([hr, crm]) if app.sharing is not None}
    assert len(origins) == 2


def test_groups_are_compared_by_name(tmp_path: Path) -> None:
    """Another group is another sign-in; one that is called as an app of the server is none."""
    company = ("session: shared", "session: {shared: company}")
    other = read(tmp_path, "crm", {"app.yaml": company, "queries/me.yaml": ("/me", "/who")})
    assert told([read(tmp_path, "hr"), other]) == ["", ""]
    first, second = told([read(tmp_path, "company"), read(tmp_path, "crm", {"app.yaml": company})])
    assert first == ""
    assert second.startswith("app.yaml:5:3 E533 the group `company` is called as an app of this server is")


@pytest.mark.parametrize("name", ["Company", "a.visitor", "a b", "-x", "x/y"])
def test_names_of_groups(tmp_path: Path, name: str) -> None:
    """The name is a part of a cookie's."""
    found = read(tmp_path, "hr", {"app.yaml": ("session: shared", f"session: {{shared: '{name}'}}")})
    assert [problem.code for problem in found.problems] == ["E531"]


def test_what_scripts_decide_cannot_be_shared(tmp_path: Path) -> None:
    """`trust: script` is one app's word; another could not check it."""
    trusted = {"app.yaml": ("{query: login,", "{query: login, trust: script,")}
    assert [problem.code for problem in read(tmp_path, "hr", trusted).problems] == ["E531"]


@pytest.mark.parametrize("value", ["yes", "[shared]", "{group: x}", "{}"])
def test_other_values(tmp_path: Path, value: str) -> None:
    """Anything else is told where it stands."""
    found = read(tmp_path, "hr", {"app.yaml": ("session: shared", f"session: {value}")})
    assert found.app is None
    assert all(str(problem.place).startswith("app.yaml:5:") for problem in found.problems)
