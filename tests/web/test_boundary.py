"""Addresses, headers and writes, asked of a running server."""

import time
import urllib.parse
from pathlib import Path

import httpx
import pytest

from tests.journeys.servers import PASSWORD, USERNAME, AuthServer, PorticoServer
from tests.journeys.upstream import Upstream
from tests.web.conftest import client_of, start
from tests.web.posts import Tab

MAIN = "/jwt-login/MainPage"


def pages(client: httpx.Client) -> list[httpx.Response]:
    """One answer of every kind."""
    return [
        client.get("/"),
        client.get("/jwt-login/"),
        client.get("/jwt-login/LoginPage"),
        client.get(MAIN),
        client.get("/jwt-login/Nowhere"),
        client.get("/nowhere/Page"),
        client.get("/_portico/assets/nothing.css"),
        client.get("/_portico/alive", params={"app": "jwt-login"}),
        client.put(MAIN),
        client.post(MAIN, headers={"Origin": "https://evil.example"}),
        client.post("/probe/Start", content=b"x"),
        client.get("/probe/Start"),
    ]


def test_every_answer_carries_the_security_headers(client: httpx.Client, signed_in: httpx.Client) -> None:
    """Promise 24, errors included."""
    for answer in pages(signed_in):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers


def test_pages_of_a_session_are_never_stored(signed_in: httpx.Client) -> None:
    """Promise 63: no-store on whatever was made with a session; public ones are asked for again."""
    assert signed_in.get(MAIN).headers["cache-control"] == "no-store"
    assert (
        signed_in.get("/_portico/alive", params={"app": "jwt-login"}).headers["cache-control"] == "no-store"
    )
    login = signed_in.get("/jwt-login/LoginPage")
    assert login.headers["cache-control"] == "no-cache"
    assert "set-cookie" not in login.headers
    again = signed_in.get("/jwt-login/LoginPage", headers={"If-None-Match": login.headers["etag"]})
    assert again.status_code == 304


def test_public_pages_are_the_same_bytes_for_everybody(client: httpx.Client, server: PorticoServer) -> None:
    """Hard-cases 16: the login page is served from the cache and makes no session (promise 14)."""
    bodies = {client.get("/jwt-login/LoginPage", params={"next": str(i)}).content for i in range(50)}
    assert len(bodies) == 1
    assert not client.cookies


def test_the_cookie_is_opaque_and_strict(
    client: httpx.Client, signed_in: httpx.Client, server: PorticoServer
) -> None:
    """Promises 1, 2 and 4 on loopback http, where Secure would be dropped by some browsers (R11)."""
    form = {
        "v.UsernameInput": "appsmith_user",
        "v.PasswordInput": "appsmith_password",
        "portico.event": "LoginButton onClick",
    }
    before = signed_in.cookies[f"portico-{server.port}.jwt-login"]
    time.sleep(1.1)  # Strapi's tokens of one second are the same token
    header = signed_in.post("/jwt-login/LoginPage", data=form).headers["set-cookie"]
    name, _, rest = header.partition("=")
    value, *attributes = [part.strip() for part in rest.split(";")]
    assert name == f"portico-{server.port}.jwt-login"
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(attributes)
    assert not any(attribute.lower().startswith("domain") for attribute in attributes)
    assert len(value) < 128
    assert value != before, "a new id at every sign-in (promise 5)"


def test_the_old_cookie_is_dead_after_a_new_sign_in(signed_in: httpx.Client, server: PorticoServer) -> None:
    """Promise 5: fixation. Whoever knows the id from before the sign-in knows nothing."""
    name = f"portico-{server.port}.jwt-login"
    old = signed_in.cookies[name]
    time.sleep(1.1)  # Strapi's tokens of one second are the same token
    form = {
        "v.UsernameInput": "appsmith_user",
        "v.PasswordInput": "appsmith_password",
        "portico.event": "LoginButton onClick",
    }
    signed_in.post("/jwt-login/LoginPage", data=form)
    assert signed_in.get(MAIN).status_code == 200
    with httpx.Client(base_url=server.url, trust_env=False, cookies={name: old}) as thief:
        assert thief.get(MAIN).status_code == 303


