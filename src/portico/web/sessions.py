"""The session cookie: its name, its attributes, and which session a request has."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from portico.auth.manager import SessionManager
from portico.auth.session import Session
from portico.model.app import App
from portico.web.site import Site


class Sessions:
    """Cookies in, cookies out (R11, hard-cases 14). One cookie an app."""

    def __init__(self, manager: SessionManager, site: Site) -> None:
        self._manager = manager
        self._site = site

    def name(self, app: App) -> str:
        """Ports share cookies, so on loopback the port is in the name; `__Host-` needs https."""
        return f"__Host-portico.{app.slug}" if self._site.secure else f"portico-{self._site.port}.{app.slug}"

    def value(self, connection: HTTPConnection, app: App) -> str | None:
        """The cookie's value; None without one, and None if several contradict each other (P8)."""
        found = set()
        for header in connection.headers.getlist("cookie"):
            for pair in header.split(";"):
                name, _, value = pair.strip().partition("=")
                if name == self.name(app):
                    found.add(value)
        return found.pop() if len(found) == 1 else None

    async def resume(self, connection: HTTPConnection, app: App) -> Session | None:
        """The session of a request. Raises StoreUnavailable: that is not "signed out"."""
        value = self.value(connection, app)
        return await self._manager.resume(app.slug, value) if value else None

    def remember(self, response: Response, app: App, session: Session) -> None:
        """Give the browser its session."""
        left = session.expires_at - session.created_at
        response.set_cookie(
            self.name(app),
            session.ticket.cookie_value(),
            max_age=max(int(left.total_seconds()), 0),
            path="/",
            secure=self._site.secure,
            httponly=True,
            samesite="lax",
        )

    def forget(self, response: Response, app: App) -> None:
        """Take it back: at log-out, and when the entry page is opened with one that has ended."""
        response.delete_cookie(
            self.name(app), path="/", secure=self._site.secure, httponly=True, samesite="lax"
        )
