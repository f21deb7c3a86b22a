"""Events of the language's functions, as a browser with scripts posts them."""

import re
import threading
import time

import httpx

from tests.journeys.servers import PorticoServer
from tests.journeys.upstream import Upstream
from tests.web.conftest import client_of
from tests.web.posts import Tab


def shown(html: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


# Timers


def test_a_timer_goes_to_the_browser_and_its_tick_comes_back(client: httpx.Client) -> None:
    """R5: the browser counts, the server runs; stopping tells the browser too."""
    tab = Tab(client, "/language/Timers")
    (timer,) = tab.post("Start")["timers"]
    assert (timer["ms"], timer["repeat"]) == (300, True)
    for count in ("1", "2"):
        answer = tab.send(widget=None, event="tick", timer=timer["id"])
        assert shown(answer["html"]["Count"]) == count
    assert tab.post("Stop")["stopped"] == [timer["id"]]
    late = tab.send(widget=None, event="tick", timer=timer["id"])
    assert (late["stopped"], late["html"]) == ([timer["id"]], {})


def test_a_tick_passes_the_guard_like_a_click(client: httpx.Client) -> None:
    """A page that needs a user answers a stranger's tick with the way to sign in."""
    visit = "t" * 22
    body = {"visit": visit, "n": 1, "widget": None, "event": "tick", "timer": "g1.t1", "values": {}}
    answer = client.post(
        "/language/Inside", json=body, headers={"Portico-Event": "1", "Content-Type": "application/json"}
    )
    assert answer.status_code == 401


def test_timers_of_the_load_start_with_the_browser_and_again_after_a_restart(
    server: PorticoServer, client: httpx.Client
) -> None:
    """The page asks for its load; what ticked in a process that is gone ticks on in the next (R6)."""
    tab = Tab(client, "/language/Loading")
    (timer,) = tab.load()["timers"]
    assert shown(tab.send(widget=None, event="tick", timer=timer["id"])["html"]["Ticks"]) == "1"
    server.restart()
    assert tab.send(widget=None, event="tick", timer=timer["id"])["problem"]["code"] == "held_elsewhere"
    answer = tab.send(widget=None, event="tick", timer=timer["id"], insists=True)
    (again,) = answer["timers"]
    assert answer["stopped"] == [timer["id"]]
    assert shown(tab.send(widget=None, event="tick", timer=again["id"])["html"]["Ticks"]) == "2"


# Modals and rows


def test_a_modal_opens_and_the_user_closes_it(client: httpx.Client) -> None:
    """What is closed is not in the page; closing is the user's, opening is not."""
    tab = Tab(client, "/language/Modals")
    assert "Note" not in client.get("/language/Modals").text
    refused = tab.send(widget="Details:closed", event="change", values={"Details:closed": "false"})
    assert refused["status"] == 409
    opened = tab.post("Open")
    assert "<dialog" in opened["html"]["Details"]
    assert tab.post("Say", Note="words")["alerts"] == ["said words"]
    closed = tab.send(widget="Details:closed", event="change", values={"Details:closed": "true"})
    assert shown(closed["html"]["State"]) == "closed 1"
    assert "hidden" in closed["html"]["Details"]
    assert tab.post("Say")["status"] == 409


def test_a_script_closes_a_modal(client: httpx.Client) -> None:
    """Its onClose runs as a part of the same event."""
    tab = Tab(client, "/language/Modals")
    tab.post("Open")
    assert shown(tab.post("Done")["html"]["State"]) == "closed 1"


def test_rows_have_widgets_of_their_own(client: httpx.Client) -> None:
    """Values and events are addressed by row, and only by rows that are shown."""
    tab = Tab(client, "/language/Rows")
    tab.load()
    answer = tab.send(
        widget="People[1].Greet",
        event="onClick",
        values={"People[1].Note": "dear", "People[2].Note": "other"},
    )
    assert answer["alerts"] == ["hello Ada dear"]
    assert shown(answer["html"]["People[2].Name"]) == "Bob other"
    for path in ("People[3].Greet", "People[].Greet", "People.Greet", "People[x].Greet", "People[1].Nope"):
        assert tab.post(path)["status"] == 409, path


def test_pages_of_a_list(client: httpx.Client) -> None:
    """The next page is there, the one after is not; what was typed on the first is kept for it."""
    tab = Tab(client, "/language/Rows")
    tab.send(widget="People[1].Greet", event="onClick", values={"People[1].Note": "kept"})
    turned = tab.send(widget="People:page", event="change", values={"People:page": "2"})
    assert "Eve" in turned["html"]["People"]
    assert "Ada" not in turned["html"]["People"]
    assert tab.post("People[1].Greet")["status"] == 409
    for page in ("3", "0", "-1", "1.5", "x", "", "٢"):
        assert tab.send(widget="People:page", event="change", values={"People:page": page})["html"] == {}
    back = tab.send(widget="People:page", event="change", values={"People:page": "1"})
    assert "Ada kept" in shown(back["html"]["People"])


def test_an_item_is_chosen(client: httpx.Client) -> None:
    """Its event knows which; one that is not shown cannot be."""
    tab = Tab(client, "/language/Rows")
    answer = tab.send(widget="People:selected", event="change", values={"People:selected": "2"})
    assert answer["alerts"] == ["chose Bob"]
    assert shown(answer["html"]["Chosen"]) == "Bob"
    again = tab.send(widget="People:selected", event="change", values={"People:selected": "3"})
    assert "Chosen" not in again["html"]


# Questions


def test_a_question_waits_and_the_event_goes_on(client: httpx.Client, other_api: Upstream) -> None:
    """The call is made once, after the answer, with the password that was typed before the question."""
    before = sum(b"POST /hit" in request for request in other_api.requests)
    tab = Tab(client, "/language/Asking")
    asked = tab.post("Hit", Secret="hunter2")["ask"]
    assert asked["question"] == "Hit it?"
    assert sum(b"POST /hit" in request for request in other_api.requests) == before
    assert tab.reply(asked, agreed=True)["alerts"] == ["hit with hunter2"]
    assert sum(b"POST /hit" in request for request in other_api.requests) == before + 1
    late = tab.reply(asked, agreed=True)
    assert (late["status"], late["problem"]["code"]) == (409, "question_over")


def test_who_refuses_is_told_nothing(client: httpx.Client) -> None:
    """No call, no complaint."""
    tab = Tab(client, "/language/Asking")
    answer = tab.reply(tab.post("Wipe")["ask"], agreed=False)
    assert (answer["alerts"], answer["status"]) == ([], 200)


def test_other_events_go_on_while_a_question_waits(client: httpx.Client) -> None:
    """A question holds up its own event alone."""
    tab = Tab(client, "/language/Asking")
    first, second = tab.post("Wipe")["ask"], tab.post("Where")["ask"]
    found = tab.reply(second, agreed=True, value={"coords": {"latitude": 1.5}})
    assert found["alerts"] == ["at 1.5"]
    assert tab.reply(first, agreed=True)["alerts"] == ["wiped all"]


def test_a_question_is_this_processes(server: PorticoServer, client: httpx.Client) -> None:
    """After a restart the answer looks for its process first; then it finds nobody, and says so."""
    tab = Tab(client, "/language/Asking")
    asked = tab.post("Wipe")["ask"]
    server.restart()
    refused = tab.reply(asked, agreed=True)
    assert (refused["status"], refused["problem"]["code"]) == (421, "held_elsewhere")
    assert tab.reply(asked, agreed=True, insists=True)["problem"]["code"] == "question_over"


def test_a_position_that_is_refused(client: httpx.Client) -> None:
    """The script hears the browser's reason."""
    tab = Tab(client, "/language/Asking")
    answer = tab.reply(tab.post("Where")["ask"], agreed=False, reason="denied")
    assert answer["alerts"] == ["nowhere: denied"]


def test_answers_that_are_none_are_refused(client: httpx.Client) -> None:
    """P55: the fields of an answer are checked like those of any event."""
    tab = Tab(client, "/language/Asking")
    tab.post("Wipe")
    for answer in (
        None,
        1,
        "x",
        {},
        {"to": 1, "agreed": True},
        {"to": "a", "agreed": "yes"},
        {"to": "a" * 999, "agreed": True},
    ):
        assert tab.send(widget=None, event="answer", answer=answer)["status"] == 400
    assert tab.send(widget="Hit", event="onClick", answer={"to": "a", "agreed": True})["status"] == 400


# What a tab keeps, files, the clipboard


def test_what_a_tab_keeps_goes_with_it_to_the_next_page_and_ends_at_reload(client: httpx.Client) -> None:
    """`persist: false` (2A, hard-cases 31): over navigateTo, not over a reload, not into a new window."""
    tab = Tab(client, "/language/Handing")
    answer = tab.post("Go", Value="half done")
    cookie = answer["navigate"]["cookie"]
    assert "Max-Age=10" in cookie
    assert "Path=/language/Tab;" in cookie
    name, _, value = cookie.partition(";")[0].partition("=")
    page = client.get(answer["navigate"]["url"], headers={"Cookie": f"{name}={value}"})
    assert "draft: half done" in page.text
    assert f'data-visit="{value}"' in page.text
    deleted = next(line for line in page.headers.get_list("set-cookie") if line.startswith(name))
    assert "Max-Age=0" in deleted
    assert "draft: none" in client.get(answer["navigate"]["url"]).text
    assert "cookie" not in Tab(client, "/language/Handing").post("Aside", Value="x")["navigate"]


def test_the_tabs_copy_covers_what_persists(client: httpx.Client) -> None:
    """The session's value wins until it is taken away (2A, storeValue)."""
    tab = Tab(client, "/language/Handing")
    answer = tab.post("Go", Value="tab")
    name, _, value = answer["navigate"]["cookie"].partition(";")[0].partition("=")
    client.get("/language/Tab", headers={"Cookie": f"{name}={value}"})
    there = Tab(client, "/language/Tab")
    there.visit = value
    there.post("Keep")
    assert shown(there.post("Drop")["html"]["Draft"]) == "draft: kept"


def test_a_made_up_visit_brings_nothing(client: httpx.Client) -> None:
    """The cookie is not signed: whoever makes one up begins a visit of their own."""
    page = client.get("/language/Tab", headers={"Cookie": "portico-tab-1.language=" + "x" * 22})
    assert "draft: none" in page.text


def test_files_and_texts_for_the_browser(client: httpx.Client) -> None:
    """As values: the client makes the file, and asks the browser for its clipboard."""
    tab = Tab(client, "/language/Handing")
    assert tab.post("Save", Value="a,b")["files"] == [
        {"name": "value.txt", "type": "text/plain", "text": "a,b"}
    ]
    assert tab.post("Copy", Value="words")["copied"] == ["words"]


def test_an_address_to_download_from_is_checked(client: httpx.Client) -> None:
    """http, https and data; anything else is refused (promise 26)."""
    tab = Tab(client, "/language/Handing")
    assert tab.post("Save", Value="https://x.test/a.pdf")["files"][0]["url"] == "https://x.test/a.pdf"
    assert tab.post("Save", Value="javascript:alert(1)")["files"][0]["text"] == "javascript:alert(1)"
    for address in ("https://who@x.test/a.pdf", "http:///a", "https://x .test/"):
        answer = tab.post("Save", Value=address)
        assert "files" not in answer, address
        assert answer["alerts"] == ["This page wanted to download from an address that is not allowed."]


# Load


def test_functions_of_the_load_run_before_its_queries(client: httpx.Client, other_api: Upstream) -> None:
    """`run: on_load`, row S3-12: what a function gets ready, the queries find; who reads them follows."""
    text = shown(client.get("/language/Ordered", headers={"Sec-Fetch-Site": "none"}).text)
    assert "begin,begun,after hello hello" in text
    assert any(b"GET /word/2 " in request for request in other_api.requests)


def test_a_page_reached_from_elsewhere_runs_its_functions_when_it_asks(client: httpx.Client) -> None:
    """Hard-cases 12: a cross-site link, a prefetch or a prerender changes nothing."""
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none", "Sec-Purpose": "prefetch"},
        {},
    ):
        page = client.get("/language/Ordered", headers=headers)
        assert "data-load" in page.text
        assert "begin" not in shown(page.text)
    tab = Tab(client, "/language/Ordered")
    assert "begin,begun,after hello" in shown(tab.load()["html"]["Steps"])


