"""The embedded auth server beside the apps, in a process of its own: to them it is a stranger."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portico.cli.console import Stop
from portico.cli.serving import ensure_free

#: The credentials of seed S2; some apps ask for the address in place of the name.
USERNAME, PASSWORD = "appsmith_user", "appsmith_password"
EMAIL = f"{USERNAME}@example.com"
#: Those of seed S4's API, which knows who that is.
STAFF = "emilys:emily.sample@example.com:emilyspass"
#: What is printed about them.
CREDENTIALS = f"Sign in as {USERNAME} or {EMAIL}, with the password {PASSWORD}."
#: Seconds the auth server may take to start.
PATIENCE = 30.0


def url_of(port: int) -> str:
    """Where it answers: what apps call `AUTH_URL`."""
    return f"http://127.0.0.1:{port}"


@contextmanager
def auth_server(port: int, *, database: Path | None = None) -> Iterator[None]:
    """An auth server with the account that CREDENTIALS names, for as long as the context lasts.

    With a `database` its tokens outlive it. Raises Stop if the port is taken or it does not start.
    """
    ensure_free("127.0.0.1", port, option="--auth-port")
    command = [sys.executable, "-m", "portico", "auth-server", "--quiet", "--port", str(port)]
    command += ["--account", f"{USERNAME}:{EMAIL}:{PASSWORD}", "--account", STAFF]
    # The seed's API answers {jwt, user}: Strapi's older way, one long-lived token.
    command += ["--jwt-management", "legacy-support"]
    if database is not None:
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        command += ["--database", str(database)]
    # Whoever ends this command by SIGTERM ends both.
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 (our own program)
    try:
        _await(process, port)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        signal.signal(signal.SIGTERM, before)


def _await(process: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise Stop(message="The auth server could not start.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Stop(message=f"The auth server did not answer within {PATIENCE:.0f} s.")
