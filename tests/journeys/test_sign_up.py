"""Seed S3 in a real browser: sign-up, sign-in, refresh, a link that signs in, log-out (S3-1 to S3-13)."""

import itertools
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.servers import EXAMPLES, PASSWORD, USERNAME, AuthServer, PorticoServer

APP = "sign-up"
EMAIL = f"{USERNAME}@example.com"
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def brief_tokens() -> Iterator[AuthServer]:
    """An auth server whose tokens end two seconds behind the example's margin of a minute."""
    with AuthServer("--access-lifetime", "62") as server:
        yield server


@pytest.fixture
def portico(brief_tokens: AuthServer, tmp_path: Path) -> Iterator[PorticoServer]:
    """Portico serving the example."""
    settings = {"AUTH_URL": brief_tokens.url}
    with PorticoServer([EXAMPLES / APP], folder=tmp_path, settings=settings) as server:
        yield server


def newcomer() -> str:
    """An address that has no account yet."""
    return f"newcomer{next(NUMBERS)}-{time.time_ns()}@example.com"


def password_of(page: Page) -> Locator:
    """The password field."""
    return page.locator('input[name="v.password"]')


def fill(page: Page, email: str, password: str = PASSWORD) -> None:
    """The form of either page."""
    page.get_by_label("E-mail").fill(email)
    password_of(page).fill(password)


def sign_in(page: Page, portico: PorticoServer) -> None:
    """The account of the tests."""
    page.goto(f"{portico.url}/{APP}/LoginPage")
    fill(page, EMAIL)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(f"Hello {EMAIL}")).to_be_visible()


def link(auth_server: AuthServer) -> str:
    """A fragment with fresh tokens of the account, as the link in a mail brings it."""
    answer = httpx.post(
        f"{auth_server.url}/token?grant_type=password",
        json={"email": EMAIL, "password": PASSWORD},
        trust_env=False,
    ).json()
    return f"#access_token={answer['access_token']}&refresh_token={answer['refresh_token']}&type=signup"


def kept(page: Page) -> str:
    """Everything that scripts of the browser can read."""
    found = page.evaluate(
        "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}, location.href,"
        " document.documentElement.outerHTML])"
    )
    return str(found)


def test_signing_up_signs_in(page: Page, portico: PorticoServer) -> None:
    """S3-2 to S3-6: the form, the query, what it stores, and the home page."""
    email = newcomer()
    page.goto(f"{portico.url}/{APP}/SignUp")
    fill(page, email)
    page.get_by_role("button", name="Sign up").click()
    expect(page).to_have_url(f"{portico.url}/{APP}/Home")
    expect(page.get_by_text(f"Hello {email}")).to_be_visible()
    assert "eyJ" not in kept(page)


def test_an_address_that_is_taken_or_a_weak_password_is_told_in_the_apis_words(
    page: Page, portico: PorticoServer
) -> None:
    """S3-5: a refusal is an alert, and the form stays as it was."""
    page.goto(f"{portico.url}/{APP}/SignUp")
    fill(page, EMAIL)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert").get_by_text("User already registered")).to_be_visible()
    fill(page, newcomer(), "short")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert").get_by_text("at least 6 characters")).to_be_visible()
    expect(page).to_have_url(re.compile("/SignUp"))


def test_signing_in_by_the_seeds_script(page: Page, portico: PorticoServer) -> None:
    """S3-8 to S3-11: `delete data.user`, every other key is stored, then Home. A wrong password is told."""
    page.goto(f"{portico.url}/{APP}/LoginPage")
    fill(page, EMAIL, "wrong-password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").get_by_text("Invalid login credentials")).to_be_visible()
    sign_in(page, portico)
    assert "eyJ" not in kept(page)


