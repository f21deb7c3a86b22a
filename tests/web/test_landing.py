"""Signing in from a link: tokens that come with the address's fragment (row S3-7, hard-cases 13)."""

import dataclasses
import time

import httpx
import pytest

from portico.values import new_id
from tests.journeys.servers import PASSWORD, USERNAME, AuthServer, PorticoServer
from tests.web.posts import Tab

EMAIL = f"{USERNAME}@example.com"
LANDING = "/language/Landing"


@dataclasses.dataclass(frozen=True)
class Tokens:
    """What the auth API handed out."""

    access: str
    refresh: str

    @property
    def fragment(self) -> str:
        """As the link of a mail carries them."""
        return f"#access_token={self.access}&refresh_token={self.refresh}&token_type=bearer&type=signup"


def tokens(auth_server: AuthServer, email: str = EMAIL, password: str = PASSWORD) -> Tokens:
    """A sign-in at the auth API itself."""
    answer = httpx.post(
        f"{auth_server.url}/auth/v1/token?grant_type=password",
        json={"email": email, "password": password},
        trust_env=False,
    )
    return Tokens(answer.json()["access_token"], answer.json()["refresh_token"])


@pytest.fixture
def link(auth_server: AuthServer) -> Tokens:
    """A link for the account of the tests."""
    return tokens(auth_server)


def pressed(client: httpx.Client, button: str) -> httpx.Response:
    """The answer to a button of the sign-in page."""
    tab = Tab(client, "/language/Enter")
    values = {"Email": EMAIL, "Secret": PASSWORD}
    return tab.raw({"visit": tab.visit, "n": 1, "widget": button, "event": "onClick", "values": values})


def cookies(client: httpx.Client, kind: str) -> list[str]:
    """The cookies of one kind that the client has."""
    return [name for name in client.cookies if kind in name]


def test_a_link_that_nobody_asked_for_needs_consent(client: httpx.Client, link: Tokens) -> None:
    """P20: somebody else's valid token in a link does not sign this browser in by itself."""
    tab = Tab(client, LANDING)
    answer = tab.load(fragment=link.fragment)
    assert answer["ask"]["question"] == f"Continue as {EMAIL}?"
    assert "navigate" not in answer
    assert client.get("/language/Inside").status_code == 303
    agreed = tab.reply(answer["ask"], agreed=True)
    assert (agreed["navigate"]["url"], agreed["session"]) == ("/language/Inside", "signed-in")
    assert EMAIL in client.get("/language/Inside").text


def test_who_is_not_that_user_stays_signed_out(client: httpx.Client, link: Tokens) -> None:
    """Nothing is stored, and nobody is led on."""
    tab = Tab(client, LANDING)
    answer = tab.reply(tab.load(fragment=link.fragment)["ask"], agreed=False)
    assert "navigate" not in answer
    assert answer["alerts"] == []
    assert client.get("/language/Inside").status_code == 303
    assert link.access not in client.get(LANDING).text


def test_a_browser_that_asked_for_it_is_signed_in_at_once(
    client: httpx.Client, auth_server: AuthServer
) -> None:
    """Sign-up in this browser, then the link: once, the next link is asked about again."""
    email, password = f"{new_id()}@example.com", "a-long-password"
    registered = Tab(client, "/language/Enter").post("Register", Email=email, Secret=password)
    assert registered["alerts"] == ["Look into your mail."]
    assert len(cookies(client, "flow")) == 1
    answer = Tab(client, LANDING).load(fragment=tokens(auth_server, email, password).fragment)
    assert answer["navigate"]["url"] == "/language/Inside"
    assert cookies(client, "flow") == []
    with httpx.Client(base_url=client.base_url, headers=client.headers, trust_env=False) as other:
        assert "ask" in Tab(other, LANDING).load(fragment=tokens(auth_server, email, password).fragment)


