"""Statements as queries run them, without an app around."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portico.clock import Clock
from portico.definition.bindings import split
from portico.definition.diagnostics import Problems
from portico.definition.statements import Understood, understood
from portico.definition.text import whole
from portico.model.place import Place
from portico.model.query import Datasource, Query, Request
from portico.model.statement import dialect_of
from portico.runtime.answer import Answer
from portico.runtime.databases import Databases


def read(text: str, dialect: str, *, prepared: bool = True) -> Understood:
    """A statement with `{{ }}` in it."""
    problems = Problems()
    parts = split(whole("q.yaml", text), problems)
    assert parts is not None, problems.sorted()
    return understood(parts, dialect, prepared=prepared)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A database that is asked."""

    databases: Databases
    source: Datasource

    async def answer(
        self, text: str, *given: Any, prepared: bool = True, seconds: float | None = None
    ) -> Answer:
        """What it answers to a statement, of whose bindings the values are given in order."""
        found = read(text, dialect_of(self.source.url), prepared=prepared)
        assert found.faults == ()
        query = Query(
            name="q",
            datasource="db",
            kind="sql",
            method="POST",
            body_type="json",
            place=Place("q.yaml", 1, 1),
            statement=found.statement,
            timeout=timedelta(seconds=seconds) if seconds is not None else None,
        )
        return await self.databases.send(self.source, query, Request(path="/", body=list(given)))

    async def rows(self, text: str, *given: Any, prepared: bool = True) -> Any:
        """The rows of a statement that is not refused."""
        answer = await self.answer(text, *given, prepared=prepared)
        assert answer.status == 200, answer.text
        return json.loads(answer.body)

    async def one(self, text: str, *given: Any, prepared: bool = True) -> Any:
        """The one value of its one row."""
        ((value,),) = [list(row.values()) for row in await self.rows(text, *given, prepared=prepared)]
        return value

    async def refused(self, text: str, *given: Any, prepared: bool = True) -> str:
        """What the database says of a statement that it refuses."""
        answer = await self.answer(text, *given, prepared=prepared)
        assert answer.status == 400, answer.text
        message: str = answer.json()["message"]
        return message


@asynccontextmanager
async def asking(source: Datasource) -> AsyncIterator[Asking]:
    """Ask a database."""
    async with Databases(clock=Clock()) as databases:
        yield Asking(databases=databases, source=source)
