"""The one key of a server: it signs JSON Web Tokens, reads them strictly, and other keys come from it."""

import hmac
import re
from collections.abc import Mapping
from typing import ClassVar

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from portico.authserver.interference import current
from portico.authserver.moments import to_seconds
from portico.authserver.settings import SettingsInvalid
from portico.clock import Clock
from portico.errors import PorticoError
from portico.values import Secret

_ALGORITHM = "HS256"
_LEAST_KEY_BYTES = 32
_LONGEST = 32_768
# The last character of 43 carries four bits: any other would be a second spelling of the same signature.
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


class TokenInvalid(PorticoError):
    """A token that this server did not sign, or that is over."""

    code: ClassVar[str] = "token_invalid"
    default_message: ClassVar[str] = "token signature is invalid: signature is invalid"


class TokenMalformed(TokenInvalid):
    """Not the shape of a signed token at all."""

    code: ClassVar[str] = "token_malformed"
    default_message: ClassVar[str] = "token is malformed: token contains an invalid number of segments"


class TokenExpired(TokenInvalid):
    """Signed here, and over."""

    code: ClassVar[str] = "token_expired"
    default_message: ClassVar[str] = "token has invalid claims: token is expired"


class Signer:
    """Signs and verifies with one key.

    The header of a token chooses nothing: no algorithm but HS256, no key but ours (RFC 8725 3.1, P80, P82);
    `exp` is a must and there is no leeway, since the clock that issued is the clock that checks.
    """

    def __init__(self, secret: Secret, clock: Clock) -> None:
        """Raises `SettingsInvalid` for a secret below 256 bits (RFC 8725 3.5, P88)."""
        self._secret = secret.reveal().encode()
        if len(self._secret) < _LEAST_KEY_BYTES:
            raise SettingsInvalid(
                message=f"The signing secret is too short: at least {_LEAST_KEY_BYTES} bytes are needed."
            )
        self._key = OctKey.import_key(self._secret)
        self._other_key = OctKey.import_key(self.derive(b"another signing key"))
        self._clock = clock

    def sign(self, claims: Mapping[str, object], *, renews: bool = False) -> str:
        """A JSON Web Token that says this. One that `renews` others is not among those that a fault ends."""
        says = dict(claims)
        if current().expired and not renews:
            says["exp"] = to_seconds(self._clock.now())
        return jwt.encode({"alg": _ALGORITHM}, says, self._signing_key(), algorithms=[_ALGORITHM])

    def verify(self, token: str) -> dict[str, object]:
        """What a token says. Raises `TokenInvalid` for everything that is not wholly in order."""
        if len(token) > _LONGEST or _SHAPE.fullmatch(token) is None:
            raise TokenMalformed
        try:
            claims: dict[str, object] = jwt.decode(token, self._signing_key(), algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError) as error:
            raise TokenInvalid from error
        expires = claims.get("exp")
        if type(expires) is not int or expires <= to_seconds(self._clock.now()):
            raise TokenExpired
        return claims

    def derive(self, purpose: bytes) -> bytes:
        """Another key of 256 bits, the same for the same purpose; it says nothing about this one."""
        return hmac.digest(self._secret, b"derive\0" + purpose, "sha256")

    def _signing_key(self) -> OctKey:
        """Ours, or the one that a fault put in its place."""
        return self._other_key if current().new_key else self._key
