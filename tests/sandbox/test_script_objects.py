"""Script objects: `this`, variables, and the data of functions (A11)."""

# ruff: noqa: E501  (scripts stand on one line)

import pytest

from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import Session, request, unhandled

COUNTER = """export default {
  count: 0,
  list: [],
  deep: { a: { b: 1 } },
  when: new Date(0),
  bump() { this.count += 1; return this.count },
  arrow: () => { Counter.count = 10; return 'arrow' },
  push: function (x) { this.list.push({ x }); },
  dig() { Counter.deep.a.b = 2; delete Counter.deep.a.c; this.deep.a.d = [1] },
  rename() { this.list[0].x = 'renamed' },
  fresh() { Counter.added = 1 },
  async later() { return (await q.run()).v },
  both() { return this.bump() + this.bump() },
}"""


def visit() -> Session:
    return Session(
        page(
            Widget(
                "See",
                props={
                    "count": "{{ Counter.count }}",
                    "list": "{{ Counter.list }}",
                    "names": "{{ Counter.list.map((i) => i.x).join() }}",
                    "deep": "{{ Counter.deep.a }}",
                    "later": "{{ Counter.later.data }}",
                    "bumped": "{{ Counter.bump.data }}",
                    "added": "{{ Counter.added }}",
                },
            ),
            queries=[Query("q")],
            scripts={"Counter": COUNTER},
        )
    )


def test_variables_are_reactive() -> None:
    """Assigning to a `script variable`, by `this.x =` or `Obj.x =`, starts what depends on it."""
    session = visit()
    assert session.call("Counter", "bump").patch == {"See": {"count": 1, "bumped": 1}}
    assert session.call("Counter", "arrow").patch == {"See": {"count": 10}}
    assert session.call("Counter", "both").patch["See"]["count"] == 12
    assert session.call("Counter", "fresh").patch == {"See": {"added": 1}}


def test_changes_deep_inside_are_noticed() -> None:
    """Pushing, setting, adding and deleting inside a variable start bindings too."""
    session = visit()
    assert session.call("Counter", "push", "a").patch == {"See": {"list": [{"x": "a"}], "names": "a"}}
    assert session.call("Counter", "rename").patch == {
        "See": {"list": [{"x": "renamed"}], "names": "renamed"}
    }
    assert session.call("Counter", "dig").patch == {"See": {"deep": {"b": 2, "d": [1]}}}


def test_data_of_a_function_is_its_last_result() -> None:
    """A `script function.data` is what the last call gave, resolved (S0-15)."""
    session = visit()
    asked = request(session.call("Counter", "later"))
    assert session.shown("See", "later") is None
    session.answer(asked, {"v": "first"})
    assert session.shown("See", "later") == "first"
    session.answer(request(session.call("Counter", "later")), ok=False)
    assert session.shown("See", "later") == "first"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("export default 5", "object"),
        ("export default { a: missing }", "missing"),
        ("", "object"),
    ],
)
def test_script_that_fails_is_empty(text: str, message: str) -> None:
    """A script that throws while it is made is an error of its own; the page still shows."""
    session = Session(page(Widget("See", props={"p": "{{ 1 }}", "q": "{{ S.a }}"}), scripts={"S": text}))
    assert session.props["See"] == {"isVisible": True, "p": 1, "q": None}
    (error,) = session.turns[0].errors
    assert error.owner == "S"
    assert message in error.message


def test_scripts_use_each_other() -> None:
    """In any order, while they are made as well."""
    session = Session(
        page(
            Widget("See", props={"p": "{{ A.x }}"}),
            scripts={
                "A": "export default { x: B.y + 1 }",
                "B": "export default { y: 1, f() { return A.x } }",
            },
        )
    )
    assert session.props["See"]["p"] == 2


def test_functions_cannot_be_replaced() -> None:
    """Functions are fixed; an unknown one is an error of the caller."""
    session = Session(page(scripts={"S": "export default { f() { 'use strict'; S.f = 1 } }"}))
    assert unhandled(session.call("S", "f"))[0].name == "TypeError"
    assert "no function" in unhandled(session.call("S", "g"))[0].message
    assert "no script" in unhandled(session.call("T", "g"))[0].message


def test_values_with_hidden_state_work() -> None:
    """Dates, Maps, private fields and frozen objects in variables are not broken by tracking."""
    script = """export default {
      at: new Date(5), map: new Map([[1, 2]]), frozen: Object.freeze({ inner: { a: 1 } }), list: [1, 2],
      own: new (class { #p = 3; get p() { return this.#p } })(),
      f() { return [this.at.getTime(), this.map.get(1), this.frozen.inner.a, this.own.p, Array.isArray(this.list),
        this.list.includes(2), structuredClone(this.list)] },
    }"""
    session = Session(page(Widget("See", props={"p": "{{ S.f.data }}"}), scripts={"S": script}))
    assert session.call("S", "f").patch["See"]["p"] == [5, 2, 1, 3, True, True, [1, 2]]
