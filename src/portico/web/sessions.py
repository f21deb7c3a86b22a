"""The session cookie: its name, its attributes, and which session a request has."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from portico.auth.manager import SessionManager
from portico.auth.session import Session
from portico.model.app import App
from portico.web.site import Site


class Sessions:
    """Cookies in, cookies out (R11, hard-cases 14). One cookie an app, and another for visitors who
    have a session but are not signed in: a late answer to one of them cannot replace the cookie
    that a sign-in in another tab has set meanwhile."""

    def __init__(self, manager: SessionManager, site: Site) -> None:
        self._manager = manager
        self._site = site

    def name(self, app: App, *, signed_in: bool = True) -> str:
        """Ports share cookies, so on loopback the port is in the name; `__Host-` needs https."""
        name = f"__Host-portico.{app.slug}" if self._site.secure else f"portico-{self._site.port}.{app.slug}"
        return name if signed_in else f"{name}.visitor"

    def value(self, connection: HTTPConnection, app: App) -> str | None:
        """The value of the cookie of a signed-in session; None without one."""
        return self._value(connection, self.name(app))

    async def resume(self, connection: HTTPConnection, app: App) -> Session | None:
        """The session of a request. Raises StoreUnavailable: that is not "signed out"."""
        for signed_in in (True, False):
            value = self._value(connection, self.name(app, signed_in=signed_in))
            session = await self._manager.resume(app.slug, value) if value else None
            if session is not None and session.signed_in is signed_in:
                return session
        return None

    def remember(self, response: Response, app: App, session: Session) -> None:
        """Give the browser its session; a sign-in ends what it had as a visitor."""
        left = session.expires_at - session.created_at
        response.set_cookie(
            self.name(app, signed_in=session.signed_in),
            session.ticket.cookie_value(),
            # A brief one has no age: the browser forgets it when it is closed.
            max_age=None if session.brief else max(int(left.total_seconds()), 0),
            path="/",
            secure=self._site.secure,
            httponly=True,
            samesite="lax",
        )
        if session.signed_in:
            self._delete(response, self.name(app, signed_in=False))

    def forget(self, response: Response, app: App) -> None:
        """Take it back: at log-out, and when the entry page is opened with one that has ended."""
        self._delete(response, self.name(app))

    def _value(self, connection: HTTPConnection, wanted: str) -> str | None:
        """A cookie's value; None if there are several that contradict each other (P8)."""
        found = set()
        for header in connection.headers.getlist("cookie"):
            for pair in header.split(";"):
                name, _, value = pair.strip().partition("=")
                if name == wanted:
                    found.add(value)
        return found.pop() if len(found) == 1 else None

    def _delete(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self._site.secure, httponly=True, samesite="lax")
