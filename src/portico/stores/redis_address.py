"""The address of a Redis server: `redis://user:password@host:port/db?prefix=…`, `rediss://…` for TLS."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from portico.errors import PorticoError
from portico.values import Secret

_PORT = 6379
_ESCAPES = "in a password `/`, `?`, `#` and `@` are written `%2F`, `%3F`, `%23` and `%40`"
_EXPECTED = "`redis://[user:password@]host[:port][/db]`, `rediss://…` for TLS"


class StoreAddressUnknown(PorticoError):
    """No store has an address like this."""

    code = "store_address"
    default_message = "There is no store with this address."


@dataclass(frozen=True, kw_only=True, slots=True)
class RedisAddress:
    """Where a Redis server is, who we are there, and which keys are ours. Prints without the password."""

    host: str
    port: int
    db: int
    username: str | None
    password: Secret | None = field(repr=False)
    tls: bool
    ca: Path | None
    prefix: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.db}"


def without_password(address: str) -> str:
    """An address as it may be shown: whatever stands before its host is left out."""
    return re.sub(r"(?s)(?<=//).*@", "…@", address)


def parse_redis(address: str) -> RedisAddress:
    """Read an address; options are `prefix` (of all keys, `portico:` unless given) and `ca` (a PEM file of
    the authority that signed the server's certificate). Raises StoreAddressUnknown."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        # What it says may hold a part of a password.
        raise _unknown(address, f"host or port cannot be read; {_ESCAPES}") from None
    if parts.fragment or "@" in f"{parts.path}{parts.query}":
        raise _unknown(address, f"it goes on with what is no path; {_ESCAPES}")
    if not parts.hostname:
        raise _unknown(address, "the host is missing")
    db = parts.path.strip("/") or "0"
    if not re.fullmatch("[0-9]{1,4}", db, re.ASCII):
        raise _unknown(address, "the database is not a number")
    options = _options(address, parts.query)
    if "ca" in options and parts.scheme != "rediss":
        raise _unknown(address, "`ca` is for rediss://")
    return RedisAddress(
        host=parts.hostname,
        port=port or _PORT,
        db=int(db),
        username=unquote(parts.username) if parts.username else None,
        password=Secret(unquote(parts.password)) if parts.password else None,
        tls=parts.scheme == "rediss",
        ca=Path(options["ca"]) if "ca" in options else None,
        prefix=options.get("prefix", "portico:"),
    )


def _options(address: str, query: str) -> dict[str, str]:
    """Raises StoreAddressUnknown."""
    pairs = parse_qsl(query, keep_blank_values=True)
    for name, value in pairs:
        if name not in ("prefix", "ca"):
            raise _unknown(address, f"the option {name!r} is none of `prefix` and `ca`")
        if not value:
            raise _unknown(address, f"the option {name!r} is empty")
    if len(dict(pairs)) < len(pairs):
        raise _unknown(address, "an option is given twice")
    return dict(pairs)


def _unknown(address: str, why: str) -> StoreAddressUnknown:
    shown = without_password(address)
    return StoreAddressUnknown(message=f"Unknown store {shown!r}: {why}. Expected {_EXPECTED}.")
