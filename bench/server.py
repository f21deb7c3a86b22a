"""Servers in process groups of their own, which end with whoever started them."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from bench.product import ROOT, Place, Product

#: Seconds that a server has to answer, and to end when told.
PATIENCE = 60.0
GRACE = 10.0
#: Seconds between two tries whether it answers.
POLL = 0.005


class BenchError(Exception):
    """Nothing can be measured; the message says why."""


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A command that serves. Entering starts it and waits until `path` is answered with 200 (or at all,
    without a path); leaving ends it with all its children."""

    def __init__(
        self, command: Sequence[str], *, port: int, log: Path, path: str | None, env: Mapping[str, str] = {}
    ) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        #: Seconds from the start of the process to the first good answer.
        self.started_in = 0.0
        self._command = list(command)
        self._log = log
        self._path = path
        self._env = {**os.environ, **env}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        if self._process is None:
            raise BenchError(f"{self._command[0]} does not run")
        return self._process.pid

    def __enter__(self) -> Self:
        begin = time.perf_counter()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._log.parent,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait(begin)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _wait(self, begin: float) -> None:
        while not self._answers():
            if self._process is None or self._process.poll() is not None:
                raise BenchError(f"{self._command} ended:\n{self._log.read_text()[-2000:]}")
            if time.perf_counter() - begin > PATIENCE:
                raise BenchError(f"{self._command} does not answer:\n{self._log.read_text()[-2000:]}")
            time.sleep(POLL)
        self.started_in = time.perf_counter() - begin

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", self._path or "/")
            return connection.getresponse().status == 200 or self._path is None
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, how)
                process.wait(GRACE)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        process.wait()


def api_server(folder: Path) -> Server:
    """The auth API, not yet started."""
    port = free_port()
    return Server(
        [sys.executable, "-m", "bench.api", str(port)],
        port=port,
        log=folder / "api.log",
        path=None,
        env={"PYTHONPATH": str(ROOT)},
    )


def product_server(product: Product, api: str, folder: Path) -> Server:
    """A product with its app, not yet started; its files lie in `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    place = Place(free_port(), api, folder)
    return Server(
        product.command(place),
        port=place.port,
        log=folder / f"{product.name}.log",
        path=product.login,
        env={"BENCH_API": api, **product.env},
    )
