"""The one HTTP client: every call that Portico makes to another server goes out here (promises 33-42).

A call goes to its datasource's origin and nowhere else. The host is resolved here, every address
is checked, and the connection is made to a checked address, so that a name cannot mean one thing
when it is checked and another when it is used. Redirects are not followed, to the same origin
either: a 3xx is handed over as the answer it is. Nothing is taken from the environment (proxies,
.netrc), cookies go along where the caller has some. Nothing is sent twice but a call whose token was refused,
and one that only reads where the server had hung up before it came.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from functools import partial
from types import TracebackType
from typing import Self, cast

import h11
import httpcore

from portico.auth.jar import Jar
from portico.auth.opener import Opener
from portico.auth.set_cookie import read
from portico.clock import Clock
from portico.errors import (
    AnswerInvalid,
    AnswerTooLarge,
    CallFailed,
    CredentialsRefused,
    ServiceTimeout,
    ServiceUnreachable,
)
from portico.model.credentials import ClientCredentials
from portico.model.query import READING, Datasource, Query, Request
from portico.runtime.answer import Answer
from portico.runtime.body import Gathered, encode_body
from portico.runtime.client_credentials import Tokens
from portico.runtime.credentials import headers_of, mask_of, params_of
from portico.runtime.destination import Destination
from portico.runtime.headers import has, outgoing_headers
from portico.runtime.network import CheckedNetwork, Resolve
from portico.runtime.sealed import opened
from portico.runtime.tls import client_context
from portico.values import Secret

# Its DEBUG lines show the headers of requests and answers, and so tokens.
logging.getLogger("httpcore").setLevel(logging.WARNING)

#: Connections of one datasource; idle ones are dropped before common servers do it.
CONNECTIONS = 20
IDLE_SECONDS = 4.0
#: Names are resolved in threads of their own: a slow name server must not hold up the stores.
RESOLVERS = 8
#: Parts of a body after which other tasks get their turn.
PARTS_IN_A_ROW = 256
HEADER_HINT = 431


class Client:
    """Sends requests to datasources. An async context manager; one for the whole server.

    `own_ports` are the (host, port) pairs that this server listens on: never a target (promise
    42); it is read at each connection, so it may grow. `resolve` gives the addresses of a host and
    may be replaced, as may `network`, which connects to an address that was checked. `extra_ca` is
    a PEM of authorities trusted besides the system's; there is no way to switch verification off.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        own_ports: Collection[tuple[str, int]] = (),
        resolve: Resolve | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
        extra_ca: str | None = None,
    ) -> None:
        self._clock = clock
        self._own_ports = own_ports
        self._resolve = resolve or self._look_up
        self._network = network or httpcore.AnyIOBackend()
        self._extra_ca = extra_ca
        self._threads = ThreadPoolExecutor(RESOLVERS, "resolve")
        self._tokens = Tokens(self.send, clock)
        self._contexts: dict[str | None, ssl.SSLContext] = {}
        self._pools: dict[Datasource, httpcore.AsyncConnectionPool] = {}
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._tokens.close()
        self._closed = True
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(
        self,
        datasource: Datasource,
        query: Query,
        request: Request,
        opener: Opener | None = None,
        jar: Jar | None = None,
    ) -> Answer:
        """Make one call: `query` says how, `request` what, `datasource` where, and the limits. `opener` opens
        sealed tokens; with a `jar` its cookies go along, and those that the answer sets are read.

        The datasource's credentials are added; what the query sets itself wins over them. The
        query's own timeout wins over the datasource's; it covers everything, from the name to
        the last byte. Any status is an answer. Raises CallFailed itself for a request that cannot
        be sent, CredentialsRefused, DestinationRefused, ServiceUnreachable, ServiceTimeout, AnswerTooLarge,
        AnswerInvalid; their `detail` names datasource, method and origin, never path or content.
        """
        where = f"{datasource.name}: {query.verb}"
        try:
            if datasource.unset:
                raise CredentialsRefused(f"secrets that are not set: {', '.join(datasource.unset)}")
            destination = Destination.of(datasource)
            where += f" {destination}"
            with _explained():
                async with asyncio.timeout((query.timeout or datasource.timeout).total_seconds()):
                    if opener is not None:
                        request = opened(request, query.body_type, opener, in_query=datasource.token_in_query)
                    call = partial(self._call, datasource, destination, query, request, jar)
                    return await self._authenticated(datasource, request, call)
        except CallFailed as error:
            raise type(error)(f"{where}: {error.detail}", message=error.message) from None

    async def _authenticated(
        self, datasource: Datasource, request: Request, call: Callable[[Secret | None], Awaitable[Answer]]
    ) -> Answer:
        """Make the call, with a token if the datasource needs one.

        A token that is refused may have been revoked: it is fetched again and the call repeated,
        once. That is safe for writes too, as 401 says that nothing was done (RFC 9110, 15.5.2).
        """
        if not isinstance(datasource.auth, ClientCredentials) or has(request.headers, "authorization"):
            return await call(None)
        token = await self._tokens.current(datasource)
        answer = await call(token)
        if answer.status == 401 and (other := await self._tokens.renewed(datasource, token)) is not None:
            return await call(other)
        return answer

    async def _call(
        self,
        datasource: Datasource,
        destination: Destination,
        query: Query,
        request: Request,
        jar: Jar | None,
        token: Secret | None,
    ) -> Answer:
        started = self._clock.now()
        outgoing = _outgoing(destination, datasource, query, request, token)
        issuer, path = destination.issuer(datasource), outgoing.url.target.decode().partition("?")[0]
        cookies = jar.header(issuer, path, started) if jar is not None else None
        if cookies is not None and not has(request.headers, "cookie"):
            outgoing.headers.append((b"Cookie", cookies.encode()))
        status, headers, body = await self._exchange(datasource, destination, outgoing)
        mask = mask_of(datasource, token)
        return Answer(
            status=status,
            headers=tuple((name, mask.text(value)) for name, value in headers),
            body=body,
            elapsed=self._clock.now() - started,
            mask=mask,
            set_cookies=read(headers, issuer, path, self._clock.now()) if jar is not None else None,
        )

    async def _exchange(
        self, datasource: Datasource, destination: Destination, outgoing: httpcore.Request
    ) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        response = await _answered(self._pool(datasource, destination), outgoing)
        try:
            received = response.headers
            headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in received)
            return response.status, headers, await _gather(response, headers, datasource.max_bytes)
        finally:
            await response.aclose()

    def _pool(self, datasource: Datasource, destination: Destination) -> httpcore.AsyncConnectionPool:
        """The datasource's own connections: one opened for it serves no other, because another may
        not be allowed to reach that address, or must not wait for this one's slow calls. Raises
        ServiceUnreachable when the client is closed: nobody would end such a connection."""
        if self._closed:
            raise ServiceUnreachable("this server is ending")
        if datasource not in self._pools:
            self._pools[datasource] = httpcore.AsyncConnectionPool(
                ssl_context=self._context(datasource) if destination.scheme == "https" else None,
                max_connections=CONNECTIONS,
                keepalive_expiry=IDLE_SECONDS,
                network_backend=CheckedNetwork(
                    allow_private=datasource.allow_private,
                    own_ports=self._own_ports,
                    resolve=self._resolve,
                    network=self._network,
                ),
            )
        return self._pools[datasource]

    def _context(self, datasource: Datasource) -> ssl.SSLContext:
        if datasource.ca not in self._contexts:
            self._contexts[datasource.ca] = client_context(self._extra_ca, datasource.ca)
        return self._contexts[datasource.ca]

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(address[0]) for *_, address in found]


