"""Sign-ins over a table of users: the statement compares the password, or the application's own code does."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from portico.importers.appsmith.importing import Imported
from tests.importers.appsmith.shop import imported, lines, script
from tests.try_app.applications import Application, compared, hashed_table, plain_table

UID = "{{ response.body?.length === 1 ? response.body?.[0]?.id : null }}"


def auth_of(found: Imported) -> Any:
    """The contract, or `none`."""
    return yaml.safe_load(found.files["app.yaml"])["auth"]


@pytest.mark.parametrize("application", [plain_table, hashed_table])
def test_a_statement_that_compares(application: Any, tmp_path: Path) -> None:
    """Its rows come to the application's code, also none; whom one row names can be signed in by it."""
    auth = auth_of(imported(application().write(tmp_path)))
    assert auth["sign_in"] == {
        "query": "signIn",
        "trust": "script",
        "uid": UID,
        "user": "{{ response.body?.[0] }}",
    }


def entering(condition: str) -> Application:
    """An application whose code signs in under this condition."""
    body = f"""export default {{
  async signIn() {{
    const rows = await findUser.run();
    if ({condition}) {{
      await storeValue('user', rows[0]);
      navigateTo('Home');
    }}
  }},
}}"""
    return replace(compared(), scripts=(script("Login", "Auth", body),))


@pytest.mark.parametrize(
    "condition",
    [
        "await dcodeIO.bcrypt.compare(Secret.text, rows[0].password_hash)",
        "rows.length > 0 && rows[0].password === Secret.text",
        "Secret.text == findUser.data[0].password",
        "!(rows[0].password !== Secret.text)",
    ],
)
def test_code_that_compares(condition: str, tmp_path: Path) -> None:
    """The query takes no password, and is the one that signs in all the same."""
    found = imported(entering(condition).write(tmp_path))
    assert auth_of(found)["sign_in"] == {
        "query": "findUser",
        "trust": "script",
        "uid": UID,
        "user": "{{ response.body?.[0] }}",
    }
    told = lines(found, "sign-in")
    assert (
        "findUser signs users in: what a user types as a password is compared with the answer of findUser"
        in told
    )


@pytest.mark.parametrize(
    "condition",
    [
        "rows.length === 1",
        "rows[0].email === Email.text",
        "Secret.text === 'open'",
        "Secret.text === Email.text && rows[0].email",
        "Secret.text.length === rows.length",
        "other(Secret.text, rows[0].password)",
    ],
)
def test_control_what_is_no_comparison(condition: str, tmp_path: Path) -> None:
    """Another field, another value, whether there is a row at all: nobody signs in by it."""
    assert auth_of(imported(entering(condition).write(tmp_path))) == "none"
