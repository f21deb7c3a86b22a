"""`portico dev`: apps that are served while they are built."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from portico.cli.console import Stop, out
from portico.cli.embedded import CREDENTIALS, api_of, auth_server, url_of
from portico.cli.loading import load_each, read, report, tell
from portico.cli.run import start
from portico.cli.secrets import SecretsFile, read_secrets
from portico.cli.serving import ensure_free, is_loopback
from portico.cli.trust import TrustPython, trusted_folders
from portico.clock import Clock, SharedClock
from portico.definition.load import Loaded
from portico.definition.preset import preset_of
from portico.testing.dialect_file import SHIPPED
from portico.web.workshop import News, Workshop

EXAMPLES = (
    "Examples:\n\n`portico dev my-app`\n\n"
    "`portico dev my-app --auth-server --faults` (no auth API at hand)\n\n`portico dev apps/* --port 9000`"
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
    faults: Annotated[
        bool,
        typer.Option(
            "--faults",
            help="With --auth-server: let faults be switched on there at /_faults, and time be moved at"
            " /_clock, for it and for the apps.",
        ),
    ] = False,
    dialect: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="With --auth-server: an API that it imitates, by name or file; without it that of the apps' "
            "preset.",
            show_default=False,
        ),
    ] = None,
    auth_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of that auth server.")] = 8001,
    secrets: SecretsFile = None,
    trust_python: TrustPython = None,
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
    if (faults or dialect) and not with_auth_server:
        raise Stop(message="--faults and --dialect are the auth server's: say --auth-server, too.")
    if with_auth_server:
        os.environ["AUTH_URL"] = url_of(auth_port)
    dialect = dialect or (_imitated(apps) if with_auth_server else None)
    options = ["--dialect", dialect] if dialect else []
    clock, told_of = Clock(), CREDENTIALS
    if dialect:
        told_of += f" The auth server answers like {dialect}."
    if faults:
        FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        clock = SharedClock.at_present(FOLDER / "dev.clock")
        options += ["--faults", "--clock", str(FOLDER / "dev.clock")]
        told_of += f"\nFaults: {url_of(auth_port)}/_faults, clock: {url_of(auth_port)}/_clock"

    def settings_of(folder: Path) -> Mapping[str, str]:
        # An API that is imitated is there alone, at the root.
        own = {"AUTH_URL": api_of(folder, auth_port)} if with_auth_server and not dialect else {}
        return {**os.environ, **own}

    def again(folder: Path) -> Loaded:
        # With the secrets and the preset as they are by now.
        return read(folder, read_secrets(secrets, apps), settings_of(folder))

    workshop = Workshop(load_each(apps, secrets, settings_of), read=again, clock=clock)
    report([(state.folder, state.problems) for state in workshop.states.values()])
    tell([(state.folder, state.findings) for state in workshop.states.values()])
    ensure_free(host, port)
    with _beside(auth_port, options, wanted=with_auth_server):
        start(
            workshop.apps,
            host=host,
            port=port,
            store=store,
            note=told_of if with_auth_server else "",
            workshop=workshop,
            told=_tell,
            trusted=trusted_folders(trust_python, apps),
        )


def _imitated(apps: Sequence[Path]) -> str | None:
    """The API that the auth server imitates for these apps, by their preset; None where it speaks as it does
    by itself. Raises Stop for apps of several APIs, of which one is imitated: that is spoken alone."""
    presets = {folder: found for folder in apps if (found := preset_of(folder)) is not None}
    imitated = next((preset for preset in presets.values() if preset in SHIPPED), None)
    if imitated is not None and set(presets.values()) != {imitated}:
        wanted = ", ".join(f"{folder} wants {preset}" for folder, preset in presets.items())
        raise Stop(message=f"One auth server answers like one of these APIs: {wanted}. Serve them apart.")
    return imitated


@contextmanager
def _beside(port: int, options: Sequence[str], *, wanted: bool) -> Iterator[None]:
    """The auth server, if it is wanted. Its accounts and tokens outlive it, as sessions do."""
    if not wanted:
        yield
        return
    with auth_server(port, database=FOLDER / "dev-auth.db", options=options):
        yield


def _tell(news: News) -> None:
    """What a change came to."""
    state = news.state
    errors = report([(state.folder, state.problems)])
    tell([(state.folder, state.findings)])
    if errors:
        after = "it cannot run yet" if state.broken else "what was sound before goes on"
        words = Text.assemble((f"{errors} {'error' if errors == 1 else 'errors'}", "red"), f"; {after}")
    elif news.replaced:
        words = Text.assemble(("version ", "green"), state.app.version[:7])
    else:
        words = Text("sound again", "green")
    at = state.since.astimezone() if news.replaced else None
    out.print(Text.assemble((f"{at:%H:%M:%S} " if at else "", "dim"), (state.app.slug, "bold"), ": ", words))
