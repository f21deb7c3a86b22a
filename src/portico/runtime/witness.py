"""What happens on one open page, told to the log and to an observer, without what both must not hold."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, quote

from portico.errors import PorticoError
from portico.model.app import App
from portico.model.page import Page
from portico.model.program import Program
from portico.model.query import Query, Request
from portico.runtime.observer import Called, Failed, Observer, Said
from portico.runtime.queries import Result
from portico.runtime.surface import Surface
from portico.sandbox.turn import LogLine, RunQuery, ScriptError

log = logging.getLogger("portico.script")

JWT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
#: Longest text of a script, and path of a query, that an observer hears.
TEXT_LIMIT = 10_000
PATH_LIMIT = 500


class Witness:
    """Tells what happens on a page. Without an observer only the log hears of it."""

    def __init__(
        self, app: App, page: Page, surface: Surface, *, visit_id: str, observer: Observer | None
    ) -> None:
        self._app = app
        self._page = page
        self._surface = surface
        self._visit_id = visit_id
        self._observer = observer
        self._lost: frozenset[tuple[str, ...]] = frozenset()
        self._stayed: set[tuple[str, str]] = set()

    def failed(self, error: ScriptError, event: str, program: Program | None = None) -> None:
        """A script threw, in the page's program unless another is named."""
        place = (program or self._page.program).locate(error.line, error.column or 1) if error.line else None
        words = self._masked(f"{error.name}: {error.message}")
        log.warning(
            "script error",
            extra={
                "app": self._app.slug,
                "page": self._page.name,
                "owner": error.owner,
                "property": error.property,
                "place": str(place) if place else None,
                "error": words,
            },
        )
        if self._observer is not None:
            note = Failed(
                error=words[:TEXT_LIMIT],
                owner=error.owner,
                property=error.property,
                place=place,
                event=event,
            )
            self._observer.heard(self._visit_id, self._page.name, note)

    def stopped(self, error: PorticoError) -> None:
        """The scripts of the page could not go on at all."""
        if self._observer is not None:
            words = self._masked(error.message if error.detail == error.message else error.detail)
            note = Failed(error=f"{type(error).__name__}: {words[:TEXT_LIMIT]}")
            self._observer.heard(self._visit_id, self._page.name, note)

    def said(self, line: LogLine) -> None:
        """A script used `console`."""
        words = self._masked(line.text)
        log.info(
            "console",
            extra={"app": self._app.slug, "page": self._page.name, "level": line.level, "said": words},
        )
        if self._observer is not None:
            note = Said(level=line.level, text=words[:TEXT_LIMIT])
            self._observer.heard(self._visit_id, self._page.name, note)

    def lost(self, lost: Iterable[Iterable[str]]) -> None:
        """What a snapshot had to leave out, as owner, property and kind. Told once."""
        if self._observer is None:
            return
        now = frozenset(tuple(map(str, entry)) for entry in lost)
        for owner, name, kind in sorted(now - self._lost):
            words = f"{owner}.{name} holds a value ({kind}) that is gone when the page is taken up anew"
            self._observer.heard(self._visit_id, self._page.name, Said(level="warn", text=words))
        self._lost = now

    def stayed(self, query: Query, why: str) -> bool:
        """A token was sent sealed, if there is a `why`. Told once: whether it was told now."""
        if not why or (query.name, why) in self._stayed:
            return False
        self._stayed.add((query.name, why))
        log.warning(
            "sealed token sent",
            extra={"app": self._app.slug, "page": self._page.name, "query": query.name, "why": why},
        )
        if self._observer is not None:
            note = Said(level="warn", text=f"{query.name}: {why} (docs/sealed-tokens.md)")
            self._observer.heard(self._visit_id, self._page.name, note)
        return True

    def called(self, effect: RunQuery, query: Query, event: str) -> Callable[[Result], None]:
        """A query is about to be sent; call what is returned with what became of it."""
        observer = self._observer
        if observer is None:
            return _unheard
        start = time.monotonic()
        path = self._masked(_shown(effect.request))[:PATH_LIMIT]

        def tell(status: str | None = None, result: Result | None = None) -> None:
            note = Called(
                id=effect.id,
                query=effect.query,
                method=query.method,
                path=path,
                event=event,
                status=status,
                ok=result is not None and result.ok,
                milliseconds=round((time.monotonic() - start) * 1000),
                size=len(result.answer.body) if result is not None and result.answer is not None else 0,
                message=self._masked(result.message) if result is not None else "",
            )
            observer.heard(self._visit_id, self._page.name, note)

        tell()
        return lambda result: tell(str((result.meta or {}).get("statusCode", "")), result)

    def _masked(self, text: str) -> str:
        """What a script said, without passwords that are typed on this page and without JWTs: a
        script may print anything, a log must not keep it."""
        for value in self._surface.passwords():
            for spelled in (value, quote(value, safe=""), json.dumps(value)[1:-1]):
                text = text.replace(spelled, "•••")
        return JWT.sub("eyJ•••", text)


class Unwatched:
    """For what happens without a page: only the log hears of it."""

    def __init__(self, app: App) -> None:
        self._app = app

    def failed(self, error: ScriptError, event: str, program: Program | None = None) -> None:
        """A script threw, in `program`. What it said may hold something of a user."""
        place = program.locate(error.line, error.column or 1) if program and error.line else None
        log.warning(
            "script error",
            extra={"app": self._app.slug, "event": event, "place": str(place), "error": error.name},
        )

    def called(self, effect: RunQuery, query: Query, event: str) -> Callable[[Result], None]:
        """A query is about to be sent."""
        return _unheard


Hearing = Witness | Unwatched


def _unheard(_: Result) -> None:
    """Nobody listens."""


def _shown(request: Request) -> str:
    """The path with the names of its parameters: their values may be tokens."""
    path, _, query = request.path.partition("?")
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    names += [name for name, _ in request.params]
    return f"{path}?{'&'.join(f'{name}=…' for name in names)}" if names else path
