"""An API that keeps its session in cookies: they are kept here, go back to it, and reach nobody else."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from tests.web import contracts
from tests.web.contracts import AuthApi, House, Reply, at_once, meanwhile, wait_for
from tests.web.cookie_api import AUTH, FILES, CookieApi, cookies_of
from tests.web.posts import Tab


@pytest.fixture
def api() -> Iterator[CookieApi]:
    """The API."""
    with CookieApi() as started:
        yield started


@pytest.fixture
def other() -> Iterator[AuthApi]:
    """Another origin, whose datasource keeps cookies too and is of the token's audience."""
    with CookieApi() as started:
        yield started


@pytest.fixture
def house(tmp_path: Path, api: CookieApi, other: CookieApi) -> Iterator[House]:
    """Portico with the app."""
    with served(tmp_path, api, other) as found:
        yield found


def served(folder: Path, api: CookieApi, other: CookieApi, auth: str = AUTH) -> AbstractContextManager[House]:
    """The app in front of both."""
    auth += "  audience: [other]\n"
    return contracts.portico(folder, api, auth=auth, files=FILES, settings={"OTHER_URL": other.url})


def _press(tab: Tab, button: str, values: dict[str, str] | None = None) -> dict[str, object]:
    return {"visit": tab.visit, "n": 1, "widget": button, "event": "onClick", "values": values or {}}


def press(client: httpx.Client, button: str, page: str = "Home") -> list[str]:
    """What a press of a button alerts."""
    found: list[str] = Tab(client, f"/app/{page}").post(button)["alerts"]
    return found


def test_a_sign_in_without_a_body(house: House, api: CookieApi) -> None:
    """The CSRF cookie first, then the log-in with its value in a header, which the script has sealed; `me`
    says who it is, by the cookie."""
    user = house.user()
    assert api.last("/me").headers.get("authorization") is None
    assert cookies_of(api.last("/me"))["sid"] in api.sessions
    home = user.get("/app/Home").text
    assert "user ann sealed" in home
    assert press(user, "Ask") == ["secret of ann"]
    sent = cookies_of(api.last("/secret"))
    assert sent.keys() == {"sid", "csrftoken"}, "by RFC 6265: not the one of the path /auth"
    assert "authorization" not in api.last("/secret").headers


def test_no_byte_of_a_cookie_reaches_the_browser(house: House, api: CookieApi) -> None:
    """Neither in pages, nor by an answer that repeats its request's header."""
    user = house.client()
    got = str(house.sign_in(user)) + str(Tab(user, "/app/Home").post("Ask")) + user.get("/app/Home").text
    got += str(Tab(user, "/app/Home").post("Both")) + str(dict(user.cookies))
    assert "sid=sealed" in got, "it was repeated"
    assert "csrftoken" in got, "scripts know its name"
    assert [value for value in api.given if value in got] == []


def test_a_post_sends_what_the_api_wants_as_a_header(house: House, api: CookieApi) -> None:
    """By the name that scripts have; one from before the value changed stands for the new one."""
    user = house.user()
    assert press(user, "Write") == ["written"]
    assert api.last("/write").headers["x-csrftoken"] == cookies_of(api.last("/write"))["csrftoken"]
    assert press(user, "Kept") == ["written"]


def test_a_forged_token_signs_nobody_in(house: House, api: CookieApi) -> None:
    """The control of the two before."""
    tab = Tab(house.client(), "/app/Enter")
    tab.post("Fetch")
    assert tab.post("Without", Email="ann@example.com").get("session") != "signed-in"
    assert api.sessions == {}


def test_the_csrf_cookie_of_an_event_is_there_in_the_next(house: House) -> None:
    """A visitor gets a session once something was done."""
    client = house.client()
    Tab(client, "/app/Enter").post("Fetch")
    answer = Tab(client, "/app/Enter").post("Again", Email="ann@example.com")
    assert answer["session"] == "signed-in"


def test_another_origin_gets_none_of_them(house: House, api: CookieApi, other: CookieApi) -> None:
    """Not with its own requests, and not when a script sends it the sealed values."""
    user = house.user()
    press(user, "Elsewhere")
    press(user, "Elsewhere")
    call = other.last("/elsewhere")
    assert cookies_of(call).keys() == {"theirs"}, "it has its own jar"
    assert call.headers["x-a"].startswith("sealed")
    assert call.headers["x-b"].startswith("sealed")
    assert "authorization" not in call.headers
    assert [value for value in api.given if value in str(other.calls)] == []
    press(user, "Ask")
    assert "theirs" not in api.last("/secret").headers["cookie"]