def _outgoing(
    destination: Destination, datasource: Datasource, query: Query, request: Request, token: Secret | None
) -> httpcore.Request:
    """The last step before a request is bytes, and the only one that makes them.

    Here header values, parameters and the body are still values, and the origin they go to is
    certain: this is where secrets become text.
    """
    body, content_type = encode_body(query.body_type, request)
    general = headers_of(datasource, token)
    if query.body_type in ("form", "multipart"):
        # A datasource's own label is meant for bodies that it fits.
        general = [(name, value) for name, value in general if name.lower() != "content-type"]
    headers = outgoing_headers(general, request.headers)
    if content_type is not None and not has(headers, "content-type"):
        headers.append(("Content-Type", content_type))
    if body is not None or query.verb in ("POST", "PUT", "PATCH"):
        headers.append(("Content-Length", str(len(body or b""))))
    params = (*request.params, *params_of(datasource, request))
    return httpcore.Request(
        method=query.verb,
        url=httpcore.URL(
            scheme=destination.scheme,
            host=destination.host,
            port=destination.port,
            target=destination.target(request.path, params),
        ),
        headers=[("Host", destination.authority), *headers],
        content=body,
    )


async def _answered(pool: httpcore.AsyncConnectionPool, outgoing: httpcore.Request) -> httpcore.Response:
    """Send a request. Servers close connections that idle, perhaps while the next request is on its way:
    where one that was kept ends without an answer, what only reads is sent once more (RFC 9112, 9.3.1)."""
    opened: list[str] = []

    async def trace(event: str, _: object) -> None:
        if event == "connection.connect_tcp.started":
            opened.append(event)

    if outgoing.method.decode() not in READING:
        return await pool.handle_async_request(outgoing)
    outgoing.extensions["trace"] = trace
    try:
        return await pool.handle_async_request(outgoing)
    except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
        if opened or _is_invalid(error):
            raise
    return await pool.handle_async_request(outgoing)


async def _gather(response: httpcore.Response, headers: Iterable[tuple[str, str]], limit: int) -> bytes:
    """Read a body, and not one part more than the limit allows."""
    encodings = [
        encoding.strip().lower()
        for name, value in headers
        if name.lower() == "content-encoding"
        for encoding in value.split(",")
        if encoding.strip()
    ]
    gathered = Gathered(encodings, limit)
    async with aclosing(cast(AsyncGenerator[bytes, None], response.aiter_stream())) as parts:
        count = 0
        async for part in parts:
            gathered.add(part)
            count += 1
            # Parts of a byte each come by the thousand from one read, without a pause.
            if count % PARTS_IN_A_ROW == 0:
                await asyncio.sleep(0)
    return gathered.finish()


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what goes wrong on a connection into the errors of this project.

    Causes are left behind: they quote what the other server sent. ConnectionError and ssl.SSLError
    are OSErrors, TimeoutError is one too.
    """
    try:
        yield
    except (TimeoutError, httpcore.TimeoutException):
        raise ServiceTimeout("no complete answer in time") from None
    except httpcore.RemoteProtocolError as error:
        raise _broken(error) from None
    except httpcore.LocalProtocolError:
        raise CallFailed("the request is not valid HTTP") from None
    except (httpcore.NetworkError, OSError) as error:
        raise ServiceUnreachable(f"no connection ({type(error).__name__})") from None


def _is_invalid(error: Exception) -> bool:
    """Whether there was an answer, which is no HTTP."""
    return bool(error.args) and isinstance(error.args[0], h11.RemoteProtocolError)


def _broken(error: httpcore.RemoteProtocolError) -> CallFailed:
    if not _is_invalid(error):
        return ServiceUnreachable("the connection ended before an answer")
    if error.args[0].error_status_hint == HEADER_HINT:
        return AnswerTooLarge("the answer's headers are too long")
    return AnswerInvalid("the answer is not valid HTTP")
