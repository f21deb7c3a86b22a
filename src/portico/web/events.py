"""Events: POST on a page (`docs/design/events.md`)."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from portico.auth.guard import Allow, SignIn
from portico.auth.session import Session
from portico.errors import BadRequest, CrossSiteRefused, HeldElsewhere, Interrupted, PageNotFound
from portico.model.app import App
from portico.model.page import Page
from portico.runtime.event import Event
from portico.runtime.outcome import Update
from portico.runtime.visit import Visit
from portico.runtime.visitor import Visitor
from portico.ui.render import render_page
from portico.web import posts, uploads
from portico.web.body import FORM_TYPES, read_form, read_json
from portico.web.cookies import AppCookie
from portico.web.lines import Lines
from portico.web.origin import accepts_write
from portico.web.problems import problem_of
from portico.web.service import Service
from portico.web.views import departure, document, html

NDJSON = "application/x-ndjson"
#: Answers kept for clients that lost one.
ANSWERS_KEPT = 8
#: How often a form is posted again to find the process that waits with its page; browsers follow 20 times.
PASSES = 15
PASSES_LIFE = timedelta(seconds=10)


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
    key: int | str


class Answer:
    """The lines of a fetch event's answer on their way. `begun`: the first has left, and the
    headers with it. `whole`: it ended before that, and is sent in one piece with its cookies."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.queue: asyncio.Queue[str | None] = asyncio.Queue()
        self.begun = False
        self.whole = False

    def say(self, line: str) -> None:
        """A line before the last."""
        self.lines.append(line)
        self.queue.put_nowait(line)

    def end(self, line: str) -> None:
        """The last line."""
        self.whole = not self.begun
        self.say(line)
        self.queue.put_nowait(None)

    async def rest(self, line: str | None) -> AsyncIterator[str]:
        """`line`, and all that follow."""
        while line is not None:
            yield line
            line = await self.queue.get()


