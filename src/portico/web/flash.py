"""Alerts that travel with a navigation where no script can carry them (hard-cases 32).

A cookie of 5 s, signed by the server, so that nobody else can put words on a page.
"""

import json
from collections.abc import Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from portico.model.app import App
from portico.runtime.outcome import Alert
from portico.values import Secret
from portico.web.cookies import AppCookie, Signature
from portico.web.site import Site

LIFE = timedelta(seconds=5)
SIZE_LIMIT = 3000
STYLES = ("info", "success", "warning", "error")


class Flash:
    """Writes and reads the cookie."""

    def __init__(self, site: Site, key: Secret) -> None:
        self._cookie = AppCookie(site, "alerts", LIFE)
        self._signature = Signature(key, "alerts")

    def send(self, response: Response, app: App, alerts: Sequence[Alert]) -> None:
        """Let `alerts` be shown by the next page; what does not fit a cookie is left out."""
        kept = list(alerts)
        while kept:
            value = self._signature.sign(app, json.dumps([[alert.message, alert.style] for alert in kept]))
            if len(value) <= SIZE_LIMIT:
                self._cookie.set(response, app, value)
                return
            kept.pop()

    def read(self, request: Request, app: App) -> tuple[Alert, ...]:
        """The alerts that came along; none if the cookie is not ours as it stands."""
        content = self._signature.open(app, self._cookie.get(request, app) or "")
        pairs = json.loads(content) if content is not None else ()
        return tuple(Alert(message, style) for message, style in pairs if style in STYLES)

    def forget(self, request: Request, response: Response, app: App) -> None:
        """Shown once is enough."""
        self._cookie.forget(request, response, app)
