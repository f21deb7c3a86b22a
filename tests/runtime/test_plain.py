"""Plain expressions have the values that the script engine gives them, or none."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portico.definition import plain as reading
from portico.model.app import App
from portico.model.expression import Group
from portico.model.program import Program
from portico.runtime import plain
from portico.runtime.plain import NotPlain, evaluated, requested
from portico.sandbox.turn import RunQuery
from tests.definition.apps import app
from tests.definition.test_presets import BROUGHT, contract
from tests.sandbox.sessions import Session

SHOWN: Sequence[Any] = (
    {"body": None},
    {
        "status": 200,
        "body": {"a": {"b": [1, {"c": "x"}], "n": None}, "t": "text", "z": 0, "f": False, "e": ""},
    },
    {"status": 401, "body": "text", "headers": {"x-y": "1"}, "cookies": {}},
    {"body": [1, 2.5, "three", None, True, [], {}]},
    {"body": {"a": 9007199254740993, "t": 1.0, "__proto__": {"b": 1}, "toString": "own", "length": 2}},
    {"body": {"a": {"a": {}}, "b": [], "e": " ", "t": "\ud83d\ude00\u0000\ud800"}},
)
#: What engine and reader could see differently.
TRICKY = (
    "response.body?.a.b.c",
    "(response.body?.a).b",
    "(response.body?.a)?.b",
    "response.body.a?.b[1].c",
    "response.body?.a.n?.x.y.z",
    "response.body?.['a']?.[\"b\"]",
    "response.body?.[0]",
    "response.body?.[9]",
    "response.body?.e ?? 'none'",
    "response.body?.z ?? 'none'",
    "response.body?.missing ?? null ?? 5",
    "response.body?.e || response.body?.t",
    "response.body?.z && response.body.t",
    "response.body?.b && response.body.a",
    "!response.body?.b",
    "response.body?.a === response.body?.a",
    "response.body?.t === 'text'",
    "response.body?.t === 1",
    "response.body?.n === response.body?.missing",
    "response.body?.a?.n === null",
    "response.body?.missing === undefined",
    "response.status >= 200 && response.status < 300",
    "response.status > response.body?.z",
    "response.body?.t < 'zzz'",
    "typeof response.body",
    "typeof response.body?.a?.n",
    "typeof response.body?.missing",
    "typeof response.body?.f",
    "typeof undefined === 'undefined'",
    "response.body?.length",
    "response.body?.toString",
    "response.body?.constructor",
    "response.body?.__proto__",
    "response.body?.hasOwnProperty ? 1 : 2",
    "response.body?.a ? [response.body.a.b, undefined, null] : { a: undefined, 'b-c': 1 }",
    "{ constructor: response.body?.a, t: response.body?.t }",
    "{ __proto__: response.body }",
    "{ 2: 1, 1: 2 }",
    "[1, , 2]",
    "[,]",
    "[1, 2, ]",
    "[...(response.body ?? [])]",
    "'a\\u0041b'",
    "010",
    "1e3",
    "9007199254740993",
    "`text`",
    "this",
    "this?.params",
    "globalThis",
    "response.body?.b.map((x) => x)",
    "response.body /* a remark */ ?.a // another",
    "response['body']",
    "response.headers?.['x-y']",
    "response.body?.a, response.status",
    "(response.seen = response.body)",
    "response.body",
    "delete response.body",
    "-response.status",
    "response.status == 200",
    "response.status === 401 || (response.status === 403 && ['a'].includes(response.body?.code))",
)


def program(texts: Sequence[str]) -> Program:
    """A program of evaluations over `response`, by their number."""
    chunks = ",\n".join(f"function(response){{return function(){{return (\n{text}\n)}}}}" for text in texts)
    definition = {
        "chunks": [["response"] for _ in texts],
        "evaluations": {str(n): {"names": ["response"], "value": {"b": n}} for n in range(len(texts))},
    }
    return Program(source=f"__page(JSON.parse({json.dumps(json.dumps(definition))}), [{chunks}]);\n")


def by_engine(texts: Sequence[str], shown: Any) -> Iterator[tuple[Any, bool]]:
    """What the engine gives for each, and whether it failed."""
    session = Session(program(texts))
    for number in range(len(texts)):
        name = str(number)
        turn = session.turn({"k": "evaluate", "ev": name, "name": name, "values": {"response": shown}})
        yield turn.results[name], bool(turn.errors)


def differences(texts: Sequence[str], shown: Any) -> list[str]:
    """Where a value is told that is not the engine's, its type included."""
    found = []
    for text, (value, failed) in zip(texts, by_engine(texts, shown), strict=True):
        try:
            told = evaluated(reading.expression((text,), ("response",)), {"response": shown})
        except NotPlain:
            continue
        if failed or json.dumps(told, sort_keys=True) != json.dumps(value, sort_keys=True):
            found.append(f"{text}: {told!r}, and not {value!r}{' (it fails)' if failed else ''}")
    return found


