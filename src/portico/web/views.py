"""From a visit to what `ui` renders, and HTML answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from starlette.responses import RedirectResponse, Response

from portico.model.app import App
from portico.model.page import Page
from portico.runtime.outcome import Alert, ToSignIn, ToSignOut, ToUrl, Update
from portico.runtime.visit import Visit
from portico.ui.render import render_leave
from portico.ui.view import PageView
from portico.web.headers import content_security_policy, permissions_policy
from portico.web.service import Service


def view(service: Service, visit: Visit, update: Update, alerts: Sequence[Alert] = ()) -> PageView:
    """The page as this visitor sees it now; `alerts` came along with the way here."""
    session, requests = update.session, update.requests
    return PageView(
        app=visit.app,
        page=visit.page,
        assets=service.assets,
        props=visit.surface.props,
        visit=visit.id,
        n=visit.ledger.answered.highest,
        session_tag=session.tag if session else "",
        alerts=(*alerts, *update.alerts),
        loading=update.loading,
        asked=update.asked,
        files=requests.files,
        copied=requests.copied,
        entry_url=str(service.start_path(visit.app, None)),
        zone=visit.culture.zone if visit.page.zoned and visit.culture is not None else None,
    )


async def document(service: Service, visit: Visit, update: Update, alerts: Sequence[Alert] = ()) -> PageView:
    """The same with the app's links, for a whole page. Raises ScriptFailed."""
    links = await service.links(visit.app, visit.page, update.session)
    return replace(view(service, visit, update, alerts), links=links)


async def departure(service: Service, app: App, update: Update) -> Response:
    """The answer that leads to another page, as one that no script reads. Raises StoreUnavailable."""
    match update.navigation:
        case None:
            raise ValueError("it leads nowhere")
        case ToUrl(url=url):
            # Browsers stop a form post that ends at another origin (hard-cases 24).
            return html(render_leave(url, service.assets, app=app), app)
        case ToSignIn() | ToSignOut() as to_provider:
            way = f"{service.site.origins[0]}{await service.way(app, to_provider)}"
            return html(render_leave(way, service.assets, app=app, to=_whereto(app, to_provider)), app)
        case to_page:
            response = RedirectResponse(str(to_page.path), 303)
            service.flash.send(response, app, update.alerts)
            if update.handed is not None:
                service.handing.send(response, app, to_page, update.handed)
            return response


def _whereto(app: App, to: ToSignIn | ToSignOut) -> str | None:
    """The host of the app's provider, or the name of the one that its auth API knows."""
    if isinstance(to, ToSignIn) and to.provider is not None:
        return to.provider
    provider = app.contract.provider if app.contract is not None else None
    return provider.host if provider is not None else None


def html(
    body: str | bytes,
    app: App | None = None,
    page: Page | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An HTML answer, with the policies of its app and page where they have some of their own."""
    response = Response(body, status, headers=headers, media_type="text/html")
    if app is not None:
        parts = page.parts if page is not None else frozenset()
        response.headers["Content-Security-Policy"] = content_security_policy(app.browser, client_parts=parts)
    if page is not None and page.locates:
        response.headers["Permissions-Policy"] = permissions_policy(locates=True)
    return response
