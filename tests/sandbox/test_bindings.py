"""Bindings: how values are made, when they are made again, and what a failing one does."""

# ruff: noqa: E501  (scripts stand on one line)

import pytest

from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import Session, posted, request


def one(**props: object) -> Session:
    return Session(page(Widget("One", props=props), Widget("Name", "Input")))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        (7, 7),
        (None, None),
        ({"a": [1]}, {"a": [1]}),
        ("{{ 1 + 1 }}", 2),
        ("{{ [1, {a: null}] }}", [1, {"a": None}]),
        ("{{ undefined }}", None),
        ("{{ () => 1 }}", None),
        ("a{{ 1 }}b{{ 'c' }}", "a1bc"),
        ("<{{ undefined }}{{ null }}>", "<>"),
        ("<{{ ({a: 1}) }}>", '<{"a":1}>'),
        ("{{ true }} {{ 0 }}", "true 0"),
        ("{{ new Date(0) }}", "1970-01-01T00:00:00.000Z"),
        ("{{ NaN }}", None),
    ],
)
def test_values_of_properties(value: object, expected: object) -> None:
    """A property that is one binding keeps its type; text around bindings is concatenated."""
    assert one(p=value).props["One"]["p"] == expected


def test_first_turn_holds_every_property() -> None:
    """All of a widget's properties are known: the author's and its state from the program, what is derived
    from the first patch."""
    visit = Session(page(Widget("Name", "Input", props={"label": "Who"})))
    assert visit.turns[0].patch == {"Name": {"text": "", "value": ""}}
    assert visit.props == {
        "Name": {
            "isVisible": True,
            "defaultText": "",
            "label": "Who",
            "typed": None,
            "isDirty": False,
            "text": "",
            "value": "",
        }
    }


@pytest.mark.parametrize(("code", "shown"), [("[]", True), ("''", False), ("NaN", False), ("'false'", True)])
def test_flags_are_true_or_false_as_in_javascript(code: str, shown: bool) -> None:
    """Whoever shows the page may think otherwise of an empty list; scripts read what is bound."""
    visit = one(isVisible=f"{{{{ {code} }}}}", p="{{ typeof One.isVisible }}")
    assert visit.shown("One", "isVisible") is shown
    assert visit.shown("One", "p") != "boolean"


def test_a_literal_is_sent_once_it_is_another() -> None:
    """And again when it is what it was before; a binding that reads it follows."""
    visit = Session(
        page(
            Widget("Name", "Input"),
            Widget("One", props={"p": "{{ Name.isVisible ? 'there' : 'gone' }}"}),
            Widget("Hide", on={"onClick": "{{ Name.setVisibility(false) }}"}),
            Widget("Show", on={"onClick": "{{ Name.setVisibility(true) }}"}),
        )
    )
    assert visit.event("Show").patch == {}
    assert visit.event("Hide").patch == {"Name": {"isVisible": False}, "One": {"p": "gone"}}
    assert visit.event("Show").patch == {"Name": {"isVisible": True}, "One": {"p": "there"}}


def test_only_changes_follow() -> None:
    """Later patches hold what changed and nothing else (R2)."""
    visit = one(p="{{ Name.text.length }}", q="{{ Name.text.slice(0, 1) }}")
    turn = visit.turn(posted("Name", "ab"))
    assert turn.patch == {"Name": {"typed": "ab", "text": "ab", "value": "ab"}, "One": {"p": 2, "q": "a"}}
    assert "One" not in visit.turn(posted("Name", "ac")).patch


def test_data_are_never_templates() -> None:
    """P43: what looks like a binding in data is shown as it stands."""
    visit = one(p="{{ Name.text }}", q="<{{ Name.text }}>", r={"note": "{{ 6 * 7 }}"})
    visit.turn(posted("Name", "{{ 1337 * 7 }}"))
    assert visit.props["One"]["p"] == "{{ 1337 * 7 }}"
    assert visit.props["One"]["q"] == "<{{ 1337 * 7 }}>"


@pytest.mark.parametrize("code", ["nothere.x", "null.x", "(() => { throw 7 })()", "Name.text.nope.nope"])
def test_failing_binding_is_empty_and_logged(code: str) -> None:
    """A binding that throws leaves its own property empty, and nothing else."""
    visit = one(p=f"{{{{ {code} }}}}", q="{{ 1 }}")
    assert visit.props["One"] == {"isVisible": True, "p": None, "q": 1}
    (error,) = visit.turns[0].errors
    assert (error.owner, error.property, error.unhandled, error.query) == ("One", "p", False, None)


