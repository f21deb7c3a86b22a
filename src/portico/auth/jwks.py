"""The keys that a provider signs with, out of its JSON Web Key Set (RFC 7517).

A key verifies one family of algorithms and no other: which, its type says, never the token (P80, P81).
Nothing that a token says leads to a key but the name of one that is in the set already (P41, P82).
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

Key = RSAKey | ECKey | OKPKey

#: Algorithms by type of key, for elliptic curves by curve.
_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_CURVES: Mapping[str, tuple[str, ...]] = {
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "Ed25519": ("EdDSA", "Ed25519"),
}
#: All algorithms that are ever accepted: signatures by a key of the provider's own.
ALGORITHMS = frozenset((*_RSA, *(name for names in _CURVES.values() for name in names)))

#: Keys of a set that are looked at, and the bits that an RSA key has at least and at most.
_KEYS = 100
_RSA_BITS = range(2048, 8193)
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
#: Powers of 65537 modulo each prime from 11 on. The primes of a whole family of smart cards were such powers
#: modulo all of these (CVE-2017-15361): their keys can be taken apart, and are known by it.
_POWERS = {
    prime: frozenset(pow(65537, exponent, prime) for exponent in range(prime - 1))
    for prime in range(11, 168)
    if all(prime % smaller for smaller in range(2, prime))
}


@dataclass(frozen=True, slots=True)
class _Named:
    kid: str | None
    algorithms: tuple[str, ...]
    key: Key = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one provider that can verify signatures."""

    keys: tuple[_Named, ...] = ()

    @classmethod
    def read(cls, document: Any) -> "KeySet":
        """The usable keys of a document; others are left out. Never raises."""
        entries = document.get("keys") if isinstance(document, dict) else None
        found = (_read(entry) for entry in (entries if isinstance(entries, list) else ())[:_KEYS])
        return cls(tuple(key for key in found if key is not None))

    def find(self, kid: str | None, algorithm: str) -> Key | None:
        """The one key that a token of this algorithm can be signed with. A token that names none has one
        only where there is no choice; names that are there twice name nothing."""
        fitting = [
            named.key
            for named in self.keys
            if algorithm in named.algorithms and (kid is None or named.kid == kid)
        ]
        return fitting[0] if len(fitting) == 1 else None


def _read(entry: Any) -> _Named | None:
    """A key for signatures, which is public, of a type that is known."""
    if not isinstance(entry, dict) or _PRIVATE & entry.keys():
        return None
    kid, said, operations = entry.get("kid"), entry.get("alg"), entry.get("key_ops")
    if entry.get("use", "sig") != "sig" or not isinstance(kid, str | None):
        return None
    if operations is not None and (not isinstance(operations, list) or "verify" not in operations):
        return None
    # What else stands there, such as certificates, is not looked at.
    bare = {name: entry[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in entry}
    try:
        key, algorithms = _imported(bare)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if said is not None:
        algorithms = tuple(name for name in algorithms if name == said)
    return _Named(kid, algorithms, key) if algorithms else None


def _imported(bare: dict[str, Any]) -> tuple[Key, tuple[str, ...]]:
    match bare.get("kty"):
        case "RSA":
            modulus = base64.urlsafe_b64decode(str(bare.get("n")) + "==")
            number = int.from_bytes(modulus)
            if number.bit_length() not in _RSA_BITS:
                raise ValueError("a key that is too short, or too long")
            if all(number % prime in powers for prime, powers in _POWERS.items()):
                raise ValueError("a key whose primes were not chosen at random")
            return RSAKey.import_key(bare), _RSA
        case "EC":
            return ECKey.import_key(bare), _CURVES.get(str(bare.get("crv")), ())
        case "OKP":
            return OKPKey.import_key(bare), _CURVES.get(str(bare.get("crv")), ())
        case _:
            raise ValueError("a key of another type")
