"""What scripts read of `appsmith`, on real pages: the address, the user, the look, the page."""

import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.servers import PorticoServer
from tests.web.conftest import client_of
from tests.web.posts import Tab
from tools.language import FIELDS

APP = """\
auth: none
home_page: Fields
theme: {brand: "#7c3aed"}
"""
PUBLIC = "https://apps.example.com:8443"

ADDRESS = tuple(
    f"appsmith.URL.{name}"
    for name in ("protocol", "host", "hostname", "port", "pathname", "hash", "queryParams", "fullPath")
)
#: Of one who is not signed in: undefined is nothing in a text, and only what reads on fails.
MISSING: Mapping[str, Any] = {
    "appsmith.user.phone === undefined": True,
    "appsmith.user.phone?.length ?? 'none'": "none",
    "appsmith.user.idToken.sub === undefined": True,
    "appsmith.user.phone.length": None,
    "auth.user?.email ?? 'nobody'": "nobody",
    "auth.isLoggedIn": False,
    "auth.uid": None,
    "auth.roles": [],
}
CODES = (*(f"appsmith.{name}" for name in FIELDS), *MISSING)


def write(folder: Path) -> Path:
    """An app with a page that shows all of these, each in a Text of its own."""
    texts = [
        {"name": f"T{n}", "type": "Text", "text": shown(code), "disableLink": True}
        for n, code in enumerate(CODES)
    ]
    page = folder / "fields" / "pages" / "Fields" / "page.yaml"
    page.parent.mkdir(parents=True)
    page.write_text(json.dumps({"title": "Fields", "widgets": texts}))
    other = folder / "fields" / "pages" / "Other" / "page.yaml"
    other.parent.mkdir()
    name = {"name": "T0", "type": "Text", "text": shown("appsmith.currentPageName")}
    other.write_text(json.dumps({"title": "Another name", "widgets": [name]}))
    (folder / "fields" / "app.yaml").write_text(APP)
    return folder / "fields"


def shown(code: str) -> str:
    """A binding that shows a value as JSON."""
    return f"{{{{ JSON.stringify({code} ?? null) }}}}"


def read(page: str, code: str) -> Any:
    """What stands in the Text of `code`; None for a binding that failed or gave nothing."""
    start = page.index(f'id="w.T{CODES.index(code)}"')
    text = html.unescape(page[page.index(">", page.index('class="text', start)) + 1 :].partition("</")[0])
    return json.loads(text) if text else None


@pytest.fixture(scope="module", name="here")
def server_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PorticoServer]:
    """A server that is reached where it listens."""
    folder = tmp_path_factory.mktemp("here")
    with PorticoServer([write(folder)], folder=folder) as server:
        yield server


@pytest.fixture(scope="module", name="public")
def server_behind_a_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PorticoServer]:
    """A server that browsers reach at another address."""
    folder = tmp_path_factory.mktemp("public")
    settings = {"PORTICO_PUBLIC_URL": PUBLIC}
    with PorticoServer([write(folder)], folder=folder, settings=settings) as server:
        yield server


@pytest.fixture(scope="module", name="page")
def shown_page(here: PorticoServer) -> str:
    """The page, to a visitor who is not signed in."""
    return httpx.get(f"{here.url}/fields/Fields", trust_env=False).text


def test_the_user_is_nobody_known(page: str) -> None:
    """`appsmith.user` is the account of the builder's platform, which visitors never have (checklist 2A)."""
    expected = {
        "appsmith.user.email": "anonymousUser",
        "appsmith.user.username": "anonymousUser",
        "appsmith.user.name": "anonymousUser",
        "appsmith.user.isEnabled": True,
        "appsmith.user.accountNonExpired": True,
        "appsmith.user.accountNonLocked": True,
        "appsmith.user.credentialsNonExpired": True,
        "appsmith.user.isAnonymous": True,
        "appsmith.user.roles": [],
        "appsmith.user.groups": [],
        "appsmith.user.idToken": {},
    }
    assert {code: read(page, code) for code in expected} == expected


@pytest.mark.parametrize(("code", "expected"), MISSING.items())
def test_fields_that_a_user_lacks(page: str, code: str, expected: object) -> None:
    """They are undefined, and so is all of `auth.user` of one who is not signed in."""
    assert read(page, code) == expected


