"""Names of endpoints that hold for every dialect, and patterns for all others."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portico.authserver.fault_words import FaultInvalid

#: How paths of the server itself begin, which no fault befalls: they are the way out. No dialect has such.
OWN = ("/_faults", "/_clock", "/_mails")

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PATH = re.compile(r"/[^\s?#]{0,500}")


class Role(StrEnum):
    """What an endpoint is for, wherever a dialect has it."""

    SIGN_IN = "sign_in"
    REFRESH = "refresh"
    ME = "me"
    SIGN_OUT = "sign_out"
    SIGN_UP = "sign_up"
    RECOVER = "recover"


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """Where a dialect has a role: for calls with this method, path, parameter of the query and field of the
    body."""

    role: Role
    method: str
    path: str
    parameter: tuple[str, str] | None = None
    field: tuple[str, str] | None = None

    def answers(
        self, method: str, path: str, query: Sequence[tuple[str, str]], fields: Mapping[str, str]
    ) -> bool:
        """Whether this call is one of it."""
        if method != self.method or path != self.path:
            return False
        if self.field is not None and fields.get(self.field[0]) != self.field[1]:
            return False
        return self.parameter is None or self.parameter in query


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """Calls by method (`*` for any) and path, in which `*` stands for a part and `**` for the rest."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def covers(self, method: str, path: str) -> bool:
        """Whether a call is meant."""
        return self.method in ("*", method) and _expression(self.path).fullmatch(path) is not None


Where = Role | Pattern


def where_of(text: str) -> Where:
    """A role, or `METHOD /path`. Raises `FaultInvalid`."""
    if text in list(Role):
        return Role(text)
    method, _, path = text.partition(" ")
    if method in ("*", *_METHODS) and _PATH.fullmatch(path.strip()):
        return Pattern(method=method, path=path.strip())
    raise FaultInvalid(
        message=f"Not an endpoint: {text!r}. Written {', '.join(Role)}, or GET /api/users/*, or * /auth/**."
    )


def _expression(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", path)
    stands = {"*": "[^/]*", "**": ".*"}
    return re.compile("".join(stands.get(part, re.escape(part)) for part in parts), re.DOTALL)
