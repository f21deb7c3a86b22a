"""Portico's own limits on signing in: the auth API sees all users under one address (hard-cases 18)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.model.query import Request
from portico.runtime.attempts import LIMITS, Attempt, Attempts, account_of
from portico.stores.memory import open_memory
from portico.stores.sqlite_tally import SQLiteTally
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
        # Some seconds may have passed.
        wait = re.search(r'"retry-after":\["(\d+)"\]', said)
        assert wait is not None
        assert 1 <= int(wait[1]) <= 30


def test_one_address_tries_thirty_accounts(house: House, api: AuthApi) -> None:
    """P69: guesses spread over accounts are counted too."""
    tab = Tab(house.client(), "/app/Enter")
    said = [tab.post("SignIn", Email=f"u{number}@x.org")["alerts"][0] for number in range(35)]
    assert said[:30] == ["wrong"] * 30
    # One comes back each ten seconds, which a slow machine may take.
    assert any("Too many attempts" in words for words in said[30:])
    assert api.count("/login") == said.count("wrong")


def test_a_store_that_is_out_lets_no_attempt_through(
    house: House, api: AuthApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P115, P116: what cannot be counted is not made, and is answered as an outage. The control counts none
    then, and the auth API is asked."""

    async def out(*_: object) -> None:
        raise StoreUnavailable("it is out")

    tab = Tab(house.client(), "/app/Enter")

    def pressed() -> httpx.Response:
        event = {"widget": "SignIn", "event": "onClick", "values": {"Email": "ann@x.org"}}
        return tab.raw({"visit": tab.visit, "n": next(tab.numbers), **event})

    monkeypatch.setattr(SQLiteTally, "take", out)
    assert pressed().status_code == 503
    assert api.count("/login") == 0

    async def count(*_: object) -> Attempt:
        return Attempt(account=None)

    monkeypatch.setattr(Attempts, "count", count)
    assert pressed().status_code == 200
    assert api.count("/login") == 1


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


def test_a_200_that_hands_out_nothing_is_not_forgiven(house: House, api: AuthApi) -> None:
    """P69: an API that says of a wrong password that it went well is guessed at no faster for it."""
    api.answers["/login"] = lambda _: Reply(status=200, body={"success": False})
    tab = Tab(house.client(), "/app/Enter")
    for _ in range(TRIES):
        tab.post("SignIn", Email="ann@x.org")
    assert api.count("/login") == 10


@pytest.mark.parametrize(
    ("role", "status", "most"),
    [
        ("sign_up", 401, 5),
        ("sign_up", 200, 5),
        ("recover", 401, 1),
        ("recover", 200, 1),
        ("otp", 200, 1),
        ("verify", 401, 10),
    ],
)
def test_other_queries_are_limited_too(
    role: str, status: int, most: int, api: AuthApi, tmp_path: Path
) -> None:
    """P79: what sends mails less than what takes a password or a code, and above all where it succeeds."""
    assert _calls_of(role, status, api, tmp_path) == most


def test_control_a_mail_that_was_sent_must_not_be_forgiven(
    api: AuthApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If it were, as a sign-in is, nothing would bound the mails that somebody gets."""
    monkeypatch.setitem(LIMITS, "recover", replace(LIMITS["recover"], proves=True))
    assert _calls_of("recover", 200, api, tmp_path) == TRIES


#: More than any limit.
TRIES = 13


def _calls_of(role: str, status: int, api: AuthApi, tmp_path: Path) -> int:
    """How many of many attempts with a role, for one account, reach an API that answers with this status."""
    api.answers["/other"] = lambda _: Reply(status=status, body={})
    files = {
        "queries/other.yaml": "datasource: api\nmethod: POST\npath: /other\n"
        'body: \'{"data": {"email": "{{ this.params.email }}"}}\'\n',
        "pages/Enter/page.yaml": "title: Enter\nwidgets:\n  - {name: Email, type: Input, label: Email}\n"
        + BUTTON.format("Go", "other.run({email: Email.text})"),
    }
    with portico(tmp_path, api, auth=AUTH + f"  {role}: {{query: other}}\n", files=files) as house:
        tab = Tab(house.client(), "/app/Enter")
        for _ in range(TRIES):
            tab.post("Go", Email="ann@x.org")
        return api.count("/other")


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


async def test_who_waits_as_told_gets_through() -> None:
    """What is refused is not counted."""
    clock = Clock()
    stores = open_memory(clock)
    attempts = Attempts(stores.tally, stores.key)
    request = Request(path="/", body={"email": "a@b.c"})
    for _ in range(10):
        assert isinstance(await attempts.count("app", "sign_in", "1.2.3.4", request), Attempt)
    refused = [await attempts.count("app", "sign_in", "1.2.3.4", request) for _ in range(50)]
    wait = refused[-1]
    assert isinstance(wait, int)
    clock.advance(timedelta(seconds=wait))
    assert isinstance(await attempts.count("app", "sign_in", "1.2.3.4", request), Attempt)
