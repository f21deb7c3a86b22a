"""The login page in a browser that never saw it, and again; then the sign-in."""

from collections import defaultdict

from bench.browser import Loaded, open_login, sign_in, stranger
from bench.figures import Goal, Row, Sample
from bench.product import PRODUCTS, STREAMLIT, STREAMLIT_AT_ONCE, Product
from bench.stand import Stand

#: The goal of the project for the first load.
BYTES = 25_000
REQUESTS = 6

Figures = dict[str, dict[str, list[float]]]


def measure(stand: Stand) -> list[Row]:
    """Bytes, requests, paint; click on log-in to protected page."""
    figures: Figures = defaultdict(lambda: defaultdict(list))
    for product in (*PRODUCTS, STREAMLIT_AT_ONCE):
        # Once beforehand: some servers import what a page needs when the first comes.
        journey(stand, product)
    for product in stand.alternated():
        first, again, click = journey(stand, product)
        for prefix, loaded in (("first", first), ("repeat", again)):
            figures[f"{prefix} bytes"][product.name].append(loaded.bytes)
            figures[f"{prefix} requests"][product.name].append(len(loaded.requests))
            figures[f"{prefix} paint"][product.name].append(loaded.paint)
            figures[f"{prefix} form"][product.name].append(loaded.form)
        figures["click"][product.name].append(click)
        if product is STREAMLIT:
            *_, click = journey(stand, STREAMLIT_AT_ONCE)
            figures["click at once"][product.name].append(click)
    return _rows(figures)


def journey(stand: Stand, product: Product) -> tuple[Loaded, Loaded, float]:
    """Open the login page, open it again, sign in; what came of each."""
    url = stand.server(product).url
    with stranger(stand.browser) as context:
        first = open_login(context, product, url)
        first.page.close()
        again = open_login(context, product, url)
        click = sign_in(again.page, product)
    stand.say(f"{product.title}: form after {first.form:.2f} s, page {click:.2f} s after the click")
    return first, again, click


def _rows(figures: Figures) -> list[Row]:
    def row(what: str, unit: str, key: str, goal: Goal | None = None) -> Row:
        samples = {name: Sample.of(values) for name, values in figures[key].items()}
        return Row(part="first-load", what=what, unit=unit, figures=samples, goal=goal)  # type: ignore[arg-type]

    return [
        row("first load: bytes over the wire", "bytes", "first bytes", Goal(bound=BYTES)),
        row("first load: requests", "count", "first requests", Goal(bound=REQUESTS)),
        row("first load: first contentful paint", "s", "first paint"),
        row("first load: form is there", "s", "first form"),
        row("repeat load: bytes over the wire", "bytes", "repeat bytes"),
        row("repeat load: requests", "count", "repeat requests"),
        row("repeat load: first contentful paint", "s", "repeat paint"),
        row("repeat load: form is there", "s", "repeat form"),
        row("click on log-in to protected page", "s", "click"),
        row("the same without the wait of streamlit-authenticator", "s", "click at once"),
    ]
