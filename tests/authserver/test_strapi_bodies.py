"""Strapi dialect: bodies that are wrong, odd, huge or hostile."""

import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.authserver.dialects import strapi_schema
from portico.authserver.dialects.strapi_errors import StrapiRefusal
from tests.authserver.servers import AuthServer, bearer, envelope, not_text, problem, required, running

LOGIN = "/api/auth/local"
REGISTER = "/api/auth/local/register"
SIGNED_IN = ("/api/auth/logout", "/api/auth/change-password")
JSON = {"Content-Type": "application/json"}


# What yup 0.32.9 answered for Strapi's own schemas, strict, all errors at once.
LOGIN_PROBLEMS: list[tuple[object, list[dict[str, object]]]] = [
    ({}, [required("identifier"), required("password")]),
    ({"identifier": "", "password": ""}, [required("identifier", ""), required("password", "")]),
    ({"identifier": "a"}, [required("password")]),
    ({"identifier": None, "password": "x"}, [not_text("identifier", "null", None)]),
    (
        {"identifier": 1.5, "password": {"a": [1, "x", None]}},
        [
            not_text("identifier", "1.5", 1.5),
            not_text(
                "password",
                '{\n  "a": [\n    "1",\n    "\\"x\\"",\n    "null"\n  ]\n}',
                {"a": [1, "x", None]},
            ),
        ],
    ),
    (
        {"identifier": ["a"], "password": True},
        [not_text("identifier", '[\n  "\\"a\\""\n]', ["a"]), not_text("password", "true", True)],
    ),
    (
        {"identifier": {}, "password": []},
        [not_text("identifier", "{}", {}), not_text("password", "[]", [])],
    ),
    (
        {"identifier": 1e21, "password": -0.0},
        [not_text("identifier", "1e+21", 1e21), not_text("password", "-0", -0.0)],
    ),
    (
        {"identifier": {"a": 1, "b": {}}, "password": [[], {}]},
        [
            not_text("identifier", '{\n  "a": "1",\n  "b": {}\n}', {"a": 1, "b": {}}),
            not_text("password", "[\n  [],\n  {}\n]", [[], {}]),
        ],
    ),
    (
        {"identifier": 'é"q', "password": ['é"q']},
        [not_text("password", '[\n  "\\"é\\"q\\""\n]', ['é"q'])],
    ),
]

REGISTER_PROBLEMS: list[tuple[object, list[dict[str, object]]]] = [
    ({}, [required("email"), required("username"), required("password")]),
    ([], [required("email"), required("username"), required("password")]),
    (
        {"email": "x", "username": "ben", "password": "open sesame"},
        [problem("email", "email must be a valid email", "x")],
    ),
    (
        {"email": None, "username": None, "password": None},
        [not_text(name, "null", None) for name in ("email", "username", "password")],
    ),
    (
        {"email": "a@b.co", "username": 5, "password": "x" * 73},
        [
            not_text("username", "5", 5),
            problem("password", "Password must be less than 73 bytes", "x" * 73),
        ],
    ),
    (
        {"email": "a@b.co", "username": "ben", "password": "é" * 37},
        [problem("password", "Password must be less than 73 bytes", "é" * 37)],
    ),
    (
        {"email": "not", "username": "", "password": "x" * 80},
        [
            problem("email", "email must be a valid email", "not"),
            required("username", ""),
            problem("password", "Password must be less than 73 bytes", "x" * 80),
        ],
    ),
    (
        {"email": "a@b.c", "username": "be", "password": "12345"},
        [
            problem("username", "username must be at least 3 characters", "be"),
            problem("email", "email must be at least 6 characters", "a@b.c"),
            problem("password", "password must be at least 6 characters", "12345"),
        ],
    ),
]


@pytest.mark.parametrize(
    ("path", "body", "problems"),
    [(LOGIN, *row) for row in LOGIN_PROBLEMS] + [(REGISTER, *row) for row in REGISTER_PROBLEMS],
)
async def test_validation_errors(
    server: AuthServer, path: str, body: object, problems: list[dict[str, object]]
) -> None:
    """Fields at fault are named as yup names them: one message, or their number, and every detail."""
    answer = await server.http.post(path, json=body)
    message = str(problems[0]["message"]) if len(problems) == 1 else f"{len(problems)} errors occurred"
    assert answer.status_code == 400
    assert answer.json() == envelope(400, "ValidationError", message, {"errors": problems})


