"""Servers in processes of their own, as users start them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Self

import httpx

from portico.testing.serving import free_port
from tests.journeys.canaries import Canaries
from tests.journeys.tap import BEHIND, Tap

EXAMPLES = Path(__file__).parents[2] / "examples"
USERNAME, PASSWORD = "appsmith_user", "appsmith_password"
ACCOUNT = f"{USERNAME}:{USERNAME}@example.com:{PASSWORD}"
#: The address that an auth server gives to others.
AT = """
import portico.cli.auth_server as command
_settings = command.Settings
command.Settings = lambda **said: _settings(**{{**said, "public_url": {url!r}}})
"""
#: What an app server calls itself to APIs, so that taps tell one from the other.
NAMED = """
import portico.runtime.headers as headers
headers.OWN = (("User-Agent", {agent!r}), *headers.OWN[1:])
"""
#: Every logger of ours at its loudest.
LOUD = "import logging\nimport portico.cli.log as log\nlog.configure.__defaults__ = (logging.DEBUG,)\n"
#: A slow machine is no outage.
PATIENT = """
from datetime import timedelta
from portico.stores import redis, sqlite
for _open in (sqlite.open_sqlite, redis.open_redis):
    _open.__kwdefaults__["patience"] = timedelta(seconds=20)
"""


class Server:
    """A `portico` command that serves; started on entering, ended on leaving. `broken` is Python that takes
    something out of it first, for tests that must notice.

    Clients meet a tap in front of it, which keeps every byte: `wire`. With `api` that is the tap of an API.
    Where it is not `tapped` they meet the server itself, and nothing is kept.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        port: int,
        log: Path | None = None,
        env: Mapping[str, str] = {},
        broken: str = "",
        cwd: Path | None = None,
        api: bool = False,
        tapped: bool = True,
    ) -> None:
        self.port = port
        self._cwd = cwd
        self._tapped = tapped
        self._host = BEHIND if tapped else "127.0.0.1"
        self.url = f"http://127.0.0.1:{port}"
        self.wire = Tap(port, host=BEHIND, at=port, api=api)
        self.log = log
        start = ["-c", f"{broken}\nfrom portico.cli import main\nmain()"] if broken else ["-m", "portico"]
        self._command = [sys.executable, *start, *command, "--host", self._host, "--port", str(port)]
        self._env = {**os.environ, **env}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and wait until it answers."""
        try:
            self._start()
        except BaseException:
            self.stop(signal.SIGKILL)
            raise

    def _start(self) -> None:
        with self._output("stdout") as out, self._output("log") as log:
            self._process = subprocess.Popen(
                self._command, env=self._env, stdout=out, stderr=log, cwd=self._cwd
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self._process.poll() is None, f"{self._command} ended: {self.read_log()}"
            try:
                httpx.get(f"http://{self._host}:{self.port}/", trust_env=False, timeout=5)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                if self._tapped:
                    self.wire.open()
                return
        raise AssertionError(f"{self._command} does not answer")

    def _output(self, name: str) -> AbstractContextManager[IO[bytes] | int]:
        if self.log is None:
            return contextlib.nullcontext(subprocess.DEVNULL)
        return self.log.with_suffix(f".{name}").open("ab")

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None
            self.wire.close()

    def kill(self) -> None:
        """Let it die, now."""
        os.kill(self.pid, signal.SIGKILL)

    @property
    def runs(self) -> bool:
        """Whether it has not died."""
        return self._process is not None and self._process.poll() is None

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

    def __init__(self, *options: str, accounts: Sequence[str] = (ACCOUNT,), broken: str = "") -> None:
        port = free_port()
        super().__init__(
            [
                *("auth-server", "--no-rate-limit", "--jwt-management", "legacy-support"),
                *(option for account in accounts for option in ("--account", account)),
                *options,
            ],
            port=port,
            # Its links and mails lead to the tap.
            broken=AT.format(url=f"http://127.0.0.1:{port}") + broken,
            api=True,
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


class AppServer(Server):
    """A Portico with its store in `folder`, over which promises 58 to 60 are watched: when it ends, nothing
    that its auth API handed out and nothing secret that users typed may have been on a wire, in an address,
    in its log at DEBUG, in what it printed or in its store.

    A server that tells on purpose says `tells`, the places and why; it must tell there, and nowhere else.
    """

    def __init__(
        self,
        command: str,
        apps: Sequence[Path],
        *options: str,
        folder: Path,
        settings: Mapping[str, str],
        broken: str,
        tells: Mapping[str, str],
        cwd: Path | None = None,
    ) -> None:
        self.store = folder / "store.db"
        port = free_port()
        agent = f"Portico/{port}"
        super().__init__(
            [command, *map(str, apps), "--store", f"sqlite:{self.store}", *options],
            port=port,
            log=folder / "portico.log",
            env=settings,
            broken="\n".join((broken, PATIENT, LOUD, NAMED.format(agent=agent))),
            cwd=cwd,
        )
        self.canaries = Canaries(self.wire, settings, apps=apps, agent=agent)
        self._tells = tells

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        before = self._files()
        self.stop()
        if failed is not None:
            return
        # The journal is emptied at the end: what was in it counts as well.
        found = self.canaries.found(before + self._files())
        told = {place: what for place, what in found.items() if place not in self._tells}
        assert not told, f"secrets were told: {told}"
        kept = {place: why for place, why in self._tells.items() if place not in found}
        assert not kept, f"nothing was told, against what the test says: {kept}"
        self.canaries.expect_armed()

    def _files(self) -> list[tuple[str, bytes]]:
        return [(file.name, file.read_bytes()) for file in self.store.parent.iterdir() if file.is_file()]


class PorticoServer(AppServer):
    """`portico run`."""

    def __init__(
        self,
        apps: Sequence[Path],
        *options: str,
        folder: Path,
        settings: Mapping[str, str] = {},
        broken: str = "",
        tells: Mapping[str, str] = {},
    ) -> None:
        super().__init__("run", apps, *options, folder=folder, settings=settings, broken=broken, tells=tells)


class DevServer(AppServer):
    """`portico dev` in `folder`."""

    def __init__(
        self,
        apps: Sequence[Path],
        *options: str,
        folder: Path,
        settings: Mapping[str, str] = {},
        broken: str = "",
        tells: Mapping[str, str] = {},
    ) -> None:
        super().__init__(
            "dev",
            [app.resolve() for app in apps],
            *options,
            folder=folder,
            settings=settings,
            broken=broken,
            tells=tells,
            cwd=folder,
        )
