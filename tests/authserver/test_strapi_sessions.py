"""Strapi dialect: refresh, rotation, replay, log-out, cookies, sessions."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from tests.authserver.servers import DEFAULTS, AuthServer, bearer, client_of, envelope, expired, running

INVALID = envelope(401, "UnauthorizedError", "Invalid refresh token")
MISSING = envelope(400, "BadRequestError", "Missing refresh token")
COOKIE = {"x-strapi-refresh-cookie": "httpOnly"}
COOKIE_NAMES = {"strapi_up_refresh", "strapi_up_refresh.sig"}


async def test_refresh_rotates(server: AuthServer) -> None:
    """A refresh gives a new pair, both of which work."""
    access, refresh = await server.tokens()
    answer = await server.refresh(refresh)
    assert answer.status_code == 200
    assert list(answer.json()) == ["jwt", "refreshToken"]
    assert answer.json()["jwt"] != access
    assert answer.json()["refreshToken"] != refresh
    assert (await server.me(answer.json()["jwt"])).status_code == 200
    assert (await server.refresh(answer.json()["refreshToken"])).status_code == 200


async def test_replay_is_refused_and_the_family_lives(server: AuthServer) -> None:
    """A used token is 401 however often it comes; as in Strapi, its successor stays good."""
    _, first = await server.tokens()
    second = (await server.refresh(first)).json()["refreshToken"]
    for _ in range(3):
        answer = await server.refresh(first)
        assert (answer.status_code, answer.json()) == (401, INVALID)
    assert (await server.refresh(second)).status_code == 200


async def test_twenty_at_once(server: AuthServer) -> None:
    """Of twenty who bring the same token at the same moment, exactly one is served."""
    _, refresh = await server.tokens()
    answers = await asyncio.gather(*(server.refresh(refresh) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19


async def test_a_hundred_in_a_row(server: AuthServer) -> None:
    """A chain can be long, and no link of it works twice."""
    _, token = await server.tokens()
    used = []
    for _ in range(100):
        used.append(token)
        token = (await server.refresh(token)).json()["refreshToken"]
    assert len({*used, token}) == 101
    answers = await asyncio.gather(*(server.refresh(old) for old in used))
    assert {answer.status_code for answer in answers} == {401}


@pytest.mark.parametrize("token", [None, "", 0, 1, True, [], ["x"], {}, {"a": 1}])
async def test_missing_refresh_token(server: AuthServer, token: object) -> None:
    """Nothing, and everything that is not a string, is a missing token."""
    answer = await server.refresh(token)
    assert (answer.status_code, answer.json()) == (400, MISSING)


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "x" * 100_000, "' OR 1=1 --"])
async def test_invalid_refresh_token(server: AuthServer, token: str) -> None:
    """A string that is no token of ours is an invalid one."""
    answer = await server.refresh(token)
    assert (answer.status_code, answer.json()) == (401, INVALID)


async def test_an_access_token_renews_nothing(server: AuthServer) -> None:
    """The type of a token is checked here too."""
    access, refresh = await server.tokens()
    assert (await server.refresh(access)).json() == INVALID
    assert (await server.refresh(refresh)).status_code == 200


async def test_idle_end(server: AuthServer) -> None:
    """A sign-in that nobody renews for 14 days is over; renewing it begins the 14 days anew."""
    _, token = await server.tokens()
    server.clock.advance(timedelta(days=13))
    token = (await server.refresh(token)).json()["refreshToken"]
    server.clock.advance(timedelta(days=13))
    token = (await server.refresh(token)).json()["refreshToken"]
    server.clock.advance(expired(timedelta(days=14)))
    assert (await server.refresh(token)).json() == INVALID


async def test_absolute_end(server: AuthServer) -> None:
    """30 days after the sign-in it is over, however busy it was."""
    _, token = await server.tokens()
    for _ in range(4):
        server.clock.advance(timedelta(days=7))
        token = (await server.refresh(token)).json()["refreshToken"]
    server.clock.advance(expired(timedelta(days=2)))
    assert (await server.refresh(token)).json() == INVALID


# Log-out


async def test_log_out(server: AuthServer) -> None:
    """Log-out ends the session; the access token stays good until it expires, as in Strapi."""
    access, refresh = await server.tokens()
    answer = await server.http.post("/api/auth/logout", headers=bearer(access))
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert (await server.refresh(refresh)).json() == INVALID
    assert (await server.me(access)).status_code == 200


async def test_log_out_leaves_other_sign_ins(server: AuthServer) -> None:
    """Log-out ends one sign-in, and none of another user whose refresh token is sent along."""
    access, refresh = await server.tokens()
    _, elsewhere = await server.tokens()
    foreign = (await server.sign_in("newcomer")).json()["refreshToken"]
    await server.http.post("/api/auth/logout", headers=bearer(access), json={"refreshToken": foreign})
    assert (await server.refresh(foreign)).status_code == 200
    assert (await server.refresh(elsewhere)).status_code == 200
    assert (await server.refresh(refresh)).status_code == 200


async def test_log_out_by_refresh_token(server: AuthServer) -> None:
    """The refresh token that is sent along names the session to end."""
    access, first = await server.tokens()
    second = (await server.refresh(first)).json()["refreshToken"]
    await server.http.post("/api/auth/logout", headers=bearer(access), json={"refreshToken": second})
    assert (await server.refresh(second)).json() == INVALID


async def test_log_out_everywhere(server: AuthServer) -> None:
    """`scope: all` ends every sign-in of this user and of nobody else."""
    access, one = await server.tokens()
    _, two = await server.tokens()
    other = (await server.sign_in("newcomer")).json()["refreshToken"]
    await server.http.post("/api/auth/logout", headers=bearer(access), json={"scope": "all"})
    assert {(await server.refresh(token)).status_code for token in (one, two)} == {401}
    assert (await server.refresh(other)).status_code == 200


async def test_log_out_of_a_device(server: AuthServer) -> None:
    """`deviceId` ends the sign-ins that named this device."""
    form = {"identifier": "anna", "password": "correct horse", "deviceId": "phone"}
    phone = (await server.http.post("/api/auth/local", json=form)).json()
    access, laptop = await server.tokens()
    await server.http.post("/api/auth/logout", headers=bearer(access), json={"deviceId": "phone"})
    assert (await server.refresh(phone["refreshToken"])).json() == INVALID
    assert (await server.refresh(laptop)).status_code == 200


async def test_log_out_needs_a_token(server: AuthServer) -> None:
    """Nobody can be logged out by a stranger."""
    _, refresh = await server.tokens()
    answer = await server.http.post("/api/auth/logout", json={"refreshToken": refresh})
    assert (answer.status_code, answer.json()) == (403, envelope(403, "ForbiddenError", "Forbidden"))
    assert (await server.refresh(refresh)).status_code == 200


@pytest.mark.parametrize("body", [[], ["x"], {"scope": ["all"]}, {"deviceId": 7, "refreshToken": {}}])
async def test_log_out_with_odd_bodies(server: AuthServer, body: object) -> None:
    """What is not a string is ignored: the token's own session ends."""
    access, refresh = await server.tokens()
    assert (await server.http.post("/api/auth/logout", headers=bearer(access), json=body)).json() == {
        "ok": True
    }
    assert (await server.refresh(refresh)).json() == INVALID


