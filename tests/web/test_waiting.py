"""Answers that take time: pages, streams, repetitions, two processes (R3, R4, hard-cases 5, 12)."""

import json
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.journeys.servers import AuthServer, PorticoServer
from tests.journeys.upstream import Upstream
from tests.web.conftest import client_of, start
from tests.web.posts import Tab, merged


def test_a_page_does_not_wait_for_a_slow_api(client: httpx.Client) -> None:
    """It is shown with `isLoading`, and the `load` event brings the rest."""
    page = client.get("/guarded/Slow").text
    assert "waiting" in page
    assert "data-load" in page
    tab = Tab(client, "/guarded/Slow")
    answer = tab.post(None, "load")
    assert "hello" in answer["html"]["Shown"]
    assert "load" not in answer


def test_without_scripts_a_button_goes_on(client: httpx.Client) -> None:
    """The page has a Continue button, which answers with the whole page."""
    assert "Continue" in client.get("/guarded/Slow").text
    assert "hello" in client.post("/guarded/Slow", data={"portico.event": "load"}).text


def lines_of(client: httpx.Client, tab: Tab, widget: str) -> list[dict[str, object]]:
    """An event's lines, as they came."""
    body: dict[str, object] = {
        "visit": tab.visit,
        "n": next(tab.numbers),
        "widget": widget,
        "event": "onClick",
        "values": {},
    }
    return [json.loads(line) for line in tab.raw(body).text.splitlines()]


def test_a_signed_in_visitor_hears_early(entered: httpx.Client) -> None:
    """R4: what is known after 150 ms comes at once, the rest later; the last line is done."""
    lines = lines_of(entered, Tab(entered, "/guarded/Guarded"), "Ask")
    assert len(lines) >= 2
    assert lines[0]["done"] is False
    assert "asked" in json.dumps(lines[0]["alerts"])
    assert "waiting" in json.dumps(lines[0]["html"])
    assert lines[-1]["done"] is True
    assert "got hello" in json.dumps(lines[-1])
    assert [line["version"] for line in lines] == list(range(1, len(lines) + 1))


def test_a_signed_out_visitors_answer_is_one_body(client: httpx.Client) -> None:
    """R4: it never streams, because signing in must be able to set a cookie."""
    lines = lines_of(client, Tab(client, "/guarded/Slow"), "Ask")
    assert len(lines) == 1
    assert "asked" in json.dumps(lines)
    assert "got hello" in json.dumps(lines)


def test_a_sign_in_in_a_stream_is_handed_over(
    entered: httpx.Client, auth_server: AuthServer, server: PorticoServer
) -> None:
    """The headers are gone: a one-time path sets the cookie, for this browser and once."""
    token = _later_token(auth_server)
    tab = Tab(entered, f"/guarded/Home?token={token}")
    lines = lines_of(entered, tab, "SlowAgain")
    assert lines[0]["done"] is False
    url = str(lines[-1]["navigate"]["url"])  # type: ignore[index]
    assert "/_continue/" in url
    with httpx.Client(base_url=server.url, trust_env=False) as stranger:
        assert stranger.get(url).status_code == 404
    before = dict(entered.cookies)
    answer = entered.get(url)
    assert answer.status_code == 303
    assert dict(entered.cookies) != before
    assert "appsmith_user" in entered.get("/guarded/Home").text
    assert entered.get(url).status_code == 404


def _later_token(auth_server: AuthServer) -> str:
    time.sleep(1.1)  # Strapi's tokens of one second are the same token
    return auth_server.sign_in()


def test_a_repetition_waits_for_the_first_answer(client: httpx.Client, other_api: Upstream) -> None:
    """A client that gave up and asks again gets the same answer; the API was asked once."""
    tab = Tab(client, "/guarded/Slow")
    tab.post(None, "load")
    asked = len(other_api.requests)
    body: dict[str, object] = {"visit": tab.visit, "n": 7, "widget": "Ask", "event": "onClick", "values": {}}
    answers: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda: answers.append(tab.raw(body))) for _ in range(3)]
    for thread in threads:
        thread.start()
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    assert len({answer.content for answer in answers}) == 1
    assert len(other_api.requests) == asked + 1


def test_an_event_goes_on_when_its_client_goes_away(entered: httpx.Client, other_api: Upstream) -> None:
    """The connection breaks in the middle of a stream: the repetition gets the whole answer, and
    the other server was asked once."""
    tab = Tab(entered, "/guarded/Guarded")
    asked = len(other_api.requests)
    body: dict[str, object] = {"visit": tab.visit, "n": 1, "widget": "Ask", "event": "onClick", "values": {}}
    headers = {"Portico-Event": "1"}
    with entered.stream("POST", "/guarded/Guarded", json=body, headers=headers) as answer:
        first = next(answer.iter_lines())
    assert json.loads(first)["done"] is False
    whole = [json.loads(line) for line in tab.raw(body).text.splitlines()]
    assert whole[0] == json.loads(first)
    assert whole[-1]["done"] is True
    assert "got hello" in json.dumps(whole[-1])
    assert len(other_api.requests) == asked + 1


