"""Language and time zone of a visitor, from header and cookie to what a page shows (hard-cases 38)."""

import re

import httpx
import pytest

from tests.journeys.upstream import Upstream
from tests.web.posts import Tab

ZONED, PLAIN, ASKED = "/abroad/Zoned", "/abroad/Plain", "/abroad/Asked"


def shown(client: httpx.Client, path: str = ZONED, *, language: str = "", zone: str | None = None) -> str:
    """The words of a page for a browser with this header and cookie, spaces made plain."""
    headers = {"Accept-Language": language} | ({} if zone is None else {"Cookie": f"tz={zone}"})
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    return answer.text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("language", "zone", "time", "total"),
    [
        ("", None, "05:30:00", "1.234,50 €"),
        ("fr-FR", None, "05:30:00", "1 234,50 €"),
        ("en-US,en;q=0.9", "Europe/Berlin", "1:00:00 AM", "€1,234.50"),
        ("en-GB", "America/New_York", "19:00:00", "€1,234.50"),
        ("xx, tlh;q=0.9", "Australia/Lord_Howe", "10:00:00", "1.234,50 €"),
        ("ja", "UTC", "0:00:00", "€1,234.50"),
    ],
)
def test_a_page_speaks_the_visitors_language_and_time(
    client: httpx.Client, language: str, zone: str | None, time: str, total: str
) -> None:
    """Header and cookie decide; what they do not say, the app does."""
    text = shown(client, language=language, zone=zone).replace("\u202f", " ")
    assert time in text
    assert total in text


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", "", "europe/berlin", "x" * 3000, '"UTC'])
def test_a_tampered_zone_is_ignored(client: httpx.Client, zone: str) -> None:
    """Only names of the database count: anything else is as if it were not there."""
    assert "hour 5" in shown(client, zone=zone)
    assert "hour 9" in shown(client, zone="Asia/Tokyo")


def test_a_page_names_its_zone_only_where_it_matters(client: httpx.Client) -> None:
    """So the client asks for a page anew only if that can change something."""
    assert 'data-zone="Asia/Kolkata"' in shown(client)
    assert 'data-zone="Europe/Paris"' in shown(client, zone="Europe/Paris")
    assert "data-zone" not in shown(client, PLAIN)


def test_an_event_has_the_zone_of_its_browser(client: httpx.Client) -> None:
    """Also on a page that was shown before the zone was known, and that shows no time itself."""
    tab = Tab(client, PLAIN)
    client.cookies.set("tz", "Asia/Tokyo")
    assert tab.post("Go")["alerts"] == ["9"]


def test_load_brings_a_page_up_to_date(client: httpx.Client) -> None:
    """What was shown in the app's zone is sent again in the browser's, once that is known."""
    tab = Tab(client, ZONED)
    client.cookies.set("tz", "Europe/Berlin")
    answer = tab.post(None, "load", Who="Ada")
    assert "hour 1" in answer["html"]["Hour"]
    assert "01:00:00" in answer["html"]["Clock"]
    assert "values" not in answer or "Who" not in answer["values"], "what was typed stays"
    assert tab.post("Go")["alerts"] == ["1/1/1970, 1:00:00 AM"]


def test_what_a_page_asked_for_by_time_is_asked_for_again(client: httpx.Client, other_api: Upstream) -> None:
    """A query of the load that was sent in another zone is sent in the right one, and only then."""
    tab = Tab(client, ASKED)
    client.cookies.set("tz", "Europe/Berlin")
    asked = len(other_api.requests)
    assert "hello at 1" in tab.post(None, "load")["html"]["Word"]
    assert [re.findall(rb"^GET /hours/(\d+)", request)[0] for request in other_api.requests[asked:]] == [b"1"]
    tab.post(None, "load")
    assert len(other_api.requests) == asked + 1


def test_a_changed_zone_is_followed_later_too(client: httpx.Client) -> None:
    """Who travels with an open page sees the new zone with the next event."""
    client.cookies.set("tz", "Europe/Berlin")
    tab = Tab(client, ZONED)
    tab.post("Go", Who="Ada")
    client.cookies.set("tz", "Asia/Tokyo")
    answer = tab.post("Go", Who="Ada")
    assert answer["alerts"] == ["1/1/1970, 9:00:00 AM"]
    assert "hour 9" in answer["html"]["Hour"]
