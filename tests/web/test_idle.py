"""Idle and absolute limits as browsers meet them: by the clock, and by what counts as a sign of the user."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portico.web import pages
from portico.web.origin import by_the_user
from tests.web.contracts import AUTH, BUTTON, AuthApi, House, portico
from tests.web.posts import Tab

LIMITS = "  idle_timeout: 20m\n  absolute_timeout: 2h\n"
TIMER = {
    "pages/Ticks/page.yaml": "title: Ticks\nwidgets:\n"
    + BUTTON.format("Start", 'setInterval(() => storeValue("at", Date.now()), 1000)')
}
#: What a browser says of a page that a script of another page opened.
BY_SCRIPT = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An app with limits."""
    with AuthApi() as api, portico(tmp_path, api, auth=AUTH + LIMITS, files=TIMER) as running:
        yield running


def test_an_idle_user_is_told_once_why(house: House) -> None:
    """To the second; a user who does something goes on."""
    user = house.user()
    house.advance(seconds=1199)
    assert house.signed_in(user)
    house.advance(seconds=1199)
    assert house.signed_in(user)
    house.advance(seconds=1201)
    shown = user.get("/app/Home", follow_redirects=True)
    assert "not here for a while" in shown.text
    assert house.cookie(user) is None
    assert "not here for a while" not in user.get("/app/Home", follow_redirects=True).text


def test_polling_and_pages_that_go_on_by_themselves_prolong_nothing(house: House) -> None:
    """`/_portico/alive`, ticks of timers, pages that a script opens, pages that are fetched ahead (P12)."""
    user = house.user()
    ticking = Tab(user, "/app/Ticks")
    (timer,) = ticking.post("Start")["timers"]
    for _ in range(4):
        house.advance(minutes=4.9)
        assert user.get("/_portico/alive?app=app").json()["session"]
        ticking.send(widget=None, event="tick", timer=timer["id"])
        assert user.get("/app/Home", headers=BY_SCRIPT).status_code == 200
        user.get("/app/Home", headers={"Sec-Purpose": "prefetch"})
    house.advance(minutes=1)
    assert user.get("/_portico/alive?app=app").json()["session"] == ""
    assert not house.signed_in(user)


def test_control_a_server_to_which_every_page_is_a_sign(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why it is looked who opened it."""
    monkeypatch.setattr(pages, "by_the_user", lambda _: True)
    with pytest.raises(AssertionError):
        test_polling_and_pages_that_go_on_by_themselves_prolong_nothing(house)


def test_the_absolute_limit_ends_whoever_is_busy(house: House) -> None:
    """And says so."""
    user = house.user()
    for _ in range(11):
        house.advance(minutes=10)
        assert house.signed_in(user)
    house.advance(minutes=10, seconds=1)
    shown = user.get("/app/Home", follow_redirects=True)
    assert "its longest time" in shown.text


@pytest.mark.parametrize(
    ("headers", "sign"),
    [
        ({"sec-fetch-mode": "navigate", "sec-fetch-user": "?1"}, True),
        ({}, True),
        ({"sec-fetch-mode": "navigate"}, False),
        ({"sec-fetch-mode": "navigate", "sec-fetch-user": "?1", "sec-purpose": "prefetch"}, False),
    ],
)
def test_who_opened_a_page(headers: dict[str, str], sign: bool) -> None:
    """As far as browsers say so."""
    assert by_the_user(headers) is sign
