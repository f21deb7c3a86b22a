"""The faults of an embedded auth server, at its OpenID provider."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from portico.authserver.faults import Fault, Faults
from portico.authserver.settings import NewAccount
from portico.values import Secret
from tests.authserver.gotrue_calls import StoppedClock
from tests.authserver.oidc_calls import BAD_GRANT, Oidc, browsing, error, landed
from tests.authserver.servers import DEFAULTS, AuthServer, running

BEN = NewAccount(username="ben", email="ben@example.com", password=Secret("correct horse"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Faulty:
    """A server whose clock stands, its faults, and a browser."""

    server: AuthServer
    faults: Faults
    browser: Oidc

    def add(self, text: str) -> None:
        """Let this go wrong."""
        self.faults.add(Fault.parse(text))


@pytest.fixture
async def faulty() -> AsyncIterator[Faulty]:
    """One that has no fault yet."""
    faults = Faults()
    settings = replace(DEFAULTS, accounts=(*DEFAULTS.accounts, BEN))
    async with (
        running(settings, clock=StoppedClock(), faults=faults) as server,
        browsing(server.app) as browser,
    ):
        yield Faulty(server=server, faults=faults, browser=browser)


async def test_what_each_call_is(faulty: Faulty) -> None:
    """Roles by path and by the grant in the body, each call somebody's as soon as it says whose."""
    browser = faulty.browser
    tokens = await browser.tokens()
    await browser.me(tokens["access_token"])
    renewed = (await browser.refresh(tokens["refresh_token"])).json()
    await browser.revoke(renewed["refresh_token"])
    counted = [(count.endpoint, count.user, count.calls) for count in faulty.faults.counters]
    assert counted == [
        ("GET /oidc/authorize", "", 1),
        ("sign_in", "anna", 2),
        ("me", "anna", 1),
        ("refresh", "anna", 1),
        ("sign_out", "", 1),
    ]


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ("refresh: status 400", BAD_GRANT),
        ("refresh: status 401", (401, "invalid_client")),
        ("refresh: status 429", (429, "temporarily_unavailable")),
        ("refresh: status 503", (503, "temporarily_unavailable")),
        ("status 500", (500, "server_error")),
        ("sign_in: status 500", None),
        ("refresh: status 500 for ben", None),
        ("refresh: status 400 for anna", BAD_GRANT),
    ],
)
async def test_statuses_of_a_renewal(faulty: Faulty, fault: str, refusal: tuple[int, str] | None) -> None:
    """In the shape of the protocol; the token is not used up."""
    tokens = await faulty.browser.tokens()
    faulty.add(fault)
    answer = await faulty.browser.refresh(tokens["refresh_token"])
    if refusal is None:
        assert answer.status_code == 200
        return
    assert error(answer) == refusal
    faulty.faults.clear()
    assert (await faulty.browser.refresh(tokens["refresh_token"])).status_code == 200


async def test_pages_that_go_wrong(faulty: Faulty) -> None:
    """What people look at is a page."""
    page = await faulty.browser.authorize()
    faulty.add("sign_in: status 503 x1 for anna")
    answer = await faulty.browser.submit(page, username="anna", password="correct horse")
    assert (answer.status_code, answer.headers["content-type"][:9]) == (503, "text/html")
    back = landed(await faulty.browser.submit(page, username="anna", password="correct horse"))
    assert (await faulty.browser.exchange(back["code"])).status_code == 200
    faulty.add("me: status 401")
    assert error(await faulty.browser.me("x")) == (401, "invalid_token")


@pytest.mark.parametrize("whose", ["", " for anna", " for anna@example.com"])
async def test_expired_at_once(faulty: Faulty, whose: str) -> None:
    """The access token opens nothing; the refresh token beside it, the ID token and the page are good."""
    faulty.add(f"expired at once{whose}")
    tokens = await faulty.browser.tokens()
    assert tokens["expires_in"] == 300
    assert not await faulty.browser.opens(tokens["access_token"])
    said = await faulty.browser.said(tokens["id_token"])
    assert said["exp"] == said["iat"] + 300
    faulty.faults.clear()
    renewed = (await faulty.browser.refresh(tokens["refresh_token"])).json()
    assert await faulty.browser.opens(renewed["access_token"])


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), -timedelta(minutes=5)])
async def test_clock_skew(faulty: Faulty, ahead: timedelta) -> None:
    """Of a clock that is wrong at the exchange alone, which both tokens show."""
    code = await faulty.browser.code()
    faulty.add(f"sign_in: skew {'-' if ahead < timedelta(0) else ''}5m")
    if ahead > timedelta(0):
        # The code was over before it came.
        assert error(await faulty.browser.exchange(code)) == BAD_GRANT
        return
    tokens = (await faulty.browser.exchange(code)).json()
    said = await faulty.browser.said(tokens["id_token"])
    assert said["iat"] == int((faulty.server.clock.now() + ahead).timestamp())