async def test_a_sign_in_that_is_no_object(server: AuthServer) -> None:
    """An array is no sign-in, and the message quotes it."""
    message = 'this must be a `object` type, but the final value was: `[\n  "1"\n]`.'
    details = {"errors": [{"path": [], "message": message, "name": "ValidationError", "value": [1]}]}
    assert (await server.http.post(LOGIN, json=[1])).json() == envelope(
        400, "ValidationError", message, details
    )


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"role": 1}, "role"),
        ({"username": "ben", "confirmed": True, "id": 1}, "confirmed, id"),
        ({"deviceId": "x"}, "deviceId"),
        (["a", "b"], "0, 1"),
    ],
)
async def test_unknown_keys(server: AuthServer, body: object, named: str) -> None:
    """A sign-up cannot give itself a role, or anything else that is not its own."""
    answer = await server.http.post(REGISTER, json=body)
    assert (answer.status_code, answer.json()) == (
        400,
        envelope(400, "ValidationError", f"Invalid parameters: {named}"),
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"identifier": "a",}',
        b"nonsense",
        b'"text"',
        b"null",
        b"42",
        b'{"identifier": NaN}',
        b'{"identifier": Infinity}',
        b'{"identifier": 1e400}',
        b'{"identifier": ' + b"9" * 400 + b"}",
        b'{"identifier": ' + b"9" * 5000 + b"}",
        b'{"identifier": "\\ud800", "password": "x"}',
        b'{"\\udc00": "x"}',
        b'{"identifier": "\xff\xfe"}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
    ],
    ids=lambda raw: f"{len(raw)} {raw[:24]!r}",
)
@pytest.mark.parametrize("path", [LOGIN, REGISTER, "/api/auth/refresh"])
async def test_malformed_json(server: AuthServer, path: str, raw: bytes) -> None:
    """What is not an object or array of plain values is 400 in the envelope of the body parser."""
    answer = await server.http.post(path, content=raw, headers=JSON)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert answer.json()["data"] is None
    assert (error["status"], error["name"]) == (400, "SyntaxError")
    assert isinstance(error["message"], str)


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/octet-stream", "multipart/form-data"]
)
async def test_other_content_types_are_no_body(server: AuthServer, content_type: str) -> None:
    """A body of another type counts as none: both fields are missing."""
    headers = {"Content-Type": content_type} if content_type else {}
    answer = await server.http.post(LOGIN, content=b'{"identifier":"anna"}', headers=headers)
    assert answer.json()["error"]["message"] == "2 errors occurred"


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("identifier=anna&identifier=anna&password=correct+horse", ["anna", "anna"]),
        ("identifier=anna&password=correct+horse&identifier=other", ["anna", "other"]),
    ],
)
async def test_a_form_field_that_is_there_twice(server: AuthServer, form: str, value: list[str]) -> None:
    """A field that is repeated is a list, as Strapi's parser makes it, and no list signs in."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await server.http.post(LOGIN, content=form, headers=headers)
    problems = [not_text("identifier", strapi_schema.print_value(value), value)]
    message = str(problems[0]["message"])
    assert answer.json() == envelope(400, "ValidationError", message, {"errors": problems})


@pytest.mark.parametrize(
    "form", [b"&".join(b"x=%d" % n for n in range(1001)), b"identifier=%ff&password=x", b"\xff"]
)
async def test_forms_that_cannot_be_read(server: AuthServer, form: bytes) -> None:
    """Too many fields and bytes that are no UTF-8 are refused by the parser."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await server.http.post(LOGIN, content=form, headers=headers)
    error = {"status": 400, "name": "SyntaxError", "message": "malformed form body"}
    assert (answer.status_code, answer.json()) == (400, {"data": None, "error": error})


@pytest.mark.parametrize("username", ["an\0na", "\0\0\0", "anna\0", "😀😀", "\u202eanna", "áńńá", "   "])
async def test_any_text_is_a_user_name(server: AuthServer, username: str) -> None:
    """A name counts whole, NUL characters and all, and is nobody else's; its length is JavaScript's."""
    form = {"username": username, "email": "ben@example.com", "password": "open sesame"}
    answer = await server.http.post(REGISTER, json=form)
    assert answer.json()["user"]["username"] == username
    assert (await server.sign_in(username, "open sesame")).json()["user"]["username"] == username
    assert (await server.sign_in("anna")).json()["user"]["username"] == "anna"


