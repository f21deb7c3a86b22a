"""Tokens are renewed behind the user's back: once for all who ask, and never against a log-out."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.contracts import AUTH, AuthApi, Call, House, Reply, at_once, meanwhile, portico, wait_for
from tests.web.posts import Tab


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """An auth API whose refresh tokens are good once."""
    with AuthApi() as running:
        yield running


@pytest.fixture
def house(api: AuthApi, tmp_path: Path) -> Iterator[House]:
    """Portico in front of it."""
    with portico(tmp_path, api) as running:
        yield running


def ask(client: httpx.Client, button: str = "Ask") -> dict[str, Any]:
    """Press a button of the home page."""
    return Tab(client, "/app/Home").post(button)


def test_a_token_is_renewed_before_its_end(house: House, api: AuthApi) -> None:
    """P97: not while it is good for longer than 30 s, and once then; the cookie stays."""
    user = house.user()
    cookie = house.cookie(user)
    house.advance(seconds=3560)
    assert ask(user)["alerts"] == ["secret of ann"]
    assert api.count("/refresh") == 0
    house.advance(seconds=15)
    assert ask(user)["alerts"] == ["secret of ann"]
    assert ask(user)["alerts"] == ["secret of ann"]
    assert api.count("/refresh") == 1
    assert api.reused == []
    assert house.cookie(user) == cookie


def test_a_refused_token_is_renewed_and_the_call_repeated_once(house: House, api: AuthApi) -> None:
    """P97: also one that writes, as 401 says that nothing was done."""
    user = house.user()
    api.revoke_access()
    assert ask(user, "Write")["alerts"] == ["written"]
    assert [call.token in api.access for call in api.calls if call.path == "/write"] == [False, True]
    assert api.count("/refresh") == 1


def test_what_is_refused_again_is_not_repeated_again(house: House, api: AuthApi) -> None:
    """P97: two calls, one renewal; and the session goes on, as it may be the call that is wrong."""
    user = house.user()
    api.answers["/write"] = lambda _: Reply(status=401, body={"message": "not you"})
    assert ask(user, "Write")["alerts"] == ["not you"]
    assert api.count("/write") == 2
    assert api.count("/refresh") == 1
    assert ask(user, "Write")["alerts"] == ["not you"]
    assert (api.count("/write"), api.count("/refresh")) == (3, 1)
    assert house.signed_in(user)


@pytest.mark.parametrize("status", [400, 403, 409, 429, 500, 503])
def test_only_401_repeats_a_call(status: int, house: House, api: AuthApi) -> None:
    """A write may have been done."""
    user = house.user()
    api.answers["/write"] = lambda _: Reply(status=status)
    ask(user, "Write")
    assert (api.count("/write"), api.count("/refresh")) == (1, 0)


@pytest.mark.parametrize("kind", ["due", "refused"])
def test_of_fifty_requests_one_renews(kind: str, house: House, api: AuthApi) -> None:
    """P98: exactly one upstream refresh, and everybody is answered; the refresh tokens are good once."""
    user = house.user()
    tabs = [Tab(user, "/app/Home") for _ in range(15)]
    usual = api._usual
    api.answers["/refresh"] = lambda call: Reply(**{**vars(usual(call)), "delay": 0.3})
    if kind == "due":
        house.advance(seconds=3580)
    else:
        api.revoke_access()

    def press(number: int) -> httpx.Response:
        tab = tabs[number % len(tabs)]
        return tab.raw(
            {"visit": tab.visit, "n": 1 + number, "widget": "Ask", "event": "onClick", "values": {}}
        )

    answers = at_once(50, press)
    assert [answer["alerts"] for answer in answers] == [["secret of ann"]] * 50
    assert api.count("/refresh") == 1
    assert api.reused == []


def test_calls_of_one_event_share_a_renewal(house: House, api: AuthApi) -> None:
    """Six calls at once, all refused, some answered late: one renewal."""
    user = house.user()
    api.revoke_access()
    usual, seen = api._usual, []

    def slowly(call: Call) -> Reply:
        seen.append(call)
        reply = usual(call)
        return Reply(**{**vars(reply), "delay": 0.1 * len(seen) if reply.status == 401 else 0})

    api.answers["/secret"] = slowly
    assert ask(user, "Many")["alerts"] == ["all"]
    assert api.count("/refresh") == 1
    assert api.reused == []


def test_an_answer_without_a_refresh_token_keeps_the_old_one(house: House, api: AuthApi) -> None:
    """P103."""
    user = house.user()

    def renewed(call: Call) -> Reply:
        grant = api.grant("ann")
        del grant["refresh_token"]
        return Reply(body=grant)

    api.answers["/refresh"] = renewed
    sent = []
    for _ in range(2):
        house.advance(seconds=3580)
        assert ask(user)["alerts"] == ["secret of ann"]
        sent.append(api.last("/refresh").json()["refresh_token"])
    assert sent[0] == sent[1]


REFUSALS = {
    "400": Reply(status=400, body={"error": "invalid_grant"}),
    "401": Reply(status=401),
    "no token": Reply(body={}),
    "null": Reply(body=None),
    "somebody else": Reply(body={"access_token": "acc-of-bob-1234567890", "user": {"id": "bob"}}),
}


@pytest.mark.parametrize("how", REFUSALS)
def test_a_refusal_ends_the_session(how: str, house: House, api: AuthApi) -> None:
    """P106: with one message and one way to the entry page, from which nothing leads on; no key is left."""
    api.life = 80
    user = house.user()
    ask(user, "Store")
    api.answers["/refresh"] = lambda _: REFUSALS[how]
    house.advance(seconds=55)
    answer = ask(user)
    assert answer["alerts"] == ["Your session has ended. Please sign in again."]
    assert answer["navigate"]["url"] == "/app/Enter?next=%2Fapp%2FHome"
    assert answer["session"] == "signed-out"
    assert api.count("/refresh") == 1
    assert house.cookie(user) is None
    assert user.get("/app/Enter?next=%2Fapp%2FHome").status_code == 200
    assert user.get("/app/Home").headers["location"].startswith("/app/Enter")
    house.sign_in(user)
    assert "cart" not in user.get("/app/Home").text


def test_a_session_that_ends_while_a_page_loads_leads_to_the_entry_page_once(
    api: AuthApi, tmp_path: Path
) -> None:
    """A page that asks the auth API when it opens: one redirect, no loop, the words are shown there."""
    files = {"queries/secret.yaml": "datasource: api\npath: /secret\nrun: on_load\n"}
    with portico(tmp_path, api, files=files) as house:
        api.life = 80
        user = house.user()
        api.answers["/refresh"] = lambda _: Reply(status=400)
        house.advance(seconds=55)
        answer = user.get("/app/Home", headers={"Sec-Fetch-Site": "none"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/app/Enter?next=%2Fapp%2FHome"
        entry = user.get(answer.headers["location"])
        assert entry.status_code == 200
        assert "Your session has ended" in entry.text
        assert api.count("/refresh") == 1


def test_a_session_that_ends_where_a_script_navigates_is_over_even_so(api: AuthApi, tmp_path: Path) -> None:
    """The script's way out of its error does not keep a dead session, nor lead past the entry page."""
    page = (
        "title: Home\nwidgets:\n  - {name: Ask, type: Button, text: Ask, onClick: "
        "'{{ secret.run().catch(() => navigateTo(\"Open\")) }}'}\n"
    )
    with portico(tmp_path, api, files={"pages/Home/page.yaml": page}) as house:
        user = house.user()
        api.answers["/refresh"] = lambda _: Reply(status=400)
        api.revoke_access()
        answer = ask(user)
        assert answer["navigate"]["url"] == "/app/Enter?next=%2Fapp%2FHome"
        assert not house.signed_in(user)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 302])
