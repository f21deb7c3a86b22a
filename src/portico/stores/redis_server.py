"""A Redis server under load: few connections, each call with a bound on its wait.

A call that was cut short is not tried again: whether it took effect is unknown, and only the caller can
tell whether that matters. Its connection is closed, since an answer may still come over it.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.stores.redis_address import RedisAddress
from portico.stores.redis_scripts import Script

#: How long a call may take, waiting for a connection included, before the store counts as unavailable.
PATIENCE = timedelta(milliseconds=700)
#: Most connections of a process. A call has one for as long as it takes, a page has none (P117).
CONNECTIONS = 16

#: How long Redis keeps something after its end. Whether it has come, the clock of whoever asks decides.
MARGIN = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: What moments are counted in.
TICK = timedelta(microseconds=1)


class RedisServer:
    """One Redis server, as this process uses it. It connects when it is first asked, and again whenever it
    must."""

    def __init__(self, address: RedisAddress, clock: Clock, *, patience: timedelta = PATIENCE) -> None:
        self._address = address
        self._clock = clock
        self._patience = patience.total_seconds()
        self._closed = False
        self._posted: set[asyncio.Task[Any]] = set()
        self._pool = BlockingConnectionPool(
            connection_class=SSLConnection if address.tls else Connection,
            max_connections=CONNECTIONS,
            timeout=None,
            retry=Retry(NoBackoff(), 0),
            **connection_settings(address),
        )
        self._execute: Callable[..., Awaitable[Any]] = Redis(connection_pool=self._pool).execute_command

    def now(self) -> datetime:
        """The present moment."""
        return self._clock.now()

    def key(self, kind: str, name: bytes) -> bytes:
        """The key of Redis under which something of a kind is."""
        return f"{self._address.prefix}{kind}".encode() + name

    async def get(self, kind: str, name: bytes) -> bytes | None:
        """What is there. Raises StoreUnavailable."""
        found: bytes | None = await self.command("GET", self.key(kind, name))
        return found

    async def command(self, *words: str | bytes) -> Any:
        """One command of Redis. Raises StoreUnavailable."""
        return await self._bounded(lambda: self._execute(*words))

    async def run(self, script: Script, *arguments: str | bytes | int) -> Any:
        """One script, which knows the present moment. Raises StoreUnavailable."""
        return await self._bounded(lambda: self._run(script, arguments))

    def post(self, script: Script, *arguments: str | bytes | int) -> asyncio.Task[Any]:
        """Run a script whether the caller waits for it or not, and whether it works or not."""

        async def quietly() -> None:
            with suppress(StoreUnavailable):
                await self.run(script, *arguments)

        task = asyncio.create_task(quietly())
        self._posted.add(task)
        task.add_done_callback(self._posted.discard)
        return task

    async def close(self) -> None:
        """Finish what was posted, and disconnect. Closing twice is fine."""
        if self._posted:
            await asyncio.wait(self._posted)
        self._closed = True
        with suppress(RedisError, OSError):
            await self._pool.disconnect()

    async def _run(self, script: Script, arguments: tuple[str | bytes | int, ...]) -> Any:
        everything = ("0", self._address.prefix, ticks(self.now()), *arguments)
        try:
            return await self._execute("EVALSHA", script.sha, *everything)
        except NoScriptError:
            # It was restarted, and has not seen this script yet.
            return await self._execute("EVAL", script.text, *everything)

    async def _bounded(self, call: Callable[[], Awaitable[Any]]) -> Any:
        if self._closed:
            raise StoreUnavailable("the store was closed")
        try:
            async with asyncio.timeout(self._patience):
                return await call()
        except TimeoutError:
            raise StoreUnavailable(f"Redis at {self._address} does not answer") from None
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"Redis at {self._address}: {error}") from error


def connection_settings(address: RedisAddress) -> dict[str, Any]:
    """How redis-py connects. Its own limits on waiting are off: whoever calls sets one."""
    settings: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "db": address.db,
        "username": address.username,
        "password": address.password.reveal() if address.password else None,
        "protocol": 2,
        "socket_timeout": None,
        "socket_connect_timeout": None,
        "socket_keepalive": True,
        "driver_info": None,
    }
    if address.tls:
        settings["ssl_ca_certs"] = str(address.ca) if address.ca else None
    return settings


def ticks(at: datetime) -> int:
    """A moment as Redis has it: microseconds."""
    return (at - _EPOCH) // TICK


def moment(ticks: int) -> datetime:
    """The moment that Redis has."""
    return _EPOCH + ticks * TICK


def kept(expires_at: datetime, now: datetime, *, margin: timedelta = MARGIN) -> int:
    """Milliseconds after which Redis drops something by itself."""
    return max((expires_at - now + margin) // timedelta(milliseconds=1), 1)


def named(key: str) -> bytes:
    """12 bytes for a key or a tag. Of 100 million, two are the same with a chance of 1 in 10^13; a record of
    one would not open for the other, since what it is the record of is sealed with it."""
    return hashlib.blake2b(key.encode(errors="surrogatepass"), digest_size=12).digest()
