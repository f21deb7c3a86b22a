"""The embedded auth server beside the apps, in a process of its own: to them it is a stranger."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from portico.authserver.demo_accounts import DEMO, EMAIL, PASSWORD, USERNAME
from portico.cli.console import Stop
from portico.cli.serving import ensure_free
from portico.definition.preset import preset_of
from portico.testing.adversary import DIALECTS

#: What is printed about them.
CREDENTIALS = f"Sign in as {USERNAME} or {EMAIL}, with the password {PASSWORD}."
#: Seconds the auth server may take to start.
PATIENCE = 30.0


def url_of(port: int) -> str:
    """Where it answers: what apps call `AUTH_URL`, unless `api_of` knows better."""
    return f"http://127.0.0.1:{port}"


def api_of(folder: Path, port: int) -> str:
    """Where it answers as the API of an app's preset does, if it speaks that."""
    return url_of(port) + DIALECTS.get(preset_of(folder) or "", "")


@contextmanager
def auth_server(port: int, *, database: Path | None = None, options: Sequence[str] = ()) -> Iterator[None]:
    """An auth server with the account that CREDENTIALS names, for as long as the context lasts.

    With a `database` its tokens outlive it; `options` are further ones of `portico auth-server`. Raises Stop
    if the port is taken or it does not start.
    """
    ensure_free("127.0.0.1", port, option="--auth-port")
    command = [sys.executable, "-m", "portico", "auth-server", "--quiet", "--port", str(port)]
    for account in DEMO:
        command += ["--account", f"{account.username}:{account.email}:{account.password.reveal()}"]
    # The seed's API answers {jwt, user}: Strapi's older way, one long-lived token.
    command += ["--jwt-management", "legacy-support"]
    if database is not None:
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        command += ["--database", str(database)]
    command += options
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
