"""Queries of the contract in the words of the app: the request that one makes, and what mappings say of its
answer.

Where these are plain (`runtime.plain`) no script runs. All others are evaluated in a script context that is
made for this one dialogue and dropped after it: nothing that one session's answer left behind is there for
the next, and no page script can reach it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from portico.clock import Clock
from portico.errors import ScriptFailed
from portico.model.app import App
from portico.model.program import Program
from portico.model.query import Role
from portico.runtime.plain import NotPlain, evaluated, requested
from portico.sandbox.pool import Context, Pool
from portico.sandbox.turn import RunQuery, ScriptError, Turn

Question = Mapping[str, Any]
Hear = Callable[[ScriptError], None]


class Dialogues:
    """Begins them."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def values(
        self, app: App, program: Program, asked: Sequence[Question], hear: Hear
    ) -> Mapping[str, Any]:
        """The values of evaluations by name; `hear` is told of those that fail. Raises ScriptFailed."""
        plain = _told(app, asked)
        if plain is not None:
            return plain
        context, turn = await self._pool.open(app.key, program, asked, self._clock.now())
        await context.close()
        return _heard(turn, hear).results

    @asynccontextmanager
    async def of(
        self, app: App, program: Program, role: Role, params: Mapping[str, str], world: Question, hear: Hear
    ) -> AsyncIterator["Dialogue"]:
        """The dialogue of a query in this role, with `this.params` and what the app knows of the `world`.
        Raises ScriptFailed."""
        path = app.contract.queries[role] if app.contract is not None else ""
        request = _made(app, path, role, params)
        if request is not None:
            yield Dialogue(request=request, mapped=lambda asked: self.values(app, program, asked, hear))
            return
        inputs = [world, {"k": "run", "ev": role, "q": path, "params": dict(params)}]
        context, turn = await self._pool.open(app.key, program, inputs, self._clock.now())
        try:
            effects = _heard(turn, hear).effects
            request = next((effect for effect in effects if isinstance(effect, RunQuery)), None)
            if request is None:
                raise ScriptFailed(f"query {path} of the contract made no request")
            yield Dialogue(request=request, mapped=lambda asked: self._turned(context, asked, hear))
        finally:
            await context.close()

    async def _turned(self, context: Context, asked: Sequence[Question], hear: Hear) -> Mapping[str, Any]:
        return _heard(await context.turn(asked, self._clock.now()), hear).results


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialogue:
    """`request` is what the query sends; `mapped` tells what evaluations say of its answer, as
    `Dialogues.values` does."""

    request: RunQuery
    mapped: Callable[[Sequence[Question]], Awaitable[Mapping[str, Any]]]


def _heard(turn: Turn, hear: Hear) -> Turn:
    for error in turn.errors:
        hear(error)
    return turn


def _told(app: App, asked: Sequence[Question]) -> Mapping[str, Any] | None:
    """The values of evaluations that are plain; None if one of them is not, or fails."""
    known = app.contract_plain.evaluations
    try:
        return {one["name"]: evaluated(known[one["name"]], one["values"]) for one in asked}
    except (KeyError, NotPlain):
        return None


def _made(app: App, path: str, role: Role, params: Mapping[str, str]) -> RunQuery | None:
    """The request of a query that is plain; None if it is not."""
    plain = app.contract_plain.requests.get(path)
    try:
        request = requested(plain, params) if plain is not None else None
    except NotPlain:
        return None
    return RunQuery(id=role, ev=role, query=path, request=request, params=params) if request else None
