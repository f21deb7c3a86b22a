"""What befalls the server while it answers: its clock, key, refresh rule, sessions and users."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from portico.authserver.dialects.known_endpoints import KNOWN
from portico.authserver.endpoints import Role
from portico.authserver.faults import Fault, Faults
from portico.authserver.settings import NewAccount
from portico.values import Secret
from tests.authserver.gotrue_calls import StoppedClock
from tests.authserver.servers import DEFAULTS, AuthServer, bearer, running

BEN = NewAccount(username="ben", email="ben@example.com", password=Secret("correct horse"))
WITH_BEN = replace(DEFAULTS, accounts=(*DEFAULTS.accounts, BEN))


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How one dialect is spoken to."""

    sign_in: str
    name: str
    access: str
    me: str
    refresh: str = ""
    renewal: str = ""
    lifetime: timedelta = timedelta(hours=1)


STRAPI = Dialect(
    sign_in="/api/auth/local",
    name="identifier",
    access="jwt",
    me="/api/users/me",
    refresh="/api/auth/refresh",
    renewal="refreshToken",
    lifetime=timedelta(minutes=10),
)
GOTRUE = Dialect(
    sign_in="/auth/v1/token?grant_type=password",
    name="email",
    access="access_token",
    me="/auth/v1/user",
    refresh="/auth/v1/token?grant_type=refresh_token",
    renewal="refresh_token",
)
PLAIN = Dialect(
    sign_in="/plain/auth/v1/token?grant_type=password",
    name="email",
    access="token",
    me="/plain/auth/v1/user",
)
DUMMYJSON = Dialect(
    sign_in="/dummyjson/auth/login",
    name="username",
    access="accessToken",
    me="/dummyjson/auth/me",
    refresh="/dummyjson/auth/refresh",
    renewal="refreshToken",
)
ALL = pytest.mark.parametrize(
    "dialect", [STRAPI, GOTRUE, PLAIN, DUMMYJSON], ids=["strapi", "gotrue", "plain", "dummyjson"]
)
RENEWABLE = pytest.mark.parametrize(
    "dialect", [STRAPI, GOTRUE, DUMMYJSON], ids=["strapi", "gotrue", "dummyjson"]
)
OK, REFUSED = True, False


@dataclass(frozen=True, kw_only=True, slots=True)
class Faulty:
    """A server whose clock stands, and its faults."""

    server: AuthServer
    faults: Faults

    def add(self, text: str) -> None:
        """Let this go wrong."""
        self.faults.add(Fault.parse(text))

    async def sign_in(self, dialect: Dialect, user: str = "anna") -> httpx.Response:
        """A sign-in with the right password."""
        name = user if dialect.name != "email" else f"{user}@example.com"
        form = {dialect.name: name, "password": "correct horse"}
        return await self.post(dialect.sign_in, form)

    async def tokens(self, dialect: Dialect) -> tuple[str, str]:
        """Access and refresh token of a new sign-in."""
        return tokens_of(dialect, await self.sign_in(dialect))

    async def opens(self, dialect: Dialect, token: str) -> bool:
        """Whether a token opens `me`."""
        answer = await self.server.http.get(dialect.me, headers=bearer(token))
        return answer.status_code == 200

    async def renewed(self, dialect: Dialect, token: str) -> httpx.Response:
        """A renewal."""
        return await self.post(dialect.refresh, {dialect.renewal: token})

    async def post(self, path: str, form: dict[str, str]) -> httpx.Response:
        """A call without the cookies of others."""
        answer = await self.server.http.post(path, json=form)
        self.server.http.cookies.clear()
        return answer


def tokens_of(dialect: Dialect, answer: httpx.Response) -> tuple[str, str]:
    """Access and refresh token in an answer."""
    body: dict[str, Any] = answer.json()
    return body[dialect.access], body.get(dialect.renewal, "")


@pytest.fixture
async def faulty() -> AsyncIterator[Faulty]:
    """One that has no fault yet."""
    faults = Faults()
    async with running(WITH_BEN, clock=StoppedClock(), faults=faults) as server:
        yield Faulty(server=server, faults=faults)


@ALL
async def test_expired_at_once(faulty: Faulty, dialect: Dialect) -> None:
    """The access token opens nothing; the refresh token beside it is as good as ever."""
    faulty.add("expired at once x1")
    access, refresh = await faulty.tokens(dialect)
    assert not await faulty.opens(dialect, access)
    if dialect.refresh:
        renewed = await faulty.renewed(dialect, refresh)
        assert await faulty.opens(dialect, tokens_of(dialect, renewed)[0])
    assert await faulty.opens(dialect, (await faulty.tokens(dialect))[0])


@ALL
@pytest.mark.parametrize(("ahead", "life"), [("-5m", -timedelta(minutes=5)), ("5m", timedelta(minutes=5))])
async def test_clock_skew(faulty: Faulty, dialect: Dialect, ahead: str, life: timedelta) -> None:
    """Tokens of a server that is ahead outlive their time by as much, those of one behind end before it."""
    faulty.add(f"sign_in: skew {ahead}")
    access, _ = await faulty.tokens(dialect)
    second = timedelta(seconds=1)
    faulty.server.clock.advance(dialect.lifetime + life - second)
    assert await faulty.opens(dialect, access)
    faulty.server.clock.advance(second)
    assert not await faulty.opens(dialect, access)


@ALL
async def test_a_new_signing_key(faulty: Faulty, dialect: Dialect) -> None:
    """What the old key signed opens nothing, what the new one signs does; afterwards it is turned round."""
    before, _ = await faulty.tokens(dialect)
    faulty.add("new key")
    assert not await faulty.opens(dialect, before)
    after, _ = await faulty.tokens(dialect)
    assert await faulty.opens(dialect, after)
    faulty.faults.clear()
    assert (await faulty.opens(dialect, before), await faulty.opens(dialect, after)) == (OK, REFUSED)


