"""What happens when things come at the wrong moment: late, twice, or after a log-out."""

import json
import socket
import threading
import time

import httpx
import pytest

from tests.journeys.servers import AuthServer, PorticoServer
from tests.journeys.upstream import Upstream
from tests.web.posts import Tab, merged

RACES = "/guarded/Races"


def later_token(auth_server: AuthServer) -> str:
    """Another token than the last: Strapi's tokens of one second are the same."""
    time.sleep(1.1)
    return auth_server.sign_in()


def test_signing_in_again_by_script_brings_its_cookie(
    entered: httpx.Client, auth_server: AuthServer, server: PorticoServer
) -> None:
    """A fast event of a signed-in visitor is answered in one piece, with Set-Cookie."""
    before = entered.cookies[f"portico-{server.port}.guarded"]
    answer = Tab(entered, RACES).post("SignIn", Token=later_token(auth_server))
    assert answer["navigate"]["url"] == "/guarded/Home"
    assert entered.cookies[f"portico-{server.port}.guarded"] != before
    assert entered.get("/guarded/Home").status_code == 200


def test_log_out_by_script_takes_the_cookie_back(entered: httpx.Client, server: PorticoServer) -> None:
    """The answer to the event deletes it."""
    assert f"portico-{server.port}.guarded" in entered.cookies
    assert Tab(entered, "/guarded/Home").post("Leave")["session"] == "signed-out"
    assert f"portico-{server.port}.guarded" not in entered.cookies


def test_a_form_button_works_again_and_a_double_click_counts_once(
    client: httpx.Client, other_api: Upstream
) -> None:
    """The same page posted twice is one event; the page that came back is pressed anew."""
    before = sum(b"POST /hit" in request for request in other_api.requests)

    def hits() -> int:
        return sum(b"POST /hit" in request for request in other_api.requests) - before

    # The page itself is the same for everybody and has no visit; the first answer has one.
    page = client.post(RACES, data={"portico.event": "Hit onClick"}).text
    for expected in (2, 3, 4):
        form = {"portico.event": "Hit onClick", **hidden(page)}
        page = client.post(RACES, data=form).text
        assert client.post(RACES, data=form).text == page
        assert hits() == expected


def hidden(page: str) -> dict[str, str]:
    """The hidden inputs of a page's forms."""

    def field(name: str) -> str:
        return page.partition(f'name="{name}" value="')[2].partition('"')[0]

    return {"portico.visit": field("portico.visit"), "portico.n": field("portico.n")}


