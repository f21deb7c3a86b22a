"""The key pair of a server, for tokens that others verify. Made of its one key, it outlives a restart."""

from collections.abc import Mapping
from typing import Any, final

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from portico.authserver.interference import current
from portico.authserver.signing import Signer, TokenInvalid

ALGORITHM = "ES256"

_LONGEST = 32_768
#: The order of P-256 (NIST SP 800-186, 3.2.1.3), below which private keys are.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@final
class KeyPair:
    """Signs with ES256, and tells others the key that verifies it."""

    def __init__(self, signer: Signer) -> None:
        self._ours = _pair(signer.derive(b"oidc signing key"))
        self._other = _pair(signer.derive(b"another oidc signing key"))

    def sign(self, claims: Mapping[str, object]) -> str:
        """A JSON Web Token that says this."""
        key = self._key()
        header = {"alg": ALGORITHM, "kid": key.thumbprint(), "typ": "JWT"}
        return jwt.encode(header, dict(claims), key, algorithms=[ALGORITHM])

    def verify(self, token: str) -> dict[str, Any]:
        """What a token says that was signed here, whether or not it is over. Raises `TokenInvalid`."""
        if len(token) > _LONGEST:
            raise TokenInvalid
        try:
            return jwt.decode(token, self._key(), algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError) as error:
            raise TokenInvalid from error

    def key_set(self) -> dict[str, object]:
        """The JSON Web Key Set (RFC 7517): the public key alone."""
        key = self._key()
        public = key.as_dict(private=False)
        return {"keys": [{**public, "use": "sig", "alg": ALGORITHM, "kid": key.thumbprint()}]}

    def _key(self) -> ECKey:
        """Ours, or the one that a fault put in its place."""
        return self._other if current().new_key else self._ours


def _pair(seed: bytes) -> ECKey:
    """The pair of a seed of 256 bits. One in 2^32 is over the order, and has the key of another."""
    number = int.from_bytes(seed) % (_ORDER - 1) + 1
    return ECKey.import_key(ec.derive_private_key(number, ec.SECP256R1()))