def test_a_refused_sign_up_expects_nothing(client: httpx.Client) -> None:
    """Only a query that was answered well begins a flow."""
    Tab(client, "/language/Enter").post("Register", Email=EMAIL, Secret="a-long-password")
    assert cookies(client, "flow") == []


def test_a_made_up_expectation_counts_for_nothing(
    client: httpx.Client, server: PorticoServer, link: Tokens
) -> None:
    """It is signed; the positive control is the browser that asked for it."""
    for value in ("", "x", "MTk5OTk5OTk5OQ==.deadbeef", "OTk5OTk5OTk5OQ==." + "0" * 64):
        client.cookies.set(f"portico-flow-{server.port}.language", value)
        assert "ask" in Tab(client, LANDING).load(fragment=link.fragment)
        client.cookies.clear()


def test_a_token_the_auth_api_does_not_know_signs_nobody_in(client: httpx.Client) -> None:
    """`me` is asked first; there is nobody to continue as."""
    answer = Tab(client, LANDING).load(fragment="#access_token=eyJhbGciOiJub25lIn0.e30.&refresh_token=x")
    assert "ask" not in answer
    assert answer["alerts"] != []
    assert client.get("/language/Inside").status_code == 303


def test_a_page_without_a_fragment_does_nothing(client: httpx.Client) -> None:
    """Row S3-7: no fragment, no action."""
    answer = Tab(client, LANDING).load()
    assert "ask" not in answer
    assert "navigate" not in answer


def test_the_page_says_that_it_reads_the_fragment(client: httpx.Client) -> None:
    """The client takes it out of the address only where it is wanted, or holds tokens."""
    assert " data-fragment" in client.get(LANDING).text
    assert " data-fragment" not in client.get("/language/Tab").text


def test_a_renewed_token_goes_on_with_the_session(client: httpx.Client, server: PorticoServer) -> None:
    """Row S3-12: the contract's `refresh` by hand. The cookie and the open page stay; other tabs too."""
    Tab(client, "/language/Enter").post("SignIn", Email=EMAIL, Secret=PASSWORD)
    name = f"portico-{server.port}.language"
    before, other = client.cookies[name], Tab(client, "/language/Inside")
    tab = Tab(client, "/language/Inside")
    time.sleep(1.1)  # tokens of one second are the same
    answer = tab.post("Renew")
    assert "Token" in answer["html"]
    assert "navigate" not in answer
    assert client.cookies[name] == before
    assert tab.post("Renew")["status"] == 200
    assert other.post("Renew", Note="typed")["status"] == 200


def test_a_session_with_a_refresh_does_not_end_with_its_token(
    client: httpx.Client, server: PorticoServer
) -> None:
    """The app renews it; the cookie lives as long as the session may."""
    answer = pressed(client, "SignIn")
    (cookie,) = [line for line in answer.headers.get_list("set-cookie") if "language=" in line]
    assert int(cookie.partition("Max-Age=")[2].partition(";")[0]) > 13 * 86400


def test_a_token_kept_for_the_tab_signs_in_until_the_browser_closes(client: httpx.Client) -> None:
    """`storeValue(key, token, false)`: a session cookie without an age."""
    answer = pressed(client, "Brief")
    (cookie,) = [line for line in answer.headers.get_list("set-cookie") if ".language=" in line]
    assert "Max-Age" not in cookie
    assert client.get("/language/Inside").status_code == 200


def test_logging_out_by_function(client: httpx.Client) -> None:
    """`logoutUser()` ends the session and leads to the entry page, or where it is told to."""
    for button, url in (("Leave", "/language/Enter"), ("LeaveFor", "https://example.com/bye")):
        Tab(client, "/language/Enter").post("SignIn", Email=EMAIL, Secret=PASSWORD)
        answer = Tab(client, "/language/Inside").post(button)
        assert (answer["session"], answer["navigate"]["url"]) == ("signed-out", url)
        assert client.get("/language/Inside").status_code == 303
