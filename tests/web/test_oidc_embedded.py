"""Portico and the OpenID provider of the embedded auth server, with a client that has a secret."""

import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from urllib.parse import urljoin

import httpx
import pytest

from portico.authserver.app import create_app
from portico.authserver.faults import Fault, Faults
from portico.authserver.serve import create_server
from portico.authserver.settings import HashCost, NewAccount, OidcClient, OidcSettings, Settings
from portico.clock import Clock
from portico.values import Secret
from tests.journeys.portal import in_a_thread
from tests.web.oidc_walk import APP, HOME, begin, come_back, is_signed_in, press, refused
from tests.web.served import Served, served
from tests.web.small_provider import CLIENT, SECRET

ENDS = ("callback", "signed-out")


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """The auth server at `url`, and what can go wrong there."""

    url: str
    faults: Faults

    def add(self, fault: str) -> None:
        """Let this go wrong."""
        self.faults.add(Fault.parse(fault))


@pytest.fixture
def provider() -> Iterator[Provider]:
    """One at which the app is registered."""
    faults = Faults()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        addresses = tuple(f"http://127.0.0.1:8000/provider/_auth/{end}" for end in ENDS)
        client = OidcClient(client_id=CLIENT, secret=Secret(SECRET), redirect_uris=addresses)
        settings = Settings(
            hash_cost=HashCost(memory_kib=8, passes=1),
            rate_limit=None,
            public_url=f"http://127.0.0.1:{port}",
            accounts=(NewAccount(username="ada", email="ada@example.com", password=Secret("a sentence")),),
            oidc=OidcSettings(clients=(client,)),
        )
        server = create_server(create_app(settings, Clock(), faults), host="127.0.0.1", port=port)
        with in_a_thread(server, listening):
            yield Provider(url=settings.public_url, faults=faults)


@asynccontextmanager
async def portico(provider: Provider, *, secret: str = SECRET) -> AsyncIterator[Served]:
    """Portico with an app that signs in there."""
    settings = {"ISSUER": f"{provider.url}/oidc", "API_URL": provider.url}
    async with served(APP, settings=settings, secrets={"OIDC_SECRET": secret}) as running:
        yield running


async def sign_in(browser: httpx.AsyncClient) -> httpx.Response:
    """There, through the provider's page, and back."""
    address = await begin(browser)
    async with httpx.AsyncClient(trust_env=False) as outside:
        page = await outside.get(address)
        form = re.search(r'name="form" value="([^"]*)"', page.text)
        assert form is not None, page.text
        fields = {"form": unescape(form[1]), "username": "ada", "password": "a sentence"}
        answer = await outside.post(urljoin(address, "login"), data=fields)
    assert answer.status_code == 303, answer.text
    return await come_back(browser, answer.headers["location"])


async def test_there_and_back(provider: Provider) -> None:
    """The client proves who it is; the user is who the provider says."""
    async with portico(provider) as running, running.browser() as browser:
        assert (await sign_in(browser)).headers["location"] == HOME
        assert "ada@example.com" in (await browser.get(HOME)).text


async def test_a_client_with_another_secret(provider: Provider) -> None:
    """Gets nothing for its code: the control of the test before. That is no fault of the user's."""
    async with portico(provider, secret="another") as running, running.browser() as browser:
        assert "did not accept this server" in await refused(browser, await sign_in(browser))


async def test_a_provider_that_says_no_to_a_renewal(provider: Provider) -> None:
    """The session ends with the next call; the one before went well."""
    async with portico(provider) as running, running.browser() as browser:
        await sign_in(browser)
        for calls in (1, 2):
            running.clock.advance(timedelta(seconds=280))
            await press(browser, HOME, "Ask")
            assert provider.faults.calls("refresh") == calls
            assert await is_signed_in(browser) is (calls == 1)
            provider.add("refresh: status 400")


async def test_another_key(provider: Provider) -> None:
    """Whoever signs in then is in: the keys are asked for again. Tokens of the old key renew nothing."""
    async with portico(provider) as running, running.browser() as one, running.browser() as other:
        await sign_in(one)
        provider.add("new key")
        running.clock.advance(timedelta(seconds=40))
        await sign_in(other)
        assert await is_signed_in(other)
        running.clock.advance(timedelta(seconds=240))
        await press(one, HOME, "Ask")
        assert not await is_signed_in(one)


async def test_a_log_out_ends_the_tokens(provider: Provider) -> None:
    """The provider is told behind the browser's back, and asked for by the browser without a token."""
    async with portico(provider) as running, running.browser() as browser:
        await sign_in(browser)
        line = await press(browser, HOME, "Leave")
        away = (await browser.get(line["navigate"]["url"])).headers["location"]
        assert away.startswith(f"{provider.url}/oidc/logout?")
        assert "id_token_hint" not in away
        limit = time.monotonic() + 20
        while provider.faults.calls("sign_out") < 2 and time.monotonic() < limit:
            running.clock.advance(timedelta(seconds=1))
            await browser.get("/provider/Enter")
        assert provider.faults.calls("sign_out") == 2
