"""Which names code takes from outside, and what code is refused."""

import pytest
import quickjs  # type: ignore[import-untyped]

from portico.definition import javascript
from portico.definition.javascript import Broken, Code
from portico.definition.refusals import refusals
from portico.definition.scope import Reading, reading


def read(text: str) -> Reading:
    """What an action reads."""
    code = javascript.statements(text)
    assert isinstance(code, Code), code
    return reading(code)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a.b.c(d)", ["a", "d"]),
        ("a?.b?.[c]", ["a", "c"]),
        ("({ a, b: c, [d]: e, ...f, g() { return h } })", ["a", "c", "d", "e", "f", "h"]),
        ("const { a, b: { c }, d = x, ...e } = y; f(a, c, d, e, b)", ["x", "y", "f", "b"]),
        ("const [a, , b = c] = d; a + b", ["c", "d"]),
        ("({ a, b: c.d, e = f } = g)", ["a", "c", "e", "f", "g"]),
        ("(a, { b }, [c], ...d) => a + b + c + d + e", ["e"]),
        ("a => b => a + b + c", ["c"]),
        ("function f(a = b) { return f(a) } f(c)", ["b", "c"]),
        ("(function g() { return g })(); g()", ["g"]),
        ("f(); function f() { var x = 1; { x; y } }", ["y"]),
        ("if (a) { let b = 1; c(b) } b", ["a", "c", "b"]),
        ("if (a) { var b = 1 } b", ["a"]),
        ("for (const k of xs) k; for (let i = 0; i < n; i++) i; k; i", ["xs", "n", "k", "i"]),
        ("for (var k in o) k; k", ["o"]),
        ("for (k of o) k", ["k", "o"]),
        ("try { a } catch ({ message }) { message; b } message", ["a", "b", "message"]),
        ("try { a } catch { b }", ["a", "b"]),
        ("loop: for (;;) { break loop }", []),
        ("class A extends B { #p = q; static s = A; m(x) { return x + this.#p + A } } new A", ["B", "q"]),
        ("switch (a) { case 1: let b = 2; b; break; default: c }", ["a", "c"]),
        ("`${a} ${`${b}`}`", ["a", "b"]),
        ("typeof a", ["a"]),
        ("a = b; c += d; e++; delete f.g", ["a", "b", "c", "d", "e", "f"]),
        ("this.params.id + new.target", []),
        ("undefined ?? null", []),
        ("tag`x${a}`", ["tag", "a"]),
        ("async () => { for await (const x of a) await b(x) }", ["a", "b"]),
        ("function* g() { yield* a } g", ["a"]),
    ],
)
def test_free_names_follow_the_scoping_rules(text: str, names: list[str]) -> None:
    """Declarations, parameters, keys, members and labels are not names from outside."""
    assert list(read(text).names) == names


def test_what_is_read_of_a_name_is_kept_as_far_as_it_is_written_out() -> None:
    """Dots, optional dots and quoted brackets; a computed part ends the path."""
    uses = read("q?.data['jwt'].x; r[i].data; f(s); this.params.id; q.run().then(t)").uses
    assert [(use.name, use.path) for use in uses] == [
        ("q", ("data", "jwt", "x")),
        ("r", ()),
        ("i", ()),
        ("f", ()),
        ("s", ()),
        ("this", ("params", "id")),
        ("q", ("run",)),
        ("t", ()),
    ]


def test_calls_with_a_literal_are_kept_unless_the_name_is_local() -> None:
    """Only the framework's own `navigateTo` names pages."""
    calls = read(
        "navigateTo('A', {}); navigateTo(x); (navigateTo => navigateTo('B'))(f); navigateTo(`C`)"
    ).calls
    assert [(call.name, call.argument) for call in calls] == [("navigateTo", "A")]


def test_offsets_count_characters_not_bytes() -> None:
    """A place behind an umlaut is not two columns off."""
    assert [use.offset for use in read("'ä😀' + a").uses] == [7]