def test_an_auth_api_that_is_not_well_ends_nothing(status: int, house: House, api: AuthApi) -> None:
    """P106: the token that there is is used while it is good; the session goes on, and so does the next
    renewal when the API is back."""
    user = house.user()
    api.answers["/refresh"] = lambda _: Reply(status=status)
    house.advance(seconds=3580)
    assert ask(user)["alerts"] == ["secret of ann"]
    assert house.signed_in(user)
    # One, unless so much time goes by on a busy machine that it is asked again.
    before = api.count("/refresh")
    assert before >= 1
    del api.answers["/refresh"]
    house.advance(seconds=6)
    assert ask(user)["alerts"] == ["secret of ann"]
    assert api.count("/refresh") == before + 1
    assert api.last("/secret").token in api.access


def test_an_auth_api_that_cannot_renew_is_left_alone_for_a_moment(house: House, api: AuthApi) -> None:
    """P106: one attempt a step, and the user reads that it is not the password."""
    user = house.user()
    api.answers["/refresh"] = lambda _: Reply(status=503)
    api.revoke_access()
    for _ in range(3):
        answer = ask(user)
        assert answer["alerts"] == [
            "The sign-in service cannot be reached right now. Please try again in a moment."
        ]
    assert api.count("/refresh") == 1
    assert house.signed_in(user)


