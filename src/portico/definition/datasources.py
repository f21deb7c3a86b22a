"""`datasources/<name>.yaml`: one origin that queries may call."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from portico.definition.diagnostics import Problems
from portico.definition.fields import Fields, literal
from portico.definition.headers import check_name, check_value
from portico.definition.settings import Settings
from portico.definition.source import Scalar, Table
from portico.model.query import Datasource

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
_BAD_PATH = re.compile(r"[\s\\\x00-\x1f]|(^|/)\.\.?(/|$)|//")

BYTES_LIMIT = 64 << 20


def read(name: str, table: Table, settings: Settings, problems: Problems) -> Datasource | None:
    """The datasource, or None and problems."""
    fields = Fields(table, problems, "a datasource")
    url = fields.required_word("url", "write `url: https://api.example.com`")
    headers = _headers(fields)
    allow_private = fields.flag("allow_private") or False
    timeout = fields.duration("timeout")
    max_bytes = fields.integer("max_bytes", least=1, most=BYTES_LIMIT)
    fields.done()
    address = _address(url, settings, problems) if url is not None else None
    if address is None:
        return None
    return Datasource(
        name=name,
        url=address,
        headers=headers,
        allow_private=allow_private,
        timeout=timeout or timedelta(seconds=10),
        max_bytes=max_bytes or 8 << 20,
    )


def _headers(fields: Fields) -> tuple[tuple[str, str], ...]:
    table = fields.table_of("headers")
    found = []
    for name, entry in table.entries.items() if table else ():
        check_name(name, entry.key, fields.problems)
        word = literal(entry.node, fields.problems, name)
        if word is None:
            continue
        if "${" in word.text.value:
            fields.problems.add(
                "E212",
                word.place,
                "settings stand in addresses only",
                remedy="write the value out, or use a query's header",
            )
        check_value(word.text.value, word.place, fields.problems)
        found.append((name, word.text.value))
    return tuple(found)


def _address(url: Scalar, settings: Settings, problems: Problems) -> str | None:
    """An http or https origin with an optional base path, no slash at its end."""
    address = settings.expand(url.text, problems)
    if address is None:
        return None
    problem = _problem(address)
    if problem is None:
        return address.rstrip("/")
    # An address with a password in it is not repeated anywhere.
    shown = None if "@" in address else address
    problems.add(
        "E211", url.place, problem, received=shown, remedy="write an address like https://api.example.com/v1"
    )
    return None


def _problem(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname
    except ValueError:
        return "this is not an address"
    if parts.scheme not in ("http", "https") or not host:
        return "an address begins with https:// or http:// and a host"
    if "@" in parts.netloc:
        return "a user name or password cannot stand in an address"
    if not _HOST.fullmatch(host) or port == 0:
        return "the host of this address cannot be used"
    if "?" in address or "#" in address:
        return "an address has no `?` and no `#`: parameters belong to queries"
    if _BAD_PATH.search(parts.path):
        return "the path of this address cannot be used"
    return None
