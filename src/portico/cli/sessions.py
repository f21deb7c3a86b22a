"""`portico sessions`: who is signed in, why a session is as it is, and how to end it.

Works beside a running server, on the store that they share.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer

from portico.auth.directory import Directory, Found, History, Sealed
from portico.auth.manager import SessionManager
from portico.cli import session_tables as tables
from portico.cli.console import Stop, err, out
from portico.cli.run import DEFAULT_STORE
from portico.clock import Clock
from portico.stores.address import open_stores
from portico.values import Secret

Format = Literal["text", "json"]
Value = TypeVar("Value")

application = typer.Typer(
    help="List sessions, show why one is as it is, and end them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    epilog=(
        "Examples:\n\n`portico sessions list --app hr-portal`\n\n`portico sessions timeline 4fR2kQz81LmX`\n\n"
        "`portico sessions revoke --user 7 --yes`"
    ),
)

_Store = Annotated[
    str, typer.Option(envvar="PORTICO_STORE", help="The store of the server, as `portico run` takes it.")
]
_Key = Annotated[
    str | None,
    typer.Option(envvar="PORTICO_KEY", help="Server key.", show_default=False, hidden=True),
]
_App = Annotated[str | None, typer.Option(help="Of this app only.", show_default=False)]
_User = Annotated[
    str | None, typer.Option(help="Of the user with this uid or name only.", show_default=False)
]
_Id = Annotated[str, typer.Argument(help="Its public id: of a list, or of the log.", show_default=False)]
_Format = Annotated[Format, typer.Option("--format", help="For people, or for tools.")]

UPSTREAM = (
    "The auth API was not told: tokens open with the browser's cookie alone. What was in the outbox before "
    "is delivered; all else ends there by itself."
)


@dataclass(frozen=True, slots=True)
class Place:
    """An opened store."""

    manager: SessionManager
    clock: Clock

    @property
    def directory(self) -> Directory:
        """Its sessions."""
        return self.manager.directory


@application.command(name="list", epilog="Example: `portico sessions list --app hr-portal --format json`")
def list_(
    app: _App = None,
    user: _User = None,
    store: _Store = DEFAULT_STORE,
    key: _Key = None,
    output: _Format = "text",
) -> None:
    """List the sessions that live: whose, since when, and when their user was last there."""

    async def listed(place: Place) -> list[Found]:
        return await _chosen(place, app, user)

    found, clock = _run(store, key, listed), Clock()
    if output == "json":
        typer.echo(json.dumps([tables.as_json(session) for session in found], indent=2, ensure_ascii=False))
    elif found:
        out.print(tables.listed(found, clock.now()))
    else:
        out.print("No sessions.")


@application.command(epilog="Example: `portico sessions show 4fR2kQz81LmX`")
def show(session: _Id, store: _Store = DEFAULT_STORE, key: _Key = None, output: _Format = "text") -> None:
    """Show one session."""

    async def shown(place: Place) -> Found:
        return await _one(place, session)

    found = _run(store, key, shown)
    if output == "json":
        typer.echo(json.dumps(tables.as_json(found), indent=2, ensure_ascii=False))
    else:
        out.print(tables.shown(found, Clock().now()))


@application.command(epilog="Example: `portico sessions timeline 4fR2kQz81LmX`")
def timeline(session: _Id, store: _Store = DEFAULT_STORE, key: _Key = None, output: _Format = "text") -> None:
    """Show what happened to a session, and why. It can be asked for seven days after its end."""

    async def told(place: Place) -> History:
        history = await place.directory.history(session)
        if history is None:
            raise await _unknown(place, session)
        return history

    history = _run(store, key, told)
    if output == "json":
        typer.echo(json.dumps(tables.history_as_json(session, history), indent=2, ensure_ascii=False))
    else:
        out.print(tables.timeline(session, history, Clock().now()))


@application.command(epilog="Example: `portico sessions revoke --user 7 --app hr-portal --yes`")
def revoke(
    sessions: Annotated[
        list[str] | None, typer.Argument(help="Public ids of sessions.", show_default=False)
    ] = None,
    user: _User = None,
    app: _App = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: _Store = DEFAULT_STORE,
    key: _Key = None,
) -> None:
    """End sessions, at once: their next request finds nobody signed in, in all tabs."""
    ids = sessions or []
    if bool(ids) == bool(user or app):
        raise Stop(message="Name the ids of sessions, or --user, or --app: one of these ways, not two.")

    async def chosen(place: Place) -> list[Found]:
        if ids:
            return [await _one(place, session) for session in ids]
        found = await _chosen(place, app, user)
        if user and len({session.card.uid for session in found}) > 1:
            raise Stop(message=_several(user, found))
        return found

    found = _run(store, key, chosen)
    if not found:
        out.print("No sessions: nothing to end.")
        return
    if not ids and not yes:
        typer.confirm(
            f"End {len(found)} {'session' if len(found) == 1 else 'sessions'}?", abort=True, err=True
        )

    async def ended(place: Place) -> None:
        for session in found:
            await place.manager.dismissals.end(session, "operator")
        await place.manager.timelines.flush()

    _run(store, key, ended)
    for session in found:
        out.print(tables.ended(session))
    err.print(UPSTREAM, style="dim", soft_wrap=True)


async def _chosen(place: Place, app: str | None, user: str | None) -> list[Found]:
    """The sessions of an app, of a user, of both, or all. A user is named by uid or, where nobody has that
    uid, by name."""
    found, sealed = [], 0
    async for session in place.directory.all():
        if isinstance(session, Sealed):
            sealed += 1
        elif app in (None, session.card.app, *session.card.apps):
            found.append(session)
    if sealed and not found:
        raise _other_key(sealed)
    if sealed:
        err.print(f"note: {sealed} more are sealed with another server key.", style="dim")
    if user is None:
        return found
    theirs = [session for session in found if session.card.uid == user]
    return theirs or [session for session in found if session.card.name.casefold() == user.casefold()]


def _several(name: str, found: Sequence[Found]) -> str:
    """Names are the users' own: who has another's ends no sessions of theirs."""
    uids = ", ".join(sorted({session.card.uid for session in found}))
    return f"Several users are called {name}. Name one by uid: {uids}"


async def _one(place: Place, session_id: str) -> Found:
    found = await place.directory.by_id(session_id)
    if found is None:
        raise await _unknown(place, session_id)
    return found


async def _unknown(place: Place, session_id: str) -> Stop:
    """Why there is no session of this id."""
    ids, sealed = [], 0
    async for session in place.directory.all():
        if isinstance(session, Sealed):
            sealed += 1
        else:
            ids.append(session.card.id)
    if sealed and not ids:
        return _other_key(sealed)
    folded = {known.lower(): known for known in ids}
    close = get_close_matches(session_id.lower(), folded, n=1, cutoff=0.75)
    meant = f" Did you mean {folded[close[0]]}?" if close else ""
    history = await place.directory.history(session_id)
    if history is not None:
        return Stop(message=f"Session {session_id} has ended. Why: portico sessions timeline {session_id}")
    return Stop(
        message=f"There is no session {session_id!r} here.{meant} `portico sessions list` shows those that "
        "live."
    )


def _other_key(count: int) -> Stop:
    return Stop(
        message=f"There are {count} sessions here, sealed with another server key. Set PORTICO_KEY to that "
        "of the server."
    )


def _run(store: str, key: str | None, work: Callable[[Place], Coroutine[Any, Any, Value]]) -> Value:
    async def run() -> Value:
        async with _opened(store, key) as place:
            return await work(place)

    return asyncio.run(run())


@asynccontextmanager
async def _opened(store: str, key: str | None) -> AsyncIterator[Place]:
    """The store of a server, which is there already: a command that looks makes none."""
    kind, _, rest = store.partition(":")
    if kind == "memory":
        raise Stop(
            message="The sessions of a memory: store are in the server's process alone. Run it with "
            "--store sqlite:PATH, or with Redis, to list them."
        )
    if kind == "sqlite":
        _check_sqlite(Path(rest), key)
    clock = Clock()
    stores = open_stores(store, clock=clock, key=Secret(key) if key else None)
    try:
        manager = SessionManager(
            stores.sessions, stores.index, stores.visits, stores.outbox, stores.timeline, clock, stores.key
        )
        yield Place(manager, clock)
    finally:
        await stores.close()


def _check_sqlite(path: Path, key: str | None) -> None:
    if not path.is_file():
        raise Stop(
            message=f"There is no store at {path}. Name the one of the server: --store sqlite:PATH, or "
            "PORTICO_STORE."
        )
    beside = path.with_name(f"{path.name}.key")
    if key is None and not beside.is_file():
        raise Stop(message=f"There is no server key at {beside}: set PORTICO_KEY to the one of the server.")
