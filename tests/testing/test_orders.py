"""A simulated user fills in every kind of input, and opens menus: without a browser and in Chromium."""

from pathlib import Path

import pytest

from portico.definition import journeys as definition
from portico.testing.chromium import chromium
from portico.testing.journeys import take

APP = Path(__file__).parents[1] / "web" / "apps" / "orders"
#: Each starts two servers, and some a browser.
pytestmark = pytest.mark.timeout(600)


def test_journeys_hold_without_a_browser() -> None:
    """All journeys of the app."""
    (file,) = definition.load(APP).files
    results = [take(APP, file, journey) for journey in file.journeys]
    assert [result.name for result in results if result.failure is not None] == []
    assert len(results) == 3


def test_journeys_hold_in_chromium() -> None:
    """The same file."""
    (file,) = definition.load(APP).files
    with chromium() as program:
        results = [take(APP, file, journey, make=lambda _: program.browser()) for journey in file.journeys]
    assert [result.name for result in results if result.failure is not None] == []
