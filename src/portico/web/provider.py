"""Sign-in with an OpenID provider: the addresses under `/<app>/_auth/` (`docs/design/oidc.md`).

`start` leads there, `callback` is where the provider sends the browser back to, `leave` and `signed-out` are
the same for a log-out, `failed` says what went wrong. What a provider writes into an address is never shown,
and no address that it wrote stays in the browser.
"""

from typing import NoReturn

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from portico.auth.redirects import safe_next, site_path
from portico.auth.timeline import SignedIn
from portico.errors import CrossSiteRefused, PageNotFound, PorticoError, SignInRefused
from portico.model.app import App
from portico.model.query import Contract
from portico.runtime.authorization import PROVIDER, authorization
from portico.runtime.outcome import Alert
from portico.ui.render import render_enter, render_leave, render_problem
from portico.web import agents
from portico.web.origin import accepts_write, may_write_on_get
from portico.web.problems import problem_of
from portico.web.service import Service
from portico.web.signins import Begun
from portico.web.views import html

#: What the user is told for errors that a provider answers with (RFC 6749, 4.1.2.1; OpenID Connect
#: Core, 3.1.2.6): its own words are not shown.
WORDS = {
    "access_denied": "The sign-in was cancelled.",
    "login_required": "The provider asks you to sign in there first. Please try again.",
    "interaction_required": "The provider needs you to do something there first. Please try again.",
    "consent_required": "The provider needs your consent. Please try again.",
    "account_selection_required": "The provider needs to know which account is meant. Please try again.",
    "temporarily_unavailable": "The provider is not available right now. Please try again in a moment.",
    "server_error": "The provider could not sign you in right now. Please try again in a moment.",
}
NOT_BEGUN = "This sign-in was not begun in this browser, took too long, or is over. Please try again."
FAILED = "The sign-in could not be confirmed. Please try again."