def test_two_users_are_never_mixed(house: House, api: CookieApi) -> None:
    """Each session has a jar of its own, also where they ask at the same time."""
    users = {name: house.user(name) for name in ("ann", "bob", "cid")}
    names = [*users] * 3
    tabs = [Tab(users[name], "/app/Home") for name in names]
    found = at_once(
        len(tabs),
        lambda at: tabs[at].raw(_press(tabs[at], "Ask")),
    )
    assert [answer["alerts"] for answer in found] == [[f"secret of {name}"] for name in names]


def test_another_user_begins_with_an_empty_jar(house: House, api: CookieApi) -> None:
    """Nothing of the one before is sent, and that one is signed out there."""
    client = house.user("ann")
    press(client, "One")
    tab = Tab(client, "/app/Home")
    tab.path = "/app/Enter"
    tab.post("SignIn", Email="bob@example.com")
    assert press(client, "Ask") == ["secret of bob"]
    assert "one" not in cookies_of(api.last("/secret"))
    wait_for(api, "/logout")
    assert cookies_of(api.last("/logout"))["one"].startswith("one-")
    assert set(api.sessions.values()) == {"bob"}


def test_a_sign_in_that_fails_leaves_the_user_alone(house: House, api: CookieApi) -> None:
    """What the answer sets is not the cookie of who is signed in."""
    client = house.user("ann")
    api.answers["/login"] = lambda _: Reply(status=401, headers=(("Set-Cookie", "sid=mallory; Path=/"),))
    Tab(client, "/app/Enter").post("Again", Email="bob@example.com")
    del api.answers["/login"]
    assert press(client, "Ask") == ["secret of ann"]


def test_a_cookie_that_slides_is_the_newest(house: House, api: CookieApi) -> None:
    """In the same event, in the next, and in another tab that was open before; each old one is dead."""
    user = house.user()
    tab = Tab(user, "/app/Home")
    tab.post("Ask")
    assert press(user, "Slide") == ["secret of ann"]
    assert tab.post("Ask")["alerts"] == ["secret of ann"]
    assert len(api.sessions) == 1


def test_a_header_says_what_the_cookie_says(house: House, api: CookieApi) -> None:
    """Though another tab got another value while this event was under way."""
    user = house.user()
    gate = threading.Event()
    api.answers["/secret"] = lambda _: Reply(body={"word": "x"}, gate=gate)
    tab = Tab(user, "/app/Home")
    api.answers["/set/one"] = lambda _: Reply(
        body={}, headers=(("Set-Cookie", "csrftoken=another-value; Path=/"),)
    )
    with meanwhile(gate, lambda: tab.raw(_press(tab, "Late"))):
        wait_for(api, "/secret")
        before = cookies_of(api.last("/secret"))["csrftoken"]
        press(user, "One")
    call = api.last("/write")
    assert call.headers["x-csrftoken"] == cookies_of(call)["csrftoken"] == "another-value" != before


def test_answers_that_come_together_lose_nothing(house: House, api: CookieApi) -> None:
    """Of one event, and of two tabs."""
    user = house.user()
    press(user, "Both")
    press(user, "Ask")
    assert {"one", "two"} <= cookies_of(api.last("/secret")).keys()
    tabs = {"One": Tab(user, "/app/Home"), "Two": Tab(user, "/app/Home")}
    before = cookies_of(api.last("/secret"))
    buttons = list(tabs)
    at_once(
        2,
        lambda at: tabs[buttons[at]].raw(_press(tabs[buttons[at]], buttons[at])),
    )
    press(user, "Ask")
    after = cookies_of(api.last("/secret"))
    assert after["one"] != before["one"]
    assert after["two"] != before["two"]


def test_it_is_renewed_by_cookie_once_for_all_who_ask(house: House, api: CookieApi) -> None:
    """After 401: one refresh, which the cookie of its path goes along with."""
    user = house.user()
    api.sessions.clear()
    assert press(user, "Many") == ["all"]
    assert api.count("/auth/refresh") == 1
    assert {"rid", "csrftoken"} <= cookies_of(api.last("/auth/refresh")).keys()
    assert press(user, "Ask") == ["secret of ann"]


def test_it_is_renewed_before_its_cookie_ends(house: House, api: CookieApi) -> None:
    """`Max-Age` says when; by then the old one is not sent any more."""
    user = house.user()
    house.advance(seconds=3590)
    assert press(user, "Ask") == ["secret of ann"]
    assert api.count("/auth/refresh") == 1


