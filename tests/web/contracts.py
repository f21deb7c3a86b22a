"""An auth API whose answers a test decides, and Portico in front of it, with a clock that can be moved."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx
import uvicorn

from portico.clock import Clock
from portico.definition.load import load, together
from portico.definition.secrets import PREFIX, Secrets
from portico.stores.sqlite import open_sqlite
from portico.ui.widgets import CATALOGUE
from portico.values import new_id
from portico.web.app import create_app
from portico.web.site import Site
from tests.web.posts import Tab, merged

#: Seconds until something that happens behind the user's back must have happened.
PATIENCE = 10.0
#: How long a store may take. Its usual patience is what a busy disk of a test machine may exceed.
PATIENT = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that the API got."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def token(self) -> str:
        """The bearer token that it came with."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass(kw_only=True)
class Reply:
    """An answer: `body` is sent as JSON unless it is bytes, after `delay` seconds or when `gate` opens."""

    status: int = 200
    body: Any = b""
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    gate: threading.Event | None = None


@dataclass(kw_only=True)
class AuthApi:
    """Signs anybody in, with tokens that are good until they are taken away, and refresh tokens that are
    good once. `answers` replaces what a path answers."""

    life: int = 3600
    roles: dict[str, list[str]] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    access: dict[str, str] = field(default_factory=dict)
    refreshes: dict[str, str] = field(default_factory=dict)
    reused: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, Callable[[Call], Reply]] = field(default_factory=dict)
    url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                names = {name.lower(): value for name, value in self.headers.items()}
                call = Call(method=self.command, path=self.path.partition("?")[0], headers=names, body=body)
                with api._lock:
                    api.calls.append(call)
                reply = api.answers.get(call.path, api._usual)(call)
                if reply.gate is not None:
                    reply.gate.wait(20)
                time.sleep(reply.delay)
                content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in reply.headers:
                    self.send_header(name, value)
                if reply.status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = _answer

            def log_message(self, *_: object) -> None:
                """Nothing on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(call.path == path for call in self.calls)

    def last(self, path: str) -> Call:
        """The last request for a path."""
        return next(call for call in reversed(self.calls) if call.path == path)

    def email_of(self, user: str) -> str:
        """What it has for an address: of their own, unless `emails` says another."""
        return self.emails.get(user, f"{user}@example.com")

    def grant(self, user: str, **more: Any) -> dict[str, Any]:
        """What a sign-in of this user answers."""
        access, refresh = f"acc-{new_id()}-{user}", f"ref-{new_id()}-{user}"
        self.access[access], self.refreshes[refresh] = user, user
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": self.life,
            "user": {"id": user, "email": self.email_of(user)},
            **more,
        }

    def revoke_access(self) -> None:
        """No access token is good any more; refresh tokens are."""
        self.access.clear()

    def _usual(self, call: Call) -> Reply:
        with self._lock:
            return self._by_path(call)

    def _by_path(self, call: Call) -> Reply:
        user = self.access.get(call.token)
        match call.path:
            case "/login" | "/signup":
                return Reply(body=self.grant(call.json()["email"].partition("@")[0]))
            case "/refresh":
                return self._refreshed(call.json().get("refresh_token", ""))
            case "/me" if user is not None:
                return Reply(
                    body={"id": user, "email": self.email_of(user), "roles": self.roles.get(user, [])}
                )
            case "/secret" | "/write" if user is not None:
                return Reply(body={"word": f"secret of {user}"})
            case "/logout":
                return Reply(status=204)
        return Reply(status=401, body={"message": "who are you?"})

    def _refreshed(self, token: str) -> Reply:
        user = self.refreshes.pop(token, None)
        if user is None:
            self.reused.append(token)
            return Reply(status=401, body={"message": "Invalid refresh token"})
        return Reply(body=self.grant(user))


AUTH = """\
  entry_page: Enter
  home_page: Home
  sign_in: {query: login}
  refresh: {query: renew}
  sign_out: {query: logout}
  me: {query: me, roles: "{{ response.body.roles }}"}
