"""Seed S2 in a real browser: sign in, a page that holds, log out (rows S2-1 to S2-14)."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.servers import EXAMPLES, PASSWORD, USERNAME, AuthServer, PorticoServer

APP = "jwt-login"


def password_of(page: Page) -> Locator:
    """The password field; the button that shows it is labelled with the same word."""
    return page.locator('input[name="v.PasswordInput"]')


def sessions_of(page: Page) -> list[str]:
    """The values of the cookies that hold a session; the browser's time zone has one too."""
    return [str(cookie["value"]) for cookie in page.context.cookies() if cookie["name"] != "tz"]


def sign_in(page: Page, portico: PorticoServer, password: str = PASSWORD) -> None:
    """Fill in the seed's form and press its button."""
    page.goto(f"{portico.url}/{APP}/LoginPage")
    page.get_by_label("Username").fill(USERNAME)
    password_of(page).fill(password)
    page.get_by_role("button", name="Log in").click()


def test_sign_in_shows_the_secret_and_holds(
    page: Page, portico: PorticoServer, auth_server: AuthServer
) -> None:
    """S2-2 to S2-9, S2-13: the seed's credentials open MainPage; reload and a restart keep it open."""
    secret = auth_server.secret_message()
    sign_in(page, portico)
    expect(page).to_have_url(f"{portico.url}/{APP}/MainPage")
    expect(page.get_by_text(secret)).to_be_visible()
    page.reload()
    expect(page.get_by_text(secret)).to_be_visible()
    portico.restart()
    page.reload()
    expect(page.get_by_text(secret)).to_be_visible()


def test_a_killed_server_keeps_sessions(page: Page, portico: PorticoServer, auth_server: AuthServer) -> None:
    """Sessions are on disk before the sign-in is answered."""
    sign_in(page, portico)
    expect(page.get_by_text(auth_server.secret_message())).to_be_visible()
    portico.restart(signal.SIGKILL)
    page.reload()
    expect(page.get_by_text(auth_server.secret_message())).to_be_visible()


def test_tab_headers_are_hidden(page: Page, portico: PorticoServer) -> None:
    """S2-12: with Show Tabs off there is nothing to switch tabs with."""
    sign_in(page, portico)
    expect(page.get_by_text("The secure content")).to_be_visible()
    assert page.get_by_role("tab").count() == 0


def test_log_out_ends_it_everywhere(page: Page, portico: PorticoServer, auth_server: AuthServer) -> None:
    """S2-14: the seed's snippet ends the session; other tabs follow, and Back shows nothing."""
    secret = auth_server.secret_message()
    sign_in(page, portico)
    expect(page.get_by_text(secret)).to_be_visible()
    other = page.context.new_page()
    other.goto(f"{portico.url}/{APP}/MainPage")
    expect(other.get_by_text(secret)).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/LoginPage"))
    expect(other.get_by_text(secret)).to_have_count(0)
    expect(other).to_have_url(re.compile("/LoginPage"))

    page.go_back(wait_until="commit")
    page.wait_for_load_state()
    expect(page.get_by_text(secret)).not_to_be_visible()
    expect(page).to_have_url(re.compile("/LoginPage"))
    page.goto(f"{portico.url}/{APP}/MainPage")
    expect(page).to_have_url(re.compile("/LoginPage"))


def test_back_shows_nothing_after_a_log_out_in_another_tab(
    page: Page, portico: PorticoServer, auth_server: AuthServer
) -> None:
    """Promise 64: the page waits in the back/forward cache while another tab logs out."""
    secret = auth_server.secret_message()
    sign_in(page, portico)
    expect(page.get_by_text(secret)).to_be_visible()
    page.goto(f"{portico.url}/")
    other = page.context.new_page()
    other.goto(f"{portico.url}/{APP}/MainPage")
    other.get_by_role("button", name="Log out").click()
    expect(other).to_have_url(re.compile("/LoginPage"))
    page.go_back(wait_until="commit")
    expect(page.get_by_text(secret)).not_to_be_visible()
    expect(page).to_have_url(re.compile("/LoginPage"))


