"""Stores that processes can share, by their kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stores.redis_servers import RedisProcess

KINDS = ("sqlite", "redis")


@contextmanager
def store(kind: str, folder: Path) -> Iterator[str]:
    """The address of a store: a file below `folder`, or a Redis of its own, which flushes every write."""
    if kind == "sqlite":
        yield f"sqlite:{folder / 'store.db'}"
        return
    with RedisProcess(folder / "redis") as server:
        yield server.address