"""
BUTTON = "  - {{name: {0}, type: Button, text: {0}, onClick: '{{{{ {1} }}}}'}}\n"
FILES = {
    "datasources/api.yaml": "url: ${API_URL}\nallow_private: true\ntimeout: 5\n",
    "datasources/other.yaml": "url: ${OTHER_URL:-http://127.0.0.1:9}\nallow_private: true\ntimeout: 5\n",
    "queries/login.yaml": "datasource: api\nmethod: POST\npath: /login\n"
    'body: "{{ {email: this.params.email, password: this.params.password} }}"\n',
    "queries/renew.yaml": "datasource: api\nmethod: POST\npath: /refresh\n"
    'body: "{{ {refresh_token: this.params.refreshToken} }}"\n',
    "queries/logout.yaml": "datasource: api\nmethod: POST\npath: /logout\n"
    'body: "{{ {refresh_token: this.params.refreshToken} }}"\n',
    "queries/me.yaml": "datasource: api\npath: /me\nrun: manual\n",
    "queries/secret.yaml": "datasource: api\npath: /secret\nrun: manual\n",
    "queries/write.yaml": 'datasource: api\nmethod: POST\npath: /write\nbody: "{{ {n: 1} }}"\n',
    "pages/Enter/page.yaml": "title: Enter\nwidgets:\n"
    "  - {name: Email, type: Input, label: Email}\n"
    '  - {name: Said, type: Text, text: "{{ JSON.stringify([login.data, login.responseMeta]) }}"}\n'
    + BUTTON.format("SignIn", "login.run({email: Email.text})"),
    "pages/Home/page.yaml": "title: Home\nwidgets:\n"
    "  - {name: Who, type: Text, text: \"{{ 'user ' + auth.uid + ' ' + auth.roles.join() }}\"}\n"
    "  - {name: Kept, type: Text, text: \"{{ 'kept ' + JSON.stringify(appsmith.store) }}\"}\n"
    '  - {name: Said, type: Text, text: "{{ JSON.stringify(secret.data) }}"}\n'
    + BUTTON.format("Ask", "secret.run(() => showAlert(secret.data.word))")
    + BUTTON.format("Many", 'Promise.all([1,2,3,4,5,6].map(() => secret.run())).then(() => showAlert("all"))')
    + BUTTON.format("Write", 'write.run(() => showAlert("written"))')
    + BUTTON.format("Leave", "logoutUser()")
    + BUTTON.format("Store", 'storeValue("cart", 1), storeValue("lang", "de")'),
    "pages/Admin/page.yaml": "title: Admin\naccess: {roles: [admin]}\n"
    "widgets: [{name: Mark, type: Text, text: admin mark}]\n",
    "pages/Open/page.yaml": "title: Open\naccess: public\nwidgets: [{name: Mark, type: Text, text: open}]\n",
}


class House:
    """Portico with one app, in this process."""

    def __init__(self, folder: Path, api: AuthApi, clock: Clock, port: int) -> None:
        self.folder, self.api, self.clock, self.port = folder, api, clock, port
        self.url = f"http://127.0.0.1:{port}"
        self.opened = contextlib.ExitStack()

    def advance(self, **by: float) -> None:
        """Let time go by."""
        self.clock.advance(timedelta(**by))

    def client(self) -> httpx.Client:
        """A browser that knows nothing yet."""
        headers = {"Origin": self.url}
        return self.opened.enter_context(
            httpx.Client(base_url=self.url, trust_env=False, timeout=30, headers=headers)
        )

    def user(self, name: str = "ann") -> httpx.Client:
        """A browser in which somebody signed in."""
        client = self.client()
        answer = self.sign_in(client, name)
        assert answer.get("session") == "signed-in", answer
        return client

    def sign_in(self, client: httpx.Client, name: str = "ann", page: str = "Enter") -> dict[str, Any]:
        """Press the button of the sign-in page."""
        tab = Tab(client, f"/app/{page}")
        return tab.post("SignIn", Email=f"{name}@example.com")

    def cookie(self, client: httpx.Client) -> str | None:
        """The session cookie."""
        return client.cookies.get(f"portico-{self.port}.app")

    def signed_in(self, client: httpx.Client) -> bool:
        """Whether the browser's cookie opens a page."""
        return client.get("/app/Home").status_code == 200


def written(root: Path, auth: str, files: Mapping[str, str] | None = None) -> Path:
    """The folder of the app of `FILES` with this contract."""
    for path, text in {"app.yaml": f"name: App\nauth:\n{auth}", **FILES, **(files or {})}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@contextmanager
def portico(
    folder: Path,
    api: AuthApi,
    *,
    auth: str = AUTH,
    files: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    beside: Sequence[Path] = (),
    trusted: bool = False,
    secrets: Mapping[str, str] | None = None,
) -> Iterator[House]:
    """The app of `FILES` with this contract, served; `files` are more of it, or others. `beside` are further
    apps of the server. `trusted`: its functions of Python may run."""
    root = written(folder / "app", auth, files)
    filled = {"API_URL": api.url, **(settings or {})}
    named = Secrets({f"{PREFIX}{name}": value for name, value in (secrets or {}).items()})
    loaded = together(
        [load(found, types=CATALOGUE, settings=filled, secrets=named) for found in (root, *beside)]
    )
    apps = [found.app for found in loaded if found.app is not None]
    assert len(apps) == len(loaded), [problem.as_text() for found in loaded for problem in found.problems]
    clock = Clock()
    listener = socket.create_server(("127.0.0.1", 0))
    port = int(listener.getsockname()[1])
    stores = open_sqlite(folder / "store.db", clock, patience=PATIENT)
    application = create_app(
        apps,
        site=Site.on_loopback(port),
        stores=stores,
        key=stores.key,
        clock=clock,
        listening=[("127.0.0.1", port)],
        trusted={"app": root} if trusted else None,
    )
    server = uvicorn.Server(
        uvicorn.Config(application, lifespan="on", log_config=None, ws="none", proxy_headers=False)
    )
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        house = House(root, api, clock, port)
        with house.opened:
            yield house
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


def at_once(count: int, act: Callable[[int], httpx.Response]) -> list[dict[str, Any]]:
    """The answers to so many requests that begin together."""
    found: list[dict[str, Any] | None] = [None] * count
    start = threading.Barrier(count)

    def work(number: int) -> None:
        start.wait()
        found[number] = merged(act(number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [answer for answer in found if answer is not None]


@contextmanager
def meanwhile(gate: threading.Event, act: Callable[[], object]) -> Iterator[None]:
    """Something that waits for the gate goes on beside the block. However the block ends, the gate is open
    then, and nothing goes on."""
    with ThreadPoolExecutor(1) as elsewhere:
        acting = elsewhere.submit(act)
        try:
            yield
        finally:
            gate.set()
            acting.result(60)


def wait_for(api: AuthApi, path: str, count: int = 1) -> None:
    """Wait until the API was asked for a path so often."""
    end = time.monotonic() + PATIENCE
    while api.count(path) < count:
        assert time.monotonic() < end, f"{path} was asked for {api.count(path)} times"
        time.sleep(0.02)