@pytest.mark.parametrize("declared", [True, False])
async def test_body_limit(server: AuthServer, declared: bool) -> None:
    """Above 1 MiB a body is 413, whether its length is declared or not; 1 MiB itself is read."""

    async def chunks(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 1024):
            yield b" " * 1024

    async def post(size: int) -> tuple[int, str]:
        content = b" " * size if declared else chunks(size)
        answer = await server.http.post(LOGIN, content=content, headers=JSON)
        return answer.status_code, answer.json()["error"]["name"]

    assert await post(1024 * 1024 + 1024) == (413, "PayloadTooLargeError")
    assert await post(1024 * 1024) == (400, "SyntaxError")


@pytest.mark.parametrize(
    ("email", "valid"),
    [
        ("a.b+c@sub.example.co", True),
        ("jürgen@exämple.de", True),
        ("a@b-c.example", True),
        ("A@EXAMPLE.COM", True),
        ("a b@example.com", False),
        ("a@example", False),
        ("a@.example.com", False),
        ("a@example.com.", False),
        ("a@@example.com", False),
        ("@example.com", False),
        ("a..b@example.com", False),
        ("a@example.c0", False),
        ("a@example.com\n", False),
        ("a@" + "b" * 50_000 + "!", False),
        ("a@" + "b." * 50_000, False),
        ("a@-b.com", False),
        ("a@b.co\0", False),
        ("a\0@b.co", False),
        (" a@b.co", False),
        ("😀@b.co", False),
        ("a＠b.co", False),
        ("a@ｂ.co", True),
        ("\u212a@b.co", True),
    ],
)
def test_email_addresses(email: str, valid: bool) -> None:
    """Addresses are accepted as yup accepts them, and refusing a long one is quick enough to be a test."""
    body = {"email": email, "username": "ben", "password": "open sesame"}
    if valid:
        assert strapi_schema.registration(body).email == email
    else:
        with pytest.raises(StrapiRefusal) as refusal:
            strapi_schema.registration(body)
        assert refusal.value.message == "email must be a valid email"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (1, "1"),
        (100.0, "100"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (-2.5, "-2.5"),
        (0, "0"),
        (123456789012345678, "123456789012345680"),
        (False, "false"),
        ("x", '"x"'),
    ],
)
def test_printed_as_javascript_prints(value: object, printed: str) -> None:
    """Values in messages look as they do in Node."""
    assert strapi_schema.print_value(value) == printed


_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
_fields = st.sampled_from(
    [
        "identifier",
        "password",
        "username",
        "email",
        "deviceId",
        "refreshToken",
        "scope",
        "currentPassword",
        "passwordConfirmation",
    ]
)
_bodies = st.dictionaries(_fields, _values) | _values


@given(body=_bodies, path=st.sampled_from([LOGIN, REGISTER, "/api/auth/refresh", *SIGNED_IN]))
async def test_no_json_body_is_a_server_error(body: object, path: str) -> None:
    """Whatever JSON comes in, the answer is a refusal in the envelope (or, by chance, a sign-up)."""
    async with running() as server:
        token = (await server.tokens())[0] if path in SIGNED_IN else None
        headers = JSON | (bearer(token) if token else {})
        answer = await server.http.post(path, content=json.dumps(body).encode(), headers=headers)
        assert answer.status_code in (200, 400, 401)
        if answer.status_code != 200:
            assert answer.json()["data"] is None
            assert answer.json()["error"]["status"] == answer.status_code


@given(raw=st.binary(max_size=200), kind=st.sampled_from(["json", "x-www-form-urlencoded", "vnd.api+json"]))
async def test_no_raw_body_is_a_server_error(raw: bytes, kind: str) -> None:
    """Bytes that are nothing in particular are refused, never an error of the server."""
    async with running() as server:
        headers = {"Content-Type": f"application/{kind}"}
        answer = await server.http.post(LOGIN, content=raw, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["error"]["status"] == 400
