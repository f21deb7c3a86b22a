"""Portico in this process, with a clock to move, and what goes between it and an auth API."""

import io
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from portico.authserver.app import create_app as create_auth_app
from portico.authserver.serve import create_server
from portico.authserver.settings import Settings
from portico.cli.log import JsonLines
from portico.clock import Clock
from portico.definition.load import load
from portico.definition.secrets import Secrets
from portico.runtime.headers import OWN
from portico.stores.memory import open_memory
from portico.testing.serving import free_port
from portico.ui.widgets import CATALOGUE
from portico.web.app import create_app
from portico.web.framing import BoundedProtocol
from portico.web.site import Site
from tests.journeys.canaries import Canaries
from tests.journeys.tap import BEHIND, Tap

#: Names under which the APIs of these tests hand out tokens, in bodies and headers.
TOKENS = frozenset(
    {
        *("access_token", "refresh_token", "accessToken", "refreshToken", "token", "jwt"),
        *("access", "refresh", "session_token", "set-auth-token"),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """A request to the auth API, and its answer."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer_headers: Sequence[tuple[str, str]]
    answer: bytes

    @property
    def call(self) -> str:
        """`POST /token`, without parameters."""
        return f"{self.method} {self.path.partition('?')[0]}"


def unheard(_call: str, _body: bytes) -> None:
    """Nobody is told."""


class Recorder:
    """Stands before an auth API, passes everything on, and remembers it. `before` and `after` are told of
    each call (`POST /token`) and its body before it is passed on, and before its answer is passed back; what
    raises ConnectionError there is cut off."""

    def __init__(self, url: str) -> None:
        self.exchanges: list[Exchange] = []
        self.before: Callable[[str, bytes], None] = unheard
        self.after: Callable[[str, bytes], None] = unheard
        # Cookies are those of whoever asks: the client between keeps none.
        none = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=30, cookies=none)
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Nothing."""

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                sent = {name: value for name, value in headers.items() if name not in ("host", "connection")}
                sent["accept-encoding"] = "identity"
                call = f"{self.command} {self.path.partition('?')[0]}"
                try:
                    recorder.before(call, body)
                    answer = recorder._http.request(self.command, self.path, headers=sent, content=body)
                except (ConnectionError, httpx.TransportError, RuntimeError):
                    # Cut off, the API is down, or the test is over.
                    self.close_connection = True
                    return
                recorder.exchanges.append(
                    Exchange(
                        method=self.command,
                        path=self.path,
                        headers=headers,
                        body=body,
                        status=answer.status_code,
                        answer_headers=answer.headers.multi_items(),
                        answer=answer.content,
                    )
                )
                try:
                    recorder.after(call, body)
                except ConnectionError:
                    self.close_connection = True
                    return
                self.send_response(answer.status_code)
                framing = ("content-length", "transfer-encoding", "connection", "date", "server")
                for name, value in answer.headers.multi_items():
                    if name not in framing:
                        self.send_header(name, value)
                if answer.status_code != 204:
                    self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_GET = do_POST = do_PUT = do_DELETE = _pass_on

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._tap = Tap(self._server.server_port, api=True)

    @property
    def url(self) -> str:
        """Where it stands."""
        return self._tap.url

    def __enter__(self) -> "Recorder":
        self._tap.open()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tap.close()
        self._server.shutdown()
        self._server.server_close()
        self._http.close()

    def calls(self) -> list[str]:
        """What was called so far, in order."""
        return [f"{found.call} {found.status}" for found in self.exchanges]

    def tokens(self) -> set[str]:
        """Every token that the API has handed out, but of JWTs, whose claims anybody may see, the part that
        makes them good."""
        found: set[str] = set()
        for exchange in self.exchanges:
            found |= {value for name, value in exchange.answer_headers if name in TOKENS}
            for name, value in exchange.answer_headers:
                if name == "set-cookie":
                    found.add(value.partition(";")[0].partition("=")[2])
            try:
                found |= set(_named(json.loads(exchange.answer)))
            except ValueError:
                continue
        return {token.rpartition(".")[2] for token in found if len(token) > 8}

    def last(self, call: str) -> Exchange:
        """The last exchange of `METHOD /path`."""
        return next(found for found in reversed(self.exchanges) if found.call == call)

    def awaited(self, call: str) -> Exchange:
        """The same for a call that may be still to come: what is done behind the user's back."""
        limit = time.monotonic() + 30
        while not any(found.call == call for found in self.exchanges):
            assert time.monotonic() < limit, f"no {call} among {self.calls()}"
            time.sleep(0.01)
        return self.last(call)


def _named(value: Any, name: str = "") -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _named(inner, key)
        case list():
            for inner in value:
                yield from _named(inner, name)
        case str() if name in TOKENS:
            yield value


@dataclass(frozen=True, kw_only=True, slots=True)
class Portal:
    """A running Portico that serves one app."""

    url: str
    slug: str
    clock: Clock


@contextmanager
def serving(
    folder: Path, *, settings: Mapping[str, str], secrets: Mapping[str, str] | None = None
) -> Iterator[Portal]:
    """Portico with the app in `folder`, which must have no problem. Promises 58 to 60 are watched over."""
    values = Secrets({f"PORTICO_SECRET_{name}": value for name, value in (secrets or {}).items()})
    loaded = load(folder, types=CATALOGUE, settings=settings, secrets=values)
    assert [problem.as_text() for problem in loaded.problems] == []
    assert loaded.app is not None
    clock = Clock()
    port = free_port()
    with logged() as log, socket.create_server((BEHIND, port)) as listening:
        stores = open_memory(clock)
        app = create_app(
            [loaded.app],
            site=Site.on_loopback(port),
            stores=stores,
            key=stores.key,
            clock=clock,
            listening=[(BEHIND, port)],
        )
        config = uvicorn.Config(app, http=BoundedProtocol, ws="none", log_config=None)
        with in_a_thread(uvicorn.Server(config), listening), Tap(port, host=BEHIND, at=port) as wire:
            canaries = Canaries(wire, settings, apps=[folder], agent=dict(OWN)["User-Agent"])
            yield Portal(url=wire.url, slug=loaded.app.slug, clock=clock)
    told = canaries.found([("the log", log.getvalue().encode())])
    assert not told, f"secrets were told: {told}"
    canaries.expect_armed()


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What is logged meanwhile, at DEBUG, as `portico run` writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(Clock()))
    logger = logging.getLogger("portico")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


@contextmanager
def auth_server(settings: Settings, clock: Clock) -> Iterator[str]:
    """The embedded auth server, with a clock of its own; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with in_a_thread(
            create_server(create_auth_app(settings, clock), host="127.0.0.1", port=port), listening
        ):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def in_a_thread(server: uvicorn.Server, listening: socket.socket) -> Iterator[None]:
    """The server answers on this socket until the block ends."""
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    limit = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < limit, "the server does not answer"
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(30)


class Visitor:
    """A browser without scripts, which keeps every byte that it gets."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._got: list[str] = []
        self._http = httpx.Client(
            base_url=f"{portal.url}/{portal.slug}/",
            headers={"Origin": portal.url},
            trust_env=False,
            timeout=60,
            event_hooks={"response": [self._keep]},
        )

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _keep(self, answer: httpx.Response) -> None:
        answer.read()
        self._got.append(f"{answer.headers.multi_items()} {answer.text}")

    def get(self, page: str) -> httpx.Response:
        """Open a page."""
        return self._http.get(page)

    def press(self, page: str, button: str, **values: str) -> httpx.Response:
        """Fill in the page's inputs and press a button."""
        form = {f"v.{name}": value for name, value in values.items()}
        return self._http.post(page, data={**form, "portico.event": f"{button} onClick"})

    @property
    def got(self) -> str:
        """Everything so far."""
        return "\n".join(self._got)
