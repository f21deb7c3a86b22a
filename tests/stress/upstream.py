"""An auth API in this process, on a real socket, that costs next to nothing: what is tried is Portico."""

import base64
import json
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.clock import Clock
from tests.journeys.fleet import USER, Dialect
from tests.journeys.portal import Exchange, in_a_thread, unheard


@dataclass(slots=True)
class _Family:
    """What one sign-in became: the refresh token that is good, and the one before it."""

    active: str
    parent: str = ""


class CheapApi:
    """Signs everybody in, and renews as its dialect does: a refresh token that is good `once`, or one whose
    predecessor gives the present one again. An older one ends the sign-in. Keeps its renewals."""

    def __init__(self, dialect: Dialect, clock: Clock, url: str) -> None:
        self.url = url
        self.exchanges: list[Exchange] = []
        self.before: Callable[[str, bytes], None] = unheard
        self.after: Callable[[str, bytes], None] = unheard
        self._dialect = dialect
        self._clock = clock
        self._families: dict[str, _Family] = {}
        self.app = Starlette(
            routes=[
                Route("/api/auth/local", self._sign_in, methods=["POST"]),
                Route("/auth/v1/token", self._token, methods=["POST"]),
                Route("/api/auth/refresh", self._renew, methods=["POST"]),
                Route("/api/auth/logout", self._done, methods=["POST"]),
                Route("/auth/v1/logout", self._done, methods=["POST"]),
                Route("/api/users/me", self._me),
                Route("/auth/v1/user", self._me),
            ]
        )

    async def _token(self, request: Request) -> Response:
        signs_in = request.query_params.get("grant_type") == "password"
        return await (self._sign_in(request) if signs_in else self._renew(request))

    async def _sign_in(self, _: Request) -> Response:
        family = _Family(active=secrets.token_urlsafe(24))
        self._families[family.active] = family
        return JSONResponse(self._granted(family))

    async def _renew(self, request: Request) -> Response:
        body, call = await request.body(), f"{request.method} {request.url.path}"
        try:
            self.before(call, body)
            answer = self._renewed(str(json.loads(body).get(self._dialect.field)))
            self.exchanges.append(
                Exchange(
                    method=request.method,
                    path=request.url.path,
                    headers={},
                    body=body,
                    status=answer.status_code,
                    answer_headers=(),
                    answer=b"",
                )
            )
            self.after(call, body)
        except ConnectionError:
            # Whoever asked has died.
            return Response(status_code=503)
        return answer

    def _renewed(self, token: str) -> Response:
        family = self._families.get(token)
        if family is None:
            return JSONResponse({"error": "invalid_grant"}, 401)
        if token == family.active:
            family.active, family.parent = secrets.token_urlsafe(24), token
            self._families[family.active] = family
        elif token != family.parent or self._dialect.once:
            for known in [name for name, one in self._families.items() if one is family]:
                del self._families[known]
            return JSONResponse({"error": "invalid_grant"}, 401)
        return JSONResponse(self._granted(family))

    def _granted(self, family: _Family) -> dict[str, Any]:
        life = self._dialect.life.total_seconds()
        access = _jwt(self._clock.now().timestamp() + life)
        named = {"jwt": access} if self._dialect.once else {"access_token": access, "expires_in": int(life)}
        return {**named, self._dialect.field: family.active, "user": _USER}

    async def _me(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token or _ends(token) <= self._clock.now().timestamp():
            return JSONResponse({"message": "the token has ended"}, 401)
        return JSONResponse(_USER)

    async def _done(self, _: Request) -> Response:
        return Response(status_code=204)


_USER = {"id": "1", "documentId": "1", "username": USER, "email": f"{USER}@example.com"}


def _jwt(ends: float) -> str:
    payload = json.dumps({"exp": int(ends), "jti": secrets.token_hex(8)})
    return f"eyJhbGciOiJIUzI1NiJ9.{base64.urlsafe_b64encode(payload.encode()).decode().rstrip('=')}.c2ln"


def _ends(token: str) -> float:
    payload = token.split(".")[1]
    return float(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"])


@contextmanager
def cheap_api(dialect: Dialect, clock: Clock) -> Iterator[CheapApi]:
    """It runs until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        api = CheapApi(dialect, clock, f"http://127.0.0.1:{listening.getsockname()[1]}")
        config = uvicorn.Config(api.app, ws="none", log_config=None, access_log=False)
        with in_a_thread(uvicorn.Server(config), listening):
            yield api