@pytest.mark.parametrize("shown", SHOWN)
def test_plain_is_what_the_engine_says(shown: Any) -> None:
    """Of all that could be seen differently nothing is."""
    assert differences(TRICKY, shown) == []


CONTROLS: Mapping[str, Callable[[pytest.MonkeyPatch], None]] = {
    "?? as ||": lambda patch: patch.setitem(plain._KEEPS_LEFT, "??", plain._is_true),
    "empty lists are false": lambda patch: patch.setattr(plain, "_is_true", bool),
    "nothing is inherited": lambda patch: patch.setattr(plain, "_INHERITED", frozenset()),
    "chains go on": lambda patch: patch.setattr(plain, "_ENDED", plain._UNDEFINED),
    "any number": lambda patch: patch.setattr(plain, "_LARGEST", 2**80),
    "null is undefined": lambda patch: patch.setattr(plain, "_UNDEFINED", None),
    "brackets end no chain": lambda patch: patch.setitem(
        plain._VALUES,
        Group,
        lambda group, names: plain._chained(group.inner, names),
    ),
    "half a pair": lambda patch: patch.setattr(plain, "_whole", str),
    "any key": lambda patch: patch.setattr(reading, "_KEY", re.compile(".*")),
    "any word": lambda patch: patch.setattr(
        reading._Reader, "_string", lambda self, node: self._word(node)[1:-1]
    ),
}


