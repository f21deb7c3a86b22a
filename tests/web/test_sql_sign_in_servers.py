"""Sign-ins over tables of PostgreSQL and MariaDB, with hashes, as `docs/auth/sql.md` shows them."""

# ruff: noqa: E501  (statements and scripts stand on one line)

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest

from tests.runtime.database_servers import NAME, PASSWORD, Server, mariadb, postgres
from tests.runtime.statements import asking
from tests.web.contracts import BUTTON, AuthApi, House, portico
from tests.web.posts import Tab
from tests.web.test_sql_sign_in import FORM, ME, PROVEN, TRUSTED

COLUMNS = "SELECT id, name, role, password_hash FROM users WHERE"
FILES = {
    "datasources/db.yaml": f"kind: sql\nurl: ${{DB_URL}}\nallow_private: true\nauth: {{type: basic, username: {NAME}, password: {{secret: DB_PASSWORD}}}}\n",
    "queries/me.yaml": f"kind: sql\ndatasource: db\nrun: manual\nstatement: {COLUMNS} id = {{{{ this.params.uid }}}}\n",
    "pages/Enter/queries/findUser.yaml": f"kind: sql\ndatasource: db\nrun: manual\nprepared: false\nstatement: {COLUMNS} lower(email) = lower('{{{{ Email.text }}}}')\n",
    "pages/Enter/scripts/Session.js": """export default {
  async enter() {
    const rows = await findUser.run();
    const right = rows.length === 1 && await bcryptjs.compare(Password.text, rows[0].password_hash);
    if (!right) return showAlert('Wrong e-mail or password.', 'error');
    await storeValue('user', rows[0]);
    navigateTo('Home');
  },
}
""",
    "pages/Home/page.yaml": "title: Home\nwidgets:\n"
    "  - {name: Who, type: Text, text: \"{{ 'user ' + auth.uid + ' ' + auth.roles.join() + ' ' + JSON.stringify(auth.user) }}\"}\n",
}


@pytest.fixture(scope="module", params=[postgres, mariadb], ids=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server with a table of users, whose passwords are hashed at a cost that tests can wait for."""
    with request.param() as found:
        hashed = bcrypt.hashpw(b"pw-of-ann", bcrypt.gensalt(4, b"2a")).decode()

        async def fill() -> None:
            async with asking(found.source()) as db:
                await db.rows(
                    "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(99), name VARCHAR(99), role VARCHAR(99), password_hash VARCHAR(99))"
                )
                await db.rows(
                    "INSERT INTO users VALUES (1, 'Ann@example.com', 'Ann', 'admin', {{ 0 }})", hashed
                )
                if found.kind == "postgresql":
                    await db.rows("CREATE EXTENSION pgcrypto")

        asyncio.run(fill())
        yield found


def house_of(folder: Path, server: Server, auth: str, button: str, **more: str) -> Any:
    """The app over that table. The password of the database is a secret of its."""
    page = FORM + BUTTON.format("SignIn", button)
    return portico(
        folder,
        AuthApi(url="http://127.0.0.1:9"),
        auth=auth,
        files={**FILES, "pages/Enter/page.yaml": page, **more},
        settings={"DB_URL": server.source().url},
        secrets={"DB_PASSWORD": PASSWORD},
    )


def enter(house: House, client: httpx.Client, password: str) -> dict[str, Any]:
    """Press the button."""
    return Tab(client, "/app/Enter").post("SignIn", Email="ann@EXAMPLE.com", Password=password)


def tried(house: House) -> None:
    """A wrong password, the right one, and what it opens."""
    client = house.client()
    answer = enter(house, client, "wrong")
    assert answer.get("session") is None
    assert answer["alerts"] == ["Wrong e-mail or password."]
    assert enter(house, client, "pw-of-ann")["session"] == "signed-in"
    page = client.get("/app/Home").text
    assert "user 1 admin" in page
    assert "password_hash" not in page
    assert "$2a$" not in page
    house.advance(seconds=61)
    assert client.get("/app/Admin").status_code == 200


def test_a_script_compares_with_bcrypt(server: Server, tmp_path: Path) -> None:
    """The way of apps that were made elsewhere: the hash comes to the script, and its word is what counts."""
    with house_of(tmp_path, server, TRUSTED + ME, "Session.enter()") as house:
        tried(house)


def test_the_database_compares(server: Server, tmp_path: Path) -> None:
    """PostgreSQL hashes by itself; the query alone signs in."""
    if server.kind != "postgresql":
        return
    statement = f"kind: sql\ndatasource: db\nrun: manual\nstatement: {COLUMNS} lower(email) = lower({{{{ Email.text }}}}) AND password_hash = crypt({{{{ Password.text }}}}, password_hash)\n"
    files = {"pages/Enter/queries/getUser.yaml": statement}
    with house_of(tmp_path, server, PROVEN + ME, "getUser.run()", **files) as house:
        tried(house)