def test_a_body_that_comes_after_the_log_out_acts_no_more(
    entered: httpx.Client, server: PorticoServer
) -> None:
    """Session and guard are asked when the whole request is there, not when it began."""
    cookie = "; ".join(f"{name}={value}" for name, value in entered.cookies.items())
    body = json.dumps({"visit": "v" * 22, "n": 1, "widget": None, "event": "load", "values": {}}).encode()
    head = (
        f"POST /guarded/Home HTTP/1.1\r\nHost: a\r\nOrigin: {server.url}\r\nCookie: {cookie}\r\n"
        f"Portico-Event: 1\r\nContent-Type: application/json\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode())
        time.sleep(0.3)
        assert Tab(entered, "/guarded/Home").post("Leave")["session"] == "signed-out"
        connection.sendall(body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"appsmith_user" not in answer


def test_a_lost_answer_to_a_sign_in_is_given_again(
    client: httpx.Client, auth_server: AuthServer, server: PorticoServer
) -> None:
    """The same number without the cookie that never arrived: the stored answer, cookie included."""
    tab = Tab(client, "/jwt-login/LoginPage")
    body: dict[str, object] = {
        "visit": tab.visit,
        "n": 1,
        "widget": "LoginButton",
        "event": "onClick",
        "values": {"UsernameInput": "appsmith_user", "PasswordInput": "appsmith_password"},
    }
    first = tab.raw(body)
    client.cookies.clear()
    second = tab.raw(body)
    assert first.content == second.content
    assert first.headers["set-cookie"] == second.headers["set-cookie"]
    assert client.get("/jwt-login/MainPage").status_code == 200


def test_an_event_that_ends_leaves_a_running_one_its_password(entered: httpx.Client) -> None:
    """A typed password is forgotten when nothing runs any more, not before."""
    tab = Tab(entered, RACES)
    said: list[dict[str, object]] = []
    body: dict[str, object] = {"visit": tab.visit, "n": 5, "widget": "SlowSecret", "event": "onClick"}
    body["values"] = {"Secret": "hunter2"}
    thread = threading.Thread(target=lambda: said.append(merged(tab.raw(body))))
    thread.start()
    time.sleep(0.5)
    assert tab.post("Fast", n=6)["alerts"] == ["fast"]
    thread.join()
    assert said[0]["alerts"] == ["length 7"]
    assert tab.post("SlowSecret", n=7)["alerts"] == ["length 0"]


def test_what_a_log_out_left_running_is_finished(entered: httpx.Client, other_api: Upstream) -> None:
    """R3: the revocation beside a log-out reaches the other server whole."""
    answer = Tab(entered, RACES).post("Revoke")
    assert answer["session"] == "signed-out"
    time.sleep(0.2)
    assert any(b"POST /pause-revoke" in request for request in other_api.requests)
    finished = other_api.finished
    for _ in range(50):
        if any(b"/pause-revoke" in request for request in finished):
            return
        time.sleep(0.1)
    raise AssertionError("the connection was cut")


def test_a_late_answer_to_a_visitor_leaves_a_sign_in_alone(
    client: httpx.Client, auth_server: AuthServer
) -> None:
    """One tab's event begins a visitor's session after another tab signed in: both cookies stand."""
    slow, other = Tab(client, RACES), Tab(client, RACES)
    thread = threading.Thread(target=lambda: slow.post("SlowStore"))
    thread.start()
    time.sleep(0.4)
    assert other.post("SignIn", Token=auth_server.sign_in())["session"] == "signed-in"
    thread.join()
    assert client.get("/guarded/Home").status_code == 200


def test_a_repetition_of_an_event_that_fails_is_told_the_same(client: httpx.Client) -> None:
    """Whoever waits for an answer gets the error, as a line with its headers."""
    tab = Tab(client, RACES)
    tab.post("Fast", n=1)
    body: dict[str, object] = {"visit": tab.visit, "n": 2, "widget": "Loop", "event": "onClick", "values": {}}
    answers: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda: answers.append(tab.raw(body))) for _ in range(2)]
    for thread in threads:
        thread.start()
        time.sleep(0.3)
    for thread in threads:
        thread.join()
    for answer in answers:
        assert merged(answer)["problem"]["code"] == "script_overrun"
        assert answer.headers["cache-control"] == "no-store"


def test_a_page_of_another_user_is_shown_anew(entered: httpx.Client) -> None:
    """A tab that shows somebody else than who is signed in by now does nothing but reload."""
    tab = Tab(entered, RACES)
    body: dict[str, object] = {"visit": tab.visit, "n": 1, "widget": "Fast", "event": "onClick", "values": {}}
    answer = merged(tab.raw({**body, "session": "of-another-user0"}))
    assert answer["status"] == 409
    assert answer["alerts"] == []
    assert answer["navigate"]["url"] == RACES
    tag = entered.get("/_portico/alive", params={"app": "guarded"}).json()["session"]
    assert merged(tab.raw({**body, "session": tag}))["alerts"] == ["fast"], "the control"


def test_a_log_out_that_opens_a_window_sends_nothing_of_the_page(entered: httpx.Client) -> None:
    """The page stays open behind the new window; what it showed is not computed for nobody."""
    answer = Tab(entered, RACES).post("Window", Token="typed")
    assert answer["navigate"] == {"url": "/guarded/Enter", "target": "NEW_WINDOW"}
    assert answer["session"] == "signed-out"
    assert answer["html"] == {}
    assert "values" not in answer


@pytest.mark.parametrize("visit", ["\ud800" * 16, "short", "x" * 65, "a b" * 8, "../" * 8])
def test_an_odd_visit_id_is_refused(visit: str, client: httpx.Client) -> None:
    """Base64url characters, 16 to 64 of them."""
    body = {"visit": visit, "n": 1, "widget": "Fast", "event": "onClick", "values": {}}
    assert Tab(client, RACES).raw(body).status_code == 400


def test_a_store_that_is_too_full_ends_no_session(entered: httpx.Client, auth_server: AuthServer) -> None:
    """What is stored with a sign-in must fit before the old session goes."""
    answer = Tab(entered, RACES).post("Big", Token=later_token(auth_server))
    assert answer["problem"]["code"] == "store_full"
    assert entered.get("/guarded/Home").status_code == 200


def test_the_log_keeps_no_password_and_no_token(entered: httpx.Client, server: PorticoServer) -> None:
    """Promise 59: a script may print what it likes; typed passwords and JWTs are masked."""
    Tab(entered, RACES).post("Print", Secret="correct-horse-battery")
    log = server.read_log()
    assert "typed •••" in log or "typed \\u2022\\u2022\\u2022" in log
    assert "correct-horse-battery" not in log
    assert "eyJhbGciOi" not in log
