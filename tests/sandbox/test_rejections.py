"""Rejections that nobody handles are reported once, whatever way they went; handled ones never."""

import pytest

from portico.sandbox.turn import ScriptError
from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import Session, request, requests, unhandled

SCRIPT = """export default {
  async plain() { await q.run(); },
  async caught() { try { await q.run() } catch {} },
  chained() { return q.run().then((d) => d.x) },
  forgets() { this.plain(); },
  thrower() { throw new Error("thrown") },
}"""


def visit_with(code: str) -> Session:
    return Session(
        page(Widget("Go", on={"onClick": code}), queries=[Query("q"), Query("r")], scripts={"S": SCRIPT})
    )


NOBODY = [
    # the event's own promise, awaited or returned
    "{{ q.run() }}",
    "{{ q.run(() => 0) }}",
    "await q.run(); showAlert('no');",
    "return q.run()",
    "{{ q.run().then((d) => d) }}",
    "{{ q.run().then((d) => d).finally(() => 0) }}",
    "{{ (async () => { await q.run() })() }}",
    "{{ (async () => { try { await q.run() } catch (e) { throw e } })() }}",
    "{{ (async () => { try { await q.run() } finally { } })() }}",
    "{{ Promise.all([q.run()]) }}",
    "{{ Promise.race([q.run()]) }}",
    "{{ Promise.resolve(q.run()) }}",
    "{{ new Promise((ok, no) => q.run().then(ok, no)) }}",
    "{{ S.plain() }}",
    "{{ S.chained() }}",
    # nobody's promise
    "q.run();",
    "void q.run();",
    "q.run(() => 0);",
    "q.run().then((d) => d);",
    "q.run().finally(() => 0);",
    "q.run().then((d) => d).then((d) => d).finally(() => 0);",
    "q.run().catch((e) => { throw e });",
    "const p = q.run(); p.then((d) => d); p.finally(() => 0); p.then(() => 0);",
    "const p = q.run(); p.then((d) => d); return p",
    "Promise.all([q.run()]).then(() => 0);",
    "Promise.resolve(q.run());",
    "Promise.resolve().then(() => q.run());",
    "new Promise((ok) => ok(q.run()));",
    "queueMicrotask(() => { q.run() });",
    "(async () => { const p = q.run(); p.then(() => 0); try { await p } catch { } })();",
    "S.plain();",
    "S.chained();",
    "S.forgets();",
    "await S.forgets();",
]

SOMEBODY = [
    "q.run().catch(() => 0);",
    "q.run().then(() => 0, () => 0);",
    "q.run().then((d) => d).catch(() => 0);",
    "q.run().finally(() => 0).catch(() => 0);",
    "q.run(() => 0, () => 0);",
    "q.run(undefined, () => 0);",
    "try { await q.run() } catch {}",
    "try { await Promise.all([q.run()]) } catch {}",
    "await Promise.allSettled([q.run()]);",
    "Promise.any([q.run(), 1]);",
    "try { await Promise.any([q.run()]) } catch {}",
    "const p = q.run(); p.catch(() => 0); await null;",
    "const p = q.run(); await null; await null; try { await p } catch {}",
    "const p = S.plain(); try { await p } catch {}",
    "S.plain().catch(() => 0);",
    "S.caught();",
    "await S.caught();",
    "for await (const one of (async function* () { try { yield await q.run() } catch {} })()) ;",
    "const mine = Promise.reject(new Error('x')); mine.catch(() => 0); q.run().catch(() => 0);",
]


@pytest.mark.parametrize("code", NOBODY)
def test_nobody_handles_it(code: str) -> None:
    """One entry with the query and its public message, attributed to the event."""
    visit = visit_with(code)
    turn = visit.event()
    assert not turn.errors
    errors: list[ScriptError] = []
    for asked in requests(turn):
        errors += visit.answer(asked, ok=False, message="public").errors
    errors += visit.turn().errors
    queries = [error for error in errors if error.query == "q"]
    assert [(error.unhandled, error.event, error.message) for error in queries] == [(True, "e1", "public")]


@pytest.mark.parametrize("code", SOMEBODY)
def test_somebody_handles_it(code: str) -> None:
    """No entry at all."""
    visit = visit_with(code)
    asked = request(visit.event())
    assert not visit.answer(asked, ok=False, message="public").errors
    assert not visit.turn().errors


@pytest.mark.parametrize("code", NOBODY + SOMEBODY)
def test_success_reports_nothing(code: str) -> None:
    """The same code is silent when the query succeeds."""
    visit = visit_with(code)
    turn = visit.event()
    for asked in requests(turn):
        assert not visit.answer(asked, {"x": 1}).errors


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("null.x", "TypeError", "cannot read property 'x' of null"),
        ("{{ (() => { throw new RangeError('r') })() }}", "RangeError", "r"),
        ("throw 'text'", "Error", "text"),
        ("throw undefined", "Error", "undefined"),
        ("Promise.reject(new Error('lost'));", "Error", "lost"),
        ("{{ S.thrower() }}", "Error", "thrown"),
        ("queueMicrotask(() => { throw new Error('task') });", "Error", "task"),
        ("Promise.resolve().then(() => { throw new Error('then') });", "Error", "then"),
        ("throw { toString() { throw 1 } }", "Error", ""),
    ],
)
def test_errors_of_scripts(code: str, name: str, message: str) -> None:
    """An error that is no query's has no query."""
    (error,) = visit_with(code).event().errors
    assert (error.name, error.message, error.unhandled, error.query) == (name, message, True, None)


def test_handler_may_come_while_the_event_is_open() -> None:
    """A rejection is nobody's only when its event is over: two runs, then two awaits, is fine."""
    visit = visit_with(
        "const a = q.run(), b = r.run(); try { await b; await a } catch (e) { showAlert(e.message) }"
    )
    first, second = requests(visit.event())
    assert not visit.answer(first, ok=False, message="early").errors
    turn = visit.answer(second, 1)
    assert not turn.errors
    assert len(turn.effects) == 1


def test_event_is_told_ended_once() -> None:
    """`done` says whether the action ended well."""
    visit = visit_with("{{ q.run() }}")
    asked = request(visit.event())
    assert visit.turns[-1].done == ()
    turn = visit.answer(asked, ok=False, message="m")
    assert [(done.event, done.ok) for done in turn.done] == [("e1", False)]
    assert len(unhandled(turn)) == 1


def test_never_settling_promise_is_no_open_request() -> None:
    """An event is over when none of its requests is open, whatever its promise does (R3)."""
    turn = visit_with("{{ new Promise(() => {}) }}").event()
    assert (turn.open, turn.done, turn.errors) == (0, (), ())


def test_promises_are_ordinary() -> None:
    """Scripts find one Promise, with everything on it that the language gives."""
    checks = [
        "q.run().catch(() => 0) instanceof Promise",
        "(async () => 1)() instanceof Promise",
        "Promise.resolve(1).constructor === Promise",
        "Promise.name === 'Promise'",
        "Object.prototype.toString.call(Promise.resolve()) === '[object Promise]'",
        "new (class Mine extends Promise {})((ok) => ok()).then(() => 0) instanceof Promise",
        "typeof Promise.withResolvers().promise.then === 'function'",
        "(() => { try { Promise() } catch (e) { return e instanceof TypeError } })()",
    ]
    visit = visit_with("console.log(JSON.stringify([" + ",".join(checks) + "]))")
    assert visit.event().logs[0].text == str([True] * len(checks)).replace("True", "true").replace(" ", "")
