"""Sign-ins over a table of users of the app's own: no token, and a session that holds."""

# ruff: noqa: E501  (statements and scripts stand on one line)

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from portico.auth.manager import SessionManager
from tests.web.contracts import BUTTON, AuthApi, House, portico
from tests.web.posts import Tab

#: The password is compared in SQL: whom the query finds is who signs in.
PROVEN = """\
  entry_page: Enter
  home_page: Home
  sign_in:
    query: getUser
    succeeded: "{{ response.body.length === 1 }}"
    uid: "{{ response.body[0]?.id }}"
    user: "{{ response.body[0] }}"
    roles: "{{ [response.body[0]?.role] }}"
    error: "{{ 'Wrong e-mail or password.' }}"
"""
#: The password is compared by a script: it says who signs in, and only then.
TRUSTED = """\
  entry_page: Enter
  home_page: Home
  store_keys: {token: user}
  sign_in:
    query: findUser
    trust: script
    uid: "{{ response.body[0]?.id }}"
    user: "{{ response.body[0] }}"
    roles: "{{ [response.body[0]?.role] }}"
"""
ME = """\
  me:
    query: me
    uid: "{{ response.body[0]?.id }}"
    user: "{{ response.body[0] }}"
    roles: "{{ [response.body[0]?.role] }}"
"""
COLUMNS = "SELECT id, name, role, password FROM users WHERE"
FORM = (
    "title: Enter\nwidgets:\n"
    "  - {name: Email, type: Input, label: Email}\n"
    "  - {name: Password, type: Input, label: Password, inputType: PASSWORD}\n"
)
FILES = {
    "datasources/db.yaml": "kind: sql\nurl: ${DB_URL}\nallow_private: true\n",
    "pages/Enter/queries/getUser.yaml": f"kind: sql\ndatasource: db\nrun: manual\nstatement: {COLUMNS} email = '{{{{ Email.text }}}}' AND password = '{{{{ Password.text }}}}'\n",
    "pages/Enter/queries/findUser.yaml": f"kind: sql\ndatasource: db\nrun: manual\nstatement: {COLUMNS} email = '{{{{ Email.text }}}}'\n",
    "queries/me.yaml": f"kind: sql\ndatasource: db\nrun: manual\nstatement: {COLUMNS} id = {{{{ this.params.uid }}}}\n",
    "pages/Enter/page.yaml": FORM
    + BUTTON.format("SignIn", "getUser.run()")
    + BUTTON.format(
        "Compare",
        'findUser.run().then((rows) => rows[0]?.password === Password.text ? storeValue("user", rows[0].id) : showAlert("no"))',
    )
    + BUTTON.format("MakeUp", 'storeValue("user", 1).then(() => navigateTo("Home"))')
    + BUTTON.format("LogIn", 'auth.logIn({uid: "1", token: "made-up"})'),
    "pages/Home/page.yaml": "title: Home\nwidgets:\n"
    "  - {name: Who, type: Text, text: \"{{ 'user ' + auth.uid + ' ' + auth.roles.join() + ' ' + JSON.stringify(auth.user) }}\"}\n"
    + BUTTON.format("Leave", "logoutUser()")
    + BUTTON.format("Keep", 'storeValue("user", {id: 2, role: "admin"})')
    + BUTTON.format("Clear", 'removeValue("user")'),
}


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """An API that is never called."""
    with AuthApi() as found:
        yield found
        assert found.calls == []


def users(folder: Path) -> sqlite3.Connection:
    """The app's table."""
    return sqlite3.connect(folder / "users.db", isolation_level=None)


@contextmanager
def house_of(folder: Path, api: AuthApi, auth: str, **files: str) -> Iterator[House]:
    """The app over its table."""
    with users(folder) as db:
        db.execute(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, name TEXT, role TEXT, password TEXT)"
        )
        db.execute("INSERT INTO users VALUES (1, 'ann@example.com', 'Ann', 'admin', 'pw-of-ann')")
        db.execute("INSERT INTO users VALUES (2, 'bob@example.com', 'Bob', 'clerk', 'pw-of-bob')")
    settings = {"DB_URL": f"sqlite:///{folder}/users.db"}
    with portico(folder, api, auth=auth, files={**FILES, **files}, settings=settings) as house:
        yield house


def enter(
    client: httpx.Client, button: str = "SignIn", email: str = "ann@example.com", password: str = "pw-of-ann"
) -> dict[str, Any]:
    """Press a button of the entry page."""
    return Tab(client, "/app/Enter").post(button, Email=email, Password=password)


def session_cookie(answer: httpx.Response) -> str:
    """What sets the session's cookie."""
    (found,) = (one for one in answer.headers.get_list("set-cookie") if ".app=" in one)
    return found.lower()


CONTRACTS = [
    pytest.param(PROVEN, "SignIn", id="sql"),
    pytest.param(TRUSTED, "Compare", id="script"),
]


