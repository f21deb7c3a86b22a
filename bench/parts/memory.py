"""Memory of the server for each tab that is open and idle.

A server's first tabs cost what it loads with them, so these are not counted. The rest come in blocks,
and what a block adds, divided by its tabs, is one value.
"""

import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext

from bench.browser import open_login, stranger
from bench.figures import Goal, Row, Sample
from bench.process import memory_bytes
from bench.product import NICEGUI, PORTICO, STREAMLIT, Product
from bench.server import Server
from bench.stand import Stand
from bench.tab import open_tab

#: Tabs before the first block, tabs of a block, and blocks.
FIRST, BLOCK, BLOCKS = 6, 6, 3
#: The same for Portico, whose tabs hold no connection. It keeps 400 visits of an app at hand, 200 of them
#: with a script context; beyond these each tab more is one that was evicted.
PORTICO_FIRST, PORTICO_BLOCK = 600, 500
LIVE_FIRST, LIVE_BLOCK = 20, 40
#: Seconds until a server has done what it still does after the last tab opened.
AFTER = 2.0


def measure(stand: Stand) -> list[Row]:
    """Bytes per idle tab; for Portico also before it evicts anything."""
    evicted, live = _portico(stand)
    figures = {PORTICO.name: evicted, **{one.name: _in_browser(stand, one) for one in (NICEGUI, STREAMLIT)}}
    return [
        Row(
            part="memory",
            what="server memory (USS) per idle tab, Portico's evicted",
            unit="bytes",
            figures=figures,
            goal=Goal(bound=4_000),
        ),
        Row(
            part="memory",
            what="the same while its script context is kept at hand",
            unit="bytes",
            figures={PORTICO.name: live},
        ),
    ]


def _portico(stand: Stand) -> tuple[Sample, Sample]:
    with stand.fresh(PORTICO) as server:

        def opened(numbers: range) -> None:
            for number in numbers:
                open_tab(server.port, number)

        live = _blocks(stand, PORTICO, server, opened, LIVE_FIRST, LIVE_BLOCK)
        start = LIVE_FIRST + BLOCKS * LIVE_BLOCK
        evicted = _blocks(
            stand,
            PORTICO,
            server,
            lambda numbers: opened(range(start + numbers.start, start + numbers.stop)),
            PORTICO_FIRST,
            PORTICO_BLOCK,
        )
    return evicted, live


def _in_browser(stand: Stand, product: Product) -> Sample:
    with stand.fresh(product) as server, stranger(stand.browser) as context:
        return _blocks(stand, product, server, _opener(context, product, server), FIRST, BLOCK)


def _opener(context: BrowserContext, product: Product, server: Server) -> Callable[[range], None]:
    def opened(numbers: range) -> None:
        for _ in numbers:
            open_login(context, product, server.url)

    return opened


def _blocks(
    stand: Stand, product: Product, server: Server, opened: Callable[[range], None], first: int, block: int
) -> Sample:
    """Open the first tabs, then block by block; bytes a tab in each."""
    opened(range(first))
    values, before = [], _settled(server)
    for number in range(BLOCKS):
        start = first + number * block
        opened(range(start, start + block))
        after = _settled(server)
        values.append((after - before) / block)
        before = after
        stand.say(f"{product.title}: {start + block} tabs, {values[-1] / 1e3:.1f} KB each")
    return Sample.of(values)


def _settled(server: Server) -> int:
    time.sleep(AFTER)
    return memory_bytes(server.pid)
