"""The server as an ASGI application: routes, start and end, errors."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from portico.auth.api import AuthApi
from portico.auth.limits import SessionLimits
from portico.auth.manager import SessionManager
from portico.auth.passing import Passing
from portico.auth.refresh import LIMITS, Limits
from portico.clock import Clock
from portico.errors import PageNotFound, PorticoError
from portico.model.app import App
from portico.model.widget import WidgetType
from portico.runtime.attempts import Attempts
from portico.runtime.callees import Callees
from portico.runtime.contract import ContractRunner
from portico.runtime.digests import Digests
from portico.runtime.dispatcher import Dispatcher
from portico.runtime.functions import Functions
from portico.runtime.provider import Providers
from portico.runtime.rules import Rules
from portico.runtime.uploads import Uploads
from portico.runtime.visits import Visits
from portico.sandbox.pool import Pool
from portico.stores.stores import Stores
from portico.ui.assets import CACHE_CONTROL, PREFIX, Assets
from portico.ui.render import render_broken, render_problem
from portico.ui.widgets import CATALOGUE
from portico.values import Secret
from portico.web.back_channel import BackChannel
from portico.web.background import lasting
from portico.web.dev import Dev
from portico.web.events import NDJSON, Events
from portico.web.expectation import Expectation
from portico.web.farewells import Farewells
from portico.web.flash import Flash
from portico.web.framing import Framing
from portico.web.handing import Handing
from portico.web.handover import Handover
from portico.web.headers import SecurityHeaders
from portico.web.health import Drain, Health, LastAnswers
from portico.web.measured import (
    MeasuredClient,
    MeasuredDatabases,
    MeasuredKeeper,
    MeasuredManager,
    MeasuredRefresher,
    measured_stores,
)
from portico.web.metrics import MeasuredRequests, Metrics
from portico.web.pace import Pace
from portico.web.pages import Pages
from portico.web.problems import problem_of
from portico.web.provider import ProviderPages
from portico.web.service import Service
from portico.web.sessions import Sessions
from portico.web.signins import SignIns
from portico.web.site import Site
from portico.web.uploads import Uploading
from portico.web.views import html

log = logging.getLogger("portico.web")

#: Seconds between two sweeps.
SWEEP_EVERY = 600.0


def create_app(
    apps: Sequence[App],
    *,
    site: Site,
    stores: Stores,
    key: Secret,
    clock: Clock,
    listening: Sequence[tuple[str, int]] = (),
    types: Mapping[str, WidgetType] = CATALOGUE,
    dev: Dev | None = None,
    renewals: Limits = LIMITS,
    drain: Drain | None = None,
    metrics: Metrics | None = None,
    trusted: Mapping[str, Path] | None = None,
) -> ASGIApp:
    """Portico serving `apps`, each under `/<slug>/`.

    `key` is the server key (cookies and tags are signed with it), `listening` the addresses that
    this server itself listens on, which no query may call (P42). The stores are closed with it.
    With `dev`, apps are replaced as it says, and pages get its panel. `renewals` says how long renewing a
    token may take. When `drain` has begun it says that it is not ready. Into `metrics` goes what is
    counted and timed. `trusted` are the folders of the apps whose functions of Python may run, by slug.
    """
    served = {app.slug: app for app in apps}
    metrics = metrics or Metrics()
    stores = measured_stores(stores, metrics)
    pool = Pool(turned=metrics.turned)
    client = MeasuredClient(clock=clock, own_ports=listening, metrics=metrics)
    databases = MeasuredDatabases(clock=clock, own_ports=listening, metrics=metrics)
    callees = Callees(client, databases, Functions(clock=clock, trusted=trusted))
    manager = MeasuredManager(
        stores.sessions,
        stores.index,
        stores.visits,
        stores.outbox,
        stores.timeline,
        clock,
        key,
        limits_of=lambda slug: limits_of(served.get(slug)),
        metrics=metrics,
    )
    providers = Providers(pool=pool, client=client, clock=clock)
    contract = ContractRunner(pool=pool, client=callees, clock=clock, providers=providers)
    refresher = MeasuredRefresher(manager, clock, renewals, metrics=metrics)
    uploads = Uploads(clock)
    visits = Visits(
        types=types,
        pool=pool,
        client=callees,
        contract=contract,
        attempts=Attempts(stores.tally, key),
        digests=Digests(),
        manager=manager,
        records=manager.visits,
        clock=clock,
        uploads=uploads,
        observer=dev.journal if dev else None,
    )
    metrics.watch("visits", "Pages that this process holds.", lambda: visits.count)
    metrics.watch("workers", "Processes that run scripts.", lambda: sum(map(len, pool.workers.values())))
    sessions = Sessions(manager, site)
    for app in apps:
        sessions.admit(app)
    passing = Passing(stores.sessions, clock)
    service = Service(
        apps=served,
        site=site,
        clock=clock,
        pool=pool,
        manager=manager,
        sessions=sessions,
        visits=visits,
        dispatcher=Dispatcher(
            visits=visits, contract=contract, manager=manager, refresher=refresher, clock=clock
        ),
        keeper=MeasuredKeeper(
            contract=contract, manager=manager, refresher=refresher, clock=clock, metrics=metrics
        ),
        assets=Assets(apps, dev=dev is not None),
        flash=Flash(site, key),
        pace=Pace(clock),
        rules=Rules(pool, clock),
        handover=Handover(served, sessions, manager, passing),
        expectation=Expectation(site, key, clock),
        handing=Handing(site),
        contract=contract,
        providers=providers,
        signins=SignIns(site, key, clock),
        farewells=Farewells(passing),
        uploads=uploads,
        denied=metrics.denied,
        dev=dev,
    )

    def api_of(slug: str) -> AuthApi | None:
        app = service.apps.get(slug)
        return service.keeper.api(app) if app is not None else None

    if dev is not None:
        dev.follow(manager, service.history_of)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(stores.close)
            await stack.enter_async_context(pool)
            await stack.enter_async_context(client)
            await stack.enter_async_context(callees)
            stack.push_async_callback(manager.timelines.close)
            stack.push_async_callback(manager.revocations.close)
            stack.push_async_callback(refresher.close)
            stack.push_async_callback(service.keeper.close)
            stack.push_async_callback(visits.close)
            manager.revocations.serve(api_of)
            for work in (partial(_sweep, manager), manager.revocations.work, manager.timelines.work):
                stack.callback(asyncio.create_task(lasting(work)).cancel)
            if dev is not None:
                watching = asyncio.create_task(dev.watch(service.install))
                stack.callback(watching.cancel)
            yield

    drain = drain or Drain()
    health = Health(stores.sessions, drain, up=lambda: pool.open_for_work, apps=lambda: bool(served))
    pages, events = Pages(service), Events(service)
    application = Starlette(
        routes=[
            Route("/", pages.index),
            Route(f"{PREFIX}{{path:path}}", Own(service).asset),
            Route("/_portico/alive", Own(service).alive),
            *health.routes(),
            *(dev.routes() if dev else ()),
            Route("/{app}", pages.start),
            Route("/{app}/", pages.start),
            Route("/{app}/_files/{name:path}", pages.file),
            Route("/{app}/_continue/{key}", service.handover.collect),
            *ProviderPages(service).routes(),
            *BackChannel(service).routes(),
            Route("/{app}/{page}", pages.page, methods=["GET"]),
            Route("/{app}/{page}", events.post, methods=["POST"]),
            Route("/{app}/{page}/_uploads", Uploading(service).post, methods=["POST"]),
        ],
        middleware=[Middleware(Framing)],
        exception_handlers={
            PorticoError: Errors(service).answer,
            HTTPException: Errors(service).answer,
            Exception: Errors(service).answer,
        },
        lifespan=lifespan,
    )
    # A redirect to the same address without its last slash would be made of the Host header.
    application.router.redirect_slashes = False
    # Around everything, the answer to an exception nobody expected included.
    measured = MeasuredRequests(application, metrics)
    return LastAnswers(SecurityHeaders(measured, secure=site.secure), drain)


def limits_of(app: App | None) -> SessionLimits:
    """The limits of an app's sessions."""
    contract = app.contract if app is not None else None
    if contract is None:
        return SessionLimits()
    return SessionLimits(
        absolute=contract.absolute_timeout,
        idle=contract.idle_timeout,
        per_user=contract.sessions_per_user,
    )


