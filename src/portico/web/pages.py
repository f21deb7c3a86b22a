"""Showing pages: GET."""

import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.auth.guard import Allow, SignIn
from portico.auth.session import Session
from portico.errors import PageNotFound
from portico.model.access import Public
from portico.model.app import App
from portico.model.page import Page
from portico.runtime.outcome import Alert, Update
from portico.runtime.visit import Visit
from portico.ui.render import render_index, render_page
from portico.web.document import Document
from portico.web.headers import content_security_policy, permissions_policy
from portico.web.origin import by_the_user
from portico.web.service import Service
from portico.web.views import departure, document, html


class Pages:
    """The endpoints that answer GET."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def index(self, request: Request) -> Response:
        """`/`: the apps of this server."""
        return html(render_index(self._service.apps.values(), self._service.assets))

    async def start(self, request: Request) -> Response:
        """`/<app>/`: to the entry or the home page."""
        app = self._service.app_of(request)
        session = await self._service.sessions.resume(request, app)
        return RedirectResponse(str(self._service.start_path(app, session)), 303)

    async def file(self, request: Request) -> Response:
        """A picture that the app carries: looked up by name, never by path (P57)."""
        app = self._service.app_of(request)
        path = app.files.get(request.path_params["name"])
        if path is None:
            raise PageNotFound("no such file")
        body = await run_in_threadpool(path.read_bytes)
        return _revalidated(
            request,
            body,
            media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
            # An SVG opened on its own is a document: it gets no script.
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"},
        )

    async def page(self, request: Request) -> Response:
        """A page, if the guard allows it."""
        service = self._service
        app = service.app_of(request)
        alerts = service.flash.read(request, app)
        page = app.pages.get(request.path_params["page"])
        plain = not alerts and service.handing.read(request, app) is None
        if page is not None and plain and _is_for_all(app, page):
            return await self._cached(request, app, page)
        session = await service.sessions.resume(request, app)
        decided = await service.decide(app, request, session)
        page, decision, session = decided.page, decided.decision, decided.session
        if isinstance(decision, SignIn):
            return service.part(RedirectResponse(str(service.sign_in_path(app, request)), 303), app, decided)
        if page is None or not isinstance(decision, Allow):
            raise PageNotFound(f"{decision}")
        if by_the_user(request.headers):
            await service.manager.sign(session)
        async with service.dispatcher.open(app, page, service.visitor(app, request, session)) as opened:
            response = await self._shown(app, *opened, alerts)
            service.settle(request, response, app, session, opened[1])
        service.flash.forget(request, response, app)
        service.handing.forget(request, response, app)
        self._forget_ended(request, response, app, session)
        return response

    async def _shown(self, app: App, visit: Visit, update: Update, alerts: Sequence[Alert]) -> Response:
        """The page, or where a function of its load leads."""
        if update.navigation is not None:
            return await departure(self._service, app, replace(update, alerts=(*alerts, *update.alerts)))
        return html(render_page(await document(self._service, visit, update, alerts)), app, visit.page)

    async def _cached(self, request: Request, app: App, page: Page) -> Response:
        """A page that is the same for everybody. Only public pages are."""
        service = self._service
        key = (app.slug, app.version, page.name)
        if key not in service.cached:
            visitor = service.visitor(app, request, None)
            async with service.dispatcher.open(app, page, visitor) as (visit, update):
                shown = replace(await document(service, visit, update), visit=None, session_tag=None)
                service.cached[key] = Document.of(render_page(shown).encode())
        response = service.cached[key].answer(
            request,
            {
                "Content-Security-Policy": content_security_policy(app.browser, client_parts=page.parts),
                "Permissions-Policy": permissions_policy(locates=page.locates),
            },
        )
        if app.contract is not None and page.name == app.contract.entry_page:
            session = await service.sessions.resume(request, app)
            self._forget_ended(request, response, app, session)
        return response

    def _forget_ended(self, request: Request, response: Response, app: App, session: Session | None) -> None:
        """An unknown cookie is taken back by a top-level GET of the entry page alone: a late
        answer must not delete what a parallel sign-in just set (hard-cases 14)."""
        top = request.headers.get("sec-fetch-mode", "navigate") == "navigate"
        entry = app.contract is not None and request.path_params["page"] == app.contract.entry_page
        if entry and top and session is None and self._service.sessions.value(request, app):
            self._service.sessions.forget(response, app)


def _is_for_all(app: App, page: Page) -> bool:
    """Whether everybody is shown the same, the links to other pages included."""
    linked = app.navigation.pages if app.navigation is not None and app.navigates(page) else ()
    return page.cacheable and all(isinstance(app.pages[name].access, Public) for name in (page.name, *linked))


def _revalidated(request: Request, body: bytes, *, media_type: str, headers: Mapping[str, str]) -> Response:
    """Bytes that browsers may keep, if they ask each time whether they still hold."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    fresh = {**headers, "Cache-Control": "no-cache", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=fresh)
    return Response(body, headers=fresh, media_type=media_type)
