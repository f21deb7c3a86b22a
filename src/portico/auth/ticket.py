"""The session cookie's value, which is all a browser holds: `id.secret`.

Answers guessing (P3), reading the store (P7) and planted cookies (P6): the id finds a record, the
secret opens it, the store has neither. Both are 256 random bits and mean nothing (P2).
"""

import re
from dataclasses import dataclass
from typing import Self

from portico.values import Secret, hashed, new_id

SIZE = 32

# 32 bytes are 43 base64url characters, and the last carries 4 bits: 16 of the 64 can stand there.
# One id has exactly one spelling.
_PART = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_COOKIE = re.compile(rf"({_PART})\.({_PART})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ticket:
    """Proof of a session. Prints as nothing."""

    id: Secret
    secret: Secret

    @classmethod
    def new(cls) -> Self:
        """A ticket that nobody has seen."""
        return cls(Secret(new_id(SIZE)), Secret(new_id(SIZE)))

    @classmethod
    def parse(cls, value: str) -> Self | None:
        """Read a cookie's value. None for whatever we would not have written ourselves."""
        found = _COOKIE.fullmatch(value)
        return cls(Secret(found[1]), Secret(found[2])) if found else None

    def cookie_value(self) -> str:
        """What the browser is given: 87 characters, whatever the session holds (P4)."""
        return f"{self.id.reveal()}.{self.secret.reveal()}"

    def key(self, kind: str) -> str:
        """Under which key the store has this session's record of `kind`: the hash of the id."""
        return f"{kind}:{hashed(self.id.reveal())}"

    def __repr__(self) -> str:
        return "Ticket(…)"

    __str__ = __repr__
