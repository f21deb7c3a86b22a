"""GoTrue dialect: the clients that Supabase publishes sign in by links, codes and a provider."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.authserver import gotrue_flows_client
from tests.authserver.servers import served

# Where the set-up of the tests installs npm packages: `@supabase/auth-js` is in its node_modules.
NPM = Path(__file__).parents[2] / "build" / "test-assets"
SCRIPT = Path(__file__).with_name("gotrue_flows_client.mjs")


async def python_client(url: str, here: str) -> dict[str, Any]:
    """What supabase-auth got."""
    return await asyncio.to_thread(gotrue_flows_client.live, url, here)


async def javascript_client(url: str, here: str) -> dict[str, Any]:
    """What auth-js got."""
    node = shutil.which("node")
    assert node is not None, "node is needed"
    command = [node, str(SCRIPT), str(NPM), url, here]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
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


def error(status: int, code: str, message: str) -> dict[str, Any]:
    """An error as both clients tell it."""
    return {"name": "AuthApiError", "status": status, "code": code, "message": message}


NO_FLOW = error(404, "flow_state_not_found", "invalid flow state, no valid flow state found")
BAD_CODE = error(403, "otp_expired", "Token has expired or is invalid")


@pytest.mark.parametrize("prefix", ["", "/auth/v1"], ids=["root", "mounted"])
@pytest.mark.parametrize("client", CLIENTS)
async def test_every_way_in(client: str, prefix: str) -> None:
    """Each journey of a real client ends as the client expects it."""
    async with served() as http:
        here = str(http.base_url).rstrip("/")
        got = await CLIENTS[client](here + prefix, here)
    assert got["linkPlace"] == "http://localhost:3000/back"
    signed_in = {
        "provider": "nora@example.com",
        "otpRight": "ben@example.com",
        "linkSession": "carla@example.com",
        "hash": "dora@example.com",
        "implicit": "emil@example.com",
        "recovered": "anna@example.com",
        "signIn": "anna@example.com",
    }
    assert {name: (got[name]["email"], got[name]["error"]) for name in signed_in} == {
        name: (email, None) for name, email in signed_in.items()
    }
    assert all(got[name]["signedIn"] for name in signed_in)
    for name in ("otp", "link", "recover", "recoverUnknown"):
        assert (got[name]["error"], got[name]["signedIn"]) == (None, False)
    assert got["otpUser"]["email"] == "ben@example.com"
    assert got["changed"]["email"] == "anna@example.com"
    assert got["providerReplay"]["error"] == NO_FLOW
    assert [got[name]["error"] for name in ("otpWrong", "otpAgain")] == [BAD_CODE, BAD_CODE]
