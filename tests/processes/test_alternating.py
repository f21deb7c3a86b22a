"""Journeys of which each request reaches another process than the one before, with and without scripts."""

import re
from itertools import pairwise

import httpx
from playwright.sync_api import Page, expect

from tests.journeys.servers import PASSWORD, USERNAME
from tests.journeys.upstream import Upstream
from tests.processes.alternating import Cluster
from tests.web.posts import Tab
from tests.web.small_provider import SmallProvider


def log_in(tab: Page, pair: Cluster) -> None:
    """The form of the example."""
    tab.goto(f"{pair.url}/jwt-login/LoginPage")
    tab.get_by_label("Username").fill(USERNAME)
    tab.locator('input[name="v.PasswordInput"]').fill(PASSWORD)
    tab.get_by_role("button", name="Log in").click()
    expect(tab).to_have_url(re.compile("/MainPage$"))


def client_of(pair: Cluster) -> httpx.Client:
    """A browser without scripts, of which the test sees everything."""
    headers = {"Origin": pair.url, "Sec-Fetch-Site": "same-origin"}
    return httpx.Client(base_url=pair.url, trust_env=False, timeout=60, headers=headers)


def test_sign_in_and_log_out(tab: Page, pair: Cluster) -> None:
    """The session is there in both, and gone in both."""
    log_in(tab, pair)
    for _ in range(2):
        tab.reload()
        expect(tab.get_by_role("heading", name="Main page")).to_be_visible()
    tab.get_by_role("button", name="Log out").click()
    expect(tab).to_have_url(re.compile("/LoginPage"))
    for _ in range(2):
        tab.goto(f"{pair.url}/jwt-login/MainPage")
        expect(tab).to_have_url(re.compile(r"/LoginPage\?next="))


def test_what_is_typed_and_kept(tab: Page, pair: Cluster) -> None:
    """A modal opens in one, its form is read in the other, and it closes in the first again."""
    tab.goto(f"{pair.url}/language/Modals")
    tab.get_by_role("button", name="Open", exact=True).click()
    tab.get_by_label("Note").fill("typed here")
    for _ in range(3):
        tab.get_by_role("button", name="Say").click()
        expect(tab.get_by_text("said typed here").first).to_be_visible()
    expect(tab.get_by_label("Note")).to_have_value("typed here")
    tab.get_by_role("button", name="Done").click()
    expect(tab.get_by_text("closed 1")).to_be_visible()


def test_a_table_is_edited(pair: Cluster) -> None:
    """Rows that were added and saved by either are in the page of the other; all events came through both."""
    begun = len(pair.proxy.served)
    with client_of(pair) as client:
        tab, said = Tab(client, "/tables/People"), {}
        for name, removed in (("Zoe", "p3"), ("Yan", "p4"), ("Xenia", "p5")):
            tab.send(widget="People", event="edit", row="p2", values={})
            typed = {"People:cell:p2:name": name}
            answer = tab.send(widget="People", event="save", row="p2", values=typed)
            assert answer["alerts"][0].startswith("saved "), answer
            assert name in answer["html"]["People"]
            said = tab.send(widget="People", event="columns.remove.onClick", row=removed, values={})
            assert said["alerts"][0].startswith("removed "), said
        assert all(name not in said["html"]["People"] for name in ("Alan", "Linus", "Margaret", "Grace"))
    posted = [
        at for at, method, path, _ in pair.proxy.served[begun:] if method == "POST" and "tables" in path
    ]
    assert set(posted) == {0, 1}


def test_an_event_of_two_steps(tab: Page, pair: Cluster) -> None:
    """An event that waits for another server, one after another in each process."""
    tab.goto(f"{pair.url}/guarded/Slow")
    for _ in range(2):
        tab.get_by_role("button", name="Ask").click()
        expect(tab.get_by_text("got hello").first).to_be_visible()


