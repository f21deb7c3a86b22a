"""ID tokens: whom a provider says that it signed in, and whether that holds (OpenID Connect Core, 3.1.3.7).

Whether a token is the provider's at all: `auth.signed`. Every reason to refuse one is SignInRefused.
"""

import base64
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portico.auth.jwks import ALGORITHMS, KeySet
from portico.auth.signed import Kind, check_parties, check_times, is_name, opened, unverified
from portico.values import Secret

KIND = Kind(name="ID token")
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What a token must say. `nonce` is None where the request had none; `access` is the access token
    that came with it; `algorithms` are those that the provider says it signs with."""

    issuer: str
    client_id: str
    nonce: str | None = field(default=None, repr=False)
    access: Secret | None = None
    algorithms: Collection[str] = ALGORITHMS


def verified(token: str, keys: KeySet, expected: Expected, *, now: datetime) -> dict[str, Any]:
    """The claims of a token that holds.

    Raises KeyUnknown if `keys` have none for it: they may have changed meanwhile. Raises SignInRefused
    for everything else that is wrong with it.
    """
    claims, algorithm = opened(token, keys, KIND, algorithms=expected.algorithms)
    check_parties(claims, KIND, issuer=expected.issuer, client_id=expected.client_id)
    if not is_name(claims.get("sub")):
        KIND.refuse("no subject")
    check_times(claims, KIND, now)
    _bound(claims, expected, algorithm)
    return claims


def claims_again(token: Secret) -> dict[str, Any]:
    """The claims of a token that was verified before, as the session kept it."""
    return unverified(token.reveal(), KIND)


def _bound(claims: Mapping[str, Any], expected: Expected, algorithm: str) -> None:
    """To this request, and to the access token beside it."""
    if expected.nonce is not None and claims.get("nonce") != expected.nonce:
        KIND.refuse("another nonce")
    if "at_hash" in claims and expected.access is not None:
        size = algorithm[-3:]
        digest = _HASHES.get(size, hashlib.sha512)(expected.access.reveal().encode()).digest()
        half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
        if claims["at_hash"] != half:
            KIND.refuse("the hash of another access token")
