"""Events: POST on a page (`docs/design/events.md`)."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from portico.auth.guard import Allow, SignIn
from portico.auth.session import Session
from portico.errors import BadRequest, CrossSiteRefused, Interrupted, PageNotFound
from portico.model.app import App
from portico.model.page import Page
from portico.runtime.dispatcher import Event
from portico.runtime.outcome import ToUrl, Update
from portico.runtime.visit import Visit
from portico.runtime.visits import Visitor
from portico.ui.render import render_leave, render_page
from portico.values import new_id
from portico.web.body import FORM_TYPES, read_form, read_json
from portico.web.lines import Lines
from portico.web.origin import accepts_write
from portico.web.problems import problem_of
from portico.web.service import Service
from portico.web.views import html, view

NDJSON = "application/x-ndjson"
#: Answers kept for clients that lost one, and the longest id and number of values believed.
ANSWERS_KEPT = 8
ID_LENGTHS = range(16, 65)
VALUE_LIMIT = 1000
VALUE_PREFIX = "v."


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A request that passed the cross-site rule and the guard."""

    request: Request
    app: App
    page: Page
    session: Session | None
    visitor: Visitor
    visit_id: str
    event: Event
    key: object


class Events:
    """The endpoint that answers POST on a page."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def post(self, request: Request) -> Response:
        """An event, from a script (JSON) or from a form."""
        service = self._service
        if not accepts_write(request.headers, service.site.origins):
            raise CrossSiteRefused("the browser does not say that this came from a page of ours")
        fetched = request.headers.get("portico-event") == "1"
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" if fetched else kind not in FORM_TYPES:
            raise BadRequest(f"an event of type {kind[:80]}")
        app = service.app_of(request)
        session = await service.sessions.resume(request, app)
        page, decision = await service.decide(app, request, session)
        if isinstance(decision, SignIn):
            return self._to_sign_in(app, request, fetched)
        if page is None or not isinstance(decision, Allow):
            raise PageNotFound(f"{decision}")
        visit_id, event, key = (
            _from_json(await read_json(request)) if fetched else _from_form(await read_form(request))
        )
        post = Post(
            request=request,
            app=app,
            page=page,
            session=session,
            visitor=service.visitor(app, request, session),
            visit_id=visit_id,
            event=event,
            key=key,
        )
        return await (self._fetch(post) if fetched else self._form(post))

    def _to_sign_in(self, app: App, request: Request, fetched: bool) -> Response:
        """The session ended since the page was shown."""
        path = str(self._service.sign_in_path(app, request))
        if not fetched:
            return RedirectResponse(path, 303)
        line = {
            "version": 0,
            "navigate": {"url": path, "target": "SAME_WINDOW"},
            "session": "signed-out",
            "done": True,
        }
        return Response(json.dumps(line) + "\n", 401, media_type=NDJSON)

    # From scripts

    async def _fetch(self, post: Post) -> Response:
        async with AsyncExitStack() as stack:
            visit = await stack.enter_async_context(
                self._service.visits.entered(post.app, post.page, post.visitor, post.visit_id)
            )
            if (kept := visit.answers.get(post.key)) is not None:
                return _copy(await asyncio.shield(kept))
            _refuse_repetition(visit, post.event.n)
            with _answering(visit, post.key) as future:
                return await self._answer(post, visit, stack, future)

    async def _answer(
        self, post: Post, visit: Visit, stack: AsyncExitStack, future: "asyncio.Future[Response]"
    ) -> Response:
        lines = Lines(self._service, visit, post.session)
        early = post.session is not None and post.session.signed_in
        updates = self._service.dispatcher.dispatch(visit, post.visitor, post.event, early=early)
        first = await anext(updates)
        if first.done:
            response = Response(lines.of(first), media_type=NDJSON)
            self._cookies(response, post, first)
            future.set_result(response)
            return response
        held = stack.pop_all()
        return StreamingResponse(
            self._stream(post, visit, lines, first, updates, held, future), media_type=NDJSON
        )

    async def _stream(
        self,
        post: Post,
        visit: Visit,
        lines: Lines,
        first: Update,
        updates: AsyncIterator[Update],
        held: AsyncExitStack,
        future: "asyncio.Future[Response]",
    ) -> AsyncIterator[str]:
        """The lines of an answer that began before the event was over (R4)."""
        sent = []
        async with held:
            try:
                sent.append(lines.of(first))
                yield sent[-1]
                async for update in updates:
                    handed = self._service.handover.offer(post.request, post.app, post.session, update)
                    sent.append(lines.of(handed))
                    yield sent[-1]
            except Exception as error:  # noqa: BLE001 (the headers are gone: any error ends as a line)
                sent.append(lines.problem(problem_of(error, post.request)))
                yield sent[-1]
            finally:
                future.set_result(Response("".join(sent), media_type=NDJSON))

    # From forms

    async def _form(self, post: Post) -> Response:
        async with self._service.visits.entered(post.app, post.page, post.visitor, post.visit_id) as visit:
            if (kept := visit.answers.get(post.key)) is not None:
                return _copy(await asyncio.shield(kept))
            with _answering(visit, post.key) as future:
                updates = self._service.dispatcher.dispatch(visit, post.visitor, post.event, early=False)
                future.set_result(self._document(post, visit, await anext(updates)))
                return future.result()

    def _document(self, post: Post, visit: Visit, update: Update) -> Response:
        match update.navigation:
            case None:
                shown = view(self._service, visit, update.session, update.alerts, update.loading)
                response: Response = html(render_page(shown), post.app, status=422 if update.invalid else 200)
            case ToUrl(url=url):
                # Browsers stop a form post that ends at another origin (hard-cases 24).
                response = html(render_leave(url, self._service.assets, app=post.app), post.app)
            case to_page:
                response = RedirectResponse(str(to_page.path), 303)
                self._service.flash.send(response, post.app, update.alerts)
        self._cookies(response, post, update)
        return response

    def _cookies(self, response: Response, post: Post, update: Update) -> None:
        before, after = post.session, update.session
        if after is not None and (before is None or before.ticket != after.ticket):
            self._service.sessions.remember(response, post.app, after)
        elif after is None and before is not None:
            self._service.sessions.forget(response, post.app)


def _refuse_repetition(visit: Visit, n: int) -> None:
    """An event that was answered, or begun and cut off, does not run a second time."""
    if n <= visit.answered or n == visit.begun:
        raise Interrupted(f"event {n} was begun before; answered up to {visit.answered}")


@contextmanager
def _answering(visit: Visit, key: object) -> "Iterator[asyncio.Future[Response]]":
    """Holds the place of an answer, so that a repetition waits for it instead of running again."""
    future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
    visit.answers[key] = future
    try:
        yield future
    except BaseException:
        visit.answers.pop(key, None)
        future.cancel()
        raise
    while len(visit.answers) > ANSWERS_KEPT:
        visit.answers.popitem(last=False)


def _copy(response: Response) -> Response:
    copy = Response(response.body, response.status_code)
    copy.raw_headers = list(response.raw_headers)
    return copy


def _from_json(fields: Mapping[str, Any]) -> tuple[str, Event, object]:
    """The event of a JSON body. Raises BadRequest, naming the field."""
    visit, n, widget, event = (fields.get(name) for name in ("visit", "n", "widget", "event"))
    values = fields.get("values", {})
    if not isinstance(visit, str) or len(visit) not in ID_LENGTHS:
        raise BadRequest("visit")
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise BadRequest("n")
    if not (widget is None or isinstance(widget, str)) or not isinstance(event, str):
        raise BadRequest("widget or event")
    if not isinstance(values, dict) or len(values) > VALUE_LIMIT:
        raise BadRequest("values")
    return visit, Event(n=n, widget=widget, event=event, values=values), n


def _from_form(fields: Mapping[str, str]) -> tuple[str, Event, object]:
    """The event of a form. The same form posted twice as it stands is one event (a double click);
    with another value in it, it is a new one."""
    visit = fields.get("portico.visit", "")
    widget, _, name = fields.get("portico.event", "change").rpartition(" ")
    values = {
        key.removeprefix(VALUE_PREFIX): value for key, value in fields.items() if key.startswith(VALUE_PREFIX)
    }
    event = Event(n=0, widget=widget or None, event=name, values=values)
    digest = hashlib.sha256(json.dumps(sorted(fields.items())).encode()).hexdigest()
    return visit if len(visit) in ID_LENGTHS else new_id(), event, digest
