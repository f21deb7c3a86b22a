"""What a provider is told of tokens that nobody uses any more, and what it is not told."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from portico.auth.session import Session
from portico.auth.ticket import Ticket
from portico.auth.tokens import TokenSet
from portico.clock import Clock
from portico.definition.load import load
from portico.definition.secrets import PREFIX, Secrets
from portico.errors import CallFailed, SignInRefused
from portico.model.app import App
from portico.model.identity import Identity
from portico.runtime.http import Client
from portico.runtime.provider import Providers
from portico.runtime.provider_api import ProviderApi
from portico.sandbox.pool import Pool
from portico.ui.widgets import CATALOGUE
from portico.values import Secret
from tests.web.oidc_walk import APP, HOME, is_signed_in, press, sign_in, with_provider
from tests.web.small_provider import SECRET, SmallProvider

ALL = ["refresh_token", "access_token"]


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    """The app's provider."""
    with SmallProvider() as running:
        yield running


@pytest.fixture
def other() -> Iterator[SmallProvider]:
    """Another one."""
    with SmallProvider() as running:
        yield running


@pytest.fixture
async def providers() -> AsyncIterator[Providers]:
    """What asks them."""
    clock, pool = Clock(), Pool()
    async with pool, Client(clock=clock) as client:
        yield Providers(pool=pool, client=client, clock=clock)


def app_of(provider: SmallProvider) -> App:
    """The app `provider`, against this one."""
    settings = {"ISSUER": provider.url, "API_URL": provider.url}
    secrets = Secrets({f"{PREFIX}OIDC_SECRET": SECRET})
    found = load(APP, types=CATALOGUE, settings=settings, secrets=secrets).app
    assert found is not None
    return found


async def unkept(_: Session) -> None:
    """A provider takes refresh tokens: nothing is renewed first."""
    raise AssertionError("the tokens were renewed")


def session_with(provider: SmallProvider | None) -> Session:
    """A session whose tokens are of this provider; None: of a query of the contract that the app had."""
    found = provider.tokens("ada", {}) if provider is not None else {}
    now = datetime.now(UTC)
    return Session(
        app="provider",
        ticket=Ticket.new(),
        lineage="x" * 22,
        identity=Identity(uid="ada", user={}),
        tokens=TokenSet(
            access=Secret(found.get("access_token", "a-token-of-a-query")),
            refresh=Secret(found.get("refresh_token", "another-token-of-a-query")),
            identity=Secret(found["id_token"]) if found else None,
        ),
        created_at=now,
        expires_at=now + timedelta(days=1),
        version=1,
        generation=1,
        tag="t",
    )


@pytest.mark.parametrize(("user", "told"), [("eve", ALL), ("ada", [])])
async def test_who_takes_over_ends_the_tokens_before(
    provider: SmallProvider, user: str, told: list[str]
) -> None:
    """P109: the tokens of the user before are revoked; one user who signs in twice keeps both pairs."""
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        provider.user = user
        assert (await sign_in(browser, provider)).headers["location"] == HOME
        assert f"user {user}" in (await browser.get(HOME)).text
    assert provider.revoked == told
    assert {name for name, _ in provider.access.values()} == {user}


async def test_what_a_renewal_for_somebody_else_brought_is_revoked(provider: SmallProvider) -> None:
    """The session ends, and nobody keeps the tokens."""
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        provider.claims = lambda claims: {**claims, "sub": "eve"}
        portico.clock.advance(timedelta(seconds=280))
        await press(browser, HOME, "Ask")
        assert not await is_signed_in(browser)
    assert provider.revoked == ALL
    assert not provider.refresh


@pytest.mark.parametrize("era", ["own", "other", "query"])
async def test_tokens_are_shown_to_the_provider_that_they_are_of(
    provider: SmallProvider, other: SmallProvider, providers: Providers, era: str
) -> None:
    """A session can be older than the app's provider: neither revocation nor log-out tells of it."""
    app, session = app_of(provider), session_with({"own": provider, "other": other, "query": None}[era])
    assert session.tokens is not None
    api = ProviderApi(app, providers)
    assert api.revokes(session) is (era == "own")
    with contextlib.nullcontext() if era == "own" else pytest.raises(SignInRefused):
        await api.revoke(session, unkept)
    assert provider.revoked == (ALL if era == "own" else [])
    if session.tokens.identity is not None:
        address = await providers.farewell(app, session.tokens.identity, back="http://127.0.0.1/x")
        assert (address is not None) is (era == "own")
    assert other.calls.total() == 0


async def test_a_provider_that_is_not_asked_ends_nothing(
    provider: SmallProvider, providers: Providers
) -> None:
    """There is no `me`: that is an answer of nobody's, and no refusal."""
    with pytest.raises(CallFailed):
        await ProviderApi(app_of(provider), providers).confirm(session_with(provider))
    assert provider.calls.total() == 0


async def test_tokens_in_claims_are_sealed(provider: SmallProvider) -> None:
    """Scripts and pages see what is known of the user: what stands under a token's name is sealed there."""
    provider.info = lambda found: {**found, "access_token": "cNrY-of-a-distributed-claim"}
    async with with_provider(provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        page = (await browser.get(HOME)).text
    assert "ada@example.com" in page
    assert "access_token" in page
    assert "cNrY" not in page
