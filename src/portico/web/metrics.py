"""What is counted and timed, for Prometheus: read on a listener of its own, never at the public one (P42).

Labels are names from the apps' files and words of our own, so that there are few of them and none belongs
to a person: no address, no user, no path that somebody asked for.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico.errors import PorticoError, StoreUnavailable

#: Seconds: from what a script needs to what a slow API does.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
#: The address that events are posted to.
PAGE = "/{app}/{page}"


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests by address pattern.", "route", "status")
        self._events = self._histogram("event_seconds", "From an event to the end of its answer.", BUCKETS)
        self._queries = self._histogram(
            "query_seconds", "Calls of datasources.", BUCKETS, "datasource", "status"
        )
        self._sessions = self._counter("sessions", "What became of sessions.", "app", "what")
        self._refreshes = self._counter("refreshes", "Tokens that were asked for.", "outcome")
        self._standings = self._counter("standings", "What `me` says of users.", "verdict")
        self._denials = self._counter("denials", "Pages that were not opened.", "app", "reason")
        self._turns = self._histogram("turn_seconds", "Work of the sandbox.", QUICK, "outcome")
        self._stores = self._histogram("store_seconds", "Calls of the store.", QUICK, "port", "call")
        self._outages = self._counter("store_outages", "Calls that the store did not answer.", "port")

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"portico_{name}", words, labels, registry=self.registry)

    def _histogram(self, name: str, words: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"portico_{name}", words, labels, buckets=buckets, registry=self.registry)

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Answer Prometheus there, in a thread. What is returned ends it. Raises OSError."""
        server, _ = start_http_server(port, host, self.registry)

        def end() -> None:
            server.shutdown()
            server.server_close()

        return end

    def watch(self, name: str, words: str, value: Callable[[], int]) -> None:
        """A figure that is read when Prometheus asks."""
        Gauge(f"portico_{name}", words, registry=self.registry).set_function(value)

    # What happened

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was."""
        self._requests.labels(route, f"{status // 100}xx").inc()
        if route == PAGE and method == "POST":
            self._events.observe(seconds)

    def session(self, app: str, what: str) -> None:
        """`signed_in`, `signed_out`, `resumed`, or `unknown`: a cookie that opens nothing (any more)."""
        self._sessions.labels(app, what).inc()

    def refreshed(self, outcome: str) -> None:
        """What a token that was asked for came to."""
        self._refreshes.labels(outcome).inc()

    def stands(self, verdict: str) -> None:
        """What is known of a user who asks for a guarded page."""
        self._standings.labels(verdict).inc()

    def denied(self, app: str, reason: str) -> None:
        """A page was not opened."""
        self._denials.labels(app, reason).inc()

    def turned(self, outcome: str, seconds: float) -> None:
        """The sandbox worked; all outcomes but `ok` ended a context, `overrun` and `lost` its process."""
        self._turns.labels(outcome).observe(seconds)

    @contextmanager
    def query(self, datasource: str) -> Iterator[list[int]]:
        """A call is made; its status is to be put into the list. Without one, the error's code counts."""
        begun, status = time.monotonic(), list[int]()
        code = "failed"
        try:
            yield status
        except PorticoError as error:
            code = error.code
            raise
        finally:
            said = f"{status[0] // 100}xx" if status else code
            self._queries.labels(datasource, said).observe(time.monotonic() - begun)

    @contextmanager
    def store(self, port: str, call: str) -> Iterator[None]:
        """The store is asked."""
        begun = time.monotonic()
        try:
            yield
        except StoreUnavailable:
            self._outages.labels(port).inc()
            raise
        finally:
            self._stores.labels(port, call).observe(time.monotonic() - begun)


class MeasuredRequests:
    """Counts requests by the pattern that they matched, as a plain ASGI layer."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.monotonic(), 500

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.answered(route, scope["method"], status, time.monotonic() - begun)
