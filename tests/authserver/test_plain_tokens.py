"""Plain dialect: what a token opens, whose it is, and what ends it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from portico.authserver.sessions import Sessions
from portico.authserver.settings import JwtManagement, PlainSettings
from portico.values import Secret
from tests.authserver.gotrue_calls import GONE, NOT_FOUND, GoTrueCalls, StoppedClock
from tests.authserver.gotrue_calls import refusal as gotrue_refusal
from tests.authserver.plain_calls import CLOSED, DEAD, NO_TOKEN, PlainCalls, refusal
from tests.authserver.servers import ANNA, DEFAULTS, AuthServer, bearer, running

SECRET = "0123456789abcdef0123456789abcdef"
KEY = OctKey.import_key(SECRET.encode())
SIGNED = replace(DEFAULTS, secret=Secret(SECRET))


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(SIGNED, StoppedClock()) as running_server:
        yield running_server


@pytest.fixture
def plain(server: AuthServer) -> PlainCalls:
    return PlainCalls(http=server.http)


def said(token: str) -> dict[str, object]:
    """What a token signed with SECRET says."""
    return jwt.decode(token, KEY, algorithms=["HS256"]).claims


def forge(claims: dict[str, object], **changes: object) -> str:
    """A token with the right signature that says something else; `...` leaves a claim out."""
    changed = {name: value for name, value in (claims | changes).items() if value is not ...}
    return jwt.encode({"alg": "HS256"}, changed, KEY, algorithms=["HS256"])


async def send(http: httpx.AsyncClient, call: tuple[str, str], **more: object) -> httpx.Response:
    """One of the closed calls."""
    return await http.request(*call, **more)  # type: ignore[arg-type]


# What it opens


async def test_employees(plain: PlainCalls) -> None:
    """The HR portal's rows: the same keys in each, each once, and addresses that reach nobody."""
    rows = (await plain.http.get("/plain/employees", headers=bearer(await plain.token()))).json()
    assert [row["id"] for row in rows] == list(range(1, 13))
    assert {tuple(row) for row in rows} == {("id", "name", "department", "title", "email", "since")}
    assert len({row["email"] for row in rows}) == 12
    assert all(row["email"].endswith("@example.com") for row in rows)
    assert all(date.fromisoformat(row["since"]).isoformat() == row["since"] for row in rows)
    assert rows[0] | {"since": ""} == {
        "id": 1,
        "name": "Ada Example",
        "department": "Engineering",
        "title": "Head of Engineering",
        "email": "ada.example@example.com",
        "since": "",
    }


async def test_customers(plain: PlainCalls) -> None:
    """The CRM's rows: the same keys in each, each once, values that are numbers, and every stage."""
    rows = (await plain.http.get("/plain/customers", headers=bearer(await plain.token()))).json()
    assert [row["id"] for row in rows] == list(range(1, 13))
    assert {tuple(row) for row in rows} == {("id", "company", "contact", "city", "value", "stage")}
    assert len({row["company"] for row in rows}) == 12
    assert {type(row["value"]) for row in rows} == {int}
    assert {row["stage"] for row in rows} == {"lead", "proposal", "negotiation", "won", "lost"}


@pytest.mark.parametrize("call", CLOSED)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "TOKEN", "Bearer TOKEN x"])
async def test_no_token(plain: PlainCalls, call: tuple[str, str], header: str | None) -> None:
    """What is no bearer header opens nothing, and shows nothing."""
    token = await plain.token()
    headers = {} if header is None else {"Authorization": header.replace("TOKEN", token)}
    answer = await send(plain.http, call, headers=headers)
    assert refusal(answer) == NO_TOKEN
    assert (await plain.user(token)).status_code == 200


@pytest.mark.parametrize("call", CLOSED)
async def test_places_that_are_no_header(plain: PlainCalls, call: tuple[str, str]) -> None:
    """A token in the address, in the body or in a cookie is none."""
    token = await plain.token()
    method, path = call
    answer = await plain.http.request(
        method,
        f"{path}?token={token}&access_token={token}",
        json={"token": token},
        headers={"Cookie": f"token={token}"},
    )
    assert refusal(answer) == NO_TOKEN


