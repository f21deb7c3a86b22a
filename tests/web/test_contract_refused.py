"""Auth APIs that say in words of their own that a token is good no more: `refused`, in the place of 401."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.contracts import AUTH, AuthApi, Call, House, Reply, portico
from tests.web.posts import Tab

#: What such APIs answer: GoTrue, allauth, DummyJSON, Django behind a login page; and what says so.
DIALECTS = {
    "403 and a code": (Reply(status=403, body={"error_code": "session_not_found"}), "403 && b.error_code"),
    "410": (Reply(status=410), "410"),
    "500 and a sentence": (Reply(status=500, body={"message": "bad signature"}), "500 && b.message"),
    "a redirect": (Reply(status=302, headers=(("Location", "/login"),)), "302"),
}
ENDED = ["Your session has ended. Please sign in again."]


def says(condition: str) -> str:
    """The mapping; `b` is the body."""
    return f'"{{{{ ((b) => response.status === {condition})(response.body) }}}}"'


def speaking(api: AuthApi, dead: Reply) -> None:
    """Whatever the API refuses with 401 it now refuses so."""
    usual = api._usual

    def answer(call: Call) -> Reply:
        found = usual(call)
        return replace(dead) if found.status == 401 else found

    for path in ("/secret", "/write", "/me", "/refresh"):
        api.answers[path] = answer


def ask(client: httpx.Client, button: str = "Ask") -> dict[str, Any]:
    """Press a button of the home page."""
    return Tab(client, "/app/Home").post(button)


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """An auth API whose refresh tokens are good once, and in which Ann is an admin."""
    with AuthApi(roles={"ann": ["admin"]}) as running:
        yield running


@pytest.fixture(params=DIALECTS)
def house(request: pytest.FixtureRequest, api: AuthApi, tmp_path: Path) -> Iterator[House]:
    """Portico in front of it, which speaks one of the dialects."""
    dead, condition = DIALECTS[request.param]
    speaking(api, dead)
    with portico(tmp_path, api, auth=AUTH + f"  refused: {says(condition)}\n") as running:
        yield running


def test_a_refused_token_is_renewed_and_the_call_repeated_once(house: House, api: AuthApi) -> None:
    """P97, also of one that writes: the app says that such an answer is no answer to the call."""
    user = house.user()
    api.revoke_access()
    assert ask(user, "Write")["alerts"] == ["written"]
    assert [call.token in api.access for call in api.calls if call.path == "/write"] == [False, True]
    assert api.count("/refresh") == 1
    assert ask(user)["alerts"] == ["secret of ann"]


def test_a_session_that_was_revoked_there_ends_here(house: House, api: AuthApi) -> None:
    """P11: at the next call, with one message and one redirect."""
    user = house.user()
    api.revoke_access()
    api.refreshes.clear()
    answer = ask(user)
    assert answer["alerts"] == ENDED
    assert answer["navigate"]["url"] == "/app/Enter?next=%2Fapp%2FHome"
    assert house.cookie(user) is None
    assert user.get("/app/Enter?next=%2Fapp%2FHome").status_code == 200
    assert api.count("/secret") == 1


def test_where_nothing_renews_tokens_me_is_asked_in_these_words(api: AuthApi, tmp_path: Path) -> None:
    """A call that is refused, and a `me` that refuses too, end the session."""
    speaking(api, DIALECTS["410"][0])

    def unrenewable(call: Call) -> Reply:
        grant = api.grant("ann")
        del grant["refresh_token"]
        return Reply(body=grant)

    api.answers["/login"] = unrenewable
    auth = AUTH.replace("  refresh: {query: renew}\n", "") + f"  refused: {says('410')}\n"
    with portico(tmp_path, api, auth=auth) as house:
        user = house.user()
        api.answers["/write"] = lambda _: Reply(status=410)
        ask(user, "Write")
        assert house.signed_in(user)
        api.revoke_access()
        assert ask(user)["alerts"] == ENDED
        assert api.count("/secret") == 1


def test_me_says_it_in_these_words_too(house: House, api: AuthApi) -> None:
    """Hard-cases 27: with another token the session goes on; without one it ends, within a minute."""
    user = house.user()
    api.revoke_access()
    house.advance(seconds=61)
    assert "user ann admin" in user.get("/app/Home").text
    assert api.count("/refresh") == 1
    api.revoke_access()
    api.refreshes.clear()
    house.advance(seconds=61)
    answer = user.get("/app/Home")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/Enter?next=%2Fapp%2FHome")
    assert "Your session has ended" in user.get(answer.headers["location"]).text


PLAIN = [
    Reply(status=403, body={"error_code": "", "message": "not yours"}),
    Reply(status=404, body={"message": "no such row"}),
    Reply(status=500, body={"trace": "…"}),
]


@pytest.mark.parametrize("reply", PLAIN, ids=lambda reply: reply.status)
def test_an_ordinary_refusal_ends_and_repeats_nothing(reply: Reply, house: House, api: AuthApi) -> None:
    """The control: no permission, a row that is hidden, a server that fell over."""
    user = house.user()
    api.answers["/write"] = lambda _: replace(reply)
    ask(user, "Write")
    assert (api.count("/write"), api.count("/refresh")) == (1, 0)
    assert house.signed_in(user)


def test_without_the_mapping_such_answers_end_nothing(api: AuthApi, tmp_path: Path) -> None:
    """The control of the tests above: the mapping does it."""
    speaking(api, DIALECTS["403 and a code"][0])
    with portico(tmp_path, api) as house:
        user = house.user()
        api.revoke_access()
        api.refreshes.clear()
        assert ask(user)["alerts"] != ENDED
        assert api.count("/refresh") == 0
        assert house.signed_in(user)


def test_401_can_be_about_something_else(api: AuthApi, tmp_path: Path) -> None:
    """Where the app says so: a password that is asked for again renews nothing."""
    with portico(tmp_path, api, auth=AUTH + f"  refused: {says('410')}\n") as house:
        user = house.user()
        api.answers["/write"] = lambda _: Reply(status=401, body={"message": "your password, please"})
        assert ask(user, "Write")["alerts"] == ["your password, please"]
        assert (api.count("/write"), api.count("/refresh")) == (1, 0)


@pytest.mark.parametrize("mapping", ["response.body.error.code === 1", "undefined"])
def test_a_mapping_that_gives_nothing_leaves_it_at_401(mapping: str, api: AuthApi, tmp_path: Path) -> None:
    """So one that fails on an answer keeps no dead session."""
    with portico(tmp_path, api, auth=AUTH + f'  refused: "{{{{ {mapping} }}}}"\n') as house:
        user = house.user()
        api.revoke_access()
        assert ask(user)["alerts"] == ["secret of ann"]
        api.answers["/write"] = lambda _: Reply(status=403)
        ask(user, "Write")
        assert (api.count("/write"), api.count("/refresh")) == (1, 1)


def test_me_and_refresh_can_say_it_in_words_of_their_own(api: AuthApi, tmp_path: Path) -> None:
    """404 of `me` is a user who is gone, of an ordinary call a row; 503 of `refresh` a token that is over."""
    auth = AUTH.replace("me: {query: me,", "me: {query: me, refused: '{{ response.status === 404 }}',")
    auth = auth.replace("{query: renew}", "{query: renew, refused: '{{ response.status === 503 }}'}")
    with portico(tmp_path, api, auth=auth) as house:
        user = house.user()
        api.answers["/write"] = lambda _: Reply(status=404)
        ask(user, "Write")
        assert (api.count("/write"), api.count("/refresh")) == (1, 0)
        api.answers["/me"] = lambda _: Reply(status=404)
        api.answers["/refresh"] = lambda _: Reply(status=503)
        house.advance(seconds=61)
        assert user.get("/app/Home").status_code == 303
        assert (api.count("/me"), api.count("/refresh")) == (2, 1)


def test_a_me_that_succeeds_with_another_status_says_who_it_is(api: AuthApi, tmp_path: Path) -> None:
    """What `succeeded` says counts, whatever the status."""
    auth = AUTH.replace("me: {query: me,", "me: {query: me, succeeded: '{{ response.status === 404 }}',")
    with portico(tmp_path, api, auth=auth) as house:
        usual = api._usual
        api.answers["/me"] = lambda call: Reply(status=404, body=usual(call).body)
        user = house.user()
        api.roles["ann"] = ["clerk"]
        house.advance(seconds=61)
        assert "user ann clerk" in user.get("/app/Home").text
