"""A cookie for an answer whose headers are gone (R4).

When the answer of a signed-in visitor already streams and the event signs in anew, the last line
leads to a one-time path of this server, which sets the cookie and leads on. It opens only for
the browser that held the session before.
"""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.auth.redirects import site_path
from portico.auth.session import Session
from portico.clock import Clock
from portico.errors import PageNotFound
from portico.model.app import App
from portico.runtime.outcome import ToPage, Update
from portico.values import SitePath, new_id
from portico.web.sessions import Sessions

LIFE = timedelta(seconds=30)
CAP = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A session that waits to be fetched by the browser that held `cookie`."""

    app: App
    cookie: str = field(repr=False)
    session: Session
    to: SitePath
    until: datetime


class Handover:
    """Sessions on their way to a browser; of this process, for half a minute."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()

    def offer(self, request: Request, app: App, before: Session | None, update: Update) -> Update:
        """The update, led over a one-time path if it brings a new session."""
        after, cookie = update.session, self._sessions.value(request, app)
        if not update.done or after is None or cookie is None or (before and before.ticket == after.ticket):
            return update
        if update.navigation is not None and not isinstance(update.navigation, ToPage):
            # No address of ours lies on the way: the browser stays without the new session.
            return update
        here = site_path(app.slug, request.path_params["page"], dict(request.query_params))
        to = update.navigation.path if isinstance(update.navigation, ToPage) else here
        key = new_id()
        self._waiting[key] = Waiting(
            app=app, cookie=cookie, session=after, to=to, until=self._clock.now() + LIFE
        )
        while len(self._waiting) > CAP:
            self._waiting.popitem(last=False)
        return replace(update, navigation=ToPage(SitePath(f"/_portico/continue/{key}")))

    def collect(self, request: Request) -> Response:
        """Set the cookie and lead on. Raises PageNotFound for anybody else, and the second time."""
        waiting = self._waiting.get(request.path_params["key"])
        if waiting is None or self._sessions.value(request, waiting.app) != waiting.cookie:
            raise PageNotFound("no session waits here for this browser")
        del self._waiting[request.path_params["key"]]
        if waiting.until < self._clock.now():
            raise PageNotFound("the session waited too long")
        response = RedirectResponse(str(waiting.to), 303)
        self._sessions.remember(response, waiting.app, waiting.session)
        return response
