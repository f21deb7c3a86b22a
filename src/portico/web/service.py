"""What every request of this server needs, put together once at start."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from portico.auth import guard
from portico.auth.directory import History
from portico.auth.manager import SessionManager
from portico.auth.redirects import safe_next, site_path
from portico.auth.session import Session
from portico.auth.standing import Over, Unconfirmed
from portico.auth.timeline import Denied, Reason
from portico.clock import Clock
from portico.culture.culture import Culture, culture_of
from portico.errors import PageNotFound, RolesUnknown, StoreUnavailable
from portico.model.access import Public, SignedIn
from portico.model.app import App
from portico.model.page import Page
from portico.runtime.contract import ContractRunner
from portico.runtime.dispatcher import Dispatcher
from portico.runtime.effects import ENDED
from portico.runtime.outcome import Alert, Navigation, ToSignIn, ToSignOut, Update
from portico.runtime.provider import Providers
from portico.runtime.rules import Rules
from portico.runtime.uploads import Uploads
from portico.runtime.upstream import Keeper
from portico.runtime.visitor import Visitor
from portico.runtime.visits import Visits
from portico.sandbox.pool import Pool
from portico.ui.assets import Assets
from portico.ui.view import Link
from portico.values import SitePath
from portico.web import agents
from portico.web.dev import Dev
from portico.web.document import Document
from portico.web.expectation import Expectation
from portico.web.farewells import Farewells
from portico.web.flash import Flash
from portico.web.handing import Handing
from portico.web.handover import Handover
from portico.web.origin import may_write_on_get
from portico.web.pace import Pace
from portico.web.sessions import Sessions
from portico.web.signins import SignIns
from portico.web.site import Site

log = logging.getLogger("portico.web")

#: What users are told whose session is over, by the reason. Of their own log-out they know.
WORDS: Mapping[Reason, str] = {
    "idle": "You were signed out because you were not here for a while. Please sign in again.",
    "absolute": "Your session has reached its longest time. Please sign in again.",
    "operator": "Your session was ended by an administrator. Please sign in again.",
    "provider": "Your session at the sign-in provider has ended. Please sign in again.",
    "own list": "This session was ended from another one of yours. Please sign in again.",
    "too many": "You signed in elsewhere, so this session, your oldest, was ended. Please sign in again.",
}
#: What the client keeps the browser's time zone in (`ui/static/portico.js`).
ZONE_COOKIE = "tz"


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """The parts of a running server. `cached` holds pages that are the same for everybody, by app, its
    version and page; `denied` hears of pages that were not opened, by app and reason; `dev` is what
    `portico dev` adds."""

    apps: dict[str, App]
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
    keeper: Keeper
    handover: Handover
    expectation: Expectation
    handing: Handing
    contract: ContractRunner
    providers: Providers
    signins: SignIns
    farewells: Farewells
    uploads: Uploads
    denied: Callable[[str, str], None]
    dev: Dev | None = None
    cached: dict[tuple[str, str, str], Document] = field(default_factory=dict)

    def install(self, app: App) -> None:
        """Serve this version of an app from now on, and let go of the one before."""
        before = self.apps.get(app.slug)
        self.assets.add(app)
        self.apps[app.slug] = app
        self.sessions.admit(app)
        for key in [key for key in self.cached if key[0] == app.slug]:
            del self.cached[key]
        if before is not None:
            self.visits.retire(before)
            self.pool.retire(before.key)

    def app_of(self, request: Request) -> App:
        """The app that the matched route names. Raises PageNotFound."""
        app = self.apps.get(request.path_params["app"])
        if app is None:
            raise PageNotFound("no such app")
        return app

    async def history_of(self, request: Request, slug: str) -> History | None:
        """The timeline of the session that a request comes with, for `portico dev`. None without one, and
        where the store cannot be asked."""
        app = self.apps.get(slug)
        if app is None:
            return None
        try:
            session = await self.sessions.resume(request, app)
            if session is None or not session.signed_in:
                return None
            return await self.manager.directory.history(self.manager.id_of(session))
        except StoreUnavailable:
            return None

    async def decide(self, app: App, request: Request, session: Session | None) -> "Decided":
        """The page that the matched route names, and the guard's decision about it.

        The route's own parameters decide, never the raw path (promises 32, 127). A missing page
        is decided like a forbidden one. Raises RolesUnknown.
        """
        page, unconfirmed, ended = app.pages.get(request.path_params["page"]), False, False
        asked = page is not None and not isinstance(page.access, Public)
        # What the user is to this app shows on public pages, too.
        if session is not None and page is not None and (asked or session.joining):
            # An action on a page for all who are signed in does not wait: nobody could log out meanwhile.
            waits = request.method != "POST" or not isinstance(page.access, SignedIn)
            verdict = await self.keeper.verdict(app, session, waits=waits)
            unconfirmed, ended = isinstance(verdict, Unconfirmed), isinstance(verdict, Over)
            session = await self.keeper.end(app, verdict.session) if ended else verdict.session
        rule = await self.rules.value(app, page, session) if page and not unconfirmed else None
        decision = guard.decide(
            page.access if page else None,
            session.identity if session else None,
            rule=rule,
            unconfirmed=unconfirmed,
        )
        words = ENDED if ended else ""
        if isinstance(decision, guard.SignIn) and not ended:
            reason = await self.manager.why_ended(app.slug, self.sessions.value(request, app))
            words = WORDS.get(reason, "") if reason is not None else ""
        if not isinstance(decision, guard.Allow):
            signed_in = session is not None and session.signed_in
            self.denied(app.slug, str(decision.reason))
            log.info(
                "not opened",
                extra={
                    "app": app.slug,
                    "page": request.path_params["page"][:80],
                    "reason": str(decision.reason),
                    **({"session": self.manager.id_of(session)} if session is not None and signed_in else {}),
                },
            )
            if page is not None:
                self.manager.timelines.note(session, Denied(page=page.name, reason=str(decision.reason)))
        if isinstance(decision, guard.Unsure):
            raise RolesUnknown(f"{decision}")
        return Decided(page=page, decision=decision, session=session, ended=words)

    async def links(self, app: App, page: Page, session: Session | None) -> tuple[Link, ...]:
        """The app's navigation as this visitor has it: pages that the guard would open to them now, no
        others. Raises ScriptFailed if the sandbox cannot be used."""
        if app.navigation is None or not app.navigates(page):
            return ()
        open_ones = [
            each
            for each in map(app.pages.__getitem__, app.navigation.pages)
            if await self._may_open(app, each, session)
        ]
        return tuple(
            Link(title=each.title, url=str(site_path(app.slug, each.name, {})), current=each is page)
            for each in open_ones
        )

    async def _may_open(self, app: App, page: Page, session: Session | None) -> bool:
        rule = await self.rules.value(app, page, session)
        identity = session.identity if session else None
        return isinstance(guard.decide(page.access, identity, rule=rule, unconfirmed=False), guard.Allow)

    def visitor(self, app: App, request: Request, session: Session | None) -> Visitor:
        """Who asks, for the runtime."""
        return Visitor(
            session=session,
            here=site_path(app.slug, request.path_params["page"], dict(request.query_params)),
            url=self.site.url_of(request),
            address=self.site.address_of(request),
            agent=agents.named(request.headers.get("user-agent", "")),
            culture=self._culture(app, request),
            return_to=self._return_to(app, request),
            may_write=request.method == "POST" or may_write_on_get(request.headers),
            expected=self.expectation.holds(request, app),
            handed=self.handing.read(request, app) if request.method == "GET" else None,
        )

    def settle(
        self, request: Request, response: Response, app: App, before: Session | None, update: Update
    ) -> None:
        """The cookies that an update comes with."""
        after = update.session
        if before is not None and before.signed_in and (after is None or not after.signed_in):
            self.sessions.forget(response, app)
        if after is not None and _is_news(before, after):
            self.sessions.remember(response, app, after)
        if update.returned:
            self.expectation.end(request, response, app)
        elif update.started:
            self.expectation.begin(response, app)

    def part(self, response: Response, app: App, decided: "Decided") -> Response:
        """The answer that leads to the entry page; the user is told, once, why a session is over."""
        if decided.ended:
            self.flash.send(response, app, (Alert(decided.ended, "error"),))
            self.sessions.forget(response, app)
            if decided.session is not None:
                self.sessions.remember(response, app, decided.session)
        return response

    def _culture(self, app: App, request: Request) -> Culture:
        """Language and time zone: the header's and the cookie's, else the app's."""
        return culture_of(
            request.headers.get("accept-language", ""),
            request.cookies.get(ZONE_COOKIE),
            fallback=Culture(app.locale, app.timezone),
        )

    def _return_to(self, app: App, request: Request) -> SitePath | None:
        wanted = request.query_params.get("next")
        if wanted is None or app.contract is None:
            return None
        home = site_path(app.slug, app.contract.home_page, {})
        return safe_next(wanted, default=home, under=f"/{app.slug}/")

    async def way(self, app: App, to: Navigation | None) -> SitePath | None:
        """Our address from which a browser goes on to the app's provider; None where it goes elsewhere.
        Raises StoreUnavailable."""
        if isinstance(to, ToSignIn):
            start = site_path(app.slug, "_auth", {})
            asked = {"next": str(to.back), **({"provider": to.provider} if to.provider else {})}
            return SitePath(f"{start}/start?{urlencode(asked, quote_via=quote)}")
        if isinstance(to, ToSignOut):
            return SitePath(f"/{app.slug}/_auth/leave/{await self.farewells.offer(app, to.id_token)}")
        return None

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """What the guard said of a page, and the session as the auth API has it by now; `ended`: what its user is
    told if it is over."""

    page: Page | None
    decision: guard.Decision
    session: Session | None
    ended: str


def _is_news(before: Session | None, after: Session) -> bool:
    """Whether the browser's cookie does not say all of it."""
    return before is None or (before.ticket, before.expires_at) != (after.ticket, after.expires_at)
