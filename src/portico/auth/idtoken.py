"""ID tokens: whom a provider says that it signed in, and whether that holds (OpenID Connect Core, 3.1.3.7).

Nothing of a token is believed before its signature was checked with a key of the provider's own set, and
nothing in its header leads anywhere (P41, P80–85). Every reason to refuse one is SignInRefused.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel

from portico.auth.jwks import ALGORITHMS, KeySet
from portico.errors import PorticoError, SignInRefused
from portico.values import Secret

#: How far the clocks of a provider and of this server may be apart (P86).
LEEWAY = timedelta(seconds=60)
#: Longest token that is looked into, and longest subject (OpenID Connect Core, 2) and name of a key.
TOKEN_LIMIT = 64 << 10
SUBJECT_LIMIT = 255
_KID_LIMIT = 256
_HEADER_LIMIT = 2 << 10

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
#: Members of a header that would lead to a key, change how the token is read, or must be understood.
_FOREIGN = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc", "p2c", "p2s", "epk"})
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class KeyUnknown(PorticoError):
    """The provider's keys, as they are known, hold none that the token can be signed with."""

    code = "key_unknown"
    default_message = SignInRefused.default_message


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What a token must say. `nonce` is None where the request had none; `access` is the access token
    that came with it; `algorithms` are those that the provider says it signs with."""

    issuer: str
    client_id: str
    nonce: str | None = field(default=None, repr=False)
    access: Secret | None = None
    algorithms: Collection[str] = ALGORITHMS


class _Registry(jws.JWSRegistry):
    """The one algorithm that was chosen, without a warning about its name: providers still write EdDSA."""

    max_header_length = _HEADER_LIMIT

    def get_alg(self, name: str) -> JWSAlgModel:
        """Raises UnsupportedAlgorithmError for any other."""
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


def verified(token: str, keys: KeySet, expected: Expected, *, now: datetime) -> dict[str, Any]:
    """The claims of a token that holds.

    Raises KeyUnknown if `keys` have none for it: they may have changed meanwhile. Raises SignInRefused
    for everything else that is wrong with it.
    """
    header = _header(token)
    algorithm, kid = header["alg"], header.get("kid")
    if algorithm not in ALGORITHMS or algorithm not in expected.algorithms:
        _refuse("an algorithm that is not allowed")
    key = keys.find(kid, algorithm)
    if key is None:
        raise KeyUnknown("no key of the provider's fits the ID token")
    registry = _Registry(algorithms=[algorithm], strict_check_header=False)
    try:
        payload = jws.deserialize_compact(token, key, registry=registry).payload
    except (JoseError, ValueError, TypeError):
        _refuse("a signature that does not hold")
    claims = _object(payload, "payload")
    _parties(claims, expected)
    _times(claims, now)
    _bound(claims, expected, algorithm)
    return claims


def claims_again(token: Secret) -> dict[str, Any]:
    """The claims of a token that was verified before, as the session kept it."""
    return _object(_decoded(token.reveal().split(".")[1]), "payload")


def _header(token: str) -> dict[str, Any]:
    found = _COMPACT.fullmatch(token) if len(token) <= TOKEN_LIMIT else None
    if found is None:
        _refuse("no JWS in its compact form, or too long")
    for part in found.groups():
        _decoded(part)
    header = _object(_decoded(found[1]), "header")
    if _FOREIGN & header.keys():
        _refuse("a header that names keys or extensions")
    kid, kind = header.get("kid"), header.get("typ", "JWT")
    if not isinstance(header.get("alg"), str):
        _refuse("no algorithm")
    if not isinstance(kind, str) or kind.upper() != "JWT":
        _refuse("a token of another type")
    if "kid" in header and (not isinstance(kid, str) or len(kid) > _KID_LIMIT):
        _refuse("a name of a key that is none")
    return header


def _decoded(part: str) -> bytes:
    """What a part stands for: in the one spelling that it has."""
    try:
        decoded = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        _refuse("a part that is not base64url")
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != part:
        _refuse("a part that is spelt another way than it is written")
    return decoded


def _object(content: bytes, what: str) -> dict[str, Any]:
    """A JSON object whose members stand there once, of numbers that are numbers."""
    try:
        found = json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        _refuse(f"a {what} that is not JSON, or has a member twice")
    if not isinstance(found, dict):
        _refuse(f"a {what} that is no object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _parties(claims: Mapping[str, Any], expected: Expected) -> None:
    """From whom, for whom, about whom."""
    subject, audience, party = claims.get("sub"), claims.get("aud"), claims.get("azp")
    if claims.get("iss") != expected.issuer:
        _refuse("another issuer")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LIMIT:
        _refuse("no subject")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or not all(isinstance(one, str) for one in audiences):
        _refuse("no audience")
    if expected.client_id not in audiences:
        _refuse("another audience")
    if ("azp" in claims or len(audiences) > 1) and party != expected.client_id:
        _refuse("another authorized party")


def _times(claims: Mapping[str, Any], now: datetime) -> None:
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    if moment >= _time(claims, "exp") + leeway:
        _refuse("it has expired")
    if _time(claims, "iat") > moment + leeway:
        _refuse("it was issued in the future")
    if "nbf" in claims and _time(claims, "nbf") > moment + leeway:
        _refuse("it is not valid yet")


def _time(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
        _refuse(f"no time in {name}")
    return float(value)


def _bound(claims: Mapping[str, Any], expected: Expected, algorithm: str) -> None:
    """To this request, and to the access token beside it."""
    if expected.nonce is not None and claims.get("nonce") != expected.nonce:
        _refuse("another nonce")
    if "at_hash" in claims and expected.access is not None:
        size = algorithm[-3:]
        digest = _HASHES.get(size, hashlib.sha512)(expected.access.reveal().encode()).digest()
        half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
        if claims["at_hash"] != half:
            _refuse("the hash of another access token")


def _refuse(why: str) -> NoReturn:
    raise SignInRefused(f"the ID token does not hold: {why}")
