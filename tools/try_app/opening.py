"""Every page of an app, opened over HTTP as a browser does."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from portico.clock import Clock
from portico.model.app import App
from portico.stores.sqlite import open_sqlite
from portico.testing.serving import HOST, ThreadedServer, listen, portico_server
from portico.web.app import create_app
from portico.web.site import Site


def opened(app: App) -> Iterator[tuple[str, bool]]:
    """A line for each page, and whether it opened."""
    clock = Clock()
    listening = listen()
    port = listening.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="try-app-store-") as folder:
        stores = open_sqlite(Path(folder) / "store.db", clock)
        site = Site.on_loopback(port)
        served = create_app(
            [app], site=site, stores=stores, key=stores.key, clock=clock, listening=[(HOST, port)]
        )
        server = ThreadedServer(portico_server(served), listening)
        server.start()
        try:
            for name in app.pages:
                yield _opened(f"http://{HOST}:{port}/{app.slug}/{name}", name)
        finally:
            server.stop()


def _opened(url: str, name: str) -> tuple[str, bool]:
    begun = time.monotonic()
    try:
        answer = httpx.get(url, headers={"Sec-Fetch-Site": "none"}, trust_env=False, timeout=60)
    except httpx.HTTPError as error:
        return f"{name}: {error!r}", False
    said = f"{name}: {answer.status_code}, {len(answer.content) // 1024} KB, {time.monotonic() - begun:.2f} s"
    if answer.status_code == httpx.codes.SEE_OTHER:
        # Code of the page, such as a guard of its own, leads elsewhere when it opens.
        return f"{said}, its own code leads to {answer.headers['location']}", True
    return said, answer.status_code == httpx.codes.OK
