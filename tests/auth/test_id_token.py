"""ID tokens: what is believed, and that everything else is refused (P80–85).

Classes of forged tokens, each with a verifier that believes them, are in `test_forged_tokens.py`.
"""

import base64
import hashlib
import hmac
import json
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from portico.auth import signed as signed_tokens
from portico.auth.idtoken import Expected, claims_again, verified
from portico.auth.jwks import ALGORITHMS, KeySet
from portico.auth.signed import TOKEN_LIMIT, KeyUnknown
from portico.errors import SignInRefused
from portico.values import Secret

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
ACCESS = "the-access-token"
Key = RSAKey | ECKey | OKPKey

RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
P256 = ECKey.generate_key("P-256", {"kid": "p256"})
P384 = ECKey.generate_key("P-384", {"kid": "p384"})
P521 = ECKey.generate_key("P-521", {"kid": "p521"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
ALL = KeySet.read({"keys": [key.as_dict(private=False) for key in (RSA, P256, P384, P521, ED)]})
ONLY_RSA = KeySet.read({"keys": [RSA.as_dict(private=False)]})
EXPECTED = Expected(issuer="https://id.example", client_id="app", nonce="n" * 43, access=Secret(ACCESS))
CLAIMS = {
    "iss": "https://id.example",
    "sub": "ada",
    "aud": "app",
    "exp": AT + 300,
    "iat": AT,
    "nonce": "n" * 43,
}


def segment(content: bytes) -> str:
    """As a token has it."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(payload: Any = CLAIMS, key: Key = RSA, **header: Any) -> str:
    """A token; None leaves a member of the header out."""
    head = {"alg": "RS256", "kid": key.kid, **header}
    head = {name: value for name, value in head.items() if value is not None}
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return raw(json.dumps(head).encode(), content, key, head.get("alg", "RS256"))


def raw(head: bytes, content: bytes, key: Key = RSA, algorithm: str = "RS256") -> str:
    """The same from bytes: a signature that holds over whatever they are."""
    what = f"{segment(head)}.{segment(content)}"
    model = jws.JWSRegistry.algorithms[algorithm]
    return f"{what}.{segment(model.sign(what.encode(), key))}"


def accepts(token: str, keys: KeySet = ALL, expected: Expected = EXPECTED, now: datetime = NOW) -> bool:
    """Whether a token is believed; anything but its two errors is a failure of the test."""
    try:
        verified(token, keys, expected, now=now)
    except (SignInRefused, KeyUnknown):
        return False
    return True


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        *((RSA, name) for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
        *((P256, "ES256"), (P384, "ES384"), (P521, "ES512"), (ED, "EdDSA"), (ED, "Ed25519")),
    ],
)
def test_every_algorithm_with_its_own_kind_of_key(key: Key, algorithm: str) -> None:
    """It is believed, with the hash of its access token by its own hash; no other key fits it."""
    sizes = {"256": hashlib.sha256, "384": hashlib.sha384}
    digest = sizes.get(algorithm[-3:], hashlib.sha512)(ACCESS.encode()).digest()
    claims = {**CLAIMS, "at_hash": segment(digest[: len(digest) // 2])}
    assert verified(signed(claims, key, alg=algorithm), ALL, EXPECTED, now=NOW) == claims
    assert not accepts(signed({**claims, "at_hash": segment(digest)}, key, alg=algorithm))
    for other in (RSA, P256, P384, P521, ED):
        if other is not key:
            alone = KeySet.read({"keys": [other.as_dict(private=False) | {"kid": key.kid}]})
            assert not accepts(signed(claims, key, alg=algorithm), alone)


def test_the_list_of_algorithms_has_no_secrets() -> None:
    """Nothing that a public key could be mistaken for the key of."""
    assert not [name for name in ALGORITHMS if name.lower().startswith(("hs", "none", "dir", "a1", "a2"))]


# Mutants

_SHAPE = r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){0,4}"


def test_every_single_byte_counts() -> None:
    """P84: each byte replaced by others, taken away, doubled: no mutant is believed, not even one that
    decodes to the same bytes."""
    token = signed({"iss": "https://id.example", "sub": "a", "aud": "app", **_rest()}, P256, alg="ES256")
    assert accepts(token)
    others = string.ascii_letters + string.digits + "-_=.+/ \n\x00"
    tried = 0
    for at, byte in enumerate(token):
        for other in (*others, ""):
            mutant = token[:at] + other + token[at + 1 :]
            if mutant != token:
                tried += 1
                assert not accepts(mutant), (at, other)
        assert not accepts(token[:at] + byte * 2 + token[at + 1 :])
    assert tried > 20_000


def test_the_same_bytes_in_another_spelling() -> None:
    """The last character of a segment carries bits that mean nothing: only zeros are a spelling."""
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    token = signed(key=P256, alg="ES256")
    found = 0
    for end, part in zip((token.index("."), token.rindex("."), len(token)), token.split("."), strict=True):
        for char in alphabet:
            mutant = token[: end - 1] + char + token[end:]
            same = base64.urlsafe_b64decode(part[:-1] + char + "==") == base64.urlsafe_b64decode(part + "==")
            if same and mutant != token:
                found += 1
                assert not accepts(mutant)
    assert found


@given(
    st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){0,4}", fullmatch=True)
)
def test_any_text(text: str) -> None:
    """Nothing but the two errors."""
    assert not accepts(text)


_MEMBERS = ["kty", "n", "e", "crv", "x", "y", "use", "kid", "alg", "key_ops"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.sampled_from(["iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash"]), _JSON)
def test_any_value_of_any_claim(name: str, value: Any) -> None:
    """P85: with a signature that holds. What is believed says what was expected."""
    token = signed({**CLAIMS, name: value}, P256, alg="ES256")
    if accepts(token):
        said = {**CLAIMS, name: value}
        assert said["iss"] == "https://id.example"
        assert isinstance(said["sub"], str)
        assert said["sub"]
        assert said["aud"] in ("app", ["app"])
        assert said.get("azp", "app") == "app"
        assert said["exp"] > AT - 60
        assert said["iat"] <= AT + 60
        assert said.get("nbf", 1) <= AT + 60
        assert said["nonce"] == "n" * 43


def _rest() -> dict[str, Any]:
    return {"exp": AT + 300, "iat": AT, "nonce": "n" * 43}


# Claims

WRONG: dict[str, list[Any]] = {
    "iss": [
        None,
        "",
        "https://id.example/",
        "https://ID.example",
        "http://id.example",
        ["https://id.example"],
    ],
    "sub": [None, "", 7, True, ["ada"], {}, "x" * 256],
    "aud": [None, "", "App", "app ", ["other"], [], ["app", 7], {"app": 1}, ["app", "other"]],
    "azp": [None, "", "other", ["app"], 7],
    "exp": [None, 0, -1, AT - 60, AT - 61, AT - 600, str(AT + 300), True, [AT + 300], 1e300, AT * 1000],
    "iat": [None, 0, AT + 61, AT + 600, str(AT), True, {}, 1e300, AT * 1000],
    "nbf": [None, AT + 61, AT + 600, str(AT), True, []],
    "nonce": [None, "", "N" * 43, "n" * 42, 7, ["n" * 43]],
    "at_hash": [None, "", 7, "x" * 22, ["x"]],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_claim_that_is_wrong(name: str, value: Any) -> None:
    """Each alone, in a token that holds otherwise."""
    assert not accepts(signed({**CLAIMS, name: value}))


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "nonce"])
def test_a_claim_that_is_missing(name: str) -> None:
    """These must be there."""
    assert not accepts(signed({key: value for key, value in CLAIMS.items() if key != name}))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"aud": ["app"]},
        {"aud": ["app", "other"], "azp": "app"},
        {"azp": "app"},
        {"nbf": AT},
        {"sub": "x" * 255},
        {"sub": "ädä"},
        {"exp": AT + 0.5},
        {"more": {"deep": [1, None]}},
    ],
)
def test_a_claim_that_is_right(more: dict[str, Any]) -> None:
    """The positive control."""
    assert accepts(signed({**CLAIMS, **more}))


@pytest.mark.parametrize("seconds", [-600, -61, -60, -59, -30, 0, 30, 59, 60, 61, 600])
def test_clocks_that_differ(seconds: int) -> None:
    """P86: a minute and no more, either way: the provider's clock against ours."""
    theirs = AT + seconds
    fresh = signed({**CLAIMS, "iat": theirs, "nbf": theirs, "exp": theirs + 300})
    assert accepts(fresh) is (seconds <= 60 and seconds > -360)
    ending = signed({**CLAIMS, "iat": AT - 300, "exp": theirs})
    assert accepts(ending) is (seconds > -60)


def test_without_a_nonce_none_is_asked_for() -> None:
    """At a renewal there was no request that had one."""
    expected = Expected(issuer="https://id.example", client_id="app")
    assert accepts(signed({key: value for key, value in CLAIMS.items() if key != "nonce"}), expected=expected)


def test_claims_are_read_again_as_they_were() -> None:
    """What a session kept."""
    assert claims_again(Secret(signed())) == CLAIMS


# JSON


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"\xff",
        b'{"iss":"https://id.example"}x',
        json.dumps(CLAIMS).encode()[:-1] + b',"sub":"mallory"}',
        json.dumps(CLAIMS).encode()[:-1] + b',"x":{"a":1,"a":2}}',
        json.dumps(CLAIMS).encode()[:-1] + b',"x":NaN}',
        json.dumps({**CLAIMS, "exp": 0}).encode().replace(b'"exp": 0', b'"exp": Infinity'),
        json.dumps({**CLAIMS, "exp": 0}).encode().replace(b'"exp": 0', b'"exp": 1e400'),
        b"\xef\xbb\xbf" + json.dumps(CLAIMS).encode(),
        json.dumps(CLAIMS).encode("utf-16"),
        b"[" * 20_000 + b"]" * 20_000,
    ],
)
def test_a_payload_that_is_no_plain_object(content: bytes) -> None:
    """With a signature that holds: nothing else than one JSON object, each member once."""
    assert not accepts(raw(b'{"alg":"RS256","kid":"rsa"}', content))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[]",
        b"null",
        b'{"kid":"rsa"}',
        b'{"alg":null,"kid":"rsa"}',
        b'{"alg":["RS256"],"kid":"rsa"}',
        b'{"alg":"RS256","alg":"RS256","kid":"rsa"}',
        b'{"alg":"none","alg":"RS256","kid":"rsa"}',
        b'{"alg":"RS256","kid":"rsa","kid":"rsa"}',
        b'{"alg":"RS256","kid":"rsa"}x',
    ],
)
def test_a_header_that_is_no_plain_object(head: bytes) -> None:
    """The same for what comes first."""
    assert accepts(raw(b'{"alg":"RS256","kid":"rsa"}', json.dumps(CLAIMS).encode()))
    assert not accepts(raw(head, json.dumps(CLAIMS).encode()))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"payload": "x", "signatures": []}),
        json.dumps({"payload": segment(json.dumps(CLAIMS).encode()), "protected": "x", "signature": "x"}),
        f"Bearer {signed()}",
        f" {signed()}",
        f"{signed()}\n",
        f"{signed()}.",
        f"{signed()}.{segment(b'x')}.{segment(b'x')}",
        signed().replace(".", ".."),
        signed() + "=",
        signed().replace(".", "=.", 1),
        "..",
        ".",
        "",
    ],
)
def test_another_serialization(text: str) -> None:
    """P84: compact, three segments, no padding, no white space."""
    assert not accepts(text)