@pytest.mark.parametrize(("auth", "button"), CONTRACTS)
def test_the_right_password_signs_in(auth: str, button: str, api: AuthApi, tmp_path: Path) -> None:
    """uid, user and roles are those of the row, without the password; a wrong one opens nothing."""
    with house_of(tmp_path, api, auth) as house:
        client = house.client()
        answer = enter(client, button, password="wrong")
        assert answer.get("session") is None
        assert answer["alerts"] == [{"SignIn": "Wrong e-mail or password.", "Compare": "no"}[button]]
        assert not house.signed_in(client)
        answer = enter(client, button)
        assert answer["session"] == "signed-in"
        assert answer["navigate"]["url"] == "/app/Home"
        page = client.get("/app/Home").text
        assert "user 1 admin" in page
        assert "Ann" in page
        assert "pw-of-ann" not in page
        assert client.get("/app/Admin").status_code == 200


@pytest.mark.parametrize(("auth", "button"), CONTRACTS)
def test_the_session_lasts_and_ends(auth: str, button: str, api: AuthApi, tmp_path: Path) -> None:
    """It outlives the browser, as the contract has it, goes on for days, and ends at log-out, everywhere."""
    with house_of(tmp_path, api, auth) as house:
        client = house.client()
        answer = Tab(client, "/app/Enter").raw(
            {
                "visit": "v" * 22,
                "n": 1,
                "widget": button,
                "event": "onClick",
                "values": {"Email": "ann@example.com", "Password": "pw-of-ann"},
            }
        )
        assert "max-age" in session_cookie(answer)
        house.advance(days=3)
        assert house.signed_in(client)
        before = house.cookie(client)
        Tab(client, "/app/Home").post("Leave")
        assert not house.signed_in(client)
        client.cookies.set(f"portico-{house.port}.app", before or "", domain="127.0.0.1")
        assert not house.signed_in(client)


def test_a_session_of_the_browser(api: AuthApi, tmp_path: Path) -> None:
    """`persist_sessions: false` is for these as well."""
    with house_of(tmp_path, api, PROVEN + "  persist_sessions: false\n") as house:
        answer = Tab(house.client(), "/app/Enter").raw(
            {
                "visit": "v" * 22,
                "n": 1,
                "widget": "SignIn",
                "event": "onClick",
                "values": {"Email": "ann@example.com", "Password": "pw-of-ann"},
            }
        )
        assert "max-age" not in session_cookie(answer)


def test_what_the_app_keeps_of_its_user_may_change(api: AuthApi, tmp_path: Path) -> None:
    """Another value under the key, an object as well, is no log-out and no sign-in as somebody else."""
    with house_of(tmp_path, api, TRUSTED) as house:
        client = house.client()
        enter(client, "Compare")
        assert Tab(client, "/app/Home").post("Keep")["alerts"] == []
        assert "user 1 admin" in client.get("/app/Home").text


def test_clearing_the_key_signs_out(api: AuthApi, tmp_path: Path) -> None:
    """The way apps of Appsmith log out."""
    with house_of(tmp_path, api, TRUSTED) as house:
        client = house.client()
        enter(client, "Compare")
        Tab(client, "/app/Home").post("Clear")
        assert not house.signed_in(client)


@pytest.mark.parametrize("auth", [PROVEN, TRUSTED, PROVEN + ME, TRUSTED + ME])
@pytest.mark.parametrize("button", ["MakeUp", "LogIn"])
def test_no_script_makes_somebody_up(auth: str, button: str, api: AuthApi, tmp_path: Path) -> None:
    """Without an answer of the query in the same event, a uid or a key is nothing."""
    with house_of(tmp_path, api, auth) as house:
        client = house.client()
        assert enter(client, button).get("session") is None
        assert not house.signed_in(client)


def test_whom_a_script_does_not_take_is_not_signed_in(api: AuthApi, tmp_path: Path) -> None:
    """`trust: script`: that the row was found is no sign-in; the control without it would be one."""
    found = BUTTON.format("Find", "findUser.run()")
    with house_of(
        tmp_path, api, TRUSTED, **{"pages/Enter/page.yaml": FILES["pages/Enter/page.yaml"] + found}
    ) as house:
        client = house.client()
        assert enter(client, "Find", password="wrong").get("session") is None
        assert not house.signed_in(client)
    control = TRUSTED.replace("    trust: script\n", '    succeeded: "{{ true }}"\n')
    (tmp_path / "control").mkdir()
    with house_of(
        tmp_path / "control",
        api,
        control,
        **{"pages/Enter/page.yaml": FILES["pages/Enter/page.yaml"] + found},
    ) as house:
        assert enter(house.client(), "Find", password="wrong").get("session") == "signed-in"


def test_a_password_that_a_script_compares_is_guessed_ten_times(api: AuthApi, tmp_path: Path) -> None:
    """P69: that the row was found, as it always is, does not forgive what was tried before."""
    with house_of(tmp_path, api, TRUSTED) as house:
        client = house.client()
        said = [enter(client, "Compare", password=f"wrong {number}").get("alerts") for number in range(12)]
        assert said[:10] == [["no"]] * 10
        assert said[10:].count(["no"]) == 0