def test_a_question_finds_who_asked(tab: Page, pair: Cluster, other_api: Upstream) -> None:
    """The answer comes to the process that waits for it, whichever it reaches first; called is once."""
    before = _hits(other_api)
    for at in range(4):
        tab.goto(f"{pair.url}/language/Asking")
        tab.locator('input[name="v.Secret"]').fill("hunter2")
        tab.get_by_role("button", name="Hit").click()
        tab.get_by_role("button", name="Yes").click()
        expect(tab.get_by_text("hit with hunter2").first).to_be_visible()
        assert _hits(other_api) == before + at + 1
    assert {status for _, _, _, status in pair.proxy.served} & {307, 421}


def _hits(upstream: Upstream) -> int:
    return sum(b"POST /hit" in request for request in upstream.requests)


def test_timers_tick_where_they_run(page: Page, pair: Cluster) -> None:
    """A tick, and whatever else happens on the page, goes to the process that has the timer."""
    page.goto(f"{pair.url}/language/Timers")
    page.get_by_role("button", name="Start").click()
    page.get_by_label("Note").fill("typed meanwhile")
    expect(page.locator('[id="w.Count"]')).to_have_text(re.compile("[5-9]"))
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_label("Note")).to_have_value("typed meanwhile")


def test_a_timer_of_a_form(pair: Cluster) -> None:
    """Without scripts, one that is due soon has fired in the answer."""
    with client_of(pair) as client:
        for _ in range(2):
            shown = client.get("/language/Timers").text
            visit = re.search(r'name="portico.visit" value="([^"]+)"', shown)
            assert visit is not None
            form = {"portico.visit": visit[1], "portico.n": "0", "portico.event": "Later onClick"}
            assert ">later<" in client.post("/language/Timers", data=form).text


def test_a_provider_sends_the_browser_back_to_another_process(pair: Cluster, provider: SmallProvider) -> None:
    """A sign-in begins in one and ends in the other, and so does the log-out."""
    begun = len(pair.proxy.served)
    with client_of(pair) as client:
        gone = client.get("/provider/_auth/start", params={"next": "/provider/Home"})
        assert gone.status_code == 303, gone.text
        back = provider.authorize(gone.headers["location"])
        assert client.get(back, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 303
        assert [client.get("/provider/Home").status_code for _ in range(2)] == [200, 200]
        tab = Tab(client, "/provider/Home")
        way = tab.post("Leave")["navigate"]["url"]
        assert "/_auth/leave/" in way
        left = client.get(way)
        assert left.status_code == 303
        assert client.get(way).status_code == 404, "twice"
        assert [client.get("/provider/Home").status_code for _ in range(2)] == [303, 303]
    pages = [at for at, _, _, _ in pair.proxy.served[begun:]]
    assert all(one != other for one, other in pairwise(pages)), pages


def test_a_lost_answer_and_a_form_posted_twice(pair: Cluster, other_api: Upstream) -> None:
    """Whoever asks another process for an answer that was lost gets the page as it is; a double click on a
    form is one event, though it reaches two processes."""
    with client_of(pair) as client:
        tab = Tab(client, "/language/Modals")
        body: dict[str, object] = {
            "visit": tab.visit,
            "n": 1,
            "widget": "Open",
            "event": "onClick",
            "values": {},
        }
        first, second = tab.raw(body), tab.raw(body)
        assert (first.status_code, second.status_code) == (200, 200)
        assert "open 0" in second.text or ">open " in second.text, second.text
        shown = client.get("/guarded/Slow").text
        visit = re.search(r'name="portico.visit" value="([^"]+)"', shown)
        assert visit is not None
        form = {"portico.visit": visit[1], "portico.n": "0", "portico.event": "Write onClick"}
        before = sum(b"POST /write" in request for request in other_api.requests)
        assert [client.post("/guarded/Slow", data=form).status_code for _ in range(2)] == [200, 200]
        assert sum(b"POST /write" in request for request in other_api.requests) == before + 1
