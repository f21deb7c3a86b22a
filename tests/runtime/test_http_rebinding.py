"""A name cannot mean one address when it is checked and another when it is used (promise 35)."""

from collections.abc import Sequence
from ipaddress import ip_address
from itertools import count

import httpcore
import pytest

from portico.clock import Clock
from portico.errors import DestinationRefused, ServiceUnreachable
from portico.runtime.addresses import refusal
from portico.runtime.http import Client
from portico.runtime.network import Resolve
from tests.runtime.listeners import KEPT, Box, get, listening, resolver, source

PUBLIC = "93.184.216.34"
#: What a name server with a plan says, one answer after another.
PLAN = (
    [PUBLIC],
    ["127.0.0.1"],
    [PUBLIC, "127.0.0.1"],
    [PUBLIC],
    ["127.0.0.1", PUBLIC],
    ["::1"],
    [PUBLIC, PUBLIC],
    ["::ffff:127.0.0.1"],
    [PUBLIC, "0.0.0.0"],
    ["169.254.169.254"],
)
ROUNDS = 1000


def rebinding() -> tuple[list[int], Resolve]:
    """A resolver that follows the plan, and how often it was asked."""
    asked: list[int] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(port)
        return PLAN[(len(asked) - 1) % len(PLAN)]

    return asked, resolve


class Careless(httpcore.AsyncNetworkBackend):
    """The bug: checks the name, then connects to the name, which is resolved again."""

    def __init__(self, resolve: Resolve, box: Box) -> None:
        self._resolve = resolve
        self._box = box

    async def connect_tcp(
        self, host: str, port: int, *rest: object, **more: object
    ) -> httpcore.AsyncNetworkStream:
        """Check, then use."""
        for address in await self._resolve(host, port):
            if refusal(ip_address(address), allow_private=False):
                raise DestinationRefused
        addresses = await self._resolve(host, port)
        return await self._box.connect_tcp(addresses[0], port)


async def test_the_address_checked_is_the_address_connected() -> None:
    """A thousand rounds of changing and mixed answers: loopback sees nothing, each connection is
    checked anew, and the public address answers in its turn."""
    async with listening() as inner, listening() as outer:
        box = Box({PUBLIC: outer.port})
        asked, resolve = rebinding()
        answered = refused = 0
        async with Client(clock=Clock(), resolve=resolve, network=box) as client:
            for _ in range(ROUNDS):
                try:
                    await get(client, source(f"http://rebind.example:{inner.port}", allow_private=False))
                    answered += 1
                except DestinationRefused:
                    refused += 1
        assert inner.connections == 0
        assert set(box.dialled) == {PUBLIC}
        assert len(asked) == ROUNDS
        assert (answered, refused) == (ROUNDS * 3 // 10, ROUNDS * 7 // 10)
        assert outer.connections == answered


async def test_control_a_careless_client_is_caught() -> None:
    """Positive control: with check and use apart, the same plan does reach loopback."""
    async with listening() as inner, listening() as outer:
        box = Box({PUBLIC: outer.port})
        _, resolve = rebinding()
        async with httpcore.AsyncConnectionPool(network_backend=Careless(resolve, box)) as pool:
            for _ in range(len(PLAN)):
                try:
                    await pool.request("GET", f"http://rebind.example:{inner.port}/")
                except DestinationRefused:
                    continue
        assert inner.connections > 0


async def test_a_kept_connection_serves_its_own_datasource_alone() -> None:
    """A connection that a datasource may have open to loopback is not lent to one that may not."""
    async with listening(KEPT) as server, Client(clock=Clock()) as client:
        assert (await get(client, source(server.url))).text == "ok"
        with pytest.raises(DestinationRefused):
            await get(client, source(server.url, allow_private=False))
        assert (await get(client, source(server.url))).text == "ok"
        assert server.connections == 1
        assert len(server.requests) == 2


async def test_a_kept_connection_stays_where_it_was_checked() -> None:
    """While a connection is kept the name may turn: the call goes to the address once checked."""
    turns = count()

    async def resolve(host: str, port: int) -> Sequence[str]:
        return [PUBLIC] if next(turns) == 0 else ["127.0.0.1"]

    async with listening(KEPT) as outer, listening() as inner:
        box = Box({PUBLIC: outer.port})
        async with Client(clock=Clock(), resolve=resolve, network=box) as client:
            for _ in range(5):
                await get(client, source(f"http://rebind.example:{inner.port}", allow_private=False))
        assert (inner.connections, outer.connections, len(outer.requests)) == (0, 1, 5)


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    """A host with a dead address is reached by its other one."""
    async with listening() as server:
        names = resolver(
            {"two.example": ["127.0.0.9", "127.0.0.1"], "dead.example": ["127.0.0.9"], "none.example": []}
        )
        async with Client(clock=Clock(), resolve=names) as client:
            assert (await get(client, source(f"http://two.example:{server.port}"))).status == 200
            for host in ("dead.example", "none.example", "unknown.example"):
                with pytest.raises(ServiceUnreachable):
                    await get(client, source(f"http://{host}:{server.port}"))


async def test_no_query_reaches_this_server_itself() -> None:
    """Own listeners are no targets, under any of their names, and the list may grow (promise 42)."""
    own: list[tuple[str, int]] = []
    async with listening() as server, Client(clock=Clock(), own_ports=own) as client:
        assert (await get(client, source(server.url))).status == 200
        own.append(("0.0.0.0", server.port))
        for host in ("127.0.0.1", "localhost", "127.0.0.2", "[::1]", "[::ffff:127.0.0.1]"):
            with pytest.raises(DestinationRefused):
                await get(client, source(f"http://{host}:{server.port}"))
        assert server.connections == 1
