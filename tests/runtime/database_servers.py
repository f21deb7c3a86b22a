"""Servers of databases on loopback, started for the tests and ended by them. None of them runs as root."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from portico.model.credentials import Basic
from portico.model.query import Datasource
from portico.values import Secret

PASSWORD = "pw-of-the-database-%27"
NAME = "shop"
#: Seconds until a server must answer.
PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server of a database: `kind` is the first word of its addresses."""

    kind: str
    port: int

    def source(
        self, *, allow_private: bool = True, password: str = PASSWORD, host: str = "127.0.0.1"
    ) -> Datasource:
        """A datasource for it."""
        return Datasource(
            name="db",
            kind="sql",
            url=f"{self.kind}://{host}:{self.port}/{NAME}",
            auth=Basic(username=NAME, password=Secret(password)),
            allow_private=allow_private,
        )


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    """PostgreSQL, with one user and one database."""
    with _folder() as (folder, user):
        words = folder / "password"
        words.write_text(PASSWORD)
        _own(words, user)
        data = folder / "data"
        _run(
            user,
            _program("initdb", "/usr/lib/postgresql/*/bin"),
            "-D",
            data,
            "-U",
            NAME,
            "-E",
            "UTF8",
            "--locale=C",
            "--auth=scram-sha-256",
            f"--pwfile={words}",
            "--no-sync",
        )
        port = _free_port()
        command = [
            _program("postgres", "/usr/lib/postgresql/*/bin"),
            "-D",
            data,
            "-p",
            port,
            "-h",
            "127.0.0.1",
            "-c",
            "fsync=off",
            "-c",
            f"unix_socket_directories={folder}",
        ]
        with _running(user, command, port, folder):
            _run(
                user,
                _program("psql", "/usr/lib/postgresql/*/bin"),
                "-h",
                "127.0.0.1",
                "-p",
                port,
                "-U",
                NAME,
                "-d",
                "postgres",
                "-c",
                f"CREATE DATABASE {NAME}",
                password=PASSWORD,
            )
            yield Server(kind="postgresql", port=port)


@contextlib.contextmanager
def mariadb() -> Iterator[Server]:
    """MariaDB, with one user and one database."""
    with _folder() as (folder, user):
        data, start = folder / "data", folder / "start.sql"
        _run(
            user,
            _program("mariadb-install-db", "/usr/bin"),
            "--no-defaults",
            f"--datadir={data}",
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        )
        start.write_text(
            f"CREATE DATABASE IF NOT EXISTS {NAME} CHARACTER SET utf8mb4;\n"
            f"CREATE USER IF NOT EXISTS '{NAME}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON {NAME}.* TO '{NAME}'@'%';\nGRANT PROCESS ON *.* TO '{NAME}'@'%';\n"
        )
        _own(start, user)
        port = _free_port()
        command = [
            _program("mariadbd", "/usr/sbin"),
            "--no-defaults",
            f"--datadir={data}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--socket={folder}/socket",
            f"--pid-file={folder}/pid",
            f"--init-file={start}",
            "--skip-name-resolve",
            "--innodb-flush-method=nosync",
            "--innodb-buffer-pool-size=16M",
        ]
        with _running(user, command, port, folder):
            yield Server(kind="mariadb", port=port)


def feed(server: Server, statements: str) -> str:
    """What the server's own client says of statements; nothing if all of them ran."""
    address = ["-h", "127.0.0.1"]
    if server.kind == "mariadb":
        client = [
            _program("mariadb", "/usr/bin"),
            "--no-defaults",
            *address,
            f"-P{server.port}",
            f"-u{NAME}",
            NAME,
        ]
    else:
        client = [_program("psql", "/usr/lib/postgresql/*/bin"), *address, f"-p{server.port}", f"-U{NAME}"]
        client += [
            f"-d{NAME}",
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--output=/dev/null",
            "--file=-",
        ]
    done = subprocess.run(
        client,
        input=statements,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PGPASSWORD": PASSWORD, "MYSQL_PWD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip() or f"it ended with {done.returncode}" if done.returncode else ""


@contextlib.contextmanager
def _folder() -> Iterator[tuple[Path, str | None]]:
    """A folder of whom the server runs as; None for whoever runs the tests."""
    user = None
    if os.geteuid() == 0:
        known = {entry.pw_name for entry in pwd.getpwall()}
        user = "postgres" if "postgres" in known else "nobody"
    folder = Path(tempfile.mkdtemp(prefix="portico-db-"))
    _own(folder, user)
    try:
        yield folder, user
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _own(path: Path, user: str | None) -> None:
    if user is not None:
        shutil.chown(path, user)


def _program(name: str, folder: str) -> str:
    """A program that apt brought, which need not be on PATH."""
    root, _, pattern = folder.partition("*")
    places = sorted(Path(root).glob(f"*{pattern}")) if pattern or "*" in folder else [Path(folder)]
    found = shutil.which(name) or next(
        (str(place / name) for place in reversed(places) if (place / name).is_file()), None
    )
    assert found is not None, f"{name} is missing: make databases"
    return found


def _run(user: str | None, *command: object, password: str = "") -> None:
    done = subprocess.run(
        [str(word) for word in command],
        user=user,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", "PGPASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def _running(user: str | None, command: Sequence[object], port: int, folder: Path) -> Iterator[None]:
    """A server until it is not needed any more. Both of these end at once when they are interrupted."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(word) for word in command], user=user, cwd="/", stdout=log, stderr=log, env={"LC_ALL": "C"}
        )
        try:
            _wait(process, port, folder / "log")
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(errors="replace")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(f"no answer at {port}: {log.read_text(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