# Refresh token in a cookie


def _cookie(answer: httpx.Response) -> tuple[str, set[str]]:
    """The value of the refresh cookie that an answer sets, and its attributes in lower case. Beside it is
    another, of the same attributes, with its signature."""
    cookie, signature = (header.split("; ") for header in answer.headers.get_list("set-cookie"))
    assert signature[0].startswith("strapi_up_refresh.sig=")
    assert signature[1:] == cookie[1:]
    name, _, value = cookie[0].partition("=")
    assert name == "strapi_up_refresh"
    return value, {attribute.lower() for attribute in cookie[1:]}


@pytest.mark.parametrize("by_setting", [True, False])
async def test_cookie_mode(by_setting: bool) -> None:
    """By setting or by header, the refresh token goes to an HttpOnly cookie and is nowhere in the body."""
    headers = {} if by_setting else COOKIE
    async with running(replace(DEFAULTS, httponly=by_setting)) as server:
        form = {"identifier": "anna", "password": "correct horse"}
        answer = await server.http.post("/api/auth/local", json=form, headers=headers)
        assert list(answer.json()) == ["jwt", "user"]
        first, attributes = _cookie(answer)
        assert attributes == {"httponly", "samesite=lax", "path=/"}
        assert first not in answer.text

        renewed = await server.http.post("/api/auth/refresh", headers=headers)
        assert list(renewed.json()) == ["jwt"]
        second, _ = _cookie(renewed)
        assert second != first
        assert (await server.refresh(first)).status_code == 200, "the cookie of this client comes first"

        out = await server.http.post("/api/auth/logout", headers=headers | bearer(renewed.json()["jwt"]))
        value, attributes = _cookie(out)
        assert value in ("", '""')
        assert attributes == {"httponly", "samesite=lax", "path=/", "expires=thu, 01 jan 1970 00:00:00 gmt"}
        assert COOKIE_NAMES & set(server.http.cookies) == set()
        async with client_of(server.app) as stranger:
            for token in (first, second):
                replayed = await stranger.post("/api/auth/refresh", json={"refreshToken": token})
                assert replayed.json() == INVALID


