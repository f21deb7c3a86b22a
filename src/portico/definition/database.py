"""`kind: sql` of a datasource: the address of a database."""

import re
from importlib.util import find_spec
from urllib.parse import parse_qsl, urlsplit

from portico.definition.diagnostics import Problems
from portico.definition.settings import Settings
from portico.definition.source import Scalar

_SCHEME = re.compile(r"[a-z][a-z0-9]*(\+[a-z0-9_]+)?")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
_BAD = re.compile(r"[\s\\\x00-\x1f#]")
_EXAMPLE = "write an address like postgresql://db.example.com/shop, or sqlite:///shop.db"
#: What may stand behind `?`, by the first word of the address; of others everything.
_PARAMETERS = {"postgresql": ("sslmode",), "mysql": ("sslmode",), "mariadb": ("sslmode",), "sqlite": ()}
_SSL_MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")
#: Drivers that Portico brings by an extra: module, extra.
_DRIVERS = {
    "postgresql": ("psycopg", "postgres"),
    "mysql": ("pymysql", "mysql"),
    "mariadb": ("pymysql", "mysql"),
}


def read(word: Scalar, settings: Settings, problems: Problems) -> str | None:
    """The address with its settings filled in; None and a problem otherwise."""
    address = settings.expand(word.text, problems)
    if address is None:
        return None
    problem = _problem(address)
    if problem is not None:
        # An address with a password in it is not repeated anywhere.
        shown = None if "@" in address else address
        remedy = _EXAMPLE
        if "@" in address:
            remedy = "write `auth: {type: basic, username: …, password: {secret: NAME}}` beside it"
        problems.add("E211", word.place, problem, received=shown, remedy=remedy)
        return None
    _driver(address, word, problems)
    return address


def _problem(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname
    except ValueError:
        return "this is not an address"
    kind = parts.scheme.partition("+")[0]
    if not _SCHEME.fullmatch(parts.scheme) or kind in ("http", "https"):
        return "an address of a database begins with what it is: postgresql://, mysql://, sqlite:///"
    if "@" in parts.netloc:
        return "a user name or password cannot stand in an address"
    if _BAD.search(address):
        return "an address has no space, no `\\` and no `#`"
    if kind == "sqlite":
        return _sqlite_problem(parts.netloc, parts.path, parts.query)
    if not host or not _HOST.fullmatch(host) or port == 0:
        return "an address of a database names a host"
    return _parameter_problem(kind, parts.query)


def _sqlite_problem(host: str, path: str, query: str) -> str | None:
    if host or len(path) < 2 or path.endswith("/") or ":memory:" in path:
        return "an address of SQLite names a file: three slashes and a path, four for one from the root"
    return "an address of SQLite has no parameters" if query else None


def _parameter_problem(kind: str, query: str) -> str | None:
    known = _PARAMETERS.get(kind)
    if known is None:
        return None
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in known:
            return f"`{name}` cannot stand in this address"
        if value not in _SSL_MODES:
            return f"`sslmode` is one of {', '.join(_SSL_MODES)}"
    return None


def _driver(address: str, word: Scalar, problems: Problems) -> None:
    scheme = address.partition("://")[0]
    kind, _, named = scheme.partition("+")
    module, extra = _DRIVERS.get(kind, ("", ""))
    if module and named in ("", module) and find_spec(module) is None:
        problems.add(
            "W605",
            word.place,
            f"the driver of this database, {module}, is not installed",
            received=scheme,
            remedy=f"install portico[{extra}]",
        )
