"""What bindings of every type become in every kind of body: from the file, through the sandbox, to bytes."""

import json
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from portico.model.query import BodyType
from portico.runtime.body import encode_body
from tests.definition.apps import PLAIN, app
from tests.sandbox.sessions import Session, request

HOME = 'widgets:\n  - {name: Go, type: Button, onClick: "{{ q.run() }}"}\n'

#: Code, what it is as JSON in a structure, and what it is within other text.
VALUES: list[tuple[str, Any, str]] = [
    ("undefined", None, ""),
    ("null", None, ""),
    ("true", True, "true"),
    ("0", 0, "0"),
    ("-1.5", -1.5, "-1.5"),
    ("1e21", 1e21, "1e+21"),
    ("NaN", None, "NaN"),
    ('"text"', "text", "text"),
    ('""', "", ""),
    ("'q\"\\\\\\n{{'", 'q"\\\n{{', 'q"\\\n{{'),
    ('"ä€😀"', "ä€😀", "ä€😀"),
    ("[]", [], "[]"),
    ("[1, [2, null, 'x']]", [1, [2, None, "x"]], '[1,[2,null,"x"]]'),
    ("{}", {}, "{}"),
    ("{a: {b: [true, undefined]}, c: undefined}", {"a": {"b": [True, None]}}, '{"a":{"b":[true,null]}}'),
]


def sent(folder: Path, code: str, body_type: BodyType, body: str) -> tuple[bytes | None, str | None]:
    """Body and content type of a query whose binding `X` gives what `code` says."""
    files = {
        **PLAIN,
        "pages/Home/page.yaml": HOME,
        "pages/Home/scripts/S.js": f"export default {{ value() {{ return {code} }} }}\n",
        "pages/Home/queries/q.yaml": (
            "datasource: api\nmethod: POST\npath: /\n"
            f"body_type: {body_type}\nbody: {body.replace('X', 'S.value()')}\n"
        ),
    }
    turn = Session(app(folder, files).pages["Home"].program).event()
    return encode_body(body_type, request(turn).request)


def parts(data: bytes | None, content_type: str | None) -> list[tuple[Any, ...]]:
    """The parts of a multipart body, as a parser of mail reads them: name, file name, type, content."""
    assert data is not None
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + data)
    found = []
    for part in message.iter_parts() if message.is_multipart() else ():
        disposition = part["content-disposition"].params
        kind = part.get_content_type() if "content-type" in part else None
        found.append((disposition["name"], disposition.get("filename"), kind, part.get_payload(decode=True)))
    return found


@pytest.mark.parametrize(("code", "value", "text"), VALUES)
def test_json(code: str, value: Any, text: str, tmp_path: Path) -> None:
    """Bare a value, in quotes text; in JSON text, in YAML, and as the whole body."""
    whole = {} if code == "undefined" else {"v": value}
    cases = [
        ('\'{"v": {{ X }}, "w": 1}\'', {"v": value, "w": 1}),
        ('\'{"v": "<{{ X }}>"}\'', {"v": f"<{text}>"}),
        ('\'["{{ X }}", "{{ X }}{{ X }}"]\'', [text, text + text]),
        ('"{{ {v: X} }}"', whole),
        ('{v: "{{ X }}"}', whole),
        ('[{v: ["{{ X }}"]}]', [{"v": [value]}]),
        ('{v: "<{{ X }}>"}', {"v": f"<{text}>"}),
    ]
    for number, (body, expected) in enumerate(cases):
        data, content_type = sent(tmp_path / str(number), code, "json", body)
        assert data is not None
        assert (json.loads(data), content_type) == (expected, "application/json"), body


@pytest.mark.parametrize(("code", "value", "text"), VALUES)
def test_a_json_body_that_is_one_binding(code: str, value: Any, text: str, tmp_path: Path) -> None:
    """Its value; nothing is sent for nothing."""
    data, _ = sent(tmp_path, code, "json", '"{{ X }}"')
    assert data is None if value is None else json.loads(data or b"") == value


@pytest.mark.parametrize(("code", "value", "text"), VALUES)
def test_form(code: str, value: Any, text: str, tmp_path: Path) -> None:
    """Text, and JSON of what is none; a name without a value keeps its place."""
    data, content_type = sent(tmp_path / "a", code, "form", '{v: "{{ X }}", w: ["<{{ X }}>", 2]}')
    assert content_type == "application/x-www-form-urlencoded"
    assert parse_qsl((data or b"").decode(), keep_blank_values=True) == [
        ("v", text),
        ("w", f"<{text}>"),
        ("w", "2"),
    ]
    data, _ = sent(tmp_path / "b", code, "form", '"{{ {v: X} }}"')
    expected = "" if value is None else text
    found = parse_qsl((data or b"").decode(), keep_blank_values=True)
    assert found == ([] if code == "undefined" else [("v", expected)])


