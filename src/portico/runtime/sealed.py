"""Where tokens are sealed and where they are opened: between scripts and the origins of the auth API.

Answers of these origins reach scripts with their tokens sealed, answers of others with those that are
known; requests to these origins, and to no others, have their sealed tokens opened as the last step
before they are sent (mechanics R8, R9).
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import quote

from portico.auth.opener import Opener
from portico.auth.sealing import Vault
from portico.errors import DestinationRefused
from portico.model.app import App
from portico.model.query import BodyType, Datasource, Request, Sending
from portico.runtime.destination import Destination
from portico.runtime.headers import has

_BASIC = "basic "


def covers(app: App, datasource: Datasource) -> bool:
    """Whether a datasource is one of the auth API's origins, or of those that the contract lists."""
    contract = app.contract
    if contract is None:
        return False
    origin = _origin(datasource)
    named = (app.datasources.get(name) for name in contract.datasources)
    return origin is not None and any(found is not None and _origin(found) == origin for found in named)


def bearing(request: Request, token: str, sending: Sending) -> Request:
    """The request with the user's token, unless it has such a header of its own."""
    if has(request.headers, sending.header.lower()):
        return request
    return replace(request, headers=(*request.headers, (sending.header, sending.value(token))))


def opened(request: Request, body_type: BodyType, opener: Opener, *, in_query: bool = False) -> Request:
    """The request with its sealed tokens opened: in headers, in the body as its type is written, and
    `in_query` in parameters. Paths stay as they are, and parameters else: they end up in logs."""
    path, params = request.path, request.params
    if in_query:
        before, mark, query = path.partition("?")
        path = f"{before}{mark}{opener.opened(query, _in_form)}"
        params = tuple((name, opener.opened(value)) for name, value in params)
    headers = tuple((name, _header(name, value, opener)) for name, value in request.headers)
    body = body_with(request, body_type, opener)
    return replace(request, path=path, params=params, headers=headers, body=body)


def stays(request: Request, opener: Opener, datasource: Datasource) -> str:
    """Why a token in this request is sent sealed, and so is of no use there; "" if none is."""
    if opener.tokens and datasource.token_in_query:
        return ""
    vault, address = opener.vault, (request.path, *(value for _, value in request.params))
    if any(vault.opened(text) != text for text in address):
        return "a token among its parameters stays sealed, and is of no use there"
    content = (*(_readable(name, value) for name, value in request.headers), *_strings(request.body))
    if any(vault.opened(text) != opener.opened(text) for text in content):
        return "a token in it stays sealed, as it does not go to the auth API, and is of no use there"
    return ""


def sealed_meta(meta: Mapping[str, Any], vault: Vault) -> dict[str, Any]:
    """`responseMeta` of an answer of the auth API."""
    headers = {
        name: [vault.seal_header(name, value) for value in values] for name, values in meta["headers"].items()
    }
    return {**meta, "headers": headers}


def masked_meta(meta: Mapping[str, Any], vault: Vault) -> dict[str, Any]:
    """`responseMeta` of any other answer."""
    headers = {name: [vault.mask(value) for value in values] for name, values in meta["headers"].items()}
    return {**meta, "headers": headers}


def sealed_fragment(app: App, fragment: str, vault: Vault) -> str:
    """The part of an address from `#` on. What an auth API sent a browser back with is sealed before any
    script sees it."""
    return fragment if app.contract is None else vault.seal_header("location", fragment)


def _origin(datasource: Datasource) -> tuple[str, str, int] | None:
    try:
        found = Destination.of(datasource)
    except DestinationRefused:
        return None
    return found.scheme, found.host, found.port


def _header(name: str, value: str, opener: Opener) -> str:
    pair = _readable(name, value)
    found = opener.opened(pair)
    if pair == value or found == pair:
        return found if pair == value else value
    encoded = base64.b64encode(found.encode()).decode()
    # Where the auth API says what it was sent, scripts see what they wrote.
    opener.spell(encoded.rstrip("="), value[len(_BASIC) :].rstrip("="))
    return f"Basic {encoded}"


def _readable(name: str, value: str) -> str:
    """A header's value; user and password where it is Basic, which has them in base64."""
    if name.lower() != "authorization" or value[: len(_BASIC)].lower() != _BASIC:
        return value
    try:
        return base64.b64decode(value[len(_BASIC) :], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return value


class Opens(Protocol):
    """Puts what is meant in the place of words that stand for it."""

    def opened(self, text: str, written: Callable[[str], str] = str) -> str:
        """A text with that done, each as `written` gives it."""
        ...


def body_with(request: Request, body_type: BodyType, opener: Opens) -> object:
    """The request's body, opened as its type is written."""
    body = request.body
    if isinstance(body, str):
        written: Callable[[str], str] = str
        label = "".join(value for name, value in request.headers if name.lower() == "content-type").lower()
        if (body_type == "json" and request.body_is_text) or (body_type == "text" and "json" in label):
            written = _in_json
        elif body_type == "form" or (body_type == "text" and "form-urlencoded" in label):
            written = _in_form
        return opener.opened(body, written)
    return _walked(body, opener)


def _in_json(token: str) -> str:
    return json.dumps(token)[1:-1]


def _in_form(token: str) -> str:
    return quote(token, safe="")


def _walked(value: Any, opener: Opens) -> Any:
    """A copy of a value with the strings in it opened; not by recursion."""
    root = [value]
    waiting: list[Any] = [root]
    while waiting:
        container = waiting.pop()
        for key, inner in list(container.items() if isinstance(container, dict) else enumerate(container)):
            match inner:
                case str():
                    container[key] = opener.opened(inner)
                case dict():
                    container[key] = {opener.opened(name): member for name, member in inner.items()}
                    waiting.append(container[key])
                case list() | tuple():
                    container[key] = list(inner)
                    waiting.append(container[key])
    return root[0]


def _strings(value: Any) -> Iterator[str]:
    """All strings in a value."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as members:
                waiting += [*members, *members.values()]
            case list() | tuple() as items:
                waiting += items
