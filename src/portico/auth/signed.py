"""Tokens that an OpenID provider signed: whether the signature holds, and what they all say (RFC 7519, 8725).

Nothing of a token is believed before its signature was checked with a key of the provider's own set, and
nothing in its header leads anywhere (P41, P80–85). Every reason to refuse one is SignInRefused.
"""

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel

from portico.auth.jwks import ALGORITHMS, KeySet
from portico.errors import PorticoError, SignInRefused

#: How far the clocks of a provider and of this server may be apart (P86).
LEEWAY = timedelta(seconds=60)
#: Longest token that is looked into, longest subject (OpenID Connect Core, 2) and name of a key.
TOKEN_LIMIT = 64 << 10
SUBJECT_LIMIT = 255
_KID_LIMIT = 256
_HEADER_LIMIT = 2 << 10

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
#: Members of a header that would lead to a key, change how the token is read, or must be understood.
_FOREIGN = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc", "p2c", "p2s", "epk"})


class KeyUnknown(PorticoError):
    """The provider's keys, as they are known, hold none that the token can be signed with."""

    code = "key_unknown"
    default_message = SignInRefused.default_message


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What a token is for: its name for people, and the types that its header may say, in capitals."""

    name: str
    types: frozenset[str] = frozenset({"JWT"})

    def refuse(self, why: str) -> NoReturn:
        """Raises SignInRefused."""
        raise SignInRefused(f"the {self.name} does not hold: {why}")


class _Registry(jws.JWSRegistry):
    """The one algorithm that was chosen, without a warning about its name: providers still write EdDSA."""

    max_header_length = _HEADER_LIMIT

    def get_alg(self, name: str) -> JWSAlgModel:
        """Raises UnsupportedAlgorithmError for any other."""
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


def opened(
    token: str, keys: KeySet, kind: Kind, *, algorithms: Collection[str] = ALGORITHMS
) -> tuple[dict[str, Any], str]:
    """What a token says that one of these keys signed, and with which of these algorithms. Its claims are
    not looked at.

    Raises KeyUnknown if `keys` have none for it: they may have changed meanwhile. Raises SignInRefused
    for everything else that is wrong with it.
    """
    header = _header(token, kind)
    algorithm, kid = header["alg"], header.get("kid")
    if algorithm not in ALGORITHMS or algorithm not in algorithms:
        kind.refuse("an algorithm that is not allowed")
    key = keys.find(kid, algorithm)
    if key is None:
        raise KeyUnknown(f"no key of the provider's fits the {kind.name}")
    registry = _Registry(algorithms=[algorithm], strict_check_header=False)
    try:
        payload = jws.deserialize_compact(token, key, registry=registry).payload
    except (JoseError, ValueError, TypeError):
        kind.refuse("a signature that does not hold")
    return _object(payload, "payload", kind), algorithm


def unverified(token: str, kind: Kind) -> dict[str, Any]:
    """What a token says that was verified before."""
    return _object(_decoded(token.split(".")[1], kind), "payload", kind)


def check_parties(claims: Mapping[str, Any], kind: Kind, *, issuer: str, client_id: str) -> None:
    """From whom, and for whom."""
    audience, party = claims.get("aud"), claims.get("azp")
    if claims.get("iss") != issuer:
        kind.refuse("another issuer")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or not all(isinstance(one, str) for one in audiences):
        kind.refuse("no audience")
    if client_id not in audiences:
        kind.refuse("another audience")
    if ("azp" in claims or len(audiences) > 1) and party != client_id:
        kind.refuse("another authorized party")


def check_times(claims: Mapping[str, Any], kind: Kind, now: datetime) -> None:
    """Whether it is good now: `exp` and `iat` are there."""
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    if moment >= time_of(claims, "exp", kind) + leeway:
        kind.refuse("it has expired")
    if time_of(claims, "iat", kind) > moment + leeway:
        kind.refuse("it was issued in the future")
    if "nbf" in claims and time_of(claims, "nbf", kind) > moment + leeway:
        kind.refuse("it is not valid yet")


def time_of(claims: Mapping[str, Any], name: str, kind: Kind) -> float:
    """A moment, in seconds since the epoch."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
        kind.refuse(f"no time in {name}")
    return float(value)


def is_name(value: object, limit: int = SUBJECT_LIMIT) -> bool:
    """Whether that can be a subject, or the name of something else of the provider's."""
    return isinstance(value, str) and 0 < len(value) <= limit


def _header(token: str, kind: Kind) -> dict[str, Any]:
    found = _COMPACT.fullmatch(token) if len(token) <= TOKEN_LIMIT else None
    if found is None:
        kind.refuse("no JWS in its compact form, or too long")
    for part in found.groups():
        _decoded(part, kind)
    header = _object(_decoded(found[1], kind), "header", kind)
    if _FOREIGN & header.keys():
        kind.refuse("a header that names keys or extensions")
    kid, type_ = header.get("kid"), header.get("typ", "JWT")
    if not isinstance(header.get("alg"), str):
        kind.refuse("no algorithm")
    if not isinstance(type_, str) or type_.upper() not in kind.types:
        kind.refuse("a token of another type")
    if "kid" in header and (not isinstance(kid, str) or len(kid) > _KID_LIMIT):
        kind.refuse("a name of a key that is none")
    return header


def _decoded(part: str, kind: Kind) -> bytes:
    """What a part stands for: in the one spelling that it has."""
    try:
        decoded = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        kind.refuse("a part that is not base64url")
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != part:
        kind.refuse("a part that is spelt another way than it is written")
    return decoded


def _object(content: bytes, what: str, kind: Kind) -> dict[str, Any]:
    """A JSON object whose members stand there once, of numbers that are numbers."""
    try:
        found = json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        kind.refuse(f"a {what} that is not JSON, or has a member twice")
    if not isinstance(found, dict):
        kind.refuse(f"a {what} that is no object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")
