"""Wrong types in every property and method of every type: nothing fails or breaks out, defaults show."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from portico.model.app import App
from portico.ui import render
from portico.ui.assets import Assets
from portico.ui.widgets import CATALOGUE
from tests.journeys.servers import PorticoServer
from tests.ui.markup import parse
from tests.ui.odd import ALL, UNUSABLE, VALUES, Spot, Visitor, app_in, spots, write

#: Kinds of properties that cannot use what is neither of them; words, booleans and data show what they get.
STRICT = ("choice", "color", "size", "number")
SPOTS = [spot for spot, _ in spots()]


@pytest.fixture(scope="module", name="app")
def odd_app(tmp_path_factory: pytest.TempPathFactory) -> App:
    """The app of all spots."""
    return app_in(tmp_path_factory.mktemp("apps"))


@pytest.fixture(scope="module", name="assets")
def odd_assets(app: App) -> Assets:
    """Its styles."""
    return Assets([app])


def broken(html: str) -> Iterator[str]:
    """What of a value became an element or an attribute, and what cannot be sent."""
    html.encode()
    for element in parse(html).all:
        if element.tag == "xss-probe" or element.get("src") == "x":
            yield f"element {element.tag}"
        yield from (f"attribute {name}" for name in element.attributes if name.startswith("on"))


@pytest.mark.parametrize("kind", CATALOGUE)
def test_no_value_breaks_a_page(app: App, assets: Assets, kind: str) -> None:
    """Each value in each property, alone and in all at once, and in each method: it is shown without a
    breakout, and another button of the page still works."""
    found = []
    for spot in SPOTS:
        if spot.kind == kind and spot.name:
            visitor = Visitor(app, spot, assets)
            found += [(spot.page, value, what) for value in VALUES for what in broken(visitor.html(value))]
            assert visitor.answers(), spot
    assert found == []


def strict() -> Iterator[Spot]:
    """The spots of properties that cannot use everything."""
    for spot in SPOTS:
        declared = CATALOGUE[spot.kind].properties.get(spot.name)
        if declared and declared.kind in STRICT and not spot.method:
            yield spot


def test_what_cannot_be_used_is_the_default(app: App, assets: Assets) -> None:
    """A choice, colour, size or number that is none looks as if it had not been set."""
    plain = {spot.page: spot for spot in SPOTS if not spot.name}
    found = []
    for spot in strict():
        visitor, usual = Visitor(app, spot, assets), Visitor(app, plain[spot.plain], assets).html()
        found += [(spot.page, value) for value in UNUSABLE if visitor.html(value) != usual]
    assert found == []


def test_what_can_be_used_makes_a_difference(app: App, assets: Assets) -> None:
    """The control of the test above: values do arrive."""
    spot = next(spot for spot in SPOTS if (spot.kind, spot.name) == ("Divider", "thickness"))
    visitor = Visitor(app, spot, assets)
    assert visitor.html("fraction") != visitor.html("object")


def test_the_check_would_notice(app: App, assets: Assets, monkeypatch: pytest.MonkeyPatch) -> None:
    """With escaping switched off, the same values break out."""
    monkeypatch.setattr(render, "_environment", render._environment.overlay(autoescape=False))
    spot = next(spot for spot in SPOTS if (spot.kind, spot.name) == ("Button", "text"))
    assert set(broken(Visitor(app, spot, assets).html("markup"))) >= {
        "element xss-probe",
        "attribute onfocus",
    }


def test_a_server_answers_whatever_the_values_are(tmp_path: Path) -> None:
    """Every type with the value in all its properties: its page is shown, and its button does its work."""
    pages = [next(spot.page for spot in SPOTS if (spot.kind, spot.name) == (kind, ALL)) for kind in CATALOGUE]
    with PorticoServer([write(tmp_path, pages)], folder=tmp_path) as server:
        headers = {"Origin": server.url}
        with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=30) as client:
            for page in pages:
                for number, value in enumerate(VALUES):
                    shown = client.get(f"/odd/{page}?n={number}")
                    assert (shown.status_code, list(broken(shown.text))) == (200, []), (page, value)
                form = {"portico.event": "Alive onClick"}
                assert re.search(">alive<", client.post(f"/odd/{page}?n=1", data=form).text), page
