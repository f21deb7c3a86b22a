"""Bodies: encoded on their way out, gathered within limits and read on their way in."""

import codecs
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from string import punctuation
from typing import Any, assert_never
from urllib.parse import quote, urlencode

from portico.errors import AnswerInvalid, AnswerTooLarge, CallFailed
from portico.model.query import BodyType, Request
from portico.runtime.multipart import encode_parts
from portico.values import new_id

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
TEXT = "text/plain; charset=utf-8"

#: `zlib` for gzip with its header, and nothing else (RFC 1952).
GZIP = zlib.MAX_WBITS | 16

#: Charsets that an answer may be in; anything else is read as UTF-8. Not every codec of Python is
#: safe to run on a stranger's bytes.
CHARSETS = frozenset(
    codecs.lookup(name).name
    for name in (
        "utf-8",
        "us-ascii",
        "iso-8859-1",
        "iso-8859-2",
        "iso-8859-15",
        "windows-1250",
        "windows-1251",
        "windows-1252",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "shift_jis",
        "euc-jp",
        "euc-kr",
        "gb18030",
        "big5",
    )
)
CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.ASCII | re.IGNORECASE)


def encode_body(body_type: BodyType, request: Request) -> tuple[bytes | None, str | None]:
    """The body to send and its content type; None and None where there is nothing to send.

    JSON written as text is sent as it stands once it is known to be JSON. Text that no UTF-8 can
    hold (half a surrogate pair) becomes question marks. Raises CallFailed, with a message for
    the app's author, for a body that is not what its type says.
    """
    body = request.body
    if body_type == "none" or body is None or (request.body_is_text and _blank(body_type, body)):
        return None, None
    match body_type:
        case "json":
            return _json_text(body, request.body_is_text).encode("utf-8", "replace"), JSON
        case "form":
            return _form(body).encode("ascii", "replace"), FORM
        case "multipart":
            boundary = new_id()
            return encode_parts(_pairs(body), boundary, _text), f"{MULTIPART}; boundary={boundary}"
        case "text":
            return _text(body).encode("utf-8", "replace"), TEXT
        case _:
            assert_never(body_type)


def _blank(body_type: BodyType, body: object) -> bool:
    return not body if body_type == "text" else not str(body).strip()


def _json_text(body: object, is_text: bool) -> str:
    try:
        if is_text and isinstance(body, str):
            # Digits of any number are the other side's matter.
            json.loads(body, parse_int=str, parse_constant=refuse_constant)
            return body
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        # The cause quotes the body, which may hold a password.
        message = "The request was not sent: its body is not valid JSON."
        raise CallFailed("the body is not valid JSON", message=message) from None


def refuse_constant(constant: str) -> None:
    """For `json.loads`: NaN and Infinity are Python's, not JSON's."""
    raise ValueError(f"{constant} is not JSON")


def _form(body: object) -> str:
    if isinstance(body, str):
        # Written as `a=1&b=2`: only what cannot stand in a form is encoded.
        return quote(body.strip(), safe=punctuation, errors="replace")
    return urlencode([(name, _text(value)) for name, value in _pairs(body)], errors="replace")


def _pairs(body: object) -> list[tuple[str, Any]]:
    match body:
        case Mapping():
            return [(str(name), value) for name, value in body.items()]
        case list() | tuple() if all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in body):
            return [(str(name), value) for name, value in body]
    message = "The request was not sent: a form is made of names and values."
    raise CallFailed("the body is not a form", message=message)


def _text(value: object) -> str:
    """A value as text: strings as they are, nothing as nothing, the rest as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else _json_text(value, is_text=False)


class Gathered:
    """An answer's body as it comes in: `limit` bytes at most, counted as sent and as unpacked.

    Only gzip is unpacked, because only gzip is asked for. Raises AnswerInvalid for any other
    encoding, and for one that breaks or ends early, AnswerTooLarge as soon as the limit is passed.
    """

    def __init__(self, encodings: Sequence[str], limit: int) -> None:
        packed = [encoding for encoding in encodings if encoding != "identity"]
        if packed not in ([], ["gzip"], ["x-gzip"]):
            raise AnswerInvalid("the answer has an encoding that was not asked for")
        self._packed = bool(packed)
        self._unpacker = zlib.decompressobj(GZIP)
        self._limit = limit
        self._received = 0
        self._body = bytearray()

    def add(self, data: bytes) -> None:
        """Take the next part."""
        self._received += len(data)
        if self._received > self._limit:
            raise AnswerTooLarge(f"the answer is over {self._limit} bytes")
        if self._packed:
            self._unpack(data)
        else:
            self._body += data

    def _unpack(self, data: bytes) -> None:
        while data:
            if self._unpacker.eof:
                self._unpacker = zlib.decompressobj(GZIP)
            room = self._limit - len(self._body) + 1
            try:
                self._body += self._unpacker.decompress(data, room)
            except zlib.error:
                raise AnswerInvalid("the answer is not the gzip it claims to be") from None
            if len(self._body) > self._limit:
                raise AnswerTooLarge(f"the answer is over {self._limit} bytes when unpacked")
            # Several members are one body (RFC 1952, 2.2).
            data = self._unpacker.unused_data

    def finish(self) -> bytes:
        """The whole body."""
        if self._packed and self._received and not self._unpacker.eof:
            raise AnswerInvalid("the answer's gzip ends early")
        return bytes(self._body)


def decode_text(body: bytes, content_type: str) -> str:
    """A body as text, by the charset that its content type names if it is a known one."""
    label = CHARSET.search(content_type)
    try:
        codec = codecs.lookup(label[1] if label else "utf-8").name
    except LookupError:
        codec = "utf-8"
    return body.decode(codec if codec in CHARSETS else "utf-8", "replace").removeprefix("\ufeff")
