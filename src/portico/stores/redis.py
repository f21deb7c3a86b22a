"""Stores in one Redis or Valkey server, for more processes than one machine has.

What is acknowledged lasts as long as the server's own settings make it last: `open_redis` warns where that
is less than what SQLite gives.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from portico.clock import Clock
from portico.errors import PorticoError, StoreUnavailable
from portico.stores.key import ServerKeyUnusable, checked
from portico.stores.redis_address import RedisAddress
from portico.stores.redis_filing import RedisOutbox, RedisSessionIndex, RedisTimelineStore
from portico.stores.redis_records import RedisSessionStore, RedisVisitStore
from portico.stores.redis_scripts import NUMBER
from portico.stores.redis_server import PATIENCE, RedisServer, connection_settings, ticks
from portico.stores.redis_tally import RedisTally
from portico.stores.stores import Stores
from portico.values import Secret

log = logging.getLogger("portico.stores")

_OLDEST = (6, 2)
#: Seconds that opening may take, step by step.
_OPENING = 5


class RedisUnsuitable(PorticoError):
    """This server answers, and cannot hold sessions: a cluster, a replica, a server that is too old."""

    code = "redis_unsuitable"
    default_message = "This Redis server cannot hold sessions."


def open_redis(
    address: RedisAddress, clock: Clock, *, key: Secret | None, patience: timedelta = PATIENCE
) -> Stores:
    """The stores at this server, which must be reachable and writable now.

    There is no place for a key beside it, and processes with different keys would not find each other's
    sessions: without `key` it is refused (hard-cases 3). Logs one warning if the server may lose what it
    has acknowledged. Raises ServerKeyUnusable, StoreUnavailable, RedisUnsuitable.
    """
    if key is None:
        raise ServerKeyUnusable(
            message="A Redis store needs the setting PORTICO_KEY, the same for every process: at least 32"
            " random characters, for example from `openssl rand -base64 32`."
        )
    server_key = checked(key)
    _examine(address, clock)
    server = RedisServer(address, clock, patience=patience)
    return Stores(
        sessions=RedisSessionStore(server),
        index=RedisSessionIndex(server),
        visits=RedisVisitStore(server),
        outbox=RedisOutbox(server),
        timeline=RedisTimelineStore(server),
        tally=RedisTally(server),
        key=server_key,
        durable=True,
        close=server.close,
    )


def _examine(address: RedisAddress, clock: Clock) -> None:
    settings = connection_settings(address) | {
        "ssl": address.tls,
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": _OPENING,
        "socket_connect_timeout": _OPENING,
    }
    try:
        with Redis(**settings) as redis:
            about: Mapping[str, Any] = redis.info()
            _refuse_unsuitable(address, about)
            # Full, read-only, or with a disk that fails: better told now than at the first sign-in.
            redis.eval(NUMBER.text, 0, address.prefix, ticks(clock.now()))
            if risks := _risks(about, _fsync(redis)):
                log.warning("Redis may lose sessions", extra={"store": str(address), "why": risks})
    except (RedisError, OSError) as error:
        raise StoreUnavailable(
            f"Redis at {address}: {error}", message=f"Redis at {address} cannot be used: {error}"
        ) from error


def _refuse_unsuitable(address: RedisAddress, about: Mapping[str, Any]) -> None:
    """Raises RedisUnsuitable."""
    version = str(about["redis_version"])
    if about.get("redis_mode") == "cluster":
        raise RedisUnsuitable(
            message=f"Redis at {address} is part of a Redis Cluster, which Portico does not support: what"
            " belongs together would lie on different servers. Use one server, with replicas if you like."
        )
    if about.get("role") == "slave":
        raise RedisUnsuitable(
            message=f"Redis at {address} is a replica, which cannot be written: name its primary."
        )
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        raise RedisUnsuitable(
            message=f"Redis at {address} has version {version}; Portico needs 6.2 or newer, or Valkey."
        )


def _fsync(redis: Redis) -> str | None:
    """When the server flushes its log; None where we may not ask."""
    try:
        return redis.config_get("appendfsync").get("appendfsync")
    except ResponseError:
        return None


def _risks(about: Mapping[str, Any], fsync: str | None) -> list[str]:
    risks = []
    if not about.get("aof_enabled"):
        risks.append("appendonly is off: a crash loses all since the last snapshot")
    elif fsync not in ("always", None):
        risks.append(f"appendfsync is {fsync}, not always: a crash loses the last second or more")
    policy = about.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        risks.append(f"maxmemory-policy is {policy}, not noeviction: a full server signs people out")
    return risks
