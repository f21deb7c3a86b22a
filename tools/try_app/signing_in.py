"""The sign-in of an app, from the closed page to the log-out: a journey as `portico test` takes them."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portico.errors import PorticoError
from portico.model.journey import AuthSettings, Journey, JourneyFile
from portico.model.place import Place
from portico.testing.chromium import chromium
from portico.testing.journeys import Result, take
from portico.testing.reports import lines
from tools.try_app.pointing import point
from tools.try_app.sign_in_file import SignIn, judge
from tools.try_app.throw_away import Reached, thrown_away


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What came of a phase, and what there is to know of its failure."""

    said: str
    ok: bool = True
    more: tuple[str, ...] = ()


def signed_in(root: Path, sign_in: SignIn, *, browser: bool = False) -> Iterator[Shown]:
    """Sign in to a copy of the app in `root`, whose datasources are imitated; phases that were reached. With
    `browser` in Chromium."""
    try:
        judge(sign_in, root)
        result = _taken(root, sign_in, browser=browser)
    except PorticoError as error:
        yield Shown(said="it cannot be tried", ok=False, more=tuple(error.message.splitlines()))
        return
    done = 0
    for phase in sign_in.phases:
        done += len(phase.steps)
        if result.steps < done:
            yield Shown(said=phase.title, ok=False, more=tuple(lines(result, sign_in.file.parent)))
            return
        yield Shown(said=phase.title)


def _taken(root: Path, sign_in: SignIn, *, browser: bool) -> Result:
    with contextlib.ExitStack() as stack:
        # A server of a database reads nothing of it, but SQLite's file lies in it.
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="try-app-sign-in-")))
        database = _database(sign_in, temporary, stack)
        folder = shutil.copytree(root, temporary / root.resolve().name)
        secrets = point(folder, sign_in, database)
        dialect = sign_in.api
        if sign_in.described:
            (temporary / "api.yaml").write_text(sign_in.described)
            dialect = str(temporary / "api.yaml")
        steps = tuple(step for phase in sign_in.phases for step in phase.steps)
        place = Place(sign_in.file.name, 1, 1)
        file = JourneyFile(
            path=sign_in.file.name,
            journeys=(),
            accounts=(sign_in.account,),
            secrets=secrets,
            auth=AuthSettings(dialect=dialect),
        )
        journey = Journey(name="sign-in", place=place, steps=steps)
        if not browser:
            return take(folder, file, journey)
        program = stack.enter_context(chromium())
        return take(folder, file, journey, make=lambda _: program.browser())


def _database(sign_in: SignIn, folder: Path, stack: contextlib.ExitStack) -> Reached | None:
    if sign_in.database is None:
        return None
    return stack.enter_context(thrown_away(sign_in.database, folder))
