"""Who may open what, through every channel (promises 123 and 124, hard-cases 1, 15, 31)."""

import httpx
import pytest

from tests.journeys.servers import AuthServer, PorticoServer
from tests.web.posts import Tab

#: Page, whether appsmith_user (role clerk) may open it, and what stands on it.
MATRIX = {
    "Clerk": (True, "clerk mark"),
    "Admin": (False, "admin mark"),
    "Ruled": (True, "ruled mark"),
    "Refused": (False, "refused mark"),
    "Failing": (False, "failing mark"),
    "Home": (True, "appsmith_user clerk true"),
}


def everything(client: httpx.Client, page: str) -> str:
    """All bytes that every channel answers about a page."""
    path = f"/guarded/{page}"
    form = client.post(path, data={"portico.event": "load"})
    fetched = Tab(client, path).raw(
        {"visit": "v" * 22, "n": 1, "widget": None, "event": "load", "values": {}}
    )
    answers = [client.get(path), client.head(path), form, fetched]
    return "".join(f"{answer.status_code} {answer.headers} {answer.text}" for answer in answers)


@pytest.mark.parametrize("page", MATRIX)
def test_nothing_of_a_page_without_a_session(page: str, client: httpx.Client) -> None:
    """Signed out, every page but the public ones leads to the entry page."""
    assert MATRIX[page][1] not in everything(client, page)
    answer = client.get(f"/guarded/{page}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/guarded/Enter?next=")


@pytest.mark.parametrize("page", MATRIX)
def test_a_page_opens_for_its_role_or_rule_alone(page: str, entered: httpx.Client) -> None:
    """Forbidden pages look like missing ones; a rule opens with `true` only, not with a truthy name."""
    allowed, mark = MATRIX[page]
    assert (mark in everything(entered, page)) is allowed
    if not allowed:
        missing = entered.get("/guarded/Missing")
        forbidden = entered.get(f"/guarded/{page}")
        assert (forbidden.status_code, missing.status_code) == (404, 404)

        def cut(answer: httpx.Response) -> str:
            return answer.text.partition("<code>")[0] + answer.text.partition("</code>")[2]

        assert cut(forbidden) == cut(missing)


def test_a_script_gives_itself_no_role(entered: httpx.Client, client: httpx.Client) -> None:
    """uid and roles come from evidence: nothing that a script stores or assigns is believed."""
    Tab(entered, "/guarded/Enter").post("FakeRoles")
    assert "admin mark" not in everything(entered, "Admin")
    assert "appsmith_user clerk true" in entered.get("/guarded/Home").text


def test_a_made_up_token_signs_nobody_in(client: httpx.Client, auth_server: AuthServer) -> None:
    """`me` decides: the key is unset, the user told, the navigation dropped, other keys kept."""
    answer = Tab(client, "/guarded/Enter").post(
        "SignInAndGo", Token="eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MX0.forged"
    )
    assert "navigate" not in answer
    assert "session" not in answer
    assert answer["alerts"] == ["Missing or invalid credentials"]
    assert client.get("/guarded/Home").status_code == 303


def test_a_true_token_signs_in_before_the_navigation(client: httpx.Client, auth_server: AuthServer) -> None:
    """Un-awaited `storeValue` and `navigateTo`: the session exists before the page is asked for."""
    answer = Tab(client, "/guarded/Enter").post("SignInAndGo", Token=auth_server.sign_in())
    assert answer["navigate"]["url"] == "/guarded/Home"
    assert answer["session"] == "signed-in"
    assert "appsmith_user clerk true" in client.get("/guarded/Home").text


@pytest.mark.parametrize("button", ["Leave", "LeaveFalse"])
def test_log_out_drops_the_store_but_what_is_kept(
    button: str, entered: httpx.Client, server: PorticoServer
) -> None:
    """Hard-cases 31: by whichever door, the whole store goes, except keys named in `keep`."""
    tab = Tab(entered, "/guarded/Home")
    tab.post("Remember")
    tab.post("Note")
    cookie = dict(entered.cookies)
    answer = tab.post(button)
    assert answer["session"] == "signed-out"
    assert answer["navigate"]["url"].startswith("/guarded/Home")
    assert entered.get("/guarded/Home").status_code == 303
    with httpx.Client(base_url=server.url, trust_env=False, cookies=cookie) as old:
        assert old.get("/guarded/Home").status_code == 303


def test_an_event_after_the_session_ended_leads_to_sign_in(
    entered: httpx.Client, server: PorticoServer
) -> None:
    """A tab left open: its next event is answered with the way to the entry page and back."""
    tab, other = Tab(entered, "/guarded/Home"), Tab(entered, "/guarded/Home")
    cookies = dict(entered.cookies)
    other.post("Leave")
    with httpx.Client(
        base_url=server.url, trust_env=False, cookies=cookies, headers={"Origin": server.url}
    ) as stale:
        tab.client = stale
        answer = tab.post("Remember")
        assert answer["status"] == 401
        assert answer["navigate"]["url"] == "/guarded/Enter?next=%2Fguarded%2FHome"
        form = stale.post("/guarded/Home", data={"portico.event": "Remember onClick"})
        assert form.status_code == 303
        assert form.headers["location"] == "/guarded/Enter?next=%2Fguarded%2FHome"


def test_alive_tells_sessions_apart(entered: httpx.Client, server: PorticoServer) -> None:
    """Pages ask it whether they still belong to the browser's session."""
    tag = entered.get("/_portico/alive", params={"app": "guarded"}).json()["session"]
    assert tag
    assert f'data-session="{tag}"' in entered.get("/guarded/Home").text
    with httpx.Client(base_url=server.url, trust_env=False) as stranger:
        assert stranger.get("/_portico/alive", params={"app": "guarded"}).json() == {"session": ""}


def test_a_session_of_one_app_is_none_of_another(entered: httpx.Client) -> None:
    """Apps of one server have separate sessions."""
    assert entered.get("/jwt-login/MainPage").status_code == 303
