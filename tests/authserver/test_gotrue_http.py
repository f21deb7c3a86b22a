"""GoTrue dialect: versions, paths, methods, parameters, other origins, and failures inside."""

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from portico.authserver.app import create_app
from portico.authserver.settings import HashCost, SettingsInvalid
from portico.clock import Clock
from tests.authserver.gotrue_calls import RECENT, GoTrueCalls, refusal
from tests.authserver.servers import DEFAULTS, AuthServer, bearer, running

BROKEN = "Unexpected failure, please check server logs for more information"
ROUTES = {
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/health"),
    ("GET", "/settings"),
    ("GET", "/user"),
    ("POST", "/logout"),
    ("POST", "/signup"),
    ("POST", "/token"),
    ("PUT", "/user"),
    ("POST", "/otp"),
    ("POST", "/magiclink"),
    ("POST", "/recover"),
    ("POST", "/resend"),
    ("POST", "/verify"),
    ("POST", "/_provider"),
}
# They use something up, and HEAD is how links are looked at that nobody clicked.
WITHOUT_HEAD = {("GET", "/verify"), ("GET", "/authorize"), ("GET", "/callback")}
PAGES = {("GET", "/_provider")}


@pytest.mark.parametrize(
    ("version", "recent"),
    [
        (None, False),
        ("", False),
        ("2023-12-31", False),
        ("2024-01-01", True),
        ("2030-06-01", True),
        ("2024-W01-1", False),
        ("2024-13-01", False),
        ("20240101", False),
        ("x", False),
    ],
)
async def test_versions(calls: GoTrueCalls, version: str | None, recent: bool) -> None:
    """Errors have the form of the version that the request names, and say so; without one, the first form."""
    headers = {} if version is None else {"X-Supabase-Api-Version": version}
    answer = await calls.server.http.get(f"{calls.prefix}/user", headers=headers)
    message = "This endpoint requires a valid Bearer token"
    assert answer.headers["x-sb-error-code"] == "no_authorization"
    assert answer.headers["content-type"] == "application/json"
    if recent:
        assert answer.headers["x-supabase-api-version"] == "2024-01-01"
        assert answer.json() == {"code": "no_authorization", "message": message}
    else:
        assert "x-supabase-api-version" not in answer.headers
        assert answer.json() == {"code": 401, "error_code": "no_authorization", "msg": message}


# What anybody may know


async def test_health(calls: GoTrueCalls) -> None:
    """The health check says what GoTrue's says."""
    answer = await calls.send("GET", "/health")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert list(answer.json()) == ["version", "name", "description"]
    assert answer.json()["name"] == "GoTrue"


@pytest.mark.parametrize("confirming", [True, False])
async def test_settings(confirming: bool) -> None:
    """The settings have GoTrue's keys, and autoconfirm is what `email_confirmation` is not."""
    async with running(replace(DEFAULTS, email_confirmation=confirming)) as server:
        for prefix in ("", "/auth/v1"):
            settings = (await server.http.get(f"{prefix}/settings")).json()
            external = settings.pop("external")
            assert {"email", "phone", "anonymous_users"} <= external.keys()
            assert sorted(name for name, on in external.items() if not on) == [
                "anonymous_users",
                "phone",
            ]
            assert settings == {
                "disable_signup": False,
                "mailer_autoconfirm": not confirming,
                "phone_autoconfirm": False,
                "sms_provider": "",
                "saml_enabled": False,
                "saml_private_key_next_configured": False,
                "passkeys_enabled": False,
            }


async def test_no_keys_are_shown(calls: GoTrueCalls) -> None:
    """P82: the list of keys is there, may be kept for ten minutes, and never has the key that signs."""
    answer = await calls.send("GET", "/.well-known/jwks.json")
    assert (answer.status_code, answer.json()) == (200, {"keys": []})
    assert answer.headers["cache-control"] == "public, max-age=600"


# Paths, methods, parameters


