"""A provider that says one thing wrong signs nobody in (P93); what it fails at, it fails at before that."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.web.oidc_walk import HOME, START, refused, sign_in, with_provider
from tests.web.small_provider import CLIENT, SmallProvider, half_hash

Lie = Callable[[SmallProvider], None]
OTHER = RSAKey.generate_key(2048, {"kid": "other"})


def claim(name: str, value: Any) -> Lie:
    """A claim is something else."""

    def lie(provider: SmallProvider) -> None:
        provider.claims = lambda claims: {**claims, name: value}

    return lie


def without(name: str) -> Lie:
    """A claim is not there."""

    def lie(provider: SmallProvider) -> None:
        provider.claims = lambda claims: {key: value for key, value in claims.items() if key != name}

    return lie


def header(**more: Any) -> Lie:
    """The header says more, or something else; None takes it away."""

    def lie(provider: SmallProvider) -> None:
        def changed(found: dict[str, Any]) -> dict[str, Any]:
            return {name: value for name, value in {**found, **more}.items() if value is not None}

        provider.header = changed

    return lie


def token(change: Callable[[str], str]) -> Lie:
    """The ID token is changed after it was signed."""

    def lie(provider: SmallProvider) -> None:
        provider.token = change

    return lie


def answer(**more: Any) -> Lie:
    """The token endpoint says more, or something else; None takes it away."""

    def lie(provider: SmallProvider) -> None:
        def changed(found: dict[str, Any]) -> dict[str, Any]:
            return {name: value for name, value in {**found, **more}.items() if value is not None}

        provider.answer = changed

    return lie


def signed_by_another_key(provider: SmallProvider) -> None:
    """It names the right key."""
    own = provider.key.as_dict(private=False)
    provider.key_set = lambda _: {"keys": [own]}
    provider.key = RSAKey.import_key(OTHER.as_dict(private=True), {"kid": "one"})


def signed_with_the_public_key(form: Callable[[dict[str, Any], RSAKey], str]) -> Lie:
    """HS256, and the public key for a secret."""

    def lie(provider: SmallProvider) -> None:
        key = provider.key
        assert isinstance(key, RSAKey)
        secret = form(key.as_dict(private=False), key).encode()

        def changed(found: str) -> str:
            head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').rstrip(b"=").decode()
            signed = f"{head}.{found.split('.')[1]}"
            mac = hmac.digest(secret, signed.encode(), hashlib.sha256)
            return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

        provider.token = changed

    return lie


def without_signature(algorithm: str) -> Lie:
    """`none`, in some spelling."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).rstrip(b"=").decode()
    return token(lambda found: f"{head}.{found.split('.')[1]}.")


def of_the_wrong_curve(provider: SmallProvider) -> None:
    """The algorithm is one of the list, the key of another kind than it needs."""
    provider.key = ECKey.generate_key("P-384", {"kid": "one"})
    provider.algorithm = "ES384"
    provider.document = lambda found: {**found, "id_token_signing_alg_values_supported": ["RS256", "ES256"]}


def told_about(change: Callable[[dict[str, Any]], Any]) -> Lie:
    """Userinfo is something else."""

    def lie(provider: SmallProvider) -> None:
        provider.info = change

    return lie


def keys(change: Callable[[dict[str, Any]], Any]) -> Lie:
    """The set of keys is something else."""

    def lie(provider: SmallProvider) -> None:
        provider.key_set = change

    return lie


def _each(**more: Any) -> Lie:
    return keys(lambda found: {"keys": [{**found["keys"][0], **more}]})


