"""Signing in by what the auth API answered, wherever it keeps its tokens, and by nothing else."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.web.contracts import AUTH, BUTTON, AuthApi, Call, House, Reply, portico, wait_for
from tests.web.posts import Tab

TOKEN, REFRESH = "opaque-canary-token-1", "opaque-canary-refresh-1"
#: {"sub": "jane"}
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJlLWNhbmFyeQ"
BARE = "  entry_page: Enter\n  home_page: Home\n"


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """An auth API."""
    with AuthApi() as running:
        yield running


@pytest.fixture
def house(api: AuthApi, tmp_path: Path) -> Iterator[House]:
    """Portico in front of it."""
    with portico(tmp_path, api) as running:
        yield running


@dataclass(frozen=True, kw_only=True)
class Shape:
    """An answer, the contract that reads it, and the header that calls carry after it."""

    reply: Reply
    sign_in: str = "{query: login}"
    more: str = ""
    sent: tuple[str, str] = ("authorization", f"Bearer {TOKEN}")
    files: dict[str, str] = field(default_factory=dict)


SHAPES = {
    "body": Shape(reply=Reply(body={"access_token": TOKEN})),
    "camel": Shape(reply=Reply(body={"accessToken": TOKEN})),
    "token": Shape(reply=Reply(body={"token": TOKEN})),
    "jwt": Shape(reply=Reply(body={"jwt": TOKEN})),
    "access": Shape(reply=Reply(body={"access": TOKEN, "refresh": REFRESH})),
    "created": Shape(reply=Reply(status=201, body={"token": TOKEN})),
    "nested": Shape(
        reply=Reply(body={"data": {"session": {"key": TOKEN}}}),
        sign_in="{query: login, token: '{{ response.body.data.session.key }}'}",
    ),
    "header": Shape(
        reply=Reply(status=204, headers=(("X-Session", TOKEN),)),
        sign_in="{query: login, token: '{{ response.headers[\"x-session\"] }}'}",
        more="  send: {header: X-Session}\n",
        sent=("x-session", TOKEN),
    ),
    "header with its scheme": Shape(
        reply=Reply(status=204, headers=(("Authorization", f"Bearer {TOKEN}"),)),
        sign_in="{query: login, token: '{{ response.headers.authorization }}'}",
    ),
    "cookie only": Shape(
        reply=Reply(status=204, headers=(("Set-Cookie", f"sid={TOKEN}; HttpOnly; Path=/"),)),
        sign_in="{query: login, token: '{{ response.cookies.sid }}'}",
        more="  send: {cookie: sid}\n",
        sent=("cookie", f"sid={TOKEN}"),
    ),
    "redirect with a cookie": Shape(
        reply=Reply(status=302, headers=(("Set-Cookie", f"sid={TOKEN}"), ("Location", "/"))),
        sign_in="{query: login, succeeded: '{{ response.status === 302 }}', "
        "token: '{{ response.cookies.sid }}'}",
        more="  send: {cookie: sid}\n",
        sent=("cookie", f"sid={TOKEN}"),
    ),
    "text": Shape(reply=Reply(body=TOKEN.encode()), sign_in="{query: login, token: '{{ response.body }}'}"),
    "form": Shape(
        reply=Reply(body={"access_token": TOKEN}),
        files={
            "queries/login.yaml": "datasource: api\nmethod: POST\npath: /login\nbody_type: form\n"
            "body: {username: '{{ this.params.email }}', password: x}\n"
        },
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_signing_in_by_the_answer(name: str, api: AuthApi, tmp_path: Path) -> None:
    """The user is signed in without a script, on the home page; calls carry the token, pages never do."""
    shape = SHAPES[name]
    api.answers["/login"] = lambda _: shape.reply
    api.answers["/secret"] = lambda _: Reply(body={"word": "yes"})
    auth = f"{BARE}  sign_in: {shape.sign_in}\n{shape.more}"
    with portico(tmp_path, api, auth=auth, files=shape.files) as house:
        user = house.client()
        tab = Tab(user, "/app/Enter")
        raw = tab.raw(
            {"visit": tab.visit, "n": 1, "widget": "SignIn", "event": "onClick", "values": {"Email": "a@b.c"}}
        )
        assert json.loads(raw.text)["navigate"]["url"] == "/app/Home"
        assert Tab(user, "/app/Home").post("Ask")["alerts"] == ["yes"]
        assert api.last("/secret").headers[shape.sent[0]] == shape.sent[1]
        shown = raw.text + str(raw.headers) + user.get("/app/Home").text
        assert TOKEN not in shown
        assert REFRESH not in shown
        if name == "form":
            assert api.last("/login").body == b"username=a%40b.c&password=x"


def test_a_token_under_a_name_of_the_authors_reaches_no_script(api: AuthApi, tmp_path: Path) -> None:
    """P50: body and headers of the answer, as scripts and pages see them, hold what opens nothing."""
    body = {"data": {"session": {"key": TOKEN}}, "note": f"your key is {TOKEN}"}
    api.answers["/login"] = lambda _: Reply(body=body, headers=(("X-Key", TOKEN),))
    auth = BARE + "  sign_in: {query: login, token: '{{ response.body.data.session.key }}'}\n"
    page = "title: Enter\nwidgets:\n" + BUTTON.format(
        "SignIn", "login.run().then(() => showAlert(JSON.stringify([login.data, login.responseMeta])))"
    )
    with portico(tmp_path, api, auth=auth, files={"pages/Enter/page.yaml": page}) as house:
        said = Tab(house.client(), "/app/Enter").post("SignIn")["alerts"]
        assert "your key is sealed" in said[0]
        assert TOKEN not in said[0]


ERRORS: dict[str, Any] = {
    "text": b"Wrong name or password",
    "message": {"message": "Wrong name or password"},
    "msg": {"msg": "Wrong name or password"},
    "detail": {"detail": "Wrong name or password"},
    "error_description": {"error": "invalid_grant", "error_description": "Wrong name or password"},
    "error.message": {"data": None, "error": {"status": 400, "message": "Wrong name or password"}},
    "errors": {"errors": [{"message": "Wrong name or password"}]},
    "error": {"error": "Wrong name or password"},
    "fields": {"detail": [{"loc": ["body"], "msg": "Wrong name or password"}]},
}


@pytest.mark.parametrize("shape", ERRORS)
@pytest.mark.parametrize("status", [400, 401, 422])
def test_a_refused_sign_in_says_why_in_the_apis_words(
    shape: str, status: int, house: House, api: AuthApi
) -> None:
    """Hard-cases 21: whatever the shape of its errors; nobody is signed in."""
    api.answers["/login"] = lambda _: Reply(status=status, body=ERRORS[shape])
    user = house.client()
    answer = house.sign_in(user)
    assert answer["alerts"] == ["Wrong name or password"]
    assert "navigate" not in answer
    assert user.get("/app/Home").status_code == 303


def _always(reply: Reply) -> Callable[[Call], Reply]:
    return lambda _: reply


def test_the_authors_words_come_first(api: AuthApi, tmp_path: Path) -> None:
    """And `succeeded` decides: a 200 can be a refusal."""
    auth = (
        BARE + "  sign_in:\n    query: login\n    succeeded: '{{ response.body.ok === true }}'\n"
        "    error: '{{ response.body.why }}'\n"
    )
    with portico(tmp_path, api, auth=auth) as house:
        for status in (200, 400):
            body = {"ok": False, "why": "locked", "message": "no", "access_token": TOKEN}
            refusal = Reply(status=status, body=body)
            api.answers["/login"] = _always(refusal)
            answer = house.sign_in(house.client())
            assert answer["alerts"] == ["locked"]
            assert "session" not in answer


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_limit_or_an_outage_is_never_called_a_wrong_password(
    status: int, api: AuthApi, tmp_path: Path
) -> None:
    """Hard-cases 18: whatever the author's `error` says."""
    auth = BARE + "  sign_in: {query: login, error: \"{{ 'Wrong password' }}\"}\n"
    api.answers["/login"] = lambda _: Reply(status=status, body={})
    with portico(tmp_path, api, auth=auth) as house:
        (said,) = house.sign_in(house.client())["alerts"]
        assert "password" not in said
        assert ("Too many attempts" in said) is (status == 429)


