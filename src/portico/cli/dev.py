"""`portico dev`: apps that are served while they are built."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from portico.cli.console import Stop, out
from portico.cli.embedded import CREDENTIALS, auth_server, url_of
from portico.cli.loading import load_all, read, report
from portico.cli.run import start
from portico.cli.secrets import SecretsFile, read_secrets
from portico.cli.serving import ensure_free, is_loopback
from portico.clock import Clock
from portico.definition.load import Loaded
from portico.web.workshop import News, Workshop

EXAMPLES = (
    "Examples:\n\n`portico dev my-app`\n\n"
    "`portico dev my-app --auth-server` (no auth API at hand)\n\n`portico dev apps/* --port 9000`"
)

FOLDER = Path(".portico")


def dev(
    apps: Annotated[
        list[Path],
        typer.Argument(help="App folders, each served under /NAME/ after its name.", show_default=False),
    ],
    host: Annotated[str, typer.Option(help="Address to listen on; of this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    store: Annotated[
        str, typer.Option(help="Where sessions live: sqlite:PATH, or memory: (gone at the end).")
    ] = f"sqlite:{FOLDER}/dev.db",
    with_auth_server: Annotated[
        bool,
        typer.Option("--auth-server", help="Run the embedded auth server too, and let AUTH_URL name it."),
    ] = False,
    auth_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of that auth server.")] = 8001,
    secrets: SecretsFile = None,
) -> None:
    """Serve apps while you build them, until Ctrl-C.

    A change of their files shows at once, also in pages that are open. A panel in the browser shows errors,
    what scripts print, and queries.
    """
    if not is_loopback(host):
        raise Stop(
            message=f"{host} can be reached from other machines, and `portico dev` shows what is for you "
            "alone. Use `portico run` there."
        )
    if with_auth_server:
        os.environ["AUTH_URL"] = url_of(auth_port)

    def again(folder: Path) -> Loaded:
        # With the secrets as they are by now.
        return read(folder, read_secrets(secrets, apps))

    workshop = Workshop(load_all(apps, secrets), read=again, clock=Clock())
    report([(state.folder, state.problems) for state in workshop.states.values()])
    ensure_free(host, port)
    with _beside(auth_port, wanted=with_auth_server):
        start(
            workshop.apps,
            host=host,
            port=port,
            store=store,
            note=CREDENTIALS if with_auth_server else "",
            workshop=workshop,
            told=_tell,
        )


@contextmanager
def _beside(port: int, *, wanted: bool) -> Iterator[None]:
    """The auth server, if it is wanted. Its accounts and tokens outlive it, as sessions do."""
    if not wanted:
        yield
        return
    with auth_server(port, database=FOLDER / "dev-auth.db"):
        yield


def _tell(news: News) -> None:
    """What a change came to."""
    state = news.state
    errors = report([(state.folder, state.problems)])
    if errors:
        after = "it cannot run yet" if state.broken else "what was sound before goes on"
        words = Text.assemble((f"{errors} {'error' if errors == 1 else 'errors'}", "red"), f"; {after}")
    elif news.replaced:
        words = Text.assemble(("version ", "green"), state.app.version[:7])
    else:
        words = Text("sound again", "green")
    at = state.since.astimezone() if news.replaced else None
    out.print(Text.assemble((f"{at:%H:%M:%S} " if at else "", "dim"), (state.app.slug, "bold"), ": ", words))
