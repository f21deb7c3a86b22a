"""The servers start, keep apart, and leave nothing behind."""

import os
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from portico.testing.serving import free_port
from tests.backends.answers import claims
from tests.backends.oidc_flow import registered
from tests.backends.servers import KINDS, Backend, running, started

# Answers, and has a child that does not end when it is asked kindly.
STUBBORN = """
import http.server, os, pathlib, signal, sys
child = os.fork()
if not child:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()
pathlib.Path("child").write_text(str(child))
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""

# Where tokens of a life of one's choice are got, and which of the answer they are.
TOKENS = {
    "fastapi-users": ("/auth/jwt/login", "access_token"),
    "simplejwt": ("/api/token/", "access"),
}


def ended(pid: int) -> bool:
    """Whether a process has gone, or waits for a parent to notice."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("backend", list(KINDS), indirect=True)
def test_users_are_new_each_time(backend: Backend) -> None:
    """Whom a backend makes up, nobody had before."""
    users = [backend.credentials, backend.make_user(), backend.make_user()]
    assert len({user.login for user in users}) == len({user.password for user in users}) == 3


def test_two_at_once_are_strangers() -> None:
    """Each has data of its own: a user of one is unknown to the other."""
    path = "/api/collections/users/auth-with-password"
    with started("pocketbase") as one, started("pocketbase") as other:
        form: Mapping[str, str] = {"identity": one.credentials.login, "password": one.credentials.password}
        assert httpx.post(one.url + path, json=form, trust_env=False).status_code == 200
        assert httpx.post(other.url + path, json=form, trust_env=False).status_code == 400


@pytest.mark.parametrize("name", list(TOKENS))
def test_a_jwt_ends_when_it_was_told_to(name: str) -> None:
    """Tests of renewal need tokens that end soon."""
    path, field = TOKENS[name]
    with started(name, access_seconds=120) as backend:
        form = {"username": backend.credentials.login, "password": backend.credentials.password}
        before = int(time.time())
        token = httpx.post(backend.url + path, data=form, trust_env=False).json()[field]
    assert before + 120 <= claims(token)["exp"] <= time.time() + 120


def test_an_opaque_token_ends_when_it_was_told_to() -> None:
    """The provider says how long it is good for."""
    with (
        started("oidc-provider", access_seconds=120) as backend,
        httpx.Client(base_url=backend.url, trust_env=False) as http,
    ):
        party = registered(http, public=True)
        code = party.sign_in(backend.credentials)["code"]
        assert party.exchange(code).json()["expires_in"] == 120


@pytest.mark.parametrize("name", list(KINDS))
def test_a_server_ends_with_its_block(name: str) -> None:
    """Nothing listens at its address any more."""
    with started(name) as backend:
        port = httpx.URL(backend.url).port
        assert port is not None
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_children_end_with_it(tmp_path: Path) -> None:
    """Even one that will not go, and none but its own: the test goes on."""
    port = free_port()
    command = [sys.executable, "-c", STUBBORN, str(port)]
    with running(command, tmp_path, f"http://127.0.0.1:{port}", {}):
        child = int((tmp_path / "child").read_text())
        assert not ended(child)
    limit = time.monotonic() + 30
    while not ended(child) and time.monotonic() < limit:
        time.sleep(0.01)
    assert ended(child)


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    """The error holds its log and how it ended."""
    command = [sys.executable, "-c", "raise SystemExit('no such setting')"]
    with (
        pytest.raises(AssertionError, match=r"ended with 1: no such setting"),
        running(command, tmp_path, f"http://127.0.0.1:{free_port()}", {}),
    ):
        pass


def test_secrets_of_the_machine_stay_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server gets no environment but where programs are, a home, and its settings."""
    monkeypatch.setenv("TOKEN_OF_SOMEBODY", "secret")
    script = "import os, pathlib; pathlib.Path('seen').write_text(' '.join(os.environ))\n" + STUBBORN
    port = free_port()
    with running(
        [sys.executable, "-c", script, str(port)], tmp_path, f"http://127.0.0.1:{port}", {"SETTING": "1"}
    ):
        seen = set((tmp_path / "seen").read_text().split())
    assert seen - {"LC_CTYPE"} == {"PATH", "HOME", "SETTING"}
    assert "TOKEN_OF_SOMEBODY" in os.environ
