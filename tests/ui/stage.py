"""A server that shows pages and answers events as a test tells it to, with the policy of the real one."""

import asyncio
import json
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from portico.ui.assets import PREFIX
from portico.ui.render import render_page
from portico.ui.view import PageView
from tests.ui.sites import LOGO

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: Part of an answer: a line, a wait until `gate` is open, or the end of the connection.
Step = dict[str, Any] | Literal["wait", "cut"]


@dataclass(slots=True)
class Stage:
    """What is shown at which path, what is answered to the next events, and what was posted."""

    url: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    views: list[PageView] = field(default_factory=list)
    answers: deque[tuple[int, Sequence[Step]]] = field(default_factory=deque)
    gate: threading.Event = field(default_factory=threading.Event)
    alive: str | None = ""
    posts: list[dict[str, Any]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)
    asked: int = 0
    lines: int = 0

    def show(self, view: PageView, path: str = "/hr/Home") -> str:
        """Show a view at `path`; its address."""
        self.views.append(view)
        return self.serve(render_page(view), path)

    def serve(self, html: str, path: str = "/hr/Home") -> str:
        """Show a document at `path`; its address."""
        self.pages[path] = html
        return self.url + path

    def answer(self, *steps: Step, status: int = 200) -> None:
        """Answer the next event that has no answer yet with these steps; the last line is `done`."""
        parts = list(steps)
        if parts and isinstance(parts[-1], dict):
            parts[-1] = {"done": True, **parts[-1]}
        self.answers.append((status, parts))

    # Endpoints

    async def get(self, request: Request) -> Response:
        """A page."""
        self.gets.append(request.url.path)
        html = self.pages.get(request.url.path)
        headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"}
        return HTMLResponse(
            html or "<!doctype html><title>none</title>", 200 if html else 404, headers=headers
        )

    async def post(self, request: Request) -> Response:
        """An event, or a form."""
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            form = await request.form()
            self.forms.append({name: str(value) for name, value in form.items()})
            return await self.get(request)
        self.heads.append(dict(request.headers))
        self.posts.append(await request.json())
        status, steps = self.answers.popleft() if self.answers else (200, [{"done": True}])
        if status == 502:
            return Response("Bad Gateway", 502, media_type="text/html")
        return StreamingResponse(self._steps(steps), status, media_type="application/x-ndjson")

    async def _steps(self, steps: Sequence[Step]) -> AsyncIterator[str]:
        for step in steps:
            if step == "cut":
                raise ConnectionAbortedError("as the test wants it")
            if step == "wait":
                await asyncio.to_thread(self.gate.wait, 30)
                continue
            assert isinstance(step, dict)
            self.lines += 1
            yield json.dumps({"version": self.lines, **step}) + "\n"

    async def ask(self, request: Request) -> Response:
        """Whose page it is; None stands for a server that fails."""
        self.asked += 1
        return JSONResponse({"session": self.alive}, 503 if self.alive is None else 200)

    async def asset(self, request: Request) -> Response:
        """A script or stylesheet of one of the views."""
        name = request.path_params["name"]
        found = next((asset for view in self.views if (asset := view.assets.get(name))), None)
        return Response(found.body, media_type=found.type) if found else Response(status_code=404)

    async def logo(self, request: Request) -> Response:
        """The picture that pages of the tests use."""
        return Response(LOGO.read_bytes(), media_type="image/svg+xml")

    @property
    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route(f"{PREFIX}{{name:path}}", self.asset),
                Route("/_portico/alive", self.ask),
                Route("/{app}/_files/logo.svg", self.logo),
                Route("/{path:path}", self.get, methods=["GET"]),
                Route("/{path:path}", self.post, methods=["POST"]),
            ]
        )


@contextmanager
def open_stage() -> Iterator[Stage]:
    """A stage on a free port of this machine."""
    stage = Stage()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        stage.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(stage.app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield stage
        finally:
            stage.gate.set()
            server.should_exit = True
            thread.join()
