"""That a browser was sent something to come back with, such as the link in a mail (hard-cases 13).

Answers login CSRF: a link that brings somebody else's tokens along is told from the one that this
browser asked for, because only the latter finds the cookie that was set when it was asked for.
"""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from portico.clock import Clock
from portico.model.app import App
from portico.values import Secret
from portico.web.cookies import AppCookie, Signature
from portico.web.site import Site

#: As long as the links of auth APIs commonly live.
LIFE = timedelta(days=1)


class Expectation:
    """A signed cookie that is used once."""

    def __init__(self, site: Site, key: Secret, clock: Clock) -> None:
        self._cookie = AppCookie(site, "flow", LIFE)
        self._signature = Signature(key, "flow")
        self._clock = clock

    def begin(self, response: Response, app: App) -> None:
        """The browser was sent something."""
        until = self._clock.now() + LIFE
        self._cookie.set(response, app, self._signature.sign(app, str(int(until.timestamp()))))

    def holds(self, request: Request, app: App) -> bool:
        """Whether this browser waits for something."""
        until = self._signature.open(app, self._cookie.get(request, app) or "")
        return until is not None and int(until) > self._clock.now().timestamp()

    def end(self, request: Request, response: Response, app: App) -> None:
        """It has come."""
        self._cookie.forget(request, response, app)