@pytest.mark.parametrize("control", CONTROLS)
def test_what_differs_is_found(control: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Positive control: readers and evaluators that are wrong in one thing each."""
    CONTROLS[control](monkeypatch)
    assert any(differences(TRICKY, shown) for shown in SHOWN)


def expressions() -> st.SearchStrategy[str]:
    """Expressions of what can be plain, and of a few that cannot."""
    names = st.sampled_from(["a", "b", "c", "t", "length", "constructor", "valueOf"])
    ends = st.sampled_from(
        ["null", "undefined", "true", "0", "1", "'a'", "''", "[]", "{}", "response.status"]
    )

    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        signs = st.sampled_from(["===", "!==", "<", "<=", ">", ">=", "&&", "||", "??"])
        return st.one_of(
            st.builds("{}?.{}".format, inner.filter(_is_chain), names),
            st.builds("{}.{}".format, inner.filter(_is_chain), names),
            st.builds("{}?.[{}]".format, inner.filter(_is_chain), st.sampled_from(["0", "1", "'a'"])),
            st.builds("({}) {} ({})".format, inner, signs, inner),
            st.builds("({}) ? ({}) : ({})".format, inner, inner, inner),
            st.builds("!({})".format, inner),
            st.builds("typeof ({})".format, inner),
            st.builds("({})".format, inner),
            st.builds("[{}, {}]".format, inner, inner),
            st.builds("({{ a: {}, b: {} }})".format, inner, inner),
            st.builds("String({})".format, inner),
        )

    return st.recursive(st.one_of(st.just("response.body"), ends), more, max_leaves=6)


def _is_chain(text: str) -> bool:
    return text.startswith("response.body") or (text.startswith("(") and text.endswith(")"))


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**60) | st.sampled_from(["", "a", "0", 0.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(expressions(), min_size=8, max_size=20), BODIES)
def test_plain_is_what_the_engine_says_of_anything(texts: list[str], body: Any) -> None:
    """Of expressions and answers that chance puts together, too."""
    assert differences(texts, {"status": 200, "body": body}) == []


#: Bodies of queries of the contract.
QUERIES = {
    "object": 'body: {refresh_token: "{{ this.params.refreshToken }}", kind: "r", deep: {n: 1}}',
    "one binding": 'body: "{{ { token: this.params.refreshToken, missing: this.params.other } }}"',
    "text": 'body: \'{"t": "{{ this.params.refreshToken }}"}\'',
    "form": 'body_type: form\n    body: {t: "{{ this.params.token }}", none: "{{ this.params.other }}"}',
    "header": 'headers: {Authorization: "Bearer {{ this.params.token }}{{ this.params.other }}"}',
    "parameter": 'params: {t: "{{ this.params.refreshToken ?? this.params.token }}"}',
    "call": 'body: {t: "{{ this.params.refreshToken.trim() }}"}',
    "number": 'headers: {X-N: "{{ 5 }}"}',
    "nothing": "timeout: 5",
}
PARAMS = {"token": 'tok"en', "refreshToken": "re\u00e9\u2028fresh"}


def asking(folder: Path, body: str, more: Mapping[str, str] = {}) -> App:
    """An app whose contract renews by a query with this body."""
    query = f"datasource: auth_api\nmethod: POST\npath: /renew\n{body.replace(chr(10) + '    ', chr(10))}\n"
    files = contract("strapi", "refresh: {query: mine}")
    return app(folder, {**files, "queries/mine.yaml": query, **more})


def request_of(found: App) -> RunQuery:
    """What the engine makes of it."""
    assert found.contract_program is not None
    session = Session(found.contract_program, {"k": "run", "ev": "r", "q": "mine", "params": PARAMS})
    return next(effect for effect in session.turns[0].effects if isinstance(effect, RunQuery))


@pytest.mark.parametrize("kind", QUERIES)
def test_plain_requests_are_those_of_the_engine(kind: str, tmp_path: Path) -> None:
    """Path, parameters, headers, body and what it was written as; those that call something are not plain."""
    found = asking(tmp_path, QUERIES[kind])
    known = found.contract_plain.requests.get("mine")
    try:
        made = requested(known, PARAMS) if known is not None else None
    except NotPlain:
        made = None
    assert (made is None) is (kind in ("text", "call", "number"))
    assert made is None or made == request_of(found).request


@pytest.mark.parametrize("name", BROUGHT)
def test_presets_renew_without_a_script(name: str, tmp_path: Path) -> None:
    """Their requests, and the mappings over an answer that went well, are plain."""
    found = app(tmp_path, contract(name)).contract_plain
    assert set(found.requests) == {
        role for role in ("refresh", "sign_out", "me", "exchange") if role in BROUGHT[name][0]
    }
    body = {"access_token": "a", "refresh_token": "r", "expires_in": 3600, "user": {"id": 1}}
    values = {"response": {"status": 200, "headers": {}, "cookies": {}, "body": body}}
    for role in ("refresh", "sign_out"):
        for mapping, expression in found.evaluations.items():
            if mapping.startswith(f"{role}."):
                evaluated(expression, values)


def test_nothing_is_plain_beside_scripts(tmp_path: Path) -> None:
    """A script of the app may give all objects a member that an answer does not have."""
    script = (
        "const one = (() => { Object.prototype.expires_in = 5; return 1 })();\n"
        "export default { one() { return one } }\n"
    )
    found = asking(tmp_path, QUERIES["object"], {"scripts/Tools.js": script})
    assert not found.contract_plain.requests
    assert not found.contract_plain.evaluations
    assert found.contract_program is not None
    values = {"response": {"status": 200, "body": {}}}
    asked = {"k": "evaluate", "ev": "r", "name": "refresh.expires_in", "values": values}
    assert Session(found.contract_program).turn(asked).results == {"refresh.expires_in": 5}