def test_a_password_that_a_script_finds_right_is_forgiven(api: AuthApi, tmp_path: Path) -> None:
    """P69: once the script signs in, what was tried before for that account counts no more."""
    with house_of(tmp_path, api, TRUSTED) as house:
        client = house.client()
        for _ in range(2):
            said = [enter(client, "Compare", password=f"wrong {number}").get("alerts") for number in range(9)]
            assert said == [["no"]] * 9
            assert enter(house.client(), "Compare")["session"] == "signed-in"


@pytest.mark.parametrize(("auth", "button"), CONTRACTS)
def test_roles_are_asked_again(auth: str, button: str, api: AuthApi, tmp_path: Path) -> None:
    """By `me`, which is given the uid: within a minute a role that was taken away opens nothing, and a user
    who was deleted is signed out."""
    with house_of(tmp_path, api, auth + ME) as house:
        client = house.client()
        enter(client, button)
        assert client.get("/app/Admin").status_code == 200
        with users(tmp_path) as db:
            db.execute("UPDATE users SET role = 'clerk', name = 'Anna' WHERE id = 1")
        house.advance(seconds=61)
        assert client.get("/app/Admin").status_code == 404
        page = client.get("/app/Home").text
        assert "user 1 clerk" in page
        assert "Anna" in page
        assert "pw-of-ann" not in page
        with users(tmp_path) as db:
            db.execute("DELETE FROM users WHERE id = 1")
        house.advance(seconds=61)
        assert not house.signed_in(client)


def test_without_me_roles_are_those_of_the_sign_in(api: AuthApi, tmp_path: Path) -> None:
    """The control: nobody asks."""
    with house_of(tmp_path, api, PROVEN) as house:
        client = house.client()
        enter(client)
        with users(tmp_path) as db:
            db.execute("UPDATE users SET role = 'clerk'")
        house.advance(seconds=61)
        assert client.get("/app/Admin").status_code == 200


def test_an_outage_signs_nobody_out(api: AuthApi, tmp_path: Path) -> None:
    """While the database does not answer the session stands, and roles count for a while."""
    with house_of(tmp_path, api, PROVEN + ME) as house:
        client = house.client()
        enter(client)
        with users(tmp_path) as db:
            db.execute("ALTER TABLE users RENAME TO gone")
        house.advance(seconds=61)
        assert client.get("/app/Admin").status_code == 200
        assert house.signed_in(client)
        house.advance(minutes=11)
        assert client.get("/app/Admin").status_code == 503
        assert house.signed_in(client)


def test_injection_signs_nobody_in(api: AuthApi, tmp_path: Path) -> None:
    """The oldest trick there is, in both fields; the control is `tests/runtime/test_sql_injection.py`."""
    with house_of(tmp_path, api, PROVEN) as house:
        for attack in (
            "' OR '1'='1",
            "' OR 1=1 -- ",
            "ann@example.com' -- ",
            "' UNION SELECT 1, 'x', 'admin', 'x' -- ",
        ):
            for fields in ({"email": attack}, {"password": attack}, {"email": attack, "password": attack}):
                client = house.client()
                assert enter(client, **fields).get("session") is None
                assert not house.signed_in(client)


def test_attempts_are_limited_for_each_account(api: AuthApi, tmp_path: Path) -> None:
    """Its column says whose an attempt is: ten, spelled as they like, and then no more for that account."""
    with house_of(tmp_path, api, PROVEN) as house:
        for number in range(10):
            enter(
                house.client(),
                email="ann@example.com" if number % 2 else "ANN@example.com",
                password=f"guess-{number}",
            )
        assert "Too many attempts" in enter(house.client())["alerts"][0]
        assert enter(house.client(), email="bob@example.com", password="pw-of-bob")["session"] == "signed-in"


def test_another_user_takes_nothing_over(api: AuthApi, tmp_path: Path) -> None:
    """Signing in as somebody else ends the session before."""
    with house_of(tmp_path, api, PROVEN) as house:
        client = house.client()
        enter(client)
        before = house.cookie(client)
        answer = enter(client, email="bob@example.com", password="pw-of-bob")
        assert answer["session"] == "signed-in"
        # An answer that was streamed sets its cookie on the way to the next page.
        page = client.get(answer["navigate"]["url"], follow_redirects=True)
        assert "user 2 clerk" in page.text
        assert house.cookie(client) != before
        assert client.get("/app/Admin").status_code == 404


def test_the_control_of_roles_is_seen(api: AuthApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With sessions that are not asked about by uid, `test_roles_are_asked_again` would fail: it can tell."""
    real = SessionManager.sign_in

    async def forgetful(self: SessionManager, evidence: Any, **how: Any) -> Any:
        object.__setattr__(evidence, "by_uid", False)
        return await real(self, evidence, **how)

    monkeypatch.setattr(SessionManager, "sign_in", forgetful)
    with house_of(tmp_path, api, PROVEN + ME) as house:
        client = house.client()
        enter(client)
        with users(tmp_path) as db:
            db.execute("DELETE FROM users WHERE id = 1")
        house.advance(seconds=61)
        assert client.get("/app/Admin").status_code == 200
