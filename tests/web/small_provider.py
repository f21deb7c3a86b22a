"""A small OpenID provider of our own, on a real socket, which tests can make lie in any way."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from tests.journeys.tap import Tap

Change = Callable[[Any], Any]
CLIENT, SECRET = "portico", "cNrYclient-secret-0123456789"


def unchanged(value: Any) -> Any:
    """What every part of an answer is, unless a test says otherwise."""
    return value


def half_hash(token: str) -> str:
    """`at_hash` for an algorithm with SHA-256."""
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


@dataclass
class SmallProvider:
    """Signs in `user` without asking. `claims`, `header`, `token`, `answer`, `document`, `key_set`, `info`
    and `back` change what it says there."""

    user: str = "ada"
    #: what it calls its session with the next user that it signs in; "" without a name
    sid: str = ""
    lifetime: int = 300
    claims: Change = unchanged
    header: Change = unchanged
    token: Change = unchanged
    answer: Change = unchanged
    document: Change = unchanged
    key_set: Change = unchanged
    info: Change = unchanged
    back: Change = unchanged
    #: whether the verifier of PKCE is compared, as providers must
    checks_pkce: bool = True
    #: whether the client has a secret
    checks_secret: bool = True
    #: paths that answer 503
    down: set[str] = field(default_factory=set)
    key: RSAKey | ECKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    algorithm: str = "RS256"
    calls: Counter[str] = field(default_factory=Counter)
    forms: list[dict[str, str]] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access: dict[str, tuple[str, float]] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                provider.handle(self, "")

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                provider.handle(self, self.rfile.read(length).decode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.tap = Tap(self.server.server_port, api=True)
        self.tap.open()
        self.url = self.tap.url
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.tap.close()
        self.server.shutdown()
        self.server.server_close()

    # The browser's part

    def authorize(self, address: str) -> str:
        """What a browser does that goes to `address`: the address that it is sent back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        self.asked.append(asked)
        code = secrets.token_urlsafe(32)
        self.codes[code] = {**asked, "user": self.user, "sid": self.sid}
        back = self.back({"code": code, "state": asked["state"], "iss": self.url})
        return f"{asked['redirect_uri']}?{urlencode(back, doseq=True)}"

    # The server's part

    def handle(self, request: BaseHTTPRequestHandler, body: str) -> None:
        """Answer a call."""
        path = urlsplit(request.path).path
        self.calls[path] += 1
        found: tuple[int, Any] = (404, {})
        if path in self.down:
            found = (503, {"error": "server_error"})
        elif path == "/.well-known/openid-configuration":
            found = (200, self.document(self.described()))
        elif path == "/jwks":
            found = (200, self.key_set({"keys": [self.key.as_dict(private=False)]}))
        elif path == "/token":
            found = self.granted(request, {name: values[0] for name, values in parse_qs(body).items()})
        elif path in ("/me", "/userinfo"):
            found = self.told(request, path)
        elif path == "/revoke":
            found = self.ended({name: values[0] for name, values in parse_qs(body).items()})
        status, answer = found
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def described(self) -> dict[str, Any]:
        """The document of discovery."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "revocation_endpoint": f"{self.url}/revoke",
            "end_session_endpoint": f"{self.url}/end",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": [self.algorithm],
            "authorization_response_iss_parameter_supported": True,
        }

    def granted(self, request: BaseHTTPRequestHandler, form: dict[str, str]) -> tuple[int, Any]:
        """The token endpoint."""
        self.forms.append(form)
        proof = request.headers.get("Authorization", "")
        self.proofs.append(proof)
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        known = proof == f"Basic {expected}" or form.get("client_secret") == SECRET
        if self.checks_secret and not known:
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "refresh_token":
            user = self.refresh.pop(form["refresh_token"], None)
            return (400, {"error": "invalid_grant"}) if user is None else (200, self.tokens(user, {}))
        asked = self.codes.pop(form["code"], None)
        if asked is None or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if self.checks_pkce and (
            asked.get("code_challenge_method") != "S256"
            or asked.get("code_challenge") != base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        ):
            return 400, {"error": "invalid_grant"}
        named = {"sid": asked["sid"]} if asked["sid"] else {}
        return 200, self.tokens(asked["user"], {"nonce": asked["nonce"], **named})

    def tokens(self, user: str, more: dict[str, Any]) -> Any:
        """New tokens for a user."""
        access, refresh = (f"cNrY{kind}-{secrets.token_urlsafe(24)}" for kind in ("access", "refresh"))
        self.access[access] = (user, time.time() + self.lifetime)
        self.refresh[refresh] = user
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": user,
            "aud": CLIENT,
            "exp": now + 600,
            "iat": now,
            "at_hash": half_hash(access),
            "groups": ["staff"],
            **more,
        }
        return self.answer(
            {
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": self.lifetime,
                "refresh_token": refresh,
                "id_token": self.token(self.signed(self.claims(claims))),
            }
        )

    def signed(self, claims: Any) -> str:
        """An ID token."""
        header = self.header({"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"})
        content = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        return jws.serialize_compact(header, content, self.key, registry=registry)

    def logout_token(self, **changes: Any) -> str:
        """That it has ended a session (Back-Channel Logout 1.0, 2.4); None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(16),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            **changes,
        }
        return self.signed({name: value for name, value in claims.items() if value is not None})

    def told(self, request: BaseHTTPRequestHandler, path: str) -> tuple[int, Any]:
        """Whose an access token is."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        user, until = self.access.get(token, ("", 0.0))
        if not user or until < time.time():
            return 401, {"error": "invalid_token"}
        found = {"sub": user, "name": user.title(), "email": f"{user}@example.com"}
        return 200, self.info(found) if path == "/userinfo" else found

    def ended(self, form: dict[str, str]) -> tuple[int, Any]:
        """A token is revoked."""
        token = form["token"]
        self.revoked.append(form["token_type_hint"])
        self.access.pop(token, None)
        self.refresh.pop(token, None)
        return 200, b""
