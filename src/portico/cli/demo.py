"""`portico demo`: the examples and an auth server, by one command."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from portico.cli.console import Stop
from portico.cli.loading import load_apps
from portico.cli.run import start
from portico.cli.serving import ensure_free

EXAMPLES = "Example:\n\n`portico demo examples --port 8000 --auth-port 8001`"

#: The credentials of seed S2.
USERNAME, PASSWORD = "appsmith_user", "appsmith_password"
#: Seconds the auth server may take to start.
PATIENCE = 30.0


def demo(
    folder: Annotated[Path, typer.Argument(help="A folder of app folders.")] = Path("examples"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the apps.")] = 8000,
    auth_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the auth server.")] = 8001,
    store: Annotated[str, typer.Option(help="Where sessions live.")] = "sqlite:.portico/demo.db",
) -> None:
    """Serve all apps of a folder together with the embedded auth server, until Ctrl-C."""
    os.environ.setdefault("AUTH_URL", f"http://127.0.0.1:{auth_port}")
    apps = load_apps(sorted(path.parent for path in folder.glob("*/app.yaml")))
    if not apps:
        raise Stop(message=f"{folder} holds no app folders.")
    ensure_free("127.0.0.1", port)
    with _auth_server(auth_port):
        start(apps, host="127.0.0.1", port=port, store=store, credentials=f"{USERNAME} / {PASSWORD}")


@contextmanager
def _auth_server(port: int) -> Iterator[None]:
    """The embedded auth server in a process of its own: to the apps it is a stranger."""
    ensure_free("127.0.0.1", port)
    command = [sys.executable, "-m", "portico", "auth-server", "--quiet", "--port", str(port)]
    command += ["--account", f"{USERNAME}:{USERNAME}@example.com:{PASSWORD}"]
    # The seed's API answers {jwt, user}: Strapi's older way, one long-lived token.
    command += ["--jwt-management", "legacy-support"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 (our own program)
    try:
        _await(process, port)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


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
