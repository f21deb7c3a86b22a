"""A sign-in of two steps: between them nobody is signed in, and nothing of the first is in the browser
(hard-cases 30)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.contracts import AUTH, BUTTON, FILES, AuthApi, Call, House, Reply, portico
from tests.web.posts import Tab

STEP = "step-token-canary-123456"
CONTRACT = (
    AUTH.replace(
        "{query: login}",
        "{query: login, pending: '{{ response.body?.needs ?? response.body?.data?.flows }}'}",
    )
    + "  verify: {query: verify}\n  pending_page: Second\n  keep: [lang]\n"
)
MORE = {
    "queries/verify.yaml": "datasource: api\nmethod: POST\npath: /verify\n"
    "headers: {authorization: 'Bearer {{ auth.pending.session_token }}'}\n"
    'body: "{{ {code: this.params.code} }}"\n',
    "pages/Second/page.yaml": "title: Second\nwidgets:\n  - {name: Code, type: Input, label: Code}\n"
    "  - {name: Said, type: Text, text: \"{{ 'pending ' + JSON.stringify(auth.pending) }}\"}\n"
    + BUTTON.format("Verify", "verify.run({code: Code.text})"),
}


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """An auth API that wants a code."""
    with AuthApi(roles={"ann": ["admin"]}) as running:

        def verify(call: Call) -> Reply:
            if call.token != STEP:
                return Reply(status=401, body={"message": "begin anew"})
            if call.json()["code"] != "123":
                return Reply(status=400, body={"message": "wrong code"})
            return Reply(body=running.grant("ann"))

        running.answers["/verify"] = verify
        running.answers["/login"] = lambda _: Reply(body={"needs": "totp", "session_token": STEP})
        yield running


@pytest.fixture
def house(api: AuthApi, tmp_path: Path) -> Iterator[House]:
    """Portico in front of it."""
    with portico(tmp_path, api, auth=CONTRACT, files=MORE) as running:
        yield running


@pytest.mark.parametrize("status", [200, 401])
def test_two_steps(status: int, house: House, api: AuthApi) -> None:
    """The first leads to its page whatever the status was, the second signs in."""
    body = {"needs": "totp", "session_token": STEP}
    api.answers["/login"] = lambda _: Reply(status=status, body=body)
    user = house.client()
    answer = house.sign_in(user, page="Enter?next=%2Fapp%2FAdmin")
    assert answer["alerts"] == []
    second = answer["navigate"]["url"]
    assert second == "/app/Second?next=%2Fapp%2FAdmin"
    assert "session" not in answer
    for page in ("Home", "Admin"):
        assert user.get(f"/app/{page}").status_code == 303
    shown = user.get(second)
    assert "totp" in shown.text
    assert STEP not in shown.text + str(answer)
    tab = Tab(user, second)
    assert tab.post("Verify", Code="000")["alerts"] == ["wrong code"]
    done = tab.post("Verify", Code="123")
    assert (done["navigate"]["url"], done["session"]) == ("/app/Admin", "signed-in")
    assert "admin mark" in user.get("/app/Admin").text
    assert "pending null" in user.get("/app/Second").text


def test_it_waits_for_ten_minutes(house: House, api: AuthApi) -> None:
    """Then its tokens open nothing."""
    user = house.client()
    house.sign_in(user)
    house.advance(minutes=11)
    assert "pending null" in user.get("/app/Second").text
    assert "session" not in Tab(user, "/app/Second").post("Verify", Code="123")
    assert not house.signed_in(user)


def test_nobody_else_finds_it(house: House) -> None:
    """It is bound to a cookie that is new with it, so that none that was planted before has it."""
    user, other = house.client(), house.client()
    Tab(user, "/app/Enter")
    before = dict(user.cookies)
    house.sign_in(user)
    assert "totp" in user.get("/app/Second").text
    other.cookies.update(before)
    assert "pending null" in other.get("/app/Second").text


def test_who_was_signed_in_is_not_any_more(api: AuthApi, tmp_path: Path) -> None:
    """A sign-in that is begun ends what was; its token is revoked, what is kept stays."""
    begin = BUTTON.format("Begin", 'login.run({email: "ann@x"})')
    files = {**MORE, "pages/Home/page.yaml": FILES["pages/Home/page.yaml"] + begin}
    with portico(tmp_path, api, auth=CONTRACT, files=files) as house:
        first = api.answers.pop("/login")
        user = house.user("bob")
        tab = Tab(user, "/app/Home")
        tab.post("Store")
        api.answers["/login"] = first
        answer = tab.post("Begin")
        user.get(answer["navigate"]["url"], follow_redirects=True)
        assert user.get("/app/Home").status_code == 303
        assert "totp" in user.get("/app/Second").text
    assert api.count("/logout") == 1


def test_the_page_for_it_wins_over_where_a_script_goes(api: AuthApi, tmp_path: Path) -> None:
    """It believes that it is done."""
    page = "title: Enter\nwidgets:\n  - {name: Email, type: Input, label: Email}\n" + BUTTON.format(
        "SignIn", 'login.run({email: Email.text}, () => navigateTo("Home"))'
    )
    with portico(tmp_path, api, auth=CONTRACT, files={**MORE, "pages/Enter/page.yaml": page}) as house:
        assert house.sign_in(house.client())["navigate"]["url"] == "/app/Second"
