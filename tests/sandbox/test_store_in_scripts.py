"""`appsmith.store` and what changes it (seeds-checklist 2A)."""

# ruff: noqa: E501  (scripts stand on one line)

import pytest

from portico.sandbox.turn import ClearStore, StoreValue
from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import Session, commands, unhandled


def visit_with(code: str, persistent: object = None, session: object = None) -> Session:
    return Session(
        page(
            Widget("Go", on={"onClick": code}),
            Widget("See", props={"k": "{{ appsmith.store.k }}", "keys": "{{ Object.keys(appsmith.store) }}"}),
            Widget("Deep", props={"n": "{{ appsmith.store.k?.n }}"}),
            queries=[Query("q")],
        ),
        {"k": "env", "store": {"persistent": persistent or {}, "session": session or {}}},
    )


def store(key: str, value: object, *, clear: bool = False, persist: bool = True) -> StoreValue:
    return StoreValue(ev="e1", key=key, value=value, clear=clear, persist=persist)


@pytest.mark.parametrize(
    ("code", "expected", "seen"),
    [
        ("storeValue('k', 1)", [store("k", 1)], 1),
        ("storeValue('k', {n: [1]}, false)", [store("k", {"n": [1]}, persist=False)], {"n": [1]}),
        ("storeValue('k', null)", [store("k", None)], None),
        ("storeValue('k', '')", [store("k", "")], ""),
        ("storeValue('k', undefined)", [store("k", None, clear=True)], None),
        ("removeValue('k')", [store("k", None, clear=True)], None),
        ("storeValue(5, 1)", [store("5", 1)], "old"),
        ("storeValue('__proto__', {polluted: 1})", [store("__proto__", {"polluted": 1})], "old"),
        ("clearStore()", [ClearStore(ev="e1")], None),
    ],
)
def test_changes(code: str, expected: list[object], seen: object) -> None:
    """storeValue, removeValue and clearStore are one command each, visible in bindings in the same turn."""
    visit = visit_with(f"{{{{ {code} }}}}", {"k": "old"})
    turn = visit.event()
    assert commands(turn) == expected
    assert visit.props["See"]["k"] == seen
    assert not turn.errors


def test_functions_resolve_to_an_object_and_are_visible_at_once() -> None:
    """storeValue need not be awaited, and resolves to {}."""
    code = "(async () => { storeValue('k', 2); console.log(appsmith.store.k, await storeValue('k', 3), portico.store.k) })()"
    visit = visit_with(f"{{{{ {code} }}}}")
    assert [line.text for line in visit.event().logs] == ["2 {} 3"]


def test_session_copy_wins_for_reading() -> None:
    """Of a key in both stores the tab's is read, until it is removed."""
    visit = visit_with("{{ storeValue('k', 'persistent') }}", {"k": "p"}, {"k": "tab"})
    assert visit.props["See"] == {"isVisible": True, "k": "tab", "keys": ["k"]}
    visit.event()
    assert visit.props["See"]["k"] == "tab"


@pytest.mark.parametrize(("persist", "left"), [("true", None), ("false", "p")])
def test_undefined_removes(persist: str, left: object) -> None:
    """With persist undefined removes both copies, without it the tab's alone."""
    visit = visit_with(f"{{{{ storeValue('k', undefined, {persist}) }}}}", {"k": "p"}, {"k": "tab"})
    visit.event()
    assert visit.props["See"]["k"] == left


@pytest.mark.parametrize(
    "code",
    [
        "storeValue('', 1)",
        "storeValue({}, 1)",
        "storeValue('k', () => 1)",
        "storeValue('k', 1n)",
        "removeValue()",
    ],
)
def test_what_cannot_be_stored(code: str) -> None:
    """Bad keys and values reject, and change nothing."""
    visit = visit_with(f"{{{{ {code} }}}}", {"k": "old"})
    turn = visit.event()
    assert turn.effects == ()
    assert len(unhandled(turn)) == 1
    assert visit.props["See"]["k"] == "old"


def test_stored_value_is_a_copy() -> None:
    """Changing an object after storing it does not change what is stored; storing it again does."""
    visit = visit_with(
        "{{ (() => { const o = {n: 1}; storeValue('k', o); o.n = 2; console.log(appsmith.store.k.n);"
        " const s = appsmith.store.k; s.n = 3; storeValue('k', s) })() }}"
    )
    turn = visit.event()
    assert [line.text for line in turn.logs] == ["1"]
    assert visit.props["Deep"]["n"] == 3
    assert [command.value for command in commands(turn) if isinstance(command, StoreValue)] == [
        {"n": 1},
        {"n": 3},
    ]


def test_assignment_is_refused() -> None:
    """The store is changed by its functions only."""
    visit = visit_with("{{ (() => { appsmith.store.k = 1 })() }}")
    assert "storeValue" in visit.event().errors[0].message


def test_environment_says_what_the_server_has() -> None:
    """A later env replaces the stores; what is equal is no change."""
    visit = visit_with("{{ 1 }}", {"k": {"n": 1}})
    same = {"k": "env", "store": {"persistent": {"k": {"n": 1}}, "session": {}}}
    assert visit.turn(same).patch == {}
    other = {"k": "env", "store": {"persistent": {"x": 1}, "session": {}}}
    visit.turn(other)
    assert visit.props["See"] == {"isVisible": True, "k": None, "keys": ["x"]}