@pytest.mark.parametrize(("code", "value", "text"), VALUES)
def test_multipart(code: str, value: Any, text: str, tmp_path: Path) -> None:
    """As in a form, but that a list gives its name several times."""
    one = "" if value is None else text
    expected = [("v", None, None, one.encode())]
    if isinstance(value, list):
        expected = [("v", None, None, item) for item in (b"1", b'[2,null,"x"]') if value]
    for number, body in enumerate(('{v: "{{ X }}"}', '"{{ {v: X} }}"', "\"{{ [['v', X]] }}\"")):
        found = parts(*sent(tmp_path / str(number), code, "multipart", body))
        assert found == ([] if code == "undefined" and number == 1 else expected), body
    found = parts(*sent(tmp_path / "c", code, "multipart", '{v: "<{{ X }}>", w: [1, b]}'))
    assert found == [
        ("v", None, None, f"<{text}>".encode()),
        ("w", None, None, b"1"),
        ("w", None, None, b"b"),
    ]


@pytest.mark.parametrize(("code", "value", "text"), VALUES)
def test_text(code: str, value: Any, text: str, tmp_path: Path) -> None:
    """As it reads."""
    data, content_type = sent(tmp_path / "a", code, "text", '"<{{ X }}>"')
    assert (data, content_type) == (f"<{text}>".encode(), "text/plain; charset=utf-8")
    data, _ = sent(tmp_path / "b", code, "text", '"{{ X }}"')
    assert data == (None if value is None else text.encode())


def test_json_text_is_sent_as_it_stands(tmp_path: Path) -> None:
    """With and without a binding: white space, order, and every digit of a number."""
    text = '{ "n": 12345678901234567890, "m": 1.10, "n2": 1e2 }'
    for number, (body, expected) in enumerate(
        ((text, text), (text[:-2] + ', "x": {{ X }} }', text[:-2] + ', "x": 1 }'))
    ):
        data, _ = sent(tmp_path / str(number), "1", "json", f"'{body}'")
        assert data == expected.encode()


@pytest.mark.parametrize(
    ("body_type", "body"),
    [
        ("json", '"{{ {v: X} }}"'),
        ("json", "'{\"v\": {{ X }}}'"),
        ("json", '\'{"v": "{{ X }}"}\''),
        ("json", '{v: "<{{ X }}>"}'),
        ("form", '{v: "{{ X }}"}'),
        ("form", '"{{ {[X]: X} }}"'),
        ("multipart", '{v: "{{ X }}"}'),
        ("multipart", '"{{ {[X]: {name: X, type: X, data: X}} }}"'),
        ("text", '"{{ X }}"'),
    ],
)
def test_half_a_surrogate_pair_does_not_stop_a_request(
    body_type: BodyType, body: str, tmp_path: Path
) -> None:
    """No encoding has it: it arrives as a question mark, or as the escape that JSON has for it."""
    data, _ = sent(tmp_path, '"a\\ud800"', body_type, body)
    assert data is not None
    assert data.decode("utf-8")
    assert b"a?" in data or b"a%3F" in data or b"a\\ud800" in data


FILES: list[tuple[str, str, str, bytes]] = [
    ("{name: 'a.txt', type: 'text/plain', data: 'hällo'}", "a.txt", "text/plain", "hällo".encode()),
    ("{name: 'a', type: 'image/png', data: 'AP8=', dataFormat: 'Base64'}", "a", "image/png", b"\x00\xff"),
    (
        "{name: 'a', type: 'image/png', data: 'data:image/png;base64,AP8=', dataFormat: 'Base64', size: 2}",
        "a",
        "image/png",
        b"\x00\xff",
    ),
    (
        "{name: 'a', data: '\\u0000\\u00ff', dataFormat: 'Binary'}",
        "a",
        "application/octet-stream",
        b"\x00\xff",
    ),
    ("{name: 'ä€😀', data: '', dataFormat: 'Text'}", "ä€😀", "application/octet-stream", b""),
    ("{name: 'a', type: 'x\\r\\nX-Evil: 1', data: 'b'}", "a", "application/octet-stream", b"b"),
    ("{name: 'a', type: 'application/vnd.A+B', data: 'b'}", "a", "application/vnd.a+b", b"b"),
    ("{name: 'a', type: 5, data: 'b'}", "a", "application/octet-stream", b"b"),
    ("{name: 'a', type: 'text/csv; charset=utf-8', data: 'b'}", "a", "text/csv", b"b"),
]


@pytest.mark.parametrize(("code", "name", "kind", "content"), FILES)
def test_files(code: str, name: str, kind: str, content: bytes, tmp_path: Path) -> None:
    """An object with a name and data, as file pickers hand it over, from a binding of either kind."""
    for number, body in enumerate(('{f: "{{ X }}", n: "1"}', '"{{ {f: X, n: 1} }}"')):
        found = parts(*sent(tmp_path / str(number), code, "multipart", body))
        assert found == [("f", name, kind, content), ("n", None, None, b"1")]


def test_several_files_and_a_file_written_out(tmp_path: Path) -> None:
    """A list of files is a name several times; the parts of a written file may be bindings."""
    code = "[{name: 'a', data: '1'}, {name: 'b', data: '2'}]"
    body = '{f: "{{ X }}", g: {name: "n{{ X.length }}.csv", type: text/csv, data: "{{ X[0].data }}"}}'
    assert parts(*sent(tmp_path, code, "multipart", body)) == [
        ("f", "a", "application/octet-stream", b"1"),
        ("f", "b", "application/octet-stream", b"2"),
        ("g", "n2.csv", "text/csv", b"1"),
    ]
