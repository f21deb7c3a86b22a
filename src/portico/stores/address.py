"""The address of a store, as `portico run --store` takes it."""

from pathlib import Path

from portico.clock import Clock
from portico.stores.memory import open_memory
from portico.stores.redis_address import RedisAddress, StoreAddressUnknown, parse_redis, without_password
from portico.stores.sqlite import open_sqlite
from portico.stores.stores import Stores
from portico.values import Secret

__all__ = ["StoreAddressUnknown", "open_stores"]


def open_stores(address: str, *, clock: Clock, key: Secret | None = None) -> Stores:
    """Open the stores at `memory:`, `sqlite:PATH` or `redis://HOST`; what is not there yet is made.

    `key` is the server key (the setting PORTICO_KEY); without it SQLite keeps one of its own in
    `PATH.key`, memory makes one up, and Redis is refused. No error tells the password of an address.
    Raises StoreAddressUnknown, ServerKeyUnusable, StoreUnavailable, RedisUnsuitable.
    """
    kind, colon, rest = address.partition(":")
    if kind == "memory" and colon and not rest:
        return open_memory(clock, key=key)
    if kind == "sqlite" and rest and (not rest.startswith("//") or rest.startswith("///")):
        return open_sqlite(Path(rest), clock, key=key)
    if kind in ("redis", "rediss"):
        return _open_redis(parse_redis(address), clock, key)
    raise StoreAddressUnknown(
        message=f"Unknown store {without_password(address)!r}: expected `memory:`, `sqlite:PATH`,"
        " `redis://HOST` or `rediss://HOST`."
    )


def _open_redis(place: RedisAddress, clock: Clock, key: Secret | None) -> Stores:
    """redis-py comes with an extra, so that nobody else has to install it, and takes its time to be imported:
    only who names a Redis server does either."""
    try:
        from portico.stores.redis import open_redis  # noqa: PLC0415 (it comes with an extra)
    except ModuleNotFoundError as missing:
        if missing.name != "redis":
            raise
        raise StoreAddressUnknown(
            message="A Redis store needs redis-py: pip install 'portico[redis]'."
        ) from missing
    return open_redis(place, clock, key=key)
