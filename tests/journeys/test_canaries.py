"""Promises 58 to 60 over the examples: no token that the auth API issued is on a wire, in a log or a file."""

import json
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.servers import EXAMPLES, PASSWORD, USERNAME, AuthServer, PorticoServer
from tests.journeys.tap import Tap

EMAIL = f"{USERNAME}@example.com"
#: The examples, with a page behind the sign-in and the key of its token.
APPS = (
    ("jwt-login", "MainPage", "jwt"),
    ("js-free", "MainPage", "jwt"),
    ("sign-up", "Home", "access_token"),
)
#: Every logger at its loudest.
LOUD = "import logging\nimport portico.cli.log as log\nlog.configure.__defaults__ = (logging.DEBUG,)\n"
#: The same, without sealing.
LEAKING = f"{LOUD}import portico.auth.sealing as sealing\nsealing.Vault.seal = lambda vault, token: token\n"
#: A page that shows, logs and throws what it holds, to be put into the examples.
TELLTALE = """
  - {name: Telltale, type: Text, text: "{{ 'It holds ' + appsmith.store.KEY }}"}
  - {name: Telling, type: Text, text: "{{ console.log(appsmith.store.KEY.split('.')[2]) }}"}
"""
_ISSUED = re.compile(rb'"(?:jwt|access_token|refresh_token|token)"\s*:\s*"([^"]+)"')


@pytest.fixture(scope="module")
def api() -> Iterator[AuthServer]:
    """An auth server whose tokens end soon, so that they are renewed."""
    with AuthServer("--access-lifetime", "62") as server:
        yield server


def issued(tap: Tap) -> list[bytes]:
    """Of every token that the auth API issued, the part that is secret."""
    found = {token for token in _ISSUED.findall(tap.answered) if not token.startswith(b"sealed")}
    return sorted({token.rpartition(b".")[2] for token in found})


def use_forms(url: str) -> None:
    """The seed's sign-in and the one without JavaScript, both with forms alone; then what fails."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    for app, secret in (("jwt-login", "MainPage"), ("js-free", "MainPage")):
        with httpx.Client(base_url=url, trust_env=False, headers=headers, timeout=30) as client:
            form = {"v.UsernameInput": USERNAME, "v.PasswordInput": PASSWORD}
            entered = client.post(f"/{app}/LoginPage", data={**form, "portico.event": "LoginButton onClick"})
            assert entered.status_code == 303
            assert "The secure content" in client.get(f"/{app}/{secret}").text
            for path in (f"/{app}/Nowhere", "/nothing", f"/{app}/%00", "/_portico/alive"):
                client.get(path)
            client.post(
                f"/{app}/{secret}",
                content=b"{",
                headers={"Portico-Event": "1", "Content-Type": "application/json"},
            )
            client.post(f"/{app}/{secret}", data={"portico.event": "LogoutButton onClick"})


def use_browser(page: Page, url: str, server: PorticoServer) -> bytes:
    """Sign-in, a renewal when the page is opened again, a restart, log-out. What the browser held before."""
    page.goto(f"{url}/sign-up/LoginPage")
    page.get_by_label("E-mail").fill(EMAIL)
    page.locator('input[name="v.password"]').fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(f"Hello {EMAIL}")).to_be_visible()
    page.wait_for_timeout(2500)
    page.reload()
    expect(page.get_by_text(f"Hello {EMAIL}")).to_be_visible()
    server.restart(signal.SIGKILL)
    page.reload()
    expect(page.get_by_text(f"Hello {EMAIL}")).to_be_visible()
    kept = held(page)
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    return kept + held(page)


def held(page: Page) -> bytes:
    """What the browser keeps and can read."""
    script = (
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href, "
        "document.documentElement.outerHTML])"
    )
    return str(page.evaluate(script)).encode() + json.dumps(page.context.cookies()).encode()


def telling(name: str, page: str, key: str, folder: Path) -> Path:
    """A copy of an example, one page of which tells what it holds."""
    shutil.copytree(EXAMPLES / name, folder / name)
    file = folder / name / "pages" / page / "page.yaml"
    file.write_text(file.read_text().rstrip() + TELLTALE.replace("KEY", key))
    return folder / name


def found(broken: str, browser: Browser, api: AuthServer, folder: Path) -> dict[str, int]:
    """How many of the tokens stand where, after a journey."""
    with Tap(api.port) as upstream:
        apps = [telling(*app, folder.parent / f"{folder.name}-apps") for app in APPS]
        settings = {"AUTH_URL": upstream.url}
        with (
            PorticoServer(apps, folder=folder, settings=settings, broken=broken) as server,
            Tap(server.port) as tap,
        ):
            context = browser.new_context()
            page = context.new_page()
            page.set_default_timeout(20_000)
            use_forms(tap.url)
            kept = use_browser(page, tap.url, server)
            context.close()
            files = {file.name: file.read_bytes() for file in folder.iterdir()}
            # Strapi's tokens of one second are one token.
            assert len(issued(upstream)) >= 4, issued(upstream)
            addresses = b"\n".join(
                line
                for line in upstream.sent.splitlines()
                if b" HTTP/1.1" in line or line.lower().startswith(b"referer")
            )
            places = {
                "sent": tap.sent,
                "answered": tap.answered,
                "browser": kept,
                "addresses": addresses,
                **files,
            }
            assert b"Hello" in places["answered"]
            assert b"/auth/v1/user" in addresses
            return {
                place: count
                for place, content in places.items()
                if (count := sum(part in content for part in issued(upstream)))
            }


def test_no_token_is_on_the_wire_in_a_log_or_a_file(
    chromium: Browser, api: AuthServer, tmp_path: Path
) -> None:
    """Every byte between browser and server, what the browser keeps, addresses upstream, logs at DEBUG,
    the store with its journal; sign-in with and without JavaScript, renewal, restart, errors, log-out."""
    assert found(LOUD, chromium, api, tmp_path) == {}


def test_a_server_that_leaks_is_found_out(chromium: Browser, api: AuthServer, tmp_path: Path) -> None:
    """The control: without sealing the same pages tell the wire, the browser and the log."""
    places = found(LEAKING, chromium, api, tmp_path)
    assert {"answered", "browser", "portico.log"} <= places.keys()
