"""Calls that an auth server got, for whoever looks for what went wrong: no values, no headers, no bodies."""

import threading
import time
from collections import deque
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Calls that are kept.
MOST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class UpstreamCall:
    """A call; `path` has the names of its parameters. `status` of None: it was not answered."""

    method: str
    path: str
    status: int | None
    milliseconds: int

    @property
    def text(self) -> str:
        """It in a line."""
        status = "no answer" if self.status is None else str(self.status)
        return f"{self.method} {self.path} → {status} ({self.milliseconds} ms)"


class Recorder:
    """Notes the calls of one server, by a layer that is put around it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[UpstreamCall] = deque(maxlen=MOST)

    @property
    def calls(self) -> list[UpstreamCall]:
        """The last calls, in the order of their ends."""
        with self._lock:
            return list(self._calls)

    def layer(self, app: ASGIApp) -> ASGIApp:
        """`app`, with its calls noted."""

        async def noted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            began, status = time.monotonic(), None

            async def noting(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            try:
                await app(scope, receive, noting)
            finally:
                self._note(scope, status, time.monotonic() - began)

        return noted

    def _note(self, scope: Scope, status: int | None, seconds: float) -> None:
        names = "&".join(f"{name}=…" for name, _ in parse_qsl(scope["query_string"].decode("latin-1")))
        call = UpstreamCall(
            method=scope["method"],
            path=scope["path"] + (f"?{names}" if names else ""),
            status=status,
            milliseconds=round(seconds * 1000),
        )
        with self._lock:
            self._calls.append(call)
