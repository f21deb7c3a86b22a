"""Origins of addresses, and whether an app declared them (hard-cases 39)."""

from collections.abc import Iterable
from urllib.parse import urlsplit


def origin_of(address: str) -> str | None:
    """Scheme, host and port of an http(s) address; None for anything else."""
    try:
        parts = urlsplit(address.strip())
        port, host = parts.port, parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    usual = {"http": 80, "https": 443}[parts.scheme]
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in (None, usual) else "")


def is_declared(origin: str, declared: Iterable[str]) -> bool:
    """Whether an origin is one of these, as a content security policy reads them: `*.` stands for any names
    before the host, never for none."""
    return any(_matches(origin, origin_of(one) or "") for one in declared)


def _matches(origin: str, declared: str) -> bool:
    scheme, _, host = declared.partition("://")
    if not host.startswith("*."):
        return bool(declared) and origin == declared
    return origin.startswith(f"{scheme}://") and origin.endswith(host[1:]) and "://." not in origin
