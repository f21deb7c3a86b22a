"""Datasources of kind sql, and queries of the kinds that are no REST calls, as files."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from portico.definition import database
from portico.definition.load import Loaded, load
from portico.definition.secrets import Secrets
from portico.model.app import App
from portico.model.credentials import Basic
from portico.model.statement import Slot
from tests.definition.apps import PLAIN, TYPES, write

SECRETS = Secrets({"PORTICO_SECRET_DB_PASSWORD": "s3cret-password"})
DB = "kind: sql\nurl: postgresql://db.example.com/shop\n"


def loaded(folder: Path, files: Mapping[str, str], settings: Mapping[str, str] | None = None) -> Loaded:
    """PLAIN with these files."""
    root = write(folder, {**PLAIN, **files})
    return load(root, types=TYPES, settings=settings or {}, secrets=SECRETS)


def app(folder: Path, files: Mapping[str, str], settings: Mapping[str, str] | None = None) -> App:
    """The same, without problems."""
    found = loaded(folder, files, settings)
    assert [problem.as_text() for problem in found.problems] == []
    assert found.app is not None
    return found.app


def test_a_database_names_its_password(tmp_path: Path) -> None:
    """The password comes from a secret, and shows in no repr."""
    text = f"{DB}auth: {{type: basic, username: shop, password: {{secret: DB_PASSWORD}}}}\ntimeout: 5s\n"
    found = app(tmp_path, {"datasources/db.yaml": text}).datasources["db"]
    assert found.kind == "sql"
    assert isinstance(found.auth, Basic)
    assert found.auth.password.reveal() == "s3cret-password"
    assert "s3cret-password" not in repr(found)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (
            "postgresql://shop:pw1234@db.example.com/shop",
            "a user name or password cannot stand in an address",
        ),
        ("https://db.example.com/shop", "an address of a database begins with what it is"),
        ("postgresql:///shop", "an address of a database names a host"),
        ("postgresql://db.example.com/shop?host=10.0.0.1", "`host` cannot stand in this address"),
        ("postgresql://db.example.com/shop?sslmode=none", "`sslmode` is one of"),
        ("mysql://db.example.com/shop?unix_socket=/x", "`unix_socket` cannot stand in this address"),
        ("sqlite://", "an address of SQLite names a file"),
        ("sqlite:///:memory:", "an address of SQLite names a file"),
        ("sqlite:///a.db?mode=ro", "an address of SQLite has no parameters"),
    ],
)
def test_addresses_that_are_refused(url: str, says: str, tmp_path: Path) -> None:
    """With their place; one with a password in it is not repeated, whether it is written or set."""
    for text, settings in ((url, {}), ("${DB_URL}", {"DB_URL": url})):
        found = loaded(tmp_path, {"datasources/db.yaml": f"kind: sql\nurl: '{text}'\n"}, settings)
        (problem,) = found.problems
        assert (problem.place.file, problem.place.line) == ("datasources/db.yaml", 2)
        assert problem.code == "E211"
        assert says in problem.message
        assert "pw1234" not in problem.as_text()


@pytest.mark.parametrize("key", ["headers: {A: b}", "keep_cookies: true", "token_in_query: true"])
def test_what_only_an_api_has(key: str, tmp_path: Path) -> None:
    """A database has no headers, cookies or parameters."""
    (problem,) = loaded(tmp_path, {"datasources/db.yaml": f"{DB}{key}\n"}).problems
    assert (problem.code, problem.place.line) == ("E201", 3)


def test_other_credentials_than_a_password(tmp_path: Path) -> None:
    """There is no bearer token for a database."""
    text = f"{DB}auth: {{type: bearer, token: {{secret: DB_PASSWORD}}}}\n"
    assert "E204" in {problem.code for problem in loaded(tmp_path, {"datasources/db.yaml": text}).problems}


def test_a_driver_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` says so, and which extra brings it."""
    monkeypatch.setattr(database, "find_spec", lambda name: None)
    (problem,) = loaded(tmp_path, {"datasources/db.yaml": DB}).problems
    assert problem.code == "W605"
    assert problem.remedy == "install portico[postgres]"


def test_a_statement_becomes_places_for_values(tmp_path: Path) -> None:
    """No text of a binding is left in what is sent to the database."""
    text = "kind: sql\ndatasource: db\nstatement: |\n  SELECT * FROM t WHERE a = {{ this.params.a }}\n"
    found = app(tmp_path, {"datasources/db.yaml": DB, "queries/get.yaml": text}).queries["get"]
    assert found.kind == "sql"
    assert found.statement is not None
    assert found.method == "GET"
    ((before, slot, after),) = found.statement.commands
    assert (before, after) == ("SELECT * FROM t WHERE a = ", "\n")
    assert slot == Slot(parts=(0,))


def test_a_statement_that_writes_waits_to_be_run(tmp_path: Path) -> None:
    """It is not run by itself, whatever shows its data; one that reads is."""
    page = "widgets:\n  - {name: T, type: Text, text: '{{ get.data }}'}\n"
    base = "kind: sql\ndatasource: db\nstatement: "
    for statement, load_ in (("SELECT 1", (("get",),)), ("DELETE FROM t", ())):
        files = {"pages/Home/queries/get.yaml": f"{base}{statement}\n", "pages/Home/page.yaml": page}
        found = app(tmp_path / statement[:3], {"datasources/db.yaml": DB, **files})
        assert found.pages["Home"].load == load_


def test_keys_of_another_kind(tmp_path: Path) -> None:
    """Each kind has its own."""
    text = "kind: sql\ndatasource: db\nstatement: SELECT 1\npath: /x\n"
    (problem,) = loaded(tmp_path, {"datasources/db.yaml": DB, "queries/get.yaml": text}).problems
    assert (problem.code, problem.message) == ("E201", "a query of kind sql has no `path`")