@pytest.mark.parametrize("place", ["unknown", "twice", "huge", "bytes"])
def test_cookies_that_are_no_session_are_nobody(
    place: str, signed_in: httpx.Client, server: PorticoServer
) -> None:
    """Promises 6 and 8: unknown, doubled or broken ids are nobody, and never a 5xx."""
    name = f"portico-{server.port}.jwt-login"
    value = signed_in.cookies[name]
    cookie: dict[str, str | bytes] = {
        "unknown": f"{name}={'a' * 43}.{'b' * 43}",
        "twice": f"{name}={value}; {name}={'a' * 43}.{'b' * 43}",
        "huge": f"{name}={'a' * 20000}",
        "bytes": f"{name}=\x80\xff$Version".encode("latin-1"),
    }
    with httpx.Client(base_url=server.url, trust_env=False) as other:
        sent = cookie[place]
        said = sent if isinstance(sent, bytes) else sent.encode()
        _is_nobody(other.get(MAIN, headers=[(b"Cookie", said)]))
    assert signed_in.get(MAIN).status_code == 200, "the control: as a cookie it is somebody"


def test_ids_come_from_the_cookie_alone(auth_server: AuthServer, other_api: Upstream, tmp_path: Path) -> None:
    """Promise 6: an id that is right, in an address, a form or another header, is nobody's."""
    tells = {
        "what clients sent": "the thief of this test says it everywhere",
        "what they were answered": "the way back after signing in has the address that was asked for",
    }
    with start(tmp_path, auth_server, other_api, tells=tells) as server, client_of(server) as owner:
        form = {"v.UsernameInput": USERNAME, "v.PasswordInput": PASSWORD}
        owner.post("/jwt-login/LoginPage", data={**form, "portico.event": "LoginButton onClick"})
        name = f"portico-{server.port}.jwt-login"
        value = owner.cookies[name]
        with httpx.Client(base_url=server.url, trust_env=False) as other:
            _is_nobody(other.get(MAIN, params={name: value, "session": value}))
            _is_nobody(other.post(MAIN, data={name: value}, headers={"Origin": server.url}))
            headers = {"X-Session": value, "Authorization": f"Bearer {value}"}
            _is_nobody(other.get(MAIN, headers=headers))
        assert owner.get(MAIN).status_code == 200, "the control: as a cookie it is somebody"


def _is_nobody(answer: httpx.Response) -> None:
    assert answer.status_code == 303
    assert "/LoginPage" in answer.headers["location"]


