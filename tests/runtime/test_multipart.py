"""Bodies of parts (RFC 7578): what names and data may hold, and what a strict server makes of it."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_multipart import FormParser
from python_multipart.multipart import Field, File

from portico.clock import Clock
from portico.errors import CallFailed
from portico.model.query import Request
from portico.runtime.body import encode_body
from portico.runtime.http import Client
from tests.runtime.listeners import listening, query, source

Read = list[tuple[str, str | None, bytes]]


def read(body: bytes, content_type: str) -> Read:
    """Name, file name and content of each part, as the parser of web servers reads them."""
    found: Read = []

    def on_field(field: Any) -> None:
        assert isinstance(field, Field)
        found.append(((field.field_name or b"").decode(), None, field.value or b""))

    def on_file(file: Any) -> None:
        assert isinstance(file, File)
        file.file_object.seek(0)
        name = (file.file_name or b"").decode()
        found.append(((file.field_name or b"").decode(), name, file.file_object.read()))

    boundary = content_type.partition("boundary=")[2]
    parser = FormParser("multipart/form-data", on_field, on_file, boundary=boundary)
    parser.write(body)
    parser.finalize()
    return found


def encoded(body: object) -> tuple[bytes, str]:
    """A body and its label."""
    data, content_type = encode_body("multipart", Request(path="/", body=body))
    assert data is not None
    assert content_type is not None
    return data, content_type


async def test_a_body_of_parts_arrives_with_its_boundary() -> None:
    """Length and label fit; each request has a boundary of its own."""
    async with listening() as server, Client(clock=Clock()) as client:
        for _ in range(2):
            request = Request(path="/", body={"a": "1"})
            general = (("Content-Type", "application/json"), ("X-Shop", "1"))
            await client.send(source(server.url, headers=general), query("POST", "multipart"), request)
            assert server.header("x-shop") == ["1"]
            (label,) = server.header("content-type")
            assert label.startswith("multipart/form-data; boundary=")
            assert server.header("content-length") == [str(len(server.bodies[-1]))]
            assert read(server.bodies[-1], label) == [("a", None, b"1")]
        assert server.bodies[0] != server.bodies[1]


async def test_a_datasources_label_does_not_replace_that_of_a_form() -> None:
    """`Content-Type: application/json` for all of an API is meant for its JSON."""
    async with listening() as server, Client(clock=Clock()) as client:
        datasource = source(server.url, headers=(("Content-Type", "application/json; v=2"),))
        for body_type, expected in (
            ("form", "application/x-www-form-urlencoded"),
            ("json", "application/json; v=2"),
        ):
            await client.send(
                datasource,
                query("POST", "form" if body_type == "form" else "json"),
                Request(path="/", body={}),
            )
            assert server.header("content-type") == [expected]


def test_the_bytes_are_those_of_the_rfc() -> None:
    """CRLF everywhere, names in quotes, one blank line before the content."""
    body = [["a", "1"], ["f", {"name": "x.bin", "type": "image/png", "data": "AA==", "dataFormat": "Base64"}]]
    data, content_type = encoded(body)
    boundary = content_type.partition("boundary=")[2].encode()
    assert len(boundary) >= 22
    assert data == (
        b"--%b\r\n"
        b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b"--%b\r\n"
        b'Content-Disposition: form-data; name="f"; filename="x.bin"\r\n'
        b"Content-Type: image/png\r\n\r\n\x00\r\n"
        b"--%b--\r\n"
    ) % (boundary, boundary, boundary)


HOSTILE = [
    'a"; filename="evil.php', 'a\r\nContent-Type: text/html\r\n\r\n<script>', "a\nX: 1", "a\rX: 1", "a\x00b",
    "a\x7f", "\\", '\\"', "%22", "../../etc/passwd", "C:\\x", "ä€😀", "a; b=c", "x" * 500, "'", "\u2028X: 1",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_names_cannot_leave_their_quotes(name: str) -> None:
    """Promise 29: whatever a field or file is called, there is one part, of one line of disposition."""
    for body in ({name: "v"}, {"n": {"name": name, "data": "v"}}, {name: {"name": name, "data": "v"}}):
        data, content_type = encoded(body)
        ((field, file, content),) = read(data, content_type)
        head = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert [line.partition(b":")[0] for line in head[1:]] in (
            [b"Content-Disposition"],
            [b"Content-Disposition", b"Content-Type"],
        )
        assert content == b"v"
        assert (file is None) == (body == {name: "v"})
        assert "\n" not in field + (file or "")


@given(st.lists(st.tuples(st.text(st.characters(exclude_characters='"\r\n\\'), min_size=1), st.text())))
def test_fields_arrive_as_they_were(pairs: list[tuple[str, str]]) -> None:
    """In order, repeated ones too, for any text."""
    data, content_type = encoded([list(pair) for pair in pairs])
    expected = [
        (
            "".join(f"%{ord(char):02X}" if char < " " or char == "\x7f" else char for char in name),
            None,
            value.encode("utf-8", "replace"),
        )
        for name, value in pairs
    ]
    assert read(data, content_type) == [
        (name.encode("utf-8", "replace").decode(), file, value) for name, file, value in expected
    ]


def test_content_may_look_like_a_part() -> None:
    """The boundary is not to be guessed."""
    text = '--boundary\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--boundary--\r\n'
    assert read(*encoded({"a": text})) == [("a", None, text.encode())]


@pytest.mark.parametrize(
    "file",
    [
        {"name": "a", "data": "A", "dataFormat": "Base64"},
        {"name": "a", "data": "ä===", "dataFormat": "Base64"},
        {"name": "a", "data": "data:image/png", "dataFormat": "Base64"},
        {"name": "a", "data": "\u0100", "dataFormat": "Binary"},
        {"name": "a", "data": [{"x": 1}], "dataFormat": "Array"},
        {"name": "a", "data": {"x": 1}},
        {"name": "a", "data": None},
        {"name": "a", "data": "x", "dataFormat": "base64"},
        {"name": "a", "data": "x", "dataFormat": 5},
    ],
)
async def test_a_file_that_cannot_be_read_is_not_sent(file: dict[str, Any]) -> None:
    """The message names the field; nothing goes out."""
    async with listening() as server, Client(clock=Clock()) as client:
        request = Request(path="/", body={"photo": file})
        with pytest.raises(CallFailed) as failed:
            await client.send(source(server.url), query("POST", "multipart"), request)
        assert server.connections == 0
    assert "`photo`" in failed.value.message


@pytest.mark.parametrize("body", [5, "text", [1], [["a"]], True])
def test_what_is_no_form_is_refused(body: object) -> None:
    """As for forms."""
    with pytest.raises(CallFailed, match="not a form"):
        encode_body("multipart", Request(path="/", body=body))


def test_control_a_name_as_it_stands_would_be_noticed() -> None:
    """Positive control: unescaped, the same name makes a file of a field."""
    name = 'a"; filename="evil.php'
    data = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nv\r\n--b--\r\n'.encode()
    assert read(data, "multipart/form-data; boundary=b") == [("a", "evil.php", b"v")]


def test_an_object_that_is_no_file_is_json() -> None:
    """Only a name with data is a file."""
    assert read(*encoded({"a": {"name": "x"}, "b": {"data": "x"}})) == [
        ("a", None, b'{"name":"x"}'),
        ("b", None, b'{"data":"x"}'),
    ]
    assert io.BytesIO(encoded({})[0]).readline().endswith(b"--\r\n")
