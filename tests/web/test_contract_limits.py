"""Portico's own limits on signing in: the auth API sees all users under one address (hard-cases 18)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portico.clock import Clock
from portico.model.query import Request
from portico.runtime.attempts import Attempt, Attempts, account_of
from tests.web.contracts import AUTH, BUTTON, AuthApi, House, Reply, portico
from tests.web.posts import Tab


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """An auth API that refuses everybody."""
    with AuthApi() as running:
        running.answers["/login"] = lambda _: Reply(status=401, body={"message": "wrong"})
        yield running


@pytest.fixture
def house(api: AuthApi, tmp_path: Path) -> Iterator[House]:
    """Portico in front of it."""
    with portico(tmp_path, api) as running:
        yield running


def test_an_account_is_tried_ten_times(house: House, api: AuthApi) -> None:
    """P69: however it is spelled; what is over the limit is not sent, and the user reads how long to wait."""
    tab = Tab(house.client(), "/app/Enter")
    spelled = ["ann@x.org", "ANN@x.org", " ann@x.org ", "\uff41nn@x.org", "ann@X.ORG"]
    for number in range(10):
        assert tab.post("SignIn", Email=spelled[number % 5])["alerts"] == ["wrong"]
    for email in spelled:
        (said,) = tab.post("SignIn", Email=email)["alerts"]
        assert said.startswith("Too many attempts. Please try again in ")
    assert api.count("/login") == 10
    assert tab.post("SignIn", Email="bob@x.org")["alerts"] == ["wrong"]
    house.advance(seconds=31)
    assert tab.post("SignIn", Email="ann@x.org")["alerts"] == ["wrong"]


def test_a_script_sees_a_429(api: AuthApi, tmp_path: Path) -> None:
    """With how long to wait."""
    page = "title: Enter\nwidgets:\n  - {name: Email, type: Input, label: Email}\n" + BUTTON.format(
        "SignIn", "login.run({email: Email.text}).catch(() => showAlert(JSON.stringify(login.responseMeta)))"
    )
    with portico(tmp_path, api, files={"pages/Enter/page.yaml": page}) as house:
        tab = Tab(house.client(), "/app/Enter")
        said = [tab.post("SignIn", Email="a@b.c")["alerts"][0] for _ in range(11)][-1]
        assert '"statusCode":"429 Too Many Requests"' in said
        assert '"retry-after":["30"]' in said


def test_one_address_tries_thirty_accounts(house: House, api: AuthApi) -> None:
    """P69: guesses spread over accounts are counted too."""
    tab = Tab(house.client(), "/app/Enter")
    said = [tab.post("SignIn", Email=f"u{number}@x.org")["alerts"][0] for number in range(35)]
    assert said[:30] == ["wrong"] * 30
    assert all("Too many attempts" in words for words in said[30:])
    assert api.count("/login") == 30


def test_a_sign_in_that_succeeds_is_forgiven(house: House, api: AuthApi) -> None:
    """P69: reset on success, of the account."""
    tab = Tab(house.client(), "/app/Enter")
    for _ in range(9):
        tab.post("SignIn", Email="ann@x.org")
    usual = api.answers.pop("/login")
    assert tab.post("SignIn", Email="ann@x.org")["session"] == "signed-in"
    api.answers["/login"] = usual
    other = Tab(house.client(), "/app/Enter")
    assert [other.post("SignIn", Email="ann@x.org")["alerts"] for _ in range(10)] == [["wrong"]] * 10


@pytest.mark.parametrize(("role", "most"), [("sign_up", 5), ("recover", 5), ("otp", 5), ("verify", 10)])
def test_other_queries_are_limited_too(role: str, most: int, api: AuthApi, tmp_path: Path) -> None:
    """P79: what sends mails less than what takes a password or a code."""
    files = {
        "queries/other.yaml": "datasource: api\nmethod: POST\npath: /other\n"
        'body: \'{"data": {"email": "{{ this.params.email }}"}}\'\n',
        "pages/Enter/page.yaml": "title: Enter\nwidgets:\n  - {name: Email, type: Input, label: Email}\n"
        + BUTTON.format("Go", "other.run({email: Email.text})"),
    }
    with portico(tmp_path, api, auth=AUTH + f"  {role}: {{query: other}}\n", files=files) as house:
        tab = Tab(house.client(), "/app/Enter")
        for _ in range(most + 3):
            tab.post("Go", Email="ann@x.org")
        assert api.count("/other") == most


def test_other_queries_are_not_limited(house: House, api: AuthApi) -> None:
    """The control: the same number of calls of a query that is no part of the contract."""
    api.answers.clear()
    tab = Tab(house.user(), "/app/Home")
    for _ in range(12):
        assert tab.post("Write")["alerts"] == ["written"]


BODIES: list[object] = [
    {"email": "ann@x.org", "password": "p"},
    {"Email": " ANN@x.org"},
    {"data": {"attributes": {"user_name": "ann@x.org"}}},
    [("username", "ann@x.org"), ("password", "p")],
    '{"identifier": "ann@x.org"}',
    "username=ann%40x.org&password=p",
]


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_the_account_of_a_request(body: object) -> None:
    """Wherever it stands, and without showing it."""
    found = account_of(Request(path="/", body=body))
    assert found == account_of(Request(path="/", params=(("email", "ann@x.org"),)))
    assert found is not None
    assert "ann" not in found


@pytest.mark.parametrize(
    "body", [None, "", "{", {"password": "ann@x.org"}, {"email": ""}, {"email": None}, 7]
)
def test_a_request_without_an_account(body: object) -> None:
    """Counts for its address alone."""
    assert account_of(Request(path="/", body=body)) is None


def test_who_waits_as_told_gets_through() -> None:
    """What is refused is not counted."""
    clock = Clock()
    attempts = Attempts(clock)
    request = Request(path="/", body={"email": "a@b.c"})
    for _ in range(10):
        assert isinstance(attempts.count("app", "sign_in", "1.2.3.4", request), Attempt)
    refused = [attempts.count("app", "sign_in", "1.2.3.4", request) for _ in range(50)]
    wait = refused[-1]
    assert isinstance(wait, int)
    clock.advance(timedelta(seconds=wait))
    assert isinstance(attempts.count("app", "sign_in", "1.2.3.4", request), Attempt)
