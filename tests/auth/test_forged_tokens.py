"""P80, P81, P83, P84, P88: every class of forged tokens that Wycheproof's vectors for JWS have, made here.

Each class is refused, and a verifier that lacks the one check against it believes every token of the class:
what is refused is refused for that reason.
"""

import base64
import json
import math
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

from portico.auth.jwks import KeySet
from tests.auth.lax_verifier import GAPS, LaxVerifier, confused
from tests.auth.test_id_token import CLAIMS, P256, P384, P521, RSA, accepts, segment, signed

Forged = tuple[str, dict[str, Any]]
OWN = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
SECRET = OctKey.generate_key(256, {"kid": "secret"})
OTHER = RSAKey.generate_key(2048, {"kid": "rsa"})


def keys(*entries: dict[str, Any]) -> dict[str, Any]:
    """A provider's document of keys."""
    return {"keys": list(entries)}


def public(key: Any, **more: Any) -> dict[str, Any]:
    """A key as a document has it."""
    return {**key.as_dict(private=False), **more}


def made(algorithm: str, key: Any, **header: Any) -> str:
    """A token whose signature was made with this algorithm and this key, whether they fit or not."""
    head = {name: value for name, value in {"alg": algorithm, "kid": key.kid, **header}.items() if value}
    what = f"{segment(json.dumps(head).encode())}.{segment(json.dumps(CLAIMS).encode())}"
    return f"{what}.{segment(jws.JWSRegistry.algorithms[algorithm].sign(what.encode(), key))}"


RS, ES = made("RS256", RSA), made("ES256", P256)
ONLY_RSA, ONLY_EC = keys(public(RSA)), keys(public(P256))


def modified_padding() -> Iterator[Forged]:
    """The same bytes, spelt another way: in each of the three parts."""
    for at in range(3):
        parts = ES.split(".")
        for foreign in ("=", "==", "?", " ", "\n", "\r\n", "\t", "!", ":", "\x00", "é", "%", "\u2028"):
            for where in (0, len(parts[at]) // 2, len(parts[at])):
                changed = parts[at][:where] + foreign + parts[at][where:]
                yield ".".join([*parts[:at], changed, *parts[at + 1 :]]), ONLY_EC
    # A text whose base64 has both characters that differ between the alphabets.
    parts = made("ES256", P256, x="\u00ff?>~" * 6).split(".")
    standard = [part.replace("-", "+").replace("_", "/") for part in parts]
    assert standard[0] != parts[0] or standard[2] != parts[2]
    yield ".".join(standard), ONLY_EC


def modified_signature() -> Iterator[Forged]:
    """A bit of each byte, too short, too long, of another token, of other claims, the numbers swapped."""
    for token, document in ((RS, ONLY_RSA), (ES, ONLY_EC)):
        head, payload, signature = token.split(".")
        content = signed_part(signature)
        for at in range(len(content)):
            changed = content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :]
            yield f"{head}.{payload}.{segment(changed)}", document
        half = len(content) // 2
        for changed in (
            *(content[:-1], content[1:], content + b"\0", b"\0" + content, content[half:] + content[:half]),
            *(bytes(len(content)), b"\xff" * len(content), b"\0", content[:half]),
        ):
            yield f"{head}.{payload}.{segment(changed)}", document
        mallory = segment(json.dumps({**CLAIMS, "sub": "mallory"}).encode())
        yield f"{head}.{mallory}.{signature}", document


def wrong_primitive() -> Iterator[Forged]:
    """A signature that holds, by the right key and another algorithm than it is for."""
    for algorithm in ("RS384", "RS512", "PS256", "PS384", "PS512"):
        yield made(algorithm, RSA), keys(public(RSA, alg="RS256"))
    for key in (P256, P384, P521):
        for algorithm in {"ES256", "ES384", "ES512"} - {OWN[key.curve_name]}:
            yield made(algorithm, key), keys(public(key))
    for algorithm in ("HS256", "HS384", "HS512"):
        head = segment(json.dumps({"alg": algorithm, "kid": "rsa"}).encode())
        what = f"{head}.{segment(json.dumps(CLAIMS).encode())}"
        yield f"{what}.{segment(confused(algorithm, what.encode(), RSA))}", ONLY_RSA


def alg_is_none() -> Iterator[Forged]:
    """In every spelling, with every kind of signature."""
    payload = segment(json.dumps(CLAIMS).encode())
    for name in ("none", "None", "NONE", "nOnE"):
        head = segment(json.dumps({"alg": name, "kid": "rsa"}).encode())
        for signature in ("", segment(b"\0"), RS.rpartition(".")[2]):
            yield f"{head}.{payload}.{signature}", ONLY_RSA