class ProviderPages:
    """The endpoints."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """Below every app; those without a provider have none of them."""
        return [
            Route("/{app}/_auth/start", self.start, methods=["GET", "POST"]),
            Route("/{app}/_auth/callback", self.callback),
            Route("/{app}/_auth/leave/{key}", self.leave),
            Route("/{app}/_auth/signed-out", self.signed_out),
            Route("/{app}/_auth/failed", self.failed),
        ]

    async def start(self, request: Request) -> Response:
        """To the provider, if a page of ours, or the user, led here. Whoever comes from elsewhere is asked
        first (login CSRF, P20)."""
        service = self._service
        app, contract = self._app(request)
        posted = request.method == "POST"
        if posted and not accepts_write(request.headers, service.site.origins):
            raise CrossSiteRefused("the browser does not say that this came from a page of ours")
        service.pace.count(service.site.address_of(request))
        own = service.site.origins[0]
        if not posted and service.site.origin_of(request) != own:
            # The provider sends the browser back to the public address: its cookies must be there.
            return RedirectResponse(f"{own}{_here(request)}", 303)
        if not posted and not may_write_on_get(request.headers):
            host = _host(app, contract, request)
            return html(render_enter(service.assets, app=app, host=host, action=_here(request)), app)
        home = site_path(app.slug, contract.home_page, {})
        back = safe_next(request.query_params.get("next"), default=home, under=f"/{app.slug}/")
        begun, cookies = service.signins.begin(request, app, back)
        if contract.provider is not None:
            address = await service.providers.address(app, begun.attempt)
        else:
            address = authorization(app, begun.attempt, request.query_params.get("provider", ""))
        # Browsers stop a form post that ends at another origin (hard-cases 24).
        leave = render_leave(address, service.assets, app=app) if posted else None
        response = html(leave, app) if leave is not None else RedirectResponse(address, 303)
        service.signins.write(response, cookies)
        return response

    async def callback(self, request: Request) -> Response:
        """From the provider, on to a clean address whatever it brings."""
        service = self._service
        app, contract = self._app(request)
        service.pace.count(service.site.address_of(request))
        begun = service.signins.find(request, app, _one(request, "state") or "")
        try:
            response = await self._signed_in(request, app, contract, begun)
        except PorticoError as error:
            problem = problem_of(error, request)
            response = RedirectResponse(f"/{app.slug}/_auth/failed", 303)
            service.flash.send(response, app, [Alert(problem.message, "error"), Alert(problem.id)])
        if begun is not None:
            service.signins.end(response, app, begun)
        return response

    async def leave(self, request: Request) -> Response:
        """To the provider, to sign out there; back to the entry page where it has no such address."""
        service = self._service
        app, contract = self._app(request)
        id_token = await service.farewells.collect(app, request.path_params["key"])
        back = f"{service.site.origins[0]}/{app.slug}/_auth/signed-out"
        address = await service.providers.farewell(app, id_token, back=back)
        return RedirectResponse(address or str(site_path(app.slug, contract.entry_page, {})), 303)

    async def signed_out(self, request: Request) -> Response:
        """From the provider after that."""
        app, contract = self._app(request)
        return RedirectResponse(str(site_path(app.slug, contract.entry_page, {})), 303)

    async def failed(self, request: Request) -> Response:
        """What went wrong, in our words, and the way to try again: nobody is led there (P96)."""
        service = self._service
        app, contract = self._app(request)
        told = [alert.message for alert in service.flash.read(request, app)]
        page = render_problem(
            service.assets,
            title="Sign-in failed",
            message=told[0] if told else FAILED,
            id=told[1] if len(told) > 1 else "",
            back=str(site_path(app.slug, contract.entry_page, {})),
            back_text="Back to the sign-in",
            app=app,
        )
        response = html(page, app, status=403)
        service.flash.forget(request, response, app)
        return response

    async def _signed_in(
        self, request: Request, app: App, contract: Contract, begun: Begun | None
    ) -> Response:
        service = self._service
        if begun is None:
            _refuse("a state that this browser did not begin with", NOT_BEGUN)
        if not await service.manager.spend(app.slug, begun.attempt.state, until=begun.until):
            _refuse("a state that came before", NOT_BEGUN)
        if contract.provider is not None:
            await service.providers.came_from(app, _one(request, "iss"))
        if (error := _one(request, "error")) is not None:
            _refuse(f"the provider answered {error[:80]!a}", WORDS.get(error, FAILED))
        code = _one(request, "code")
        if code is None:
            _refuse("an answer without a code", FAILED)
        if contract.provider is not None:
            granted = await service.providers.enter(app, begun.attempt, code)
        else:
            granted = await service.contract.exchange(app, begun.attempt, code, service.visits.witness(app))
        current = await service.sessions.resume(request, app)
        if contract.provider is not None and current and not service.providers.knows(app, current):
            await service.manager.sign_out(current, why="another user", cause="of another provider")
            current = None
        session = await service.manager.sign_in(
            granted,
            app=app.slug,
            current=current,
            keep=contract.keep,
            renewable=contract.refresh is not None,
            brief=not contract.persist,
            revoke=current is not None and service.keeper.revokes(app, current),
            how=SignedIn(by="provider", name=contract.provider.host if contract.provider is not None else ""),
            agent=agents.named(request.headers.get("user-agent", "")),
        )
        response = RedirectResponse(str(begun.back), 303)
        service.sessions.remember(response, app, session)
        return response

    def _app(self, request: Request) -> tuple[App, Contract]:
        app = self._service.app_of(request)
        if app.contract is None or (app.contract.provider is None and app.contract.authorize is None):
            raise PageNotFound("the app has no provider")
        return app, app.contract


def _one(request: Request, name: str) -> str | None:
    """A parameter that is there once; an answer that has it twice is none."""
    found = request.query_params.getlist(name)
    if len(found) > 1:
        return None if name == "state" else ""
    return found[0] if found else None


def _host(app: App, contract: Contract, request: Request) -> str:
    """Where the user is to sign in, in words for the user."""
    if contract.provider is None:
        name = request.query_params.get("provider", "")
        if not PROVIDER.fullmatch(name):
            raise PageNotFound("the app has no such provider")
        return name
    return contract.provider.host


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _refuse(detail: str, message: str) -> NoReturn:
    raise SignInRefused(detail, message=message)