SEED_ACTIONS = [
    "login_api.run(() => { const jwt = login_api?.data?.jwt; if (jwt) { storeValue('jwt', jwt) } else x() })",
    '(() => { storeValue("jwt", undefined); navigateTo("LoginPage"); })()',
    "signin.run().then(data => { delete data.user; Object.keys(data).forEach(i => storeValue(i, data[i])) })",
    "const response = await login.run({ email: emailInput.text }); if (response.token) return { a: 1 }",
    "try { await a.run() } catch (error) { showAlert(error.message, 'error') } finally { b() }",
    "let x = 1, y; for (const k of [1, 2]) { if (k ?? y) continue; else break }",
    "async function f() { await 1 } class E extends Error { constructor() { super(); this.name = 'E' } }",
    "({ get a() { return 1 }, set a(v) { }, async *b() { yield 1 } })",
    "a ||= b; (a ?? b) || c; (-a) ** b; x = { ...y, z }; [p, q = 1] = r",
    "o: for (;;) { for (;;) continue o }",
]

REFUSED = [
    "<b>bold</b>",
    "import x from 'y'",
    "import('x')",
    "export const a = 1",
    "break",
    "x: for (;;) { break y }",
    "const a",
    "let { b }",
    "let a; let a",
    "const a = 1; function a() {}",
    "(a) => { let a }",
    "function f() { await 1 }",
    "() => { yield 1 }",
    "super.x",
    "o.#p",
    "a ?? b || c",
    "-a ** b",
    "1 = 2",
    "f() = 1",
    "a?.b = 1",
    "a?.b++",
    "f(a,,b)",
    "({ a,, b })",
    "{ a: 1, b: 2 }.c",
    "function () {}",
    "() => {}()",
    "a && b = c",
    "var enum = 1",
    "({ if })",
    "with (a) { b }",
    "/a/gg",
    "/a/x",
    "const [...a, b] = c",
    "(...a, b) => 1",
    "({ get a(b) { return 1 } })",
    "import.meta",
    "@decorated class A {}",
    "<!-- note",
]


def engine_accepts(text: str) -> bool:
    """Whether the engine compiles it as the body of an action."""
    try:
        quickjs.Context().eval("(async function(){\n" + text + "\n})")
    except quickjs.JSException:
        return False
    return True


def accepted(text: str) -> bool:
    """Whether we take it for an action."""
    code = javascript.statements(text)
    if isinstance(code, Broken):
        return False
    return not refusals(code, asynchronous=True, function=True) and not reading(code).clashes


@pytest.mark.parametrize("text", SEED_ACTIONS)
def test_good_code_is_accepted_here_and_by_the_engine(text: str) -> None:
    """The seeds' syntax and what stands around it."""
    assert accepted(text)
    assert engine_accepts(text)


@pytest.mark.parametrize("text", REFUSED)
def test_code_the_engine_would_refuse_is_found_before(text: str) -> None:
    """One chunk that does not compile would take its whole page with it. What the engine takes and we
    do not is listed."""
    assert not accepted(text)
    assert not engine_accepts(text) or text in ("import('x')", "with (a) { b }", "<!-- note")


@pytest.mark.parametrize(
    "text",
    [
        "a) + (b",
        "a)(b",
        "})(); (() => {",
        "} function x() {",
        "a /*",
        "`${a",
        "'a",
        "a\n)",
        "}",
        "*/ a /*",
        "a //\n) + (b",
    ],
)
def test_a_snippet_stands_alone(text: str) -> None:
    """Nothing closes what stands around it or opens what follows it."""
    assert isinstance(javascript.expression(text), Broken)
    assert isinstance(javascript.statements(text), Broken)


@pytest.mark.parametrize(
    "text", ["a // note", "// note\na", "/* a */ b", "a, b", "{ a: 1 }", "function () {}", "a\n"]
)
def test_comments_and_objects_are_expressions(text: str) -> None:
    """A comment at the end does not swallow what follows it in the program."""
    assert isinstance(javascript.expression(text), Code)
    quickjs.Context().eval("(function(){return (\n" + text + "\n)})")


@pytest.mark.parametrize(
    "text", ["(" * 50_000, "[" * 399 + "]" * 399, "a+" * 30_000 + "a", "`" * 60_000, "\ud800"[:0]]
)
def test_odd_code_ends_in_an_answer(text: str) -> None:
    """Depth and length are bounded by us, not by the stack."""
    assert isinstance(javascript.expression(text), Broken)
