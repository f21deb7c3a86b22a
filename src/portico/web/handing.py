"""What one page of a tab leaves for the next: the id of the visit that the next begins with.

A cookie for that page alone, of ten seconds: a reload does not find it any more (hard-cases 31).
"""

import re
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from portico.model.app import App
from portico.runtime.outcome import ToPage
from portico.web.cookies import AppCookie
from portico.web.site import Site

LIFE = timedelta(seconds=10)

#: What the id of a visit looks like.
VISIT_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Handing:
    """Writes and reads the cookie. Whoever makes one up begins a visit of their own with it."""

    def __init__(self, site: Site) -> None:
        self._cookie = AppCookie(site, "tab", LIFE)

    def send(self, response: Response, app: App, to: ToPage, visit_id: str) -> None:
        """Let the page at `to` begin with this visit."""
        self._cookie.set(response, app, visit_id, path=_path(to))

    def for_script(self, app: App, to: ToPage, visit_id: str) -> str:
        """The same for the client, which sets the cookie before it goes there."""
        return self._cookie.for_script(app, visit_id, path=_path(to))

    def read(self, request: Request, app: App) -> str | None:
        """The id of the visit that this page is to begin with."""
        found = self._cookie.get(request, app)
        return found if found is not None and VISIT_ID.fullmatch(found) else None

    def forget(self, request: Request, response: Response, app: App) -> None:
        """It has begun."""
        self._cookie.forget(request, response, app, path=request.url.path)


def _path(to: ToPage) -> str:
    return str(to.path).partition("?")[0]
