"""`portico run`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from portico.auth.refresh import LIMITS, Limits
from portico.cli import log
from portico.cli.console import Stop, err, out
from portico.cli.loading import load_apps
from portico.cli.secrets import SecretsFile
from portico.cli.serving import ensure_free, serve, site_for
from portico.cli.trust import TrustPython, trusted_folders
from portico.clock import Clock
from portico.model.app import App
from portico.stores.address import open_stores
from portico.values import Secret
from portico.web.app import create_app
from portico.web.dev import Dev
from portico.web.health import Drain
from portico.web.metrics import Metrics
from portico.web.workshop import News, Workshop

EXAMPLES = (
    "Examples:\n\n`portico run hr-portal`\n\n`portico run apps/* --port 9000 --store sqlite:store.db`\n\n"
    "`portico run hr-portal --host 0.0.0.0 --public-url https://apps.example.com --trusted-proxy 10.0.0.0/8`"
)

DEFAULT_STORE = "sqlite:.portico/store.db"


def run(
    apps: Annotated[
        list[Path],
        typer.Argument(help="App folders, each served under /NAME/ after its name.", show_default=False),
    ],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    store: Annotated[
        str,
        typer.Option(
            envvar="PORTICO_STORE",
            help="Where sessions live: sqlite:PATH; redis://HOST or rediss://HOST, with PORTICO_KEY set; or"
            " memory: (gone at the end). An address with a password is better set in the environment.",
        ),
    ] = DEFAULT_STORE,
    public_url: Annotated[
        str | None,
        typer.Option(
            envvar="PORTICO_PUBLIC_URL",
            help="The origin browsers use, if not this address.",
            show_default=False,
        ),
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(help="Network of a proxy whose X-Forwarded-For is believed.", show_default=False),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            envvar="PORTICO_KEY",
            help="Server key, the same for all processes of a Redis store; made beside an SQLite store if"
            " absent. Better set in the environment.",
            show_default=False,
            show_envvar=True,
            hidden=True,
        ),
    ] = None,
    drain: Annotated[
        float,
        typer.Option(
            min=0, max=600, help="Seconds that it goes on after SIGTERM, while it says that it is not ready."
        ),
    ] = 0.0,
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="Address on which Prometheus reads metrics, for it alone; off without it.",
            show_default=False,
        ),
    ] = None,
    secrets: SecretsFile = None,
    trust_python: TrustPython = None,
    renewals_at_once: Annotated[
        int, typer.Option(min=1, help="Most tokens of one app that are renewed at the same time.")
    ] = LIMITS.at_once,
    renewal_lease: Annotated[
        float, typer.Option(min=0.1, help="Seconds that a renewal is left to its process.", hidden=True)
    ] = LIMITS.lease.total_seconds(),
) -> None:
    """Serve apps until Ctrl-C."""
    trusted = trusted_folders(trust_python, apps)
    start(
        load_apps(apps, secrets),
        host=host,
        port=port,
        store=store,
        public_url=public_url,
        proxies=_networks(trusted_proxy or []),
        key=key,
        renewals=Limits.of_lease(timedelta(seconds=renewal_lease), at_once=renewals_at_once),
        drain=drain,
        metrics_at=_metrics_address(metrics) if metrics else None,
        trusted=trusted,
    )


def _untold(_: News) -> None:
    """Nobody follows the apps."""


def start(
    apps: Sequence[App],
    *,
    host: str,
    port: int,
    store: str,
    public_url: str | None = None,
    proxies: tuple[IPv4Network | IPv6Network, ...] = (),
    key: str | None = None,
    drain: float = 0.0,
    metrics_at: tuple[str, int] | None = None,
    note: str = "",
    workshop: Workshop | None = None,
    told: Callable[[News], None] = _untold,
    renewals: Limits = LIMITS,
    trusted: Mapping[str, Path] | None = None,
) -> None:
    """Serve compiled apps; prints a table of their addresses, and `note`, when ready. Told to end, it goes on
    for `drain` seconds. Apps of a `workshop` are followed, and `told` is called with what changes.
    `trusted` are the folders of those whose Python may run."""
    clock = workshop.clock if workshop else Clock()
    site = site_for(host, port, public_url, proxies)
    log.configure(clock, readable=workshop is not None)
    if public_url and not proxies:
        err.print("note: without --trusted-proxy all users behind a proxy count as one address.", style="dim")
    stores = open_stores(store, clock=clock, key=Secret(key) if key else None)
    dev = Dev(workshop, site=site, clock=clock, told=told) if workshop else None
    ending, metrics = Drain(), Metrics()
    application = create_app(
        apps,
        site=site,
        stores=stores,
        key=stores.key,
        clock=clock,
        listening=[(host, port), *([metrics_at] if metrics_at else ())],
        dev=dev,
        renewals=renewals,
        drain=ending,
        metrics=metrics,
        trusted=trusted,
    )
    if metrics_at is not None:
        ensure_free(*metrics_at, option="--metrics")
        metrics.serve(*metrics_at)

    def ready() -> None:
        out.print(_table(apps, site.origins[0]))
        if note:
            out.print(note, soft_wrap=True)
        out.print("Ctrl-C ends it.", style="dim")

    serve(
        application,
        host=host,
        port=port,
        ready=ready,
        stopping=dev.stop if dev else None,
        draining=ending.begin,
        drain=drain,
    )


def _table(apps: Sequence[App], origin: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("app", style="bold")
    table.add_column("address", overflow="fold")
    for app in apps:
        table.add_row(app.name, f"{origin}/{app.slug}/")
    return table


def _metrics_address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host.strip("[]") or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Stop(message=f"--metrics takes HOST:PORT such as 127.0.0.1:9100, not {text}")
    return host.strip("[]"), int(port)


def _networks(texts: Sequence[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as error:
        raise Stop(message=f"--trusted-proxy takes networks such as 10.0.0.0/8: {error}") from error