async def test_a_new_signing_key(faulty: Faulty) -> None:
    """What the old one signed opens nothing, and the key set has the new one alone; and back again."""
    before = await faulty.browser.tokens()
    old = (await faulty.browser.http.get("/oidc/jwks")).json()["keys"]
    faulty.add("new key")
    assert not await faulty.browser.opens(before["access_token"])
    after = await faulty.browser.tokens()
    (new,) = (await faulty.browser.http.get("/oidc/jwks")).json()["keys"]
    assert new["kid"] != old[0]["kid"]
    assert await faulty.browser.said(after["id_token"])
    assert await faulty.browser.opens(after["access_token"])
    faulty.faults.clear()
    assert (await faulty.browser.http.get("/oidc/jwks")).json()["keys"] == old
    assert await faulty.browser.opens(before["access_token"])
    assert not await faulty.browser.opens(after["access_token"])


@pytest.mark.parametrize(
    ("fault", "again", "last"),
    [
        ("strict refresh", False, True),
        ("replayed refresh", True, True),
        ("family revocation", False, False),
        ("delay 0s", False, False),
    ],
)
async def test_rules_for_used_refresh_tokens(faulty: Faulty, fault: str, again: bool, last: bool) -> None:
    """As they are asked for, in the place of the provider's own."""
    faulty.add(fault)
    first = (await faulty.browser.tokens())["refresh_token"]
    second = (await faulty.browser.refresh(first)).json()["refresh_token"]
    assert ((await faulty.browser.refresh(first)).status_code == 200) is again
    assert ((await faulty.browser.refresh(second)).status_code == 200) is last


@pytest.mark.parametrize("whose", ["", " for anna", " for anna@example.com"])
async def test_a_revoked_session(faulty: Faulty, whose: str) -> None:
    """As if an administrator had ended it: tokens, codes that wait, and the browser's login."""
    tokens = await faulty.browser.tokens()
    code = landed(await faulty.browser.authorize())["code"]
    faulty.add(f"revoked session{whose}")
    assert not await faulty.browser.opens(tokens["access_token"])
    assert error(await faulty.browser.refresh(tokens["refresh_token"])) == BAD_GRANT
    assert error(await faulty.browser.exchange(code)) == BAD_GRANT
    assert (await faulty.browser.authorize()).status_code == 200
    assert "code" in landed(await faulty.browser.sign_in())


async def test_a_session_of_somebody_else_is_revoked(faulty: Faulty) -> None:
    """Anna stays signed in."""
    tokens = await faulty.browser.tokens()
    faulty.add("revoked session for ben")
    assert await faulty.browser.opens(tokens["access_token"])
    assert "code" in landed(await faulty.browser.authorize())


async def test_a_disabled_user(faulty: Faulty) -> None:
    """Signed in or not: no page, no code, no renewal; and in again when it is cleared. Nobody else is."""
    tokens = await faulty.browser.tokens()
    code = landed(await faulty.browser.authorize())["code"]
    faulty.add("disabled user for anna")
    assert not await faulty.browser.opens(tokens["access_token"])
    assert error(await faulty.browser.exchange(code)) == BAD_GRANT
    assert (await faulty.browser.sign_in(prompt="login")).status_code == 422
    assert await faulty.browser.opens((await faulty.browser.tokens("ben"))["access_token"])
    faulty.faults.clear()
    assert await faulty.browser.opens(tokens["access_token"])


async def test_a_role(faulty: Faulty) -> None:
    """Where apps look for it, in the ID token and in what is told of the user; in whatever scope."""
    faulty.add("role staff for anna")
    tokens = await faulty.browser.tokens(scope="openid")
    assert (await faulty.browser.said(tokens["id_token"]))["roles"] == ["staff"]
    assert (await faulty.browser.me(tokens["access_token"])).json()["roles"] == ["staff"]
    faulty.faults.clear()
    renewed = (await faulty.browser.refresh(tokens["refresh_token"])).json()
    assert "roles" not in await faulty.browser.said(renewed["id_token"])


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        ("sign_in: missing id_token", lambda body: "id_token" not in body),
        ("sign_in: wrong types expires_in", lambda body: body["expires_in"] == "300"),
    ],
)
async def test_answers_that_are_spoiled(faulty: Faulty, fault: str, wrong: Any) -> None:
    """Of the token endpoint, which the form of the page goes before."""
    code = await faulty.browser.code()
    faulty.add(fault)
    assert wrong((await faulty.browser.exchange(code)).json())