def test_both_places_have_the_same_routes() -> None:
    """Every route is there twice: at the root and below `/auth/v1`."""
    found = {
        (method, route.path)
        for route in create_app(DEFAULTS, Clock()).routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }
    mounted = {(method, path) for method, path in found if path.startswith("/auth/v1")}
    routes = ROUTES | WITHOUT_HEAD | PAGES
    assert mounted == {(method, f"/auth/v1{path}") for method, path in routes}
    assert found >= routes


async def test_paths_that_are_not_there(server: AuthServer) -> None:
    """Below `/auth/v1`, unknown paths are what Go's router says; nothing is redirected."""
    for path in ("nowhere", "user/", "", "USER", "/user", "user%2f", "auth/v1/user", "us%00er"):
        answer = await server.http.get(f"http://auth.test/auth/v1/{path}")
        assert (answer.status_code, answer.text) == (404, "404 page not found\n"), path


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_methods(calls: GoTrueCalls, method: str) -> None:
    """Other methods than a path has are 405 and do nothing; HEAD is GET without a body, or one of them."""
    token, _ = await calls.tokens()
    allowed = ROUTES | WITHOUT_HEAD | PAGES | {("HEAD", path) for verb, path in ROUTES if verb == "GET"}
    for path in sorted({path for _, path in ROUTES | WITHOUT_HEAD} - {path for _, path in PAGES}):
        if (method, path) not in allowed:
            answer = await calls.send(method, path, headers=bearer(token))
            assert answer.status_code == 405
            assert {(verb, path) for verb in answer.headers["allow"].split(", ")} <= allowed
        elif method == "HEAD":
            shown = await calls.send("GET", path, headers=bearer(token))
            answer = await calls.send("HEAD", path, headers=bearer(token))
            assert (answer.status_code, answer.content) == (200, b"")
            assert answer.headers["content-type"] == shown.headers["content-type"]
    assert (await calls.user(token)).status_code == 200


async def test_a_parameter_that_is_there_twice(calls: GoTrueCalls) -> None:
    """Of a parameter that is repeated the first counts, as in Go."""
    form = {"email": "anna@example.com", "password": "correct horse"}
    both = "grant_type=password&grant_type=refresh_token"
    assert (await calls.send("POST", f"/token?{both}", json=form)).status_code == 200
    answer = await calls.send("POST", "/token?grant_type=&grant_type=password", json=form)
    assert refusal(answer) == (400, "invalid_credentials", "unsupported_grant_type")
    here, elsewhere = (await calls.tokens())[0], (await calls.tokens())[0]
    await calls.send("POST", "/logout?scope=local&scope=global", headers=bearer(here))
    assert (await calls.user(here)).status_code == 403
    assert (await calls.user(elsewhere)).status_code == 200


async def test_a_header_that_is_there_twice(calls: GoTrueCalls) -> None:
    """Of two Authorization headers the first counts."""
    access, _ = await calls.tokens()
    for first, second, status in ((access, "x", 200), ("x", access, 403)):
        headers = [("Authorization", f"Bearer {token}") for token in (first, second)]
        answer = await calls.server.http.get(f"{calls.prefix}/user", headers=headers)
        assert answer.status_code == status


async def test_the_scheme_in_any_case(calls: GoTrueCalls) -> None:
    """The scheme of the header may be written in any case."""
    access, _ = await calls.tokens()
    answer = await calls.send("GET", "/user", headers={"Authorization": f"bEaReR {access}"})
    assert answer.status_code == 200


# Other origins


def preflight(origin: str, headers: str = "authorization,content-type") -> dict[str, str]:
    """What a browser asks before a page of `origin` may post."""
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": headers,
    }


def cors(answer: httpx.Response) -> dict[str, str]:
    """The headers that let another origin in."""
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control")}


async def test_no_other_origins(calls: GoTrueCalls) -> None:
    """P23: no answer lets a page of another origin read it, unless the settings name the origin."""
    for method in ("OPTIONS", "POST"):
        for path in ("/token", "/signup", "/user", "/health"):
            assert cors(await calls.send(method, path, headers=preflight("http://evil.test"))) == {}