LIES: dict[str, Lie] = {
    "another issuer": claim("iss", "https://evil.example"),
    "an issuer with a slash": lambda provider: claim("iss", f"{provider.url}/")(provider),
    "no issuer": without("iss"),
    "another audience": claim("aud", "another"),
    "no audience": without("aud"),
    "an empty audience": claim("aud", []),
    "an audience that is a part": claim("aud", f"{CLIENT}x"),
    "audiences without an authorized party": claim("aud", [CLIENT, "another"]),
    "another authorized party": claim("azp", "another"),
    "an authorized party of nothing": claim("azp", None),
    "no subject": without("sub"),
    "an empty subject": claim("sub", ""),
    "a subject that is a number": claim("sub", 7),
    "expired": claim("exp", int(time.time()) - 3600),
    "no expiry": without("exp"),
    "an expiry that is text": claim("exp", "9999999999"),
    "issued in the future": claim("iat", int(time.time()) + 3600),
    "no time of issue": without("iat"),
    "not valid yet": claim("nbf", int(time.time()) + 3600),
    "another nonce": claim("nonce", "x" * 43),
    "no nonce": without("nonce"),
    "the hash of another access token": claim("at_hash", half_hash("another")),
    "a hash that is none": claim("at_hash", 1),
    "signed by another key": signed_by_another_key,
    "signed with the key's JSON": signed_with_the_public_key(lambda jwk, _: json.dumps(jwk)),
    "signed with the key's modulus": signed_with_the_public_key(lambda jwk, _: jwk["n"]),
    "signed with the key's PEM": signed_with_the_public_key(
        lambda _, key: key.as_pem(private=False).decode()
    ),
    "none": without_signature("none"),
    "None": without_signature("None"),
    "nOnE": without_signature("nOnE"),
    "no algorithm": without_signature(""),
    "a signature cut off": token(lambda found: found.rsplit(".", 1)[0] + "."),
    "two segments": token(lambda found: found.rsplit(".", 1)[0]),
    "four segments": token(lambda found: f"{found}.x"),
    "padding": token(lambda found: f"{found}="),
    "a line end": token(lambda found: f"{found}\n"),
    "another type": header(typ="at+jwt"),
    "a log-out token": header(typ="logout+jwt"),
    "an extension that must be understood": header(crit=["exp"]),
    "a key that is not there": header(kid="../../dev/null"),
    "a name of a key that is SQL": header(kid="' OR 1=1 --"),
    "a name of a key that is long": header(kid="k" * 2000),
    "an algorithm that the provider does not name": header(alg="RS512"),
    "a curve that the provider does not name": of_the_wrong_curve,
    "no ID token": answer(id_token=None),
    "an ID token that is none": answer(id_token="nonsense"),
    "an ID token that is an object": answer(id_token={"sub": "ada"}),
    "no access token": answer(access_token=None),
    "an access token with a line end": answer(access_token="x\r\nX-Evil: 1"),
    "another type of token": answer(token_type="DPoP"),
    "no type of token": answer(token_type=None),
    "a user of another subject": told_about(lambda found: {**found, "sub": "mallory"}),
    "a user without a subject": told_about(lambda found: {"email": found["email"]}),
    "a user who is a list": told_about(lambda found: [found]),
    "no keys": keys(lambda _: {"keys": []}),
    "keys that are none": keys(lambda _: {"keys": "x"}),
    "a set that is a list": keys(lambda found: found["keys"]),
    "a key for encryption": _each(use="enc"),
    "a key for something else": _each(key_ops=["sign"]),
    "a key of another algorithm": _each(alg="PS256"),
    "a key twice": keys(lambda found: {"keys": found["keys"] * 2}),
    "a key that is private": _each(d="AQAB"),
    "a key that is symmetric": keys(lambda _: {"keys": [{"kty": "oct", "k": "AAAA", "kid": "one"}]}),
    "a key that is short": keys(
        lambda _: {"keys": [{"kty": "RSA", "e": "AQAB", "n": "sXch" * 10, "kid": "one"}]}
    ),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_a_lie_signs_nobody_in(lie: Lie) -> None:
    """One clean page, no session; the provider without the lie is the positive control."""
    with SmallProvider() as provider:
        lie(provider)
        async with with_provider(provider) as portico, portico.browser() as browser:
            await refused(browser, await sign_in(browser, provider))


DOCUMENTS: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://evil.example"},
    "no issuer": {"issuer": None},
    "no PKCE": {"code_challenge_methods_supported": ["plain"]},
    "no code": {"response_types_supported": ["id_token"]},
    "no token endpoint": {"token_endpoint": None},
    "no authorization endpoint": {"authorization_endpoint": None},
    "an endpoint that is a script": {"authorization_endpoint": "javascript:alert(1)"},
    "an endpoint with a fragment": {"authorization_endpoint": "http://127.0.0.1/#x"},
    "an endpoint with a user": {"token_endpoint": "http://a:b@127.0.0.1/token"},
    "an endpoint of a file": {"jwks_uri": "file:///etc/passwd"},
    "no keys": {"jwks_uri": None},
    "only secrets for keys": {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    "no way to send a secret": {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
}


@pytest.mark.parametrize("more", DOCUMENTS.values(), ids=DOCUMENTS.keys())
async def test_a_document_that_must_not_be_used(more: dict[str, Any]) -> None:
    """Nobody is led to a provider that describes itself like that."""
    with SmallProvider() as provider:
        provider.document = lambda found: {
            name: value for name, value in {**found, **more}.items() if value is not None
        }
        async with with_provider(provider) as portico, portico.browser() as browser:
            answer = await browser.get(START)
            assert answer.status_code in (403, 502)
            assert "location" not in answer.headers
            assert not browser.cookies


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
async def test_keys_that_a_token_brings_are_not_used(name: str) -> None:
    """P41: the token is refused, and nothing is fetched from where it points."""
    with SmallProvider() as provider, SmallProvider() as evil:
        own = provider.key.as_dict(private=False)
        evil.key = RSAKey.import_key(OTHER.as_dict(private=True), {"kid": "evil"})
        values = {"jku": f"{evil.url}/jwks", "x5u": f"{evil.url}/jwks", "jwk": OTHER.as_dict(private=False)}
        provider.key_set = lambda _: {"keys": [own]}
        provider.key = RSAKey.import_key(OTHER.as_dict(private=True), {"kid": "evil"})
        provider.header = lambda found: {**found, name: values.get(name, ["AAAA"])}
        async with with_provider(provider) as portico, portico.browser() as browser:
            await refused(browser, await sign_in(browser, provider))
        assert not evil.calls


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSAKey.generate_key(2048, {"kid": "one"}), "RS256"),
        (RSAKey.generate_key(2048, {"kid": "one"}), "PS256"),
        (ECKey.generate_key("P-256", {"kid": "one"}), "ES256"),
    ],
)
async def test_what_holds_signs_in(key: RSAKey | ECKey, algorithm: str) -> None:
    """The positive control: the same provider, telling the truth, by every kind of key."""
    with SmallProvider(key=key, algorithm=algorithm) as provider:
        async with with_provider(provider) as portico, portico.browser() as browser:
            assert (await sign_in(browser, provider)).headers["location"] == HOME


TRUTHS: dict[str, Lie] = {
    "a list of one audience": claim("aud", [CLIENT]),
    "an authorized party": claim("azp", CLIENT),
    "audiences with an authorized party": lambda provider: setattr(
        provider, "claims", lambda claims: {**claims, "aud": [CLIENT, "another"], "azp": CLIENT}
    ),
    "no hash": without("at_hash"),
    "no type": header(typ=None),
    "no name of a key": header(kid=None),
    "a fraction of a second": claim("exp", time.time() + 3600.5),
    "a small b": answer(token_type="bearer"),
    "no refresh token": answer(refresh_token=None),
    "a lifetime that is text": answer(expires_in="300"),
}


@pytest.mark.parametrize("change", TRUTHS.values(), ids=TRUTHS.keys())
async def test_what_may_differ(change: Lie) -> None:
    """Providers that write it another way are in the right as well."""
    with SmallProvider() as provider:
        change(provider)
        async with with_provider(provider) as portico, portico.browser() as browser:
            assert (await sign_in(browser, provider)).headers["location"] == HOME
