"""What attackers do between browsers, Portico and providers, also with the check against it taken away."""

import asyncio
import base64
import hashlib
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request

from portico.auth.signed import KeyUnknown
from portico.clock import Clock
from portico.errors import SignInRefused
from portico.model.app import App
from portico.model.provider import Provider
from portico.runtime import fetched
from portico.runtime.http import Client
from portico.runtime.provider import Providers
from portico.runtime.token_endpoint import Issued
from portico.sandbox.pool import Pool
from portico.values import Secret, SitePath
from portico.web import signins
from portico.web.signins import SignIns
from portico.web.site import Site
from tests.web.oidc_walk import (
    APP,
    CALLBACK,
    HOME,
    begin,
    come_back,
    is_signed_in,
    press,
    refused,
    sign_in,
    with_provider,
)
from tests.web.served import Served, served
from tests.web.small_provider import CLIENT, SECRET, SmallProvider
from tests.web.test_oidc_endings import app_of

COOKIE = "portico-8000.provider"


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    """An honest provider."""
    with SmallProvider() as running:
        yield running


@pytest.fixture
def evil() -> Iterator[SmallProvider]:
    """Another one."""
    with SmallProvider() as running:
        yield running


def made(browser: SignIns, app: App, count: int) -> list[tuple[str, str, str, str]]:
    """State, nonce, verifier and challenge of this many sign-ins; no cookie has any of them."""
    found = []
    request = Request({"type": "http", "headers": []})
    for _ in range(count):
        begun, cookies = browser.begin(request, app, SitePath(HOME))
        attempt = begun.attempt
        parts = (attempt.state, attempt.nonce, attempt.verifier.reveal(), attempt.challenge)
        assert not [part for part in parts for cookie in cookies if part in str(cookie)]
        found.append(parts)
    return found


