"""Queries and the datasources they call."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from portico.model.credentials import Auth
from portico.model.place import Place
from portico.values import Secret

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
BodyType = Literal["none", "json", "form", "multipart", "text"]
#: When something runs by itself: never, when its page opens, or then and whenever what it sends changes.
Run = Literal["manual", "on_load", "automatic"]

#: Methods that change nothing, so that a page may run them while it is being shown (hard-cases 12).
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Datasource:
    """One origin that queries may call. `url` has its settings already filled in.

    `ca` is a PEM of authorities that its servers may be vouched for by, besides those that are
    trusted anyway. `unset` names the secrets that it needs and that have no value: while there are
    any it cannot be called, and what needs them is missing here.
    """

    name: str
    url: str
    headers: tuple[tuple[str, str | Secret], ...] = ()
    auth: Auth | None = None
    ca: str | None = field(default=None, repr=False)
    unset: tuple[str, ...] = ()
    allow_private: bool = False
    timeout: timedelta = timedelta(seconds=10)
    max_bytes: int = 8 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A REST call. Its path, parameters, headers and body live in the page's program, because
    they may hold bindings; a turn hands them over evaluated."""

    name: str
    datasource: str
    method: Method
    body_type: BodyType
    place: Place
    kind: Literal["rest"] = "rest"
    timeout: timedelta | None = None


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    """What an app declares about its auth API.

    `store_keys` maps `token` to the store key that an app keeps its token in: setting it signs
    in once the query `me` accepted the token, clearing it signs out. `me` is a query of the app;
    the mappings over its answer are evaluations of the app's contract program, all present:
    `me.succeeded`, `me.uid`, `me.user`, `me.roles`, `me.error`. `keep` names the store keys that
    outlive a log-out (hard-cases 31). `refresh` is the query that renews the token; with one, a session
    does not end with its token. `starts` are paths of queries that send the user something to come back with,
    such as the link in a mail (hard-cases 13).
    """

    entry_page: str
    home_page: str
    token_key: str | None = None
    me: str | None = None
    keep: frozenset[str] = frozenset()
    refresh: str | None = None
    starts: frozenset[str] = frozenset()
