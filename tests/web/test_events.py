"""The event protocol: what a browser may say, and what it gets (promise 55, hard-cases 6)."""

import json
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.journeys.servers import PorticoServer
from tests.web.posts import Tab, merged

LANGUAGE, SHOWN, SCRIPTS = "/probe/Language", "/probe/Shown", "/probe/Scripts"


def test_a_binding_follows_what_is_typed(client: httpx.Client) -> None:
    """A change event brings the HTML of the widgets that depend on it, and nothing else."""
    tab = Tab(client, LANGUAGE)
    answer = tab.post("Who", "change", Who="Ada")
    assert "Ada of" in answer["html"]["Echo"]
    assert "Keep" not in answer["html"]


def test_the_store_is_kept_for_a_visitor_without_a_sign_in(client: httpx.Client) -> None:
    """`storeValue` begins a session for a stranger, and later pages see the value."""
    tab = Tab(client, LANGUAGE)
    assert "Ada of Ada" in tab.post("Keep", Who="Ada")["html"]["Echo"]
    assert "nobody of Ada" in client.get(LANGUAGE).text
    answer = tab.post("Drop", Who="Ada")
    assert answer["alerts"] == ["gone"]
    assert "Ada of" in answer["html"]["Echo"]
    assert "of Ada" not in client.get(LANGUAGE).text


def test_hidden_and_disabled_widgets_do_not_act(client: httpx.Client) -> None:
    """An event of a widget that is not shown, or disabled, is refused; one that appeared runs."""
    tab = Tab(client, SHOWN)
    assert tab.post("Hidden")["problem"]["code"] == "event_refused"
    assert tab.post("Disabled")["problem"]["code"] == "event_refused"
    assert tab.post("Open")["status"] == 200
    assert tab.post("Hidden")["alerts"] == ["hidden ran"]


def test_values_count_only_for_inputs_that_are_enabled(client: httpx.Client) -> None:
    """A value for a disabled input, or for something that takes none, is dropped."""
    answer = Tab(client, SHOWN).post("Told", Locked="forged", Open="forged", Nowhere="forged")
    assert answer["alerts"] == ["locked"]


def test_an_invalid_form_gets_messages_and_no_action(client: httpx.Client) -> None:
    """`disabledWhenInvalid` is checked here, whatever the client did (hard-cases 23)."""
    tab = Tab(client, SHOWN)
    answer = tab.post("Send", Needed="")
    assert answer["alerts"] == []
    assert answer["focus"] == "Needed"
    assert 'aria-invalid="true"' in "".join(answer["html"].values())
    answer = tab.post("Send", Needed="this")
    assert answer["alerts"] == ["sent this"]
    assert answer["values"] == {"Needed": ""}, "the form was reset after it"


def test_an_answered_event_is_not_run_again(client: httpx.Client) -> None:
    """The same number gets the stored answer, byte for byte; an older one is refused."""
    tab = Tab(client, LANGUAGE)
    body = {"visit": tab.visit, "n": 1, "widget": "Keep", "event": "onClick", "values": {"Who": "one"}}
    first, second = tab.raw(body), tab.raw({**body, "values": {"Who": "two"}})
    assert first.content == second.content
    assert "nobody of one" in client.get(LANGUAGE).text


def test_a_stranger_with_the_visits_id_gets_another_visit(
    server: PorticoServer, client: httpx.Client
) -> None:
    """A visit is bound to the cookie: its id alone opens nothing (P49)."""
    tab = Tab(client, LANGUAGE)
    tab.post("Keep", Who="mine")
    headers = {"Origin": server.url}
    with httpx.Client(base_url=server.url, trust_env=False, headers=headers) as stranger:
        other = Tab(stranger, LANGUAGE)
        other.visit = tab.visit
        assert "mine" not in json.dumps(other.post("Who", "change", n=2, Who="theirs"))


def test_data_is_never_evaluated(client: httpx.Client) -> None:
    """Promise 43: what looks like a binding in a value is text."""
    payloads = [
        "{{1337*7}}",
        "{{ {{1337*7}} }}",
        "${1337*7}",
        "{%1337*7%}",
        "#{1337*7}",
        "{{'a'.constructor}}",
    ]
    tab = Tab(client, LANGUAGE)
    for payload in payloads:
        html = "".join(tab.post("Who", "change", Who=payload)["html"].values())
        assert "9359" not in html
    shown = client.get("/probe/Start", params={"name": "{{1337*7}}"}).text
    assert "{{1337*7}}" in shown
    assert "9359" not in shown


