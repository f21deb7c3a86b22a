"""What every request of this server needs, put together once at start."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request

from portico.auth import guard
from portico.auth.manager import SessionManager
from portico.auth.redirects import safe_next, site_path
from portico.auth.session import Session
from portico.clock import Clock
from portico.errors import PageNotFound
from portico.model.app import App
from portico.model.page import Page
from portico.runtime.dispatcher import Dispatcher
from portico.runtime.rules import Rules
from portico.runtime.visits import Visitor, Visits
from portico.sandbox.pool import Pool
from portico.ui.assets import Assets
from portico.values import SitePath
from portico.web.flash import Flash
from portico.web.handover import Handover
from portico.web.origin import may_write_on_get
from portico.web.pace import Pace
from portico.web.sessions import Sessions
from portico.web.site import Site


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """The parts of a running server. `cached` holds pages that are the same for everybody."""

    apps: Mapping[str, App]
    site: Site
    clock: Clock
    pool: Pool
    manager: SessionManager
    sessions: Sessions
    visits: Visits
    dispatcher: Dispatcher
    assets: Assets
    flash: Flash
    pace: Pace
    rules: Rules
    handover: Handover
    cached: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def app_of(self, request: Request) -> App:
        """The app that the matched route names. Raises PageNotFound."""
        app = self.apps.get(request.path_params["app"])
        if app is None:
            raise PageNotFound("no such app")
        return app

    async def decide(
        self, app: App, request: Request, session: Session | None
    ) -> tuple[Page | None, guard.Decision]:
        """The page that the matched route names, and the guard's decision about it.

        The route's own parameters decide, never the raw path (promises 32, 127). A missing page
        is decided like a forbidden one.
        """
        page = app.pages.get(request.path_params["page"])
        rule = await self.rules.value(app, page, session) if page else None
        identity = session.identity if session else None
        return page, guard.decide(page.access if page else None, identity, rule=rule)

    def visitor(self, app: App, request: Request, session: Session | None) -> Visitor:
        """Who asks, for the runtime."""
        return Visitor(
            session=session,
            here=site_path(app.slug, request.path_params["page"], dict(request.query_params)),
            url=self.site.url_of(request),
            address=self.site.address_of(request),
            return_to=self._return_to(app, request),
            may_write=request.method == "POST" or may_write_on_get(request.headers),
        )

    def _return_to(self, app: App, request: Request) -> SitePath | None:
        wanted = request.query_params.get("next")
        if wanted is None or app.contract is None:
            return None
        home = site_path(app.slug, app.contract.home_page, {})
        return safe_next(wanted, default=home, under=f"/{app.slug}/")

    def sign_in_path(self, app: App, request: Request) -> SitePath:
        """The entry page, with the way back here."""
        if app.contract is None:
            raise PageNotFound("a guarded page in an app without a contract")
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return site_path(app.slug, app.contract.entry_page, {"next": here})

    def start_path(self, app: App, session: Session | None) -> SitePath:
        """Where `/<app>/` leads: home when signed in, else the entry page."""
        if app.contract is None:
            return site_path(app.slug, app.home, {})
        page = app.contract.home_page if session and session.signed_in else app.contract.entry_page
        return site_path(app.slug, page, {})
