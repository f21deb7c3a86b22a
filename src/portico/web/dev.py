"""What `portico dev` adds to a server: pages hear of changes, and a panel hears what happens on them.

All of it is for the builder, on this machine: its addresses answer pages of this server alone, also
where another name leads to it (DNS rebinding), and exist in no other command.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from portico.auth.directory import History
from portico.auth.manager import SessionManager
from portico.auth.timeline import as_json
from portico.auth.timeline_words import words
from portico.clock import Clock
from portico.definition.diagnostics import Diagnostic
from portico.definition.lint.finding import Finding
from portico.errors import CrossSiteRefused
from portico.model.app import App
from portico.values import new_id
from portico.web.handing import VISIT_ID
from portico.web.journal import Journal
from portico.web.site import Site
from portico.web.workshop import News, Workshop

log = logging.getLogger("portico.web")

#: Seconds after which a page is told that the server is still there.
BEAT = 15.0
#: Milliseconds until a browser asks again when the server has gone.
RETRY = 400
#: Visits that one page may ask about: those that its tab has shown.
VISIT_LIMIT = 20


#: Reads the timeline of the session that the browser of a request has with an app.
ReadHistory = Callable[[Request, str], Awaitable[History | None]]


class Dev:
    """The stream of a page in `portico dev`. `told` is called with what changed, for the terminal."""

    def __init__(self, workshop: Workshop, *, site: Site, clock: Clock, told: Callable[[News], None]) -> None:
        self.workshop = workshop
        self.journal = Journal(clock, self._ring)
        self._site = site
        self._told = told
        self._run = new_id(6)
        self._bells: set[asyncio.Event] = set()
        self._history: ReadHistory = _no_history
        self._over = False

    def follow(self, manager: SessionManager, history: ReadHistory) -> None:
        """Show the timeline of a browser's session, which `history` reads."""
        self._history = history
        manager.timelines.listen(self._ring)

    def routes(self) -> list[Route]:
        """Where pages ask."""
        return [Route("/_portico/dev/events", self.events)]

    async def watch(self, install: Callable[[App], None]) -> None:
        """Follow the apps until cancelled; `install` is called with an app that takes another's place."""
        try:
            async for news in self.workshop.news():
                if news.replaced:
                    install(news.state.app)
                self._told(news)
                self._ring()
        except Exception:
            log.exception("changes are not followed any more: start `portico dev` again")
            raise

    def in_place_of(self, app: App) -> Sequence[Diagnostic]:
        """What to show instead of an app that has never been sound."""
        state = self.workshop.states[app.slug]
        return state.problems if state.broken else ()

    def stop(self) -> None:
        """End all streams: the server ends, and would wait for them."""
        self._over = True
        self._ring()

    async def events(self, request: Request) -> Response:
        """Server-sent events: `app`, how the app stands, and `note`, what happened in these visits.

        Raises CrossSiteRefused for a page that is not one of this server.
        """
        host = request.headers.get("host", "").lower()
        site = request.headers.get("sec-fetch-site", "same-origin")
        if site != "same-origin" or f"http://{host}" not in self._site.origins:
            raise CrossSiteRefused("the stream of `portico dev` is for pages of this server")
        visits = [visit for visit in request.query_params.getlist("visit") if VISIT_ID.fullmatch(visit)]
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        slug = request.query_params.get("app", "")
        history = partial(self._history, request, slug)
        messages = self._messages(slug, visits[-VISIT_LIMIT:], self._number(after), history)
        return StreamingResponse(messages, media_type="text/event-stream")

    async def _messages(
        self, slug: str, visits: Collection[str], after: int, history: Callable[[], Awaitable[History | None]]
    ) -> AsyncIterator[str]:
        bell, shown, told = asyncio.Event(), None, None
        self._bells.add(bell)
        try:
            yield f"retry: {RETRY}\n\n"
            while not self._over:
                bell.clear()
                if (standing := self._standing(slug)) != shown:
                    shown = standing
                    yield _message("app", standing)
                for entry in self.journal.since(visits, after):
                    after = entry.number
                    yield _message("note", entry.fields, id=f"{self._run}.{after}")
                if (timeline := _timeline(await history())) != told:
                    told = timeline
                    yield _message("session", timeline)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(bell.wait(), BEAT)
                    continue
                yield ":\n\n"
        finally:
            self._bells.discard(bell)

    def _standing(self, slug: str) -> Mapping[str, Any]:
        """How an app stands; for a page that is of no app, the apps as a whole."""
        state = self.workshop.states.get(slug)
        if state is None:
            keys = "\n".join(app.key for app in self.workshop.apps)
            version = hashlib.sha256(keys.encode()).hexdigest()
            return {"run": self._run, "name": None, "version": version, "since": None, "problems": []}
        told: list[Diagnostic | Finding] = [*state.problems, *state.findings]
        return {
            "run": self._run,
            "name": state.app.name,
            "version": state.app.version,
            "since": state.since.isoformat(timespec="seconds"),
            "broken": state.broken,
            "problems": [
                {**problem.as_json(), "place": str(problem.place), "text": problem.as_text()}
                for problem in told
            ],
        }

    def _number(self, after: str) -> int:
        """The number of the last note that a page has; 0 if that was of a server before this one."""
        run, _, number = after.rpartition(".")
        return int(number) if run == self._run and number.isdecimal() and len(number) < 18 else 0

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()


def _message(event: str, data: Mapping[str, Any], *, id: str = "") -> str:  # noqa: A002 (the field's name)
    """One server-sent event. JSON has no line ends of its own."""
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def _no_history(_: Request, __: str) -> History | None:
    """Nobody's."""
    return None


def _timeline(history: History | None) -> Mapping[str, Any]:
    """A timeline as the panel shows it."""
    if history is None:
        return {"id": "", "entries": []}
    entries = [{**as_json(entry), "text": words(entry)} for entry in history.entries]
    return {"id": history.card.id, "entries": entries}