def test_a_navigation_carries_its_alert(client: httpx.Client) -> None:
    """A fetch event hands the alert to the client; a form post sends it along in a cookie."""
    answer = Tab(client, LANGUAGE).post("Both", Who="Ada Lovelace")
    assert answer["alerts"] == ["carried"]
    assert answer["navigate"] == {"url": "/probe/Start?name=Ada+Lovelace", "target": "SAME_WINDOW"} or answer[
        "navigate"
    ] == {"url": "/probe/Start?name=Ada%20Lovelace", "target": "SAME_WINDOW"}
    posted = client.post(LANGUAGE, data={"portico.event": "Both onClick", "v.Who": "Ada"})
    assert posted.status_code == 303
    assert "carried" in client.get(posted.headers["location"]).text
    assert "carried" not in client.get(posted.headers["location"]).text


def test_a_form_post_never_redirects_to_another_origin(client: httpx.Client) -> None:
    """Hard-cases 24: the answer is a page of ours with the link."""
    answer = client.post(SCRIPTS, data={"portico.event": "Away onClick"})
    assert answer.status_code == 200
    assert 'href="https://example.com/there?a=1"' in answer.text


def test_a_script_address_is_not_navigated_to(client: httpx.Client) -> None:
    """Promise 26: only http, https, mailto and tel."""
    answer = Tab(client, SCRIPTS).post("Evil")
    assert "navigate" not in answer
    assert answer["alerts"]


def test_a_failing_binding_spoils_itself_alone(client: httpx.Client) -> None:
    """An empty property and a line in the log with the place, never a broken page."""
    page = client.get(SCRIPTS)
    assert page.status_code == 200
    assert "Fine" in page.text


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["Kept", "Loop", "Fine", "Broken", "login_api", "storeValue", "", "__proto__", "x" * 500]
)
EVENTS = st.sampled_from(["onClick", "change", "load", "run", "constructor", "setValue", "", "onTextChanged"])
SHAPED = st.fixed_dictionaries(
    {
        "visit": st.text(max_size=40) | st.just("v" * 22) | BODIES,
        "n": st.integers(-5, 10**20) | BODIES,
        "widget": NAMES | BODIES,
        "event": EVENTS | BODIES,
        "values": st.dictionaries(NAMES, BODIES, max_size=3) | BODIES,
    }
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES | SHAPED)
def test_whatever_is_posted_runs_only_what_is_declared(client: httpx.Client, body: Any) -> None:
    """Promise 55: no body makes a 5xx, and only declared (widget, event) pairs are answered 200."""
    if isinstance(body, dict) and body.get("widget") in ("Loop", "Memory", "Flood"):
        body = {**body, "widget": "Fine"}
    answer = Tab(client, SCRIPTS).raw(body)
    assert answer.status_code in (200, 400, 409)
    if answer.status_code == 200 and merged(answer).get("alerts"):
        assert (body["widget"], body["event"]) == ("Fine", "onClick")


def test_bodies_of_the_wrong_kind_are_refused(client: httpx.Client) -> None:
    """Promises 19 and 119: the type is not smuggled, and nothing over the limit is read."""
    event = {"visit": "v" * 22, "n": 1, "widget": "Fine", "event": "onClick", "values": {}}
    assert Tab(client, SCRIPTS).raw(event, **{"Content-Type": "text/plain"}).status_code == 400
    assert client.post(SCRIPTS, json=event).status_code == 400
    assert (
        client.post(
            SCRIPTS, content=b"x" * (2 << 20), headers={"Content-Type": "application/x-www-form-urlencoded"}
        ).status_code
        == 413
    )
    assert Tab(client, SCRIPTS).raw(b"[" * 100_000).status_code == 400
    assert Tab(client, SCRIPTS).raw(b"\xff\xfe").status_code == 400
    file = client.post(SCRIPTS, files={"f": ("a.txt", b"hello")})
    assert file.status_code == 400