async def test_named_origins() -> None:
    """P23: a named origin, and no other, may send and read GoTrue's headers, and never with credentials."""
    named = "http://localhost:3000"
    async with running(replace(DEFAULTS, browser_origins=(named,))) as server:
        calls = GoTrueCalls(server=server, prefix="/auth/v1")
        wanted = (
            "apikey,authorization,content-type,x-client-info,x-supabase-api-version,x-client-ip,x-jwt-aud"
        )
        allowed = await calls.send("OPTIONS", "/token", headers=preflight(named, wanted))
        assert allowed.status_code == 200
        assert cors(allowed)["access-control-allow-origin"] == named
        assert "access-control-allow-credentials" not in allowed.headers
        answer = await calls.send("GET", "/user", headers={"Origin": named})
        assert answer.status_code == 401
        assert cors(answer) == {
            "access-control-allow-origin": named,
            "access-control-expose-headers": "X-Total-Count, Link, X-Supabase-Api-Version",
        }
        assert "Origin" in answer.headers["vary"]
        refused = await calls.send("OPTIONS", "/token", headers=preflight(named, "x-other"))
        assert refused.status_code == 400
        for origin in (
            "http://evil.test",
            "null",
            "http://localhost:3001",
            "https://localhost:3000",
            f"{named}.x",
        ):
            for method in ("OPTIONS", "POST"):
                other = await calls.send(method, "/token", headers=preflight(origin))
                assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    "origin", ["*", "null", "", "localhost:3000", "http://a.test/", "http://a.test/x", "http://*.a.test"]
)
def test_what_is_no_origin(origin: str) -> None:
    """P23: nothing that could stand for many origins can be named."""
    with pytest.raises(SettingsInvalid, match="Not an origin"):
        create_app(replace(DEFAULTS, browser_origins=(origin,)), Clock())


# Failures inside


async def test_too_much_to_do() -> None:
    """P73: what the pool of hashes does not take is 504, after which clients try again."""
    settings = replace(DEFAULTS, hash_cost=HashCost(workers=1, waiting=1))
    async with running(settings) as server:
        calls = GoTrueCalls(server=server)
        answers = await asyncio.gather(*(calls.sign_in() for _ in range(12)))
        assert {answer.status_code for answer in answers} == {200, 504}
        (refused, *_) = [answer for answer in answers if answer.status_code == 504]
        message = "Processing this request timed out, please retry after a moment."
        assert refusal(refused) == (504, "request_timeout", message)


@pytest.mark.parametrize("headers", [{}, RECENT], ids=["first form", "recent form"])
@pytest.mark.parametrize("prefix", ["", "/auth/v1"])
async def test_a_broken_database(tmp_path: Path, prefix: str, headers: dict[str, str]) -> None:
    """What goes wrong inside is 500 in GoTrue's form: it says nothing of itself, and ends no session."""
    path = tmp_path / "auth.db"
    async with running(replace(DEFAULTS, database=path)) as server:
        access, refresh = await GoTrueCalls(server=server).tokens()
        transport = httpx.ASGITransport(app=server.app, raise_app_exceptions=False)
        connection = sqlite3.connect(path)
        connection.execute("ALTER TABLE users RENAME TO gone")
        connection.close()
        async with httpx.AsyncClient(transport=transport, base_url=f"http://auth.test{prefix}") as client:
            client.headers.update(headers)
            form = {"email": "anna@example.com", "password": "x"}
            answers = [
                await client.post("/token?grant_type=password", json=form),
                await client.post("/token?grant_type=refresh_token", json={"refresh_token": refresh}),
                await client.get("/user", headers=bearer(access)),
                await client.put("/user", headers=bearer(access), json={}),
                await client.post("/logout", headers=bearer(access)),
                await client.post("/signup", json=form | {"password": "open sesame"}),
            ]
    for answer in answers:
        body = answer.json()
        assert answer.status_code == 500
        assert answer.headers["x-sb-error-code"] == "unexpected_failure"
        if headers:
            assert body == {"code": "unexpected_failure", "message": BROKEN}
        else:
            assert len(body.pop("error_id")) == 22
            assert body == {"code": 500, "error_code": "unexpected_failure", "msg": BROKEN}
