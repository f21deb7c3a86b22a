"""What queries call: APIs, databases and functions of the app's own, each by its kind."""

from types import TracebackType
from typing import Protocol, Self

from portico.auth.jar import Jar
from portico.auth.opener import Opener
from portico.model.query import Datasource, Query, Request
from portico.runtime.answer import Answer
from portico.runtime.databases import Databases
from portico.runtime.functions import Functions


class Callee(Protocol):
    """Something that answers queries. Raises CallFailed where there is no answer."""

    async def send(
        self,
        datasource: Datasource,
        query: Query,
        request: Request,
        opener: Opener | None = None,
        jar: Jar | None = None,
    ) -> Answer:
        """Make one call: `query` says how, `request` what, `datasource` where, and the limits."""
        ...


class Callees:
    """All of them, by the kind of the query. An async context manager, which closes the databases and
    functions that it was given; `api` has a life of its own. Sealed tokens are opened for APIs alone
    (hard-cases 37)."""

    def __init__(self, api: Callee, databases: Databases, functions: Functions) -> None:
        self._api = api
        self._databases = databases
        self._functions = functions

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._databases.__aexit__(kind, error, trace)
        finally:
            await self._functions.close()

    async def send(
        self,
        datasource: Datasource,
        query: Query,
        request: Request,
        opener: Opener | None = None,
        jar: Jar | None = None,
    ) -> Answer:
        """As `Callee` says."""
        match query.kind:
            case "sql":
                return await self._databases.send(datasource, query, request)
            case "python":
                return await self._functions.send(datasource, query, request)
            case "rest" | "graphql":
                return await self._api.send(datasource, query, request, opener, jar)