@RENEWABLE
async def test_strict_refresh_tokens(faulty: Faulty, dialect: Dialect) -> None:
    """Good once; who tries it again is refused, and the sign-in goes on with what the first got."""
    faulty.add("strict refresh")
    _, first = await faulty.tokens(dialect)
    _, second = tokens_of(dialect, await faulty.renewed(dialect, first))
    assert (await faulty.renewed(dialect, first)).status_code >= 400
    assert (await faulty.renewed(dialect, second)).status_code == 200


@RENEWABLE
async def test_replayed_refresh_tokens(faulty: Faulty, dialect: Dialect) -> None:
    """Good again, however often another was used meanwhile."""
    faulty.add("replayed refresh")
    _, first = await faulty.tokens(dialect)
    last = first
    for _ in range(3):
        _, last = tokens_of(dialect, await faulty.renewed(dialect, last))
    again = await faulty.renewed(dialect, first)
    assert again.status_code == 200
    assert await faulty.opens(dialect, tokens_of(dialect, again)[0])


@RENEWABLE
async def test_family_revocation(faulty: Faulty, dialect: Dialect) -> None:
    """Whoever uses a token twice ends the sign-in for all who have tokens of it, and no other sign-in."""
    faulty.add("family revocation")
    _, beside = await faulty.tokens(dialect)
    _, first = await faulty.tokens(dialect)
    _, second = tokens_of(dialect, await faulty.renewed(dialect, first))
    _, third = tokens_of(dialect, await faulty.renewed(dialect, second))
    assert (await faulty.renewed(dialect, first)).status_code >= 400
    assert (await faulty.renewed(dialect, third)).status_code >= 400
    assert (await faulty.renewed(dialect, beside)).status_code == 200


@pytest.mark.parametrize(
    ("dialect", "again", "last"),
    [(STRAPI, REFUSED, OK), (GOTRUE, REFUSED, REFUSED), (DUMMYJSON, OK, OK)],
    ids=["strapi", "gotrue", "dummyjson"],
)
async def test_without_a_fault(faulty: Faulty, dialect: Dialect, again: bool, last: bool) -> None:
    """The control: each dialect has a rule of its own for a token that was used two renewals ago."""
    _, first = await faulty.tokens(dialect)
    _, second = tokens_of(dialect, await faulty.renewed(dialect, first))
    _, third = tokens_of(dialect, await faulty.renewed(dialect, second))
    assert ((await faulty.renewed(dialect, first)).status_code == 200) is again
    assert ((await faulty.renewed(dialect, third)).status_code == 200) is last


@ALL
@pytest.mark.parametrize("whose", ["", " for anna", " for anna@example.com"])
async def test_a_revoked_session(faulty: Faulty, dialect: Dialect, whose: str) -> None:
    """It is over, as it is when an administrator ends it. Whoever signs in again is in again."""
    access, refresh = await faulty.tokens(dialect)
    assert await faulty.opens(dialect, access)
    faulty.add(f"revoked session{whose}")
    # Strapi does not ask its sessions about access tokens, here or there.
    assert await faulty.opens(dialect, access) is (dialect is STRAPI)
    if dialect.refresh:
        assert (await faulty.renewed(dialect, refresh)).status_code >= 400
    assert await faulty.opens(dialect, (await faulty.tokens(dialect))[0])


@ALL
async def test_a_session_of_somebody_else_is_revoked(faulty: Faulty, dialect: Dialect) -> None:
    """Anna stays signed in."""
    access, refresh = await faulty.tokens(dialect)
    faulty.add("revoked session for ben")
    assert await faulty.opens(dialect, access)
    if dialect.refresh:
        assert (await faulty.renewed(dialect, refresh)).status_code == 200


@ALL
async def test_a_disabled_user(faulty: Faulty, dialect: Dialect) -> None:
    """Signed in or not, and in again when it is cleared; nobody else is."""
    access, refresh = await faulty.tokens(dialect)
    faulty.add("disabled user for anna")
    assert not await faulty.opens(dialect, access)
    assert (await faulty.sign_in(dialect)).status_code >= 400
    if dialect is GOTRUE:
        assert (await faulty.renewed(dialect, refresh)).status_code >= 400
    assert (await faulty.sign_in(dialect, "ben")).status_code == 200
    faulty.faults.clear()
    assert await faulty.opens(dialect, access)


@ALL
async def test_a_changed_role(faulty: Faulty, dialect: Dialect) -> None:
    """Where each preset looks for it, for as long as it stands."""
    access, _ = await faulty.tokens(dialect)
    faulty.add("role editor for anna")
    assert await _role(faulty, dialect, access) == "editor"
    faulty.faults.clear()
    assert await _role(faulty, dialect, access) == ("user" if dialect is DUMMYJSON else None)


async def _role(faulty: Faulty, dialect: Dialect, access: str) -> object:
    user = (await faulty.server.http.get(dialect.me, headers=bearer(access))).json()
    if dialect is GOTRUE:
        return user["app_metadata"].get("role")
    role = user.get("role")
    return role["type"] if isinstance(role, dict) else role


async def test_every_endpoint_that_is_known_is_there(faulty: Faulty) -> None:
    """No role points at a path that no dialect has."""
    for endpoint in KNOWN:
        query = dict([endpoint.parameter]) if endpoint.parameter else {}
        form = dict([endpoint.field]) if endpoint.field else None
        answer = await faulty.server.http.request(endpoint.method, endpoint.path, params=query, data=form)
        assert answer.status_code not in (404, 405), endpoint
    counted = {count.endpoint for count in faulty.faults.counters}
    assert counted == {role.value for role in Role}
