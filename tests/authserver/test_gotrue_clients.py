"""GoTrue dialect: the clients that Supabase publishes, over a socket."""

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from supabase_auth import SyncGoTrueClient
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError

from tests.authserver.servers import served

# Where the set-up of the tests installs npm packages: `@supabase/auth-js` is in its node_modules.
NPM = Path(__file__).parents[2] / "build" / "test-assets"
SCRIPT = Path(__file__).with_name("gotrue_client.mjs")
EMAIL, PASSWORD = "ben@example.com", "open sesame"


@asynccontextmanager
async def address(prefix: str) -> AsyncIterator[str]:
    """The address of a server, as a client is given it."""
    async with served() as client:
        yield str(client.base_url).rstrip("/") + prefix


# supabase-auth, for Python


class Python:
    """Clients of one server, each with a session of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx.Client(trust_env=False)

    def client(self) -> SyncGoTrueClient:
        """A client without a session."""
        return SyncGoTrueClient(
            url=self._url,
            headers={"apikey": "anon", "Authorization": "Bearer anon"},
            auto_refresh_token=False,
            persist_session=False,
            http_client=self._http,
        )

    def signed_in(self) -> SyncGoTrueClient:
        """A client with a session."""
        client = self.client()
        answer = client.sign_in_with_password({"email": EMAIL, "password": PASSWORD})
        assert answer.session is not None
        return client

    def close(self) -> None:
        """Close every connection."""
        self._http.close()


def refused(error: pytest.ExceptionInfo[AuthApiError]) -> tuple[int, str | None, str]:
    """Status, code and message as the client tells them."""
    return error.value.status, error.value.code, error.value.message


def session_of(client: SyncGoTrueClient) -> tuple[str, str]:
    """Access and refresh token that a client holds."""
    session = client.get_session()
    assert session is not None
    return session.access_token, session.refresh_token


def life_of_an_account(python: Python) -> None:
    """Sign-up with all that can go wrong, sign-in, the user, refresh, reuse."""
    client = python.client()
    with pytest.raises(AuthWeakPasswordError) as weak:
        client.sign_up({"email": EMAIL, "password": "12345"})
    assert (weak.value.status, weak.value.reasons) == (422, ["length"])
    new = client.sign_up({"email": EMAIL, "password": PASSWORD, "options": {"data": {"name": "Ben"}}})
    assert new.user is not None
    assert new.session is not None
    assert new.user.user_metadata["name"] == "Ben"
    assert new.user.identities is not None
    assert [identity.provider for identity in new.user.identities] == ["email"]
    with pytest.raises(AuthApiError) as duplicate:
        python.client().sign_up({"email": EMAIL, "password": PASSWORD})
    assert refused(duplicate) == (422, "user_already_exists", "User already registered")
    for credentials in (
        {"email": EMAIL, "password": "wrong"},
        {"email": "nobody@example.com", "password": PASSWORD},
    ):
        with pytest.raises(AuthApiError) as wrong:
            python.client().sign_in_with_password(
                {"email": credentials["email"], "password": credentials["password"]}
            )
        assert refused(wrong) == (400, "invalid_credentials", "Invalid login credentials")
    client = python.signed_in()
    _, first = session_of(client)
    shown = client.get_user()
    assert shown is not None
    assert shown.user.id == new.user.id
    changed = client.update_user({"data": {"city": "Ulm"}})
    assert changed.user.user_metadata.items() >= {"name": "Ben", "city": "Ulm"}.items()
    with pytest.raises(AuthApiError) as same:
        client.update_user({"password": PASSWORD})
    assert refused(same)[:2] == (422, "same_password")
    _reuse(python, client, first)


def _reuse(python: Python, client: SyncGoTrueClient, first: str) -> None:
    client.refresh_session()
    _, second = session_of(client)
    assert second != first
    lost = python.client().refresh_session(first)
    assert lost.session is not None
    assert lost.session.refresh_token == second
    client.refresh_session()
    access, _ = session_of(client)
    with pytest.raises(AuthApiError) as reused:
        python.client().refresh_session(first)
    used = (400, "refresh_token_already_used", "Invalid Refresh Token: Already Used")
    assert refused(reused) == used
    assert is_dead(python, access)


def is_dead(python: Python, access: str) -> bool:
    """Whether the server says of this token that its session is gone, and not something else."""
    try:
        python.client().get_user(access)
    except AuthApiError as error:
        return (error.status, error.code) == (403, "session_not_found")
    return False


def ends_of_sessions(python: Python) -> None:
    """Each scope of a sign-out ends what it says."""
    python.client().sign_up({"email": EMAIL, "password": PASSWORD})
    ended = {}
    for scope in ("local", "others", "global"):
        here, elsewhere = python.signed_in(), python.signed_in()
        tokens = session_of(here)[0], session_of(elsewhere)[0]
        here.sign_out({"scope": scope})
        ended[scope] = [is_dead(python, token) for token in tokens]
    assert ended == {"local": [True, False], "others": [False, True], "global": [True, True]}
    client = python.signed_in()
    _, refresh = session_of(client)
    client.sign_out()
    with pytest.raises(AuthApiError) as gone:
        python.client().refresh_session(refresh)
    assert refused(gone)[:2] == (400, "refresh_token_not_found")


@pytest.mark.parametrize("prefix", ["", "/auth/v1"])
@pytest.mark.parametrize("journey", [life_of_an_account, ends_of_sessions])
async def test_supabase_auth(journey: Any, prefix: str) -> None:
    """`supabase-auth` finds every answer as it expects it."""
    async with address(prefix) as url:
        python = Python(url)
        try:
            await asyncio.to_thread(journey, python)
        finally:
            python.close()


# auth-js


async def run_auth_js(url: str) -> dict[str, Any]:
    """What auth-js got, and what came over the wire meanwhile."""
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


def error(answer: dict[str, Any]) -> tuple[str, int, str]:
    """Class, status and code of an error as auth-js tells it."""
    assert answer["session"] is None
    return answer["error"]["name"], answer["error"]["status"], answer["error"]["code"]


@pytest.mark.parametrize("prefix", ["", "/auth/v1"])
async def test_auth_js(prefix: str) -> None:
    """`@supabase/auth-js` finds every answer as it expects it."""
    async with address(prefix) as url:
        got = await run_auth_js(url)
    assert error(got["weak"]) == ("AuthWeakPasswordError", 422, "weak_password")
    assert got["weak"]["error"]["reasons"] == ["length"]
    assert got["signUp"]["user"]["user_metadata"]["name"] == "Ben"
    assert error(got["duplicate"]) == ("AuthApiError", 422, "user_already_exists")
    for answer in (got["wrong"], got["unknown"]):
        assert error(answer) == ("AuthApiError", 400, "invalid_credentials")
        assert answer["error"]["message"] == "Invalid login credentials"
    assert got["signIn"]["user"]["id"] == got["user"]["user"]["id"] == got["claims"]["sub"]
    assert got["claims"]["aal"] == "aal1"
    assert got["update"]["user"]["user_metadata"].items() >= {"name": "Ben", "city": "Ulm"}.items()
    assert error(got["samePassword"]) == ("AuthApiError", 422, "same_password")
    assert got["refresh"]["session"]["refresh_token"] != got["signIn"]["session"]["refresh_token"]
    assert len(set(got["atOnce"])) == 1
    assert error(got["reuse"]) == ("AuthApiError", 400, "refresh_token_already_used")
    _check_sign_outs(got)
    _check_wire(got, prefix)


def _check_sign_outs(got: dict[str, Any]) -> None:
    for scope, here, elsewhere in (
        ("local", False, True),
        ("others", True, False),
        ("global", False, False),
    ):
        assert got[scope]["error"] is None
        assert (got[scope]["here"]["user"] is not None) == here
        assert (got[scope]["elsewhere"]["user"] is not None) == elsewhere
        assert (got[scope]["refresh"]["session"] is not None) == elsewhere
        assert got[scope]["kept"] == (scope == "others")
    assert got["afterReuse"]["error"]["name"] == "AuthSessionMissingError"
    assert got["global"]["refresh"]["error"]["code"] == "refresh_token_not_found"


def _check_wire(got: dict[str, Any], prefix: str) -> None:
    wire = [(call["call"], call["status"], call["code"]) for call in got["wire"]]
    assert {call.split(" ")[1].removeprefix(prefix) for call, _, _ in wire} == {
        "/signup",
        "/token",
        "/user",
        "/logout",
    }
    counted = Counter(wire)
    assert counted[f"POST {prefix}/logout", 204, None] == 3
    # Once after the reuse, once for a local sign-out, once for the others', twice for a global one.
    assert counted[f"GET {prefix}/user", 403, "session_not_found"] == 5
    assert max(status for _, status, _ in wire) < 500