async def test_nobody_asks_for_the_signature_of_the_cookie(server: AuthServer) -> None:
    """The token alone is enough, as in Strapi."""
    _, refresh = await server.tokens()
    answer = await server.http.post(
        "/api/auth/refresh", headers={"Cookie": f"strapi_up_refresh={refresh}; strapi_up_refresh.sig=x"}
    )
    assert answer.status_code == 200


async def test_the_cookie_header_is_exact(server: AuthServer) -> None:
    """Any other value of the header leaves the token in the body."""
    form = {"identifier": "anna", "password": "correct horse"}
    answer = await server.http.post(
        "/api/auth/local", json=form, headers={"x-strapi-refresh-cookie": "httponly"}
    )
    assert "refreshToken" in answer.json()
    assert "set-cookie" not in answer.headers


async def test_register_never_uses_the_cookie(server: AuthServer) -> None:
    """Strapi's register leaves the refresh token in the body whatever is asked for."""
    form = {"username": "ben", "email": "ben@example.com", "password": "open sesame"}
    answer = await server.http.post("/api/auth/local/register", json=form, headers=COOKIE)
    assert "refreshToken" in answer.json()
    assert "set-cookie" not in answer.headers


# The list of sessions


async def test_sessions(server: AuthServer) -> None:
    """The list shows each sign-in once, the own one first, and no token."""
    access, refresh = await server.tokens()
    renewed = (await server.refresh(refresh)).json()
    server.clock.advance(timedelta(minutes=1))
    form = {"identifier": "anna", "password": "correct horse", "deviceId": "phone"}
    await server.http.post("/api/auth/local", json=form)
    await server.sign_in("newcomer")
    answer = await server.http.get("/api/auth/sessions", headers=bearer(renewed["jwt"]))
    own, phone = answer.json()["data"]
    assert list(own) == ["id", "deviceId", "current", "loginAt", "lastActiveAt"]
    assert (own["current"], own["deviceId"]) == (True, None)
    assert (phone["current"], phone["deviceId"]) == (False, "phone")
    assert access not in answer.text


async def test_revoke_a_session(server: AuthServer) -> None:
    """A user can end one of their sessions by its id, once, and nobody else's."""
    access, _ = await server.tokens()
    _, elsewhere = await server.tokens()
    listed = (await server.http.get("/api/auth/sessions", headers=bearer(access))).json()["data"]
    (other_id,) = [session["id"] for session in listed if not session["current"]]
    stranger = (await server.sign_in("newcomer")).json()["jwt"]
    gone = envelope(404, "NotFoundError", "Session not found")

    async def revoke(token: str) -> httpx.Response:
        return await server.http.delete(f"/api/auth/sessions/{other_id}", headers=bearer(token))

    assert (await revoke(stranger)).json() == gone
    assert (await revoke(access)).json() == {"data": {}}
    assert (await server.refresh(elsewhere)).json() == INVALID
    answer = await revoke(access)
    assert (answer.status_code, answer.json()) == (404, gone)


@pytest.mark.parametrize("session_id", ["x", "%00", "%ff", "x" * 5000, "' OR 1=1 --", "é", "..", "%"])
async def test_revoke_what_is_no_session(server: AuthServer, session_id: str) -> None:
    """Whatever the id is, it is not found, and no session ends."""
    access, refresh = await server.tokens()
    answer = await server.http.delete(f"/api/auth/sessions/{session_id}", headers=bearer(access))
    assert answer.status_code == 404
    assert answer.json()["error"]["name"] == "NotFoundError"
    assert (await server.refresh(refresh)).status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_sessions_need_a_token(server: AuthServer, method: str) -> None:
    """The list is for its owner."""
    path = "/api/auth/sessions" + ("/x" if method == "DELETE" else "")
    assert (await server.http.request(method, path)).status_code == 403
