"""APIs to be probed, as small servers, and the probe as the command runs it."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx

from portico.cli.auth_probe_app import Place
from portico.clock import Clock
from portico.definition.load import load
from portico.importers.probe import Address, Credentials, probe
from portico.importers.probe_contract import Draft
from portico.importers.probe_findings import Findings
from portico.importers.probe_look import Asked, Seen
from portico.importers.probe_talk import BYTES, Talk
from portico.model.query import Datasource
from portico.runtime.http import Client
from portico.ui.widgets import CATALOGUE
from portico.values import Secret
from tests.journeys.portal import Visitor, serving
from tests.journeys.preset_app import shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """A request to such an API. `fields` are those of its body, JSON or a form."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    fields: Mapping[str, Any]

    @property
    def call(self) -> str:
        """`POST /login`."""
        return f"{self.method} {self.path}"

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that come with it."""
        pairs = (pair.partition("=") for pair in self.headers.get("cookie", "").split(";"))
        return {name.strip(): value for name, _, value in pairs}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An answer: `body` is sent as JSON, or as it is where it is bytes."""

    status: int
    body: Any = b""
    headers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A running API, and what it was asked."""

    url: str
    asked: list[Asking] = field(default_factory=list)


@contextlib.contextmanager
def api(answer: Callable[[Asking], Reply]) -> Iterator[Running]:
    """An API that answers like this until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Nothing."""

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            path, _, query = self.path.partition("?")
            form = "form" in self.headers.get("content-type", "")
            fields = dict(parse_qsl(body)) if form else json.loads(body or "{}")
            headers = {name.lower(): value for name, value in self.headers.items()}
            asking = Asking(method=self.command, path=path, query=query, headers=headers, fields=fields)
            running.asked.append(asking)
            reply = answer(asking)
            content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            kind = "text/html" if content[:1] == b"<" else "application/json"
            for name, value in [("Content-Type", kind), *reply.headers]:
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running = Running(url=f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def part_of(url: str, *paths: str, closed: Collection[str] = ()) -> Iterator[Running]:
    """Of the API at `url`, which speaks several dialects, what is below some paths; those that are `closed`
    are forbidden to everybody."""

    def passed_on(asking: Asking) -> Reply:
        if not asking.path.startswith(paths):
            return Reply(status=404, body={"message": "nothing here"})
        if asking.path in closed:
            return Reply(status=403, body={"message": "closed"})
        sent = {name: asking.headers[name] for name in ("authorization", "cookie") if name in asking.headers}
        path = f"{asking.path}?{asking.query}" if asking.query else asking.path
        body = asking.fields if asking.method == "POST" else None
        answer = httpx.request(
            asking.method, url + path, json=body, headers=sent, trust_env=False, timeout=30
        )
        cookies = [("Set-Cookie", value) for value in answer.headers.get_list("set-cookie")]
        return Reply(status=answer.status_code, body=answer.content, headers=cookies)

    with api(passed_on) as running:
        yield running


def probed(
    url: str,
    login: str | None = None,
    password: str = "",
    *,
    asked: Asked | None = None,
    renew: bool = False,
    timeout: float = 30,
) -> tuple[Findings, Draft | None]:
    """What a probe finds; somebody signs in if there is a `login`."""

    async def credentials(_: Seen) -> Credentials | None:
        return Credentials(login=Secret(login), password=Secret(password)) if login is not None else None

    async def run() -> tuple[Findings, Draft | None]:
        source = Datasource(
            name="auth_api", url=url, allow_private=True, timeout=timedelta(seconds=timeout), max_bytes=BYTES
        )
        address = Address(url=url, headers={}, allow_private=True)
        chosen = asked or Asked(email=login is None or "@" in login)
        clock = Clock()
        async with Client(clock=clock) as client:
            talk = Talk(client, source, lambda _: None)
            return await probe(talk, clock, address, chosen, credentials, renew=renew)

    return asyncio.run(run())


def said(found: Findings) -> dict[str, str]:
    """Conclusions by what they are about."""
    return {conclusion.about: conclusion.found for conclusion in found.conclusions}


def written(found: Findings, draft: Draft | None, folder: Path) -> Path:
    """An app with the contract that was found, without a problem."""
    assert draft is not None
    app = folder / "probed"
    for path, content in Place.new().files(draft, found).items():
        file = app / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    assert [problem.as_text() for problem in load(app, types=CATALOGUE, settings={}).problems] == []
    return app


def signs_in(app: Path, login: str, password: str, *, wrong: str = "not-the-password") -> str:
    """Sign in to an app with the pages that a probe writes, wrong and right, and out again; its home page,
    and the words for the `wrong` password before it."""
    with serving(app, settings={}) as portal, Visitor(portal) as visitor:
        form = {"LoginInput": login, "PasswordInput": password}
        assert visitor.get("Home").status_code == 303
        refused = visitor.press("Login", "LoginButton", **form | {"PasswordInput": wrong})
        assert refused.status_code == 200
        assert visitor.get("Home").status_code == 303
        answer = visitor.press("Login", "LoginButton", **form)
        assert answer.status_code == 303, shown(answer)
        home = visitor.get("Home")
        assert home.status_code == 200
        assert visitor.press("Home", "LogoutButton").status_code == 303
        assert visitor.get("Home").status_code == 303
        return shown(refused) + shown(home)