def test_the_look_of_the_app(page: str) -> None:
    """`appsmith.theme`: the brand colour is the app's own."""
    expected = {
        "appsmith.theme.colors.primaryColor": "#7c3aed",
        "appsmith.theme.colors.backgroundColor": "#ffffff",
        "appsmith.theme.borderRadius.appBorderRadius": "0.5rem",
        "appsmith.theme.boxShadow.appBoxShadow": "none",
        "appsmith.theme.fontFamily.appFont": "system-ui",
    }
    assert {code: read(page, code) for code in expected} == expected


def test_the_page_and_the_mode(page: str) -> None:
    """`appsmith.currentPageName` is the page's name, not its title; visitors are in mode VIEW."""
    assert read(page, "appsmith.currentPageName") == "Fields"
    assert read(page, "appsmith.mode") == "VIEW"


def test_another_page_has_another_name(here: PorticoServer) -> None:
    """`appsmith.currentPageName` follows the page."""
    assert "&#34;Other&#34;" in httpx.get(f"{here.url}/fields/Other", trust_env=False).text


def test_the_address_of_this_machine(here: PorticoServer) -> None:
    """`appsmith.URL` with host, hostname and port as the browser has them, and the query as an object."""
    answer = httpx.get(f"{here.url}/fields/Fields?q=a%20b&tag=1&tag=2&empty=", trust_env=False)
    assert {code: read(answer.text, code) for code in ADDRESS} == {
        "appsmith.URL.protocol": "http:",
        "appsmith.URL.host": f"127.0.0.1:{here.port}",
        "appsmith.URL.hostname": "127.0.0.1",
        "appsmith.URL.port": str(here.port),
        "appsmith.URL.pathname": "/fields/Fields",
        "appsmith.URL.hash": "",
        "appsmith.URL.queryParams": {"q": "a b", "tag": "2", "empty": ""},
        "appsmith.URL.fullPath": f"{here.url}/fields/Fields?q=a%20b&tag=1&tag=2&empty=",
    }


def test_the_public_address(public: PorticoServer) -> None:
    """Behind a proxy it is what browsers see, whatever the request claims to have been sent to."""
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    for headers in ({}, forged):
        answer = httpx.get(f"{public.url}/fields/Fields?q=1", headers=headers, trust_env=False)
        assert {code: read(answer.text, code) for code in ADDRESS} == {
            "appsmith.URL.protocol": "https:",
            "appsmith.URL.host": "apps.example.com:8443",
            "appsmith.URL.hostname": "apps.example.com",
            "appsmith.URL.port": "8443",
            "appsmith.URL.pathname": "/fields/Fields",
            "appsmith.URL.hash": "",
            "appsmith.URL.queryParams": {"q": "1"},
            "appsmith.URL.fullPath": f"{PUBLIC}/fields/Fields?q=1",
        }


def test_a_usual_port_is_not_told(tmp_path: Path) -> None:
    """`appsmith.URL.port` is empty where the address has none, as `location.port` is."""
    settings = {"PORTICO_PUBLIC_URL": "https://apps.example.com"}
    with PorticoServer([write(tmp_path)], folder=tmp_path, settings=settings) as server:
        page = httpx.get(f"{server.url}/fields/Fields", trust_env=False).text
    assert read(page, "appsmith.URL.port") == ""
    assert read(page, "appsmith.URL.host") == read(page, "appsmith.URL.hostname") == "apps.example.com"


def test_the_hash_is_what_the_browser_says(here: PorticoServer) -> None:
    """`appsmith.URL.hash` never reaches a server by itself: the client's `load` brings it, and it ends
    `appsmith.URL.fullPath`."""
    with client_of(here) as client:
        answer = Tab(client, "/fields/Fields?q=1").load(fragment="#part=2&x=%3Cb%3E")
    changed = "".join(answer["html"].values())
    assert read(changed, "appsmith.URL.hash") == "#part=2&x=%3Cb%3E"
    assert read(changed, "appsmith.URL.fullPath") == f"{here.url}/fields/Fields?q=1#part=2&x=%3Cb%3E"
