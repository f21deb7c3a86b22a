"""`portico auth-server user`: accounts of a database file, beside a running server."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from portico.cli import auth_users
from tests.journeys.servers import AuthServer

PASSWORD = "correct horse battery"
OTHER = "staple of a battery"


def user(
    *arguments: object, database: Path, typed: str = "", stdin: bool = True
) -> "subprocess.CompletedProcess[str]":
    """One command, with a line of standard input as the password."""
    command = ["auth-server", "user", *map(str, arguments), "--database", str(database)]
    command += ["--password-stdin"] if typed and stdin else []
    return subprocess.run(
        [sys.executable, "-m", "portico", *command],
        input=f"{typed}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def signed_in(server: AuthServer, password: str, name: str = "alice") -> httpx.Response:
    """A sign-in at Strapi's dialect."""
    form = {"identifier": name, "password": password}
    return httpx.post(f"{server.url}/api/auth/local", json=form, trust_env=False)


def test_the_life_of_an_account(tmp_path: Path) -> None:
    """P16, P77: made, listed, disabled, let in again and given a new password while the server runs; each
    end of its sessions is one at once."""
    database = tmp_path / "auth.db"
    said = ("alice", "--email", "Alice@example.com", "--role", "admin")
    made = user("add", *said, database=database, typed=PASSWORD)
    assert (made.returncode, made.stdout) == (0, "alice (alice@example.com) can sign in.\n")
    options = ("--database", str(database), "--jwt-management", "refresh")
    with AuthServer(*options, accounts=()) as server:
        first = signed_in(server, PASSWORD)
        assert first.status_code == 200
        done = user("disable", "alice@example.com", database=database)
        assert done.stdout == "alice is disabled, and signed out.\n"
        assert signed_in(server, PASSWORD).status_code == 400
        assert _renewed(server, first) == 401
        listed = json.loads(user("list", "--format", "json", database=database).stdout)
        alice = {"user": "alice", "email": "alice@example.com", "role": "admin"}
        assert listed == [{**alice, "confirmed": True, "disabled": True}]
        table = user("list", database=database).stdout
        assert "disabled" in table
        assert "admin" in table
        assert user("enable", "alice", database=database).stdout == "alice can sign in.\n"
        second = signed_in(server, PASSWORD)
        done = user("reset", "alice", database=database, typed=OTHER)
        assert done.stdout == "alice has a new password, and is signed out.\n"
        assert _renewed(server, second) == 401
        assert [signed_in(server, word).status_code for word in (PASSWORD, OTHER)] == [400, 200]


def _renewed(server: AuthServer, answer: httpx.Response) -> int:
    form = {"refreshToken": answer.json()["refreshToken"]}
    return httpx.post(f"{server.url}/api/auth/refresh", json=form, trust_env=False).status_code


def test_it_is_hashed_as_the_server_does(tmp_path: Path) -> None:
    """P72: argon2id of the stated cost, and nothing of the password in the file."""
    database = tmp_path / "auth.db"
    user("add", "alice", "--email", "alice@example.com", database=database, typed=PASSWORD)
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in stored
    assert PASSWORD.encode() not in stored
    assert database.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (("add", "alice", "--email", "other@example.com"), PASSWORD, "already taken"),
        (("add", "bob", "--email", "alice@example.com"), PASSWORD, "already taken"),
        (("add", "bob", "--email", "nowhere"), PASSWORD, "an @"),
        (("add", "bob", "--email", "bob@example.com"), "short", "at least 6 characters"),
        (("add", "bob", "--email", "bob@example.com"), "x" * 73, "at most 72 bytes"),
        (("reset", "bob"), PASSWORD, "There is no account bob."),
        (("disable", "bob"), "", "There is no account bob."),
        (("add", "bob", "--email", "bob@example.com"), "", "--password-stdin"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, arguments: tuple[str, ...], typed: str, said: str
) -> None:
    """In one line, with status 1."""
    database = tmp_path / "auth.db"
    user("add", "alice", "--email", "alice@example.com", database=database, typed=PASSWORD)
    done = user(*arguments, database=database, typed=typed)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not typed or typed not in done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [("list",), ("disable", "alice"), ("reset", "alice")])
def test_no_file_is_made_by_a_typing_mistake(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Only an account that is added makes one."""
    done = user(*arguments, database=tmp_path / "ath.db")
    assert done.returncode == 1
    assert "There is no file" in done.stderr
    assert list(tmp_path.iterdir()) == []


def typed_at_a_terminal(tmp_path: Path, broken: str = "") -> str:
    """What a terminal shows while a password is asked for and typed twice."""
    leading, following = pty.openpty()
    script = f"{broken}\nfrom portico.cli import main\nmain()"
    command = ["auth-server", "user", "add", "alice", "--email", "a@example.com"]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *command, "--database", str(tmp_path / "auth.db")],
        stdin=following,
        stdout=following,
        stderr=following,
        start_new_session=True,
    )
    os.close(following)
    shown = b""
    try:
        for prompt in (b"Password: ", b"Once more: "):
            while prompt not in shown:
                shown += os.read(leading, 1024)
            os.write(leading, f"{PASSWORD}\n".encode())
        shown += _rest(leading)
        assert process.wait(60) == 0, shown
    finally:
        process.kill()
        process.wait()
        os.close(leading)
    return shown.decode()


def _rest(terminal: int) -> bytes:
    """What is shown until the other side has gone, which a terminal tells by an error."""
    shown = b""
    while True:
        try:
            chunk = os.read(terminal, 1024)
        except OSError:
            return shown
        if not chunk:
            return shown
        shown += chunk


def test_a_password_is_not_shown_while_it_is_typed(tmp_path: Path) -> None:
    """Asked for twice, seen never."""
    shown = typed_at_a_terminal(tmp_path)
    assert "alice (a@example.com) can sign in." in shown
    assert PASSWORD not in shown


def test_a_password_is_not_shown_control(tmp_path: Path) -> None:
    """The control: a prompt that does not hide its input shows it."""
    broken = (
        "import typer; ask = typer.prompt\n"
        "typer.prompt = lambda text, **more: ask(text, **{**more, 'hide_input': False})"
    )
    assert PASSWORD in typed_at_a_terminal(tmp_path, broken)


def test_no_option_takes_a_password() -> None:
    """What stands on a command line is in a shell's history and in the list of processes."""
    for command in auth_users.application.registered_commands:
        callback: Callable[..., object] | None = command.callback
        assert callback is not None
        assert "password" not in callback.__annotations__
