"""Stands around all dialects and lets calls go wrong as `Faults` says."""

import asyncio
from collections.abc import Callable, Sequence
from typing import final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico.authserver.database import Database
from portico.authserver.dropping import drop
from portico.authserver.endings import end_sessions
from portico.authserver.endpoints import OWN, Endpoint
from portico.authserver.fault_kinds import Delay, Drop, Kind, Status, When
from portico.authserver.faults import Call, Faults
from portico.authserver.holders import Holders, Tells, fields_of
from portico.authserver.interference import interfering
from portico.authserver.moments import whole_seconds
from portico.authserver.spoiling import SPOILERS, Answer, spoiled

#: What a dialect answers to a call at this path, with this status: `(request, status, message)`.
Refuse = Callable[[Request, int, str], Response]

_LARGEST_BODY = 1 << 20
_CHUNK = 64 << 10
_MESSAGE = "This answer is a fault that was asked for."


@final
class FaultLayer:
    """The ASGI layer. A call that no fault befalls is counted and answered as ever."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        faults: Faults,
        endpoints: Sequence[Endpoint],
        database: Database,
        tells: Tells,
        refuse: Refuse,
    ) -> None:
        self._app = app
        self._faults = faults
        self._endpoints = endpoints
        self._database = database
        self._holders = Holders(database, tells)
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] != "http" or scope["path"].startswith(OWN):
            await self._app(scope, receive, send)
            return
        body, receive = await _peeked(receive)
        for user in self._faults.take_revocations():
            await end_sessions(self._database, user)
        request = Request(scope)
        taken = self._faults.take(await self._call(request, body))
        kinds = [fault.kind for fault in taken]
        with interfering(kinds):
            await self._answer(request, kinds, receive, send)

    async def _call(self, request: Request, body: bytes) -> Call:
        method, path = request.method, request.url.path
        query, fields = request.query_params.multi_items(), fields_of(body)
        answering = (each.role for each in self._endpoints if each.answers(method, path, query, fields))
        holder = await self._holders.of(request, fields)
        return Call(method=method, path=path, roles=tuple(answering), users=holder.users, token=holder.token)

    async def _answer(self, request: Request, kinds: Sequence[Kind], receive: Receive, send: Send) -> None:
        for kind in kinds:
            if isinstance(kind, Delay):
                await asyncio.sleep(kind.by.total_seconds())
        when = {kind.when for kind in kinds if isinstance(kind, Drop)}
        status = next((kind for kind in kinds if isinstance(kind, Status)), None)
        if When.BEFORE in when:
            await drop(request.scope, receive)
        elif status is None and not when and not any(isinstance(kind, SPOILERS) for kind in kinds):
            await self._app(request.scope, receive, send)
        else:
            app = self._app if status is None else self._refusing(request, status)
            answer = spoiled(await _whole(app, request.scope, receive), kinds)
            if When.AFTER not in when:
                await _send(answer, send, until=answer.size // 2 if when else answer.size)
            if when:
                await drop(request.scope, receive)

    def _refusing(self, request: Request, status: Status) -> ASGIApp:
        answer = self._refuse(request, status.code, _MESSAGE)
        if status.retry_after is not None:
            answer.headers["Retry-After"] = str(whole_seconds(status.retry_after))
        return answer


async def _peeked(receive: Receive) -> tuple[bytes, Receive]:
    """The beginning of the body, and a way to receive it once more, whole."""
    messages: list[Message] = []
    body = bytearray()
    while len(body) <= _LARGEST_BODY:
        message = await receive()
        messages.append(message)
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body", False):
            break

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return bytes(body), again


async def _whole(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    start, *rest = messages
    body = b"".join(message.get("body", b"") for message in rest)
    return Answer(status=start["status"], headers=tuple(start.get("headers", ())), body=body)


async def _send(answer: Answer, send: Send, *, until: int) -> None:
    """Send `until` bytes of the body; what it is filled up with is spaces, which JSON may end in."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.head})
    sent = 0
    while sent < until:
        chunk = (answer.body[sent : sent + _CHUNK] or b" " * _CHUNK)[: until - sent]
        sent += len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": sent < answer.size})
        # Sending to a client that is slow or gone does not wait by itself, and others wait for this loop.
        await asyncio.sleep(0)
    if not answer.size:
        await send({"type": "http.response.body", "body": b""})
