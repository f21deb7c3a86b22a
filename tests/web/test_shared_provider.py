"""Apps that share a sign-in at an OpenID provider: what its claims mean is each app's own."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from portico.runtime import upstream
from tests.web.oidc_walk import APP, HOME, press, sign_in
from tests.web.served import Served, served
from tests.web.small_provider import SECRET, SmallProvider

OTHER = "/other/Home"


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    """An honest provider."""
    with SmallProvider() as running:
        yield running


def copied(folder: Path, slug: str, old: str = "", new: str = "") -> Path:
    """The app of these tests under a name, sharing."""
    root = folder / slug
    shutil.copytree(APP, root)
    manifest = root / "app.yaml"
    text = manifest.read_text().replace("  preset: oidc\n", "  session: shared\n  preset: oidc\n")
    assert "session: shared" in text
    assert old in text
    manifest.write_text(text.replace(old, new) if old else text)
    return root


@asynccontextmanager
async def both(folder: Path, provider: SmallProvider) -> AsyncIterator[Served]:
    """Two apps with roles of their own."""
    roles = ("claims.groups ?? []", "claims.groups.map((group) => `other-${group}`)")
    folders = [copied(folder, "provider"), copied(folder, "other", *roles)]
    settings = {"ISSUER": provider.url, "API_URL": provider.url}
    async with served(*folders, settings=settings, secrets={"OIDC_SECRET": SECRET}) as running:
        yield running


async def roles(browser: httpx.AsyncClient, path: str) -> str:
    """Those that a page shows."""
    text = (await browser.get(path)).text
    return text.partition(" roles ")[2].partition("<")[0]


async def test_each_app_reads_the_claims_by_itself(provider: SmallProvider, tmp_path: Path) -> None:
    """One sign-in at the provider; the second app's roles are by its own mapping, and follow a renewal that
    the first had made."""
    async with both(tmp_path, provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        assert await roles(browser, HOME) == "staff"
        assert await roles(browser, OTHER) == "other-staff"
        assert len(provider.asked) == 1

        def promoted(claims: dict[str, Any]) -> dict[str, Any]:
            return {**claims, "groups": ["boss"]}

        provider.claims = promoted
        portico.clock.advance(timedelta(seconds=280))
        await press(browser, HOME, "Ask")
        assert await roles(browser, HOME) == "boss"
        assert await roles(browser, OTHER) == "other-boss"


async def test_one_log_out_ends_both_and_leads_to_the_provider_once(
    provider: SmallProvider, tmp_path: Path
) -> None:
    """From whichever app."""
    async with both(tmp_path, provider) as portico, portico.browser() as browser:
        await sign_in(browser, provider)
        line = await press(browser, OTHER, "Leave")
        assert line["navigate"]["url"].startswith("/other/_auth/leave/")
        for path in (HOME, OTHER):
            answer = await browser.get(path)
            assert answer.status_code == 303
            assert "/Enter" in answer.headers["location"]
        assert (await browser.get(line["navigate"]["url"])).status_code == 303
        assert (await browser.get(line["navigate"]["url"])).status_code == 404


async def test_control_a_renewal_that_nobody_asks_after(
    provider: SmallProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app that asks once, and never again, keeps the roles of before."""
    monkeypatch.setattr(upstream, "_is_asked", lambda contract, session: session.joining)
    with pytest.raises(AssertionError, match="other-boss"):
        await test_each_app_reads_the_claims_by_itself(provider, tmp_path)
