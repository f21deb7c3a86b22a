"""The address of a store, as `portico run --store` takes it."""

from pathlib import Path

from portico.clock import Clock
from portico.errors import PorticoError
from portico.stores.memory import open_memory
from portico.stores.sqlite import open_sqlite
from portico.stores.stores import Stores
from portico.values import Secret


class StoreAddressUnknown(PorticoError):
    """No store has an address like this."""

    code = "store_address"
    default_message = "There is no store with this address."


def open_stores(address: str, *, clock: Clock, key: Secret | None = None) -> Stores:
    """Open the stores at `memory:` or `sqlite:PATH`; what is not there yet is made.

    `key` is the server key (the setting PORTICO_KEY); without it SQLite keeps one of its own in
    `PATH.key`, and memory makes one up. Raises StoreAddressUnknown, ServerKeyUnusable, StoreUnavailable.
    """
    kind, colon, rest = address.partition(":")
    if kind == "memory" and colon and not rest:
        return open_memory(clock, key=key)
    if kind == "sqlite" and rest and (not rest.startswith("//") or rest.startswith("///")):
        return open_sqlite(Path(rest), clock, key=key)
    raise StoreAddressUnknown(message=f"Unknown store {address!r}: expected `memory:` or `sqlite:PATH`.")
