"""Positive controls: what the tests of signing in with a provider say when a check is taken out."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx
import pytest
from joserfc import jws
from starlette.requests import Request

from portico.auth import idtoken, signed
from portico.auth.jwks import KeySet
from portico.auth.manager import SessionManager
from portico.model.app import App
from portico.model.provider import Provider
from portico.runtime.discovery import json_object
from portico.runtime.provider import Providers
from portico.runtime.token_endpoint import Issued
from portico.web import provider as pages
from portico.web.signins import Begun, SignIns
from tests.web.oidc_walk import HOME, START, begin, come_back, is_signed_in, refused, sign_in, with_provider
from tests.web.small_provider import SmallProvider
from tests.web.test_oidc_sign_in import NOT_BEGUN


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    """An honest provider, until a test makes it lie."""
    with SmallProvider() as running:
        yield running


def segment(part: str) -> bytes:
    """What a part of a token stands for."""
    return base64.urlsafe_b64decode(part + "==")


async def injected(victim: httpx.AsyncClient, attacker: httpx.AsyncClient, provider: SmallProvider) -> str:
    """Code injection (RFC 9700, 4.5): the victim's own answer with a code that was the attacker's."""
    provider.user = "mallory"
    stolen = httpx.URL(provider.authorize(await begin(attacker))).params["code"]
    provider.user = "ada"
    own = httpx.URL(provider.authorize(await begin(victim)))
    answer = await come_back(victim, str(own.copy_set_param("code", stolen)))
    return answer.headers["location"]


@pytest.mark.parametrize("nonce", [True, False], ids=["nonce", "no nonce"])
@pytest.mark.parametrize("pkce", [True, False], ids=["pkce", "no pkce"])
async def test_nonce_and_pkce(
    provider: SmallProvider, monkeypatch: pytest.MonkeyPatch, nonce: bool, pkce: bool
) -> None:
    """Each alone keeps an injected code out; without both it signs the attacker in."""
    provider.checks_pkce = pkce
    if not nonce:
        bound = idtoken._bound

        def without(claims: Mapping[str, Any], expected: idtoken.Expected, algorithm: str) -> None:
            bound({**claims, "nonce": expected.nonce}, expected, algorithm)

        monkeypatch.setattr(idtoken, "_bound", without)
    async with with_provider(provider) as portico, portico.browser() as victim, portico.browser() as other:
        place = await injected(victim, other, provider)
        assert (place == HOME) is not (nonce or pkce)
        assert ("user mallory" in (await victim.get(HOME)).text) is not (nonce or pkce)


async def test_state(provider: SmallProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an answer that was meant for another browser goes on to the provider."""

    def any_of_them(self: SignIns, request: Request, app: App, state: str) -> Begun | None:
        found = (self._read(app, name, value) for name, value in self._held(request, app))
        return next(found, None)

    async with with_provider(provider) as portico, portico.browser() as victim, portico.browser() as other:
        planted = provider.authorize(await begin(other))
        await begin(victim)
        assert await refused(victim, await come_back(victim, planted)) == NOT_BEGUN
        assert provider.calls["/token"] == 0
        monkeypatch.setattr(SignIns, "find", any_of_them)
        assert await refused(victim, await come_back(victim, planted)) != NOT_BEGUN
        assert provider.calls["/token"] == 1


async def test_one_time_states(provider: SmallProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them a state is good for a second code."""

    async def always(self: SessionManager, app: str, token: str, *, until: datetime) -> bool:
        return True

    monkeypatch.setattr(SessionManager, "spend", always)
    async with with_provider(provider) as portico, portico.browser() as browser:
        there = await begin(browser)
        before = dict(browser.cookies)
        await come_back(browser, provider.authorize(there))
        browser.cookies.clear()
        browser.cookies.update(before)
        assert (await come_back(browser, provider.authorize(there))).headers["location"] == HOME


async def test_signatures(provider: SmallProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them an ID token says whatever it likes."""

    def forged(token: str) -> str:
        return token.rsplit(".", 1)[0] + "." + "A" * 342

    class Unchecked:
        def __init__(self, payload: bytes) -> None:
            self.payload = payload

    provider.token = forged
    async with with_provider(provider) as portico, portico.browser() as browser:
        await refused(browser, await sign_in(browser, provider))
        monkeypatch.setattr(
            jws,
            "deserialize_compact",
            lambda token, key, registry: Unchecked(segment(token.split(".")[1])),
        )
        await sign_in(browser, provider)
        assert await is_signed_in(browser)


async def test_what_starts_a_sign_in(provider: SmallProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rule another site's link leads to the provider at once."""
    async with with_provider(provider) as portico, portico.browser() as browser:
        said = {"Sec-Fetch-Site": "cross-site"}
        assert (await browser.get(START, headers=said)).status_code == 200
        monkeypatch.setattr(pages, "may_write_on_get", lambda headers: True)
        assert (await browser.get(START, headers=said)).status_code == 303


async def test_keys_of_the_providers_own_set(
    provider: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P41: who goes where a token points signs in whomever its maker likes, and is seen there."""
    own = provider.key.as_dict(private=False)

    async def trusting(self: Providers, at: Provider, issued: Issued, nonce: str | None) -> dict[str, Any]:
        assert issued.id_token is not None
        text = issued.id_token.reveal()
        address = json.loads(segment(text.split(".")[0]))["jku"]
        keys = KeySet.read(json_object(await self._discovery.call(at, address)))
        expected = idtoken.Expected(issuer=at.issuer, client_id=at.client_id)
        return idtoken.verified(text, keys, expected, now=self._clock.now())

    with SmallProvider() as evil:
        provider.key_set, provider.key = lambda _: {"keys": [own]}, evil.key
        provider.header = lambda found: {**found, "jku": f"{evil.url}/jwks"}
        async with with_provider(provider) as portico, portico.browser() as browser:
            await refused(browser, await sign_in(browser, provider))
            assert not evil.calls
            monkeypatch.setattr(signed, "_FOREIGN", frozenset())
            monkeypatch.setattr(Providers, "_verified", trusting)
            assert (await sign_in(browser, provider)).headers["location"] == HOME
            assert evil.calls == {"/jwks": 1}


async def test_words_of_our_own(provider: SmallProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """P96: where the provider's were shown, anybody's could be."""

    class Theirs(dict[str, str]):
        def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
            return key

    provider.back = lambda back: {"error": "Call 555-0100", "state": back["state"], "iss": back["iss"]}
    async with with_provider(provider) as portico, portico.browser() as browser:
        assert await refused(browser, await sign_in(browser, provider)) == pages.FAILED
        monkeypatch.setattr(pages, "WORDS", Theirs())
        assert await refused(browser, await sign_in(browser, provider)) == "Call 555-0100"
