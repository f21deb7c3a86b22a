"""JSONForm: fields that are made of data or written down, what they hold, and what the form says of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.render import render_widget
from portico.ui.widgets.json_form import TYPE
from portico.ui.widgets.json_form.fields import KINDS
from tests.ui.conftest import OpenPage
from tests.ui.forms import ADA, at, controls, data, flags, form, put, state
from tests.ui.looking import SCHEMES, look, show
from tests.ui.running import FRAME, FRAMED, does, framing, text_of
from tests.ui.stage import Stage
from tests.ui.test_ui_client import until

FIELDS: list[Mapping[str, Any]] = [
    {"id": "name", "isRequired": True, "tooltip": "As in the passport", "placeholderText": "Your name"},
    {"id": "mail", "label": "E-mail", "fieldType": "Email Input"},
    {"id": "secret", "label": "Password", "fieldType": "Password Input"},
    {"id": "age", "fieldType": "Number Input", "minNum": 1, "maxNum": 99},
    {"id": "notes", "fieldType": "Multiline Text Input"},
    {"id": "phone", "fieldType": "Phone Number Input"},
    {"id": "pay", "fieldType": "Currency Input", "currencyCode": "EUR"},
    {"id": "team", "fieldType": "Select", "options": ["red", {"label": "Blue", "value": 2}]},
    {"id": "shirt", "fieldType": "Radio Group", "options": ["S", "M"]},
    {"id": "langs", "fieldType": "Multiselect", "options": ["en", "fr", "it"]},
    {"id": "agreed", "fieldType": "Checkbox"},
    {"id": "active", "fieldType": "Switch"},
    {"id": "born", "fieldType": "Datepicker"},
    {"id": "address", "fieldType": "Object", "fields": [{"id": "city"}, {"id": "zip"}]},
    {"id": "kids", "fieldType": "Array", "label": "Kid", "fields": [{"id": "name"}]},
]


def test_fields_are_made_of_the_data(tmp_path: Path) -> None:
    """Without `fields`, of `sourceData`, by what its values are; what no field is made of is left out."""
    page = form(tmp_path)
    kinds = {place: control["kind"] for place, control in controls(page).items()}
    assert kinds == {
        "name": "text",
        "mail": "email",
        "age": "number",
        "active": "switch",
        "born": "date",
        "langs": "several",
        "none": "text",
        "address/city": "text",
        "address/zip": "text",
        "kids/0/name": "text",
        "kids/0/age": "number",
        "kids/1/name": "text",
        "kids/1/age": "number",
        "notes": "lines",
        "first_name": "text",
    }
    # What nobody touched is just what it was.
    assert data(page) == {name: value for name, value in ADA.items() if name not in ("grid", "__v")}
    assert flags(page) == (True, False)


@pytest.mark.parametrize("given", ["", "{{ undefined }}", "{{ null }}", "no JSON", [1], 5, '{"name": "Bo"}'])
def test_the_data_may_be_text_or_nothing(tmp_path: Path, given: object) -> None:
    """JSON text is read; what is no object is an empty one."""
    page = form(tmp_path, sourceData=given)
    assert data(page) == ({"name": "Bo"} if isinstance(given, str) and "Bo" in given else {})
    assert (page.press("F", "submit"), page.said) == (True, [json.dumps(data(page), separators=(",", ":"))])


def test_each_kind_of_field(tmp_path: Path) -> None:
    """`fieldType`: each has the control that fits, and gives its value as what it is."""
    page = form(tmp_path, fields=FIELDS)
    assert {control["kind"] for control in controls(page).values()} == set(KINDS.values()) - {
        "object",
        "array",
    }
    typed = {
        "name": ("Bea", "Bea"),
        "mail": ("b@example.com", "b@example.com"),
        "age": ("7", 7),
        "notes": ("x\r\ny", "x\ny"),
        "phone": ("123", "123"),
        "pay": ("1,234.50", 1234.5),
        "team": ("2", 2),
        "shirt": ("M", "M"),
        "langs": (["it", "en"], ["en", "it"]),
        "agreed": ("true", True),
        "active": (False, False),
        "born": ("2001-02-03", "2001-02-03"),
    }
    for place, (posted, _) in typed.items():
        assert put(page, place, posted), place
    assert put(page, "secret", "hunter2", "password")
    found = data(page)
    assert {name: found[name] for name in typed} == {name: value for name, (_, value) in typed.items()}
    assert (found["secret"], found["address"], found["kids"]) == (
        "hunter2",
        {"city": "London", "zip": None},
        [{"name": "Byron"}, {"name": "Anne"}],
    )
    assert flags(page) == (True, True)


def test_words_of_a_field(tmp_path: Path) -> None:
    """`label`, `alias`, `tooltip`, `placeholderText`; without a label the id in words."""
    fields = [
        FIELDS[0],
        {"id": "firstName", "alias": "first name"},
        {"id": "silent", "label": ""},
        {"id": "n", "label": "{{ sourceData.name + ' is' }}", "defaultValue": "{{ formData.name + '!' }}"},
    ]
    page = form(tmp_path, fields=fields)
    tree = page.widget("F")
    labels = [label.text for label in tree.matching("label")]
    assert labels == ["Name *", "First name", "Ada is"]
    assert [field.get("aria-label") for field in tree.matching("input", class_="control")][2] == "Silent"
    first = next(tree.matching("input", class_="control"))
    assert (first["placeholder"], "required" in first) == ("Your name", True)
    assert next(tree.matching("p", class_="hint")).text == "As in the passport"
    assert data(page) == {"name": "Ada", "first name": "Augusta", "silent": "", "n": "Ada!"}
    put(page, "name", "Bea")
    assert data(page)["n"] == "Bea!"


def test_a_field_may_depend_on_others(tmp_path: Path) -> None:
    """What is seen, used and offered of it, by the values and states of others and by the data; hidden fields
    are told only where the author wants them, as they came. What depends on itself finds nothing."""
    fields = [
        {"id": "name"},
        {
            "id": "mail",
            "isVisible": "{{ formData.name === 'Bea' }}",
            "isRequired": "{{ sourceData.age > 1 }}",
        },
        {"id": "age", "fieldType": "Number Input", "isDisabled": "{{ !fieldState.mail.isVisible }}"},
        {
            "id": "team",
            "fieldType": "Select",
            "options": "{{ formData.name === 'Bea' ? ['b'] : ['a'] }}",
            "isVisible": "{{ fieldState.team.isVisible === undefined }}",
        },
    ]
    page = form(tmp_path / "a", fields=fields)
    assert data(page) == {"name": "Ada", "age": 36, "team": ""}
    assert (state(page)["age"]["isDisabled"], state(page)["mail"]["isRequired"]) == (True, True)
    assert [one["value"] for one in controls(page)["team"]["options"]] == ["a"]
    put(page, "name", "Bea")
    assert data(page) == {"name": "Bea", "mail": ADA["mail"], "age": 36, "team": ""}
    assert state(page)["mail"] == {
        "isDisabled": False,
        "isRequired": True,
        "isVisible": True,
        "isValid": True,
    }
    assert [one["value"] for one in controls(page)["team"]["options"]] == ["b"]
    put(page, "mail", "b@example.com")
    put(page, "name", "Cy")
    assert "mail" not in data(page)
    whole = form(tmp_path / "b", fields=fields, useSourceData=True)
    assert data(whole)["mail"] == ADA["mail"]


@pytest.mark.parametrize("failing", ["{{ sourceData.a.b.c }}", "{{ null }}"])
def test_what_fails_hides_and_locks(tmp_path: Path, failing: str) -> None:
    """A field whose `isVisible` fails is not shown; one whose `isDisabled` fails cannot be used."""
    page = form(tmp_path, fields=[{"id": "name", "isVisible": failing}, {"id": "age", "isDisabled": failing}])
    assert (list(controls(page)), data(page)) == (["age"], {"age": 36})
    assert controls(page)["age"]["off"] is ("null" not in failing)


RULES: list[tuple[dict[str, Any], Any, str]] = [
    ({"isRequired": True}, "", "Please fill in this field."),
    ({"isRequired": True}, "x", ""),
    ({"fieldType": "Number Input", "minNum": 5}, "4", "Please enter 5 or more."),
    ({"fieldType": "Number Input", "maxNum": "{{ 3 }}"}, "4", "Please enter 3 or less."),
    ({"fieldType": "Currency Input"}, "much", "Please enter a number."),
    ({"fieldType": "Email Input"}, "nobody", "Please enter an e-mail address."),
    ({"maxChars": 3}, "abcd", ""),  # what is longer is cut
    ({"regex": "^[a-c]+$"}, "abd", "Please check this value."),
    ({"regex": "/^A/i", "errorMessage": "An A first"}, "bd", "An A first"),
    ({"validation": "{{ formData.f !== 'no' }}"}, "no", "Please check this value."),
    ({"fieldType": "Checkbox", "isRequired": True}, "false", "Please check this box."),
    ({"fieldType": "Switch", "isRequired": True, "defaultValue": True}, "false", "Please switch this on."),
    (
        {"fieldType": "Select", "options": ["a"], "isRequired": True, "defaultValue": "a"},
        "",
        "Please choose one.",
    ),
    (
        {"fieldType": "Multiselect", "options": ["a"], "isRequired": True, "defaultValue": "a"},
        [],
        "Please choose at least one.",
    ),
    ({"fieldType": "Datepicker", "minDate": "2020-01-02"}, "2020-01-01", "Please pick 2020-01-02 or later."),
    (
        {"fieldType": "Datepicker", "maxDate": "2020-01-02"},
        "2020-01-03",
        "Please pick 2020-01-02 or earlier.",
    ),
]


@pytest.mark.parametrize(("rules", "posted", "message"), RULES)
def test_rules(tmp_path: Path, rules: dict[str, Any], posted: Any, message: str) -> None:
    """What is wrong is said beside the field, and `isValid` of it and of the form says that something is."""
    fields = [{"id": "f", **rules}]
    page = form(tmp_path, sourceData={}, fields=fields)
    put(page, "f", posted)
    page.press("F", "submit")
    told = next(page.widget("F").matching("p", class_="message"))
    assert (told.text, "hidden" in told) == (message, message == "")
    assert flags(page)[0] is state(page)["f"]["isValid"] is (message == "")


def test_a_pattern_that_is_none_fits_nothing(tmp_path: Path) -> None:
    """A `regex` that cannot be read counts as broken."""
    page = form(tmp_path, sourceData={"f": "bd"}, fields=[{"id": "f", "regex": "("}])
    assert flags(page) == (False, False)


def test_submitting_waits_until_all_is_valid(tmp_path: Path) -> None:
    """`disabledWhenInvalid`; the fields then say what is wrong. Without it `onSubmit` runs all the same."""
    fields = [{"id": "name", "isRequired": True}, {"id": "kids", "fieldType": "Array", "isRequired": True}]
    page = form(tmp_path / "a", sourceData={}, fields=fields)
    assert [one.text for one in page.widget("F").matching("p", class_="message")] == ["", ""]
    page.press("F", "submit")
    told = [one.text for one in page.widget("F").matching("p", class_="message")]
    assert (page.said, told) == ([], ["Please fill in this field.", "Please add one."])
    lax = form(tmp_path / "b", sourceData={}, fields=fields, disabledWhenInvalid=False)
    lax.press("F", "submit")
    assert lax.said == ['{"name":"","kids":[]}']


def test_rows_of_an_array(tmp_path: Path) -> None:
    """Rows are added and removed; what was typed into one that is gone stands in no other."""
    page = form(tmp_path, fields=FIELDS[-1:])
    page.press("F", "addRow", at(page, "kids"))
    put(page, "kids/n1/name", "Cy")
    put(page, "kids/1/name", "Dee")
    page.press("F", "removeRow", at(page, "kids/0"))
    assert (data(page)["kids"], flags(page)) == ([{"name": "Dee"}, {"name": "Cy"}], (True, True))
    legends = [one.text for one in page.widget("F").matching("legend")]
    assert legends == ["Kid", "Kid 1", "Kid 2"]
    page.press("F", "removeRow", at(page, "kids/n1"))
    page.press("F", "addRow", at(page, "kids"))
    assert data(page)["kids"] == [{"name": "Dee"}, {"name": ""}]
    page.press("F", "reset")
    assert (data(page)["kids"], flags(page)) == ([{"name": "Byron"}, {"name": "Anne"}], (True, False))


def test_an_array_in_an_object_in_an_array(tmp_path: Path) -> None:
    """Three levels; fields of rows see `currentItem` and `currentIndex`."""
    deep = {"id": "tags", "fieldType": "Array", "fields": [{"id": "t"}]}
    inner = [{"id": "n", "defaultValue": "{{ currentItem.n + currentIndex }}"}, deep]
    fields = [{"id": "a", "fieldType": "Array", "fields": inner}]
    page = form(tmp_path, sourceData={"a": [{"n": 5, "tags": [{"t": "x"}]}, {"n": 6}]}, fields=fields)
    page.press("F", "addRow", at(page, "a/0/tags"))
    put(page, "a/0/tags/n1/t", "y")
    assert data(page) == {"a": [{"n": 5, "tags": [{"t": "x"}, {"t": "y"}]}, {"n": 7, "tags": []}]}


def test_a_form_shows_so_many_fields(tmp_path: Path) -> None:
    """More than fit on a page are left out of it; the data stay whole."""
    rows = [{"a": at, "b": "x"} for at in range(400)]
    page = form(tmp_path, sourceData={"name": "Ada", "rows": rows})
    assert (len(controls(page)), data(page)["rows"]) == (500, rows)
    shown = list(page.widget("F").matching("fieldset", class_="entry"))
    assert len(shown) == 250
    assert "F addRow" not in str([one.get("value") for one in page.widget("F").matching("button")])
    put(page, "rows/3/b", "y")
    assert data(page)["rows"][3] == {"a": 3, "b": "y"}


def test_a_field_does_something_when_it_changes(tmp_path: Path) -> None:
    """`onChange`, with the form as it then is; in rows with the item that they came from."""
    says = "{{ showAlert([formData.name, currentIndex, currentItem?.name].join()) }}"
    fields = [
        {"id": "name", "onChange": says},
        {"id": "kids", "fieldType": "Array", "fields": [{"id": "name", "onChange": says}]},
    ]
    page = form(tmp_path, fields=fields)
    put(page, "name", "Bea")
    assert page.said == ["Bea,,"]
    put(page, "kids/1/name", "x")
    assert page.said == ["Bea,1,Anne"]
    assert next(page.widget("F").matching("input", class_="control"))["data-live"] == "event"


def test_other_data_are_another_form(tmp_path: Path) -> None:
    """`setSourceData`, and a binding of `sourceData`: what was typed for other data is gone, also once those
    are back."""
    other = does("Other", "storeValue('who', {name: 'Bo', age: 1}, false)")
    back = does("Back", "storeValue('who', {name: 'Ada', age: 1}, false)")
    source = "{{ appsmith.store.who ?? {name: 'Ada', age: 1} }}"
    page = form(tmp_path / "a", other, back, sourceData=source)
    put(page, "age", "9")
    stale = at(page, "age")
    page.press("Other")
    assert data(page) == {"name": "Bo", "age": 1}
    assert not page.post(f"F:field:{stale}", "10")
    put(page, "name", "Bo")
    page.press("Back")
    assert (data(page), flags(page)) == ({"name": "Ada", "age": 1}, (True, False))
    page = form(tmp_path / "b", does("Give", "F.setSourceData({name: 'Cy'})"))
    page.press("Give")
    assert data(page) == {"name": "Cy"}


def test_a_reset_is_told_to_the_browser(tmp_path: Path) -> None:
    """resetWidget and the form's own button: each control that held something else is told what it holds now,
    a password that it holds nothing."""
    page = form(tmp_path, does("Clear", "resetWidget('F')"), fields=FIELDS)
    for _ in range(2):
        put(page, "name", "Bea")
        put(page, "langs", ["it"])
        put(page, "secret", "hunter2", "password")
        before = page.held()
        assert "hunter2" not in str(before)
        page.press("Clear")
        assert page.told(before) == {
            f"F:field:{at(page, 'name')}": "Ada",
            f"F:field:{at(page, 'langs')}": ["en", "fr"],
            f"F:password:{at(page, 'secret')}": "",
        }


def test_dates_go_back_as_they_came(tmp_path: Path) -> None:
    """`dateFormat`; without one in the form that the data have."""
    dates = {
        "day": "2020-05-06",
        "own": "06/05/2020",
        "moment": "2020-05-06T07:08:00.000Z",
        "wall": "2020-05-06 07:08",
    }
    fields = [
        {"id": name, "fieldType": "Datepicker", **({"dateFormat": "DD/MM/YYYY"} if name == "own" else {})}
        for name in dates
    ]
    page = form(tmp_path, sourceData=dates, fields=fields)
    assert [control["value"] for control in controls(page).values()] == [
        "2020-05-06",
        "2020-05-06",
        "2020-05-06T07:08",
        "2020-05-06T07:08",
    ]
    for name in dates:
        put(page, name, "2021-01-02" if name in ("day", "own") else "2021-01-02T03:04")
    assert data(page) == {
        "day": "2021-01-02",
        "own": "02/01/2021",
        "moment": "2021-01-02T03:04:00.000Z",
        "wall": "2021-01-02 03:04:00",
    }


def test_the_form_itself(tmp_path: Path) -> None:
    """`title`, `submitButtonLabel`, `showReset`, `resetButtonLabel`, `shouldScrollContents`, setVisibility,
    `animateLoading`, and a frame: `backgroundColor`, `borderColor`, `borderWidth`, `borderRadius`,
    `boxShadow`."""
    page = form(
        tmp_path / "a",
        does("Gone", "F.setVisibility(false)"),
        title="A person",
        submitButtonLabel="Save",
        resetButtonLabel="Undo",
        shouldScrollContents=True,
        animateLoading=False,
        **FRAME,
    )
    tree = page.widget("F")
    assert (tree.tag, tree["aria-labelledby"], tree.find("h2").text) == ("form", "l.F", "A person")
    assert (tree["tabindex"], framing(tree)) == ("0", FRAMED)
    seen = [
        one.text
        for one in tree.matching("button")
        if "hidden" not in one and one.get("name") == "portico.event"
    ]
    assert [word for word in seen if word in ("Save", "Undo")] == ["Save", "Undo"]
    # Enter presses the first button of a form.
    first = next(tree.matching("button"))
    assert (first["value"], "hidden" in first, "data-needs-valid" in first) == ("F submit", True, True)
    page.press("Gone")
    assert page.value("F", "isVisible") is False
    bare = form(tmp_path / "b", showReset=False).widget("F")
    assert "F reset" not in [one.get("value") for one in bare.matching("button")]
    assert bare["aria-label"] == "F"


def test_code_reads_what_it_may(tmp_path: Path) -> None:
    """`sourceData`, `formData`, `fieldState`, `fields`, `isValid`, `isDirty`; nothing of how it works."""
    code = "[F.sourceData.__v, F.fields.length, F.isVisible, F.typed, F.passwords, F.view, F.tree]"
    seen = text_of("All", code)
    page = form(tmp_path, seen, fields=FIELDS)
    assert json.loads(page.widget("All").text) == [1, len(FIELDS), True, None, None, None, None]
    assert {"formData", "fieldState", "sourceData", "fields"} <= TYPE.inner


def test_in_a_browser(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """All fields have names, Enter submits, a form that is not valid holds its button, and what is typed is
    posted to the place that it belongs to."""
    shown = form(tmp_path, fields=FIELDS)
    page = show(stage, open_page(), shown.view)
    for label in (
        "Name *",
        "E-mail",
        "Password",
        "Age",
        "Notes",
        "Phone",
        "Pay",
        "Team",
        "Agreed",
        "Active",
        "City",
    ):
        expect(page.get_by_label(label, exact=True).first).to_be_visible()
    expect(page.get_by_role("radiogroup", name="Shirt")).to_be_visible()
    expect(page.get_by_role("group", name="Address")).to_be_visible()
    name = page.get_by_label("Name *")
    name.fill("")
    expect(page.get_by_role("button", name="Submit")).to_be_disabled()
    name.fill("Bea")
    expect(page.get_by_role("button", name="Submit")).to_be_enabled()
    page.get_by_label("Age").press("Enter")
    until(lambda: [post for post in stage.posts if post["event"] == "submit"], page)
    values = stage.posts[-1]["values"]
    assert values[f"F:field:{at(shown, 'name')}"] == "Bea"
    assert values[f"F:field:{at(shown, 'langs')}"] == ["en", "fr"]
    assert values[f"F:password:{at(shown, 'secret')}"] == ""


def test_the_focus_stays_where_rows_go(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """Who removes a row by keyboard finds themselves at the button that adds one."""
    shown = form(tmp_path, fields=FIELDS)
    page = show(stage, open_page(), shown.view)
    shown.press("F", "removeRow", at(shown, "kids/0"))
    stage.answer({"html": {"F": render_widget(shown.view, "F")}})
    page.get_by_role("button", name="Remove Kid 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Add to Kid")).to_be_focused()
    expect(page.get_by_role("button", name="Remove Kid 2")).to_have_count(0)


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken, with fields that are used and fields that are off, and with a choice open."""
    off = [{**field, "isDisabled": True} for field in FIELDS]
    widgets: list[Mapping[str, Any]] = [
        {"name": "F", "type": "JSONForm", "title": "A person", "sourceData": ADA, "fields": FIELDS},
        {"name": "G", "type": "JSONForm", "sourceData": ADA, "fields": off},
        {"name": "Outer", "type": "Form", "widgets": [{"name": "H", "type": "JSONForm", "sourceData": ADA}]},
    ]
    look(stage, open_page, tmp_path, widgets, scheme, width, "[id^='m.F'] > summary")