class Events:
    """The endpoint that answers POST on a page."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._working: set[asyncio.Task[Response]] = set()
        self._passes = AppCookie(service.site, "passes", PASSES_LIFE)

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
        # The whole body first: whoever sends it slowly is judged by what holds when it is there.
        files = await self._with_files(app, request) if not fetched and kind == FORM_TYPES[1] else None
        fields = files.fields if files else await (read_json(request) if fetched else read_form(request))
        try:
            return await self._judged(request, app, fields, fetched, files)
        finally:
            if files is not None:
                files.close()

    async def _judged(
        self,
        request: Request,
        app: App,
        fields: dict[str, Any],
        fetched: bool,
        files: uploads.Form | None,
    ) -> Response:
        """The event, if the guard allows it."""
        service = self._service
        visit_id, event, key = posts.from_json(fields) if fetched else posts.from_form(fields)
        session = await service.sessions.resume(request, app)
        service.pace.count(session.lineage if session else service.site.address_of(request))
        decided = await service.decide(app, request, session)
        page, decision, session = decided.page, decided.decision, decided.session
        if isinstance(decision, SignIn):
            return service.part(self._to_sign_in(app, request, fetched), app, decided)
        if page is None or not isinstance(decision, Allow):
            raise PageNotFound(f"{decision}")
        if fetched and fields.get("session") and fields["session"] != (session.tag if session else ""):
            return _reload(request)
        if event.acted:
            await service.manager.sign(session)
        if files is not None:
            event = await uploads.with_files(
                service,
                event,
                files,
                owner=uploads.owner_of(app, session, visit_id),
                who=uploads.who_sends(service, request, session),
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

    async def _with_files(self, app: App, request: Request) -> uploads.Form | None:
        """The form of a page that takes files, if this visitor may open it; others may send no more than
        any form holds."""
        session, page = await uploads.admitted(self._service, app, request)
        if page is None:
            return None
        with self._service.uploads.sending(uploads.who_sends(self._service, request, session)):
            return await uploads.read_form(request)

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
        """One body; or, for a signed-in visitor whose event takes longer, lines as they come."""
        answer = Answer()
        if post.session is None or not post.session.signed_in:
            return await self._work(post, answer, early=False)
        # A task of its own: what an event began goes on if its client goes away.
        work = asyncio.create_task(self._work(post, answer, early=True))
        self._working.add(work)
        work.add_done_callback(self._working.discard)
        first = asyncio.create_task(answer.queue.get())
        await asyncio.wait({work, first}, return_when=asyncio.FIRST_COMPLETED)
        if work.done() or answer.whole:
            first.cancel()
            return await asyncio.shield(work)
        answer.begun = True
        return StreamingResponse(answer.rest(first.result()), media_type=NDJSON)

    async def _work(self, post: Post, answer: "Answer", *, early: bool) -> Response:
        """Dispatch the event; returns the whole answer, which is also kept for repetitions."""
        service = self._service
        async with service.visits.entered(post.app, post.page, post.visitor, post.visit_id) as visit:
            if (kept := visit.ledger.answers.get(post.key)) is not None:
                return _copy(await asyncio.shield(kept))
            if post.event.n in visit.ledger.answered:
                # By another process, or too long ago.
                lines = Lines(service, visit, post.session)
                return _whole(lines.of(await service.dispatcher.again(visit, post.visitor)))
            _refuse_repetition(visit, post.event.n)
            with _answering(visit, post.key) as future:
                lines = Lines(service, visit, post.session)
                response = Response(media_type=NDJSON)

                def tell(update: Update) -> None:
                    answer.say(lines.of(update))

                try:
                    update = await service.dispatcher.dispatch(
                        visit, post.visitor, post.event, tell=tell if early else None
                    )
                    if answer.begun:
                        update = await service.handover.offer(post.request, post.app, post.session, update)
                    else:
                        service.settle(post.request, response, post.app, post.session, update)
                    answer.end(lines.of(update, await service.way(post.app, update.navigation)))
                except Exception as error:
                    if not answer.begun:
                        raise
                    # The headers are gone: the error ends the answer as a line.
                    answer.end(lines.problem(problem_of(error, post.request)))
                response.body = "".join(answer.lines).encode()
                response.headers["Content-Length"] = str(len(response.body))
                future.set_result(response)
                return response

    # From forms

    async def _form(self, post: Post) -> Response:
        async with self._service.visits.entered(post.app, post.page, post.visitor, post.visit_id) as visit:
            if (kept := visit.ledger.answers.get(post.key)) is not None:
                return _copy(await asyncio.shield(kept))
            # Counted, so that the page shown next has another number, and pressing it again counts.
            passes = self._passes.get(post.request, post.app) or "0"
            insists = not passes.isdecimal() or int(passes) >= PASSES
            event = replace(post.event, n=visit.ledger.number(str(post.key)), insists=insists)
            if event.n in visit.ledger.answered:
                update = await self._service.dispatcher.again(visit, post.visitor)
                return await self._document(post, visit, update)
            _refuse_repetition(visit, event.n)
            try:
                with _answering(visit, post.key) as future:
                    update = await self._service.dispatcher.dispatch(visit, post.visitor, event)
                    future.set_result(await self._document(post, visit, update))
                    return future.result()
            except HeldElsewhere:
                response = _elsewhere(post.request)
                self._passes.set(response, post.app, str(int(passes) + 1))
                return response

    async def _document(self, post: Post, visit: Visit, update: Update) -> Response:
        service = self._service
        if update.navigation is None:
            shown = await document(service, visit, update)
            response = html(render_page(shown), post.app, post.page, status=422 if update.invalid else 200)
        else:
            response = await departure(service, post.app, update)
        service.settle(post.request, response, post.app, post.session, update)
        self._passes.forget(post.request, response, post.app)
        return response


def _reload(request: Request) -> Response:
    """The page shows somebody else than who is signed in by now: nothing runs, it is shown anew."""
    line = {"version": 0, "navigate": {"url": _here(request), "target": "SAME_WINDOW"}, "done": True}
    return Response(json.dumps(line) + "\n", 409, media_type=NDJSON)


def _elsewhere(request: Request) -> Response:
    """The same form once more (RFC 9110, 15.4.8), over another connection and so to another process."""
    return RedirectResponse(_here(request), 307, headers={"Connection": "close"})


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _whole(line: str) -> Response:
    return Response(line, media_type=NDJSON)


def _refuse_repetition(visit: Visit, n: int) -> None:
    """An event that was begun and cut off does not run a second time."""
    if n in visit.ledger.begun:
        raise Interrupted(f"event {n} was begun before")


@contextmanager
def _answering(visit: Visit, key: object) -> "Iterator[asyncio.Future[Response]]":
    """Holds the place of an answer, so that a repetition waits for it instead of running again."""
    future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
    answers = visit.ledger.answers
    answers[key] = future
    try:
        yield future
    except BaseException as error:
        answers.pop(key, None)
        future.set_exception(error if isinstance(error, Exception) else Interrupted("cut off"))
        future.exception()  # whoever waits is told; nobody has to
        raise
    while len(answers) > ANSWERS_KEPT:
        answers.popitem(last=False)


def _copy(response: Response) -> Response:
    copy = Response(response.body, response.status_code)
    copy.raw_headers = list(response.raw_headers)
    return copy
