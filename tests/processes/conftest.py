"""Two processes with one store, and browsers that reach them in turn."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import chromium as launched
from tests.journeys.servers import EXAMPLES, AuthServer
from tests.journeys.upstream import Upstream
from tests.processes.alternating import Cluster, cluster
from tests.stores.shared import KINDS, store
from tests.web.conftest import APPS, auth_server, other_api
from tests.web.small_provider import SECRET, SmallProvider

__all__ = ["auth_server", "other_api"]

SERVED = [EXAMPLES / "jwt-login", *(APPS / name for name in ("guarded", "language", "tables", "provider"))]


@pytest.fixture(scope="session")
def provider() -> Iterator[SmallProvider]:
    """An OpenID provider."""
    with SmallProvider() as running:
        yield running


@pytest.fixture(scope="session")
def settings(auth_server: AuthServer, other_api: Upstream, provider: SmallProvider) -> dict[str, str]:
    """What the apps need to know."""
    return {
        "AUTH_URL": auth_server.url,
        "OTHER_URL": other_api.url,
        "ISSUER": provider.url,
        "API_URL": provider.url,
        "PORTICO_SECRET_OIDC_SECRET": SECRET,
    }


@pytest.fixture(scope="module", params=KINDS)
def pair(
    request: pytest.FixtureRequest, settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """Two processes, on one file and on one Redis."""
    folder = tmp_path_factory.mktemp("pair")
    with (
        store(request.param, folder) as address,
        cluster(SERVED, store=address, folder=folder, settings=settings) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium."""
    with launched() as browser:
        yield browser


@pytest.fixture(params=["with scripts", "without scripts"])
def tab(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A tab of either kind."""
    context = chromium.new_context(java_script_enabled=request.param == "with scripts")
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A tab with scripts."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()
