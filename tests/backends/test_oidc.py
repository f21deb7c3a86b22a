"""Portico signs users in with oidc-provider: the whole stay, and what attackers and browsers do to it."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.backends.oidc_house import HOME, House, asked, back, enter, is_signed_in, place, there, walk
from tests.backends.servers import Backend, started

pytestmark = pytest.mark.parametrize("backend", ["oidc-provider"], indirect=True)

#: Seconds that an access token is good for, where it ends within a test.
SHORT = 33


@pytest.fixture(params=[True, False], ids=["public", "with a secret"])
def house(backend: Backend, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """Both kinds of clients."""
    with House(backend, tmp_path, public=request.param) as found:
        yield found


@pytest.fixture
def portico(backend: Backend, tmp_path: Path) -> Iterator[House]:
    """A client with a secret."""
    with House(backend, tmp_path, public=False) as found:
        yield found


def test_a_stay(house: House, backend: Backend) -> None:
    """The guarded page sends to the entry page; there and back; the user, the token at work; out."""
    with house.browser() as browser:
        assert browser.get(HOME).headers["location"].startswith("/hr/Enter?next=")
        user = backend.make_user()
        enter(browser, user)
        assert f"user {user.login} {user.email}" in browser.get(HOME).text
        assert asked(browser) == f"{user.login} 200 OK"
        name = f"portico-{house.server.port}.hr"
        session = browser.cookies[name]
        page = browser.post(HOME, data={"portico.event": "Leave onClick"})
        way = re.search(r'href="([^"]*/_auth/leave/[^"]*)"', page.text)
        assert way is not None
        end = browser.get(way[1]).headers["location"]
        assert end.startswith(f"{backend.url}/session/end?client_id=")
        # The provider asks, then comes back to a clean address.
        form = re.search(r'name="xsrf" value="(\w+)"', browser.get(end).text)
        assert form is not None
        answer = browser.post(f"{backend.url}/session/end/confirm", data={"xsrf": form[1], "logout": "yes"})
        assert answer.headers["location"] == f"{house.server.url}/hr/_auth/signed-out"
        assert browser.get(answer.headers["location"]).headers["location"] == "/hr/Enter"
        browser.cookies.set(name, session)
        assert not is_signed_in(browser)
        assert 'value="login"' in browser.get(place(browser.get(there(browser)))).text


def test_log_out_ends_the_tokens(portico: House, backend: Backend) -> None:
    """Another browser's, of the same user, live on."""
    with portico.browser() as one, portico.browser() as other:
        user = backend.make_user()
        enter(one, user)
        enter(other, user)
        one.post(HOME, data={"portico.event": "Leave onClick"})
        assert not is_signed_in(one)
        assert asked(other) == f"{user.login} 200 OK"


def test_two_tabs(portico: House, backend: Backend) -> None:
    """Both begun before either is done."""
    with portico.browser() as browser:
        user = backend.make_user()
        first, second = there(browser), there(browser)
        ended = walk(browser, second, user)
        assert back(browser, ended) == HOME
        assert back(browser, walk(browser, first, user)) == HOME
        assert is_signed_in(browser)


def test_a_code_again(portico: House, backend: Backend) -> None:
    """The same answer again, in this browser and in another: refused; the session goes on."""
    with portico.browser() as browser, portico.browser() as other:
        address = walk(browser, there(browser), backend.make_user())
        assert back(browser, address) == HOME
        assert back(browser, address) == "/hr/_auth/failed"
        assert back(other, address) == "/hr/_auth/failed"
        assert is_signed_in(browser)
        assert not is_signed_in(other)


def test_states_swapped_between_browsers(portico: House, backend: Backend) -> None:
    """Neither is signed in as the other."""
    with portico.browser() as victim, portico.browser() as attacker:
        planted = httpx.URL(walk(attacker, there(attacker), backend.make_user()))
        own = httpx.URL(walk(victim, there(victim), backend.make_user()))
        assert back(victim, str(planted)) == "/hr/_auth/failed"
        mixed = own.copy_set_param("code", planted.params["code"])
        assert back(victim, str(mixed)) == "/hr/_auth/failed"
        assert not is_signed_in(victim)


def test_a_user_who_turns_back(portico: House) -> None:
    """`access_denied`, as this provider says it."""
    with portico.browser() as browser:
        page = browser.get(place(browser.get(there(browser))))
        link = re.search(r'href="([^"]*/abort)"', page.text)
        assert link is not None
        answer = browser.get(str(page.url.join(link[1])))
        address = place(browser.get(place(answer)))
        assert "error=access_denied" in address
        assert back(browser, address) == "/hr/_auth/failed"
        assert "The sign-in was cancelled." in browser.get("/hr/_auth/failed").text


def test_who_is_not_signed_in_there(portico: House) -> None:
    """`prompt=none`: an answer without a page, `login_required`."""
    with portico.browser() as browser:
        address = str(httpx.URL(there(browser)).copy_set_param("prompt", "none"))
        answer = place(browser.get(address))
        assert "error=login_required" in answer
        assert back(browser, answer) == "/hr/_auth/failed"
        assert "sign in there first" in browser.get("/hr/_auth/failed").text


def test_pkce_that_was_taken_out(portico: House, backend: Backend) -> None:
    """The provider wants it; an answer to a request with another challenge is not for this verifier."""
    with portico.browser() as browser:
        address = httpx.URL(there(browser)).copy_set_param("code_challenge", "x" * 43)
        assert back(browser, walk(browser, str(address), backend.make_user())) == "/hr/_auth/failed"
        assert not is_signed_in(browser)


def test_renewal_and_expiry(backend: Backend, tmp_path: Path) -> None:
    """Access tokens of half a minute: with a refresh token the stay goes on under another, twice;
    without one it ends with the token."""
    with started("oidc-provider", access_seconds=SHORT) as short:
        lasting = House(short, tmp_path / "lasting", public=False)
        brief = House(short, tmp_path / "brief", public=True, offline=False)
        with lasting, brief, lasting.browser() as one, brief.browser() as other:
            user = short.make_user()
            enter(one, user)
            enter(other, user)
            assert is_signed_in(other)
            for _ in range(2):
                # Within half a minute of its end a token is renewed.
                time.sleep(4)
                assert asked(one) == f"{user.login} 200 OK"
            time.sleep(SHORT - 8)
            assert asked(one) == f"{user.login} 200 OK"
            assert not is_signed_in(other)