def test_a_log_out_in_another_tab_wins_over_a_late_sign_in(
    entered: httpx.Client, auth_server: AuthServer
) -> None:
    """A page left open waits for a slow answer and stores a token after the log-out: refused."""
    token = _later_token(auth_server)
    slow, other = Tab(entered, f"/guarded/Home?token={token}"), Tab(entered, "/guarded/Home")
    said: list[dict[str, object]] = []
    thread = threading.Thread(target=lambda: said.extend(lines_of(entered, slow, "SlowAgain")))
    thread.start()
    time.sleep(0.6)
    assert other.post("Leave")["session"] == "signed-out"
    thread.join()
    assert "navigate" not in said[-1]
    assert said[-1]["problem"]["code"] == "session_ended"  # type: ignore[index]
    assert entered.get("/guarded/Home").status_code == 303


def test_events_of_one_tab_overlap(entered: httpx.Client) -> None:
    """A slow event does not hold up a fast one of the same page (R1)."""
    tab = Tab(entered, "/guarded/Guarded")
    done: list[str] = []

    def ask(event: str, widget: str | None) -> None:
        body: dict[str, object] = {
            "visit": tab.visit,
            "n": next(tab.numbers),
            "widget": widget,
            "event": event,
            "values": {},
        }
        assert merged(tab.raw(body))["status"] == 200
        done.append(event)

    slow = threading.Thread(target=ask, args=("onClick", "Ask"))
    slow.start()
    time.sleep(0.3)
    answer = tab.raw({"visit": tab.visit, "n": 50, "widget": "Nothing", "event": "onClick", "values": {}})
    assert answer.status_code == 409
    assert done == []
    slow.join()


@pytest.fixture
def pair(
    auth_server: AuthServer, other_api: Upstream, tmp_path: Path
) -> "tuple[PorticoServer, PorticoServer]":
    """Two processes on one store; the test starts and the fixture's caller ends them."""
    return start(tmp_path, auth_server, other_api), start(tmp_path, auth_server, other_api)


def test_any_process_goes_on_with_a_visit(pair: tuple[PorticoServer, PorticoServer]) -> None:
    """Typed input and stored values are there, whichever process answers."""
    with pair[0] as one, pair[1] as two, client_of(one) as client:
        tab = Tab(client, "/probe/Language")
        tab.post("Keep", Who="typed here")
        name = f"portico-{one.port}.probe.visitor"
        cookies = {f"portico-{two.port}.probe.visitor": client.cookies[name]}
        with client_of(two) as other:
            other.cookies.update(cookies)
            tab.client = other
            answer = tab.post("Keep")
            assert "typed here of typed here" in json.dumps(answer) or answer["status"] == 200
            assert "nobody of typed here" in other.get("/probe/Language").text


def test_a_write_cut_off_by_a_crash_is_not_repeated(
    auth_server: AuthServer, other_api: Upstream, tmp_path: Path
) -> None:
    """Hard-cases 5: the answer is `interrupted`, and the other server was written to once."""
    server = start(tmp_path, auth_server, other_api)
    with server, client_of(server) as client:
        tab = Tab(client, "/guarded/Slow")
        tab.post(None, "load")
        slow = other_api.answer
        written = sum(b"POST /write" in request for request in other_api.requests)

        def never(connection: object) -> None:
            if b"/write" in other_api.requests[-1]:
                time.sleep(5)
            else:
                slow(connection)  # type: ignore[arg-type]

        other_api.answer = never
        try:
            body: dict[str, object] = {
                "visit": tab.visit,
                "n": 9,
                "widget": "Write",
                "event": "onClick",
                "values": {},
            }
            threading.Thread(target=lambda: _ignore(tab, body), daemon=True).start()
            time.sleep(0.8)
            server.restart(signal.SIGKILL)
            answer = merged(tab.raw(body))
        finally:
            other_api.answer = slow
        assert answer["problem"]["code"] == "interrupted"
        assert sum(b"POST /write" in request for request in other_api.requests) == written + 1


def test_events_that_end_together_are_all_remembered(
    auth_server: AuthServer, other_api: Upstream, tmp_path: Path
) -> None:
    """Each is stored before it is answered: a crash right after that has none of them done again."""
    count = 12
    server = start(tmp_path, auth_server, other_api)
    with server, client_of(server) as client:
        tab = Tab(client, "/guarded/Races")
        event: dict[str, object] = {"visit": tab.visit, "widget": "Hit", "event": "onClick", "values": {}}
        before = sum(b"POST /hit" in request for request in other_api.requests)

        def press(number: int) -> object:
            return merged(tab.raw({**event, "n": number}))["alerts"]

        with ThreadPoolExecutor(count) as threads:
            assert list(threads.map(press, range(1, count + 1))) == [["hit"]] * count
        server.restart(signal.SIGKILL)
        for number in range(1, count + 1):
            press(number)
        assert sum(b"POST /hit" in request for request in other_api.requests) == before + count
        assert "visit not saved" not in server.read_log()


def _ignore(tab: Tab, body: object) -> None:
    try:
        tab.raw(body)
    except httpx.TransportError:
        return
