"""The OpenID provider of an embedded auth server, as an app and a browser use it."""

import hashlib
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette

HERE = "http://127.0.0.1:8001"
ISSUER = f"{HERE}/oidc"
APP = "http://127.0.0.1:4000/shop/_auth/callback"
LEFT = "http://127.0.0.1:4000/shop/_auth/signed-out"
VERIFIER = "v" * 60
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "response_type": "code",
    "client_id": "shop",
    "redirect_uri": APP,
    "scope": "openid profile email",
    "state": "a state",
    "nonce": "a nonce",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
BAD_GRANT = (400, "invalid_grant")
WRONG = "Wrong name or password."


@dataclass(frozen=True, kw_only=True, slots=True)
class Oidc:
    """A browser on the machine of the auth server, and the app that sends it there. Nothing is followed."""

    http: httpx.AsyncClient

    async def authorize(self, **changes: str | None) -> httpx.Response:
        """Bring the request of an app; None leaves a parameter out."""
        asked = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}
        return await self.http.get("/oidc/authorize", params=asked)

    async def submit(
        self, page: httpx.Response, *, path: str = "/oidc/login", **fields: str
    ) -> httpx.Response:
        """Send the form of a page."""
        return await self.http.post(path, data={"form": form_of(page), "decision": "allow", **fields})

    async def sign_in(
        self, username: str = "anna", password: str = "correct horse", **changes: str | None
    ) -> httpx.Response:
        """Sign in at the page."""
        page = await self.authorize(**changes)
        assert page.status_code == 200, page.text
        return await self.submit(page, username=username, password=password)

    async def code(self, username: str = "anna", **changes: str | None) -> str:
        """The code of a sign-in."""
        return landed(await self.sign_in(username, "correct horse", **changes))["code"]

    async def token(self, headers: dict[str, str] | None = None, **fields: str | None) -> httpx.Response:
        """Ask the token endpoint."""
        form = {name: value for name, value in {"client_id": "shop", **fields}.items() if value is not None}
        return await self.http.post("/oidc/token", data=form, headers=headers)

    async def exchange(
        self, code: str, headers: dict[str, str] | None = None, **changes: str | None
    ) -> httpx.Response:
        """Exchange a code."""
        form = {"grant_type": "authorization_code", "redirect_uri": APP, "code_verifier": VERIFIER}
        return await self.token(headers, **{**form, "code": code, **changes})

    async def refresh(
        self, token: str, headers: dict[str, str] | None = None, **changes: str | None
    ) -> httpx.Response:
        """Renew tokens."""
        return await self.token(headers, **{"grant_type": "refresh_token", "refresh_token": token, **changes})

    async def tokens(self, username: str = "anna", **changes: str | None) -> dict[str, Any]:
        """What a sign-in comes to, in a browser that knows nobody."""
        self.http.cookies.clear()
        answer = await self.exchange(await self.code(username, **changes))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def me(self, access: str) -> httpx.Response:
        """Whose a token is."""
        return await self.http.get("/oidc/userinfo", headers={"Authorization": f"Bearer {access}"})

    async def opens(self, access: str) -> bool:
        """Whether a token opens anything."""
        return (await self.me(access)).status_code == 200

    async def revoke(self, token: str, client_id: str = "shop") -> httpx.Response:
        """End a token."""
        return await self.http.post("/oidc/revoke", data={"client_id": client_id, "token": token})

    async def leave(self, **asked: str) -> httpx.Response:
        """Go to the log-out."""
        return await self.http.get("/oidc/logout", params=asked)

    async def said(self, id_token: str) -> dict[str, Any]:
        """What an ID token says, verified as a client verifies it."""
        keys = KeySet.import_key_set((await self.http.get("/oidc/jwks")).json())
        return dict(jwt.decode(id_token, keys, algorithms=["ES256"]).claims)


@asynccontextmanager
async def browsing(app: Starlette, address: str = "127.0.0.1") -> AsyncIterator[Oidc]:
    """A new browser."""
    transport = httpx.ASGITransport(app=app, client=(address, 40000))
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
        yield Oidc(http=http)


def form_of(page: httpx.Response) -> str:
    """What the form of a page holds."""
    found = re.search(r'name="form" value="([^"]*)"', page.text)
    assert found is not None, page.text
    return unescape(found[1])


def landed(answer: httpx.Response, address: str = APP) -> dict[str, str]:
    """What a redirect says, which leads to this address and nobody keeps or passes on."""
    assert answer.status_code == 303, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    parts = urlsplit(answer.headers["location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == address
    return dict(parse_qsl(parts.query, keep_blank_values=True))


def error(answer: httpx.Response) -> tuple[int, str]:
    """A refusal, which says what is wrong, and nobody keeps."""
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert set(told) == {"error", "error_description"}
    assert told["error_description"]
    return answer.status_code, told["error"]


def basic(client_id: str, secret: str) -> dict[str, str]:
    """The header of a client that proves who it is."""
    return {"Authorization": f"Basic {b64encode(f'{client_id}:{secret}'.encode()).decode()}"}
