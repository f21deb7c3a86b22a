"""Refresh tokens of GoTrue's second version: they name their session and count its rotations.

base64url of a zero byte, the session's UUID, the count as an unsigned varint, 16 bytes of HMAC-SHA256 over
all that, and 4 bytes of SHA-256 over all of this.
Source: `internal/crypto/refresh_tokens.go` of `supabase/auth`.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from portico.authserver.signing import Signer
from portico.errors import PorticoError

_FIRST_VERSION = re.compile(r"[a-z0-9]{12}")
_SECOND_VERSION = re.compile(r"[A-Za-z0-9_-]{51,63}")
_HEAD = 17
_SIGNATURE = 16
_CHECKSUM = 4
_VARINT_BITS = 7
_LARGEST_COUNTER = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class RefreshToken:
    """What a refresh token says. `number` counts the rotations of its session before it."""

    session_id: UUID
    number: int


class RefreshTokenInvalid(PorticoError):
    """Not the shape of any refresh token."""

    code: ClassVar[str] = "refresh_token_invalid"
    default_message: ClassVar[str] = "Refresh token is not valid"


class RefreshTokens:
    """Writes and reads refresh tokens.

    GoTrue keeps a random key in each session's row. This one is made from the server's own key, so that
    whoever reads the database can make no token from it (P7).
    """

    def __init__(self, signer: Signer) -> None:
        self._key = signer.derive(b"gotrue refresh token")

    def write(self, token: RefreshToken) -> str:
        """The token as it is sent."""
        said = b"\0" + token.session_id.bytes + _varint(token.number)
        return _encode(said + self._signature(said))

    def read(self, text: str) -> RefreshToken | None:
        """What `text` says if it was written here, else None. Raises `RefreshTokenInvalid`.

        The checksum is public: it only tells a mistyped token from one that might be ours. Only one spelling
        of a token is read, so that two strings are never one token.
        """
        if _FIRST_VERSION.fullmatch(text):
            return None
        raw = _decode(text)
        said, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
        number = _read_varint(said[_HEAD:])
        if said[0] != 0 or number is None:
            raise RefreshTokenInvalid
        if not hmac.compare_digest(self._signature(said), signature):
            return None
        return RefreshToken(session_id=UUID(bytes=said[1:_HEAD]), number=number)

    def _signature(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")[:_SIGNATURE]


def _encode(signed: bytes) -> str:
    checksum = hashlib.sha256(signed).digest()[:_CHECKSUM]
    return urlsafe_b64encode(signed + checksum).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    if _SECOND_VERSION.fullmatch(text) is None:
        raise RefreshTokenInvalid
    try:
        signed = urlsafe_b64decode(text + "=" * (-len(text) % 4))[:-_CHECKSUM]
    except ValueError as error:
        raise RefreshTokenInvalid from error
    if _encode(signed) != text:
        raise RefreshTokenInvalid
    return signed


def _varint(number: int) -> bytes:
    """LEB128, as `binary.AppendUvarint` of Go writes it."""
    parts = bytearray()
    while number >> _VARINT_BITS:
        parts.append(number & 0x7F | 0x80)
        number >>= _VARINT_BITS
    parts.append(number)
    return bytes(parts)


def _read_varint(raw: bytes) -> int | None:
    number = sum((part & 0x7F) << _VARINT_BITS * place for place, part in enumerate(raw))
    return number if number <= _LARGEST_COUNTER and _varint(number) == raw else None
