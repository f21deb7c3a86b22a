"""The embedded auth server of a stage, and what can be made to go wrong there: with `dialect_file.py`, which
reads what it imitates, all that this package knows of `portico.authserver`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from portico.authserver.app import create_app
from portico.authserver.demo_accounts import DEMO
from portico.authserver.dialects.imitation import Imitation
from portico.authserver.faults import Fault, Faults
from portico.authserver.serve import create_server
from portico.authserver.settings import GoTrueSettings, JwtManagement, NewAccount, Settings
from portico.clock import Clock
from portico.errors import PorticoError
from portico.model.journey import Account, AuthSettings
from portico.testing.dialect_file import SHIPPED
from portico.testing.failure import StepFailed
from portico.testing.recorder import Recorder, UpstreamCall
from portico.testing.serving import HOST, ThreadedServer, listen
from portico.values import Secret

#: Presets whose API the embedded server speaks by itself, and where below its address.
DIALECTS: Mapping[str, str] = {"supabase": "", "strapi": "", "dummyjson": "/dummyjson", "oidc": "/oidc"}
#: All whose API it speaks, by itself or by a file that it imitates.
SPOKEN = (*DIALECTS, *SHIPPED)


class Adversary:
    """An auth server of its own, on the stage's clock, at `url`. `app_url` is where the app is; its OpenID
    provider sends browsers to `redirect_uris` alone."""

    def __init__(
        self,
        clock: Clock,
        accounts: Sequence[Account],
        auth: AuthSettings,
        *,
        preset: str | None,
        app_url: str,
        redirect_uris: tuple[str, ...],
        imitation: Imitation | None = None,
    ) -> None:
        listening = listen()
        port = listening.getsockname()[1]
        self.url = f"http://{HOST}:{port}"
        self._faults = Faults()
        settings = _settings(accounts, auth, preset, self.url, app_url)
        oidc = replace(settings.oidc, redirect_uris=redirect_uris)
        settings = replace(settings, oidc=oidc, imitation=imitation)
        if auth.access_lifetime is not None:
            settings = _lasting(settings, auth.access_lifetime)
        app = create_app(settings, clock, self._faults)
        self._recorder = Recorder()
        app.add_middleware(self._recorder.layer)
        self._server = ThreadedServer(create_server(app, host=HOST, port=port), listening)

    def start(self) -> None:
        """Serve. Raises ServerFailed."""
        self._server.start()

    def stop(self) -> None:
        """End it."""
        self._server.stop()

    @property
    def calls(self) -> list[UpstreamCall]:
        """What it was asked so far."""
        return self._recorder.calls

    def add(self, fault: str | Mapping[str, object]) -> None:
        """Let this go wrong from now on. Raises StepFailed for what is no fault."""
        try:
            self._faults.add(Fault.parse(fault))
        except PorticoError as error:
            raise StepFailed(error.message) from None

    def clear(self) -> None:
        """Let everything go right."""
        self._faults.clear()


def fault_problem(fault: str | Mapping[str, object]) -> str | None:
    """Why this is no fault, in words; None if it is one."""
    try:
        Fault.parse(fault)
    except PorticoError as error:
        return error.message
    return None


def _settings(
    accounts: Sequence[Account], auth: AuthSettings, preset: str | None, url: str, app_url: str
) -> Settings:
    """Short tokens with refresh where a preset is tried; the demo's way for apps that say all themselves."""
    long_token = auth.one_long_token if auth.one_long_token is not None else preset is None
    given = tuple(
        NewAccount(username=one.username, email=one.email, password=Secret(one.password), role=one.role)
        for one in accounts
    )
    return Settings(
        jwt_management=JwtManagement.LEGACY if long_token else JwtManagement.REFRESH,
        # Whoever tries a wrong password in each journey is no attacker.
        rate_limit=None,
        public_url=url,
        accounts=given or DEMO,
        email_confirmation=auth.email_confirmation,
        gotrue=GoTrueSettings(site_url=app_url),
    )


def _lasting(settings: Settings, lifetime: timedelta) -> Settings:
    imitation = settings.imitation
    return replace(
        settings,
        access_lifetime=lifetime,
        legacy_lifetime=lifetime,
        gotrue=replace(settings.gotrue, access_lifetime=lifetime),
        plain=replace(settings.plain, access_lifetime=lifetime),
        dummyjson=replace(settings.dummyjson, access_lifetime=lifetime),
        oidc=replace(settings.oidc, access_lifetime=lifetime),
        imitation=replace(imitation, access_lifetime=lifetime) if imitation else None,
    )
