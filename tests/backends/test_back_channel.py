"""A real provider tells Portico of log-outs behind the browser's back (P111).

What does not hold is refused: `tests/web/test_back_channel.py`, `tests/auth/test_logout_token.py`.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.backends.oidc_house import HOME, House, enter, is_signed_in
from tests.backends.servers import Backend

pytestmark = pytest.mark.parametrize("backend", ["oidc-provider"], indirect=True)

PATIENCE = 10.0


@pytest.fixture(params=[True, False], ids=["public", "with a secret"])
def house(backend: Backend, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """Both kinds of clients."""
    with House(backend, tmp_path, public=request.param) as found:
        yield found


def leave_there(browser: httpx.Client, backend: Backend) -> None:
    """The user signs out at the provider itself: Portico's cookie is not sent, nor its page opened."""
    page = browser.get(f"{backend.url}/session/end")
    form = re.search(r'name="xsrf" value="(\w+)"', page.text)
    assert form is not None, page.text
    answer = browser.post(f"{backend.url}/session/end/confirm", data={"xsrf": form[1], "logout": "yes"})
    assert answer.status_code in (200, 303), answer.text


def waits(condition: Callable[[], bool]) -> bool:
    """Whether it comes to be so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_a_log_out_at_the_provider_ends_the_session_here(house: House, backend: Backend) -> None:
    """Of that browser; the same user stays signed in in another, where the provider's session goes on."""
    with house.browser() as one, house.browser() as two, house.browser() as eve:
        user = backend.make_user()
        enter(one, user)
        enter(two, user)
        enter(eve, backend.make_user())
        leave_there(one, backend)
        assert waits(lambda: not is_signed_in(one))
        assert [is_signed_in(browser) for browser in (two, eve)] == [True, True]
        assert "at the sign-in provider has ended" in one.get(HOME, follow_redirects=True).text
        lines = [json.loads(line) for line in house.server.read_log().splitlines() if line.startswith("{")]
        told = [line for line in lines if line["event"] == "a log-out of the provider"]
        assert [(line["app"], line["sessions"]) for line in told] == [("hr", 1)]


def test_control_a_provider_that_tells_nobody(backend: Backend, tmp_path: Path) -> None:
    """Without the address at the provider the session lives on."""
    with House(backend, tmp_path, public=False, hears=False) as house, house.browser() as browser:
        enter(browser, backend.make_user())
        leave_there(browser, backend)
        page = browser.get(f"{backend.url}/session/end")
        assert page.status_code == 200
        assert is_signed_in(browser)
        assert "a log-out of the provider" not in house.server.read_log()
