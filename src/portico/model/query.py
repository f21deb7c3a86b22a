"""Queries and the datasources they call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from portico.model.credentials import Auth
from portico.model.place import Place
from portico.model.provider import Provider
from portico.model.statement import Statement
from portico.values import Secret

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
BodyType = Literal["none", "json", "form", "multipart", "text"]
#: What a query calls: an API, one that speaks GraphQL, a database, a function of the app's own.
QueryKind = Literal["rest", "graphql", "sql", "python"]
#: Those that call what is the app's own: no API hands out tokens there.
OWN: frozenset[QueryKind] = frozenset({"sql", "python"})
DatasourceKind = Literal["rest", "sql"]
#: When something runs by itself: never, when its page opens, or then and whenever what it sends changes.
Run = Literal["manual", "on_load", "automatic"]

#: Methods that change nothing, so that a page may run them while it is being shown (hard-cases 12).
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Datasource:
    """One origin that queries may call, or a database. `url` has its settings already filled in.

    `ca` is a PEM of authorities that its servers may be vouched for by, besides those that are
    trusted anyway. `unset` names the secrets that it needs and that have no value: while there are
    any it cannot be called, and what needs them is missing here. `token_in_query`: sealed tokens are
    opened in parameters too, if it is one of the auth API's. `keep_cookies`: what its server sets is kept in
    the user's session, and sent back to it.
    """

    name: str
    url: str
    kind: DatasourceKind = "rest"
    headers: tuple[tuple[str, str | Secret], ...] = ()
    auth: Auth | None = None
    ca: str | None = field(default=None, repr=False)
    unset: tuple[str, ...] = ()
    allow_private: bool = False
    token_in_query: bool = False
    keep_cookies: bool = False
    timeout: timedelta = timedelta(seconds=10)
    max_bytes: int = 8 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A call. Its path, parameters, headers and body live in the page's program, because
    they may hold bindings; a turn hands them over evaluated. `seal`: tokens that the auth API hands out
    in its answer are sealed before scripts see it.

    Of a query of SQL the body is the list of what its bindings gave, for the places in `statement`; of one
    of GraphQL the document and its variables; of one of Python what `call`, `module:function`, is given.
    These two have no method of their own: GET stands for what changes nothing, POST for the rest."""

    name: str
    datasource: str
    method: Method
    body_type: BodyType
    place: Place
    kind: QueryKind = "rest"
    statement: Statement | None = None
    call: str = ""
    timeout: timedelta | None = None
    seal: bool = True

    @property
    def verb(self) -> str:
        """How it is sent by HTTP: a document of GraphQL is content, whatever it asks for."""
        return "POST" if self.kind == "graphql" else self.method


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What a turn hands over for a query: everything evaluated, nothing sent yet.

    `body` is a JSON value for `json`, pairs or an object for `form` and `multipart`, a string for
    `text`, None for `none`.
    `body_is_text`: it was written as text, with or without bindings in it, and is to be sent as
    it stands; a `json` body that is one binding is a value, even if that is a string.
    """

    path: str
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: object = field(default=None, repr=False)
    body_is_text: bool = False


#: What the queries of a contract are for.
Role = Literal["sign_in", "sign_up", "verify", "refresh", "sign_out", "me", "recover", "otp", "exchange"]
#: Whose answers can hand out tokens.
GRANTING: tuple[Role, ...] = ("sign_in", "sign_up", "verify", "refresh", "exchange")
#: Which send the user something to come back with, such as a link in a mail.
STARTING: tuple[Role, ...] = ("sign_up", "recover", "otp")
#: Which this server runs itself, and so belong to the app.
SERVED: tuple[Role, ...] = ("me", "refresh", "sign_out", "exchange")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """How the user's token goes with a request: in a header, after `scheme` and a space if there is one, or
    as the value of `cookie`."""

    header: str = "Authorization"
    scheme: str = "Bearer"
    cookie: str = ""

    def value(self, token: str) -> str:
        """What stands in the header."""
        if self.cookie:
            return f"{self.cookie}={token}"
        return f"{self.scheme} {token}" if self.scheme else token


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    """What an app declares about its auth API.

    `queries` are those of the contract, by what they are for, as paths. What their answers mean are
    evaluations of the app's contract program, `<role>.<mapping>`. `refreshes`: this server renews
    tokens itself; `slides`: by the token alone, which has to be good still. `persist`: a session outlives
    the browser.

    `token_key` is the store key that an app keeps its token in: setting it signs in once the query `me`
    accepted the token, clearing it signs out. `keep` names the store keys that outlive a log-out
    (hard-cases 31). `datasources` are those whose origins may see the user's tokens, and whose answers
    hand them out; `sending` is how they get them. `trusts_script`: an answer of `sign_in` without a token
    signs in too, once a script says so. `own_users`: users are in a table of the app's own, or known to a
    function of its own, so that no token says who somebody is. `user_type` names the data type of what is
    known of a user.
    With a `provider` users sign in there, and none of the
    queries is there. `authorize` is where the auth API itself sends browsers on to providers, below the
    datasource of `exchange`, whose query trades the code that they come back with.

    `pending_page` is where a sign-in goes that needs another step. `max_stale` is how long roles count while
    the auth API does not answer. `says_refused`: what an answer with an error says of the token that it was
    asked with is an evaluation too, `auth.refused`; without it 401 says that it is good no more.
    `idle_timeout`, `absolute_timeout` and `sessions_per_user` limit sessions.
    """

    entry_page: str
    home_page: str
    token_key: str | None = None
    queries: Mapping[Role, str] = field(default_factory=dict)
    keep: frozenset[str] = frozenset()
    refreshes: bool = False
    slides: bool = False
    persist: bool = True
    datasources: frozenset[str] = frozenset()
    sending: Sending = Sending()
    pending_page: str | None = None
    max_stale: timedelta = timedelta(minutes=10)
    idle_timeout: timedelta | None = None
    absolute_timeout: timedelta = timedelta(days=14)
    sessions_per_user: int = 100
    trusts_script: bool = False
    own_users: bool = False
    user_type: str | None = None
    provider: Provider | None = None
    authorize: str | None = None
    says_refused: bool = False

    @property
    def proves(self) -> bool:
        """Whether an answer of `sign_in` that names a user signs in by itself, without a token."""
        return self.own_users and not self.trusts_script

    @property
    def holds_tokens(self) -> bool:
        """Whether this server takes tokens out of the auth API's answers and sends them by itself. Without
        `sign_in` and without a provider the app's scripts do that, through `token_key`."""
        return "sign_in" in self.queries or self.provider is not None

    @property
    def me(self) -> str | None:
        """The query that says whose token one is."""
        return self.queries.get("me")

    @property
    def refresh(self) -> str | None:
        """The query that renews the token."""
        return self.queries.get("refresh")

    @property
    def starts(self) -> frozenset[str]:
        """Queries that send the user something to come back with."""
        return frozenset(self.queries[role] for role in STARTING if role in self.queries)

    def role_of(self, path: str) -> Role | None:
        """What a query is for, if it is one of the contract's."""
        return next((role for role, query in self.queries.items() if query == path), None)
