"""What every measurement stands on: the auth API, the products, a browser, and words on how far it is."""

import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser
from rich.console import Console

from bench.product import PRODUCTS, Product
from bench.server import Server, api_server, product_server
from tests.browser import chromium

#: Many tabs share a few processes: the memory that is measured is the server's.
FEW_PROCESSES = "--renderer-process-limit=2"


@dataclass(kw_only=True)
class Stand:
    """Starts what is asked for once, which ends with `running`."""

    folder: Path
    console: Console
    rounds: int
    running: ExitStack
    _servers: dict[Product, Server] = field(default_factory=dict)
    _browser: Browser | None = None
    _api: Server | None = None
    _begin: float = field(default_factory=time.monotonic)
    _folders: Iterator[int] = field(default_factory=itertools.count)

    def say(self, text: str) -> None:
        """A line of progress."""
        self.console.print(f"[dim]{time.monotonic() - self._begin:5.0f} s[/dim]  {text}", highlight=False)

    def scratch(self) -> Path:
        """A new empty folder."""
        folder = self.folder / str(next(self._folders))
        folder.mkdir()
        return folder

    @property
    def api(self) -> Server:
        """The auth API, running."""
        if self._api is None:
            self._api = self.running.enter_context(api_server(self.folder))
        return self._api

    @property
    def browser(self) -> Browser:
        """The browser, running."""
        if self._browser is None:
            self._browser = self.running.enter_context(chromium(FEW_PROCESSES))
        return self._browser

    def server(self, product: Product) -> Server:
        """The product's server: one for all parts that do not mind what it did before."""
        if product not in self._servers:
            self._servers[product] = self.running.enter_context(self.fresh(product))
        return self._servers[product]

    def fresh(self, product: Product) -> Server:
        """Another server of a product, not yet started."""
        return product_server(product, self.api.url, self.scratch())

    def alternated(self) -> Iterator[Product]:
        """The products in every round, each time another one first, so that a slow moment of the
        machine meets them all."""
        for number in range(self.rounds):
            turn = number % len(PRODUCTS)
            yield from PRODUCTS[turn:] + PRODUCTS[:turn]
