"""DummyJSON dialect: the directory, and over a socket its limits, paths, methods and failures inside."""

import asyncio
import logging
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from portico.authserver.settings import HashCost, RateLimit
from tests.authserver.dummyjson_calls import (
    CLOSED,
    LOGIN,
    OPEN,
    WITH_EMILY,
    WRONG,
    DummyJsonCalls,
    refusal,
)
from tests.authserver.gotrue_calls import StoppedClock
from tests.authserver.servers import AuthServer, bearer, client_of, running, served

LIMITED = replace(WITH_EMILY, rate_limit=RateLimit())
TOO_MANY = (429, "request limit exceeded, please wait a few seconds")


@pytest.fixture
def dummy(server: AuthServer) -> DummyJsonCalls:
    return DummyJsonCalls(http=server.http)


async def test_the_whole_journey(caplog: pytest.LogCaptureFixture) -> None:
    """S4 over TCP: sign in, me, the directory, refresh, log out, dead; and nothing secret is logged."""
    caplog.set_level(logging.DEBUG)
    async with served(WITH_EMILY) as client:
        dummy = DummyJsonCalls(http=client)
        assert refusal(await dummy.sign_in(password="nonsense")) == WRONG
        access, refresh = await dummy.tokens()
        assert (await dummy.me(access)).json()["username"] == "emilys"
        listed = await client.get("/dummyjson/auth/users", headers=bearer(access))
        assert listed.json()["total"] == 20
        renewed = (await dummy.refresh(refresh)).json()["accessToken"]
        assert (await dummy.log_out(renewed)).status_code == 200
        assert (await dummy.me(renewed)).status_code == 401
    for secret in ("emilyspass", "nonsense", access, refresh, renewed):
        assert not [record for record in caplog.records if secret in str(record.__dict__) and ours(record)]


def ours(record: logging.LogRecord) -> bool:
    """Whether the server logged this, and not the client that asks it."""
    return not record.name.startswith(("httpcore", "httpx"))


# The directory


async def users(dummy: DummyJsonCalls, **query: Any) -> dict[str, Any]:
    """The directory's answer."""
    answer = await dummy.users(**query)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def test_everybody(dummy: DummyJsonCalls) -> None:
    """Twenty people with the same keys, each once, at addresses that reach nobody; nothing secret."""
    body = await users(dummy)
    assert list(body) == ["users", "total", "skip", "limit"]
    assert (body["total"], body["skip"], body["limit"]) == (20, 0, 20)
    people = body["users"]
    assert [person["id"] for person in people] == list(range(1, 21))
    assert len({tuple(person) for person in people}) == 1
    assert len({person["username"] for person in people}) == len({person["email"] for person in people}) == 20
    assert all(person["email"].endswith("@example.com") for person in people)
    assert people[0]["username"] == "emilys"
    assert {"firstName", "lastName", "age", "phone", "image", "address", "company", "role"} <= people[
        0
    ].keys()
    assert not {"password", "ssn", "ein", "bank", "crypto"} & people[0].keys()


async def test_ages_are_of_today() -> None:
    """A birthday makes somebody a year older, on that day."""
    async with running(clock=StoppedClock()) as server:
        dummy = DummyJsonCalls(http=server.http)
        server.clock.advance(timedelta(days=148))
        assert (await dummy.users("/1")).json()["age"] == 29
        server.clock.advance(timedelta(days=1))
        assert (await dummy.users("/1")).json()["age"] == 30


