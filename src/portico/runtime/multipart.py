"""`multipart/form-data` (RFC 7578): fields and files as the parts of one body."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from portico.errors import CallFailed

#: A media type with its parameters, on one line.
TYPE = re.compile(r"[!#-'*+.0-9A-Z^-z|~-]{1,64}/[!#-'*+.0-9A-Z^-z|~-]{1,64}(;[\t -~]{0,128})?", re.ASCII)
DEFAULT_TYPE = "application/octet-stream"
#: What cannot stand between the quotes of a name, percent-encoded as browsers do it; a backslash too,
#: which some servers take for an escape.
ESCAPES = {code: f"%{code:02X}" for code in (*range(0x20), *b'"\\', 0x7F)}


def encode_parts(pairs: Iterable[tuple[str, Any]], boundary: str, text_of: Callable[[Any], str]) -> bytes:
    """The body. A list gives its name several times; an object with `name` and `data` is a file;
    anything else is a field, as `text_of` writes it.

    `boundary` must be too long to guess: nobody looks whether it occurs in a part. Raises
    CallFailed for a file whose data are not what its `dataFormat` says.
    """
    parts = [
        _part(name, item, text_of)
        for name, value in pairs
        for item in (value if isinstance(value, list) else [value])
    ]
    opening = f"--{boundary}\r\n".encode()
    return b"".join(opening + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


def _part(name: str, value: Any, text_of: Callable[[Any], str]) -> bytes:
    head = f'Content-Disposition: form-data; name="{_escaped(name)}"'
    match value:
        case {"name": str(file), "data": data}:
            content = _content(data, value.get("dataFormat"), name)
            head += f'; filename="{_escaped(file)}"\r\nContent-Type: {_type(value)}'
        case _:
            content = _bytes(text_of(value))
    return _bytes(head) + b"\r\n\r\n" + content


def _content(data: Any, data_format: Any, name: str) -> bytes:
    """The bytes of a file, from the text that scripts hold them as."""
    match data_format, data:
        case None | "Text", str():
            return _bytes(data)
        case "Base64", str():
            # As a data URL, as browsers read files, or bare. Without its comma it is neither.
            text = data.partition(",")[2] if data.startswith("data:") and "," in data else data
            try:
                return base64.b64decode("".join(text.split()), validate=True)
            except (binascii.Error, ValueError):
                raise _unfit(name) from None
        case "Binary", str():
            # One character a byte.
            try:
                return data.encode("latin-1")
            except UnicodeEncodeError:
                raise _unfit(name) from None
    raise _unfit(name)


def _unfit(name: str) -> CallFailed:
    message = (
        f"The request was not sent: the file in `{name[:100]}` cannot be read. Its `data` is text, with "
        "`dataFormat` Text, Base64 or Binary."
    )
    return CallFailed("the data of a file are not what their format says", message=message)


def _type(file: Mapping[str, Any]) -> str:
    given = file.get("type")
    return given if isinstance(given, str) and TYPE.fullmatch(given) else DEFAULT_TYPE


def _escaped(name: str) -> str:
    return name.translate(ESCAPES)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
