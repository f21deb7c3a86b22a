"""Strapi dialect: changing the password, and what that ends."""

import asyncio
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from portico.authserver.sessions import Session, Sessions
from portico.authserver.settings import JwtManagement, RateLimit
from portico.values import Secret
from tests.authserver.gotrue_calls import GONE, GoTrueCalls, refusal
from tests.authserver.servers import (
    DEFAULTS,
    AuthServer,
    bearer,
    client_of,
    envelope,
    not_text,
    problem,
    required,
    running,
)

OLD, NEW = "correct horse", "another password"
GOOD = {"currentPassword": OLD, "password": NEW, "passwordConfirmation": NEW}
WRONG = envelope(400, "ValidationError", "Invalid identifier or password")
NOT_CURRENT = envelope(400, "ValidationError", "The provided current password is invalid")
INVALID = envelope(401, "UnauthorizedError", "Invalid refresh token")


async def change(
    server: AuthServer, token: str, body: object = GOOD, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Post a change of password."""
    return await server.http.post(
        "/api/auth/change-password", json=body, headers=bearer(token) | (headers or {})
    )


def fields(password: object, confirmation: object = None, **more: object) -> dict[str, object]:
    """A body with these, the confirmation being the same unless it is given."""
    repeated = password if confirmation is None else confirmation
    return {"currentPassword": OLD, "password": password, "passwordConfirmation": repeated, **more}


async def test_change_password(server: AuthServer) -> None:
    """The answer is that to a sign-in; the new password signs in, the old one does not."""
    access, _ = await server.tokens()
    answer = await change(server, access)
    assert answer.status_code == 200
    assert list(answer.json()) == ["jwt", "refreshToken", "user"]
    assert (await server.me(answer.json()["jwt"])).json() == answer.json()["user"]
    assert (await server.refresh(answer.json()["refreshToken"])).status_code == 200
    assert (await server.sign_in("anna", OLD)).json() == WRONG
    assert (await server.sign_in("anna", NEW)).status_code == 200


async def test_all_sessions_end(server: AuthServer) -> None:
    """P16, P77: nobody stays signed in, in neither dialect, but by the tokens of the answer."""
    other = (await server.sign_in("newcomer")).json()["refreshToken"]
    access, mine = await server.tokens()
    _, elsewhere = await server.tokens()
    gotrue = GoTrueCalls(server=server)
    supabase, _ = await gotrue.tokens()
    fresh = (await change(server, access)).json()
    assert [(await server.refresh(token)).json() for token in (mine, elsewhere)] == [INVALID] * 2
    assert refusal(await gotrue.user(supabase)) == GONE
    listed = await server.http.get("/api/auth/sessions", headers=bearer(fresh["jwt"]))
    (session,) = listed.json()["data"]
    assert session["current"] is True
    assert UUID(session["deviceId"]).version == 4
    assert (await server.refresh(other)).status_code == 200


async def test_what_is_refused_changes_nothing(server: AuthServer) -> None:
    """P77: after a refusal the password and the sessions are what they were."""
    access, refresh = await server.tokens()
    assert (await change(server, access, GOOD | {"currentPassword": "wrong"})).json() == NOT_CURRENT
    assert (await server.refresh(refresh)).status_code == 200
    assert (await server.sign_in("anna", OLD)).status_code == 200


# What yup 0.32.9 answered for Strapi's own schema, strict, all errors at once.
PROBLEMS: list[tuple[object, list[dict[str, object]]]] = [
    ({}, [required(name) for name in ("passwordConfirmation", "password", "currentPassword")]),
    (fields(NEW, "x"), [problem("passwordConfirmation", "Passwords do not match", "x")]),
    (fields(NEW, ""), [problem("passwordConfirmation", "Passwords do not match", "")]),
    (fields("", ""), [required("passwordConfirmation", ""), required("password", "")]),
    (fields("x" * 73), [problem("password", "Password must be less than 73 bytes", "x" * 73)]),
    (fields("é" * 37), [problem("password", "Password must be less than 73 bytes", "é" * 37)]),
    (GOOD | {"currentPassword": ""}, [required("currentPassword", "")]),
    (GOOD | {"currentPassword": 5}, [not_text("currentPassword", "5", 5)]),
    (fields(5), [not_text("passwordConfirmation", "5", 5), not_text("password", "5", 5)]),
    (
        fields([]),
        [
            not_text("passwordConfirmation", "[]", []),
            problem("passwordConfirmation", "Passwords do not match", []),
            not_text("password", "[]", []),
        ],
    ),
    (
        fields(True, 1),
        [
            not_text("passwordConfirmation", "1", 1),
            problem("passwordConfirmation", "Passwords do not match", 1),
            not_text("password", "true", True),
        ],
    ),
    (
        GOOD | {"passwordConfirmation": None},
        [
            not_text("passwordConfirmation", "null", None),
            problem("passwordConfirmation", "Passwords do not match", None),
        ],
    ),
    (
        GOOD | {"deviceId": "x", "": 1},
        [
            {
                "path": [],
                "message": "this field has unspecified keys: deviceId, ",
                "name": "ValidationError",
                "value": GOOD | {"deviceId": "x", "": 1},
            }
        ],
    ),
    # What Strapi says once the current password is known to be right.
    (fields("12345"), [problem("password", "password must be at least 6 characters", "12345")]),
]


@pytest.mark.parametrize(("body", "problems"), PROBLEMS)
async def test_fields_at_fault(server: AuthServer, body: object, problems: list[dict[str, object]]) -> None:
    """Fields at fault are named as yup names them: one message, or their number, and every detail."""
    access, _ = await server.tokens()
    answer = await change(server, access, body)
    message = str(problems[0]["message"]) if len(problems) == 1 else f"{len(problems)} errors occurred"
    assert answer.status_code == 400
    assert answer.json() == envelope(400, "ValidationError", message, {"errors": problems})
    assert (await server.sign_in("anna", OLD)).status_code == 200


async def test_the_same_password(server: AuthServer) -> None:
    """The new password has to be another one, which only who knows the old one is told."""
    access, _ = await server.tokens()
    message = "Your new password must be different than your current password"
    answer = await change(server, access, fields(OLD))
    assert (answer.status_code, answer.json()) == (400, envelope(400, "ValidationError", message))
    guess = fields(OLD) | {"currentPassword": "wrong"}
    assert (await change(server, access, guess)).json() == NOT_CURRENT


async def test_no_list_is_a_body(server: AuthServer) -> None:
    """An array is no change of password, and the message quotes it."""
    access, _ = await server.tokens()
    message = "this must be a `object` type, but the final value was: `[]`."
    details = {"errors": [{"path": [], "message": message, "name": "ValidationError", "value": []}]}
    assert (await change(server, access, [])).json() == envelope(400, "ValidationError", message, details)


async def test_it_needs_a_token(server: AuthServer) -> None:
    """Without a token it is 403, with a bad one 401, and nothing changes."""
    forbidden = await server.http.post("/api/auth/change-password", json=GOOD)
    assert (forbidden.status_code, forbidden.json()) == (403, envelope(403, "ForbiddenError", "Forbidden"))
    bad = await change(server, "x")
    message = "Missing or invalid credentials"
    assert (bad.status_code, bad.json()) == (401, envelope(401, "UnauthorizedError", message))
    assert (await server.sign_in("anna", OLD)).status_code == 200


async def test_never_in_a_cookie(server: AuthServer) -> None:
    """Strapi answers with the refresh token in the body, whatever is asked for."""
    access, _ = await server.tokens()
    answer = await change(server, access, headers={"x-strapi-refresh-cookie": "httpOnly"})
    assert "refreshToken" in answer.json()
    assert "set-cookie" not in answer.headers


async def test_legacy_mode() -> None:
    """In `legacy-support` the answer is one token, and the old one stays good, as in Strapi."""
    async with running(replace(DEFAULTS, jwt_management=JwtManagement.LEGACY)) as server:
        old = (await server.sign_in()).json()["jwt"]
        answer = await change(server, old)
        assert list(answer.json()) == ["jwt", "user"]
        assert [(await server.me(token)).status_code for token in (old, answer.json()["jwt"])] == [200, 200]
        assert (await server.sign_in("anna", OLD)).json() == WRONG


async def test_limits() -> None:
    """P69: ten tries a minute, and each wrong current password is a guess at the account like any other."""
    settings = replace(DEFAULTS, rate_limit=RateLimit(account_failures=3))
    guess = GOOD | {"currentPassword": "wrong"}
    too_many = envelope(429, "RateLimitError", "Too many requests, please try again later.")
    async with running(settings) as server:
        stranger = (await server.sign_in("newcomer")).json()["jwt"]
        answers = [await change(server, stranger, guess) for _ in range(11)]
        assert [answer.status_code for answer in answers[:10]] == [400] * 10, (
            "a known client is not locked out"
        )
        assert (answers[-1].status_code, answers[-1].json()) == (429, too_many)
        assert [answer.headers["x-ratelimit-remaining"] for answer in answers[-2:]] == ["0", "0"]
        assert int(answers[-1].headers["retry-after"]) >= 1


async def test_guesses_count_together() -> None:
    """P69: with a stolen token, elsewhere, no more guesses are let through than at the sign-in."""
    settings = replace(DEFAULTS, rate_limit=RateLimit(account_failures=3, attempts=100))
    async with running(settings) as server:
        access, _ = await server.tokens()
        async with client_of(server.app, "10.0.0.1") as thief:
            guess = GOOD | {"currentPassword": "wrong"}
            statuses = [
                (
                    await thief.post("/api/auth/change-password", json=guess, headers=bearer(access))
                ).status_code
                for _ in range(5)
            ]
        assert statuses == [400] * 3 + [429] * 2


async def test_two_changes_at_once(server: AuthServer) -> None:
    """P77: of two changes at one moment one is made, and the other finds its current password gone."""
    access, _ = await server.tokens()
    bodies = [fields("first password"), fields("second password")]
    answers = await asyncio.gather(*(change(server, access, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    for body, answer in zip(bodies, answers, strict=True):
        signed_in = await server.sign_in("anna", str(body["password"]))
        assert signed_in.is_success == answer.is_success
        assert answer.is_success or answer.json() == NOT_CURRENT


@pytest.mark.parametrize(("compared", "status"), [(True, 400), (False, 200)])
async def test_a_password_that_changes_during_a_sign_in(
    monkeypatch: pytest.MonkeyPatch, server: AuthServer, compared: bool, status: int
) -> None:
    """P77: no session begins with a password that is not the account's any more; uncompared, one would."""
    access, _ = await server.tokens()
    start = Sessions.start

    async def late(
        sessions: Sessions, user_id: int, *, device_id: str | None, password_hash: Secret | None = None
    ) -> Session | None:
        monkeypatch.undo()
        assert (await change(server, access)).status_code == 200
        expected = password_hash if compared else None
        return await start(sessions, user_id, device_id=device_id, password_hash=expected)

    monkeypatch.setattr(Sessions, "start", late)
    answer = await server.sign_in("anna", OLD)
    assert answer.status_code == status
    assert status == 200 or answer.json() == WRONG
