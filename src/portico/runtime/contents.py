"""What is in uploaded files, as scripts read it, and as requests carry it.

Small files reach scripts as they are. In the place of what is in a large one they get a handle, a word that
names it: it becomes the content where a request of this visit carries it, in a body, as the last step before
the request is sent, like a sealed token does (`docs/design/uploads.md`).
"""

import base64
import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, get_args

from portico.errors import CallFailed
from portico.runtime.uploads import Upload

Reading = Literal["Base64", "Text", "Binary", "Array", "Array as text"]
READINGS: tuple[Reading, ...] = get_args(Reading)

#: Bytes of a file that scripts get as it is, and of all files of a visit.
INLINE, INLINE_ALL = 2 << 20, 4 << 20
#: Bytes that one request may carry in the place of handles.
CARRIED = 64 << 20
#: Rows and columns of a file that is read as a table.
MOST_ROWS, MOST_COLUMNS = 50_000, 1000

_FORMS: Mapping[str, str] = {"Base64": "b", "Text": "t", "Binary": "l"}
_HANDLE = re.compile(r"portico-file-([btl])-([0-9a-f]{40})", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})(?:[eE][+-]?\d{1,2})?", re.ASCII)

GONE = "A file is no longer here. Please choose it again."
TOO_MUCH = "The request was not sent: the files in it are too large together."


def handle_of(upload: Upload, reading: Reading) -> str:
    """The word that stands for a file; of a data URL, for what follows its comma."""
    bare = f"portico-file-{_FORMS.get(reading, 't')}-{upload.id}"
    return f"data:{upload.kind};base64,{bare}" if reading == "Base64" else bare


def data_of(upload: Upload, content: bytes, reading: Reading) -> Any:
    """What is in a file, as scripts read it. A file that is no table is an empty one."""
    match reading:
        case "Base64":
            return f"data:{upload.kind};base64,{base64.b64encode(content).decode()}"
        case "Text":
            return content.decode("utf-8", "replace")
        case "Binary":
            return content.decode("latin-1")
        case "Array" | "Array as text":
            return rows_of(upload.name, content, infer=reading == "Array")


def rows_of(name: str, content: bytes, *, infer: bool) -> list[Any]:
    """The rows of a CSV, TSV or JSON file: objects, by the names in the first row."""
    text = content.decode("utf-8-sig", "replace")
    if name.lower().endswith(".json"):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return []
        return found[:MOST_ROWS] if isinstance(found, list) else [found]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(name, text))
    try:
        names = next(reader, [])[:MOST_COLUMNS]
        return [
            {key: _cell(cell, infer=infer) for key, cell in zip(names, row, strict=False)}
            for row, _ in zip((row for row in reader if row), range(MOST_ROWS), strict=False)
        ]
    except csv.Error:
        return []


def _delimiter(name: str, text: str) -> str:
    if name.lower().endswith(".tsv"):
        return "\t"
    first = text.partition("\n")[0]
    return max((",", ";", "\t", "|"), key=first.count)


def _cell(text: str, *, infer: bool) -> Any:
    """A number, true or false where the text is one, and that is wanted."""
    if not infer:
        return text
    if _NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return {"true": True, "TRUE": True, "false": False, "FALSE": False}.get(text, text)


class Carried:
    """The contents that stand behind the handles in one request."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._size = 0

    async def fetch(self, body: object, held: Mapping[str, Upload]) -> bool:
        """Read what the handles in `body` name; whether there are any. Raises CallFailed for one that names
        nothing of `held`, and where it is too much."""
        for form, identity in (found.groups() for text in _strings(body) for found in _HANDLE.finditer(text)):
            upload = held.get(identity)
            if upload is None:
                raise CallFailed("a handle of a file that is not there", message=GONE)
            self._size += upload.size
            if self._size > CARRIED:
                raise CallFailed("the files of a request are too large", message=TOO_MUCH)
            if form + identity not in self._texts:
                self._texts[form + identity] = _written(form, await upload.content())
        return bool(self._texts)

    def opened(self, text: str, written: Callable[[str], str] = str) -> str:
        """A text with its handles replaced, each as `written` gives it."""
        return _HANDLE.sub(lambda found: written(self._texts.get(found[1] + found[2], found[0])), text)


def _written(form: str, content: bytes) -> str:
    if form == "b":
        return base64.b64encode(content).decode()
    return content.decode("latin-1") if form == "l" else content.decode("utf-8", "replace")


def _strings(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as members:
                waiting += members.values()
            case list() | tuple() as items:
                waiting += items