def test_writes_from_elsewhere_are_refused(signed_in: httpx.Client, server: PorticoServer) -> None:
    """Promises 17 and 20: no form and no script of another site acts here; no cookie is set."""
    form = {
        "v.UsernameInput": "appsmith_user",
        "v.PasswordInput": "appsmith_password",
        "portico.event": "LoginButton onClick",
    }
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": server.url, "Sec-Fetch-Site": "cross-site"},
        {"Origin": server.url, "Sec-Fetch-Site": "same-site"},
        {"Origin": server.url.replace("127.0.0.1", "127.0.0.1.evil.example")},
        {"Origin": ""},
    ):
        answer = signed_in.post("/jwt-login/LoginPage", data=form, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_get_changes_nothing(signed_in: httpx.Client, server: PorticoServer) -> None:
    """Promise 18: no address logs out or stores anything when it is only looked at."""
    for path in (MAIN, "/jwt-login/LoginPage", "/jwt-login/MainPageAsInSeed", "/jwt-login/", "/"):
        for query in ("", "?portico.event=LogoutButton+onClick", "?v.UsernameInput=x"):
            answer = signed_in.get(f"{path}{query}", headers={"Sec-Fetch-Site": "cross-site"})
            assert "set-cookie" not in answer.headers
    assert signed_in.get(MAIN).status_code == 200


def test_no_spelling_of_a_guarded_address_opens_it(server: PorticoServer, auth_server: AuthServer) -> None:
    """Promises 32 and 127: 500 and more mutations of the path, none with a byte of the page."""
    secret = auth_server.secret_message()
    mutations = _mutations("jwt-login", "MainPage")
    assert len(mutations) >= 500
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        for path in mutations:
            answer = client.get("/", extensions={"target": path.encode()})
            assert answer.status_code < 500, path
            assert secret not in answer.text, path
            assert "The secure content" not in answer.text, path


def _mutations(app: str, page: str) -> list[str]:
    between = [
        "/",
        "//",
        "/./",
        "/../",
        "/%2e/",
        "/%2f",
        "%2F",
        "\\",
        "%5c",
        ";/",
        ";x=1/",
        "/;",
        "?",
        "%3f",
        "#",
        "%23",
        "%00",
        "%0a",
        "%20",
        ".",
    ]
    before = ["/", "//", "/./", "/../", "/%2e/", "/%2f", "/x/../", "/LoginPage/../", "/%5c", "/;/"]
    after = [
        "",
        "/",
        "/.",
        "/..",
        "%20",
        "%00",
        "%2f",
        ";a",
        ".html",
        "?x=/public",
        "?page=LoginPage",
        "#a",
        "%23",
        "..",
    ]
    pages = [page, page.lower(), page.upper(), f"LoginPage/../{page}", f"LoginPage/%2e%2e/{page}"]
    paths = [f"/{app}{piece}{name}{end}" for piece in between for name in pages[:3] for end in after]
    paths += [f"{start}{app}/{name}{end}" for start in before for name in pages for end in after]
    encoded = "".join(f"%{ord(letter):02x}" for letter in page)
    return sorted(
        {*paths, f"/{app}/{encoded}", f"/{app}/{urllib.parse.quote(encoded)}", f"/_portico/{app}/{page}"}
    )


@pytest.mark.parametrize(
    "path",
    [
        "/jwt-login/app.yaml",
        "/jwt-login/_files/app.yaml",
        "/jwt-login/_files/../app.yaml",
        "/jwt-login/_files/%2e%2e/app.yaml",
        "/jwt-login/_files/..%2fapp.yaml",
        "/jwt-login/_files/datasources/auth_api.yaml",
        "/jwt-login/_files//etc/passwd",
        "/_portico/assets/../app.py",
        "/_portico/assets/%2e%2e/%2e%2e/pyproject.toml",
        "/_portico/assets//etc/passwd",
        "/examples/jwt-login/app.yaml",
        "/.git/config",
        "/.portico/store.db",
    ],
)
def test_no_source_is_served(path: str, client: httpx.Client) -> None:
    """Promise 57: only declared pictures and our own assets are files here."""
    answer = client.get("/", extensions={"target": path.encode()})
    assert answer.status_code == 404
    assert "store_keys" not in answer.text


def test_declared_pictures_are_served(client: httpx.Client) -> None:
    """The control of the test above."""
    answer = client.get("/jwt-login/_files/logo.svg")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")


def test_errors_are_friendly_and_say_nothing(client: httpx.Client, server: PorticoServer) -> None:
    """Promise 61: an id that the log has too, no trace, path or version."""
    answer = client.get("/jwt-login/Nowhere")
    assert answer.status_code == 404
    for word in ("Traceback", ".py", "site-packages", "uvicorn", "starlette"):
        assert word not in answer.text
    shown = answer.text.partition("<code>")[2].partition("</code>")[0]
    assert shown
    assert shown in server.read_log()


def test_a_wrong_role_and_a_missing_page_look_the_same(client: httpx.Client) -> None:
    """A page that is not there answers like one that is not for you."""
    missing = client.get("/jwt-login/Nowhere")
    assert missing.status_code == 404
    assert "There is no such page here." in missing.text


def test_hostile_returns_stay_here(client: httpx.Client) -> None:
    """Promise 25: `next` leads back into the app or nowhere."""
    form = {
        "v.UsernameInput": "appsmith_user",
        "v.PasswordInput": "appsmith_password",
        "portico.event": "LoginButton onClick",
    }
    for target in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/probe/Start",
        "/\t/evil.example",
    ):
        answer = client.post("/jwt-login/LoginPage", params={"next": target}, data=form)
        assert answer.status_code == 303
        assert answer.headers["location"] == MAIN
    answer = client.post("/jwt-login/LoginPage", params={"next": f"{MAIN}AsInSeed?a=1"}, data=form)
    assert answer.headers["location"] == f"{MAIN}AsInSeed?a=1"


def test_an_address_with_a_slash_too_many_is_not_found(client: httpx.Client) -> None:
    """Promise 30: it is not led to where it was meant, for the way there would be made of `Host`."""
    for path in ("/jwt-login/LoginPage/", "/_portico/alive/"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.headers.get("location")) == (404, None)


def test_injected_text_is_text(client: httpx.Client) -> None:
    """Promise 51: what comes from an address is escaped."""
    answer = client.get(
        "/probe/Start", params={"name": "<script>alert(1)</script><img src=x onerror=alert(1)>"}
    )
    assert "<script>alert" not in answer.text
    assert "onerror" not in answer.text.replace("&lt;img src=x onerror=alert(1)&gt;", "")


def test_events_survive_many_tabs(client: httpx.Client) -> None:
    """Caps make room instead of refusing an ordinary visitor."""
    for _ in range(60):
        assert Tab(client, "/probe/Language").post("Who", "change", Who="x")["status"] == 200
