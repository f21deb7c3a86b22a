"""An auth API that is down, slow, or answers nonsense: a clear message, and nobody else notices."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from portico.testing.serving import free_port
from tests.journeys.servers import EXAMPLES, PASSWORD, USERNAME, PorticoServer
from tests.journeys.upstream import Answer, Upstream, endless, plain, slow

LOGIN = "/jwt-login/LoginPage"
FORM = {"v.UsernameInput": USERNAME, "v.PasswordInput": PASSWORD, "portico.event": "LoginButton onClick"}


def sign_in(url: str) -> httpx.Response:
    """Press the button of the seed's form, as a browser without scripts does."""
    return httpx.post(f"{url}{LOGIN}", data=FORM, headers={"Origin": url}, trust_env=False, timeout=40)


Behind = Callable[[str], PorticoServer]


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Behind]:
    """Starts a Portico whose auth API is at the given address."""
    app = tmp_path / "jwt-login"
    shutil.copytree(EXAMPLES / "jwt-login", app)
    datasource = app / "datasources" / "auth_api.yaml"
    datasource.write_text(datasource.read_text() + "timeout: 2\n")
    with ExitStack() as running:
        yield lambda url: running.enter_context(
            PorticoServer([app], folder=tmp_path, settings={"AUTH_URL": url})
        )


FAILED = "The service answered with an error (500"

BAD: dict[str, tuple[Answer, str]] = {
    "html-500": (plain("500 Oops", b"<h1>stack trace: secret-path</h1>", "text/html"), FAILED),
    "json-500": (plain("500 Oops", b'{"message": "db password is hunter2"}'), FAILED),
    "html-200": (plain("200 OK", b"<html>welcome to the proxy</html>", "text/html"), "Login failed!"),
    "no-jwt": (plain("200 OK", b'{"hello": 1}'), "Login failed!"),
    "no-http": (lambda connection: connection.sendall(b"SSH-2.0-hello\r\n"), "The service"),
    "dropped": (lambda connection: None, "The service"),
    "slow": (slow, "took too long"),
    "two-gigabytes": (endless, "more data than allowed"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_each_failure_has_its_message(kind: str, behind: Behind) -> None:
    """The user is told what happened; the upstream's own page or trace is not shown."""
    answer, expected = BAD[kind]
    with Upstream(answer) as upstream:
        portico = behind(upstream.url)
        page = sign_in(portico.url)
        assert page.status_code == 200
        assert expected in page.text
        for leak in ("secret-path", "hunter2", "welcome to the proxy", "Traceback"):
            assert leak not in page.text
        assert not page.cookies
        assert httpx.get(f"{portico.url}{LOGIN}", trust_env=False).status_code == 200


def test_a_service_that_is_down(behind: Behind) -> None:
    """Nobody listens there."""
    portico = behind(f"http://127.0.0.1:{free_port()}")
    assert "cannot be reached" in sign_in(portico.url).text


def test_a_token_that_me_refuses_signs_nobody_in(behind: Behind) -> None:
    """Hard-cases 1: a jwt in an answer is no sign-in until `me` accepted it."""
    with Upstream(plain("200 OK", b'{"jwt": "made-up", "user": {}}')) as upstream:
        good = plain("200 OK", b'{"jwt": "made-up"}')
        refused = plain("401 Unauthorized", b'{"error": {"message": "Missing or invalid credentials"}}')

        def by_path(connection: object) -> None:
            (refused if b"/users/me" in upstream.requests[-1] else good)(connection)  # type: ignore[arg-type]

        upstream.answer = by_path
        page = sign_in(behind(upstream.url).url)
        assert "Missing or invalid credentials" in page.text
        assert page.status_code == 200
        assert not page.cookies
        assert any(b"/users/me" in request and b"Bearer made-up" in request for request in upstream.requests)