def test_back_forward_cache_is_on(page: Page, portico: PorticoServer, auth_server: AuthServer) -> None:
    """The control of the tests above: a page of ours does come back from that cache."""
    page.add_init_script(
        "addEventListener('pageshow', e => { if (e.persisted) document.title = 'restored' })"
    )
    sign_in(page, portico)
    expect(page.get_by_text(auth_server.secret_message())).to_be_visible()
    page.goto(f"{portico.url}/")
    page.go_back(wait_until="commit")
    expect(page).to_have_title("restored")
    expect(page.get_by_text(auth_server.secret_message())).to_be_visible()


def test_wrong_password_shows_the_apis_words(page: Page, portico: PorticoServer) -> None:
    """S2-8: Strapi answers 400, the callback does not run, the rejection becomes an alert."""
    sign_in(page, portico, "wrong-password")
    expect(page.get_by_role("alert").get_by_text("Invalid identifier or password")).to_be_visible()
    expect(page).to_have_url(re.compile("/LoginPage"))
    expect(page.get_by_label("Username")).to_have_value(USERNAME)
    assert not sessions_of(page)
    password_of(page).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{portico.url}/{APP}/MainPage")
    expect(page.get_by_text("Invalid identifier or password")).to_have_count(0)


def test_guarded_page_leads_back_after_sign_in(page: Page, portico: PorticoServer) -> None:
    """A signed-out visitor is led to the entry page and, once signed in, to where they wanted."""
    page.goto(f"{portico.url}/{APP}/MainPage?from=mail")
    expect(page).to_have_url(re.compile(r"/LoginPage\?next="))
    page.get_by_label("Username").fill(USERNAME)
    password_of(page).fill(PASSWORD)
    password_of(page).press("Enter")
    expect(page).to_have_url(f"{portico.url}/{APP}/MainPage?from=mail")


def test_page_as_in_seed_gates_by_tabs(page: Page, portico: PorticoServer, auth_server: AuthServer) -> None:
    """S2-10, S2-11, S2-13: without a token the unauthorized tab with a Login button; with one the other."""
    page.goto(f"{portico.url}/{APP}/MainPageAsInSeed")
    expect(page.get_by_text("You must log in to see this page.")).to_be_visible()
    assert "The secure content" not in page.content()
    page.get_by_role("button", name="Login").click()
    expect(page).to_have_url(re.compile("/LoginPage"))
    sign_in(page, portico)
    expect(page).to_have_url(re.compile("/MainPage$"))
    page.goto(f"{portico.url}/{APP}/MainPageAsInSeed")
    expect(page.get_by_text(auth_server.secret_message())).to_be_visible()
    assert "You must log in" not in page.content()


def test_the_token_reaches_nothing_in_the_browser(
    page: Page, portico: PorticoServer, auth_server: AuthServer
) -> None:
    """Promises 58 and 60: no byte of the token in any answer, address, cookie or storage."""
    seen: list[str] = []
    page.on("response", lambda response: seen.append(str(response.all_headers()) + response.url))

    def keep(response: object) -> None:
        bodies.append(response)

    bodies: list[object] = []
    page.on("response", keep)
    sign_in(page, portico)
    expect(page.get_by_text(auth_server.secret_message())).to_be_visible()
    page.reload()
    for response in list(bodies):
        try:
            seen.append(response.text())  # type: ignore[attr-defined]
        except Exception:  # noqa: BLE001 (redirects have no body)
            continue
    seen.append(page.content())
    seen.append(page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])"))
    seen.append(str(page.context.cookies()))
    seen.append(str(page.context.storage_state(indexed_db=True)))
    everything = "\n".join(seen)
    assert auth_server.secret_message() in everything, "the search looks at what the page showed"
    assert "eyJ" not in everything
    assert not re.search(r"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}", everything)


@pytest.fixture
def scriptless(chromium: Browser) -> Iterator[Page]:
    """A browser that runs no scripts."""
    context: BrowserContext = chromium.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_the_same_journey_without_scripts(
    scriptless: Page, portico: PorticoServer, auth_server: AuthServer
) -> None:
    """Sign-in, the wrong password, and log-out work as plain forms."""
    page, secret = scriptless, auth_server.secret_message()
    sign_in(page, portico, "wrong-password")
    expect(page.get_by_text("Invalid identifier or password")).to_be_visible()
    expect(page.get_by_label("Username")).to_have_value(USERNAME)
    password_of(page).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{portico.url}/{APP}/MainPage")
    expect(page.get_by_text(secret)).to_be_visible()
    portico.restart()
    page.reload()
    expect(page.get_by_text(secret)).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/LoginPage"))
    page.goto(f"{portico.url}/{APP}/MainPage")
    expect(page).to_have_url(re.compile("/LoginPage"))
    assert secret not in page.content()