@pytest.mark.parametrize(
    ("query", "ids", "skip"),
    [
        ({"limit": 3}, [1, 2, 3], 0),
        ({"limit": 3, "skip": 4}, [5, 6, 7], 4),
        ({"limit": 0}, list(range(1, 21)), 0),
        ({"skip": 18}, [19, 20], 18),
        ({"skip": 100}, [], 100),
        ({"skip": -1, "limit": 1}, [1], -1),
        ({"limit": "2.9"}, [1, 2], 0),
        ({"limit": ""}, list(range(1, 21)), 0),
        ({"limit": 2, "sortBy": "firstName"}, [19, 7], 0),
        ({"limit": 2, "sortBy": "id", "order": "desc"}, [20, 19], 0),
        ({"limit": 2, "sortBy": "address"}, [1, 2], 0),
        ({"limit": 2, "sortBy": "nothing"}, [1, 2], 0),
    ],
)
async def test_parts_of_it(dummy: DummyJsonCalls, query: dict[str, Any], ids: list[int], skip: int) -> None:
    """`limit`, `skip` and `sortBy` choose; the answer says how many there are and how many these are."""
    body = await users(dummy, **query)
    assert [person["id"] for person in body["users"]] == ids
    assert (body["total"], body["skip"], body["limit"]) == (20, skip, len(ids))


async def test_select(dummy: DummyJsonCalls) -> None:
    """`select` names keys, and the id is always there; what nobody has is left out."""
    body = await users(dummy, limit=1, select="firstName,age,nothing,password")
    assert list(body["users"][0]) == ["id", "firstName", "age"]
    one = await dummy.users("/7", select=["lastName", "id"])
    assert one.json() == {"id": 7, "lastName": "Template"}


async def test_search(dummy: DummyJsonCalls) -> None:
    """`q` is looked for in names and addresses, without case."""
    answer = await dummy.users("/search", q="EMILY")
    assert [person["id"] for person in answer.json()["users"]] == [1]
    assert (await dummy.users("/search", q="nobody-at-all")).json() == {
        "users": [],
        "total": 0,
        "skip": 0,
        "limit": 0,
    }


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("", {"limit": "x"}, (400, "Invalid 'limit' - must be a number")),
        ("", {"skip": "1e9"}, (400, "Invalid 'skip' - must be a number")),
        ("", {"limit": "9" * 5000}, (400, "Invalid 'limit' - must be a number")),
        ("", {"sortBy": "age", "order": "up"}, (400, "Order can be: 'asc' or 'desc'")),
        ("/x", {}, (400, "Invalid user id 'x'")),
        ("/0", {}, (404, "User with id '0' not found")),
        ("/21", {}, (404, "User with id '21' not found")),
        ("/" + "9" * 5000, {}, (404, f"User with id '{'9' * 5000}' not found")),
    ],
)
async def test_what_is_not_there(
    dummy: DummyJsonCalls, path: str, query: dict[str, Any], expected: tuple[int, str]
) -> None:
    """What cannot be asked for is said in DummyJSON's words."""
    assert refusal(await dummy.users(path, **query)) == expected


async def test_no_account_shows(server: AuthServer, dummy: DummyJsonCalls) -> None:
    """P68: the open directory is the same whoever has an account."""
    before = await users(dummy)
    form = {"username": "otto", "email": "otto@example.com", "password": "correct horse"}
    assert (await server.http.post("/api/auth/local/register", json=form)).status_code == 200
    assert await users(dummy) == before


async def test_add(dummy: DummyJsonCalls) -> None:
    """As in DummyJSON the person is shown, not kept, and cannot sign in; no password comes back."""
    form = {"firstName": "Otto", "username": "otto", "password": "a secret", "age": 40, "isAdmin": True}
    answer = await dummy.http.post("/dummyjson/users/add", json=form)
    assert answer.status_code == 201
    assert answer.json().items() >= {"id": 21, "firstName": "Otto", "lastName": "", "age": 40}.items()
    assert "a secret" not in answer.text
    assert "isAdmin" not in answer.json()
    assert (await users(dummy))["total"] == 20
    assert refusal(await dummy.sign_in("otto", "a secret")) == WRONG


# Limits


async def test_a_hundred_in_ten_seconds() -> None:
    """DummyJSON's limit, over all paths; what is sent makes no other client, a real one is free."""
    async with running(LIMITED, StoppedClock()) as server, client_of(server.app, "10.0.0.2") as other:
        dummy = DummyJsonCalls(http=server.http)
        for n in range(100):
            headers = {"X-Forwarded-For": f"10.0.0.{n}"}
            answer = await server.http.get(f"/dummyjson/users/{n}", headers=headers)
            assert answer.status_code != 429
        answer = await dummy.sign_in()
        assert refusal(answer) == TOO_MANY
        assert answer.headers["retry-after"] == "10"
        assert (await DummyJsonCalls(http=other).sign_in()).status_code == 200
        server.clock.advance(timedelta(seconds=10))
        assert (await dummy.sign_in()).status_code == 200


