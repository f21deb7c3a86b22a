"""What the auth API says about a user holds while the user is there: roles, the account, an outage."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.contracts import AUTH, AuthApi, Call, House, Reply, at_once, portico
from tests.web.posts import Tab


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """An auth API in which Ann is an admin."""
    with AuthApi(roles={"ann": ["admin"]}) as running:
        yield running


@pytest.fixture
def house(api: AuthApi, tmp_path: Path) -> Iterator[House]:
    """Portico in front of it."""
    with portico(tmp_path, api) as running:
        yield running


def test_me_is_asked_once_a_minute_while_somebody_is_there(house: House, api: AuthApi) -> None:
    """Hard-cases 27: by pages and events, not by public pages, and never while nobody is."""
    user = house.user()
    asked = api.count("/me")
    for _ in range(3):
        user.get("/app/Home")
        Tab(user, "/app/Home").post("Store")
    assert api.count("/me") == asked
    house.advance(seconds=61)
    user.get("/app/Open")
    assert api.count("/me") == asked
    for _ in range(3):
        user.get("/app/Home")
        user.get("/app/Admin")
    assert api.count("/me") == asked + 1


def test_of_many_requests_at_once_one_asks(house: House, api: AuthApi) -> None:
    """In single flight."""
    user = house.user()
    tabs = [Tab(user, "/app/Home") for _ in range(10)]
    asked, usual = api.count("/me"), api._usual
    api.answers["/me"] = lambda call: Reply(**{**vars(usual(call)), "delay": 0.2})
    house.advance(seconds=61)
    event = {"n": 1, "widget": "Store", "event": "onClick", "values": {}}
    at_once(10, lambda number: tabs[number].raw({"visit": tabs[number].visit, **event}))
    user.get("/app/Admin")
    assert api.count("/me") == asked + 1


def test_a_role_that_is_taken_away_closes_its_pages(house: House, api: AuthApi) -> None:
    """P125: within a minute, for pages and events, in tabs that are open too; and one that is given opens
    them."""
    user = house.user()
    tab = Tab(user, "/app/Admin")
    assert "admin mark" in user.get("/app/Admin").text
    api.roles["ann"] = []
    assert "admin mark" in user.get("/app/Admin").text
    house.advance(seconds=61)
    assert (
        tab.raw({"visit": tab.visit, "n": 1, "widget": None, "event": "load", "values": {}}).status_code
        == 404
    )
    assert user.get("/app/Admin").status_code == 404
    assert "user ann  " in user.get("/app/Home").text.replace("<", " <")
    api.roles["ann"] = ["admin"]
    house.advance(seconds=61)
    assert "admin mark" in user.get("/app/Admin").text


def test_rules_are_asked_again_for_other_roles(api: AuthApi, tmp_path: Path) -> None:
    """Their values are kept for one generation of a session only."""
    files = {
        "pages/Admin/page.yaml": "title: A\naccess: \"{{ auth.roles.includes('admin') }}\"\nwidgets: []\n"
    }
    with portico(tmp_path, api, files=files) as house:
        user = house.user()
        assert user.get("/app/Admin").status_code == 200
        api.roles["ann"] = []
        house.advance(seconds=61)
        assert user.get("/app/Admin").status_code == 404


@pytest.mark.parametrize(
    "reply", [Reply(status=500), Reply(status=503), Reply(status=429), Reply(status=404)]
)
def test_an_outage_signs_nobody_out_and_opens_nothing_for_long(
    reply: Reply, house: House, api: AuthApi
) -> None:
    """Hard-cases 27: roles count for ten minutes, then their pages answer 503; the others stay."""
    user = house.user()
    api.answers["/me"] = lambda _: reply
    house.advance(minutes=9)
    assert user.get("/app/Admin").status_code == 200
    house.advance(minutes=2)
    answer = user.get("/app/Admin")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "admin mark" not in answer.text
    tab = Tab(user, "/app/Home")
    tab.path = "/app/Admin"
    assert (
        tab.raw({"visit": tab.visit, "n": 1, "widget": None, "event": "load", "values": {}}).status_code
        == 503
    )
    assert user.get("/app/Home").status_code == 200
    del api.answers["/me"]
    house.advance(seconds=6)
    assert "admin mark" in user.get("/app/Admin").text


def test_how_long_roles_count_is_a_setting(api: AuthApi, tmp_path: Path) -> None:
    """`max_stale`, in seconds."""
    with portico(tmp_path, api, auth=AUTH + "  max_stale: 120\n") as house:
        user = house.user()
        api.answers["/me"] = lambda _: Reply(status=500)
        house.advance(seconds=110)
        assert user.get("/app/Admin").status_code == 200
        house.advance(seconds=20)
        assert user.get("/app/Admin").status_code == 503


def test_an_auth_api_that_hangs_does_not_hang_pages(house: House, api: AuthApi) -> None:
    """One that does not answer is waited for a moment, and then counts as silent."""
    user, gate = house.user(), threading.Event()
    api.answers["/me"] = lambda _: Reply(gate=gate)
    house.advance(seconds=61)
    assert user.get("/app/Admin").status_code == 200
    assert not gate.is_set()
    gate.set()


@pytest.mark.parametrize("status", [401, 403])
def test_a_me_that_knows_the_token_no_more_is_asked_with_another(
    status: int, house: House, api: AuthApi
) -> None:
    """Once; the session goes on."""
    user, usual = house.user(), api._usual
    api.revoke_access()

    def me(call: Call) -> Reply:
        found = usual(call)
        return Reply(status=status) if found.status == 401 else found

    api.answers["/me"] = me
    house.advance(seconds=61)
    assert "user ann admin" in user.get("/app/Home").text
    assert api.count("/refresh") == 1
    assert api.reused == []


@pytest.mark.parametrize("refused", ["refresh", "again", "nobody", "somebody else"])
def test_an_account_that_is_gone_ends_the_session(refused: str, house: House, api: AuthApi) -> None:
    """The entry page, with a word, and a cookie that opens nothing."""
    user = house.user()
    cookies = dict(user.cookies)
    if refused == "refresh":
        api.access.clear()
        api.refreshes.clear()
    else:
        body = {"nobody": None, "somebody else": {"id": "bob"}}.get(refused)
        api.answers["/me"] = lambda _: Reply(status=401 if refused == "again" else 200, body=body)
    house.advance(seconds=61)
    answer = user.get("/app/Home")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/Enter?next=%2Fapp%2FHome")
    assert "Your session has ended" in user.get("/app/Enter?next=%2Fapp%2FHome").text
    assert house.cookie(user) is None
    stale = house.client()
    stale.cookies.update(cookies)
    assert stale.get("/app/Home").status_code == 303
    assert api.count("/refresh") <= 1


def test_an_account_that_is_gone_ends_an_open_page_with_its_next_event(house: House, api: AuthApi) -> None:
    """Which is not made to wait: the one after it finds nobody."""
    user = house.user()
    tab = Tab(user, "/app/Home")
    api.access.clear()
    api.refreshes.clear()
    house.advance(seconds=61)
    answer = tab.post("Store")
    for _ in range(200):
        if answer["status"] == 401:
            break
        answer = tab.post("Store")
    assert answer["navigate"]["url"].startswith("/app/Enter")


def test_what_is_kept_outlives_it(api: AuthApi, tmp_path: Path) -> None:
    """Hard-cases 31: whichever way a session ends."""
    files = {
        "pages/Open/page.yaml": "title: Open\naccess: public\nwidgets:\n"
        '  - {name: Kept, type: Text, text: "{{ JSON.stringify(appsmith.store) }}"}\n'
    }
    with portico(tmp_path, api, auth=AUTH + "  keep: [lang]\n", files=files) as house:
        user = house.user()
        Tab(user, "/app/Home").post("Store")
        api.answers["/me"] = lambda _: Reply(status=401)
        house.advance(seconds=61)
        assert user.get("/app/Home").status_code == 303
        shown = user.get("/app/Open").text
        assert "lang" in shown
        assert "cart" not in shown


def test_apps_without_sign_in_ask_as_before(api: AuthApi, tmp_path: Path) -> None:
    """`store_keys` and `me` alone: at the sign-in, and not again."""
    auth = "  entry_page: Enter\n  home_page: Home\n  store_keys: {token: jwt}\n  me: {query: me}\n"
    files = {
        "queries/me.yaml": "datasource: api\npath: /me\n"
        "headers: {Authorization: 'Bearer {{ this.params.token }}'}\n",
        "pages/Enter/page.yaml": "title: Enter\nwidgets:\n  - {name: Email, type: Input, label: E}\n"
        "  - {name: SignIn, type: Button, text: In, onClick: "
        "'{{ login.run({email: Email.text}, () => storeValue(\"jwt\", login.data.access_token)) }}'}\n",
    }
    with portico(tmp_path, api, auth=auth, files=files) as house:
        user = house.user()
        asked = api.count("/me")
        house.advance(seconds=61)
        assert house.signed_in(user)
        assert api.count("/me") == asked == 1
