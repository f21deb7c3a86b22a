"""What a command does not say: what to call its parts, and where its API ends and its call begins."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from portico.definition.names import entity_name_problem
from portico.model.query import Method

_VERSION = re.compile(r"v[0-9]+([.][0-9]+)?", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9._~/-]*")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
#: What stands before the name in a host, and behind it.
_BEFORE = frozenset({"www", "api", "app", "auth", "dev", "staging", "prod", "gateway", "rest"})
_BEHIND = frozenset({"co", "com", "org", "net", "ac", "gov", "edu"})
_VERBS = {"GET": "get_", "PUT": "update_", "PATCH": "update_", "DELETE": "delete_"}
#: Ends of host names that no public name server knows.
_LOCAL = (".localhost", ".local", ".internal", ".lan", ".test")


def base_of(path: str) -> str:
    """What of a path belongs to the API rather than to one call: up to its version, if it names one."""
    segments = path.split("/")
    for at in range(len(segments) - 2, 0, -1):
        base = "/".join(segments[: at + 1])
        if _VERSION.fullmatch(segments[at]) and _PLAIN.fullmatch(base) and "//" not in base:
            return base
    return ""


def source_name(host: str) -> str:
    """A name for a datasource: the part of its host that names somebody."""
    labels = [label for label in host.lower().split(".") if label]
    if address_of(host) is not None or not labels:
        return "api"
    labels = labels[:-1] or labels
    while len(labels) > 1 and labels[-1] in _BEHIND | _BEFORE:
        labels = labels[:-1]
    name = re.sub(r"[^a-z0-9_-]", "_", labels[-1])[:60]
    return name if name[0].isalpha() else f"api_{name}"


def query_name(method: Method, path: str) -> str:
    """A name for a query: the last word of its path, with a verb that its method stands for."""
    words = [part for part in path.split("/") if _WORD.fullmatch(part) and not _VERSION.fullmatch(part)]
    last = re.sub(r"[^A-Za-z0-9_]", "_", words[-1] if words else "query")[:50]
    name = _VERBS.get(method, "") + last
    return name if entity_name_problem(name) is None else f"{name}_query"


def is_private(host: str) -> bool:
    """Whether a host is this machine or on a private network, as far as its name tells."""
    address = address_of(host)
    if address is not None:
        return not address.is_global
    return host.lower() == "localhost" or host.lower().endswith(_LOCAL)


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host is, or None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
