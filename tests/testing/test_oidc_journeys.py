"""Users that sign in at the embedded OpenID provider, on a stage, without a browser and in Chromium."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portico.cli import new, new_auth
from portico.testing.chromium import Chromium, chromium
from portico.testing.stage import Stage
from portico.testing.user import User
from tests.testing.test_journeys_manual import tried

#: Each starts two servers, and some a browser.
pytestmark = pytest.mark.timeout(600)
STAFF = "title: Staff\naccess: {roles: [staff]}\nwidgets: [{name: Words, type: Text, text: For staff}]\n"


def shop(folder: Path, **changes: str) -> Path:
    """What `portico new --auth oidc` makes, with a page for a role; lines of `app.yaml` begin another way."""
    for path, content in {**new_auth.files("oidc"), "pages/Staff/page.yaml": STAFF}.items():
        file = folder / "shop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content.replace(new.DRAFT_SLUG, "shop"), encoding="utf-8")
    manifest = folder / "shop/app.yaml"
    text = manifest.read_text()
    for key, value in changes.items():
        text = f"{text.rstrip()}\n  {key}: {value}\n"
    manifest.write_text(text)
    return folder / "shop"


@pytest.fixture(scope="module")
def browsers() -> Iterator[Chromium]:
    """Chromium."""
    with chromium() as program:
        yield program


@pytest.fixture(params=["headless", "chromium"])
def in_chromium(request: pytest.FixtureRequest) -> bool:
    """Whether the user has a real browser."""
    return bool(request.param == "chromium")


def somebody(stage: Stage, browsers: Chromium, *, in_chromium: bool) -> User:
    """A user with such a browser."""
    return stage.user(browsers.browser() if in_chromium else None)


def sign_in(user: User) -> None:
    """By the provider's page."""
    user.open("Login")
    user.click("Sign in")
    user.fill("Username or e-mail", "appsmith_user")
    user.fill("Password", "appsmith_password")
    user.click("Sign in")


def goes_and_comes_again(user: User) -> None:
    """In, out, and to the provider once more."""
    sign_in(user)
    user.at("Home")
    user.click("Sign out")
    user.at("Login")
    user.click("Sign in")


def test_a_role_is_taken_away(tmp_path: Path, browsers: Chromium, in_chromium: bool) -> None:
    """With the next renewal the page of the role is none any more; before, it opens."""
    with Stage(shop(tmp_path)) as stage:
        user = somebody(stage, browsers, in_chromium=in_chromium)
        stage.fault("role staff")
        sign_in(user)
        user.see("Hello, appsmith_user")
        user.open("Staff")
        user.see("For staff")
        stage.clear_faults()
        stage.fault("role nobody")
        stage.advance(timedelta(minutes=6))
        user.open("Home")
        user.see("Hello")
        user.open("Staff")
        user.not_see("For staff")
        refreshed = [call.text for call in stage.calls if call.path == "/oidc/token"]
        assert len(refreshed) == 2


def test_who_is_signed_in_at_the_provider(tmp_path: Path, browsers: Chromium, in_chromium: bool) -> None:
    """With `logout: local` the next sign-in asks nobody: the browser is signed in there still."""
    with Stage(shop(tmp_path, logout="local")) as stage:
        user = somebody(stage, browsers, in_chromium=in_chromium)
        goes_and_comes_again(user)
        user.at("Home")


def test_a_log_out_that_shows_the_id_token(tmp_path: Path, browsers: Chromium, in_chromium: bool) -> None:
    """With `logout: id_token` the provider asks nothing, and is signed out of, too."""
    with Stage(shop(tmp_path, logout="id_token")) as stage:
        user = somebody(stage, browsers, in_chromium=in_chromium)
        goes_and_comes_again(user)
        user.see("To go on to shop.")


def test_a_client_with_a_secret_that_is_made_up(tmp_path: Path) -> None:
    """And with a refresh token that is asked for: the provider shows its page each time."""
    folder = shop(tmp_path, client_secret="{secret: OIDC_SECRET}", scopes="[openid, profile, offline_access]")
    answer = tried(tmp_path, "shop", "-k", "right password")
    assert "Secrets that are not set: OIDC_SECRET." in answer.stderr
    with Stage(folder, secrets={"OIDC_SECRET": "made up"}) as stage:
        user = stage.user()
        sign_in(user)
        user.at("Home")
        user.click("Sign out")
        user.click("No")
        user.at("Login")
        user.click("Sign in")
        user.see("To go on to shop.")


def test_who_cancels(tmp_path: Path) -> None:
    """Is told so by the app, and can begin again."""
    with Stage(shop(tmp_path)) as stage:
        user = stage.user()
        user.open("Login")
        user.click("Sign in")
        user.click("Cancel")
        user.see("The sign-in was cancelled.")
        sign_in(user)
        user.at("Home")


def test_the_app_alone_gets_a_code(tmp_path: Path) -> None:
    """On a stage the provider leads to this app's addresses, and to no other of this machine."""
    with Stage(shop(tmp_path)) as stage:
        user = stage.user()
        user.open("Login")
        user.click("Sign in")
        address = user._tab.url
        user.open(address.replace("%2Fshop%2F_auth", "%2Fother%2F_auth"))
        user.see("The redirect_uri is none of this client's")
