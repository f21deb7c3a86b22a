"""What `portico new --auth` makes works against the real API, as it is."""

import secrets
from pathlib import Path

import pytest

from portico.cli import new, new_auth
from tests.backends.servers import Backend
from tests.journeys.portal import Recorder, Visitor, serving
from tests.journeys.preset_app import shown

PRESETS = ["pocketbase", "fastapi-users", "simplejwt", "allauth", "better-auth", "strapi"]

pytestmark = pytest.mark.parametrize("backend", PRESETS, indirect=True)


def test_a_new_app_signs_in_and_out(backend: Backend, tmp_path: Path) -> None:
    """Its login page, its home page, and log-out."""
    new.create("shop", tmp_path, new.DEFAULT, backend.name)
    user = backend.credentials
    with (
        Recorder(backend.url) as api,
        serving(tmp_path / "shop", settings={"AUTH_URL": api.url}) as portal,
        Visitor(portal) as visitor,
    ):
        form = {"LoginInput": user.login, "PasswordInput": user.password}
        assert visitor.get("Home").status_code == 303
        assert visitor.press("Login", "LoginButton", **form | {"PasswordInput": "wrong"}).status_code == 200
        answer = visitor.press("Login", "LoginButton", **form)
        assert answer.status_code == 303, shown(answer)
        assert "Hello, " in shown(visitor.get("Home"))
        assert visitor.press("Home", "LogoutButton").status_code == 303
        assert visitor.get("Home").status_code == 303


def test_a_new_app_signs_up(backend: Backend, tmp_path: Path) -> None:
    """Where the API has a sign-up: whether it signs in by itself or not, its user is on the home page."""
    start = new_auth.STARTS[backend.name]
    new.create("shop", tmp_path, new.DEFAULT, backend.name)
    assert (tmp_path / "shop/pages/SignUp").exists() is (start.sign_up is not None)
    name = f"user{secrets.token_hex(6)}"
    values = {"email": f"{name}@example.com", "name": name, "username": name}
    form = {f"{field.title()}Input": values[field] for field in start.sign_up or {}}
    with (
        Recorder(backend.url) as api,
        serving(tmp_path / "shop", settings={"AUTH_URL": api.url}) as portal,
        Visitor(portal) as visitor,
    ):
        if start.sign_up is None:
            assert visitor.get("SignUp").status_code == 404
            return
        answer = visitor.press("SignUp", "SignUpButton", **form, PasswordInput="a long sentence")
        assert answer.status_code == 303, shown(answer)
        home = shown(visitor.get("Home"))
        assert f"Hello, {name}" in home
        assert "Open the link in the mail" not in home
