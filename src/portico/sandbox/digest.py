"""What scripts ask to be hashed, or compared with a hash."""

from dataclasses import dataclass, field
from typing import Literal

from portico.sandbox.answer import Fields

Act = Literal["bcrypt.hash", "bcrypt.compare", "bcrypt.salt"]
ACTS: tuple[Act, ...] = ("bcrypt.hash", "bcrypt.compare", "bcrypt.salt")


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """Hash something, or compare it with a hash; the script waits for what comes of it. `text` is the
    password, `more` the hash that it is compared with, the salt, or the cost."""

    id: str
    ev: str | None
    act: Act
    text: str = field(repr=False)
    more: str = field(repr=False)


def read_digest(fields: Fields, ev: str | None) -> Digest:
    """One, in a worker's answer."""
    return Digest(
        id=fields.text("id"),
        ev=ev,
        act=fields.one_of("act", ACTS),
        text=fields.text("text"),
        more=fields.text("more"),
    )
