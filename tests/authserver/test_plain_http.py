"""Plain dialect: over a real socket, its limits, paths, methods, other origins, and failures inside."""

import asyncio
import logging
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from portico.authserver.settings import HashCost, RateLimit
from tests.authserver.gotrue_calls import StoppedClock
from tests.authserver.plain_calls import CLOSED, DEAD, TOKEN, WRONG, PlainCalls, refusal
from tests.authserver.servers import DEFAULTS, AuthServer, bearer, client_of, running, served

LIMITED = replace(DEFAULTS, rate_limit=RateLimit())
ROUTES = {("POST", "/plain/auth/v1/token"), *CLOSED}


async def test_the_whole_journey(caplog: pytest.LogCaptureFixture) -> None:
    """S0 over TCP: sign in, the user, both lists, revoke, dead; and nothing secret is logged."""
    caplog.set_level(logging.DEBUG)
    async with served() as client:
        plain = PlainCalls(http=client)
        assert refusal(await plain.sign_in(password="nonsense")) == WRONG
        answer = await plain.sign_in()
        token = answer.json()["token"]
        assert "server" not in answer.headers
        assert (await plain.user(token)).json() == answer.json()["user"]
        for path in ("/plain/employees", "/plain/customers"):
            assert len((await client.get(path, headers=bearer(token))).json()) == 12
        revoked = await plain.revoke(token)
        assert (revoked.status_code, revoked.content) == (204, b"")
        for method, path in CLOSED:
            assert refusal(await client.request(method, path, headers=bearer(token))) == DEAD
    for secret in ("correct horse", "nonsense", token):
        assert secret not in caplog.text


# Limits


async def guess_from(server: AuthServer, address: str, email: str) -> httpx.Response:
    """A wrong password from `address`."""
    async with client_of(server.app, address) as client:
        return await PlainCalls(http=client).sign_in(email, "wrong")


async def test_ten_in_a_minute() -> None:
    """P69: ten sign-ins a minute of one client, right or wrong; nothing that is sent makes another."""
    async with running(LIMITED, StoppedClock()) as server, client_of(server.app, "10.0.0.2") as other:
        plain = PlainCalls(http=server.http)
        answers = [
            await server.http.post(
                f"{TOKEN}&x={n}",
                json={"email": f"user{n}@example.com", "password": f"wrong {n}"},
                headers={"X-Forwarded-For": f"10.0.0.{n}", "X-Real-IP": f"10.0.0.{n}", "Cookie": f"x={n}"},
            )
            for n in range(15)
        ]
        assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 5
        assert refusal(answers[-1]) == (429, "Too many attempts: try again in 60 s.")
        assert answers[-1].headers["retry-after"] == "60"
        assert (await plain.sign_in()).status_code == 429
        assert (await PlainCalls(http=other).sign_in()).status_code == 200
        server.clock.advance(timedelta(seconds=60))
        assert (await plain.sign_in()).status_code == 200


async def test_what_cannot_be_read_counts_too() -> None:
    """P69: requests count before anything in them is looked at."""
    async with running(LIMITED, StoppedClock()) as server:
        for n in range(10):
            path = TOKEN if n % 2 else "/plain/auth/v1/token"
            assert (await server.http.post(path, content=b"{")).status_code == 400
        assert (await PlainCalls(http=server.http).sign_in()).status_code == 429


@pytest.mark.parametrize(("trusting", "statuses"), [(False, [401] * 3 + [429] * 2), (True, [401] * 5)])
async def test_forwarding_headers_make_no_new_client(trusting: bool, statuses: list[int]) -> None:
    """P69: over a real connection, X-Forwarded-For escapes no limit; a server that trusts it is found out."""
    async with served(replace(DEFAULTS, rate_limit=RateLimit(attempts=3)), trusting=trusting) as client:
        plain = PlainCalls(http=client)
        answers = [
            await plain.sign_in(password="wrong", headers={"X-Forwarded-For": f"10.0.0.{n}"})
            for n in range(5)
        ]
        assert [answer.status_code for answer in answers] == statuses


@pytest.mark.parametrize("email", ["anna@example.com", "nobody@example.com"])
async def test_one_account_many_addresses(email: str) -> None:
    """P69: at most 100 wrong passwords an hour for one address, in any case, whether it exists or not."""
    async with running(LIMITED, StoppedClock()) as server:
        spellings = [email, email.upper(), email.title()]
        answers = [
            await guess_from(server, f"10.0.{n // 250}.{n % 250}", spellings[n % 3]) for n in range(105)
        ]
        assert [answer.status_code for answer in answers] == [401] * 100 + [429] * 5
        assert refusal(answers[-1]) == (429, "Too many attempts: try again in 3600 s.")
        assert answers[-1].headers["retry-after"] == "3600"


async def test_the_dialects_count_together() -> None:
    """P69: guessing at an account through two dialects is guessing at one account."""
    settings = replace(DEFAULTS, rate_limit=RateLimit(attempts=1000, account_failures=6))
    async with running(settings) as server:
        for _ in range(3):
            assert (await server.sign_in("anna", "wrong")).status_code == 400
            assert (await guess_from(server, "10.0.0.1", "anna@example.com")).status_code == 401
        assert (await server.sign_in("anna", "wrong")).status_code == 429
        assert (await guess_from(server, "10.0.0.1", "anna@example.com")).status_code == 429


