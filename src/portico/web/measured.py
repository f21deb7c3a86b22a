"""The parts of a server, measured: each does what it did, and says so."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, cast

from portico.auth.evidence import Evidence
from portico.auth.manager import SessionManager
from portico.auth.ports import Lease, Outbox, SessionIndex, SessionStore, Tally, TimelineStore, VisitStore
from portico.auth.refresh import Refresher
from portico.auth.session import Session
from portico.model.app import App
from portico.model.query import Datasource, Query, Request
from portico.runtime.answer import Answer
from portico.runtime.databases import Databases
from portico.runtime.http import Client
from portico.runtime.upstream import Keeper
from portico.stores.stores import Stores
from portico.web.metrics import Metrics


def measured_stores(stores: Stores, metrics: Metrics) -> Stores:
    """The same stores; each call is timed."""

    def port(name: str) -> Any:
        return MeasuredPort(getattr(stores, name), name, metrics)

    return replace(
        stores,
        sessions=cast(SessionStore, port("sessions")),
        index=cast(SessionIndex, port("index")),
        visits=cast(VisitStore, port("visits")),
        outbox=cast(Outbox, port("outbox")),
        timeline=cast(TimelineStore, port("timeline")),
        tally=cast(Tally, port("tally")),
    )


class MeasuredPort:
    """One port; whatever its methods are."""

    def __init__(self, port: object, name: str, metrics: Metrics) -> None:
        self._port = port
        self._name = name
        self._metrics = metrics

    def __getattr__(self, call: str) -> Callable[..., Any]:
        wanted = getattr(self._port, call)
        return partial(self._leased if call == "lease" else self._called, wanted, call)

    async def _called(
        self, wanted: Callable[..., Awaitable[Any]], call: str, *given: Any, **named: Any
    ) -> Any:
        with self._metrics.store(self._name, call):
            return await wanted(*given, **named)

    @asynccontextmanager
    async def _leased(
        self, wanted: Callable[..., Lease], call: str, *given: Any, **named: Any
    ) -> AsyncIterator[Any]:
        lease = wanted(*given, **named)
        with self._metrics.store(self._name, call):
            held = await lease.__aenter__()
        try:
            yield held
        finally:
            await lease.__aexit__(None, None, None)


class MeasuredClient(Client):
    """Calls of datasources, timed."""

    def __init__(self, *given: Any, metrics: Metrics, **named: Any) -> None:
        super().__init__(*given, **named)
        self._metrics = metrics

    async def send(self, datasource: Datasource, *given: Any, **named: Any) -> Answer:
        """As it is."""
        with self._metrics.query(datasource.name) as status:
            answer = await super().send(datasource, *given, **named)
            status.append(answer.status)
            return answer


class MeasuredDatabases(Databases):
    """Statements, timed."""

    def __init__(self, *given: Any, metrics: Metrics, **named: Any) -> None:
        super().__init__(*given, **named)
        self._metrics = metrics

    async def send(self, source: Datasource, query: Query, request: Request) -> Answer:
        """As it is."""
        with self._metrics.query(source.name) as status:
            answer = await super().send(source, query, request)
            status.append(answer.status)
            return answer


class MeasuredManager(SessionManager):
    """Sessions, counted."""

    def __init__(self, *given: Any, metrics: Metrics, **named: Any) -> None:
        super().__init__(*given, **named)
        self._metrics = metrics

    async def resume(self, app: str, cookie_value: str | None) -> Session | None:
        """As it is; what is no cookie of ours counts as none."""
        session = await super().resume(app, cookie_value)
        if cookie_value is not None:
            self._metrics.session(app, "unknown" if session is None else "resumed")
        return session

    async def sign_in(self, evidence: Evidence, *, app: str, **how: Any) -> Session:
        """As it is."""
        session = await super().sign_in(evidence, app=app, **how)
        self._metrics.session(app, "signed_in")
        return session

    async def sign_out(self, session: Session, **how: Any) -> Session | None:
        """As it is."""
        after = await super().sign_out(session, **how)
        self._metrics.session(session.app, "signed_out")
        return after


class MeasuredRefresher(Refresher):
    """Renewals, counted."""

    def __init__(self, *given: Any, metrics: Metrics, **named: Any) -> None:
        super().__init__(*given, **named)
        self._metrics = metrics

    async def fresh(self, session: Session, *given: Any, **how: Any) -> Any:
        """As it is."""
        outcome = await super().fresh(session, *given, **how)
        self._metrics.refreshed(type(outcome).__name__.lower())
        return outcome


class MeasuredKeeper(Keeper):
    """What `me` says, counted."""

    def __init__(self, *given: Any, metrics: Metrics, **named: Any) -> None:
        super().__init__(*given, **named)
        self._metrics = metrics

    async def verdict(self, app: App, session: Session, *, waits: bool) -> Any:
        """As it is."""
        verdict = await super().verdict(app, session, waits=waits)
        self._metrics.stands(type(verdict).__name__.lower())
        return verdict
