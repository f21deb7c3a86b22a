"""Request bodies, read within bounds and never trusted."""

import json
import math
from collections.abc import Sequence
from typing import ClassVar
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from portico.errors import BadRequest, TooLarge

_JSON = "application/json"

#: The content type of a form.
FORM = "application/x-www-form-urlencoded"
_DEEPEST = 64
_MOST_FIELDS = 1000


class BodyMalformed(BadRequest):
    """A body that is not what its content type says."""

    code: ClassVar[str] = "body_malformed"


async def read_body(request: Request, limit: int) -> object:
    """The JSON or form body as plain values; an empty dict where there is no body or another content type.

    JSON has to be an object or an array, of finite numbers and of strings that UTF-8 can carry.
    Raises `TooLarge` above `limit` bytes, whatever Content-Length says, and `BodyMalformed`.
    """
    raw = await read_bytes(request, limit)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not raw:
        return {}
    if content_type == FORM:
        return _form(raw)
    if content_type == _JSON or content_type.endswith("+json"):
        return _json(raw)
    return {}


async def read_json(request: Request, limit: int) -> object:
    """The body as JSON, whatever content type it claims, as Go's `json.Unmarshal` takes it.

    Raises `TooLarge` and `BodyMalformed` like `read_body`, also where there is no body.
    """
    raw = await read_bytes(request, limit)
    if not raw.strip():
        raise BodyMalformed(message="unexpected end of JSON input")
    return _parse(raw)


async def read_bytes(request: Request, limit: int) -> bytes:
    """The body as it came. Raises `TooLarge` above `limit` bytes, and `BodyMalformed` if it never ends."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise TooLarge
    raw = bytearray()
    try:
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > limit:
                raise TooLarge
    except ClientDisconnect as error:
        raise BodyMalformed(message="request aborted") from error
    return bytes(raw)


def _form(raw: bytes) -> dict[str, str | list[str]]:
    """A field that is there more than once has a list of values: it passes for no single one of them."""
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise BodyMalformed(message="malformed form body") from error
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def _json(raw: bytes) -> object:
    if not raw.lstrip(b" \t\n\r").startswith((b"{", b"[")):
        raise BodyMalformed(message="invalid JSON, only supports object and array")
    return _parse(raw)


def _parse(raw: bytes) -> object:
    try:
        value: object = json.loads(raw.decode(), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise BodyMalformed(message=f"Unexpected token in JSON at position {error.pos}") from error
    except (ValueError, RecursionError) as error:
        raise BodyMalformed(message="invalid JSON") from error
    if not _is_plain([value], _DEEPEST):
        raise BodyMalformed(message="invalid JSON")
    return value


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def _is_plain(values: Sequence[object], depth: int) -> bool:
    """Whether all of this can be printed, compared, stored and sent back."""
    return depth > 0 and all(_is_plain_value(value, depth) for value in values)


def _is_plain_value(value: object, depth: int) -> bool:
    match value:
        case str():
            return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
        case bool() | None:
            return True
        case int() | float():
            return _is_finite(value)
        case list():
            return _is_plain(value, depth - 1)
        case dict():
            return _is_plain([*value.keys(), *value.values()], depth - 1)
        case _:
            return False


def _is_finite(number: int | float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False