# Headers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jku", "http://127.0.0.1:9/jwks"),
        ("x5u", "http://127.0.0.1:9/x"),
        ("jwk", RSA.as_dict(private=False)),
        ("x5c", ["AAAA"]),
        ("crit", ["exp"]),
        ("crit", []),
        ("crit", ["b64"]),
        ("b64", False),
        ("b64", True),
        ("zip", "DEF"),
        ("enc", "A128GCM"),
        ("p2c", 10_000_000),
        ("epk", {}),
    ],
)
def test_a_header_that_leads_elsewhere(name: str, value: Any) -> None:
    """P41, P83: refused, with a signature by the right key."""
    assert not accepts(signed(**{name: value}))


@pytest.mark.parametrize(
    "kid",
    [
        "",
        "../../dev/null",
        "' OR 1=1 --",
        "http://127.0.0.1:9/",
        "x" * 257,
        "RSA",
        "rsa\x00",
        "ｒｓａ",
        1,
        [],
        {},
    ],
)
def test_a_name_of_a_key_that_is_none(kid: Any) -> None:
    """P82: a name finds a key of the set, by being equal, or nothing."""
    assert not accepts(signed(kid=kid))


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "secevent+jwt", "JOSE", "", "application/jwt", 1])
def test_a_token_of_another_type(typ: Any) -> None:
    """RFC 8725, 3.11; without a type, or with this one, it is an ID token."""
    assert not accepts(signed(typ=typ))
    assert accepts(signed(typ="JWT"))
    assert accepts(signed(typ="jwt"))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", " none", "HS256", "rs256", "RS1"])
