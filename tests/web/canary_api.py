"""An auth API whose every token is known, and which repeats whatever it is sent; on a real socket."""

import itertools
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from joserfc import jwt
from joserfc.jwk import OctKey

from tests.journeys.tap import Tap


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass(slots=True)
class CanaryApi:
    """Hands out JWTs and opaque tokens, and takes only the newest of each user's.

    `knows` is what it answers at `/knows`; a second one, which is no auth API, only repeats.
    """

    key: OctKey = field(default_factory=lambda: OctKey.generate_key(256))
    issued: list[str] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    knows: Any = None
    url: str = ""
    _server: ThreadingHTTPServer | None = None
    _tap: Tap | None = None
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def __enter__(self) -> Self:
        api = self

        class Handler(BaseHTTPRequestHandler):
            """Every method and path."""

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                received = Received(
                    method=self.command, path=self.path, headers=dict(self.headers.items()), body=body
                )
                api.requests.append(received)
                status, headers, content = api.answer(received)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._tap = Tap(self._server.server_port, api=True)
        self._tap.open()
        self.url = self._tap.url
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        assert self._tap is not None
        self._tap.close()
        self._server.shutdown()
        self._server.server_close()

    def token(self, kind: str = "jwt") -> str:
        """A new access token."""
        number = next(self._numbers)
        if kind == "opaque":
            token = f"canary-{secrets.token_urlsafe(24)}"
        else:
            claims = {"sub": "u1", "n": number, "exp": int(time.time()) + 3600}
            token = jwt.encode({"alg": "HS256"}, claims, self.key)
        self.issued.append(token)
        return token

    def short(self) -> str:
        """A new refresh token: twelve characters, as GoTrue's."""
        token = secrets.token_hex(6)
        self.issued.append(token)
        return token

    @property
    def secret_parts(self) -> list[str]:
        """What must be seen nowhere: of a JWT its signature, of any other token all of it."""
        return [token.rpartition(".")[2] for token in self.issued]

    def answer(self, received: Received) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        path = received.path.partition("?")[0]
        headers = {"Content-Type": "application/json"}
        match path:
            case "/sign-in" | "/renew":
                kind = "opaque" if "opaque" in received.body else "jwt"
                if path == "/renew":
                    newest = self.issued[-2]
                    kind = "jwt" if newest.startswith("eyJ") else "opaque"
                token, refresh = self.token(kind), self.short()
                headers |= {
                    "Set-Cookie": f"sid={token}; Path=/",
                    "X-Auth-Token": refresh,
                    "X-Says": f"Bearer {token}",
                }
                answer: Any = {
                    "token": token,
                    "refresh_token": refresh,
                    "user": {"id": "u1"},
                    "message": f"It is {token}",
                }
            case "/me":
                token = received.headers.get("Authorization", "").removeprefix("Bearer ")
                if token not in self.issued:
                    return 401, headers, json.dumps({"message": f"{token} is no token"}).encode()
                answer = {"id": "u1", "email": "ada@example.com", "last_token": token}
            case "/knows":
                answer = self.knows
            case _:
                headers |= {
                    "X-Echo": received.headers.get("Authorization", ""),
                    "Set-Cookie": f"t={received.body}"[:200],
                }
                answer = {"path": received.path, "headers": received.headers, "body": received.body}
                if received.body.startswith("{"):
                    answer["json"] = json.loads(received.body)
        return 200, headers, json.dumps(answer).encode()
