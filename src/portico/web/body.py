"""Reading a request's body without reading more than allowed (promise 119)."""

import asyncio
import json
from typing import Any

from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from portico.errors import BadRequest, TooLarge

#: Bytes of a body, and fields of a form.
BODY_LIMIT = 1 << 20
FIELD_LIMIT = 1000
#: Seconds that a body may take to arrive.
BODY_SECONDS = 20.0

#: Controls whose names begin so are together one value, a list.
LIST = "m."

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


async def read(request: Request, limit: int = BODY_LIMIT) -> bytes:
    """The whole body, or TooLarge before more than the limit was read."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge(f"Content-Length {declared}")
    chunks, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise TooLarge("body over the limit")
                chunks.append(chunk)
    except (TimeoutError, ClientDisconnect) as error:
        raise BadRequest("the body did not arrive") from error
    return b"".join(chunks)


async def read_json(request: Request) -> dict[str, Any]:
    """A JSON object. Raises BadRequest for anything else."""
    try:
        value = json.loads(await read(request))
    except (ValueError, RecursionError) as error:
        raise BadRequest("not JSON") from error
    if not isinstance(value, dict):
        raise BadRequest("not a JSON object")
    return value


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form post, by name; the last of several wins. Of names that begin with LIST, all
    are one: a list as JSON. Files are refused: no widget takes one. Raises BadRequest, TooLarge."""
    body = await read(request)

    async def stream() -> Any:
        yield body

    try:
        form = await _parser(request, stream()).parse()
    except (MultiPartException, ValueError, UnicodeDecodeError) as error:
        raise BadRequest("not a form") from error
    fields: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            lists.setdefault(name, []).append(value)
            fields[name] = value
    fields |= {name: json.dumps(values) for name, values in lists.items() if name.startswith(LIST)}
    if len(fields) > FIELD_LIMIT:
        raise TooLarge("too many fields")
    return fields


def _parser(request: Request, stream: Any) -> FormParser | MultiPartParser:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return FormParser(request.headers, stream, max_fields=FIELD_LIMIT)
    return MultiPartParser(
        request.headers, stream, max_files=0, max_fields=FIELD_LIMIT, max_part_size=BODY_LIMIT
    )
