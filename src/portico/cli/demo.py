"""`portico demo`: the examples and an auth server, by one command."""

import os
from pathlib import Path
from typing import Annotated

import typer

from portico.cli.console import Stop
from portico.cli.embedded import CREDENTIALS, auth_server, url_of
from portico.cli.loading import load_apps
from portico.cli.run import start
from portico.cli.secrets import SecretsFile
from portico.cli.serving import ensure_free

EXAMPLES = "Example:\n\n`portico demo examples --port 8000 --auth-port 8001`"


def demo(
    folder: Annotated[Path, typer.Argument(help="A folder of app folders.")] = Path("examples"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the apps.")] = 8000,
    auth_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the auth server.")] = 8001,
    store: Annotated[str, typer.Option(help="Where sessions live.")] = "sqlite:.portico/demo.db",
    secrets: SecretsFile = None,
) -> None:
    """Serve all apps of a folder together with the embedded auth server, until Ctrl-C."""
    os.environ.setdefault("AUTH_URL", url_of(auth_port))
    apps = load_apps(sorted(path.parent for path in folder.glob("*/app.yaml")), secrets)
    if not apps:
        raise Stop(message=f"{folder} holds no app folders.")
    ensure_free("127.0.0.1", port)
    with auth_server(auth_port):
        start(apps, host="127.0.0.1", port=port, store=store, note=CREDENTIALS)
