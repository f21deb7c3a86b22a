"""Small values every layer may use: secrets that do not print, paths of this server, ids."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import final


@final
class Secret:
    """A string that must not be seen. `repr`, `str`, format and pickling never show it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The string itself. Call it at the last step before it is used, and keep no copy."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and secrets.compare_digest(
            self._value.encode(errors="surrogatepass"), other._value.encode(errors="surrogatepass")
        )

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret is not to be pickled")


@dataclass(frozen=True, slots=True)
class SitePath:
    """A path of this server, with query: begins with one `/`. Made by `auth.redirects` only."""

    path: str

    def __str__(self) -> str:
        return self.path


def new_id(size: int = 16) -> str:
    """`size` random bytes as base64url without padding: 128 bits unless told otherwise."""
    return secrets.token_urlsafe(size)


def hashed(text: str) -> str:
    """SHA-256 of a text, as 43 characters of base64url."""
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
