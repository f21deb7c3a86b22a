"""Strapi dialect: how often may be tried, by whom, and that no client can name another key."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from portico.authserver.limits import Attempts, client_key
from portico.authserver.settings import RateLimit, Settings
from portico.clock import Clock
from tests.authserver.servers import DEFAULTS, AuthServer, client_of, envelope, running

LIMITED = replace(DEFAULTS, rate_limit=RateLimit())
TOO_MANY = envelope(429, "RateLimitError", "Too many requests, please try again later.")
GUESS = {"identifier": "anna", "password": "wrong"}
RIGHT = {"identifier": "anna", "password": "correct horse"}


def with_limit(*, account_failures: int, attempts: int = 10) -> Settings:
    """Settings with other numbers."""
    return replace(DEFAULTS, rate_limit=RateLimit(account_failures=account_failures, attempts=attempts))


async def test_ten_in_a_minute() -> None:
    """Ten sign-ins a minute, right or wrong, are let through; the eleventh is 429."""
    async with running(LIMITED) as server:
        for n in range(10):
            answer = await server.sign_in("anna", "wrong" if n % 2 else "correct horse")
            assert answer.status_code != 429
            assert answer.headers["x-ratelimit-limit"] == "10"
            assert answer.headers["x-ratelimit-remaining"] == str(9 - n)
        answer = await server.sign_in()
        assert (answer.status_code, answer.json()) == (429, TOO_MANY)
        assert answer.headers["x-ratelimit-remaining"] == "0"
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        server.clock.advance(timedelta(seconds=61))
        assert (await server.sign_in()).status_code == 200


@pytest.mark.parametrize("path", ["/api/auth/local", "/api/auth/local/register"])
async def test_the_key_cannot_be_forged(path: str) -> None:
    """P69, GHSA-7mqx-wwh4-f9fw: body fields, forwarding headers, queries and cookies make no new client."""
    async with running(LIMITED) as server:
        statuses = []
        for n in range(15):
            answer = await server.http.post(
                f"{path}?x={n}",
                json={"identifier": f"user{n}", "email": f"user{n}@example.com", "password": f"wrong {n}"},
                headers={
                    "X-Forwarded-For": f"10.0.0.{n}",
                    "X-Real-IP": f"10.0.0.{n}",
                    "Forwarded": f"for=10.0.0.{n}",
                    "Cookie": f"x={n}",
                },
            )
            statuses.append(answer.status_code)
        assert statuses == [400] * 10 + [429] * 5


async def test_clients_are_counted_apart() -> None:
    """One client that used up its tries leaves the others alone, and one route the other."""
    async with running(LIMITED) as server, client_of(server.app, "10.0.0.2") as other:
        for _ in range(11):
            await server.sign_in("anna", "wrong")
        assert (await server.sign_in()).status_code == 429
        assert (await other.post("/api/auth/local", json=RIGHT)).status_code == 200
        form = {"username": "ben", "email": "ben@example.com", "password": "open sesame"}
        assert (await server.http.post("/api/auth/local/register", json=form)).status_code == 200


async def _guesses(server: AuthServer, count: int, identifier: str) -> list[int]:
    """The statuses of as many guesses, each from an address of its own."""
    return [
        (await guess_from(server, f"10.0.{n // 250}.{n % 250}", identifier)).status_code for n in range(count)
    ]


async def guess_from(server: AuthServer, address: str, identifier: str) -> httpx.Response:
    """A wrong password from `address`."""
    async with client_of(server.app, address) as client:
        return await client.post("/api/auth/local", json={**GUESS, "identifier": identifier})


@pytest.mark.parametrize("identifier", ["anna", "nobody"])
async def test_one_account_many_addresses(identifier: str) -> None:
    """P69: at most 100 wrong passwords an hour for one name, from wherever, whether it exists or not."""
    async with running(LIMITED) as server:
        assert await _guesses(server, 110, identifier) == [400] * 100 + [429] * 10
        answer = await guess_from(server, "10.9.9.9", identifier)
        assert answer.json() == TOO_MANY
        assert int(answer.headers["retry-after"]) > 60
        server.clock.advance(timedelta(hours=1, seconds=1))
        assert (await guess_from(server, "10.9.9.9", identifier)).status_code == 400


async def test_name_and_address_are_one_account() -> None:
    """P69: guessing by name and by e-mail address, in any case, is guessing at one account."""
    async with running(with_limit(account_failures=4, attempts=100)) as server:
        spellings = ["anna", "anna@example.com", "Anna@example.com", "ANNA@EXAMPLE.COM", "anna"]
        assert [(await server.sign_in(name, "wrong")).status_code for name in spellings] == [400] * 4 + [429]


async def test_at_the_same_moment() -> None:
    """P69: the bound holds when all guesses arrive together."""
    async with running(with_limit(account_failures=5, attempts=1000)) as server:
        answers = await asyncio.gather(*(server.sign_in("anna", "wrong") for _ in range(20)))
        assert sorted(answer.status_code for answer in answers) == [400] * 5 + [429] * 15


async def test_the_owner_is_not_locked_out() -> None:
    """P70: where the owner signed in before, they still can while strangers are refused; success resets."""
    async with running(with_limit(account_failures=5)) as server, client_of(server.app, "10.1.1.1") as owner:
        assert (await owner.post("/api/auth/local", json=RIGHT)).status_code == 200
        assert (await _guesses(server, 7, "anna"))[-2:] == [429, 429]
        assert (await owner.post("/api/auth/local", json=RIGHT)).status_code == 200
        assert (await guess_from(server, "10.9.9.9", "anna")).status_code == 400


async def test_limits_can_be_turned_off() -> None:
    """Without a limit nothing is counted and no header says so."""
    async with running(replace(DEFAULTS, rate_limit=None)) as server:
        answers = [await server.sign_in("anna", "wrong") for _ in range(30)]
        assert {answer.status_code for answer in answers} == {400}
        assert not [name for name in answers[0].headers if name.startswith("x-ratelimit")]


async def test_bodies_that_cannot_be_read_reach_no_limit() -> None:
    """As in Strapi, the body is parsed before anything is counted."""
    async with running(LIMITED) as server:
        for _ in range(12):
            await server.http.post(
                "/api/auth/local", content=b"{", headers={"Content-Type": "application/json"}
            )
        assert (await server.sign_in()).status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("", "10.0.0.1", False),
    ],
)
def test_what_counts_as_one_client(one: str, other: str, same: bool) -> None:
    """An IPv6 client has a whole /64 to itself, which counts as one."""
    assert (client_key(one) == client_key(other)) is same


def test_memory_is_bounded() -> None:
    """A million addresses leave no million entries, and old windows go first."""
    clock = Clock()
    attempts = Attempts(clock, RateLimit())
    for n in range(60_000):
        attempts.hit("/", str(n))
        attempts.succeeded("user:1", str(n))
    assert len(attempts._by_address._counts) == 50_000
    assert len(attempts._known) == 10_000
    clock.advance(timedelta(seconds=61))
    attempts.hit("/", "x")
    assert len(attempts._by_address._counts) == 1