def test_a_log_out_during_a_renewal_wins(house: House, api: AuthApi) -> None:
    """P107: the session stays gone, and what the renewal brought is revoked."""
    user = house.user()
    tab, other = Tab(user, "/app/Home"), Tab(user, "/app/Home")
    gate, usual = threading.Event(), api._usual
    api.answers["/refresh"] = lambda call: Reply(**{**vars(usual(call)), "gate": gate})
    house.advance(seconds=3580)
    with meanwhile(gate, lambda: tab.post("Ask")):
        wait_for(api, "/refresh")
        assert other.post("Leave")["session"] == "signed-out"
    assert not house.signed_in(user)
    wait_for(api, "/logout", 2)
    revoked = {call.json()["refresh_token"] for call in api.calls if call.path == "/logout"}
    assert api.refreshes.keys() <= revoked


def test_a_script_that_renews_by_itself_does_so_as_the_only_one(api: AuthApi, tmp_path: Path) -> None:
    """Hard-cases 4: whoever runs the contract's refresh, one-time tokens are sent once; the new ones are
    kept, and the session goes on."""
    page = (
        "title: Home\nwidgets:\n  - {name: Renew, type: Button, text: Renew, onClick: "
        "'{{ renew.run({refreshToken: appsmith.store.rt}).then(() => secret.run())"
        ".then(() => showAlert(secret.data.word)) }}'}\n"
    )
    enter = (
        "title: Enter\nwidgets:\n  - {name: Email, type: Input, label: Email}\n"
        "  - {name: SignIn, type: Button, text: In, onClick: '{{ login.run({email: Email.text}).then(() => "
        'storeValue("rt", login.data.refresh_token)) }}\'}\n'
    )
    files = {"pages/Home/page.yaml": page, "pages/Enter/page.yaml": enter}
    with portico(tmp_path, api, files=files) as house:
        user = house.user()
        cookie = house.cookie(user)
        tabs = [Tab(user, "/app/Home") for _ in range(8)]

        def press(number: int) -> httpx.Response:
            tab = tabs[number]
            event: dict[str, Any] = {
                "visit": tab.visit,
                "n": 1,
                "widget": "Renew",
                "event": "onClick",
                "values": {},
            }
            return tab.raw(event)

        answers = at_once(8, press)
        assert [answer["alerts"] for answer in answers] == [["secret of ann"]] * 8
        assert api.reused == []
        assert house.cookie(user) == cookie


def test_without_a_refresh_query_a_session_ends_with_its_token(api: AuthApi, tmp_path: Path) -> None:
    """Or when the auth API says of it, to a call and to `me`, that it is over. No call is repeated."""
    auth = AUTH.replace("  refresh: {query: renew}\n", "")

    def unrenewable(call: Call) -> Reply:
        grant = api.grant("ann")
        del grant["refresh_token"]
        return Reply(body=grant)

    api.answers["/login"] = unrenewable
    with portico(tmp_path, api, auth=auth) as house:
        user = house.user()
        api.revoke_access()
        assert ask(user)["alerts"] == ["Your session has ended. Please sign in again."]
        assert api.count("/secret") == 1
        assert user.get("/app/Home").status_code == 303
        other = house.user()
        assert other.get("/app/Home").status_code == 200
        house.advance(seconds=3601)
        assert other.get("/app/Home").status_code == 303


def test_tokens_that_live_for_seconds_are_not_renewed_at_every_call(api: AuthApi, tmp_path: Path) -> None:
    """P97: with 6 s tokens, a margin of 30 s would."""
    api.life = 6
    with portico(tmp_path, api) as house:
        user = house.user()
        ask(user)
        ask(user)
        assert api.count("/refresh") == 0
        house.advance(seconds=4.5)
        assert ask(user)["alerts"] == ["secret of ann"]
        assert api.count("/refresh") == 1
