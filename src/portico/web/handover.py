"""A cookie for an answer whose headers are gone (R4).

When the answer of a signed-in visitor already streams and the event signs in anew, the last line
leads to a one-time path of this server, which sets the cookie and leads on. It opens only for
the browser that held the session before.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.auth.manager import SessionManager
from portico.auth.passing import Passing
from portico.auth.redirects import site_path
from portico.auth.session import Session
from portico.errors import PageNotFound
from portico.model.app import App
from portico.runtime.outcome import ToPage, Update
from portico.values import SitePath
from portico.web.sessions import Sessions

LIFE = timedelta(seconds=30)


class Handover:
    """Sessions on their way to a browser, for half a minute; in the store, for any process."""

    def __init__(
        self, apps: Mapping[str, App], sessions: Sessions, manager: SessionManager, passing: Passing
    ) -> None:
        self._apps = apps
        self._sessions = sessions
        self._manager = manager
        self._passing = passing

    async def offer(self, request: Request, app: App, before: Session | None, update: Update) -> Update:
        """The update, led over a one-time path if it brings a new session. Raises StoreUnavailable."""
        after, cookie = update.session, self._sessions.value(request, app)
        if not update.done or after is None or cookie is None or (before and before.ticket == after.ticket):
            return update
        if update.navigation is not None and not isinstance(update.navigation, ToPage):
            # No address of ours lies on the way: the browser stays without the new session.
            return update
        here = site_path(app.slug, request.path_params["page"], dict(request.query_params))
        to = update.navigation.path if isinstance(update.navigation, ToPage) else here
        content = json.dumps([after.ticket.cookie_value(), str(to)]).encode()
        key = await self._passing.leave(content, holder=_holder(app, cookie), life=LIFE)
        return replace(update, navigation=ToPage(SitePath(f"/{app.slug}/_continue/{key}")))

    async def collect(self, request: Request) -> Response:
        """Set the cookie and lead on. Raises PageNotFound for anybody else, and the second time;
        StoreUnavailable."""
        app = self._apps.get(request.path_params["app"])
        cookie = self._sessions.value(request, app) if app else None
        if app is None or cookie is None:
            raise PageNotFound("no session waits here for this browser")
        found = await self._passing.take(request.path_params["key"], holder=_holder(app, cookie))
        if found is None:
            raise PageNotFound("no session waits here for this browser")
        value, to = json.loads(found)
        session = await self._manager.resume(app.slug, value)
        if session is None:
            raise PageNotFound("the session has ended meanwhile")
        response = RedirectResponse(to, 303)
        self._sessions.remember(response, app, session)
        return response


def _holder(app: App, cookie: str) -> str:
    return f"handover {app.slug} {cookie}"
