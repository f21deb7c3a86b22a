"""Headers that every answer carries (promises 24, 63), as a plain ASGI layer."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico.model.app import BrowserOrigins

NO_STORE = "no-store"

#: Nothing but our own origin.
OWN = BrowserOrigins()


#: What parts of the client load from elsewhere, for the pages that have them. reCAPTCHA's are those that
#: Google names (developers.google.com/recaptcha/docs/faq, on Content Security Policy).
FOREIGN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "recaptcha": {
        "script-src": ("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"),
        "frame-src": ("https://www.google.com/recaptcha/", "https://recaptcha.google.com/recaptcha/"),
    }
}


def content_security_policy(
    browser: BrowserOrigins = OWN, *, client_parts: frozenset[str] = frozenset()
) -> str:
    """The policy of a page: our own scripts and styles, nothing inline, nothing framed; images,
    frames and fonts of the origins that the app declares besides (hard-cases 39), and what these
    parts of the client load."""
    parts: dict[str, tuple[str, ...]] = {
        "default-src": ("'none'",),
        "script-src": ("'self'",),
        "style-src": ("'self'",),
        "connect-src": ("'self'",),
        "img-src": ("'self'", "data:", *browser.images),
        "font-src": ("'self'", *browser.fonts),
        "form-action": ("'self'",),
        "base-uri": ("'none'",),
        "object-src": ("'none'",),
        "frame-ancestors": ("'none'",),
    }
    if browser.frames:
        parts["frame-src"] = browser.frames
    for name in sorted(client_parts & FOREIGN.keys()):
        for directive, sources in FOREIGN[name].items():
            parts[directive] = (*parts.get(directive, ()), *sources)
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in parts.items())


def permissions_policy(*, locates: bool = False) -> str:
    """What a page may ask of the device: its position, where its code does so, and nothing else."""
    return f"camera=(), geolocation=({'self' if locates else ''}), microphone=()"


class SecurityHeaders:
    """Adds what is missing; an answer that says something of its own keeps it."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": content_security_policy(),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            # Not `no-referrer`: with it browsers post `Origin: null` (hard-cases 10).
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": permissions_policy(),
            "Cache-Control": NO_STORE,
        }
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
