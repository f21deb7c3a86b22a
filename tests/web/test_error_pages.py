"""Promise 61: whatever goes wrong at any address, the answer says nothing of the inside; the log does."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from portico.clock import Clock
from portico.stores.memory import open_memory
from portico.web.app import create_app
from portico.web.site import Site
from tests.journeys.servers import AuthServer, PorticoServer
from tests.journeys.upstream import Upstream
from tests.web.conftest import client_of, start

#: Traces, files, versions, SQL, names of libraries and of our own modules.
INSIDE = re.compile(
    r"Traceback|RuntimeError|ValueError|OperationalError|\.py\b|site-packages|SELECT |sqlite|uvicorn|"
    r"starlette|Python/|Portico/\d|portico\.(?:auth|web|runtime|stores)|/(?:srv|home|tmp|usr|root)/",
    re.IGNORECASE,
)
#: A store that fails as no code expects, and says much.
FAILING = """
import sqlite3
from portico.auth.manager import SessionManager
async def resume(*_, **__):
    raise sqlite3.OperationalError("no such table: SELECT secret FROM session in /srv/portico/store.py")
SessionManager.resume = resume
"""
#: The same, and error pages that repeat it.
TALKING = f"""{FAILING}
import portico.errors as errors, portico.web.problems as problems
_known = problems.problem_of
def told(error, request):
    if isinstance(error, sqlite3.Error):
        error = errors.PorticoError("", message=str(error))
    return _known(error, request)
import portico.web.app
for name, module in list(__import__("sys").modules.items()):
    if getattr(module, "problem_of", None) is _known:
        module.problem_of = told
"""
#: What takes the place of a parameter of an address.
PARTS = {
    "app": ("jwt-login", "nowhere", "%00"),
    "page": ("MainPage", "LoginPage", "Nowhere", "%ff", "..%2fapp.yaml"),
    "key": ("x", "%00"),
    "path": ("nothing.css", "..%2f..%2fapp.py"),
    "name": ("nothing.png", "..%2fapp.yaml"),
}
BODIES: tuple[tuple[bytes, dict[str, str]], ...] = (
    (b"", {}),
    (b"{", {"Portico-Event": "1", "Content-Type": "application/json"}),
    (b'{"visit": 1}', {"Portico-Event": "1", "Content-Type": "application/json"}),
    (b"portico.event=Nothing+onClick", {"Content-Type": "application/x-www-form-urlencoded"}),
    (b"--x\r\n", {"Content-Type": "multipart/form-data; boundary=x"}),
    (b"{}", {"Content-Type": "text/plain"}),
)


def addresses() -> Iterator[str]:
    """Every route of the application, with every part."""
    clock = Clock()
    stores = open_memory(clock)
    application = create_app([], site=Site.on_loopback(1), stores=stores, key=stores.key, clock=clock)
    inner: object = application
    while not isinstance(inner, Starlette):
        # What stands around it.
        inner = vars(inner)["_app"]
    for path in {route.path for route in inner.routes if isinstance(route, Route)}:
        names = re.findall(r"\{(\w+)(?::path)?\}", path)
        for parts in itertools.product(*(PARTS[name] for name in names)):
            filled = re.sub(r"\{\w+(?::path)?\}", "{}", path)
            yield filled.format(*parts)


def mistakes(client: httpx.Client) -> Iterator[httpx.Response]:
    """What answers with an error, of every method and body at every address."""
    for address in sorted(set(addresses())):
        wanted: list[tuple[str, bytes, dict[str, str]]]
        wanted = [(method, b"", {}) for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS")]
        wanted += [("POST", body, headers) for body, headers in BODIES]
        wanted += [("POST", b"", {"Origin": "https://evil.example"})]
        for method, body, headers in wanted:
            answer = client.request(method, address, content=body, headers=headers)
            if answer.status_code >= 400:
                yield answer


def says(answer: httpx.Response) -> str | None:
    """What of the inside an answer says."""
    found = INSIDE.search(f"{answer.headers.multi_items()} {answer.text}")
    return found and f"{answer.request.method} {answer.request.url.path} {answer.status_code}: {found[0]}"


def signed(client: httpx.Client, server: PorticoServer) -> None:
    """Give a browser a cookie that looks like one of a session."""
    client.cookies.set(f"portico-{server.port}.jwt-login", "a" * 22 + "." + "b" * 43)


def test_errors_at_every_address_say_nothing(client: httpx.Client) -> None:
    """Mistakes of clients."""
    event = {"Portico-Event": "1", "Content-Type": "application/json"}
    answers = [
        *mistakes(client),
        client.post("/jwt-login/LoginPage", content=b"x" * 30_000_000, headers=event),
    ]
    assert {answer.status_code for answer in answers} >= {400, 403, 404, 405, 413}
    assert [said for answer in answers if (said := says(answer))] == []


@pytest.mark.parametrize(("broken", "tells"), [(FAILING, False), (TALKING, True)], ids=["bug", "that talks"])
def test_bugs_at_every_address_say_nothing(
    broken: str, tells: bool, auth_server: AuthServer, other_api: Upstream, tmp_path: Path
) -> None:
    """500 wherever a session is looked up, and an id that the log has too. The control says what is wrong."""
    with start(tmp_path, auth_server, other_api, broken=broken) as server, client_of(server) as client:
        client.headers["Connection"] = "close"
        signed(client, server)
        answers = [answer for answer in mistakes(client) if answer.status_code >= 500]
        log = server.read_log()
    assert len(answers) > 10
    assert bool([said for answer in answers if (said := says(answer))]) is tells
    pages = [answer.text for answer in answers if "<code>" in answer.text]
    assert pages
    for page in pages:
        assert page.partition("<code>")[2].partition("</code>")[0] in log
