"""Portico inside of the test, so that its clock can be moved and its parts be broken."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from portico.clock import Clock
from portico.definition.load import load
from portico.definition.secrets import PREFIX, Secrets
from portico.stores.memory import open_memory
from portico.stores.stores import Stores
from portico.ui.widgets import CATALOGUE
from portico.values import Secret
from portico.web.app import create_app
from portico.web.site import Site


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server; `url` is its public address."""

    app: ASGIApp
    clock: Clock
    stores: Stores
    url: str

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A client with cookies of its own, which says that it comes from a page of ours."""
        said = {"Origin": self.url, "Sec-Fetch-Site": "same-origin", **headers}
        transport = httpx.ASGITransport(app=self.app)
        return httpx.AsyncClient(transport=transport, base_url=self.url, headers=said)


def _in_memory(clock: Clock) -> Stores:
    return open_memory(clock, key=Secret("k" * 43))


@asynccontextmanager
async def served(
    *folders: Path,
    settings: Mapping[str, str],
    secrets: Mapping[str, str] = {},
    url: str = "",
    after: Served | None = None,
    opened: Callable[[Clock], Stores] = _in_memory,
) -> AsyncIterator[Served]:
    """Serve apps on loopback, or at the public address `url`, as far as anybody can tell; with stores that
    are `opened` for it, or with the clock and the stores of the server `after` which this one comes."""
    clock = after.clock if after else Clock()
    stores = after.stores if after else opened(clock)
    known = Secrets({f"{PREFIX}{name}": value for name, value in secrets.items()})
    loaded = [load(folder, types=CATALOGUE, settings=settings, secrets=known) for folder in folders]
    apps = [found.app for found in loaded if found.app is not None]
    assert len(apps) == len(folders), [found.problems for found in loaded]
    site = Site(origins=(url,), port=443) if url else Site.on_loopback(8000)
    app = create_app(apps, site=site, stores=stores, key=stores.key, clock=clock)
    async with living(app):
        yield Served(app=app, clock=clock, stores=stores, url=site.origins[0])


@asynccontextmanager
async def living(app: ASGIApp) -> AsyncIterator[None]:
    """An application between its start and its end."""
    events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    answers: asyncio.Queue[Any] = asyncio.Queue()

    async def live() -> None:
        await app({"type": "lifespan", "state": {}}, events.get, answers.put)

    running = asyncio.create_task(live())
    await events.put({"type": "lifespan.startup"})
    assert (await answers.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await events.put({"type": "lifespan.shutdown"})
        assert (await answers.get())["type"] == "lifespan.shutdown.complete"
        await running
