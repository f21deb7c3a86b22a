"""Statements on their way to databases: within their time, within their size, and ended with who waited.

Drivers block, so each datasource has threads of its own, as many as connections. Whoever stops waiting, by
the limit or because a visit is over, has the database end the statement; the connection is not used again.
"""

import asyncio
import json
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

from portico.clock import Clock
from portico.errors import CallFailed, CredentialsRefused, ServiceTimeout, ServiceUnreachable
from portico.model.query import Datasource, Query, Request
from portico.model.statement import dialect_of
from portico.runtime.answer import Answer
from portico.runtime.credentials import mask_of
from portico.runtime.sql_binding import bound
from portico.runtime.sql_driver import Resolve, look_up
from portico.runtime.sql_drivers import CONNECTIONS, Link, link
from portico.runtime.sql_job import Job, Outcome

#: Threads that end statements.
ENDERS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class _Open:
    """A database that was called, with the threads that wait for it."""

    link: Link
    threads: ThreadPoolExecutor


class Databases:
    """Runs statements. An async context manager; one for the whole server.

    `own_ports` are the (host, port) pairs that this server listens on, which are never connected to;
    `resolve` gives the addresses of a host, and may block.
    """

    def __init__(
        self, *, clock: Clock, own_ports: Collection[tuple[str, int]] = (), resolve: Resolve = look_up
    ) -> None:
        self._clock = clock
        self._own_ports = own_ports
        self._resolve = resolve
        self._open: dict[Datasource, _Open] = {}
        self._opening = asyncio.Lock()
        self._enders = ThreadPoolExecutor(ENDERS, "sql-end")
        self._jobs: set[Job] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        for job in self._jobs:
            job.give_up()
        await asyncio.to_thread(self._close, tuple(self._jobs))

    def _close(self, jobs: tuple[Job, ...]) -> None:
        """End what runs, and then all connections."""
        for job in jobs:
            self._enders.submit(job.end)
        self._enders.shutdown(wait=True)
        for found in self._open.values():
            found.threads.shutdown(wait=False, cancel_futures=True)
            found.link.engine.dispose()

    async def send(self, source: Datasource, query: Query, request: Request) -> Answer:
        """Run a query's statement with what its bindings gave, as one transaction.

        The answer is JSON: 200 with the rows, 400 with a `message` where the database refused it. Raises
        CallFailed as the HTTP client does, DriverMissing besides; its `detail` names the datasource, and
        nothing of the statement.
        """
        try:
            if source.unset:
                raise CredentialsRefused(f"secrets that are not set: {', '.join(source.unset)}")
            started = self._clock.now()
            outcome = await self._outcome(source, query, request)
        except CallFailed as error:
            raise type(error)(f"{source.name}: SQL: {error.detail}", message=error.message) from None
        refused = outcome.refused
        return Answer(
            status=200 if refused is None else 400,
            headers=(("content-type", "application/json"),),
            body=outcome.body if refused is None else json.dumps({"message": refused}).encode(),
            elapsed=self._clock.now() - started,
            mask=mask_of(source, None),
        )

    async def _outcome(self, source: Datasource, query: Query, request: Request) -> Outcome:
        limit = (query.timeout or source.timeout).total_seconds()
        try:
            async with asyncio.timeout(limit):
                found = await self._opened(source)
                return await self._waited(found, self._job(source, found.link, query, request))
        except TimeoutError:
            raise ServiceTimeout("no complete answer in time") from None

    def _job(self, source: Datasource, found: Link, query: Query, request: Request) -> Job:
        if query.statement is None:
            raise CallFailed("no statement")
        given = request.body if isinstance(request.body, list) else []
        commands = bound(query.statement, given, dialect_of(source.url), found.style)
        return Job(source, found, commands, reads=query.statement.reads)

    async def _opened(self, source: Datasource) -> _Open:
        async with self._opening:
            if self._closed:
                raise ServiceUnreachable("this server is ending")
            if source not in self._open:
                making = partial(link, source, resolve=self._resolve, own_ports=self._own_ports)
                threads = ThreadPoolExecutor(CONNECTIONS, f"sql-{source.name}")
                self._open[source] = _Open(link=await asyncio.to_thread(making), threads=threads)
            return self._open[source]

    async def _waited(self, found: _Open, job: Job) -> Outcome:
        """What comes of a job; with who waits for it, it ends."""
        running: Future[Outcome] = found.threads.submit(job.run)
        self._jobs.add(job)
        running.add_done_callback(lambda _: self._jobs.discard(job))
        try:
            return await asyncio.shield(asyncio.wrap_future(running))
        except asyncio.CancelledError:
            job.give_up()
            if not running.cancel() and not self._closed:
                self._enders.submit(job.end)
            raise