def test_a_function_of_the_load_can_lead_on(client: httpx.Client) -> None:
    """As a redirect, before anything is shown; to another origin by a page with a link."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = client.get("/language/Ordered?to=Tab", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/language/Tab")
    answer = client.get("/language/Ordered?to=https://example.com/x", headers=headers)
    assert answer.status_code == 200
    assert "Leaving this site" in answer.text


def test_a_function_of_the_load_alerts_and_stores(client: httpx.Client) -> None:
    """The page comes with the alert, and with the session that the store needs."""
    answer = client.get("/language/Ordered?say=1", headers={"Sec-Fetch-Site": "none"})
    assert "said at load" in answer.text
    assert ".language.visitor=" in answer.headers["set-cookie"]


def test_a_slow_load_goes_on_behind_the_page(client: httpx.Client) -> None:
    """After a second the page is shown as it is; its `load` event takes up what is still running."""
    begun = time.monotonic()
    page = client.get("/language/Ordered?slow=1", headers={"Sec-Fetch-Site": "none"})
    assert time.monotonic() - begun < 1.6
    assert "data-load" in page.text
    tab = Tab(client, "/language/Ordered")
    found = re.search(r'data-visit="([^"]+)"', page.text)
    assert found is not None
    tab.visit, tab.path = found[1], "/language/Ordered?slow=1"
    answer = tab.load()
    assert answer["alerts"] == ["slow is done"]
    assert "begin,begun" in shown(answer["html"]["Steps"])


def test_an_automatic_query_follows_what_it_sends(client: httpx.Client, other_api: Upstream) -> None:
    """`run: automatic`: it ran at load; a change of the input runs it again, the same value does not."""
    tab = Tab(client, "/language/Automatic")

    def asked(word: str) -> int:
        return sum(f"GET /find/{word} ".encode() in request for request in other_api.requests)

    assert asked("") > 0
    tab.post("Words", "change", Words="one")
    assert asked("one") == 1
    tab.post("Words", "change", Words="one")
    assert asked("one") == 1
    tab.post("Words", "change", Words="two")
    assert asked("two") == 1


# Actions


def test_a_list_of_actions_does_what_it_says(client: httpx.Client) -> None:
    """Row S4-6: in order, with branches; each has the same effect as its function."""
    tab = Tab(client, "/language/Actions")
    answer = tab.post("Act", Name="Ada")
    assert answer["alerts"] == ["Hello Ada", "word hello Ada", "twice 8"]
    assert tab.post("Act", Name="Bob")["alerts"] == ["Who?", "word hello Bob", "twice 8"]
    assert answer["values"] == {} if "values" in answer else True


def test_what_follows_a_failure_does_not_run(client: httpx.Client) -> None:
    """Handled or not; unhandled, the user reads the API's own words."""
    tab = Tab(client, "/language/Actions")
    assert tab.post("Fail")["alerts"] == ["It failed: no such thing"]
    assert tab.post("Loud")["alerts"] == ["no such thing"]


