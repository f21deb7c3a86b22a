"""GoTrue dialect: bodies that are wrong, odd, huge or hostile."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.authserver.gotrue_calls import RECENT, GoTrueCalls, refusal
from tests.authserver.servers import bearer, running

MEBIBYTE = 1024 * 1024
TOO_LARGE = (413, "request_entity_too_large", "Request body too large (max 1048576 bytes)")
SIGN_UP, SIGN_IN, REFRESH, CHANGE = (
    ("POST", "/signup"),
    ("POST", "/token?grant_type=password"),
    ("POST", "/token?grant_type=refresh_token"),
    ("PUT", "/user"),
)
TEXTS = {
    SIGN_UP: ["email", "phone", "password", "channel", "code_challenge", "code_challenge_method"],
    SIGN_IN: ["email", "phone", "password"],
    REFRESH: ["refresh_token"],
    CHANGE: [
        "email",
        "phone",
        "password",
        "current_password",
        "nonce",
        "channel",
        "code_challenge",
        "code_challenge_method",
    ],
}
MAPPINGS = {SIGN_UP: ["data"], CHANGE: ["data", "app_metadata"]}
KINDS: dict[str, list[object]] = {
    "number": [0, 1, -1.5, 10**30],
    "bool": [True, False],
    "array": [[], ["x"], [None]],
}
NO_TEXTS = KINDS | {"object": [{}, {"$ne": None}]}
NO_MAPPINGS = KINDS | {"string": ["", "x", "{}"]}

every_body = pytest.mark.parametrize(("method", "path"), [SIGN_UP, SIGN_IN, REFRESH, CHANGE])


async def sent(calls: GoTrueCalls, method: str, path: str, content: bytes, **headers: str) -> httpx.Response:
    """A request with these bytes as its body, of a signed-in user where one is needed."""
    token = (await calls.tokens())[0] if path == "/user" else None
    authorization = bearer(token) if token else {}
    return await calls.send(method, path, content=content, headers=headers | authorization)


# What is no JSON object


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "unexpected end of JSON input"),
        (b" \n", "unexpected end of JSON input"),
        (b"{", "Unexpected token in JSON at position 1"),
        (b'{"email": "a@b.co"} x', "Unexpected token in JSON at position 20"),
        (b'{"email": "a\0@b.co"}', "Unexpected token in JSON at position 12"),
        (b"email=a%40b.co&password=x", "Unexpected token in JSON at position 0"),
        (b"\xef\xbb\xbf{}", "Unexpected token in JSON at position 0"),
        (b'{"email": NaN}', "invalid JSON"),
        (b'{"data": {"x": 1e400}}', "invalid JSON"),
        (b'{"data": {"x": ' + b"9" * 5000 + b"}}", "invalid JSON"),
        (b'{"email": "\\ud800"}', "invalid JSON"),
        (b'{"data": {"\\udc00": 1}}', "invalid JSON"),
        (b"\xff", "invalid JSON"),
        (b"[" * 100_000, "invalid JSON"),
        (b'{"data":' * 500 + b"{}" + b"}" * 500, "invalid JSON"),
        (b"[]", "json: cannot unmarshal array into Go value of type object"),
        (b'"x"', "json: cannot unmarshal string into Go value of type object"),
        (b"5", "json: cannot unmarshal number into Go value of type object"),
        (b"true", "json: cannot unmarshal bool into Go value of type object"),
    ],
    ids=lambda value: f"{len(value)} {value[:24]!r}",
)
@every_body
async def test_bad_json(calls: GoTrueCalls, method: str, path: str, raw: bytes, reason: str) -> None:
    """P76: what is no JSON object of plain values is 400 `bad_json`, whichever call it came to."""
    answer = await sent(calls, method, path, raw)
    assert refusal(answer) == (400, "bad_json", f"Could not parse request body as JSON: {reason}")


@every_body
async def test_wrong_types_in_every_field(calls: GoTrueCalls, method: str, path: str) -> None:
    """P76: each field refuses values of other types, before anything else is looked at."""
    token, _ = await calls.tokens()
    endpoint = (method, path)
    cases = [(name, "string", NO_TEXTS) for name in TEXTS[endpoint]]
    cases += [(name, "object", NO_MAPPINGS) for name in MAPPINGS.get(endpoint, [])]
    for name, wanted, others in cases:
        for kind, values in others.items():
            for value in values:
                answer = await calls.send(method, path, json={name: value}, headers=bearer(token))
                message = f"json: cannot unmarshal {kind} into Go struct field {name} of type {wanted}"
                expected = (400, "bad_json", f"Could not parse request body as JSON: {message}")
                assert refusal(answer) == expected


@every_body
async def test_null_is_absent(calls: GoTrueCalls, method: str, path: str) -> None:
    """A field that is null, or a body that is, is absent: the answer is that to an empty object."""
    token, _ = await calls.tokens()
    fields = TEXTS[method, path] + MAPPINGS.get((method, path), [])
    bodies: list[object] = [{}, None, dict.fromkeys(fields), dict.fromkeys(fields) | {"unknown": [{}]}]
    answers = [
        await calls.send(method, path, content=json.dumps(body), headers=bearer(token)) for body in bodies
    ]
    statuses = {SIGN_UP: 422, SIGN_IN: 400, REFRESH: 400, CHANGE: 200}
    assert {answer.status_code for answer in answers} == {statuses[method, path]}
    assert len({answer.headers.get("x-sb-error-code") for answer in answers}) == 1


async def test_a_key_that_is_there_twice(calls: GoTrueCalls) -> None:
    """Of a key that is repeated the last counts, as in Go."""
    raw = b'{"email": 5, "email": "anna@example.com", "password": "x", "password": "correct horse"}'
    assert (await sent(calls, *SIGN_IN, raw)).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
    ],
)
async def test_the_content_type_does_not_matter(calls: GoTrueCalls, content_type: str) -> None:
    """JSON is read whatever it is called, and nothing else is."""
    headers = {"Content-Type": content_type} if content_type else {}
    form = {"email": "anna@example.com", "password": "correct horse"}
    answer = await sent(calls, *SIGN_IN, json.dumps(form).encode(), **headers)
    assert answer.status_code == 200
    answer = await sent(calls, *SIGN_IN, b"email=anna%40example.com&password=correct+horse", **headers)
    assert refusal(answer)[:2] == (400, "bad_json")


@pytest.mark.parametrize("declared", [True, False])
@every_body
async def test_body_limit(calls: GoTrueCalls, method: str, path: str, declared: bool) -> None:
    """Above 1 MiB a body is 413, whether its length is declared or not; 1 MiB itself is read."""

    async def chunks(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 1024):
            yield b" " * 1024

    token, _ = await calls.tokens()

    async def sized(size: int) -> tuple[int, str, str]:
        content = b" " * size if declared else chunks(size)
        return refusal(await calls.send(method, path, content=content, headers=bearer(token)))

    assert await sized(MEBIBYTE + 1024) == TOO_LARGE
    assert (await sized(MEBIBYTE))[1] == "bad_json"


@pytest.mark.parametrize("text", ["\0", "a\0b", "😀", "\u202e", "\ufeff", "\U0010ffff", "İ", "x" * 2000])
async def test_any_text_in_metadata(calls: GoTrueCalls, text: str) -> None:
    """What a user says about themselves comes back character for character, and so do their keys."""
    access, refresh = await calls.tokens()
    said = {text: text, "list": [text, None, 1.5, {text: True}]}
    assert (await calls.change(access, data=said)).status_code == 200
    renewed = (await calls.refresh(refresh)).json()["access_token"]
    metadata = (await calls.user(renewed)).json()["user_metadata"]
    assert said.items() <= metadata.items()


# Anything at all

_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
_fields = st.sampled_from(sorted({name for names in [*TEXTS.values(), ["data"]] for name in names}))
_bodies = st.dictionaries(_fields, _values) | _values
_endpoints = st.sampled_from([SIGN_UP, SIGN_IN, REFRESH, CHANGE])


@given(body=_bodies, endpoint=_endpoints)
async def test_no_json_body_is_a_server_error(body: object, endpoint: tuple[str, str]) -> None:
    """Whatever JSON comes in, the answer is a refusal in GoTrue's form (or, by chance, a success)."""
    async with running() as server:
        calls = GoTrueCalls(server=server)
        answer = await sent(calls, *endpoint, json.dumps(body).encode())
        assert answer.is_success or refusal(answer)[0] in (400, 403, 422)


@given(raw=st.binary(max_size=200), endpoint=_endpoints)
async def test_no_raw_body_is_a_server_error(raw: bytes, endpoint: tuple[str, str]) -> None:
    """Bytes that are nothing in particular are refused, never an error of the server."""
    async with running() as server:
        answer = await sent(GoTrueCalls(server=server), *endpoint, raw)
        assert answer.is_success or refusal(answer)[0] in (400, 422)


async def test_both_forms_of_a_refused_body(calls: GoTrueCalls) -> None:
    """Without a version, the same refusal has the first form."""
    answer = await calls.server.http.post(f"{calls.prefix}/signup", content=b"[]")
    message = (
        "Could not parse request body as JSON: json: cannot unmarshal array into Go value of type object"
    )
    assert (answer.status_code, answer.headers["x-sb-error-code"]) == (400, "bad_json")
    assert answer.json() == {"code": 400, "error_code": "bad_json", "msg": message}
    assert RECENT.keys().isdisjoint(answer.headers)
