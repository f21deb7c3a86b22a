"""Statements of SQL: text of the author's, and the places in it where values are bound.

No value ever becomes a part of the text: what a binding gives goes to the database beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

#: What names a dialect in addresses, and what the parser calls it; of any other it reads what is common.
DIALECTS = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "mssql": "tsql",
    "oracle": "oracle",
    "snowflake": "snowflake",
    "redshift": "redshift",
    "duckdb": "duckdb",
    "clickhouse": "clickhouse",
    "bigquery": "bigquery",
    "trino": "trino",
}

#: What is bound there: any value; text, of which a binding may be a part; the items of `IN (…)`; a number of
#: rows; a yes or no; what could be meant for the name of a column; an array.
Use = Literal["value", "text", "list", "count", "condition", "name", "array"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A place for one value, or, in a list, for several.

    `parts` are indices of bindings, and for text what stands around them. `quoted`: it stands in quotes.
    `written` (`prepared: false`): text that a binding gives is read as the literals of SQL that it may be,
    each of them a value. `negated`: the list belongs to `NOT IN`, which is a part of the place. `before` and
    `after` are SQL around it.
    """

    parts: tuple[str | int, ...]
    use: Use = "value"
    quoted: bool = False
    written: bool = False
    negated: bool = False
    before: str = ""
    after: str = ""


Part = str | Slot


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What a query of SQL runs: its commands, one after another, all or none. `reads`: none of them changes
    anything. `columns` are the names of the columns that bindings are compared with, or written to;
    `unchanged` those of them that go there as they are."""

    commands: tuple[tuple[Part, ...], ...]
    reads: bool = False
    columns: Mapping[int, str] = field(default_factory=dict)
    unchanged: frozenset[int] = frozenset()


def dialect_of(url: str) -> str:
    """What the parser calls the dialect of an address of a database."""
    return DIALECTS.get(url.partition("://")[0].partition("+")[0].lower(), "")


#: What the names of columns that hold passwords, or what they are checked with, have in them.
_SECRET_COLUMNS = ("password", "passwd", "passphrase", "pwd", "contrasena", "passwort", "salt", "otp_secret")


def is_secret_column(name: str) -> bool:
    """Whether a column holds a password, or what one is checked with, by what it is called."""
    plain = name.lower().replace("_", "").replace("-", "").replace("ñ", "n")
    return plain == "hash" or any(word.replace("_", "") in plain for word in _SECRET_COLUMNS)