def test_an_action_navigates(client: httpx.Client) -> None:
    """With parameters."""
    answer = Tab(client, "/language/Actions").post("Away", Name="Ada")
    assert answer["navigate"]["url"] == "/language/Tab?from=Ada"


# Overlap


def test_values_of_an_overtaken_event_change_nothing(server: PorticoServer) -> None:
    """An event that arrives after a later one brings values that the user has changed since."""
    with client_of(server) as client:
        tab = Tab(client, "/probe/Scripts")
        tab.post("Fine", n=2, Kept="new")
        assert tab.post("Fine", n=1, Kept="old")["alerts"] == ["fine new"]
        assert tab.post("Fine", n=3, Kept="newest")["alerts"] == ["fine newest"]


def test_an_event_that_arrives_after_a_later_one_still_runs(client: httpx.Client) -> None:
    """Once: its repetition gets the stored answer, and an older one is refused."""
    tab = Tab(client, "/probe/Scripts")
    assert tab.post("Fine", n=5)["status"] == 200
    late = tab.post("Fine", n=4)
    assert (late["status"], late["alerts"]) == (200, ["fine "])
    assert tab.post("Fine", n=4)["version"] == late["version"]


def test_lines_are_numbered_through_all_answers(client: httpx.Client) -> None:
    """So that a client can tell which of two overlapping answers is the newer page."""
    tab = Tab(client, "/language/Asking")
    versions: list[int] = []
    threads = [
        threading.Thread(target=lambda: versions.append(tab.post("Wipe")["version"])) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(versions)) == 4