def test_typed_input_survives_a_server_restart(page: Page, portico: PorticoServer) -> None:
    """What was typed stays, and the press of the button goes through afterwards."""
    page.goto(f"{portico.url}/{APP}/LoginPage")
    page.get_by_label("Username").fill(USERNAME)
    password_of(page).fill(PASSWORD)
    portico.restart()
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{portico.url}/{APP}/MainPage")


def test_a_dropped_network_loses_no_click(
    page: Page, context: BrowserContext, portico: PorticoServer
) -> None:
    """Offline, the click waits; online again, it is delivered once."""
    page.goto(f"{portico.url}/{APP}/LoginPage")
    page.get_by_label("Username").fill(USERNAME)
    password_of(page).fill(PASSWORD)
    context.set_offline(True)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_timeout(1000)
    expect(page.get_by_label("Username")).to_have_value(USERNAME)
    context.set_offline(False)
    expect(page).to_have_url(f"{portico.url}/{APP}/MainPage")


def test_signed_out_nothing_of_the_page_leaves_the_server(
    portico: PorticoServer, auth_server: AuthServer
) -> None:
    """Promise 123: no channel answers a signed-out visitor with a byte of the protected page."""
    secret = auth_server.secret_message()
    with httpx.Client(base_url=portico.url, trust_env=False, follow_redirects=True) as client:
        event = {"visit": "v" * 22, "n": 1, "widget": None, "event": "load", "values": {}}
        origin = {"Origin": portico.url}
        answers = [
            client.get(f"/{APP}/MainPage"),
            client.head(f"/{APP}/MainPage"),
            client.post(f"/{APP}/MainPage", json=event, headers={"Portico-Event": "1", **origin}),
            client.post(f"/{APP}/MainPage", data={"portico.event": "load"}, headers=origin),
            client.get(f"/{APP}/MainPageAsInSeed"),
        ]
        for answer in answers:
            hops = [*answer.history, answer]
            everything = "".join(hop.text + str(hop.headers) for hop in hops)
            assert secret not in everything
            assert "The secure content" not in everything
        token = client.post(
            f"/{APP}/LoginPage",
            data={
                "v.UsernameInput": USERNAME,
                "v.PasswordInput": PASSWORD,
                "portico.event": "LoginButton onClick",
            },
            headers=origin,
        )
        assert secret in token.text, "the control: signed in, the same page has it"


def test_snippets_stand_as_in_the_seed() -> None:
    """The example holds the seed's snippets, not paraphrases of them."""
    login = (EXAMPLES / APP / "pages/LoginPage/page.yaml").read_text()
    main = (EXAMPLES / APP / "pages/MainPage/page.yaml").read_text()
    body = (EXAMPLES / APP / "pages/LoginPage/queries/login_api.yaml").read_text()

    def squeezed(text: str) -> str:
        return " ".join(text.split())

    assert (
        "{{ login_api.run(() => { const jwt = login_api?.data?.jwt; if (jwt) { storeValue('jwt', jwt); "
        "navigateTo('MainPage', {}); } else { showAlert('Login failed!', 'error'); } }) }}"
    ) in squeezed(login)
    assert '{{ (() => { storeValue("jwt", undefined); navigateTo("LoginPage"); })() }}' in squeezed(main)
    assert '{{ SecureQuery.data.status == "200 OK"? "authorized": "unauthorized" }}' in squeezed(main)
    assert "{{ { identifier: UsernameInput.text, password: PasswordInput.text } }}" in squeezed(body)
    secured = (EXAMPLES / APP / "pages/MainPage/queries/SecureQuery.yaml").read_text()
    assert "Authorization: Bearer {{appsmith.store.jwt}}" in secured


def test_nothing_secret_in_the_log_or_the_store(
    page: Page, portico: PorticoServer, auth_server: AuthServer, tmp_path: Path
) -> None:
    """Promises 7 and 59: neither log nor store holds the password, the token or the cookie."""
    sign_in(page, portico)
    expect(page.get_by_text(auth_server.secret_message())).to_be_visible()
    (cookie,) = sessions_of(page)
    portico.stop()
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        for secret in (PASSWORD, cookie, cookie.partition(".")[2], "eyJhbGciOi"):
            assert secret.encode() not in content, f"{file.name}"
