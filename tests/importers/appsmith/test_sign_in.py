"""The sign-in of an application becomes a contract, with reasons; what is not sure is asked."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from portico.definition.load import load
from portico.importers.appsmith.importing import Imported
from portico.ui.widgets import CATALOGUE
from tests.importers.appsmith.shop import (
    ACTIONS,
    GUARD,
    LOGIN,
    ORDERS,
    PAGES,
    function,
    imported,
    lines,
    page,
    rest,
    root,
    script,
    widget,
    write_git,
)

JSON = {"apiContentType": "application/json"}


def manifest(found: Imported) -> dict[str, Any]:
    """What app.yaml says."""
    content: dict[str, Any] = yaml.safe_load(found.files["app.yaml"])
    return content


def access(found: Imported) -> dict[str, str | None]:
    """Who may open each page."""
    return {
        path.split("/")[1]: yaml.safe_load(content).get("access")
        for path, content in found.files.items()
        if path.endswith("page.yaml")
    }


def test_the_shop(tmp_path: Path) -> None:
    """The query that takes a password, the key that keeps its token, the pages around it."""
    found = imported(write_git(tmp_path))
    assert manifest(found) == {
        "auth": {
            "entry_page": "Login",
            "home_page": "My-Orders",
            "sign_in": {"query": "logIn"},
            "me": {"query": "me"},
            "store_keys": {"token": "token"},
            "audience": ["Shop-API-2"],
        },
        "navigation": {"pages": ["My-Orders", "Login"]},
        "theme": {"brand": "#0f766e"},
    }
    assert access(found) == {"Login": "public", "My-Orders": "signed-in"}
    told = lines(found, "sign-in")
    assert "logIn signs users in: logIn sends what a user types as a password" in told
    assert "My Orders: signed-in users may open it: Session leads to Login when the page opens" in told
    assert "My Orders: this signs out: removeValue('token')" in told
    assert any(line.startswith("My Orders › getMe: `me` of the contract: ") for line in told)
    assert yaml.safe_load(found.files["queries/me.yaml"]) == {"datasource": "Shop-API", "path": "/users/me"}
    assert not any("for `me`" in line for line in lines(found, "question"))


def test_the_contract_holds(tmp_path: Path) -> None:
    """Portico takes it, and signed-out visitors are led to the entry page."""
    found = imported(write_git(tmp_path / "source"))
    (tmp_path / "shop").mkdir()
    secret = {"PORTICO_SECRET_SHOP_API_2_API_KEY": "x"}
    loaded = load(tmp_path / "shop", types=CATALOGUE, settings=secret, planned=dict(found.files))
    assert loaded.app is not None
    assert loaded.app.contract is not None
    assert loaded.app.contract.entry_page == "Login"


def test_without_a_sign_in(tmp_path: Path) -> None:
    """Nobody signs in, and that is asked about."""
    source = write_git(tmp_path, pages=[page("Home", root())], actions=[], scripts=[], settings={})
    found = imported(source)
    assert manifest(found)["auth"] == "none"
    assert any("how do users sign in" in line for line in lines(found, "question"))
    assert access(found) == {"Home": None}


def stored(tmp_path: Path, code: str, **more: Any) -> Imported:
    """The shop, whose login page does this when the button is pressed."""
    login = root(
        widget("Password", "INPUT_WIDGET_V2", inputType="PASSWORD"),
        widget("Email", "INPUT_WIDGET_V2"),
        widget("Go", "BUTTON_WIDGET", onClick=code),
    )
    pages = [page("Login", login), page("My Orders", ORDERS), *more.pop("pages", [])]
    return imported(write_git(tmp_path, pages=pages, actions=[*ACTIONS, *more.pop("actions", [])]))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "{{logIn.run().then((data) => { storeValue('t', data.data.session.access_token); })}}",
            {"query": "logIn", "token": "{{ response.body?.data?.session?.access_token }}"},
        ),
        (
            "{{logIn.run().then(d => { storeValue('x', d.jwt); storeValue('refreshToken', d.r); })}}",
            {"query": "logIn", "refresh_token": "{{ response.body?.r }}"},
        ),
        (
            "{{logIn.run().then(r => { storeValue('token', r.tokens[0].jwt); storeValue('user', r.me); })}}",
            {
                "query": "logIn",
                "token": "{{ response.body?.tokens?.[0]?.jwt }}",
                "uid": "{{ response.body?.me?.id }}",
                "user": "{{ response.body?.me }}",
            },
        ),
        (
            "{{logIn.run().then(() => { storeValue('userId', logIn.data.user.id); })}}",
            {
                "query": "logIn",
                "trust": "script",
                "uid": "{{ response.body?.user?.id }}",
                "user": "{{ response.body }}",
            },
        ),
    ],
)
def test_where_tokens_stand(code: str, said: dict[str, str], tmp_path: Path) -> None:
    """As the app stores them: chained, called back, awaited; without a token the app's word is taken."""
    found = stored(tmp_path, code)
    assert manifest(found)["auth"]["sign_in"] == said
    asked = any("hands out no token" in line for line in lines(found, "question"))
    assert asked == ("trust" in said)