@pytest.mark.parametrize("call", CLOSED)
@pytest.mark.parametrize("token", ["x", "a.b.c", "undefined", "null", "é".encode().decode("latin-1")])
async def test_bad_tokens(plain: PlainCalls, call: tuple[str, str], token: str) -> None:
    """Whatever is not a token of this server is dead."""
    headers = {b"Authorization": b"Bearer " + token.encode()}
    assert refusal(await send(plain.http, call, headers=headers)) == DEAD


async def test_claims(plain: PlainCalls) -> None:
    """A token names its kind and its session, and ends after an hour."""
    claims = said(await plain.token())
    assert set(claims) == {"type", "sessionId", "iat", "exp"}
    assert claims["type"] == "plain"
    assert isinstance(claims["iat"], int)
    assert claims["exp"] == claims["iat"] + 3600


async def test_forged_claims(plain: PlainCalls) -> None:
    """P85: with the right signature, too, only all the right claims are good."""
    claims = said(await plain.token())
    assert (await plain.user(forge(claims))).status_code == 200, "the forger can forge"
    for changes in (
        {"type": "access"},
        {"type": "refresh"},
        {"type": ...},
        {"type": ["plain"]},
        {"sessionId": ...},
        {"sessionId": "00ff"},
        {"sessionId": 1},
        {"sessionId": ""},
        {"exp": ...},
        {"exp": str(claims["exp"])},
        {"exp": claims["iat"]},
    ):
        assert refusal(await plain.user(forge(claims, **changes))) == DEAD, changes


# What ends it


async def test_revoke(plain: PlainCalls) -> None:
    """S0-19: a revoked token is dead for every call, this one included, and other sign-ins live on."""
    token, elsewhere = await plain.token(), await plain.token()
    answer = await plain.revoke(token)
    assert (answer.status_code, answer.content) == (204, b"")
    for call in CLOSED:
        assert refusal(await send(plain.http, call, headers=bearer(token))) == DEAD
    assert (await plain.user(elsewhere)).status_code == 200
    assert (await plain.sign_in()).status_code == 200


async def test_a_revocation_that_ends_nothing_is_found_out(
    monkeypatch: pytest.MonkeyPatch, plain: PlainCalls
) -> None:
    """Positive control: where 204 is all that a revocation does, the token goes on opening everything."""

    async def nothing(*_: object) -> bool:
        return True

    monkeypatch.setattr(Sessions, "revoke", nothing)
    token = await plain.token()
    assert (await plain.revoke(token)).status_code == 204
    answers = [await send(plain.http, call, headers=bearer(token)) for call in CLOSED]
    assert [answer.status_code for answer in answers] == [200, 204, 200, 200]


