"""GoTrue dialect: bodies, the two forms of errors, and what else every request meets."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from portico.authserver.settings import HashCost, Settings
from tests.authserver.gotrue_calls import RECENT, GoTrueCalls, refusal
from tests.authserver.servers import DEFAULTS, AuthServer, running


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running() as running_server:
        yield running_server


@pytest.fixture
def root(server: AuthServer) -> GoTrueCalls:
    return GoTrueCalls(server=server)


# Bodies


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "unexpected end of JSON input"),
        (b"  ", "unexpected end of JSON input"),
        (b"{", "Unexpected token in JSON at position 1"),
        (b"email=a%40b.c&password=x", "Unexpected token in JSON at position 0"),
        (b'{"email": NaN}', "invalid JSON"),
        (b'{"email": "\\ud800"}', "invalid JSON"),
        (b"\xff", "invalid JSON"),
        (b"[]", "json: cannot unmarshal array into Go value of type object"),
        (b'"x"', "json: cannot unmarshal string into Go value of type object"),
        (b"5", "json: cannot unmarshal number into Go value of type object"),
        (b'{"email": 5}', "json: cannot unmarshal number into Go struct field email of type string"),
        (b'{"email": true}', "json: cannot unmarshal bool into Go struct field email of type string"),
        (b'{"email": []}', "json: cannot unmarshal array into Go struct field email of type string"),
        (b'{"email": {}}', "json: cannot unmarshal object into Go struct field email of type string"),
    ],
)
@pytest.mark.parametrize("path", ["/signup", "/auth/v1/token?grant_type=password"])
async def test_bad_json(server: AuthServer, path: str, raw: bytes, reason: str) -> None:
    """P76: what is no JSON object, or has fields of other types, is 400 `bad_json` and matches nothing."""
    answer = await server.http.post(path, content=raw, headers=RECENT)
    assert refusal(answer) == (400, "bad_json", f"Could not parse request body as JSON: {reason}")


async def test_bad_data(root: GoTrueCalls) -> None:
    """Metadata is an object."""
    message = "json: cannot unmarshal array into Go struct field data of type object"
    answer = await root.sign_up("ben@example.com", data=["x"])
    assert refusal(answer) == (400, "bad_json", f"Could not parse request body as JSON: {message}")


async def test_null_is_an_empty_body(root: GoTrueCalls) -> None:
    """`null` is read as an object without fields, as Go does."""
    answer = await root.server.http.post("/token?grant_type=password", content=b"null", headers=RECENT)
    assert refusal(answer) == (400, "validation_failed", "missing email or phone")


async def test_body_too_large(server: AuthServer) -> None:
    """Above 1 MiB, bodies are refused unread."""
    content = b" " * (1024 * 1024 + 1)
    answer = await server.http.post("/signup", content=content, headers=RECENT)
    message = "Request body too large (max 1048576 bytes)"
    assert refusal(answer) == (413, "request_entity_too_large", message)


async def test_the_content_type_does_not_matter(server: AuthServer) -> None:
    """JSON is read whatever it is called."""
    raw = json.dumps({"email": "anna@example.com", "password": "correct horse"}).encode()
    answer = await server.http.post(
        "/token?grant_type=password", content=raw, headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 200


# Versions, and the rest


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
async def test_versions(server: AuthServer, version: str | None, recent: bool) -> None:
    """Errors have the form of the version that the request names, and say so; without one, the first form."""
    headers = {} if version is None else {"X-Supabase-Api-Version": version}
    answer = await server.http.get("/user", headers=headers)
    message = "This endpoint requires a valid Bearer token"
    assert answer.headers["x-sb-error-code"] == "no_authorization"
    if recent:
        assert answer.headers["x-supabase-api-version"] == "2024-01-01"
        assert answer.json() == {"code": "no_authorization", "message": message}
    else:
        assert "x-supabase-api-version" not in answer.headers
        assert answer.json() == {"code": 401, "error_code": "no_authorization", "msg": message}


@pytest.mark.parametrize("prefix", ["", "/auth/v1"])
async def test_health_and_settings(server: AuthServer, prefix: str) -> None:
    """Both say what GoTrue's say."""
    health = (await server.http.get(f"{prefix}/health")).json()
    assert list(health) == ["version", "name", "description"]
    assert health["name"] == "GoTrue"
    settings = (await server.http.get(f"{prefix}/settings")).json()
    assert [name for name, on in settings.pop("external").items() if on] == ["email"]
    assert settings == {
        "disable_signup": False,
        "mailer_autoconfirm": True,
        "phone_autoconfirm": False,
        "sms_provider": "",
        "saml_enabled": False,
        "saml_private_key_next_configured": False,
        "passkeys_enabled": False,
    }


async def test_paths_that_are_not_there(server: AuthServer) -> None:
    """Below `/auth/v1`, unknown paths are what Go's router says; nothing is redirected."""
    for path in ("/auth/v1/nowhere", "/auth/v1/user/", "/auth/v1/"):
        answer = await server.http.get(path)
        assert (answer.status_code, answer.text) == (404, "404 page not found\n")
    assert (await server.http.get("/auth/v1/token")).status_code == 405


async def test_no_cors(server: AuthServer) -> None:
    """No answer lets another site read it."""
    headers = {"Origin": "http://evil.test", "Access-Control-Request-Method": "POST"}
    for method in ("OPTIONS", "POST"):
        answer = await server.http.request(method, "/auth/v1/token", headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_too_much_to_do() -> None:
    """P73: what the pool of hashes does not take is 504, after which clients try again."""
    settings = replace(DEFAULTS, hash_cost=HashCost(workers=1, waiting=1))
    async with running(settings) as server:
        calls = GoTrueCalls(server=server)
        answers = await asyncio.gather(*(calls.sign_in() for _ in range(12)))
        assert {answer.status_code for answer in answers} == {200, 504}
        (refused, *_) = [answer for answer in answers if answer.status_code == 504]
        assert refusal(refused)[1] == "request_timeout"


@pytest.mark.parametrize("headers", [{}, RECENT])
async def test_a_broken_database(tmp_path: Path, headers: dict[str, str]) -> None:
    """What goes wrong inside is 500 in GoTrue's form and says nothing about itself."""
    path = tmp_path / "auth.db"
    settings: Settings = replace(DEFAULTS, database=path)
    async with running(settings) as server:
        transport = httpx.ASGITransport(app=server.app, raise_app_exceptions=False)
        connection = sqlite3.connect(path)
        connection.execute("ALTER TABLE users RENAME TO gone")
        connection.close()
        async with httpx.AsyncClient(transport=transport, base_url="http://auth.test") as client:
            form = {"email": "anna@example.com", "password": "x"}
            answer = await client.post("/auth/v1/token?grant_type=password", json=form, headers=headers)
    message = "Unexpected failure, please check server logs for more information"
    body = answer.json()
    assert answer.status_code == 500
    assert answer.headers["x-sb-error-code"] == "unexpected_failure"
    if headers:
        assert body == {"code": "unexpected_failure", "message": message}
    else:
        assert len(body.pop("error_id")) == 22
        assert body == {"code": 500, "error_code": "unexpected_failure", "msg": message}


async def test_the_scheme_in_any_case(server: AuthServer, root: GoTrueCalls) -> None:
    """The scheme of the header may be written in any case."""
    access, _ = await root.tokens()
    answer = await server.http.get("/user", headers={"Authorization": f"bEaReR {access}"})
    assert answer.status_code == 200
