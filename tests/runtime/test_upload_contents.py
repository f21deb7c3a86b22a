"""What is in uploaded files: as scripts read it, and in the place of handles."""

import base64
import json
from io import BytesIO
from typing import Any

import pytest

from portico.clock import Clock
from portico.errors import CallFailed
from portico.runtime import contents
from portico.runtime.contents import Carried, data_of, handle_of, rows_of
from portico.runtime.uploads import Upload, Uploads

BYTES = bytes(range(256))


async def upload(content: bytes = BYTES, name: str = "a.bin") -> Upload:
    """A file that is held."""
    return await Uploads(Clock()).adopt(("a", "", "v"), "ada", name, BytesIO(content), len(content))


async def test_readings() -> None:
    """A data URL, a character a byte, text with its faults replaced."""
    found = await upload()
    data = data_of(found, BYTES, "Base64")
    assert data == f"data:application/octet-stream;base64,{base64.b64encode(BYTES).decode()}"
    assert data_of(found, BYTES, "Binary").encode("latin-1") == BYTES
    assert data_of(found, b"\xffa", "Text") == "\ufffda"


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.csv", b"a,b\n1,x\n2.5,true\n", [{"a": 1, "b": "x"}, {"a": 2.5, "b": True}]),
        ("a.csv", b"\xef\xbb\xbfa;b\r\n1;2\r\n\r\n", [{"a": 1, "b": 2}]),
        ("a.tsv", b"a\tb\n0123x\t1e3\n", [{"a": "0123x", "b": 1000}]),
        ("a.csv", b"a,b\n1\n1,2,3\n", [{"a": 1}, {"a": 1, "b": 2}]),
        ("a.csv", b"", []),
        ("a.json", b'[{"a": 1}]', [{"a": 1}]),
        ("a.json", b'{"a": 1}', [{"a": 1}]),
        ("a.json", b"{", []),
        ("a.json", b"[" * 100_000, []),
        ("a.csv", b"a\n" + b'"' + b"x" * 200_000, []),
    ],
)
def test_rows(name: str, content: bytes, rows: list[Any]) -> None:
    """By the names in the first row; numbers are numbers; what is no table is an empty one."""
    assert rows_of(name, content, infer=True) == rows


def test_rows_of_words() -> None:
    """Without `dynamicTyping` all stays text; there is an end to rows and columns."""
    assert rows_of("a.csv", b"a,b\n1,true\n", infer=False) == [{"a": "1", "b": "true"}]
    assert len(rows_of("a.csv", b"a\n" + b"1\n" * 60_000, infer=True)) == contents.MOST_ROWS
    wide = ",".join(f"c{number}" for number in range(5000)).encode()
    assert len(rows_of("a.csv", wide + b"\n" + wide, infer=True)[0]) == contents.MOST_COLUMNS


async def test_handles_become_content() -> None:
    """In each form, wherever they stand, as the body is written; what names nothing stays."""
    found = await upload(b'a "b"\n')
    held = {found.id: found}
    for reading, text in (("Text", 'a "b"\n'), ("Binary", 'a "b"\n'), ("Base64", "YSAiYiIK")):
        carried = Carried()
        handle = handle_of(found, reading)  # type: ignore[arg-type]
        assert await carried.fetch({"x": [f"<{handle}>"]}, held)
        opened = carried.opened(f"<{handle}>", lambda part: json.dumps(part)[1:-1])
        assert opened.endswith(f"{json.dumps(text)[1:-1]}>")
    assert not await Carried().fetch({"x": "portico-file-q-", "y": 1}, held)


async def test_what_is_not_there_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handle of nothing fails the request, and so does too much."""
    found = await upload()
    with pytest.raises(CallFailed, match="not there"):
        await Carried().fetch([handle_of(found, "Text")], {})
    monkeypatch.setattr(contents, "CARRIED", 500)
    with pytest.raises(CallFailed, match="too large"):
        await Carried().fetch([handle_of(found, "Text")] * 2, {found.id: found})