async def test_revoked_at_the_same_moment(plain: PlainCalls) -> None:
    """Of many who revoke a token at once one is told so, the others that it is dead."""
    token = await plain.token()
    answers = await asyncio.gather(*(plain.revoke(token) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [204] + [401] * 9


async def test_expiry(server: AuthServer, plain: PlainCalls) -> None:
    """After an hour a token is dead; just before, it is not, and revoking one that is over is 401."""
    token = await plain.token()
    server.clock.advance(timedelta(minutes=59, seconds=59))
    assert (await plain.user(token)).status_code == 200
    server.clock.advance(timedelta(seconds=1))
    assert refusal(await plain.user(token)) == DEAD
    assert refusal(await plain.revoke(token)) == DEAD


async def test_a_token_ends_with_its_session() -> None:
    """A longer life than a session has is cut to the session's."""
    settings = replace(SIGNED, plain=PlainSettings(access_lifetime=timedelta(days=365)))
    async with running(settings, StoppedClock()) as server:
        plain = PlainCalls(http=server.http)
        token = await plain.token()
        claims = said(token)
        assert isinstance(claims["iat"], int)
        assert claims["exp"] == claims["iat"] + 14 * 86400
        server.clock.advance(timedelta(days=14) - timedelta(seconds=1))
        assert (await plain.user(token)).status_code == 200
        server.clock.advance(timedelta(seconds=1))
        assert refusal(await plain.user(token)) == DEAD


async def test_a_new_password_ends_its_tokens(server: AuthServer, plain: PlainCalls) -> None:
    """P77: a password that is changed in another dialect ends the tokens of this one."""
    token = await plain.token()
    access, _ = await GoTrueCalls(server=server).tokens()
    assert (await GoTrueCalls(server=server).change(access, password="another password")).status_code == 200
    assert refusal(await plain.user(token)) == DEAD
    assert (await plain.sign_in(password="another password")).status_code == 200


async def test_signing_out_everywhere(server: AuthServer, plain: PlainCalls) -> None:
    """Strapi's log-out of all devices ends the tokens of this dialect, and none of another user."""
    token, other = await plain.token(), await plain.token("newcomer@example.com")
    access, _ = await server.tokens()
    await server.http.post("/api/auth/logout", headers=bearer(access), json={"scope": "all"})
    assert refusal(await plain.user(token)) == DEAD
    assert (await plain.user(other)).status_code == 200


async def test_tokens_and_restarts(tmp_path: Path) -> None:
    """Over a file, tokens outlive a restart and revocations too; an account that was blocked is closed."""
    settings = replace(DEFAULTS, database=tmp_path / "auth.db")
    async with running(settings) as server:
        plain = PlainCalls(http=server.http)
        token, revoked = await plain.token(), await plain.token()
        await plain.revoke(revoked)
    async with running(settings) as server:
        plain = PlainCalls(http=server.http)
        assert (await plain.user(token)).status_code == 200
        assert refusal(await plain.user(revoked)) == DEAD
    async with running(replace(settings, accounts=(replace(ANNA, blocked=True),))) as server:
        assert refusal(await PlainCalls(http=server.http).user(token)) == DEAD


async def test_tokens_of_a_user_no_longer_confirmed(tmp_path: Path) -> None:
    """Where addresses have to be confirmed, the tokens of an account that is not are dead."""
    settings = replace(DEFAULTS, database=tmp_path / "auth.db")
    async with running(settings) as server:
        token = await PlainCalls(http=server.http).token("newcomer@example.com")
    async with running(replace(settings, email_confirmation=True)) as server:
        assert refusal(await PlainCalls(http=server.http).user(token)) == DEAD


# The dialects share their accounts, not their tokens


@pytest.mark.parametrize("mode", JwtManagement)
async def test_tokens_of_one_dialect_open_nothing_in_the_other(mode: JwtManagement) -> None:
    """P85: one key signs for all, and only GoTrue's access tokens are for others too; in both modes."""
    async with running(replace(SIGNED, jwt_management=mode)) as server:
        plain, gotrue = PlainCalls(http=server.http), GoTrueCalls(server=server)
        token = await plain.token()
        assert (await plain.user(token)).status_code == 200
        assert (await server.me(token)).status_code == 401
        assert (await server.refresh(token)).status_code in (401, 404)
        assert gotrue_refusal(await gotrue.user(token)) == (
            403,
            "bad_jwt",
            "invalid claim: missing sub claim",
        )
        strapi = (await server.sign_in()).json()
        _, refresh_token = await gotrue.tokens()
        for other in (strapi["jwt"], strapi.get("refreshToken", "x"), refresh_token):
            assert refusal(await plain.user(other)) == DEAD


async def test_accounts_of_other_dialects(server: AuthServer, plain: PlainCalls) -> None:
    """Who signed up elsewhere signs in here by their address."""
    form = {"username": "carla", "email": "carla@example.com", "password": "open sesame"}
    await server.http.post("/api/auth/local/register", json=form)
    answer = await plain.sign_in("carla@example.com", "open sesame")
    assert answer.json()["user"] == {"id": 4, "email": "carla@example.com", "name": "carla"}


# Behind GoTrue as the identity provider


async def test_an_access_token_of_gotrue_opens_the_same(server: AuthServer, plain: PlainCalls) -> None:
    """Who signed in there sees here the same rows and the same user, and is told the same."""
    access, _ = await GoTrueCalls(server=server).tokens()
    token = await plain.token()
    for call in CLOSED:
        if call[0] == "GET":
            ours = await send(plain.http, call, headers=bearer(token))
            theirs = await send(plain.http, call, headers=bearer(access))
            assert (theirs.status_code, theirs.json()) == (200, ours.json()), call


async def test_revoking_it_ends_that_session_of_gotrue(server: AuthServer, plain: PlainCalls) -> None:
    """Its refresh token is dead with it, in both dialects; the user's other sign-ins live on."""
    gotrue = GoTrueCalls(server=server)
    (access, refresh_token), (elsewhere, _), own = (
        await gotrue.tokens(),
        await gotrue.tokens(),
        await plain.token(),
    )
    assert (await plain.revoke(access)).status_code == 204
    for call in CLOSED:
        assert refusal(await send(plain.http, call, headers=bearer(access))) == DEAD
    assert gotrue_refusal(await gotrue.user(access)) == GONE
    assert gotrue_refusal(await gotrue.refresh(refresh_token)) == NOT_FOUND
    assert (await plain.user(elsewhere)).status_code == 200
    assert (await gotrue.user(elsewhere)).status_code == 200
    assert (await plain.user(own)).status_code == 200


async def test_it_is_revoked_once(server: AuthServer, plain: PlainCalls) -> None:
    """Of many who revoke it at once one is told so."""
    access, _ = await GoTrueCalls(server=server).tokens()
    answers = await asyncio.gather(*(plain.revoke(access) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [204] + [401] * 9


@pytest.mark.parametrize("scope", ["local", "global"])
async def test_logging_out_at_gotrue_ends_it_here(server: AuthServer, plain: PlainCalls, scope: str) -> None:
    """The API asks the session, not only the signature."""
    gotrue = GoTrueCalls(server=server)
    access, _ = await gotrue.tokens()
    assert (await plain.user(access)).status_code == 200
    assert (await gotrue.log_out(access, scope)).status_code == 204
    assert refusal(await plain.user(access)) == DEAD


async def test_it_expires_as_at_gotrue(server: AuthServer, plain: PlainCalls) -> None:
    """After an hour, and not before."""
    access, _ = await GoTrueCalls(server=server).tokens()
    server.clock.advance(timedelta(minutes=59, seconds=59))
    assert (await plain.user(access)).status_code == 200
    server.clock.advance(timedelta(seconds=1))
    assert refusal(await plain.user(access)) == DEAD


async def test_forged_claims_of_gotrue(server: AuthServer, plain: PlainCalls) -> None:
    """P85: with the right signature, too, user and session have to be there and belong together."""
    claims = said((await GoTrueCalls(server=server).tokens())[0])
    assert (await plain.user(forge(claims))).status_code == 200, "the forger can forge"
    other = said((await GoTrueCalls(server=server).tokens())[0])
    stranger = (await GoTrueCalls(server=server).sign_up("dora@example.com")).json()["user"]["id"]
    for changes in (
        {"sub": ...},
        {"sub": stranger},
        {"sub": "anna"},
        {"session_id": ...},
        {"session_id": "00ff"},
        {"session_id": other["sub"]},
        {"exp": claims["iat"]},
    ):
        assert refusal(await plain.user(forge(claims, **changes))) == DEAD, changes


async def test_who_was_blocked_is_out_with_either_token(tmp_path: Path) -> None:
    """An account that is blocked, or no longer confirmed where it has to be, has no live token here."""
    settings = replace(DEFAULTS, database=tmp_path / "auth.db")
    async with running(settings) as server:
        gotrue = GoTrueCalls(server=server)
        anna = (await gotrue.tokens())[0]
        assert (await PlainCalls(http=server.http).user(anna)).status_code == 200
    async with running(replace(settings, accounts=(replace(ANNA, blocked=True),))) as server:
        assert refusal(await PlainCalls(http=server.http).user(anna)) == DEAD
    async with running(replace(settings, accounts=(replace(ANNA, confirmed=False),))) as server:
        assert (await PlainCalls(http=server.http).user(anna)).status_code == 200
    unconfirmed = replace(settings, accounts=(replace(ANNA, confirmed=False),), email_confirmation=True)
    async with running(unconfirmed) as server:
        assert refusal(await PlainCalls(http=server.http).user(anna)) == DEAD
