"""CPU time of the server for a login page in a browser, and for an event on it.

The event is a box that is ticked and a hint that the server then shows.
"""

import time
from collections import defaultdict

from bench.browser import open_login, stranger, toggle_hint
from bench.figures import Row, Sample
from bench.process import cpu_seconds
from bench.product import PRODUCTS, Product
from bench.server import Server
from bench.stand import Stand

#: Pages and events of one round, and seconds in which nothing happens, to know what that costs.
PAGES = 4
EVENTS = 6
IDLE = 2.0
#: Seconds that a page gets for what it still does after it came to rest.
AFTER = 0.5


def measure(stand: Stand) -> list[Row]:
    """CPU time per login page and per event, and how long an event takes."""
    page: dict[str, list[float]] = defaultdict(list)
    event: dict[str, list[float]] = defaultdict(list)
    answer: dict[str, list[float]] = defaultdict(list)
    for product in PRODUCTS:
        _pages(stand, product, stand.server(product))
    for product in stand.alternated():
        server = stand.server(product)
        page[product.name].append(_pages(stand, product, server))
        cost, seconds = _events(stand, product, server)
        event[product.name].append(cost)
        answer[product.name] += seconds
        stand.say(
            f"{product.title}: {page[product.name][-1] * 1e3:.2f} ms a page, {cost * 1e3:.2f} ms an event"
        )
    return [
        _row("server CPU per login page, browser's cache warm", page),
        _row("server CPU per event", event),
        _row("event: click to answer on screen", answer),
    ]


def _pages(stand: Stand, product: Product, server: Server) -> float:
    """CPU seconds of a login page, opened by a browser that knows its files."""
    with stranger(stand.browser) as context:
        open_login(context, product, server.url).page.close()
        idle = _idle(server)
        work, begin = cpu_seconds(server.pid), time.monotonic()
        for _ in range(PAGES):
            tab = open_login(context, product, server.url).page
            time.sleep(AFTER)
            tab.close()
        return _beyond(idle, server, work, begin) / PAGES


def _events(stand: Stand, product: Product, server: Server) -> tuple[float, list[float]]:
    """CPU seconds of an event, and how long each took until it showed."""
    with stranger(stand.browser) as context:
        tab = open_login(context, product, server.url).page
        time.sleep(AFTER)
        toggle_hint(tab)
        idle = _idle(server)
        work, begin = cpu_seconds(server.pid), time.monotonic()
        seconds = [toggle_hint(tab) for _ in range(EVENTS)]
        return _beyond(idle, server, work, begin) / EVENTS, seconds


def _idle(server: Server) -> float:
    """CPU seconds a second of a server from which nobody wants anything."""
    work = cpu_seconds(server.pid)
    time.sleep(IDLE)
    return (cpu_seconds(server.pid) - work) / IDLE


def _beyond(idle: float, server: Server, work: float, begin: float) -> float:
    """CPU seconds since `begin` without those that would have gone by anyway."""
    return max(cpu_seconds(server.pid) - work - idle * (time.monotonic() - begin), 0.0)


def _row(what: str, values: dict[str, list[float]]) -> Row:
    figures = {name: Sample.of(found) for name, found in values.items()}
    return Row(part="server-work", what=what, unit="s", figures=figures)
