"""Servers in processes of their own, as users start them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import httpx

EXAMPLES = Path(__file__).parents[2] / "examples"
USERNAME, PASSWORD = "appsmith_user", "appsmith_password"


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A `portico` command that serves; started on entering, ended on leaving. `broken` is Python that
    takes something out of it first, for tests that must notice."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        port: int,
        log: Path | None = None,
        env: Mapping[str, str] = {},
        broken: str = "",
        cwd: Path | None = None,
    ) -> None:
        self.port = port
        self._cwd = cwd
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        start = ["-c", f"{broken}\nfrom portico.cli import main\nmain()"] if broken else ["-m", "portico"]
        self._command = [sys.executable, *start, *command]
        self._env = {**os.environ, **env}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and wait until it answers."""
        with self.log.open("ab") if self.log else contextlib.nullcontext(subprocess.DEVNULL) as log:
            self._process = subprocess.Popen(
                self._command, env=self._env, stdout=subprocess.DEVNULL, stderr=log, cwd=self._cwd
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self._process.poll() is None, f"{self._command} ended: {self.read_log()}"
            try:
                httpx.get(f"{self.url}/", trust_env=False, timeout=5)
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"{self._command} does not answer")

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def restart(self, how: int = signal.SIGTERM) -> None:
        """End it and start it again at the same address with the same store."""
        self.stop(how)
        self.start()

    def read_log(self) -> str:
        """What it logged so far."""
        return self.log.read_text() if self.log and self.log.exists() else ""


class AuthServer(Server):
    """The embedded auth server with the account of seed S2, and further options."""

    def __init__(self, *options: str) -> None:
        port = free_port()
        account = f"{USERNAME}:{USERNAME}@example.com:{PASSWORD}"
        super().__init__(
            [
                *("auth-server", "--port", str(port), "--account", account),
                *("--no-rate-limit", "--jwt-management", "legacy-support"),
                *options,
            ],
            port=port,
        )

    def sign_in(self) -> str:
        """A token of the account, fetched past Portico."""
        answer = httpx.post(
            f"{self.url}/api/auth/local", json={"identifier": USERNAME, "password": PASSWORD}, trust_env=False
        )
        return str(answer.json()["jwt"])

    def secret_message(self) -> str:
        """What only this server knows, and only since it started."""
        answer = httpx.get(
            f"{self.url}/api/secure", headers={"Authorization": f"Bearer {self.sign_in()}"}, trust_env=False
        )
        return str(answer.json()["message"])


class PorticoServer(Server):
    """`portico run` with a store in `folder`."""

    def __init__(
        self, apps: Sequence[Path], *, folder: Path, settings: Mapping[str, str] = {}, broken: str = ""
    ) -> None:
        port = free_port()
        self.store = folder / "store.db"
        super().__init__(
            ["run", *map(str, apps), "--port", str(port), "--store", f"sqlite:{self.store}"],
            port=port,
            log=folder / "portico.log",
            env=settings,
            broken=broken,
        )


class DevServer(Server):
    """`portico dev` in `folder`, with a store there."""

    def __init__(
        self, apps: Sequence[Path], *options: str, folder: Path, settings: Mapping[str, str] = {}
    ) -> None:
        port = free_port()
        store = folder / "store.db"
        super().__init__(
            [
                *("dev", *(str(app.resolve()) for app in apps), "--port", str(port)),
                *("--store", f"sqlite:{store}", *options),
            ],
            port=port,
            log=folder / "portico.log",
            env=settings,
            cwd=folder,
        )