def test_a_refresh_that_is_refused_ends_the_session(house: House, api: CookieApi) -> None:
    """As with tokens."""
    user = house.user()
    api.sessions.clear()
    api.remembered.clear()
    assert "Your session has ended" in str(Tab(user, "/app/Home").post("Ask")) + user.get("/app/Enter").text
    assert not house.signed_in(user)


def test_a_log_out_is_told_with_the_cookies(house: House, api: CookieApi) -> None:
    """Though the session is gone by then; with the CSRF token, which this API wants."""
    user = house.user()
    Tab(user, "/app/Home").post("Leave")
    wait_for(api, "/logout")
    call = api.last("/logout")
    assert call.headers["x-csrftoken"] == cookies_of(call)["csrftoken"]
    assert api.sessions == {}
    assert not house.signed_in(user)


def test_a_log_out_wins_over_a_late_answer(house: House, api: CookieApi) -> None:
    """Its cookies are nobody's: the session stays away, and the next one has none of them."""
    user = house.user()
    gate = threading.Event()
    api.answers["/slow"] = lambda _: Reply(
        body={}, headers=(("Set-Cookie", "late=mark-of-the-late; Path=/"),), gate=gate
    )
    ticket, tab = house.cookie(user), Tab(user, "/app/Home")
    with meanwhile(gate, lambda: tab.raw(_press(tab, "Slow"))):
        wait_for(api, "/slow")
        # On the same page: those in other tabs are closed by a log-out, and their requests with them.
        tab.send(n=2, widget="Leave", event="onClick", values={})
    user.cookies.set(f"portico-{house.port}.app", str(ticket), domain="127.0.0.1")
    assert not house.signed_in(user), "the old cookie opens nothing"
    again = house.user()
    press(again, "Ask")
    assert "late" not in cookies_of(api.last("/secret"))


def test_a_visitor_who_only_looks_has_no_session(house: House, api: CookieApi) -> None:
    """Cookies of what a page shows stay with the page (P14)."""
    client = house.client()
    assert client.get("/app/Looked").status_code == 200
    assert api.count("/csrf") == 1
    assert dict(client.cookies) == {}
    Tab(client, "/app/Looked").post("Do")
    assert any("visitor" in name for name in client.cookies)


def test_a_cookie_without_an_end_is_a_session_of_the_browser(house: House, api: CookieApi) -> None:
    """One with an end gives Portico's own cookie an age."""
    for age, aged in ((3600, True), (None, False)):
        api.age = age
        client = house.client()
        tab = Tab(client, "/app/Enter")
        answer = tab.raw(_press(tab, "SignIn", {"Email": "ann@example.com"}))
        lines = [
            line
            for line in answer.headers.get_list("set-cookie")
            if ".app=" in line and "visitor" not in line
        ]
        assert ["Max-Age" in line for line in lines] == [aged]


def test_a_session_without_a_refresh_ends_with_its_cookie(
    tmp_path: Path, api: CookieApi, other: CookieApi
) -> None:
    """And goes on while answers put the end off."""
    auth = AUTH.replace("  refresh: {query: renew}\n", "")
    with served(tmp_path, api, other, auth) as house:
        user = house.user()
        house.advance(seconds=3000)
        assert press(user, "Slide") == ["secret of ann"]
        house.advance(seconds=3000)
        assert press(user, "Ask") == ["secret of ann"]
        house.advance(seconds=3000)
        assert not house.signed_in(user)


def test_the_api_ends_it_by_a_401(tmp_path: Path, api: CookieApi, other: CookieApi) -> None:
    """`me` says the same: the user signs in again."""
    auth = AUTH.replace("  refresh: {query: renew}\n", "")
    with served(tmp_path, api, other, auth) as house:
        user = house.user()
        api.sessions.clear()
        Tab(user, "/app/Home").post("Ask")
        assert not house.signed_in(user)


def test_cookies_that_name_nobody_sign_nobody_in(tmp_path: Path, api: CookieApi, other: CookieApi) -> None:
    """A log-in that failed may set cookies, and answer 200: without `me` and `uid` it proves nothing."""
    auth = AUTH.replace("  me: {query: me}\n", "")
    with served(tmp_path, api, other, auth) as house:
        client = house.client()
        assert house.sign_in(client).get("session") != "signed-in"
        assert not house.signed_in(client)
