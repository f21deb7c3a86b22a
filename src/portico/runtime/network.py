"""How a connection of a datasource is made: to an address that was checked, never to a name (promises 34, 35,
42)."""

import ssl
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from ipaddress import ip_address
from typing import Any

import httpcore

from portico.runtime.addresses import Address, check, resolved
from portico.runtime.readable import is_readable

#: Of the addresses of a host, how many are tried, and how long each, in seconds; TLS may take as long again.
ADDRESSES = 4
CONNECT_SECONDS = 5.0

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Opens the connections of one datasource: resolves, checks every address, and connects to
    an address that was checked, never to a name (promises 34, 35, 42)."""

    def __init__(
        self,
        *,
        allow_private: bool,
        own_ports: Collection[tuple[str, int]],
        resolve: Resolve,
        network: httpcore.AsyncNetworkBackend,
    ) -> None:
        self._allow_private = allow_private
        self._own_ports = own_ports
        self._resolve = resolve
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of `host` that answers. Raises DestinationRefused if one of
        them may not be called, OSError or httpcore's errors if there is no connection."""
        addresses = await self._checked(host, port)
        failure: Exception = OSError("the name has no address")
        for address in addresses[:ADDRESSES]:
            try:
                return Connection(
                    await self._network.connect_tcp(
                        str(address), port, CONNECT_SECONDS, local_address, socket_options
                    )
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _checked(self, host: str, port: int) -> list[Address]:
        """All addresses of `host`."""
        try:
            addresses = [ip_address(host)]
        except ValueError:
            addresses = [resolved(text) for text in await self._resolve(host, port)]
        check(addresses, port, allow_private=self._allow_private, own=self._own_ports)
        return addresses


class Connection(httpcore.AsyncNetworkStream):
    """A connection that does not stay open when its TLS handshake is given up, as httpcore's does."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._socket = stream.get_extra_info("socket")

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Read on."""
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Write all of it."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """End it."""
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        """What httpcore wants to know: whether the other side has hung up."""
        if info == "is_readable" and self._socket is not None:
            # Asked of every idle connection, twice a call; anyio would find out its addresses first.
            return is_readable(self._socket)
        return self._stream.get_extra_info(info)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """Begin TLS, within the time that connecting may take."""
        try:
            return Connection(await self._stream.start_tls(ssl_context, server_hostname, CONNECT_SECONDS))
        except BaseException:
            await self._stream.aclose()
            raise