def json_serialization() -> Iterator[Forged]:
    """Flattened and general (RFC 7515, 7.2), of a token that holds."""
    protected, payload, signature = RS.split(".")
    one = {"protected": protected, "signature": signature}
    yield json.dumps({"payload": payload, **one}), ONLY_RSA
    yield json.dumps({"payload": payload, "signatures": [one]}), ONLY_RSA
    yield json.dumps({"payload": payload, "header": {"alg": "RS256"}, **one}), ONLY_RSA


def mixed_key_set() -> Iterator[Forged]:
    """A secret among public keys is no secret: whoever reads the document can sign with it."""
    secret = SECRET.as_dict(private=True)
    for document in (keys(secret, public(RSA)), keys(public(RSA), secret), keys(secret)):
        yield made("HS256", SECRET), document


def duplicate_kid() -> Iterator[Forged]:
    """One name, two keys: which one is meant nobody can say."""
    for token in (RS, made("RS256", OTHER)):
        yield token, keys(public(RSA), public(OTHER))
    yield RS, keys(public(RSA), public(RSA))


def ambiguous() -> Iterator[Forged]:
    """No name, and more than one key that it could be."""
    for key in (RSA, OTHER):
        yield made("RS256", key, kid=None), keys(public(RSA), public(OTHER, kid="two"))


def for_something_else(name: str) -> Callable[[], Iterator[Forged]]:
    """A key that its document keeps for another use."""
    said: dict[str, list[Any]] = {
        "use": ["enc", "", "SIG", "signature"],
        "key_ops": [["sign"], ["encrypt", "wrapKey"], []],
        "alg": ["RS512", "PS256", "HS256", "RSA-OAEP", "none", ""],
    }

    def found() -> Iterator[Forged]:
        for value in said[name]:
            yield RS, keys(public(RSA, **{name: value}))

    return found


def weak_key() -> Iterator[Forged]:
    """CVE-2017-15361: the primes are powers of 65537, modulo the product of many small ones."""
    yield made("RS256", roca()), keys(public(roca()))


@cache
def roca() -> RSAKey:
    """A key as those smart cards made them: it signs, and its modulus gives it away."""
    small = [number for number in range(2, 168) if all(number % one for one in range(2, number))]
    product, chance = math.prod(small), random.Random(5)
    found: list[int] = []
    while len(found) < 2:
        above = chance.randrange((3 << 1022) // product + 1, (1 << 1024) // product)
        number = above * product + pow(65537, chance.getrandbits(64), product)
        if pow(2, number - 1, number) == 1:
            found.append(number)
    p, q = found
    d = pow(65537, -1, math.lcm(p - 1, q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=d % (p - 1),
        dmq1=d % (q - 1),
        iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(65537, p * q),
    )
    pem = numbers.private_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return RSAKey.import_key(pem, {"kid": "weak"})


def signed_part(part: str) -> bytes:
    """What a part stands for."""
    return base64.urlsafe_b64decode(part + "==")


CLASSES: dict[str, Callable[[], Iterator[Forged]]] = {
    "ModifiedPadding": modified_padding,
    "ModifiedSignature": modified_signature,
    "WrongPrimitive": wrong_primitive,
    "AlgIsNone": alg_is_none,
    "JsonSerialization": json_serialization,
    "MixedKeySet": mixed_key_set,
    "DuplicateKid": duplicate_kid,
    "Ambiguous": ambiguous,
    **{name: for_something_else(name) for name in ("use", "key_ops", "alg")},
    "weak key": weak_key,
}


@pytest.mark.parametrize("gap", GAPS)
def test_a_class_of_forged_tokens(gap: str) -> None:
    """None is believed; the control believes them all, and none without this gap."""
    forged = list(CLASSES[gap]())
    assert forged
    assert [token for token, document in forged if accepts(token, KeySet.read(document))] == []
    assert [token for token, document in forged if not LaxVerifier(gap).believes(token, document)] == []
    if gap != "weak key":
        assert [token for token, document in forged if LaxVerifier().believes(token, document)] == []


def test_what_they_are_forged_of() -> None:
    """Both verifiers believe the tokens before."""
    for token, document in ((RS, ONLY_RSA), (ES, ONLY_EC), (signed(), ONLY_RSA)):
        assert accepts(token, KeySet.read(document))
        assert LaxVerifier().believes(token, document)


def test_good_keys_are_not_taken_for_weak_ones() -> None:
    """A modulus of this kind is met by chance once in half a thousand million."""
    for _ in range(3):
        key = RSAKey.generate_key(2048, {"kid": "rsa"})
        assert accepts(made("RS256", key), KeySet.read(keys(public(key))))
