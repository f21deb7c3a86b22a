"""Globals of scripts: time, base64, structuredClone, and what must not be there."""

# ruff: noqa: E501  (a table reads best with one case a line)

from datetime import timedelta

import pytest

from tests.sandbox.pages import Widget, page
from tests.sandbox.sessions import NOW, Session

MS = int(NOW.timestamp() * 1000)


def value_of(code: str) -> object:
    session = Session(page(Widget("One", props={"p": f"{{{{ {code} }}}}"})))
    assert not session.turns[0].errors
    return session.props["One"]["p"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Date.now()", MS),
        ("new Date().getTime()", MS),
        ("+new Date", MS),
        ("Date()", "Mon May 06 2030 07:08:09 GMT+0000"),
        ("new Date(5).getTime()", 5),
        ("new Date(2020, 0).toISOString()", "2020-01-01T00:00:00.000Z"),
        ("new Date('2020-02-03T04:05:06Z').getTime()", 1580702706000),
        ("Date.parse('2020-01-01')", 1577836800000),
        ("Date.UTC(2020, 0)", 1577836800000),
        ("new Date().getTimezoneOffset()", 0),
        ("new Date() instanceof Date", True),
        ("new Date().constructor === Date", True),
        ("Date.prototype.constructor === Date", True),
        ("Date.name + Date.length", "Date7"),
        ("new (class D extends Date { plus() { return this.getTime() + 1 } })().plus()", MS + 1),
        ("new (class D extends Date {})(7) instanceof Date", True),
        ("Object.getPrototypeOf(new Date()) === Date.prototype", True),
        ("Reflect.construct(Date, []).getTime()", MS),
        ("new Date(undefined).getTime()", None),
        ("typeof Date.prototype.getTime", "function"),
        ("new Date(new Date(9)).getTime()", 9),
        ("(() => { for (let i = 0, t = Date.now(); i < 1e5; i++) if (Date.now() !== t) return 'moved'; return 'stands' })()", "stands"),
        ("atob('aMOkbGxv') + btoa('hi')", "hÃ¤lloaGk="),
        ("JSON.parse(atob('eyJ1aWQiOjJ9')).uid", 2),
        ("(() => { try { atob('*') } catch (e) { return e.name } })()", "InvalidCharacterError"),
    ],
)  # fmt: skip
def test_time_and_base64(code: str, expected: object) -> None:
    """`Date` reads the message's now and is otherwise the language's own, in UTC."""
    assert value_of(code) == expected


def test_time_moves_between_turns() -> None:
    """Each message brings its own now."""
    session = Session(page(Widget("Go", on={"onClick": "console.log(Date.now())"})))
    event = {"k": "event", "ev": "x", "w": "Go", "p": "onClick"}
    turns = [session.turn(event, now=NOW + timedelta(hours=hours)) for hours in (1, -1)]
    assert [int(turn.logs[0].text) - MS for turn in turns] == [3_600_000, -3_600_000]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("structuredClone({a: [1, {b: null}], c: undefined}).a[1]", {"b": None}),
        ("structuredClone(new Date(5)).getTime()", 5),
        ("structuredClone(new Map([[1, new Set([2])]])).get(1).has(2)", True),
        (
            "(() => { const a = {}; a.a = a; const b = structuredClone(a); return b.a === b && b !== a })()",
            True,
        ),
        ("(() => { try { structuredClone(() => 1) } catch (e) { return e.name } })()", "DataCloneError"),
        (
            "(() => { try { structuredClone({a: Symbol()}) } catch (e) { return e.name } })()",
            "DataCloneError",
        ),
        ("structuredClone(/a/g).flags + structuredClone(new Error('m')).message", "gm"),
        ("Object.keys(structuredClone(JSON.parse('{\"__proto__\": 1}')))", ["__proto__"]),
    ],
)
def test_structured_clone(code: str, expected: object) -> None:
    """structuredClone copies plain values, Date, Map, Set, cycles, and refuses functions."""
    assert value_of(code) == expected


@pytest.mark.parametrize(
    "name",
    ["process", "require", "module", "os", "std", "Deno", "Bun", "fetch", "XMLHttpRequest", "WebAssembly", "Worker",
     "SharedArrayBuffer", "Atomics", "performance", "FinalizationRegistry", "gc", "print", "scriptArgs", "quickjs",
     "__boot", "__begin", "__step", "__settle", "__finish", "__snapshot", "__page", "importScripts", "navigator"],
)  # fmt: skip
def test_absent_globals(name: str) -> None:
    """P45: no host object, no shared memory, no clock of its own, no entry point of ours."""
    assert value_of(f"typeof {name}") == "undefined"


def test_every_global_is_known() -> None:
    """A new version of the engine cannot bring a global that nobody looked at."""
    known = (
        "AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array Boolean DOMException "
        "DataView Date DisposableStack Error EvalError Float16Array Float32Array Float64Array Function Infinity Int16Array "
        "Int32Array Int8Array InternalError Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError "
        "Reflect RegExp Set String SuppressedError Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array "
        "Uint8ClampedArray WeakMap WeakRef WeakSet atob bcryptjs btoa console dcodeIO decodeURI decodeURIComponent encodeURI "
        "encodeURIComponent escape eval globalThis isFinite isNaN jsonwebtoken parseFloat parseInt queueMicrotask structuredClone "
        "undefined unescape"
    )
    assert value_of("Object.getOwnPropertyNames(globalThis).sort().join(' ')") == known


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("class E extends Error { constructor(m) { super(m); this.name = 'E' } } const e = new E('m'); return [e.name, e.message, String(e), e instanceof E, e instanceof Error]", ["E", "m", "E: m", True, True]),
        ("class E extends Error { name = 'E' } return [new E('m').name, String(new E('m'))]", ["E", "E: m"]),
        ("class E extends TypeError { get name() { return 'G' } } return [new E('m').name, new E('m') instanceof TypeError]", ["G", True]),
        ("class E extends Error { toString() { return 'own' } } return [String(new E())]", ["own"]),
        ("const e = new Error('a'); e.message = 'b'; e.name = 'N'; e.extra = 1; return [String(e), e.extra, Object.keys(e)]", ["N: b", 1, ["extra"]]),
        ("function Old(m) { this.message = m } Old.prototype = Object.create(Error.prototype); Old.prototype.name = 'Old'; Old.prototype.constructor = Old; const e = new Old('m'); return [String(e), e.constructor === Old, e instanceof Error]", ["Old: m", True, True]),
        ("const e = Object.assign(new Error('m'), { name: 'A', toString: () => 'T' }); return [e.name, `${e}`]", ["A", "T"]),
        ("try { null.x } catch (e) { e.message = 'changed'; return [e.message, e.name] }", ["changed", "TypeError"]),
        ("const e = new Error('m', { cause: 'c' }); return [e.cause, e.constructor === Error, typeof e.stack]", ["c", True, "string"]),
        ("return [Error.prototype.toString.call({ name: 'N', message: 'M' }), Error.prototype.name, Object.isFrozen(Error.prototype)]", ["N: M", "Error", True]),
        ("Error.stackTraceLimit = Infinity; class E extends Error { constructor() { super(); Error.captureStackTrace?.(this, E) } } return [typeof new E().stack]", ["string"]),
        ("return [new AggregateError([1], 'm').errors, new DOMException('m', 'N').name]", [[1], "N"]),
    ],
)  # fmt: skip
def test_error_classes_work(code: str, expected: object) -> None:
    """R14: what apps do with errors works although their prototypes are frozen, in strict code."""
    assert value_of(f"(() => {{ 'use strict'; {code} }})()") == expected
