"""From the request of a command to a datasource and a query."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portico.definition.fields import LEAST_SECONDS, MOST_SECONDS
from portico.errors import DestinationRefused
from portico.importers.bodies import Body, body_of
from portico.importers.credentials import Auth, BasicPair, BearerToken, credentials_of
from portico.importers.curl import Pairs, Request
from portico.importers.naming import base_of, is_private, query_name, source_name
from portico.importers.parameters import Parameters
from portico.importers.secret_names import SecretNames, Wanted
from portico.importers.sources import Source, secrets_in
from portico.importers.words import VARIABLE, CommandUnreadable
from portico.importers.yaml_text import Inline
from portico.model.query import Datasource
from portico.runtime.destination import Destination
from portico.runtime.headers import RESERVED
from portico.values import Secret

#: Headers by which browsers describe themselves: a server that calls an API is none.
_BROWSERS = re.compile(r"sec-.*|dnt|priority|upgrade-insecure-requests|:.*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Import:
    """What a command becomes. `source` is the content of a new datasource file, None where one that
    the app has is used. `fields` are those of the body, with what the command had in them."""

    datasource: str
    source: Mapping[str, Any] | None
    query: str
    content: Mapping[str, Any]
    wanted: tuple[Wanted, ...]
    parameters: Parameters
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    notes: tuple[str, ...]


def import_request(
    request: Request,
    *,
    sources: Sequence[Source] = (),
    datasource: str | None = None,
    query: str | None = None,
    values: Mapping[str, Secret | None] | None = None,
) -> Import:
    """Make a query of a request, and a datasource if none of `sources` leads there.

    `datasource` and `query` are names that the user chose; `values` are the secrets that are set.
    Raises CommandUnreadable.
    """
    return _Importer(request, sources, values or {}).run(datasource, query)


class _Importer:
    def __init__(
        self, request: Request, sources: Sequence[Source], values: Mapping[str, Secret | None]
    ) -> None:
        self._request = request
        self._sources = sources
        self._values = values
        self._credentials = credentials_of(request)
        self._parameters = Parameters()
        self._notes = list(request.notes)

    def run(self, datasource: str | None, query: str | None) -> Import:
        used = self._used_source(datasource)
        name = used.name if used is not None else self._new_name(datasource)
        in_use = {
            secret: self._values.get(secret) for source in self._sources for secret in secrets_in(source)
        }
        names = SecretNames(name, {**self._values, **in_use})
        if used is None:
            base = base_of(self._request.address.path)
            source = self._source(base, names)
            path = self._request.address.path.removeprefix(base)
        else:
            source, path = None, used.below(self._request.address) or "/"
        headers = self._headers(used)
        body = body_of(self._request, headers, self._parameters)
        self._notes += body.notes
        return Import(
            datasource=name,
            source=source,
            query=query or query_name(self._request.method, self._request.address.path),
            content=self._query(name, path, body),
            wanted=tuple(names.wanted),
            parameters=self._parameters,
            fields=body.fields,
            notes=tuple(dict.fromkeys(self._notes)),
        )

    # The datasource

    def _used_source(self, chosen: str | None) -> Source | None:
        """The datasource that leads to the address, by the longest way, and sends the credentials."""
        address = self._request.address
        fitting = [source for source in self._sources if source.below(address) is not None]
        if chosen is not None:
            fitting = [source for source in fitting if source.name == chosen]
        fitting.sort(key=lambda source: (len(source.lacks(self._credentials)), -len(source.destination.base)))
        for source in fitting[:1]:
            missing = source.lacks(self._credentials)
            if missing:
                self._notes.append(
                    f"the datasource {source.name} leads there too, but does not send {', '.join(missing)}"
                )
                return None
            added = source.adds(self._credentials, [name for name, _ in self._credentials.others])
            if added:
                self._notes.append(f"the datasource {source.name} sends besides: {', '.join(added)}")
            return source
        return None

    def _new_name(self, chosen: str | None) -> str:
        name = chosen or source_name(self._request.address.host)
        taken = {source.name for source in self._sources}
        if chosen is not None or name not in taken:
            return name
        return next(free for n in range(2, len(taken) + 3) if (free := f"{name}_{n}") not in taken)

    def _source(self, base: str, names: SecretNames) -> dict[str, Any]:
        content: dict[str, Any] = {"url": self._request.address.origin + base}
        if self._credentials.headers:
            content["headers"] = {
                header.name: Inline(secret=names.name(header.name, header.value))
                for header in self._credentials.headers
            }
        if self._credentials.auth is not None:
            content["auth"] = _auth(self._credentials.auth, names)
        if is_private(self._request.address.host):
            content["allow_private"] = True
            self._notes.append("allow_private: the address is one of this machine or of a private network")
        return content

    # The query

    def _query(self, datasource: str, path: str, body: Body) -> dict[str, Any]:
        params = self._parameters.mapping(self._credentials.query)
        if params is None:
            path += "?" + "&".join(self._credentials.query)
        self._check_path(path)
        content: dict[str, Any] = {"datasource": datasource}
        if self._request.method != "GET":
            content["method"] = self._request.method
        content["path"] = self._parameters.text(path)
        if params:
            content["params"] = params
        if body.headers:
            content["headers"] = self._parameters.grouped(body.headers)
        if body.body_type not in ("none", "json"):
            content["body_type"] = body.body_type
        if body.body_type != "none":
            content["body"] = body.value
        if self._request.seconds is not None:
            self._timeout(content, self._request.seconds)
        return content

    def _timeout(self, content: dict[str, Any], seconds: float) -> None:
        if LEAST_SECONDS <= seconds <= MOST_SECONDS:
            content["timeout"] = f"{seconds:g}s"
        else:
            self._notes.append(
                f"-m was left out: a query takes from {LEAST_SECONDS} to {MOST_SECONDS} seconds"
            )

    def _headers(self, used: Source | None) -> Pairs:
        """The headers that the query sends itself."""
        shared = {name.lower(): value for name, value in used.headers.items()} if used is not None else {}
        kept, dropped = [], []
        for name, value in self._credentials.others:
            if _is_browsers(name, value):
                dropped.append(name)
            elif (name.lower(), value) != ("accept", "*/*") and shared.get(name.lower()) != value:
                kept.append((name, value))
        if dropped:
            self._notes.append(
                f"headers of the browser or the connection were left out: {', '.join(dict.fromkeys(dropped))}"
            )
        return tuple(kept)

    def _check_path(self, path: str) -> None:
        """Raises CommandUnreadable for a path that would be refused when the query runs."""
        datasource = Datasource(name="x", url="https://host.example")
        try:
            Destination.of(datasource).target(VARIABLE.sub("x", path))
        except DestinationRefused as error:
            raise CommandUnreadable(message=f"A query cannot call this address: {error.detail}.") from None


def _auth(auth: Auth, names: SecretNames) -> dict[str, Any]:
    match auth:
        case BearerToken(token=token):
            return {"type": "bearer", "token": Inline(secret=names.name("TOKEN", token))}
        case BasicPair(username=username, password=password):
            # Some APIs take a key for the user name, and no password.
            is_key = password == "" and username != ""
            plain = not is_key and not VARIABLE.search(username) and "{" not in username
            what = "KEY" if is_key else "USERNAME"
            return {
                "type": "basic",
                "username": username if plain else Inline(secret=names.name(what, username)),
                "password": "" if password == "" else Inline(secret=names.name("PASSWORD", password)),
            }
    found: dict[str, Any] = {"type": "api_key", "name": auth.name}
    if auth.where == "query":
        found["in"] = "query"
    if auth.prefix:
        found["prefix"] = auth.prefix
    return {
        **found,
        "value": Inline(secret=names.name(auth.name if auth.where == "query" else "KEY", auth.value)),
    }


def _is_browsers(name: str, value: str) -> bool:
    lower = name.lower()
    if lower == "user-agent":
        return value.startswith("Mozilla/")
    return lower in RESERVED or _BROWSERS.fullmatch(lower) is not None