async def test_one_account_many_addresses() -> None:
    """P69: guesses at one account count together, over addresses, spellings and dialects."""
    settings = replace(WITH_EMILY, rate_limit=RateLimit(attempts=1000, account_failures=6))
    async with running(settings, StoppedClock()) as server:
        for n, username in enumerate(("emilys", "EMILYS", "Emilys")):
            async with client_of(server.app, f"10.0.0.{n}") as client:
                assert refusal(await DummyJsonCalls(http=client).sign_in(username, "wrong")) == WRONG
            assert (await server.sign_in("emilys", "wrong")).status_code == 400
        answer = await DummyJsonCalls(http=server.http).sign_in()
        assert refusal(answer) == TOO_MANY
        assert answer.headers["retry-after"] == "3600"


# Paths, methods, origins, failures


@pytest.mark.parametrize(
    "path",
    ["", "nowhere", "users/", "USERS", "/users", "auth", "auth/users/1/x", "users/1/carts"],
)
async def test_paths_that_are_not_there(server: AuthServer, path: str) -> None:
    """Below `/dummyjson`, unknown paths are 404 in the dialect's form; nothing is redirected."""
    answer = await server.http.get(f"http://auth.test/dummyjson/{path}")
    assert refusal(answer) in ((404, "Not Found"), (400, "Invalid user id ''"))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "GET", "POST"])
async def test_methods(method: str) -> None:
    """Other methods than a path has are 405 and do nothing."""
    async with running(WITH_EMILY) as server:
        dummy = DummyJsonCalls(http=server.http)
        access, _ = await dummy.tokens()
        for path in sorted({path for _, path in (*CLOSED, *OPEN)} - {"/dummyjson/users/add"}):
            allowed = {verb for verb, known in (*CLOSED, *OPEN) if known == path}
            if method not in allowed and "/add" not in path:
                answer = await server.http.request(method, path, headers=bearer(access))
                assert refusal(answer) == (405, "Method Not Allowed"), path
        assert (await dummy.me(access)).status_code == 200


async def test_no_other_origins(server: AuthServer) -> None:
    """P23: unlike DummyJSON, which lets every origin in with its cookies, no other origin reads an answer."""
    headers = {"Origin": "http://evil.test", "Access-Control-Request-Method": "POST"}
    for method, path in (*CLOSED, *OPEN):
        for asked in ("OPTIONS", method):
            answer = await server.http.request(asked, path, headers=headers)
            assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_too_much_to_do() -> None:
    """P73: what the pool of hashes does not take is 503, and when to come back."""
    async with running(replace(WITH_EMILY, hash_cost=HashCost(workers=1, waiting=1))) as server:
        dummy = DummyJsonCalls(http=server.http)
        answers = await asyncio.gather(*(dummy.sign_in() for _ in range(12)))
        assert {answer.status_code for answer in answers} == {200, 503}


async def test_a_broken_database(tmp_path: Path) -> None:
    """What goes wrong inside is 500 in the dialect's form, says nothing of itself, and opens nothing."""
    path = tmp_path / "auth.db"
    async with running(replace(WITH_EMILY, database=path)) as server:
        access, refresh = await DummyJsonCalls(http=server.http).tokens()
        connection = sqlite3.connect(path)
        connection.execute("ALTER TABLE users RENAME TO gone")
        connection.close()
        transport = httpx.ASGITransport(app=server.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://auth.test") as client:
            answers = [
                await client.post(LOGIN, json={"username": "emilys", "password": "emilyspass"}),
                await client.post("/dummyjson/auth/refresh", json={"refreshToken": refresh}),
                await client.get("/dummyjson/auth/me", headers=bearer(access)),
            ]
    for answer in answers:
        assert refusal(answer) == (500, "Something went wrong.")