def test_failing_binding_is_reported_once() -> None:
    """The same failure again is no news; a binding that recovers may fail anew."""
    visit = one(p="{{ Name.text === 'ok' ? 1 : Name.nope.x }}")
    assert len(visit.turns[0].errors) == 1
    assert visit.turn(posted("Name", "a")).errors == ()
    assert visit.turn(posted("Name", "ok")).patch["One"] == {"p": 1}
    assert len(visit.turn(posted("Name", "b")).errors) == 1


def test_cycles_are_errors_of_all_in_them() -> None:
    """Bindings that read each other are empty, all of them, and others go on."""
    visit = Session(
        page(
            Widget(
                "A",
                props={
                    "p": "{{ (() => { try { return B.p } catch { return 'hidden' } })() }}",
                    "q": "{{ 1 }}",
                },
            ),
            Widget("B", props={"p": "{{ C.p + 1 }}"}),
            Widget("C", props={"p": "{{ A.p + 1 }}"}),
            Widget("Self", props={"p": "{{ Self.p }}"}),
            Widget("Reader", props={"p": "{{ 'B is ' + B.p }}"}),
        )
    )
    assert [visit.props[name]["p"] for name in ("A", "B", "C", "Self")] == [None] * 4
    assert {(error.owner, error.name) for error in visit.turns[0].errors} == {
        (name, "CycleError") for name in ("A", "B", "C", "Self")
    }
    assert (visit.props["A"]["q"], visit.props["Reader"]["p"]) == (1, "B is undefined")


def test_line_and_column_lead_back() -> None:
    """An error's position is that of the snippet, in async callbacks too."""
    program = page(
        Widget(
            "Go",
            props={"p": "{{\n  [1]\n    .map((x) => x.y.z)\n}}"},
            on={"onClick": "{{ q.run(() => {\n  const n = null;\n  n.x;\n}) }}"},
        ),
        queries=[Query("q")],
        scripts={"S": "export default {\n  f() {\n    return undefinedName;\n  }\n}"},
    )
    visit = Session(program)
    places = [program.locate(error.line or 0, error.column or 0) for error in visit.turns[0].errors]
    assert [str(place) for place in places] == ["Go.p:3:17"]
    error = visit.answer(request(visit.event())).errors[0]
    assert str(program.locate(error.line or 0, error.column or 0)) == "Go.onClick:3:3"
    error = visit.call("S", "f").errors[0]
    assert str(program.locate(error.line or 0, error.column or 0)).startswith("S.js:3:")


def test_derived_properties_follow_their_widgets() -> None:
    """`self` is the widget, `kit.inputs(self)` the inputs inside it, by name."""
    visit = Session(
        page(
            Widget("Login", "Form"),
            Widget("Box", parent="Login"),
            Widget("a", "Input", parent="Box", props={"defaultText": "x"}),
            Widget("b", "Input", parent="Login"),
            Widget("elsewhere", "Input"),
        )
    )
    assert visit.props["Login"]["data"] == {"a": "x", "b": ""}
    visit.turn(posted("b", "typed"))
    assert visit.props["Login"]["data"] == {"a": "x", "b": "typed"}


def test_methods_set_properties_and_assignment_does_not() -> None:
    """A script changes a widget by its methods only; a binding that was set over stays over."""
    visit = Session(
        page(
            Widget("Name", "Input", props={"isVisible": "{{ Other.text !== 'hide' }}"}),
            Widget("Other", "Input"),
            Widget("Go", on={"onClick": "{{ Name.setValue('set'), Name.setVisibility(false) }}"}),
            Widget("Bad", on={"onClick": "{{ (() => { Name.text = 'x' })() }}"}),
            Widget("Derived", on={"onClick": "{{ Name.setText('x') }}"}),
        )
    )
    turn = visit.event("Go")
    assert turn.patch["Name"] == {"typed": "set", "text": "set", "value": "set", "isVisible": False}
    visit.turn(posted("Other", "show"))
    assert visit.props["Name"]["isVisible"] is False
    for button in ("Bad", "Derived"):
        (error,) = visit.event(button).errors
        assert error.name == "TypeError"
    assert visit.props["Name"]["text"] == "set"


