"""What an embedded auth server is started with."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from portico.authserver.dialects.imitation import Imitation
from portico.errors import PorticoError
from portico.values import Secret


class JwtManagement(StrEnum):
    """Strapi's two ways of issuing tokens, under Strapi's names."""

    REFRESH = "refresh"
    LEGACY = "legacy-support"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAccount:
    """An account to be made. Without a `role` it has none but what a dialect gives everybody."""

    username: str
    email: str
    password: Secret
    confirmed: bool = True
    blocked: bool = False
    role: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RateLimit:
    """How often sign-in and sign-up may be tried.

    `attempts` in `interval` from one client address, as Strapi counts them; and, over all addresses,
    `account_failures` wrong passwords in `account_interval` for one account (P69).
    """

    attempts: int = 10
    interval: timedelta = timedelta(seconds=60)
    account_failures: int = 100
    account_interval: timedelta = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class HashCost:
    """What one argon2id hash costs (P72), and how many may run and wait at once (P73)."""

    memory_kib: int = 19456
    passes: int = 2
    lanes: int = 1
    workers: int = 2
    waiting: int = 32


#: The sign-in providers that GoTrue knows by name. Here one page stands in for all of them.
PROVIDERS = (
    "apple",
    "azure",
    "bitbucket",
    "discord",
    "facebook",
    "figma",
    "fly",
    "github",
    "gitlab",
    "google",
    "kakao",
    "keycloak",
    "linkedin",
    "linkedin_oidc",
    "notion",
    "slack",
    "slack_oidc",
    "snapchat",
    "spotify",
    "spotify",
    "twitch",
    "twitter",
    "workos",
    "zoom",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class GoTrueSettings:
    """What only the GoTrue dialect knows; the defaults are GoTrue's (`internal/conf/configuration.go`).

    What would be good for long after it was mailed or begun is good for less long here.

    A used refresh token is answered with the active one while it is the active one's parent, and besides for
    `reuse_interval` after the session's last rotation. A session may end `timebox` after its sign-in, after
    `inactivity` without a refresh, and with `single_session` when its user signs in anew. `token_attempts`
    requests of one client to `/token` are let through in `token_interval`, and `form_attempts` to `/signup`
    and to `PUT /user` in `form_interval`, unless `Settings.rate_limit` is None.

    After a sign-in by a link or a provider of `providers`, a browser is sent to the address that was asked
    for if it is of the site `site_url` or matches one of `redirect_urls`, and else to `site_url`. An entry is
    a whole address, in whose path `*` may stand for a part and `**` for the rest; without a list, any address
    of this machine will do. What is mailed is good for `otp_lifetime` and is mailed to one address once in
    `mail_interval`, a trip to a provider may take `state_lifetime`, and the code that it ends with is good
    for `code_lifetime`.
    """

    access_lifetime: timedelta = timedelta(hours=1)
    issuer: str = "gotrue"
    sign_up: bool = True
    least_password: int = 6
    reuse_interval: timedelta = timedelta(0)
    timebox: timedelta | None = None
    inactivity: timedelta | None = None
    single_session: bool = False
    token_attempts: int = 30
    token_interval: timedelta = timedelta(minutes=1)
    form_attempts: int = 30
    form_interval: timedelta = timedelta(minutes=5)
    site_url: str = "http://localhost:3000"
    redirect_urls: tuple[str, ...] | None = None
    providers: tuple[str, ...] = PROVIDERS
    otp_lifetime: timedelta = timedelta(minutes=10)
    mail_interval: timedelta = timedelta(minutes=1)
    state_lifetime: timedelta = timedelta(minutes=5)
    code_lifetime: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainSettings:
    """What only the plain dialect knows. A token is good for `access_lifetime`, and cannot be renewed."""

    access_lifetime: timedelta = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class DummyJsonSettings:
    """What only the DummyJSON dialect knows.

    An access token is good for `access_lifetime` unless a request asks for another. A log-out ends the
    sign-in, unless `outlives_log_out` asks for what DummyJSON does: to take the cookies away and leave the
    tokens alive.
    """

    access_lifetime: timedelta = timedelta(hours=1)
    outlives_log_out: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class OidcClient:
    """A client that is registered with the OpenID provider, a public one without `secret`. Browsers go back
    to `redirect_uris`, after a sign-in as after a log-out: compared letter for letter."""

    client_id: str
    secret: Secret | None = None
    redirect_uris: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OidcSettings:
    """What only the OpenID provider knows.

    With `clients` there are no others. Without, whoever asks is a public client under the name that it gives,
    whose secret is not looked at, and browsers go back to `redirect_uris` or, without these, to any http
    address of this machine. A browser stays signed in at the provider for `login_lifetime`, and its page may
    be open for `form_lifetime`. A code is good once, for `code_lifetime`.
    """

    clients: tuple[OidcClient, ...] = ()
    redirect_uris: tuple[str, ...] | None = None
    access_lifetime: timedelta = timedelta(minutes=5)
    login_lifetime: timedelta = timedelta(hours=10)
    form_lifetime: timedelta = timedelta(minutes=30)
    code_lifetime: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything `create_app` needs; the defaults are Strapi's where Strapi has one.

    `database` is a file, or None for one in memory. `secret` signs the tokens: without one, a random secret
    is made and, where there is a file, kept beside it. `accounts` exist from the start. `rate_limit=None`
    turns both limits off. `httponly` always puts the refresh token into a cookie instead of the body. With
    `email_confirmation`, a new account has to be confirmed before it can sign in: GoTrue's autoconfirm is
    off. `public_url` is where the server is reached: links in mails begin with it. Pages of `browser_origins`
    may call the server and read what it answers (CORS); each is an exact origin, such as
    `http://localhost:3000`, and there is none unless it is named (P23). What one dialect alone has is named
    after it. With an `imitation`, its dialect is spoken in place of all others.
    """

    database: Path | None = None
    jwt_management: JwtManagement = JwtManagement.REFRESH
    access_lifetime: timedelta = timedelta(minutes=10)
    legacy_lifetime: timedelta = timedelta(days=30)
    refresh_idle_lifetime: timedelta = timedelta(days=14)
    refresh_max_lifetime: timedelta = timedelta(days=30)
    rate_limit: RateLimit | None = field(default_factory=RateLimit)
    hash_cost: HashCost = field(default_factory=HashCost)
    secret: Secret | None = None
    accounts: tuple[NewAccount, ...] = ()
    httponly: bool = False
    email_confirmation: bool = False
    public_url: str = "http://127.0.0.1:8001"
    browser_origins: tuple[str, ...] = ()
    gotrue: GoTrueSettings = field(default_factory=GoTrueSettings)
    plain: PlainSettings = field(default_factory=PlainSettings)
    dummyjson: DummyJsonSettings = field(default_factory=DummyJsonSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    imitation: Imitation | None = None


class SettingsInvalid(PorticoError):
    """The embedded auth server cannot start like this."""

    code: ClassVar[str] = "auth_server_settings"
    default_message: ClassVar[str] = "The auth server cannot start with these settings."