async def test_at_the_same_moment() -> None:
    """P69: the bound holds when all guesses arrive together."""
    async with running(replace(DEFAULTS, rate_limit=RateLimit(attempts=100, account_failures=5))) as server:
        plain = PlainCalls(http=server.http)
        answers = await asyncio.gather(*(plain.sign_in(password="wrong") for _ in range(20)))
        assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 15


async def test_the_owner_is_not_locked_out() -> None:
    """P70: where the owner signed in before, they still can while strangers are refused; success resets."""
    settings = replace(DEFAULTS, rate_limit=RateLimit(account_failures=5))
    async with running(settings) as server, client_of(server.app, "10.1.1.1") as http:
        owner = PlainCalls(http=http)
        assert (await owner.sign_in()).status_code == 200
        answers = [await guess_from(server, f"10.0.0.{n}", "anna@example.com") for n in range(7)]
        assert [answer.status_code for answer in answers][-2:] == [429, 429]
        assert (await owner.sign_in()).status_code == 200
        assert (await guess_from(server, "10.9.9.9", "anna@example.com")).status_code == 401


async def test_limits_can_be_turned_off() -> None:
    """Without limits nothing is counted."""
    async with running(DEFAULTS) as server:
        plain = PlainCalls(http=server.http)
        answers = [await plain.sign_in(password="wrong") for _ in range(30)]
        assert {answer.status_code for answer in answers} == {401}


# Paths and methods


@pytest.mark.parametrize(
    "path",
    ["", "nowhere", "employees/", "EMPLOYEES", "/employees", "employees%2f", "api/auth/local", "token"],
)
async def test_paths_that_are_not_there(server: AuthServer, path: str) -> None:
    """Below `/plain`, unknown paths are 404 in the dialect's form; nothing is redirected."""
    answer = await server.http.get(f"http://auth.test/plain/{path}")
    assert refusal(answer) == (404, "There is nothing at this path.")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_methods(server: AuthServer, method: str) -> None:
    """Other methods than a path has are 405 and do nothing; HEAD is GET without a body."""
    plain = PlainCalls(http=server.http)
    token = await plain.token()
    allowed = ROUTES | {("HEAD", path) for verb, path in ROUTES if verb == "GET"}
    for path in sorted({path for _, path in ROUTES}):
        if (method, path) not in allowed:
            answer = await server.http.request(method, path, headers=bearer(token))
            assert answer.status_code == 405
            assert {(verb, path) for verb in answer.headers["allow"].split(", ")} <= allowed
            assert method == "HEAD" or refusal(answer)[0] == 405
        elif method == "HEAD":
            answer = await server.http.head(path, headers=bearer(token))
            assert (answer.status_code, answer.content) == (200, b"")
    assert (await plain.user(token)).status_code == 200


# Other origins


async def test_no_other_origins(server: AuthServer) -> None:
    """P23: no answer lets a page of another origin read it, unless the settings name the origin."""
    headers = {"Origin": "http://evil.test", "Access-Control-Request-Method": "POST"}
    for _, path in sorted(ROUTES):
        for method in ("OPTIONS", "POST", "GET"):
            answer = await server.http.request(method, path, headers=headers)
            assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_named_origins() -> None:
    """P23: a page of a named origin may sign in and ask with its token, and a page of another may not."""
    named = "http://localhost:3000"
    async with running(replace(DEFAULTS, browser_origins=(named,))) as server:
        for origin, allowed in ((named, named), ("http://evil.test", None)):
            asked = {
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type",
            }
            preflight = await server.http.options("/plain/auth/v1/token", headers=asked)
            answer = await server.http.get("/plain/employees", headers={"Origin": origin})
            assert answer.status_code == 401
            for each in (preflight, answer):
                assert each.headers.get("access-control-allow-origin") == allowed
                assert "access-control-allow-credentials" not in each.headers


# Failures inside


async def test_too_much_to_do() -> None:
    """P73: what the pool of hashes does not take is 503, and when to come back."""
    async with running(replace(DEFAULTS, hash_cost=HashCost(workers=1, waiting=1))) as server:
        plain = PlainCalls(http=server.http)
        answers = await asyncio.gather(*(plain.sign_in() for _ in range(12)))
        assert {answer.status_code for answer in answers} == {200, 503}
        (refused, *_) = [answer for answer in answers if answer.status_code == 503]
        assert refusal(refused) == (503, "Too much to do right now: try again in a moment.")
        assert refused.headers["retry-after"] == "1"


async def test_a_broken_database(tmp_path: Path) -> None:
    """What goes wrong inside is 500 in the dialect's form, says nothing of itself, and opens nothing."""
    path = tmp_path / "auth.db"
    async with running(replace(DEFAULTS, database=path)) as server:
        token = await PlainCalls(http=server.http).token()
        connection = sqlite3.connect(path)
        connection.execute("ALTER TABLE users RENAME TO gone")
        connection.close()
        transport = httpx.ASGITransport(app=server.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://auth.test") as client:
            answers = [
                await PlainCalls(http=client).sign_in(),
                *[await client.request(method, path, headers=bearer(token)) for method, path in CLOSED],
            ]
    for answer in answers:
        assert refusal(answer) == (500, "Something went wrong on the server.")