@pytest.mark.parametrize(
    "code",
    [
        "q.run()",
        "q.clear()",
        "storeValue('a', 1)",
        "removeValue('a')",
        "clearStore()",
        "navigateTo('Home')",
        "showAlert('x')",
        "resetWidget('Name')",
        "Name.setValue('x')",
        "S.count++",
        "S.bump()",
    ],
)
def test_bindings_change_nothing(code: str) -> None:
    """A binding that would act fails instead, and nothing is emitted."""
    visit = Session(
        page(
            Widget("One", props={"p": f"{{{{ {code} }}}}", "count": "{{ S.count }}"}),
            Widget("Name", "Input"),
            queries=[Query("q")],
            scripts={"S": "export default { count: 0, bump() { this.count += 1; return 1 } }"},
        )
    )
    assert visit.props["One"]["p"] is None
    assert visit.props["One"]["count"] == 0
    assert visit.turns[0].effects == ()
    assert "binding" in visit.turns[0].errors[0].message


def test_binding_to_a_promise_is_an_error() -> None:
    """A binding cannot wait: what it should bind to is said."""
    visit = Session(
        page(Widget("One", props={"p": "{{ S.f() }}"}), scripts={"S": "export default { async f() {} }"})
    )
    assert "promise" in visit.turns[0].errors[0].message


def test_values_that_json_lacks() -> None:
    """What cannot be sent is an error of that property alone."""
    visit = one(big="{{ 10n }}", loop="{{ (() => { const a = []; a.push(a); return a })() }}", ok="{{ 1 }}")
    assert visit.props["One"] == {"isVisible": True, "big": None, "loop": None, "ok": 1}
    assert {error.property for error in visit.turns[0].errors} == {"big", "loop"}


@pytest.mark.parametrize(("levels", "fails"), [(199, False), (201, True), (900, True), (5000, True)])
def test_values_that_are_too_deep(levels: int, fails: bool) -> None:
    """What is nested deeper than a host can follow is an error of its property, or of the call."""
    deep = (
        f"(() => {{ let a = 'x'; for (let n = 0; n < {levels}; n++) a = n % 2 ? [a] : {{ a }}; return a }})()"
    )
    visit = Session(
        page(
            Widget("One", props={"p": f"{{{{ {deep} }}}}", "ok": "{{ 1 }}"}),
            Widget("Go", on={"onClick": f"{{{{ storeValue('k', {deep}) }}}}"}),
        )
    )
    assert ([error.property for error in visit.turns[0].errors], visit.shown("One", "ok")) == (
        ["p"] if fails else [],
        1,
    )
    turn = visit.event("Go")
    assert (turn.done[0].ok, len(turn.effects)) == ((False, 0) if fails else (True, 1))


def test_sorting_in_place_does_not_start_over() -> None:
    """A binding that sorts a script's list in place works and ends."""
    visit = Session(
        page(
            Widget("One", props={"p": "{{ S.list.sort().join() }}"}),
            scripts={"S": "export default { list: [3, 1, 2] }"},
        )
    )
    assert visit.props["One"]["p"] == "1,2,3"


def test_module_instances_have_their_own_names() -> None:
    """A name means the nearest entity: in a module instance its own, else the page's."""
    visit = Session(
        page(
            Widget("field", "Input", props={"defaultText": "page"}),
            Widget("shared", "Input", props={"defaultText": "shared"}),
            Widget("field", "Input", path="Login1.field", props={"defaultText": "module"}),
            Widget("Out", path="Login1.Out", props={"p": "{{ field.text + shared.text }}"}),
            Widget("Out", path="List1[a.b].Out", props={"p": "{{ field.text }}"}),
            Widget("Reset", path="Login1.Reset", on={"onClick": "{{ resetWidget('field') }}"}),
        )
    )
    assert visit.props["Login1.Out"]["p"] == "moduleshared"
    assert visit.props["List1[a.b].Out"]["p"] == "page"
    visit.turn(posted("field", "x"), posted("Login1.field", "y"))
    visit.event("Login1.Reset")
    assert (visit.props["field"]["text"], visit.props["Login1.field"]["text"]) == ("x", "module")


def test_no_entity_is_a_global() -> None:
    """Entities and framework names are reachable by scope alone."""
    visit = Session(
        page(
            Widget("Name", "Input"),
            Widget(
                "One",
                props={
                    "p": "{{ ['Name', 'appsmith', 'storeValue', '__page', '__step'].filter((n) => n in globalThis) }}"
                },
            ),
        )
    )
    assert visit.props["One"]["p"] == []


def test_posted_values_are_state_only() -> None:
    """What a user posts can be a widget's declared state and nothing else (P55)."""
    visit = one()
    turn = visit.turn({"k": "set", "set": [["Name", "isVisible", False]]})
    assert visit.props["Name"]["isVisible"] is True
    assert len(turn.errors) == 1