@pytest.mark.parametrize("signature", ["", "AAAA", segment(b"\0" * 256)])
def test_no_algorithm(algorithm: str, signature: str) -> None:
    """P80."""
    head = json.dumps({"alg": algorithm, "kid": "rsa"}).encode()
    what = f"{segment(head)}.{segment(json.dumps(CLAIMS).encode())}"
    assert not accepts(f"{what}.{signature}")


FORMS: dict[str, Callable[[], bytes]] = {
    "PEM": lambda: RSA.as_pem(private=False),
    "PEM without its last line end": lambda: RSA.as_pem(private=False).rstrip(),
    "PEM with CRLF": lambda: RSA.as_pem(private=False).replace(b"\n", b"\r\n"),
    "DER": lambda: RSA.as_der(private=False),
    "JWK": lambda: json.dumps(RSA.as_dict(private=False)).encode(),
    "JWK without spaces": lambda: json.dumps(RSA.as_dict(private=False), separators=(",", ":")).encode(),
    "modulus as text": lambda: str(RSA.as_dict(private=False)["n"]).encode(),
    "modulus": lambda: base64.urlsafe_b64decode(str(RSA.as_dict(private=False)["n"]) + "=="),
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("keys", [ALL, ONLY_RSA], ids=["all", "rsa"])
def test_the_public_key_is_no_secret(form: Callable[[], bytes], algorithm: str, keys: KeySet) -> None:
    """P80: signed with what everybody knows, in every form that a library might take it in."""
    head = segment(json.dumps({"alg": algorithm, "kid": "rsa"}).encode())
    what = f"{head}.{segment(json.dumps(CLAIMS).encode())}"
    mac = hmac.digest(form(), what.encode(), getattr(hashlib, f"sha{algorithm[2:]}"))
    assert not accepts(f"{what}.{segment(mac)}", keys)


def test_the_providers_own_list_narrows_ours() -> None:
    """An algorithm that it does not sign with is none."""
    expected = Expected(issuer="https://id.example", client_id="app", nonce="n" * 43, algorithms={"ES256"})
    assert not accepts(signed(), expected=expected)
    assert accepts(signed(key=P256, alg="ES256"), expected=expected)


def test_what_needs_no_key_is_refused_before_one_is_looked_for() -> None:
    """P87: a key that is not known is asked for at the provider, so no token may lead there that no key could
    make good: with an algorithm of secrets, even where the provider names it, or spelt another way."""
    no_keys = KeySet()
    with pytest.raises(KeyUnknown):
        verified(signed(), no_keys, EXPECTED, now=NOW)
    token = signed()
    head = segment(b'{"alg":"HS256","kid":"rsa"}')
    lax = Expected(issuer="https://id.example", client_id="app", algorithms={"HS256"})
    with pytest.raises(SignInRefused, match="an algorithm that is not allowed"):
        verified(f"{head}.{token.partition('.')[2]}", no_keys, lax, now=NOW)
    # Of 256 bytes the last character has four bits that mean nothing.
    signature = token.rpartition(".")[2]
    assert len(signature) % 4 == 2
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    other = alphabet[alphabet.index(signature[-1]) + 1]
    with pytest.raises(SignInRefused, match="spelt another way"):
        verified(f"{token[:-1]}{other}", no_keys, EXPECTED, now=NOW)


def test_a_signature_in_der_is_none() -> None:
    """Of an elliptic curve it is two numbers of fixed length (RFC 7518, 3.4)."""
    head, payload, signature = signed(key=P256, alg="ES256").split(".")
    numbers = base64.urlsafe_b64decode(signature + "==")
    parts = [number.lstrip(b"\0") for number in (numbers[:32], numbers[32:])]
    parts = [b"\0" + part if part[0] & 0x80 else part for part in parts]
    der = b"".join(b"\x02" + bytes([len(part)]) + part for part in parts)
    assert not accepts(f"{head}.{payload}.{segment(b'0' + bytes([len(der)]) + der)}")
    for other in (bytes(64), numbers + bytes(1), numbers[:-1], b""):
        assert not accepts(f"{head}.{payload}.{segment(other)}")


def test_a_token_that_is_too_long_is_not_looked_into() -> None:
    """P83: refused by its length, before anything is decoded."""
    limit = TOKEN_LIMIT
    assert accepts(signed({**CLAIMS, "x": "y" * (limit // 2)}))
    assert not accepts(signed({**CLAIMS, "x": "y" * limit}))
    assert not accepts("a" * 50_000_000)


# Keys


def one(**more: Any) -> KeySet:
    """A set of the RSA key, with more members or others; None takes one away."""
    entry = {
        name: value for name, value in {**RSA.as_dict(private=False), **more}.items() if value is not None
    }
    return KeySet.read({"keys": [entry]})


@pytest.mark.parametrize(
    "more",
    [
        {"use": "enc"},
        {"use": ""},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"alg": "RS512"},
        {"alg": "HS256"},
        {"alg": 7},
        {"kid": 7},
        {"kid": "other"},
        {"kid": None},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "rsa"},
        {"kty": None},
        {"n": "AAAA"},
        {"n": None},
        {"n": 7},
        {"e": None},
        {"d": "AQAB"},
        {"k": "AAAA"},
    ],
)
def test_a_key_that_does_not_fit(more: dict[str, Any]) -> None:
    """P81: what a key is for counts; one that cannot be right is none."""
    assert not accepts(signed(), one(**more))


@pytest.mark.parametrize(
    "more",
    [{}, {"use": "sig"}, {"key_ops": ["verify"]}, {"alg": "RS256"}, {"x5c": ["junk"]}, {"x5u": "http://x"}],
)
def test_a_key_that_fits(more: dict[str, Any]) -> None:
    """The positive control; certificates beside it are not looked at."""
    assert accepts(signed(), one(**more))


def test_names_of_keys() -> None:
    """A token without one has a key only where there is no choice; a name twice names nothing."""
    other = RSAKey.generate_key(2048, {"kid": "two"}).as_dict(private=False)
    own = RSA.as_dict(private=False)
    assert accepts(signed(kid=None), KeySet.read({"keys": [own]}))
    assert accepts(signed(kid=None), ALL)
    assert not accepts(signed(kid=None), KeySet.read({"keys": [own, other]}))
    assert accepts(signed(), KeySet.read({"keys": [own, other]}))
    assert not accepts(signed(), KeySet.read({"keys": [own, {**other, "kid": "rsa"}]}))
    assert not accepts(signed(), KeySet.read({"keys": [own, own]}))


@pytest.mark.parametrize("document", [None, [], {}, {"keys": None}, {"keys": {}}, {"keys": [None, 7, {}]}])
def test_a_set_that_is_none(document: Any) -> None:
    """It has no keys; nothing is raised."""
    assert KeySet.read(document).keys == ()


@given(st.dictionaries(st.sampled_from(_MEMBERS), _JSON))
def test_any_key(entry: dict[str, Any]) -> None:
    """Nothing is raised."""
    KeySet.read({"keys": [entry, {**entry, "kty": "RSA"}, {**entry, "kty": "EC", "crv": "P-256"}]})


def test_many_keys_are_not_all_looked_at() -> None:
    """P83: the first hundred."""
    own = RSA.as_dict(private=False)
    junk = [{**own, "kid": f"k{number}"} for number in range(100)]
    assert not accepts(signed(), KeySet.read({"keys": [*junk, own]}))


def test_short_and_enormous_keys() -> None:
    """2048 bits at least, 8192 at most; neither is computed with."""
    for size in (64, 128, 255, 1025, 4096):
        number = base64.urlsafe_b64encode(b"\xff" * size).rstrip(b"=").decode()
        assert KeySet.read({"keys": [{"kty": "RSA", "n": number, "e": "AQAB"}]}).keys == ()


# Positive controls


def test_control_a_signature_that_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the check of signatures, mutants of the payload are believed."""

    class Unchecked:
        def __init__(self, payload: bytes) -> None:
            self.payload = payload

    def trusting(token: str, key: object, *, registry: object) -> Unchecked:
        return Unchecked(base64.urlsafe_b64decode(token.split(".")[1] + "=="))

    token = signed()
    forged = f"{token.split('.')[0]}.{segment(json.dumps({**CLAIMS, 'sub': 'mallory'}).encode())}.AAAA"
    assert not accepts(forged)
    monkeypatch.setattr(jws, "deserialize_compact", trusting)
    assert accepts(forged)


def test_control_a_nonce_that_is_not_checked() -> None:
    """Where none is expected, another one goes through: it is this check alone that refuses it."""
    token = signed({**CLAIMS, "nonce": "another"})
    assert not accepts(token)
    assert accepts(
        token, expected=Expected(issuer="https://id.example", client_id="app", access=Secret(ACCESS))
    )


def test_control_leeway(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten minutes of leeway would be seen by the test above."""
    token = signed({**CLAIMS, "exp": AT - 61, "iat": AT - 300})
    assert not accepts(token)
    monkeypatch.setattr(signed_tokens, "LEEWAY", timedelta(minutes=10))
    assert accepts(token)