async def _sweep(manager: SessionManager) -> None:
    """Now and then, delete what has expired; readers ignore it anyway."""
    while True:
        try:
            await manager.sweep()
        except PorticoError as error:
            log.warning("not swept", extra={"code": error.code, "detail": error.detail})
        await asyncio.sleep(SWEEP_EVERY)


@dataclass(frozen=True, slots=True)
class Own:
    """The addresses under `/_portico/`."""

    service: Service

    async def asset(self, request: Request) -> Response:
        """Scripts and styles, named by their content, so that browsers may keep them for good."""
        asset = self.service.assets.get(request.path_params["path"])
        if asset is None:
            raise PageNotFound("no such asset")
        headers = {"Cache-Control": CACHE_CONTROL, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                asset.gzip, media_type=asset.type, headers={**headers, "Content-Encoding": "gzip"}
            )
        return Response(asset.body, media_type=asset.type, headers=headers)

    async def alive(self, request: Request) -> Response:
        """The tag of the session that this browser has now: pages compare it with theirs."""
        app = self.service.apps.get(request.query_params.get("app", ""))
        if app is None:
            raise PageNotFound("no such app")
        session = await self.service.sessions.resume(request, app)
        return JSONResponse({"session": session.tag if session and session.signed_in else ""})


@dataclass(frozen=True, slots=True)
class Errors:
    """Every error as a friendly page, or as the last line of an event's answer."""

    service: Service

    async def answer(self, request: Request, error: Exception) -> Response:
        """What the browser gets; the log has the rest under the same id."""
        app, dev = self.service.apps.get(request.path_params.get("app", "")), self.service.dev
        event = request.headers.get("portico-event") == "1"
        if dev is not None and app is not None and not event and (problems := dev.in_place_of(app)):
            return html(render_broken(self.service.assets, problems, app=app), status=503)
        problem = problem_of(error, request)
        if event:
            line = {"version": 0, "problem": problem.as_json(), "done": True}
            return Response(
                json.dumps(line) + "\n", problem.status, headers=problem.headers, media_type=NDJSON
            )
        page = render_problem(
            self.service.assets,
            title=problem.title,
            message=problem.message,
            id=problem.id,
            app=app,
            detail=_detail(error) if dev else "",
        )
        return html(page, status=problem.status, headers=problem.headers)


def _detail(error: Exception) -> str:
    """What the log says about an error, for whoever builds the app."""
    return error.detail if isinstance(error, PorticoError) else f"{type(error).__name__}, see the log"
