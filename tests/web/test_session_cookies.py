"""The session cookie behind https (promise 1, hard-cases 14)."""

from starlette.requests import Request
from starlette.responses import Response

from portico.auth.evidence import Confirmed
from portico.auth.manager import SessionManager
from portico.clock import Clock
from portico.definition.load import load
from portico.model.app import App
from portico.model.identity import Identity
from portico.stores.address import open_stores
from portico.ui.widgets import CATALOGUE
from portico.values import Secret
from portico.web.sessions import Sessions
from portico.web.site import Site
from tests.journeys.servers import EXAMPLES

HTTPS = Site(origins=("https://apps.example.com",), port=8000)


def example() -> App:
    """The example app, compiled."""
    app = load(EXAMPLES / "jwt-login", types=CATALOGUE, settings={}).app
    assert app is not None
    return app


def cookies_of(response: Response) -> dict[str, list[str]]:
    """Name=value of every cookie that an answer sets, with its attributes."""
    headers = [value.decode() for name, value in response.raw_headers if name == b"set-cookie"]
    return {
        parts[0]: parts[1:] for parts in ([part.strip() for part in header.split(";")] for header in headers)
    }


def asking(cookie: str) -> Request:
    """A request with this Cookie header."""
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"cookie", cookie.encode())]})


async def test_behind_https_the_cookie_is_bound_to_the_host() -> None:
    """`__Host-`, Secure, HttpOnly, Lax, Path=/ and no Domain; a visitor's cookie beside it."""
    clock, app = Clock(), example()
    stores = open_stores("memory:", clock=clock)
    manager = SessionManager(
        stores.sessions, stores.index, stores.visits, stores.outbox, stores.timeline, clock, stores.key
    )
    sessions = Sessions(manager, HTTPS)
    visitor = await manager.begin(app.slug)
    user = await manager.sign_in(
        Confirmed(token=Secret("t" * 40), identity=Identity(uid="1")), app=app.slug, current=visitor
    )
    response = Response()
    sessions.remember(response, app, user)
    cookies = cookies_of(response)
    name = "__Host-portico.jwt-login"
    value = user.ticket.cookie_value()
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookies[f"{name}={value}"])
    assert not any(part.lower().startswith("domain") for parts in cookies.values() for part in parts)
    assert any(found.startswith(f"{name}.visitor=") for found in cookies), (
        "what the visitor had is taken back"
    )

    resumed = await sessions.resume(asking(f"{name}={value}"), app)
    assert resumed is not None
    assert resumed.identity == Identity(uid="1")
    for other in (f"portico-8000.jwt-login={value}", f"{name}.visitor={value}", f"portico={value}"):
        assert await sessions.resume(asking(other), app) is None, "under no other name"
    await stores.close()
