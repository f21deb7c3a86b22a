"""GoTrue dialect: how often may be tried, and that no client can name another key."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from portico.authserver.settings import RateLimit
from tests.authserver.gotrue_calls import RECENT, GoTrueCalls, StoppedClock, refusal
from tests.authserver.servers import DEFAULTS, AuthServer, bearer, client_of, running

LIMITED = replace(DEFAULTS, rate_limit=RateLimit())
TOO_MANY = (429, "over_request_rate_limit", "Request rate limit reached")
GUESS = {"email": "anna@example.com", "password": "wrong"}


async def guess_from(server: AuthServer, address: str, email: str) -> httpx.Response:
    """A wrong password from `address`."""
    async with client_of(server.app, address) as client:
        return await client.post("/token?grant_type=password", json={**GUESS, "email": email}, headers=RECENT)


async def test_the_key_cannot_be_forged() -> None:
    """P69: thirty requests to `/token` a minute; path, query, headers and body make no new client."""
    async with running(LIMITED, StoppedClock()) as server:
        answers = [
            await server.http.post(
                f"{'/auth/v1' if n % 2 else ''}/token?grant_type=password&x={n}",
                json={"email": f"user{n}@example.com", "password": f"wrong {n}"},
                headers=RECENT | {"X-Forwarded-For": f"10.0.0.{n}", "X-Real-IP": f"10.0.0.{n}"},
            )
            for n in range(35)
        ]
        assert [answer.status_code for answer in answers] == [400] * 30 + [429] * 5
        assert refusal(answers[-1]) == TOO_MANY
        assert answers[-1].headers["retry-after"] == "60"
        async with client_of(server.app, "10.0.0.2") as other:
            assert (await other.post("/token?grant_type=password", json=GUESS)).status_code == 400
        server.clock.advance(timedelta(seconds=60))
        assert (await GoTrueCalls(server=server).sign_in()).status_code == 200


async def test_refreshes_count_too() -> None:
    """As in GoTrue, both grants have one limit."""
    async with running(LIMITED, StoppedClock()) as server:
        calls = GoTrueCalls(server=server)
        _, token = await calls.tokens()
        answers = [await calls.refresh(token) for _ in range(30)]
        assert [answer.status_code for answer in answers] == [200] * 29 + [429]


async def test_sign_ups_and_changes() -> None:
    """Thirty sign-ups in five minutes, and as many changes of a user, each counted alone."""
    async with running(LIMITED, StoppedClock()) as server:
        calls = GoTrueCalls(server=server)
        access, _ = await calls.tokens()
        changes = [await calls.change(access, data={"n": n}) for n in range(31)]
        assert [answer.status_code for answer in changes] == [200] * 30 + [429]
        assert refusal(changes[-1]) == TOO_MANY
        sign_ups = [await calls.sign_up(f"user{n}@example.com", "short") for n in range(31)]
        assert [answer.status_code for answer in sign_ups] == [422] * 30 + [429]
        assert refusal(sign_ups[-1]) == TOO_MANY
        assert sign_ups[-1].headers["retry-after"] == "300"
        assert (await server.http.get("/user", headers=bearer(access))).status_code == 200


@pytest.mark.parametrize("email", ["anna@example.com", "nobody@example.com"])
async def test_one_account_many_addresses(email: str) -> None:
    """P69: at most 100 wrong passwords an hour for one address, in any case, whether it exists or not."""
    async with running(LIMITED, StoppedClock()) as server:
        spellings = [email, email.upper(), email.title()]
        answers = [
            await guess_from(server, f"10.0.{n // 250}.{n % 250}", spellings[n % 3]) for n in range(105)
        ]
        assert [answer.status_code for answer in answers] == [400] * 100 + [429] * 5
        assert refusal(answers[-1]) == TOO_MANY
        assert answers[-1].headers["retry-after"] == "3600"


async def test_the_dialects_count_together() -> None:
    """P69: guessing at an account through two dialects is guessing at one account."""
    settings = replace(DEFAULTS, rate_limit=RateLimit(attempts=1000, account_failures=6))
    async with running(settings) as server:
        for _ in range(3):
            assert (await server.sign_in("anna", "wrong")).status_code == 400
            assert (await guess_from(server, "10.0.0.1", "anna@example.com")).status_code == 400
        assert (await server.sign_in("anna", "wrong")).status_code == 429
        assert (await guess_from(server, "10.0.0.1", "anna@example.com")).status_code == 429


async def test_at_the_same_moment() -> None:
    """P69: the bound holds when all guesses arrive together."""
    settings = replace(DEFAULTS, rate_limit=RateLimit(account_failures=5))
    async with running(settings) as server:
        calls = GoTrueCalls(server=server)
        answers = await asyncio.gather(*(calls.sign_in(password="wrong") for _ in range(20)))
        assert sorted(answer.status_code for answer in answers) == [400] * 5 + [429] * 15


async def test_the_owner_is_not_locked_out() -> None:
    """P70: where the owner signed in before, they still can while strangers are refused; success resets."""
    settings = replace(DEFAULTS, rate_limit=RateLimit(account_failures=5))
    async with running(settings) as server, client_of(server.app, "10.1.1.1") as owner:
        right = {"email": "anna@example.com", "password": "correct horse"}
        path = "/auth/v1/token?grant_type=password"
        assert (await owner.post(path, json=right)).status_code == 200
        answers = [await guess_from(server, f"10.0.0.{n}", "anna@example.com") for n in range(7)]
        assert [answer.status_code for answer in answers][-2:] == [429, 429]
        assert (await owner.post(path, json=right)).status_code == 200
        assert (await guess_from(server, "10.9.9.9", "anna@example.com")).status_code == 400


async def test_limits_can_be_turned_off() -> None:
    """Without limits nothing is counted."""
    async with running(DEFAULTS) as server:
        calls = GoTrueCalls(server=server)
        answers = [await calls.sign_in(password="wrong") for _ in range(40)]
        assert {answer.status_code for answer in answers} == {400}
