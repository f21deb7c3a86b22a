"""The body of a command as a query writes it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from portico.importers.curl import Pairs, Request
from portico.importers.parameters import Parameters, is_number, number
from portico.model.query import BodyType

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_JSON_TYPE = re.compile(r"application/([a-z0-9.-]+\+)?json", re.IGNORECASE)
#: Names of fields: other data that happen to hold `=` have other ones.
_FIELD = re.compile(r"[\w.:$-][\w.:$ \[\]-]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """`value` is what stands below `body`; `headers` are those of the request that the body type
    does not stand for; `fields` are the names of its fields and their texts, as far as it has any."""

    body_type: BodyType
    headers: Pairs = field(repr=False)
    value: Any = field(default=None, repr=False)
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()


def body_of(request: Request, headers: Pairs, parameters: Parameters) -> Body:
    """The body of a request. What cannot be written as JSON or as a form is text, with its label."""
    label = next((value for name, value in headers if name.lower() == "content-type"), "")
    media_type = label.partition(";")[0].strip().lower()
    if request.parts:
        return _parts(request, headers, parameters)
    data = request.data
    if not data:
        return Body(body_type="none", headers=headers)
    if _JSON_TYPE.fullmatch(media_type):
        return _json(data, label, headers, parameters)
    if media_type == _FORM:
        return _form(data, label, headers, parameters)
    return Body(body_type="text", headers=headers, value=parameters.text(data))


def _parts(request: Request, headers: Pairs, parameters: Parameters) -> Body:
    fields = [(name, parameters.marked(name, value)) for name, value, _ in request.parts]
    typed = [name for name, _, kind in request.parts if kind is not None]
    notes = [f"the content type of the field `{name[:50]}` was left out: fields have none" for name in typed]
    others = tuple((name, value) for name, value in headers if name.lower() != "content-type")
    return Body(
        body_type="multipart",
        headers=others,
        value=parameters.grouped(fields),
        fields=tuple(fields),
        notes=tuple(notes),
    )


def _json(data: str, label: str, headers: Pairs, parameters: Parameters) -> Body:
    try:
        value = json.loads(
            data, parse_float=number, parse_int=number, parse_constant=_refuse, object_pairs_hook=_object
        )
        marked = _marked(value, parameters)
        written = parameters.json(marked) + "\n"
    except (ValueError, RecursionError):
        note = "the body is labelled as JSON and is none, or has a name twice: it is sent as text"
        return Body(body_type="text", headers=headers, value=parameters.text(data), notes=(note,))
    return Body(
        body_type="json",
        headers=_without_label(headers, label, _JSON),
        value=written,
        fields=tuple(_fields(marked)),
    )


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _marked(value: Any, parameters: Parameters) -> Any:
    match value:
        case dict():
            return {
                name: _marked(parameters.marked(name, inner), parameters) for name, inner in value.items()
            }
        case list():
            return [_marked(inner, parameters) for inner in value]
    return value


def _fields(value: Any) -> list[tuple[str, str]]:
    """The texts of the outermost object."""
    pairs = value.items() if isinstance(value, dict) else ()
    return [(name, inner) for name, inner in pairs if isinstance(inner, str) and not is_number(inner)]


def _form(data: str, label: str, headers: Pairs, parameters: Parameters) -> Body:
    pieces = [_marked_piece(piece, parameters) for piece in data.split("&")]
    value = parameters.mapping(pieces)
    if value is None or not all(_FIELD.fullmatch(name) for name in value):
        hint = "the body looks like JSON and is labelled as a form: add -H 'Content-Type: application/json'"
        looks = data.lstrip()[:1] in ("{", "[")
        text = parameters.text(data)
        return Body(body_type="text", headers=headers, value=text, notes=(hint,) if looks else ())
    fields = [(name, text) for name, text in value.items() if isinstance(text, str)]
    return Body(
        body_type="form",
        headers=_without_label(headers, label, _FORM),
        value=value,
        fields=tuple(fields),
    )


def _marked_piece(piece: str, parameters: Parameters) -> str:
    """A pair of a form, with a marker for a password."""
    name, equals, value = piece.partition("=")
    decoded = unquote_plus(value)
    marked = parameters.marked(unquote_plus(name), decoded)
    return piece if marked == decoded else f"{name}{equals}{marked}"


def _without_label(headers: Pairs, label: str, implied: str) -> Pairs:
    """The headers without a label that the body type stands for."""
    if label.strip().lower() != implied:
        return headers
    return tuple((name, value) for name, value in headers if name.lower() != "content-type")
