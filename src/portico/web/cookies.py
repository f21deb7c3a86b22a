"""Short-lived cookies of an app beside that of its session: names, attributes, signatures."""

import base64
import hashlib
import hmac
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from portico.model.app import App
from portico.values import Secret
from portico.web.site import Site


class AppCookie:
    """A cookie of one kind, one an app, that browsers keep for `life`. Ports share cookies, so on
    loopback the port is in the name."""

    def __init__(self, site: Site, kind: str, life: timedelta) -> None:
        self._site = site
        self._kind = kind
        self._life = life

    def name(self, app: App) -> str:
        """What it is called."""
        if self._site.secure:
            return f"__Secure-portico-{self._kind}.{app.slug}"
        return f"portico-{self._kind}-{self._site.port}.{app.slug}"

    def set(self, response: Response, app: App, value: str, *, path: str | None = None) -> None:
        """Give it to the browser, for the whole app or the page at `path`."""
        response.set_cookie(
            self.name(app),
            value,
            max_age=int(self._life.total_seconds()),
            path=path or f"/{app.slug}/",
            secure=self._site.secure,
            httponly=True,
            samesite="lax",
        )

    def for_script(self, app: App, value: str, *, path: str) -> str:
        """The same as text for `document.cookie`, where an answer's headers are gone."""
        secure = "; Secure" if self._site.secure else ""
        seconds = int(self._life.total_seconds())
        return f"{self.name(app)}={value}; Path={path}; Max-Age={seconds}; SameSite=Lax{secure}"

    def get(self, request: Request, app: App) -> str | None:
        """Its value, if the browser has it."""
        return request.cookies.get(self.name(app)) or None

    def forget(self, request: Request, response: Response, app: App, *, path: str | None = None) -> None:
        """Take it back, if the browser has it."""
        if self.get(request, app) is None:
            return
        response.delete_cookie(
            self.name(app),
            path=path or f"/{app.slug}/",
            secure=self._site.secure,
            httponly=True,
            samesite="lax",
        )


class Signature:
    """Signs what a cookie holds, so that nobody else can make one up. `purpose` keeps kinds apart."""

    def __init__(self, key: Secret, purpose: str) -> None:
        self._key = hmac.digest(key.reveal().encode(), f"portico {purpose}".encode(), hashlib.sha256)

    def sign(self, app: App, content: str) -> str:
        """`content` in a form that a cookie can hold, with its signature."""
        body = base64.urlsafe_b64encode(content.encode()).decode()
        return f"{body}.{self._tag(app, body)}"

    def open(self, app: App, value: str) -> str | None:
        """What was signed for this app; None for anything else."""
        body, _, tag = value.rpartition(".")
        if not body or not hmac.compare_digest(tag.encode(), self._tag(app, body).encode()):
            return None
        return base64.urlsafe_b64decode(body).decode()

    def _tag(self, app: App, body: str) -> str:
        return hmac.new(self._key, f"{app.slug} {body}".encode(), hashlib.sha256).hexdigest()
