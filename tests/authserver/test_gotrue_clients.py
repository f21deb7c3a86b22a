"""GoTrue dialect: the clients that Supabase publishes live the same life over a socket, at both places."""

import asyncio
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.authserver import gotrue_client
from tests.authserver.servers import served

# Where the set-up of the tests installs npm packages: `@supabase/auth-js` is in its node_modules.
NPM = Path(__file__).parents[2] / "build" / "test-assets"
SCRIPT = Path(__file__).with_name("gotrue_client.mjs")

# Each client has its own word for a session that the server ended.
MISSING = {
    "supabase-auth": {
        "name": "AuthApiError",
        "status": 403,
        "code": "session_not_found",
        "message": "Session from session_id claim in JWT does not exist",
        "reasons": [],
    },
    "auth-js": {
        "name": "AuthSessionMissingError",
        "status": 400,
        "code": None,
        "message": "Auth session missing!",
        "reasons": [],
    },
}


async def python_client(url: str) -> dict[str, Any]:
    """What supabase-auth got."""
    return await asyncio.to_thread(gotrue_client.live, url)


async def javascript_client(url: str) -> dict[str, Any]:
    """What auth-js got."""
    node = shutil.which("node")
    assert node is not None, "node is needed"
    process = await asyncio.create_subprocess_exec(
        node,
        str(SCRIPT),
        str(NPM),
        url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, err.decode()
    got: dict[str, Any] = json.loads(out)
    return got


CLIENTS = {"supabase-auth": python_client, "auth-js": javascript_client}


@pytest.mark.parametrize("prefix", ["", "/auth/v1"], ids=["root", "mounted"])
@pytest.mark.parametrize("client", CLIENTS)
async def test_the_life_of_an_account(client: str, prefix: str) -> None:
    """Every journey of a real client ends as the client expects it, and nothing is a server error."""
    async with served() as http:
        got = await CLIENTS[client](str(http.base_url).rstrip("/") + prefix)
    check_sign_up_and_in(got)
    check_user(got)
    check_refresh(got, MISSING[client])
    check_new_password(got, MISSING[client])
    check_sign_outs(got, MISSING[client])
    check_wire(got, prefix)


def error(name: str, status: int, code: str, message: str, *reasons: str) -> dict[str, Any]:
    """An error as both clients tell it."""
    return {"name": name, "status": status, "code": code, "message": message, "reasons": list(reasons)}


def api_error(status: int, code: str, message: str) -> dict[str, Any]:
    """An error that has no class of its own."""
    return error("AuthApiError", status, code, message)


WRONG = api_error(400, "invalid_credentials", "Invalid login credentials")
USED = api_error(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used")
NOT_FOUND = api_error(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")


def check_sign_up_and_in(got: dict[str, Any]) -> None:
    """Weak password, sign-up, duplicate, wrong password, unknown user, sign-in."""
    weak = "Password should be at least 6 characters."
    assert got["weak"]["error"] == error("AuthWeakPasswordError", 422, "weak_password", weak, "length")
    signed_up = got["signUp"]
    assert signed_up["error"] is None
    assert signed_up["session"]["user"]["id"] == signed_up["user"]["id"]
    assert signed_up["user"]["user_metadata"]["name"] == "Ben"
    assert [identity["provider"] for identity in signed_up["user"]["identities"]] == ["email"]
    assert got["duplicate"]["error"] == api_error(422, "user_already_exists", "User already registered")
    assert [got[step]["error"] for step in ("wrong", "unknown")] == [WRONG, WRONG]
    assert got["signIn"]["error"] is None
    assert got["signIn"]["session"]["expires_in"] == 3600
    assert got["signIn"]["user"]["id"] == signed_up["user"]["id"]
    refused = [got[step] for step in ("weak", "duplicate", "wrong", "unknown")]
    assert not [answer for answer in refused if answer["user"] or answer["session"]]


def check_user(got: dict[str, Any]) -> None:
    """The user, the claims of the token, and changes of the user."""
    assert got["user"]["error"] is None
    assert got["user"]["user"]["id"] == got["signIn"]["user"]["id"] == got["claims"]["sub"]
    assert (got["claims"]["aud"], got["claims"]["aal"]) == ("authenticated", "aal1")
    assert got["update"]["error"] is None
    assert got["update"]["user"]["user_metadata"].items() >= {"name": "Ben", "city": "Ulm"}.items()
    assert got["address"]["user"]["email"] == "ben@example.com"
    assert got["address"]["user"]["new_email"] == "new@example.com"
    same = "New password should be different from the old password."
    assert got["samePassword"]["error"] == api_error(422, "same_password", same)


def check_refresh(got: dict[str, Any], missing: dict[str, Any]) -> None:
    """Refresh, the parent's replay, reuse, and what is left of the session then."""
    first, second, third = (got[step]["session"]["refresh_token"] for step in ("signIn", "refresh", "again"))
    assert len({first, second, third}) == 3
    assert got["replay"]["session"]["refresh_token"] == second
    assert got["reuse"]["error"] == USED
    assert got["deadUser"]["error"] == missing
    assert got["deadRefresh"]["error"] == NOT_FOUND
    assert got["deadSignOut"] == {"error": None, "kept": False}
    assert len(set(got.get("atOnce", [third]))) == 1


def check_new_password(got: dict[str, Any], missing: dict[str, Any]) -> None:
    """A new password keeps the session that set it, ends the other, and the old one is over."""
    assert got["newPassword"]["error"] is None
    assert got["stays"]["user"]["id"] == got["signUp"]["user"]["id"]
    assert got["forgotten"]["error"] == missing
    assert got["oldPassword"]["error"] == WRONG


def check_sign_outs(got: dict[str, Any], missing: dict[str, Any]) -> None:
    """Each scope ends what it says, and only a client that keeps its session keeps it."""
    for scope, here, elsewhere in (
        ("local", False, True),
        ("others", True, False),
        ("global", False, False),
    ):
        ended = got[scope]
        assert ended["error"] is None
        assert ended["kept"] == here
        for place, lives in (("here", here), ("elsewhere", elsewhere)):
            assert ended[place]["error"] == (None if lives else missing), (scope, place)
            assert ended[f"{place}Refresh"]["error"] == (None if lives else NOT_FOUND), (scope, place)


def check_wire(got: dict[str, Any], prefix: str) -> None:
    """All this went to GoTrue's four paths below the prefix, and nothing was a server error."""
    wire = Counter((call, status, code) for call, status, code in got["wire"])
    assert {call for call, _, _ in wire} == {
        f"{method} {prefix}{path}"
        for method, path in (
            ("POST", "/signup"),
            ("POST", "/token"),
            ("GET", "/user"),
            ("PUT", "/user"),
            ("POST", "/logout"),
        )
    }
    assert wire[f"POST {prefix}/logout", 204, None] == 3
    assert wire[f"POST {prefix}/logout", 403, "session_not_found"] == 1
    assert wire[f"GET {prefix}/user", 403, "session_not_found"] == 6
    assert wire[f"POST {prefix}/token", 400, "refresh_token_already_used"] == 1
    assert max(status for _, status, _ in wire) < 500
