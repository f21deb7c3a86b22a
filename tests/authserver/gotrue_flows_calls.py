"""GoTrue's flows over an embedded auth server, as a browser and an app go through them."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from starlette.applications import Starlette

from tests.authserver.gotrue_calls import RECENT, GoTrueCalls
from tests.authserver.servers import DEFAULTS, AuthServer

HERE = "http://127.0.0.1:8001"
APP = "http://localhost:3000/back"
VERIFIER = "v" * 60
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PKCE: dict[str, Any] = {"code_challenge": CHALLENGE, "code_challenge_method": "s256"}
NOBODY = {"account": "nora", "name": "Nora New", "email": "nora@example.com", "verified": "yes"}
BAD_CODE = (403, "otp_expired", "Token has expired or is invalid")
BAD_LINK = (403, "otp_expired", "Email link is invalid or has expired")
LINK_ERROR = {
    "error": "access_denied",
    "error_code": "otp_expired",
    "error_description": "Email link is invalid or has expired",
}
CONFIRMING = replace(DEFAULTS, email_confirmation=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Landed:
    """Where a browser was sent, and what it was told there."""

    address: str
    query: dict[str, str]
    fragment: dict[str, str]


def landed(answer: httpx.Response, status: int) -> Landed:
    """Read a redirect to an app, which nobody may keep or pass on."""
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    parts = urlsplit(answer.headers["location"])
    return Landed(
        address=f"{parts.scheme}://{parts.netloc}{parts.path}",
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        fragment=dict(parse_qsl(parts.fragment, keep_blank_values=True)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Browser:
    """A browser on the machine of the auth server: it keeps cookies, and follows nothing by itself."""

    http: httpx.AsyncClient
    prefix: str = ""

    async def authorize(self, **query: str) -> httpx.Response:
        """Begin a trip to a provider."""
        asked = {"provider": "github", "redirect_to": APP, **query}
        return await self.http.get(f"{self.prefix}/authorize", params=asked, headers=RECENT)

    async def decide(self, begun: httpx.Response, decision: str = "allow", **fields: str) -> httpx.Response:
        """Decide on the provider's page, as `NOBODY` unless `fields` say who else."""
        assert begun.status_code == 302, begun.text
        where = urlsplit(begun.headers["location"])
        form = {**dict(parse_qsl(where.query)), **NOBODY, **fields, "decision": decision}
        sent = {name: value for name, value in form.items() if value}
        return await self.http.post(where.path, data=sent)

    async def return_(self, decided: httpx.Response) -> httpx.Response:
        """Come back from the provider's page."""
        assert decided.status_code == 303, decided.text
        return await self.http.get(decided.headers["location"])

    async def trip(
        self, decision: str = "allow", *, as_: dict[str, str] | None = None, **query: str
    ) -> Landed:
        """There and back."""
        decided = await self.decide(await self.authorize(**query), decision, **(as_ or {}))
        return landed(await self.return_(decided), 302)

    async def mails(self, to: str = "") -> list[dict[str, Any]]:
        """What would have been mailed, the latest first."""
        answer = await self.http.get("/_mails.json", params={"to": to} if to else {})
        assert answer.status_code == 200
        mails: list[dict[str, Any]] = answer.json()
        return mails

    async def follow(self, mail: dict[str, Any], status: int = 303) -> Landed:
        """Click on the link of a mail."""
        return landed(await self.http.get(mail["link"]), status)


@asynccontextmanager
async def browsing(app: Starlette, prefix: str = "", address: str = "127.0.0.1") -> AsyncIterator[Browser]:
    """A new browser."""
    transport = httpx.ASGITransport(app=app, client=(address, 40000))
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
        yield Browser(http=http, prefix=prefix)


@dataclass(frozen=True, kw_only=True, slots=True)
class Flows(GoTrueCalls):
    """What an app asks for, beside a browser."""

    async def exchange(self, code: object, verifier: object = VERIFIER) -> httpx.Response:
        """Exchange a code."""
        return await self.token("pkce", {"auth_code": code, "code_verifier": verifier})

    async def otp(self, email: str, redirect_to: str = APP, **more: object) -> httpx.Response:
        """Ask for a link and a code."""
        form = {"email": email, **more}
        return await self.send("POST", "/otp", params={"redirect_to": redirect_to}, json=form)

    async def recover(self, email: str, redirect_to: str = APP, **more: object) -> httpx.Response:
        """Ask for a way to a new password."""
        form = {"email": email, **more}
        return await self.send("POST", "/recover", params={"redirect_to": redirect_to}, json=form)

    async def verify(self, type_: str, **fields: object) -> httpx.Response:
        """Bring a code or a link's token back."""
        return await self.send("POST", "/verify", json={"type": type_, **fields})


def said(token: str) -> dict[str, Any]:
    """What a token says, whoever signed it."""
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


def methods_of(token: str) -> list[str]:
    """How somebody signed in, as a token says it."""
    return [entry["method"] for entry in said(token)["amr"]]


def files(folder: Path) -> bytes:
    """What is in the database's files, but for the key, which is not in the database."""
    return b"".join(file.read_bytes() for file in folder.glob("auth.db*") if "secret" not in file.name)


def token_of(mail: dict[str, Any]) -> str:
    """The token in a mail's link."""
    return str(parse_qs(urlsplit(mail["link"]).query)["token"][0])


def flows_of(server: AuthServer, prefix: str = "") -> Flows:
    """The calls of an app."""
    return Flows(server=server, prefix=prefix)