def test_answers_that_are_stored_member_by_member(tmp_path: Path) -> None:
    """The key is computed; the token is the one that queries send."""
    code = "{{logIn.run().then(data => Object.keys(data).forEach(k => storeValue(k, data[k])))}}"
    found = stored(tmp_path, code)
    assert manifest(found)["auth"]["sign_in"] == {"query": "logIn"}
    assert manifest(found)["auth"]["store_keys"] == {"token": "token"}


def test_accounts_that_are_made(tmp_path: Path) -> None:
    """A query that makes an account and stores the same key signs in as well; its page is public."""
    register = root(
        widget("Password", "INPUT_WIDGET_V2", inputType="PASSWORD"),
        widget("Go", "BUTTON_WIDGET", onClick="{{signUp.run(() => storeValue('token', signUp.data.jwt))}}"),
    )
    sign_up = rest(
        "Register",
        "signUp",
        configuration={
            "httpMethod": "POST",
            "path": "/register",
            "body": '{"password": {{Password.text}}}',
            "formData": JSON,
        },
    )
    pages = [*PAGES, page("Register", register), page("Somewhere", root())]
    found = imported(write_git(tmp_path, pages=pages, actions=[*ACTIONS, sign_up]))
    assert manifest(found)["auth"]["sign_up"] == {"query": "signUp"}
    assert access(found)["Register"] == "public"
    assert access(found)["Somewhere"] == "signed-in"
    assert any("Somewhere: who may open it?" in line for line in lines(found, "question"))


def test_what_is_no_sign_in(tmp_path: Path) -> None:
    """A reset of a password is none, whatever it sends."""
    reset = rest(
        "Login",
        "resetPassword",
        configuration={
            "httpMethod": "POST",
            "path": "/reset",
            "body": '{"password": {{Password.text}}}',
            "formData": JSON,
        },
    )
    code = "{{resetPassword.run().then(() => storeValue('state', resetPassword.data.state))}}"
    login = root(
        widget("Password", "INPUT_WIDGET_V2", inputType="PASSWORD"),
        widget("Go", "BUTTON_WIDGET", onClick=code),
    )
    found = imported(
        write_git(tmp_path, pages=[page("Login", login)], actions=[reset], scripts=[], settings={})
    )
    assert manifest(found)["auth"] == "none"


def test_a_guard_alone(tmp_path: Path) -> None:
    """A page whose guard leads to the entry page is for signed-in users, also without a query."""
    pages = [page("Login", LOGIN), page("My Orders", ORDERS), page("Quiet", root()), page("Loud", root())]
    scripts = [script(name, "Session", GUARD) for name in ("My Orders", "Quiet", "Loud")]
    actions = [
        *ACTIONS,
        function("Quiet", "Session", "check", "ON_PAGE_LOAD"),
        function("Loud", "Session", "check", "MANUAL"),
    ]
    found = imported(write_git(tmp_path, pages=pages, actions=actions, scripts=scripts))
    assert any("Quiet: signed-in users may open it: Session" in line for line in lines(found, "sign-in"))
    # A guard that nothing runs guards nothing.
    assert any("Loud: who may open it?" in line for line in lines(found, "question"))
    assert access(found)["Loud"] == "signed-in"
