"""Fixtures of the embedded auth server: a running one, and its GoTrue dialect at both of its places."""

from collections.abc import AsyncIterator

import pytest

from tests.authserver.gotrue_calls import GoTrueCalls
from tests.authserver.gotrue_flows_calls import Browser, Flows, browsing, flows_of
from tests.authserver.servers import AuthServer, running


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    """A server with the settings of most tests; a module that needs others overrides it."""
    async with running() as running_server:
        yield running_server


@pytest.fixture(params=["", "/auth/v1"], ids=["root", "mounted"])
def calls(server: AuthServer, request: pytest.FixtureRequest) -> GoTrueCalls:
    """GoTrue's calls, at the root and where Supabase's gateway has them."""
    return GoTrueCalls(server=server, prefix=request.param)


@pytest.fixture(params=["", "/auth/v1"], ids=["root", "mounted"])
async def browser(server: AuthServer, request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """A browser on the machine of the server, which goes to GoTrue at the root or mounted."""
    async with browsing(server.app, request.param) as browser:
        yield browser


@pytest.fixture
def app(server: AuthServer, browser: Browser) -> Flows:
    """What an app asks of GoTrue, at the same place."""
    return flows_of(server, browser.prefix)
