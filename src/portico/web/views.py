"""From a visit to what `ui` renders, and HTML answers."""

from collections.abc import Mapping, Sequence

from starlette.responses import Response

from portico.auth.session import Session
from portico.model.app import App
from portico.runtime.outcome import Alert
from portico.runtime.visit import Visit
from portico.ui.view import PageView
from portico.web.headers import content_security_policy
from portico.web.service import Service


def view(
    service: Service, visit: Visit, session: Session | None, alerts: Sequence[Alert], loading: bool
) -> PageView:
    """The page as this visitor sees it now."""
    return PageView(
        app=visit.app,
        page=visit.page,
        assets=service.assets,
        props=visit.surface.props,
        visit=visit.id,
        n=visit.answered,
        session_tag=session.tag if session else "",
        alerts=alerts,
        loading=loading,
        entry_url=str(service.start_path(visit.app, None)),
    )


def html(
    body: str | bytes, app: App | None = None, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An HTML answer, with the app's own policy where it has one."""
    response = Response(body, status, headers=headers, media_type="text/html")
    if app is not None:
        response.headers["Content-Security-Policy"] = content_security_policy(app.browser)
    return response