def test_ten_thousand_sign_ins(provider: SmallProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """P89: nothing comes twice, and each challenge is the SHA-256 of its verifier; a seed that is none would
    be seen."""
    browser = SignIns(Site.on_loopback(8000), Secret("k" * 43), Clock())
    app = app_of(provider)
    found = made(browser, app, 10_000)
    assert len({part for parts in found for part in parts}) == 40_000
    for _, _, verifier, challenge in found:
        digest = hashlib.sha256(verifier.encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
    monkeypatch.setattr(signins, "new_id", lambda size: "s" * size)
    assert len(set(made(browser, app, 10))) == 1


@pytest.mark.parametrize("checked", [True, False])
async def test_a_challenge_that_was_taken_out(provider: SmallProvider, checked: bool) -> None:
    """P89: a provider that asks for the verifier's challenge has none to compare; the control is one that
    does not ask."""
    provider.checks_pkce = checked
    async with with_provider(provider) as portico, portico.browser() as browser:
        there = httpx.URL(await begin(browser))
        for name in ("code_challenge", "code_challenge_method"):
            there = there.copy_remove_param(name)
        answer = await come_back(browser, provider.authorize(str(there)))
        if checked:
            await refused(browser, answer)
        assert await is_signed_in(browser) is not checked


@pytest.mark.parametrize("checked", [True, False])
async def test_a_code_that_was_meant_for_another_provider(
    provider: SmallProvider,
    evil: SmallProvider,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    checked: bool,
) -> None:
    """Mix-up (P91; RFC 9700, 4.4): an evil provider sends the browser on to an honest one. The answer comes
    back to the honest one's app, which did not begin it; and where it comes to the evil one's, the code is
    not taken there, as it would be if nobody looked who answers."""
    if not checked:

        async def whoever(self: Providers, app: App, issuer: str | None) -> None:
            """No look."""

        monkeypatch.setattr(Providers, "came_from", whoever)
    other = tmp_path / "other"
    shutil.copytree(APP, other)
    (other / "app.yaml").write_text((other / "app.yaml").read_text().replace("${ISSUER}", "${EVIL}"))
    settings = {"ISSUER": provider.url, "EVIL": evil.url, "API_URL": provider.url}
    async with (
        served(APP, other, settings=settings, secrets={"OIDC_SECRET": SECRET}) as portico,
        portico.browser() as browser,
    ):
        begun = httpx.URL((await browser.get("/other/_auth/start")).headers["location"])
        assert begun.host == httpx.URL(evil.url).host
        honest = f"{portico.url}{CALLBACK}"
        sent_on = f"{provider.url}/authorize?{begun.copy_set_param('redirect_uri', honest).query.decode()}"
        await refused(browser, await come_back(browser, provider.authorize(sent_on)))
        stolen = httpx.URL(provider.authorize(sent_on))
        answer = await come_back(browser, f"{portico.url}/other/_auth/callback?{stolen.query.decode()}")
        assert answer.headers["location"] == "/other/_auth/failed"
    assert provider.calls["/token"] == 0
    assert [form["code"] for form in evil.forms] == ([] if checked else [stolen.params["code"]])


@pytest.mark.parametrize("checked", [True, False])
async def test_the_same_subject_of_another_provider(
    provider: SmallProvider, evil: SmallProvider, monkeypatch: pytest.MonkeyPatch, checked: bool
) -> None:
    """P92: who somebody is, issuer and subject say together. When an app moves to another provider, a user of
    the same name gets nothing of the session before; if the subject were all, its store would go over."""
    if not checked:
        monkeypatch.setattr(Providers, "knows", lambda self, app, session: True)
    async with with_provider(provider) as before, before.browser() as browser:
        await sign_in(browser, provider)
        await press(browser, HOME, "Note")
        assert "note of before" in (await browser.get(HOME)).text
        old = browser.cookies[COOKIE]
        async with with_provider(evil, after=before) as portico, portico.browser() as moved:
            moved.cookies.update(browser.cookies)
            await sign_in(moved, evil)
            page = (await moved.get(HOME)).text
            assert "user ada" in page
            assert ("note of before" in page) is not checked
            moved.cookies.clear()
            moved.cookies.set(COOKIE, old)
            assert not await is_signed_in(moved)
    assert evil.revoked == []


@pytest.mark.parametrize("uid", ["", 'uid: "{{ userinfo.email }}"'])
async def test_an_address_is_nobody(provider: SmallProvider, tmp_path: Path, uid: str) -> None:
    """P92: whoever claims ada's address is not ada; but in an app that says so, which `check` warns of."""
    shutil.copytree(APP, tmp_path / "provider")
    manifest = tmp_path / "provider" / "app.yaml"
    manifest.write_text(f"{manifest.read_text()}  {uid}\n")
    provider.user, provider.info = "mallory", lambda found: {**found, "email": "ada@example.com"}
    settings = {"ISSUER": provider.url, "API_URL": provider.url}
    async with (
        served(tmp_path / "provider", settings=settings, secrets={"OIDC_SECRET": SECRET}) as portico,
        portico.browser() as browser,
    ):
        await sign_in(browser, provider)
        assert f"user {'ada@example.com' if uid else 'mallory'} " in (await browser.get(HOME)).text


def issued(token: Secret) -> Issued:
    """What the token endpoint answers with an ID token."""
    return Issued(access=Secret("x"), refresh=None, id_token=token, expires_at=None)


@pytest.mark.parametrize("paused", [True, False])
async def test_a_thousand_tokens_of_made_up_keys(
    provider: SmallProvider, monkeypatch: pytest.MonkeyPatch, paused: bool
) -> None:
    """P87: ten a second for a hundred seconds, and one fetch in thirty; without the pause, one a second."""
    if not paused:
        monkeypatch.setattr(fetched, "PAUSE", timedelta(0))
    clock, at = Clock(), Provider(issuer=provider.url, client_id=CLIENT, allow_private=True)
    async with Pool() as pool, Client(clock=clock) as client:
        providers = Providers(pool=pool, client=client, clock=clock)

        async def brought(number: int) -> None:
            provider.header = lambda found: {**found, "kid": f"made up {number}"}
            token = Secret(provider.tokens("ada", {})["id_token"])
            with pytest.raises((SignInRefused, KeyUnknown)):
                await providers._verified(at, issued(token), None)

        for second in range(100):
            await asyncio.gather(*(brought(10 * second + one) for one in range(10)))
            clock.advance(timedelta(seconds=1))
    assert (provider.calls["/jwks"] <= 1 + 100 // 30) is paused


async def test_a_clock_that_steps_back(provider: SmallProvider) -> None:
    """P86: an hour back, and forth again: no token is renewed for that, and one when its time has come."""

    async def asked(portico: Served, browser: httpx.AsyncClient) -> int:
        for _ in range(5):
            await press(browser, HOME, "Ask")
        return [form["grant_type"] for form in provider.forms].count("refresh_token")

    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        portico.clock.advance(timedelta(hours=-1))
        assert await asked(portico, browser) == 0
        portico.clock.advance(timedelta(hours=1))
        assert await asked(portico, browser) == 0
        portico.clock.advance(timedelta(seconds=280))
        assert await asked(portico, browser) == 1
        assert await is_signed_in(browser)
