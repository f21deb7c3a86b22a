"""Queries of Appsmith as queries of ours."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import unquote

from portico.definition.bindings import Snippet
from portico.definition.headers import OURS
from portico.importers.appsmith import code, json_text
from portico.importers.appsmith.code import Renaming
from portico.importers.appsmith.loose import mapping, number, objects, text, word
from portico.importers.appsmith.model import Query
from portico.importers.appsmith.report import Kind, Report
from portico.importers.appsmith.sources import (
    DATABASES,
    GRAPHQL,
    REST,
    Credential,
    SourceWriter,
    plain_address,
)
from portico.importers.credentials import is_credential
from portico.model.query import READING, Method

_METHODS = frozenset(get_args(Method))
#: What our client sends where nobody says otherwise, and the bounds of what can be said, in milliseconds.
_TIMEOUT = 10_000
_LEAST, _MOST = 100, 60_000
_BODILESS = ("GET", "HEAD")
_JSON = "application/json"
_TYPES = {
    "application/json": "json",
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
    "text/plain": "text",
    "none": "none",
    "": "none",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryWriter:
    """Writes the queries of one page."""

    page: str
    renaming: Renaming
    sources: SourceWriter
    report: Report

    def write(self, query: Query) -> dict[str, Any] | None:
        """What its file says; None if it cannot be one of ours, which is told."""
        if query.instance:
            self._tell(
                query, "left-out", "it belongs to an instance of a module, whose code is in its package"
            )
            return None
        if query.plugin in REST:
            return self._rest(query)
        if query.plugin in DATABASES:
            return self._sql(query)
        if query.plugin in GRAPHQL:
            return self._graphql(query)
        self._tell(query, "left-out", f"there is no kind of query for {query.plugin or 'its plugin'}")
        return None

    def _tell(self, query: Query, kind: Kind, message: str, *, part: str = "", code: str = "") -> None:
        self.report.add(kind, message, page=self.page, name=query.name, part=part, code=code)

    # SQL and GraphQL

    def _sql(self, query: Query) -> dict[str, Any]:
        configuration = query.configuration
        source = self.sources.linked(query.source.name, query.plugin, query.source.configuration, ())
        templates = objects(configuration.get("pluginSpecifiedTemplates"))
        data: dict[str, Any] = {"kind": "sql", "datasource": source}
        if templates and templates[0].get("value") is False:
            data["prepared"] = False
        data["statement"] = self._code(text(configuration.get("body")).strip())
        return {**data, **self._behaviour(query, reads=False)}

    def _graphql(self, query: Query) -> dict[str, Any]:
        configuration = query.configuration
        source, path, headers, _ = self._address(query)
        templates = objects(configuration.get("pluginSpecifiedTemplates"))
        variables = templates[1].get("value") if len(templates) > 1 else None
        data: dict[str, Any] = {"kind": "graphql", "datasource": source}
        if path != "/":
            data["path"] = path
        if headers:
            data["headers"] = headers
        data["query"] = self._code(text(configuration.get("body")).strip())
        if isinstance(variables, str) and variables.strip():
            data["variables"] = self._code(json_text.strict(variables.strip()) or variables.strip())
        return {**data, **self._behaviour(query, reads=False)}

    # REST

    def _rest(self, query: Query) -> dict[str, Any]:
        method = text(query.configuration.get("httpMethod")).upper() or "GET"
        if method not in _METHODS:
            self._tell(query, "changed", f"the method {method[:20]} is GET here", part="httpMethod")
            method = "GET"
        source, path, headers, params = self._address(query)
        data: dict[str, Any] = {"datasource": source}
        if method != "GET":
            data["method"] = method
        data["path"] = path
        if params:
            data["params"] = params
        body = self._body(query, method, headers)
        if headers:
            data["headers"] = headers
        data |= body
        self._tell_paging(query)
        return {**data, **self._behaviour(query, reads=method in READING)}

    def _behaviour(self, query: Query, *, reads: bool) -> dict[str, Any]:
        data: dict[str, Any] = {}
        run = query.run
        if run == "on_unload":
            self._tell(
                query,
                "left-out",
                "it ran when the page was left; here it runs when it is called",
                part="runBehaviour",
            )
            run = "manual"
        if run is not None and (run != "manual" or reads):
            data["run"] = run
        if query.confirm:
            data["confirm"] = True
        time = number(query.configuration.get("timeoutInMillisecond"))
        if time is not None and time > 0 and time != _TIMEOUT:
            bounded = min(max(int(time), _LEAST), _MOST)
            if bounded != _TIMEOUT:
                data["timeout"] = f"{bounded // 1000}s" if bounded % 1000 == 0 else f"{bounded}ms"
        return data

    def _tell_paging(self, query: Query) -> None:
        kind = text(query.configuration.get("paginationType"))
        if kind == "URL":
            addresses = [text(query.configuration.get(name)).strip() for name in ("next", "prev")]
            self._tell(
                query,
                "left-out",
                "paging by addresses of the next and previous page: give the query a parameter for the page, "
                "or for where it begins, and run it with that in onPageChange",
                part="paginationType",
                code="\n".join(address for address in addresses if address),
            )

    def _code(self, value: str) -> str:
        return self.renaming.of_text(code.as_expression(value))

    def _address(self, query: Query) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
        """The datasource of a query, and its path, headers and parameters without credentials."""
        headers, secret = self._split(query, "headers", "header")
        params, keys = self._split(query, "queryParameters", "query")
        credentials = (*secret, *keys[:1])
        if not query.embedded:
            source = self.sources.linked(
                query.source.name, query.plugin, query.source.configuration, credentials
            )
            return source, self._path(query, "", bool(params)), headers, params
        address = text(query.source.configuration.get("url")).strip()
        address, user = _without_user(address)
        if user is not None:
            credentials = (Credential("header", "Authorization", user), *credentials)
        origin, base, more = _origin(address)
        if origin is None:
            if address:
                self._tell(
                    query,
                    "question",
                    "its address is computed: which origin is it?",
                    part="url",
                    code=address,
                )
            return self.sources.unknown(credentials), self._path(query, "", bool(params)), headers, params
        params |= {name: self._code(value) for name, value in more if name not in params}
        return (
            self.sources.embedded(origin, credentials),
            self._path(query, base, bool(params)),
            headers,
            params,
        )

    def _split(self, query: Query, key: str, where: str) -> tuple[dict[str, Any], tuple[Credential, ...]]:
        """Headers or parameters: those that anybody may see, and those that are secrets."""
        shown: dict[str, Any] = {}
        secret: list[Credential] = []
        for pair in objects(query.configuration.get(key)):
            name, value = text(pair.get("key")).strip(), word(pair.get("value"))
            if not name:
                continue
            if "{{" in name:
                self._tell(query, "left-out", f"a name that is computed, in {key}", part=key, code=name)
            elif where == "header" and name.lower().replace("_", "-") in OURS:
                self._tell(query, "left-out", f"the header {name}, which Portico sends itself", part=key)
            elif "{{" not in value and value and _is_secret(name, value, where):
                secret.append(Credential(where, name, value))
            elif name in shown:
                before = shown[name]
                shown[name] = [*(before if isinstance(before, list) else [before]), self._code(value)]
            else:
                shown[name] = self._code(value.strip() if where == "header" else value)
        return shown, tuple(secret)

    def _path(self, query: Query, base: str, has_params: bool) -> str:
        written = self._code(text(query.configuration.get("path")).strip())
        pieces: list[str] = []
        for part in code.parts(written) or (written,):
            if isinstance(part, Snippet):
                pieces.append(f"{{{{{part.text}}}}}")
                continue
            head, question, _ = part.partition("?")
            if has_params and question:
                # The parameters stand in a list of their own, too.
                pieces.append(_sendable(head))
                break
            pieces.append(_sendable(part))
        path = "".join(pieces)
        if base and path and not path.startswith(("/", "?")):
            path = f"/{path}"
        whole = base + path
        return (
            whole if whole.startswith(("/", "{{")) and not whole.startswith("//") else f"/{whole.lstrip('/')}"
        )

    def _body(self, query: Query, method: str, headers: dict[str, Any]) -> dict[str, Any]:
        configuration = query.configuration
        said = _content_type(configuration, headers)
        kind = _TYPES.get(said, "text")
        written = text(configuration.get("body"))
        if method in _BODILESS:
            if kind == "json" and written.strip() and written.strip() != "{}":
                self._tell(query, "left-out", f"the body: {method} sends none", part="body", code=written)
            return {}
        if kind in ("form", "multipart"):
            if kind == "multipart" or said in _values_of(headers, "content-type"):
                _without(headers, "content-type")
            return self._fields(query, kind)
        if not written.strip() or kind == "none":
            return {}
        if kind == "json":
            return self._json(query, written, headers)
        if said != "text/plain" and not _values_of(headers, "content-type"):
            headers["Content-Type"] = said
        return {"body_type": "text", "body": self._code(written)}

    def _json(self, query: Query, written: str, headers: dict[str, Any]) -> dict[str, Any]:
        if _values_of(headers, "content-type") == [_JSON]:
            _without(headers, "content-type")
        value = code.as_expression(written.strip())
        found = json_text.strict(value)
        if found is not None and not _is_text_of_json(found):
            if found != value:
                self._tell(
                    query,
                    "changed",
                    "the body is written as JSON: names in quotes, no comma at an end",
                    part="body",
                )
            return {"body": self.renaming.of_text(found)}
        # What cannot be read as JSON is sent as it is written.
        if not _values_of(headers, "content-type"):
            headers["Content-Type"] = _JSON
        if found is None:
            self._tell(query, "changed", "the body is sent as text: it is not JSON as it stands", part="body")
        return {"body_type": "text", "body": self.renaming.of_text(value)}

    def _fields(self, query: Query, kind: str) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for pair in objects(query.configuration.get("bodyFormData")):
            name, value = text(pair.get("key")).strip(), self._code(word(pair.get("value")))
            if not name:
                continue
            if "{{" in name:
                self._tell(query, "left-out", "a field whose name is computed", part="body", code=name)
            elif name in fields:
                before = fields[name]
                fields[name] = [*(before if isinstance(before, list) else [before]), value]
            else:
                fields[name] = value
        return {"body_type": kind, "body": fields} if fields else {}


def _is_secret(name: str, value: str, where: str) -> bool:
    """Whether a value that is written out is a credential."""
    if where == "header":
        return is_credential(name)
    return is_credential(name) and len(value) >= 12 and len(value.split()) == 1


def _content_type(configuration: Mapping[str, Any], headers: Mapping[str, Any]) -> str:
    said = mapping(configuration.get("formData")).get("apiContentType")
    found = text(said).strip().lower()
    if not found:
        named = _values_of(headers, "content-type")
        found = named[0] if named else _JSON if text(configuration.get("body")).strip() else ""
    return found.partition(";")[0].strip()


def _values_of(headers: Mapping[str, Any], name: str) -> list[str]:
    return [
        str(value).partition(";")[0].strip().lower() for key, value in headers.items() if key.lower() == name
    ]


def _without(headers: dict[str, Any], name: str) -> None:
    for key in [key for key in headers if key.lower() == name]:
        del headers[key]


def _is_text_of_json(value: str) -> bool:
    """Whether a body is one binding that gives JSON as text."""
    found = code.parts(value)
    if found is None or len(found) != 1 or not isinstance(found[0], Snippet):
        return False
    return found[0].text.strip().startswith("JSON.stringify(")


def _without_user(address: str) -> tuple[str, str | None]:
    """An address without user name and password, and the header that these become."""
    head, mark, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    if not mark or not at or "{{" in user:
        return address, None
    encoded = base64.b64encode(unquote(user).encode()).decode()
    return f"{head}://{host}{slash}{path}", f"Basic {encoded}"


def _origin(address: str) -> tuple[str | None, str, list[tuple[str, str]]]:
    """The origin of an address, the path in it, and its parameters."""
    head = address.partition("{{")[0]
    rest = address[len(head) :]
    start = head.find("://")
    scheme_end = start + 3 if start >= 0 else 0
    slash = head.find("/", scheme_end)
    question = head.find("?", scheme_end)
    ends = [at for at in (slash, question) if at >= 0]
    if not ends and rest:
        return None, "", []
    end = min(ends, default=len(head))
    origin = plain_address(head[:end])
    if origin is None:
        return None, "", []
    path, _, query = (head[end:] + rest).partition("?")
    pairs = [piece.partition("=") for piece in query.split("&") if piece]
    return (
        origin,
        _sendable(path.rstrip("/")),
        [(unquote(name), unquote(value)) for name, _, value in pairs if name and "{{" not in name],
    )


def _sendable(path: str) -> str:
    """A path without what none can hold."""
    pieces = path.split("{{")
    first = (
        pieces[0]
        .replace(" ", "%20")
        .replace("#", "%23")
        .replace("\\", "/")
        .replace("\n", "")
        .replace("\t", "")
    )
    return "{{".join([first, *pieces[1:]])
