"""Where sessions are kept: in memory, in SQLite or in Redis, behind the same ports."""

from portico.stores.address import StoreAddressUnknown, open_stores
from portico.stores.stores import Stores

__all__ = ["StoreAddressUnknown", "Stores", "open_stores"]
