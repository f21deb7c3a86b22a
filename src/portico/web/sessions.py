"""The session cookie: its name, its attributes, and which session a request has."""

from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

from portico.auth.groups import Member
from portico.auth.manager import SessionManager
from portico.auth.session import Session
from portico.model.app import App
from portico.web.site import Site

#: How long a browser keeps the cookie of a session that has ended.
AFTER = timedelta(days=1)


class Sessions:
    """Cookies in, cookies out (R11, hard-cases 14). One cookie an app, or a group of them, and another
    for visitors who have a session but are not signed in: a late answer to one of them cannot replace the
    cookie that a sign-in in another tab has set meanwhile."""

    def __init__(self, manager: SessionManager, site: Site) -> None:
        self._manager = manager
        self._site = site

    def admit(self, app: App) -> None:
        """Serve this version of an app: with sessions of its own, or with those of its group."""
        sharing, contract = app.sharing, app.contract
        if sharing is None or contract is None:
            self._manager.groups.leave(app.slug)
            return
        member = Member(
            app=app.slug,
            group=sharing.group,
            origin=sharing.origin,
            asks=contract.me is not None or contract.provider is not None,
            keep=contract.keep,
        )
        self._manager.groups.admit(member)

    def name(self, app: App, *, signed_in: bool = True) -> str:
        """Ports share cookies, so on loopback the port is in the name; `__Host-` needs https."""
        before = "__Host-portico" if self._site.secure else f"portico-{self._site.port}"
        name = f"{before}.{app.sign_in}"
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
        # The record in the store is what counts: whoever comes back a little later is told why it is over.
        left = session.expires_at - session.created_at + AFTER
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
