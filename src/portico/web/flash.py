"""Alerts that travel with a navigation where no script can carry them (hard-cases 32).

A cookie of 5 s, signed by the server, so that nobody else can put words on a page.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from portico.model.app import App
from portico.runtime.outcome import Alert
from portico.values import Secret
from portico.web.site import Site

LIFE = timedelta(seconds=5)
SIZE_LIMIT = 3000
STYLES = ("info", "success", "warning", "error")


class Flash:
    """Writes and reads the cookie."""

    def __init__(self, site: Site, key: Secret) -> None:
        self._site = site
        self._key = hmac.digest(key.reveal().encode(), b"portico alerts", hashlib.sha256)

    def send(self, response: Response, app: App, alerts: Sequence[Alert]) -> None:
        """Let `alerts` be shown by the next page; what does not fit a cookie is left out."""
        kept = list(alerts)
        while kept:
            value = self._seal(app, kept)
            if len(value) <= SIZE_LIMIT:
                response.set_cookie(
                    self._name(app),
                    value,
                    max_age=int(LIFE.total_seconds()),
                    path=f"/{app.slug}/",
                    secure=self._site.secure,
                    httponly=True,
                    samesite="lax",
                )
                return
            kept.pop()

    def read(self, request: Request, app: App) -> tuple[Alert, ...]:
        """The alerts that came along; none if the cookie is not ours as it stands."""
        value = request.cookies.get(self._name(app), "")
        body, _, tag = value.rpartition(".")
        if not body or not hmac.compare_digest(tag.encode(), self._tag(app, body).encode()):
            return ()
        pairs = json.loads(base64.urlsafe_b64decode(body))
        return tuple(Alert(message, style) for message, style in pairs if style in STYLES)

    def forget(self, request: Request, response: Response, app: App) -> None:
        """Shown once is enough."""
        if self._name(app) in request.cookies:
            response.delete_cookie(
                self._name(app), path=f"/{app.slug}/", secure=self._site.secure, httponly=True, samesite="lax"
            )

    def _name(self, app: App) -> str:
        return (
            f"__Secure-portico-alerts.{app.slug}"
            if self._site.secure
            else f"portico-alerts-{self._site.port}.{app.slug}"
        )

    def _seal(self, app: App, alerts: Sequence[Alert]) -> str:
        pairs = json.dumps([[alert.message, alert.style] for alert in alerts])
        body = base64.urlsafe_b64encode(pairs.encode()).decode()
        return f"{body}.{self._tag(app, body)}"

    def _tag(self, app: App, body: str) -> str:
        return hmac.new(self._key, f"{app.slug} {body}".encode(), hashlib.sha256).hexdigest()
