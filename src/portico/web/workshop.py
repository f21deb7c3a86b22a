"""Apps that are being built: watched, read again when their files change, served as they were last sound."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from watchfiles import Change, awatch

from portico.clock import Clock
from portico.definition.diagnostics import Diagnostic
from portico.definition.lint.finding import Finding, open_findings
from portico.definition.load import Loaded, together
from portico.model.app import App, Theme

log = logging.getLogger("portico.web")

#: Milliseconds without a change after which files are read, and how long is waited for that at most.
QUIET, PATIENCE = 60, 1600
#: Milliseconds after which it is looked whether a folder has been taken away or put back.
LOOK = 1000

Read = Callable[[Path], Loaded]


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """How an app stands: `app` is what is served `since` then, `problems` is what is wrong with its files
    as they are now, and `findings` what the lint found in them. `broken`: they have never been sound, and
    `app` only holds its place."""

    folder: Path
    app: App
    since: datetime
    problems: tuple[Diagnostic, ...] = ()
    findings: tuple[Finding, ...] = ()
    broken: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What reading an app again came to."""

    state: State
    replaced: bool


class Workshop:
    """The apps of a `portico dev`, by slug: `loaded` as if each were alone. `read` loads an app from its
    folder, in a thread."""

    def __init__(self, loaded: Sequence[tuple[Path, Loaded]], *, read: Read, clock: Clock) -> None:
        self.clock = clock
        self._read = read
        #: The folders that each app is made of: its own, and those of packages that it follows.
        self._folders: dict[str, frozenset[Path]] = {}
        self._polling = False
        self.states: dict[str, State] = {}
        #: What each was last read as.
        self._loaded = {folder.resolve().name: result for folder, result in loaded}
        for (folder, _), result in zip(loaded, together(list(self._loaded.values())), strict=True):
            self._take(folder.resolve().name, folder, result)

    @property
    def apps(self) -> list[App]:
        """What is served now."""
        return [state.app for state in self.states.values()]

    async def news(self) -> AsyncGenerator[News, None]:
        """What changes from now on. Never ends; where files cannot be watched, they are looked at now
        and then."""
        while True:
            there = self._there()
            async with aclosing(self._changes(there)) as changes:
                async for changed in changes:
                    for slug in changed:
                        for news in await self._again(slug):
                            yield news
                    if self._there() != there:
                        break

    async def _changes(self, there: Mapping[Path, object]) -> AsyncGenerator[set[str], None]:
        """Which apps changed: at first all, for nobody watched before; at least once in LOOK."""
        if not there:
            yield set(self.states)
            await asyncio.sleep(LOOK / 1000)
            return
        unknown = set(self.states)
        watching = awatch(
            *there,
            watch_filter=self._counts,
            debounce=PATIENCE,
            step=QUIET,
            rust_timeout=LOOK,
            yield_on_timeout=True,
            force_polling=self._polling or None,
        )
        try:
            async with aclosing(watching):
                async for changes in watching:
                    yield unknown | self._touched(changes)
                    unknown = set()
        except (OSError, RuntimeError) as error:
            if self._there() == there:
                log.warning("files are looked at, not watched", extra={"detail": str(error)})
                self._polling = True
            await asyncio.sleep(LOOK / 1000)

    async def _again(self, slug: str) -> list[News]:
        """What reading an app again came to, for all that it goes together with."""
        folder = self.states[slug].folder
        try:
            result = await asyncio.to_thread(self._read, folder)
        except Exception as error:  # whatever it is, the next change is looked at
            log.exception(
                "an app could not be read again", extra={"app": slug, "error": type(error).__name__}
            )
            return []
        self._loaded[slug] = result
        found = [self._take(name, self.states[name].folder, result) for name, result in self._judged()]
        return [news for news in found if news is not None]

    def _judged(self) -> Iterator[tuple[str, Loaded]]:
        """What each was read as, next to the others: one that cannot be read counts as it is served."""
        standing = []
        for slug, result in self._loaded.items():
            state = self.states[slug]
            goes_on = result.app is None and not state.broken
            standing.append(replace(result, app=state.app) if goes_on else result)
        for (slug, own), result in zip(self._loaded.items(), together(standing), strict=True):
            yield slug, result if own.app is not None else replace(result, app=None)

    def _take(self, slug: str, folder: Path, result: Loaded) -> News | None:
        """Note what an app is now; None if that is what it was."""
        self._folders[slug] = frozenset([folder.resolve(), *result.folders])
        before = self.states.get(slug)
        app, broken = result.app, False
        if app is None and before is not None and not before.broken:
            app = before.app
        elif app is None:
            app, broken = _place_holder(slug, result.problems), True
        findings = open_findings(result.findings)
        told = (app.key, result.problems, findings)
        if before is not None and (before.app.key, before.problems, before.findings) == told:
            return None
        replaced = before is None or before.app.key != app.key
        since = before.since if before is not None and not replaced else self.clock.now()
        state = State(
            folder=folder, app=app, since=since, problems=result.problems, findings=findings, broken=broken
        )
        self.states[slug] = state
        return News(state=state, replaced=replaced)

    # Files

    def _there(self) -> Mapping[Path, tuple[int, int]]:
        """The folders that exist now, each with what tells it from another of its name."""
        found = {}
        for folder in frozenset().union(*self._folders.values()):
            try:
                status = folder.stat()
            except OSError:
                continue
            if folder.is_dir():
                found[folder] = (status.st_dev, status.st_ino)
        return found

    def _touched(self, changes: set[tuple[Change, str]]) -> set[str]:
        places = [(Path(path), Path(path).parents) for _, path in changes]
        return {
            slug
            for slug, folders in self._folders.items()
            if any(path in folders or not folders.isdisjoint(parents) for path, parents in places)
        }

    def _counts(self, change: Change, path: str) -> bool:
        """Whether a file may belong to an app: one whose name begins with a dot is none of it."""
        file = Path(path)
        for folder in frozenset().union(*self._folders.values()):
            if file.is_relative_to(folder):
                return not any(part.startswith(".") for part in file.relative_to(folder).parts)
        return False


def _place_holder(slug: str, problems: Sequence[Diagnostic]) -> App:
    """An app without pages. Its version says what is wrong, so that pages notice when that changes."""
    text = "\n".join(problem.as_text() for problem in problems)
    return App(
        slug=slug,
        name=slug,
        version=f"broken-{hashlib.sha256(text.encode()).hexdigest()}",
        theme=Theme(),
        contract=None,
        home="app",
        pages={},
        datasources={},
    )