def test_tokens_are_renewed_when_the_page_opens(
    page: Page, portico: PorticoServer, brief_tokens: AuthServer
) -> None:
    """S3-12: before the query that needs them. Cookie and other tabs go on as they were."""
    sign_in(page, portico)
    other = page.context.new_page()
    other.goto(f"{portico.url}/{APP}/Home")
    words = page.locator('[id="w.Since"]').inner_text()
    (before,) = [one for one in page.context.cookies() if one["name"].endswith(f".{APP}")]
    time.sleep(3)
    page.reload()
    expect(page.get_by_text(f"Hello {EMAIL}")).to_be_visible()
    (after,) = [one for one in page.context.cookies() if one["name"].endswith(f".{APP}")]
    assert after["value"] == before["value"]
    assert page.locator('[id="w.Since"]').inner_text() != ""
    assert words != ""
    other.get_by_role("button", name="Log out", exact=True).click()
    expect(other).to_have_url(re.compile("/LoginPage"))


def test_a_refresh_that_is_refused_ends_in_a_clean_sign_in(
    page: Page, portico: PorticoServer, brief_tokens: AuthServer
) -> None:
    """S3-12: the app says so, and keeps nothing."""
    sign_in(page, portico)
    httpx.post(
        f"{brief_tokens.url}/logout?scope=global",
        headers={"Authorization": f"Bearer {link(brief_tokens).split('=')[1].split('&')[0]}"},
        trust_env=False,
    ).raise_for_status()
    time.sleep(3)
    page.reload()
    expect(page).to_have_url(re.compile("/LoginPage"))
    expect(page.get_by_text("Please sign in again.")).to_be_visible()
    page.goto(f"{portico.url}/{APP}/Home")
    expect(page).to_have_url(re.compile(r"/LoginPage\?next="))


def test_a_link_from_elsewhere_asks_first(
    page: Page, portico: PorticoServer, brief_tokens: AuthServer
) -> None:
    """S3-7, hard-cases 13: tokens leave the address at once; who did not ask for them is asked."""
    page.goto(f"{portico.url}/{APP}/Landing{link(brief_tokens)}")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"Continue as {EMAIL}?")).to_be_visible()
    assert page.url == f"{portico.url}/{APP}/Landing"
    dialog.get_by_role("button", name="Not me").click()
    expect(dialog).to_have_count(0)
    page.goto(f"{portico.url}/{APP}/Home")
    expect(page).to_have_url(re.compile("/LoginPage"))
    page.goto(f"{portico.url}/{APP}/Landing{link(brief_tokens)}")
    page.get_by_role("dialog").get_by_role("button", name="Continue").press("Enter")
    expect(page.get_by_text(f"Hello {EMAIL}")).to_be_visible()
    assert "eyJ" not in kept(page)


def test_escape_is_no_consent(page: Page, portico: PorticoServer, brief_tokens: AuthServer) -> None:
    """Closing the question says no."""
    page.goto(f"{portico.url}/{APP}/Landing{link(brief_tokens)}")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"{portico.url}/{APP}/Home")
    expect(page).to_have_url(re.compile("/LoginPage"))


def test_a_landing_page_without_a_link_does_nothing(page: Page, portico: PorticoServer) -> None:
    """S3-7: no fragment, no action."""
    page.goto(f"{portico.url}/{APP}/Landing")
    expect(page.get_by_text("There is nothing here without one.")).to_be_visible()
    expect(page).to_have_url(f"{portico.url}/{APP}/Landing")


def test_logging_out_for_good_and_as_the_seed_does(page: Page, portico: PorticoServer) -> None:
    """S3-13: the seed's own button removes nothing, as the page says; the other one everything."""
    sign_in(page, portico)
    page.get_by_role("button", name="Log out, as in the seed").click()
    expect(page).to_have_url(re.compile("/LoginPage"))
    page.goto(f"{portico.url}/{APP}/Home")
    expect(page.get_by_text(f"Hello {EMAIL}")).to_be_visible()
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page).to_have_url(re.compile("/LoginPage"))
    page.goto(f"{portico.url}/{APP}/Home")
    expect(page).to_have_url(re.compile(r"/LoginPage\?next="))
    page.go_back(wait_until="commit")
    expect(page.get_by_text(f"Hello {EMAIL}")).to_have_count(0)
