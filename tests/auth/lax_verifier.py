"""A verifier of signed tokens that lacks one check: what tests of the strict one must notice.

The names of the gaps are those of the flags of Wycheproof's vectors, where it has one.
"""

import base64
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OctKey, OKPKey, RSAKey

Key = RSAKey | ECKey | OKPKey | OctKey
GAPS = (
    *("ModifiedPadding", "ModifiedSignature", "WrongPrimitive", "AlgIsNone", "JsonSerialization"),
    *("MixedKeySet", "DuplicateKid", "Ambiguous", "use", "key_ops", "alg", "weak key"),
)
_CURVES = {"P-256": {"ES256"}, "P-384": {"ES384"}, "P-521": {"ES512"}}


class LaxVerifier:
    """Checks signatures, and no claims. It never looks for weak keys; all else it checks but for `gap`."""

    def __init__(self, gap: str = "") -> None:
        self._gap = gap

    def believes(self, token: str, document: Any) -> bool:
        """Whether the token is signed by a key of the set, as far as this verifier looks."""
        try:
            return self._believes(token, document["keys"])
        except (ValueError, KeyError, TypeError, JoseError):
            return False

    def _believes(self, token: str, entries: list[dict[str, Any]]) -> bool:
        if self._gap == "JsonSerialization" and token.startswith("{"):
            found = json.loads(token)
            signed = found.get("signatures", [found])[0]
            token = f"{signed['protected']}.{found['payload']}.{signed['signature']}"
        head, payload, signature = (self._decoded(part) for part in token.split("."))
        header = json.loads(head)
        if header["alg"].lower() == "none":
            return self._gap == "AlgIsNone"
        if self._gap == "ModifiedSignature":
            return True
        # What a token that is spelt another way stands for is what was signed.
        what = f"{spelt(head)}.{spelt(payload)}".encode()
        return any(_holds(header["alg"], what, signature, key) for key in self._keys(entries, header))

    def _decoded(self, part: str) -> bytes:
        if self._gap == "ModifiedPadding":
            part = re.sub(r"[^A-Za-z0-9_-]", "", part.replace("+", "-").replace("/", "_"))
        decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        if self._gap != "ModifiedPadding" and spelt(decoded) != part:
            raise ValueError("spelt another way")
        return decoded

    def _keys(self, entries: list[dict[str, Any]], header: dict[str, Any]) -> Iterator[Key]:
        named = [entry for entry in entries if header.get("kid", entry.get("kid")) == entry.get("kid")]
        usable = [entry for entry in named if self._is_for(entry, header["alg"])]
        if len(usable) > 1 and self._gap != ("DuplicateKid" if "kid" in header else "Ambiguous"):
            return
        for entry in usable:
            key = JWKRegistry.import_key(
                {name: value for name, value in entry.items() if name not in ("use", "key_ops", "alg")}
            )
            assert isinstance(key, Key)
            yield key

    def _is_for(self, entry: dict[str, Any], algorithm: str) -> bool:
        kind = entry["kty"]
        fits = {"oct": {"HS256"}, "RSA": {"RS256"}, "EC": _CURVES.get(entry.get("crv", ""), set())}[kind]
        return (
            (kind != "oct" or self._gap == "MixedKeySet")
            and (algorithm in fits or self._gap in ("WrongPrimitive", "alg"))
            and (entry.get("alg", algorithm) == algorithm or self._gap in ("WrongPrimitive", "alg"))
            and (entry.get("use", "sig") == "sig" or self._gap == "use")
            and ("verify" in entry.get("key_ops", ["verify"]) or self._gap == "key_ops")
        )


def _holds(algorithm: str, what: bytes, signature: bytes, key: Key) -> bool:
    if algorithm.startswith("HS") and isinstance(key, RSAKey):
        return hmac.compare_digest(confused(algorithm, what, key), signature)
    return jws.JWSRegistry.algorithms[algorithm].verify(what, signature, key)


def confused(algorithm: str, what: bytes, key: RSAKey) -> bytes:
    """An HMAC whose secret is a public key."""
    return hmac.digest(key.as_pem(private=False), what, f"sha{algorithm[2:]}")


def spelt(content: bytes) -> str:
    """As a token has it."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
