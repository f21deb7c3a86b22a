"""Secrets on the command line: where they are looked for, and when nothing starts without them."""

import base64
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from portico.testing.serving import free_port
from tests.journeys.servers import PorticoServer
from tests.journeys.upstream import Upstream

CANARY = "cNrY8f3Kq2Zx7Lw5Tn9B"

FILES = {
    "app.yaml": "name: Small\nauth: none\n",
    "datasources/api.yaml": """\
url: ${API_URL:-https://api.example.com}
allow_private: true
headers: {apikey: {secret: API_KEY}}
auth: {type: basic, username: shop, password: {secret: API_PASSWORD}}
""",
    "pages/Home/page.yaml": """\
title: Home
widgets:
  - {name: Body, type: Text, text: "{{ show.data }}"}
  - {name: Meta, type: Text, text: "{{ JSON.stringify(show.responseMeta) }}"}
  - {name: Said, type: Text, text: "{{ Log.said() }}"}
""",
    "pages/Home/scripts/Log.js": "export default { said() { console.log(show.data); return 1 } }",
    "pages/Home/queries/show.yaml": "datasource: api\npath: /show\n",
}


def app(folder: Path) -> Path:
    """An app that needs two secrets."""
    for name, text in FILES.items():
        file = folder / "small" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "small"


def secrets(file: Path, content: str, mode: int = 0o600) -> Path:
    """A file of secrets."""
    file.write_text(content)
    file.chmod(mode)
    return file


def portico(
    *arguments: object, cwd: Path, env: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    command = [sys.executable, "-m", "portico", *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )


def test_check_warns_of_each_secret_that_is_not_set(tmp_path: Path) -> None:
    """Status 0: an app is not wrong because this machine lacks its secrets."""
    answer = portico("check", app(tmp_path), "--format", "json", cwd=tmp_path)
    assert answer.returncode == 0
    found = [(problem["code"], problem["file"], problem["line"]) for problem in json.loads(answer.stdout)]
    assert found == [("W601", "datasources/api.yaml", 3), ("W601", "datasources/api.yaml", 4)]


@pytest.mark.parametrize("command", ["run", "demo"])
def test_nothing_starts_without_its_secrets(command: str, tmp_path: Path) -> None:
    """All of them are named at once."""
    root = app(tmp_path)
    target = [root] if command == "run" else [tmp_path]
    answer = portico(command, *target, "--port", free_port(), cwd=tmp_path)
    assert answer.returncode == 1
    assert "Secrets that are not set: API_KEY, API_PASSWORD; nothing was started" in answer.stderr


def test_the_places_of_secrets(tmp_path: Path) -> None:
    """The environment, secrets.toml in the working directory, a file by option or variable."""
    root = app(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    content = f'API_KEY = "{CANARY}"\n[small]\nAPI_PASSWORD = "{CANARY}"\n'
    named = secrets(tmp_path / "other.toml", content)
    environment = {"PORTICO_SECRET_API_KEY": CANARY, "PORTICO_SECRET_API_PASSWORD": CANARY}
    for arguments, cwd, env in (
        ((), elsewhere, environment),
        (("--secrets", named), elsewhere, {}),
        ((), elsewhere, {"PORTICO_SECRETS": str(named)}),
    ):
        answer = portico("check", root, *arguments, cwd=cwd, env=env)
        assert (answer.returncode, answer.stderr) == (0, "")
    secrets(elsewhere / "secrets.toml", content)
    assert portico("check", root, cwd=elsewhere).stderr == ""
    assert "W601" in portico("check", root, cwd=tmp_path).stderr


@pytest.mark.parametrize(
    ("place", "content", "mode", "words"),
    [
        ("secrets.toml", f'API_KEY = "{CANARY}"', 0o644, "chmod 600"),
        ("secrets.toml", f"API_KEY = {CANARY}", 0o600, "not TOML"),
        ("small/other.toml", f'API_KEY = "{CANARY}"', 0o600, "inside the app folder"),
        ("small/secrets.toml", f'API_KEY = "{CANARY}"', 0o600, "E604"),
    ],
)
def test_a_bad_file_stops_every_command(
    place: str, content: str, mode: int, words: str, tmp_path: Path
) -> None:
    """With what to do about it, and without what it holds."""
    root = app(tmp_path)
    file = secrets(tmp_path / place, content, mode)
    option = ("--secrets", file) if file.name == "other.toml" else ()
    for command in (("check", root), ("run", root, "--port", free_port())):
        answer = portico(*command, *option, cwd=tmp_path)
        assert answer.returncode == 1
        assert words in answer.stderr
        assert CANARY not in answer.stdout + answer.stderr
        assert "Traceback" not in answer.stderr


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    """Other than the one that is looked for by itself."""
    answer = portico("check", app(tmp_path), "--secrets", "missing.toml", cwd=tmp_path)
    assert answer.returncode == 1
    assert "missing.toml cannot be read" in answer.stderr


def test_an_echo_shows_no_secret_to_the_browser(tmp_path: Path) -> None:
    """Promises 58 and 59, whole: neither page nor log has what the API got."""

    def echo(connection: socket.socket) -> None:
        request = upstream.requests[-1]
        line = request.replace(b"\r\n", b" ")
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-Echo: %s\r\nConnection: close\r\n\r\n"
        connection.sendall(head % (len(request), line) + request)

    with Upstream(echo) as upstream:
        settings = {
            "API_URL": upstream.url,
            "PORTICO_SECRET_API_KEY": CANARY,
            "PORTICO_SECRET_API_PASSWORD": f"{CANARY}-password",
        }
        with PorticoServer([app(tmp_path)], folder=tmp_path, settings=settings) as server:
            page = httpx.get(f"{server.url}/small/Home", trust_env=False).text
        log = server.read_log()
        (request,) = upstream.requests
    assert f"apikey: {CANARY}".encode() in request
    pair = request.partition(b"Authorization: Basic ")[2].partition(b"\r\n")[0].decode()
    assert base64.b64decode(pair).decode() == f"shop:{CANARY}-password"
    assert page.count("apikey: •••") == 2
    assert page.count("Authorization: Basic •••") == 2
    assert "\\u2022\\u2022\\u2022" in log
    for secret in (CANARY, pair):
        assert secret not in page
        assert secret not in log
