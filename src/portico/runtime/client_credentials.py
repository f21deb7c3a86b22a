"""Tokens that datasources get for the server itself: OAuth 2 client credentials (RFC 6749, 4.4).

A token is fetched when it is first needed, by whoever needs it, and the others wait for the same
fetch. It is kept in memory, until shortly before it expires or until the API refuses it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from portico.clock import Clock
from portico.errors import AnswerInvalid, CallFailed, CredentialsRefused
from portico.model.credentials import ClientCredentials
from portico.model.place import Place
from portico.model.query import Datasource, Query, Request
from portico.runtime.answer import Answer
from portico.runtime.credentials import basic_of_client, client_fields
from portico.runtime.headers import VALUE
from portico.values import Secret

Send = Callable[[Datasource, Query, Request], Awaitable[Answer]]

#: How long before it expires a token is no longer used: a tenth of its life, at most this.
MARGIN = timedelta(seconds=30)
#: A token younger than this is not fetched again because it was refused: a new one would be, too.
FRESH = timedelta(seconds=10)
#: Longest life that is believed.
LONGEST = timedelta(days=365)
#: Largest answer of a token endpoint.
BYTES = 64 << 10

#: Reasons of a token endpoint (RFC 6749, 5.2; RFC 8707, 2). Nothing else of its words is logged.
REASONS = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_target",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Granted:
    """A token, when it was fetched, and when to stop using it."""

    token: Secret
    fetched_at: datetime
    until: datetime | None


class Tokens:
    """The tokens of all datasources that have client credentials. `send` makes the calls."""

    def __init__(self, send: Send, clock: Clock) -> None:
        self._send = send
        self._clock = clock
        self._held: dict[Datasource, Granted] = {}
        self._fetches: dict[Datasource, asyncio.Task[Granted]] = {}

    async def close(self) -> None:
        """Give up fetches that are under way."""
        fetches = list(self._fetches.values())
        for fetch in fetches:
            fetch.cancel()
        await asyncio.gather(*fetches, return_exceptions=True)

    async def current(self, datasource: Datasource) -> Secret:
        """The datasource's token, fetched if there is none that can be used.

        Raises CallFailed if there is no answer, CredentialsRefused for a refusal, AnswerInvalid for
        an answer that holds no token. None of them quotes what was sent or answered.
        """
        held = self._held.get(datasource)
        if held is None or (held.until is not None and held.until <= self._clock.now()):
            held = await self._fetched(datasource)
        return held.token

    async def renewed(self, datasource: Datasource, refused: Secret) -> Secret | None:
        """Another token than the one that the API refused; None if that was fetched only now.

        Raises as `current` does.
        """
        held = self._held.get(datasource)
        if held is not None and held.token == refused:
            if self._clock.now() - held.fetched_at < FRESH:
                return None
            del self._held[datasource]
        return await self.current(datasource)

    async def _fetched(self, datasource: Datasource) -> Granted:
        """The result of the one fetch of this datasource. Who stops waiting does not end it."""
        fetch = self._fetches.get(datasource)
        if fetch is None:
            fetch = asyncio.create_task(self._fetch(datasource))
            self._fetches[datasource] = fetch
            fetch.add_done_callback(lambda done: self._settle(datasource, done))
        return await asyncio.shield(fetch)

    def _settle(self, datasource: Datasource, fetch: "asyncio.Task[Granted]") -> None:
        del self._fetches[datasource]
        if not fetch.cancelled() and fetch.exception() is None:
            self._held[datasource] = fetch.result()

    async def _fetch(self, datasource: Datasource) -> Granted:
        auth = datasource.auth
        if not isinstance(auth, ClientCredentials):
            raise CallFailed("the datasource has no client credentials")
        endpoint, query, request = _request(datasource, auth)
        asked_at = self._clock.now()
        answer = await self._send(endpoint, query, request)
        if not 200 <= answer.status < 300:
            raise CredentialsRefused(f"the token endpoint {_origin(auth)} answered {_refusal(answer)}")
        token, lifetime = _granted(answer)
        until = None if lifetime is None else asked_at + lifetime - min(MARGIN, lifetime / 10)
        return Granted(token=token, fetched_at=self._clock.now(), until=until)


def _request(datasource: Datasource, auth: ClientCredentials) -> tuple[Datasource, Query, Request]:
    """The call of the token endpoint: another origin, which the datasource declares by naming it,
    under the same limits."""
    endpoint = Datasource(
        name=datasource.name,
        url=_origin(auth),
        ca=datasource.ca,
        allow_private=datasource.allow_private,
        timeout=datasource.timeout,
        max_bytes=BYTES,
    )
    query = Query(
        name="token",
        datasource=datasource.name,
        method="POST",
        body_type="form",
        place=Place(f"datasources/{datasource.name}.yaml", 1, 1),
    )
    fields = [("grant_type", "client_credentials")]
    fields += [("scope", auth.scope)] if auth.scope else []
    fields += [("audience", audience) for audience in auth.audiences]
    fields += [("resource", resource) for resource in auth.resources]
    headers = [("Accept", "application/json")]
    if auth.sent_as == "basic":
        headers.append(("Authorization", f"Basic {basic_of_client(auth)}"))
    else:
        fields += client_fields(auth)
    path = auth.token_url.removeprefix(_origin(auth))
    return endpoint, query, Request(path=path, headers=tuple(headers), body=fields)


def _origin(auth: ClientCredentials) -> str:
    parts = urlsplit(auth.token_url)
    return f"{parts.scheme}://{parts.netloc}"


def _refusal(answer: Answer) -> str:
    reason = _json(answer).get("error")
    known = isinstance(reason, str) and reason in REASONS
    return f"{answer.status} {reason}" if known else str(answer.status)


def _granted(answer: Answer) -> tuple[Secret, timedelta | None]:
    """Token and lifetime of an answer (RFC 6749, 5.1); without `expires_in` there is no lifetime."""
    found = _json(answer)
    token, kind = found.get("access_token"), found.get("token_type", "Bearer")
    if not isinstance(token, str) or not token.strip() or not VALUE.fullmatch(token):
        raise AnswerInvalid("the token endpoint's answer holds no token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise AnswerInvalid("the token endpoint hands out tokens of another type than Bearer")
    seconds = found.get("expires_in")
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
        seconds = float(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return Secret(token), None
    lifetime = timedelta(seconds=min(max(seconds, 0), LONGEST.total_seconds()))
    return Secret(token), lifetime


def _json(answer: Answer) -> dict[str, Any]:
    try:
        found = answer.json()
    except AnswerInvalid:
        return {}
    return found if isinstance(found, dict) else {}