@pytest.mark.parametrize("body", [None, {}, {"user": {"id": 1}}, [], "", 7, {"access_token": ""}])
def test_a_2xx_without_a_token_signs_nobody_in(body: Any, house: House, api: AuthApi) -> None:
    """200 `null` is how some say that nobody is."""
    api.answers["/login"] = lambda _: Reply(body=body)
    user = house.client()
    assert "session" not in house.sign_in(user)
    assert user.get("/app/Home").status_code == 303


IDENTITIES = {
    "answer": ("", {"access_token": TOKEN, "user": {"id": 7, "name": "Ann"}}, "7"),
    "record": ("", {"token": TOKEN, "record": {"id": "r1"}}, "r1"),
    "mapping": (", uid: '{{ response.body.who }}'", {"token": TOKEN, "who": "w1"}, "w1"),
    "sub": ("", {"token": JWT}, "jane"),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_who_signed_in(name: str, api: AuthApi, tmp_path: Path) -> None:
    """By the answer, by the author's mapping, or by the token's own `sub`."""
    mapping, body, uid = IDENTITIES[name]
    api.answers["/login"] = lambda _: Reply(body=body)
    with portico(tmp_path, api, auth=f"{BARE}  sign_in: {{query: login{mapping}}}\n") as house:
        user = house.client()
        house.sign_in(user)
        assert f"user {uid} " in user.get("/app/Home").text


def test_roles_come_from_me_where_the_answer_names_none(house: House, api: AuthApi) -> None:
    """And open pages."""
    api.roles["ann"] = ["admin"]
    user = house.user()
    assert "user ann admin" in user.get("/app/Home").text
    assert "admin mark" in user.get("/app/Admin").text
    assert house.user("bob").get("/app/Admin").status_code == 404


def test_a_me_that_refuses_signs_nobody_in(house: House, api: AuthApi) -> None:
    """Its words are shown."""
    api.answers["/me"] = lambda _: Reply(status=403, body={"message": "account closed"})
    user = house.client()
    answer = house.sign_in(user)
    assert answer["alerts"] == ["account closed"]
    assert "navigate" not in answer
    assert user.get("/app/Home").status_code == 303


def test_a_kept_way_back_replaces_the_home_page(house: House, api: AuthApi) -> None:
    """Hard-cases 32; and only a path of this app is one."""
    api.roles["ann"] = ["admin"]
    assert house.sign_in(house.client(), page="Enter?next=%2Fapp%2FAdmin")["navigate"]["url"] == "/app/Admin"
    for other in ("https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2Fother%2FHome"):
        answer = house.sign_in(house.client(), page=f"Enter?next={other}")
        assert answer["navigate"]["url"] == "/app/Home"


def test_without_scripts_it_works_the_same(house: House) -> None:
    """A form post: 303, cookie, page."""
    user = house.client()
    answer = user.post("/app/Enter", data={"v.Email": "ann@example.com", "portico.event": "SignIn onClick"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/Home")
    assert "user ann" in user.get("/app/Home").text


def test_a_sign_in_before_the_first_navigation(api: AuthApi, tmp_path: Path) -> None:
    """The page that a script goes to is asked for by somebody who is signed in; its choice wins."""
    api.roles["ann"] = ["admin"]
    page = "title: Enter\nwidgets:\n  - {name: Email, type: Input, label: Email}\n" + BUTTON.format(
        "SignIn", 'login.run({email: Email.text}, () => navigateTo("Admin"))'
    )
    with portico(tmp_path, api, files={"pages/Enter/page.yaml": page}) as house:
        user = house.client()
        assert house.sign_in(user)["navigate"]["url"] == "/app/Admin"
        assert "admin mark" in user.get("/app/Admin").text


def test_of_two_sign_ins_in_one_event_the_last_counts(api: AuthApi, tmp_path: Path) -> None:
    """One session, of the second user."""
    page = "title: Enter\nwidgets:\n" + BUTTON.format(
        "SignIn", 'login.run({email: "ann@x"}).then(() => login.run({email: "bob@x"}))'
    )
    with portico(tmp_path, api, files={"pages/Enter/page.yaml": page}) as house:
        user = house.client()
        assert Tab(user, "/app/Enter").post("SignIn")["session"] == "signed-in"
        assert "user bob" in user.get("/app/Home").text


def test_clearing_the_store_before_a_sign_in_does_not_undo_it(api: AuthApi, tmp_path: Path) -> None:
    """A script that tidies up first; one that does so afterwards logs out (hard-cases 31)."""
    page = (
        "title: Enter\nwidgets:\n  - {name: Email, type: Input, label: Email}\n"
        + BUTTON.format("SignIn", "clearStore(), login.run({email: Email.text})")
        + BUTTON.format("Undo", "login.run({email: Email.text}, () => clearStore())")
    )
    auth = AUTH + "  store_keys: {token: jwt}\n"
    with portico(tmp_path, api, auth=auth, files={"pages/Enter/page.yaml": page}) as house:
        assert house.sign_in(house.client())["session"] == "signed-in"
        user = house.client()
        assert "session" not in Tab(user, "/app/Enter").post("Undo", Email="ann@x")
        assert user.get("/app/Home").status_code == 303


@pytest.mark.parametrize("confirmed", [True, False])
def test_signing_up_with_and_without_a_session(confirmed: bool, api: AuthApi, tmp_path: Path) -> None:
    """Who gets a token is signed in; who has to look into a mail is not, and is expected back."""
    page = "title: Enter\nwidgets:\n" + BUTTON.format("Join", 'join.run({email: "new@x"})')
    files = {
        "pages/Enter/page.yaml": page,
        "queries/join.yaml": "datasource: api\nmethod: POST\npath: /signup\n"
        'body: "{{ {email: this.params.email} }}"\n',
    }
    if not confirmed:
        api.answers["/signup"] = lambda _: Reply(body={"id": "new", "confirmation_sent_at": "now"})
    with portico(tmp_path, api, auth=AUTH + "  sign_up: {query: join}\n", files=files) as house:
        user = house.client()
        answer = Tab(user, "/app/Enter").post("Join")
        assert ("session" in answer) is confirmed
        assert house.signed_in(user) is confirmed
        assert any("flow" in name for name in user.cookies) is not confirmed


LOADED = {
    "pages/Open/page.yaml": "title: Open\naccess: public\nwidgets:\n"
    "  - {name: Who, type: Text, text: \"{{ 'now ' + auth.uid }}\"}\n",
    "pages/Open/scripts/Load.js": "export default { go() { return login.run({email: 'eve@x'}) } }\n",
    "pages/Open/scripts/Load.yaml": "functions: {go: {run: on_load}}\n",
}


@pytest.mark.parametrize("agreed", [True, False])
def test_a_sign_in_that_nobody_asked_for_needs_consent(agreed: bool, api: AuthApi, tmp_path: Path) -> None:
    """P20: asked once, by name; who says no is asked no more and stays as before."""
    with portico(tmp_path, api, files=LOADED) as house:
        user = house.client()
        tab = Tab(user, "/app/Open")
        answer = tab.load()
        assert answer["ask"]["question"] == "Continue as eve@example.com?"
        assert not house.signed_in(user)
        after = tab.reply(answer["ask"], agreed=agreed)
        assert "ask" not in after
        assert house.signed_in(user) is agreed


def test_another_user_takes_over_and_finds_nothing(api: AuthApi, tmp_path: Path) -> None:
    """The store goes but for `keep`, the session before is dead, its token is revoked (hard-cases 31)."""
    page = FILES_WITH_SIGN_IN
    with portico(
        tmp_path, api, auth=AUTH + "  keep: [lang]\n", files={"pages/Home/page.yaml": page}
    ) as house:
        user = house.user("ann")
        Tab(user, "/app/Home").post("Store")
        old, token = dict(user.cookies), next(iter(api.refreshes))
        answer = Tab(user, "/app/Home").post("SignIn", Email="bob@x")
        assert answer["session"] == "signed-in"
        shown = user.get("/app/Home").text
        assert "user bob" in shown
        assert "cart" not in shown
        assert "lang" in shown
        stale = house.client()
        stale.cookies.update(old)
        assert stale.get("/app/Home").status_code == 303
        wait_for(api, "/logout")
        assert api.last("/logout").json() == {"refresh_token": token}


FILES_WITH_SIGN_IN = (
    "title: Home\nwidgets:\n  - {name: Email, type: Input, label: Email}\n"
    "  - {name: Who, type: Text, text: \"{{ 'user ' + auth.uid + JSON.stringify(appsmith.store) }}\"}\n"
    + BUTTON.format("SignIn", "login.run({email: Email.text})")
    + BUTTON.format("Store", 'storeValue("cart", 1), storeValue("lang", "de")')
)


@pytest.mark.parametrize("persist", [True, False])
def test_a_session_may_end_with_the_browser(persist: bool, api: AuthApi, tmp_path: Path) -> None:
    """`persist_sessions: false`: a cookie without age."""
    auth = AUTH + f"  persist_sessions: {str(persist).lower()}\n"
    with portico(tmp_path, api, auth=auth) as house:
        user = house.client()
        form = {"v.Email": "ann@example.com", "portico.event": "SignIn onClick"}
        cookies = user.post("/app/Enter", data=form).headers.get_list("set-cookie")
        session = next(cookie for cookie in cookies if ".app=" in cookie and "visitor" not in cookie)
        assert ("max-age" in session.lower()) is persist


def test_where_the_token_goes(api: AuthApi, tmp_path: Path) -> None:
    """To the contract's origins and the `audience`, nowhere else; never over a query's own header; not with
    queries that hand tokens out."""
    with AuthApi() as friend, AuthApi() as stranger:
        for one in (api, friend, stranger):
            one.answers["/echo"] = lambda _: Reply(body={})
        files = {
            "datasources/friend.yaml": f"url: {friend.url}\nallow_private: true\n",
            "datasources/stranger.yaml": f"url: {stranger.url}\nallow_private: true\n",
            **{
                f"queries/to_{name}.yaml": f"datasource: {name}\npath: /echo\nrun: manual\n"
                for name in ("api", "friend", "stranger")
            },
            "queries/own.yaml": "datasource: api\npath: /echo\nrun: manual\n"
            "headers: {authorization: Basic abc}\n",
            "queries/lost.yaml": 'datasource: api\nmethod: POST\npath: /lost\nbody: "{{ {email: 1} }}"\n',
            "pages/Home/page.yaml": "title: Home\nwidgets:\n"
            + BUTTON.format("Go", "Promise.all([to_api.run(), to_friend.run(), to_stranger.run()])")
            + BUTTON.format("Own", "own.run()")
            + BUTTON.format("Again", 'lost.run().catch(() => 0).then(() => login.run({email: "ann@x"}))'),
        }
        auth = AUTH + "  audience: [friend]\n  recover: {query: lost}\n"
        with portico(tmp_path, api, auth=auth, files=files) as house:
            user = house.user()
            (token,) = api.access
            tab = Tab(user, "/app/Home")
            tab.post("Go")
            assert [one.last("/echo").token for one in (api, friend, stranger)] == [token, token, ""]
            tab.post("Own")
            assert api.last("/echo").headers["authorization"] == "Basic abc"
            tab.post("Again")
            house.advance(seconds=3580)
            Tab(user, "/app/Home").post("Go")
            assert api.count("/refresh") == 1
            for path in ("/login", "/lost", "/refresh"):
                assert "authorization" not in api.last(path).headers, path


@pytest.mark.parametrize(
    "how", ["logoutUser()", 'storeValue("jwt", "")', 'removeValue("jwt")', "clearStore()"]
)
def test_log_out_revokes_upstream(how: str, api: AuthApi, tmp_path: Path) -> None:
    """P109: by whichever door, once, with the tokens that there were."""
    page = "title: Home\nwidgets:\n" + BUTTON.format("Leave", how)
    auth = AUTH + "  store_keys: {token: jwt}\n"
    with portico(tmp_path, api, auth=auth, files={"pages/Home/page.yaml": page}) as house:
        user = house.user()
        (access,), (refresh,) = api.access, api.refreshes
        assert Tab(user, "/app/Home").post("Leave")["session"] == "signed-out"
        wait_for(api, "/logout")
        assert api.last("/logout").token == access
        assert api.last("/logout").json() == {"refresh_token": refresh}
        assert not house.signed_in(user)
    assert api.count("/logout") == 1


def test_a_script_that_signs_out_itself_is_not_repeated(api: AuthApi, tmp_path: Path) -> None:
    """But one whose query failed is."""
    page = "title: Home\nwidgets:\n" + BUTTON.format(
        "Leave", "logout.run().catch(() => 0).then(() => logoutUser())"
    )
    with portico(tmp_path, api, files={"pages/Home/page.yaml": page}) as house:
        assert Tab(house.user(), "/app/Home").post("Leave")["session"] == "signed-out"
        api.answers["/logout"] = lambda _: Reply(status=503)
        assert Tab(house.user(), "/app/Home").post("Leave")["session"] == "signed-out"
    assert api.count("/logout") == 3


def test_a_log_out_does_not_wait_for_the_auth_api(house: House, api: AuthApi) -> None:
    """P109: it is answered while the API hangs, also where that was to be asked who the user is."""
    user, gate = house.user(), threading.Event()
    tab = Tab(user, "/app/Home")
    for path in ("/logout", "/me", "/refresh"):
        api.answers[path] = lambda _: Reply(status=204, gate=gate)
    house.advance(seconds=90)
    assert tab.post("Leave")["session"] == "signed-out"
    assert not gate.is_set()
    assert not house.signed_in(user)
    gate.set()


def test_a_token_that_a_script_makes_up_signs_nobody_in(api: AuthApi, tmp_path: Path) -> None:
    """Hard-cases 1: with `sign_in`, too, a stored string counts only once `me` accepted it."""
    page = "title: Enter\nwidgets:\n" + BUTTON.format("SignIn", 'storeValue("jwt", "made-up-token-123")')
    auth = AUTH + "  store_keys: {token: jwt}\n"
    with portico(tmp_path, api, auth=auth, files={"pages/Enter/page.yaml": page}) as house:
        user = house.client()
        assert Tab(user, "/app/Enter").post("SignIn")["alerts"] == ["who are you?"]
        assert not house.signed_in(user)
