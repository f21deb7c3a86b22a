"""Handles: what stands in the place of a token where scripts, pages and logs can see it."""

import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

MARK = "sealed"

_DIGITS = string.ascii_letters + string.digits
_COOKIE = "cookie "


@dataclass(frozen=True, kw_only=True, slots=True)
class Handle:
    """What a handle of a session's own token stands for: whatever is in the slot now, wherever it was given
    out with these claims. `claims` is a digest of `header.payload`, "" for an opaque token."""

    slot: str
    claims: str

    def as_json(self) -> list[str]:
        """What is kept of it."""
        return [self.slot, self.claims] if self.claims else [self.slot]

    @classmethod
    def of_json(cls, kept: Sequence[str]) -> Self:
        """The handle that was kept."""
        return cls(slot=kept[0], claims="".join(kept[1:]))


def new_handle(claims: str) -> str:
    """A handle that nobody had before: 220 random bits."""
    return f"{MARK}{'J' if claims else 'O'}{_digits(secrets.randbelow(len(_DIGITS) ** 37))}"


def handle_from(random: bytes) -> str:
    """The handle that these 32 random bytes make."""
    return f"{MARK}O{_digits(int.from_bytes(random))}"


def cookie_slot(issuer: str, name: str) -> str:
    """The slot of a cookie: who set it, and what it is called."""
    return f"{_COOKIE}{issuer} {name}"


def is_cookie(slot: str, issuer: str = "") -> bool:
    """Whether a slot is that of a cookie, of `issuer` if one is given."""
    return slot.startswith(f"{_COOKIE}{issuer} " if issuer else _COOKIE)


def _digits(number: int) -> str:
    digits = ""
    for _ in range(37):
        number, digit = divmod(number, len(_DIGITS))
        digits += _DIGITS[digit]
    return digits
