"""Pages of the auth server itself: HTML for people at this machine, and for nobody else."""

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from hashlib import sha256
from ipaddress import ip_address

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;"
    "color:#1c2333;background:#fff}"
    "label{display:block;margin:.8rem 0}input:not([type=checkbox]){display:block;width:100%;"
    "box-sizing:border-box;padding:.4rem;font:inherit}"
    "button{font:inherit;padding:.4rem 1rem;margin-right:.5rem}"
    "article{border-top:1px solid #c6ccd8;padding:.8rem 0;overflow-wrap:anywhere}"
    "small{color:#4a5368}code{font-size:1.2em}"
)
_PAGE = Markup(
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    "<title>{title}</title><style>{style}</style></head><body><main><h1>{title}</h1>{content}</main></body></html>"
)
# `form-action` is left out: browsers hold the redirects after a form against it, and they lead to the app.
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Not `no-referrer`, under which a form's own page would pass for another origin.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.\-]{1,255})(?::[0-9]{1,5})?")

Handler = Callable[[Request], Awaitable[Response]]


def page(title: str, content: Markup) -> HTMLResponse:
    """A page. Nothing in it runs, nothing is fetched, nobody may frame or keep it (P24)."""
    html = _PAGE.format(title=title, style=Markup(_STYLE), content=content)  # noqa: S704 (our own style)
    return HTMLResponse(html, headers=_HEADERS)


def local(handler: Handler) -> Handler:
    """Let only requests through that come from this machine, and that name it.

    A page of another site cannot ask in the name of its own host, however that host is resolved: the name is
    in the request. Nor can it read, since whoever asks across origins says so.
    """

    async def checked(request: Request) -> Response:
        if not is_local(request):
            return PlainTextResponse("This page is for the machine that the auth server runs on.\n", 403)
        return await handler(request)

    return checked


def is_local(request: Request) -> bool:
    """Whether the client, the host that it names and the page that it asks from are of this machine."""
    client = request.client.host if request.client else ""
    named = request.headers.get("host", "")
    host = _HOST.fullmatch(named)
    origin = request.headers.get("origin", "")
    if host is None or not is_loopback(client) or not is_loopback(host[1]):
        return False
    return origin in ("", f"{request.url.scheme}://{named}")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: `localhost`, or a loopback address as it is usually written."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False
