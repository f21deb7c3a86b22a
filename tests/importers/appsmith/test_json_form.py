"""A JSON Form comes over with its fields, as far as they say more than the data do."""

from pathlib import Path
from typing import Any

from portico.definition.load import load
from portico.importers.appsmith import code
from portico.importers.appsmith.importing import Imported
from portico.ui.widgets import CATALOGUE
from tests.importers.appsmith.shop import lines, of_page, root, widget
from tests.importers.appsmith.test_widgets import widgets_of

OF_FORM = (
    "{{((sourceData, formData, fieldState) => (%s))(Form1.sourceData, Form1.formData, Form1.fieldState)}}"
)


def item(kind: str, position: int, name: str, **more: Any) -> dict[str, Any]:
    """A field as Appsmith keeps it."""
    return {
        "fieldType": kind,
        "dataType": "string",
        "accessor": name,
        "identifier": name,
        "originalIdentifier": name,
        "label": name.capitalize(),
        "position": position,
        "children": {},
        "isCustomField": False,
        "isDisabled": False,
        "isRequired": False,
        "isVisible": True,
        "isSpellCheck": False,
        "labelTextSize": "0.875rem",
        "accentColor": OF_FORM % "appsmith.theme.colors.primaryColor",
        "defaultValue": OF_FORM % f"sourceData.{name}",
        **more,
    }


def form(children: dict[str, Any], root_type: str = "Object", **more: Any) -> dict[str, Any]:
    """The widget with a schema of these fields."""
    schema = {"__root_schema__": item(root_type, 0, "__root_schema__", children=children)}
    styles = {"buttonColor": "{{appsmith.theme.colors.primaryColor}}", "buttonVariant": "PRIMARY"}
    given = {
        "title": "Person",
        "schema": schema,
        "sourceData": "{{People.selectedRow}}",
        "autoGenerateForm": True,
        "fixedFooter": True,
        "scrollContents": True,
        "useSourceData": True,
        "disabledWhenInvalid": True,
        "showReset": True,
        "submitButtonLabel": "Save",
        "resetButtonLabel": "Reset",
        "submitButtonStyles": styles,
        "resetButtonStyles": styles,
        "onSubmit": "{{save.run()}}",
    }
    return widget("Form1", "JSON_FORM_WIDGET", (0, 0, 32, 40), **{**given, **more})


def imported(folder: Path, children: dict[str, Any], **more: Any) -> Imported:
    """A page with this form, and the table that it is about."""
    table = widget("People", "TABLE_WIDGET_V2", (32, 0, 64, 40), tableData="{{[]}}")
    return of_page(folder, root(form(children, **more), table))


def fields_of(found: Imported) -> list[dict[str, Any]]:
    """The fields of the form; places of an import are as people write them."""
    fields: list[dict[str, Any]] = widgets_of(found)["Form1"].get("fields", [])
    return fields


def test_a_form_comes_over(tmp_path: Path) -> None:
    """What the data say anyway is left out; code sees its form by the names that the function around it
    gave."""
    street = item("Text Input", 0, "street", defaultValue=OF_FORM % "sourceData.address.street")
    college = item("Text Input", 0, "college", defaultValue=None, isRequired=True)
    entry = item("Object", 0, "__array_item__", children={"college": college}, defaultValue=None)
    found = imported(
        tmp_path,
        {
            "age": item("Number Input", 1, "age", minNum=1, errorMessage="Too young"),
            "first_name": item(
                "Text Input",
                0,
                "first name",
                identifier="first_name",
                label="First name",
                tooltip="As you like",
            ),
            "born": item(
                "Datepicker",
                2,
                "born",
                dateFormat="DD/MM/YYYY",
                minDate="1920-12-31T18:30:00.000Z",
                maxDate="2121-12-31T18:29:00.000Z",
            ),
            "team": item(
                "Select",
                3,
                "team",
                options=[{"label": "Red", "value": "red"}],
                isVisible=OF_FORM % "Form1.formData.age > 17 && fieldState.age.isValid",
                onOptionChange="{{log.run({team: formData.team})}}",
            ),
            "pay": item("Currency Input", 4, "pay", currencyCountryCode="EUR", defaultValue="5"),
            "address": item("Object", 5, "address", children={"street": street}),
            "education": item("Array", 6, "education", children={"__array_item__": entry}),
        },
    )
    assert fields_of(found) == [
        {"id": "first_name", "alias": "first name", "tooltip": "As you like"},
        {"id": "age", "fieldType": "Number Input", "minNum": 1, "errorMessage": "Too young"},
        {"id": "born", "fieldType": "Datepicker", "dateFormat": "DD/MM/YYYY"},
        {
            "id": "team",
            "fieldType": "Select",
            "options": [{"label": "Red", "value": "red"}],
            "isVisible": "{{ formData.age > 17 && fieldState.age.isValid }}",
            "onChange": "{{log.run({team: formData.team})}}",
        },
        {"id": "pay", "fieldType": "Currency Input", "defaultValue": "5", "currencyCode": "EUR"},
        {"id": "address", "fieldType": "Object", "fields": [{"id": "street"}]},
        {"id": "education", "fieldType": "Array", "fields": [{"id": "college", "isRequired": True}]},
    ]
    form1 = widgets_of(found)["Form1"]
    del form1["fields"], form1["position"]
    assert form1 == {
        "name": "Form1",
        "type": "JSONForm",
        "sourceData": "{{People.selectedRow}}",
        "title": "Person",
        "useSourceData": True,
        "submitButtonLabel": "Save",
        "shouldScrollContents": True,
        "onSubmit": "{{save.run()}}",
    }
    assert not [line for line in lines(found, "left-out") if "Form1" in line]
    (tmp_path / "shop").mkdir()
    loaded = load(tmp_path / "shop", types=CATALOGUE, settings={}, planned=dict(found.files))
    assert [problem.as_text() for problem in loaded.problems] == []


def test_a_field_that_is_called_otherwise_keeps_its_code(tmp_path: Path) -> None:
    """Where the name in the form is not that of the data, the value is still that of the data."""
    renamed = item("Text Input", 0, "name", accessor="title")
    inner = item("Text Input", 0, "x", defaultValue=OF_FORM % "sourceData.box.x")
    box = item("Object", 1, "box", accessor="case", children={"x": inner})
    assert fields_of(imported(tmp_path, {"name": renamed, "box": box})) == [
        {"id": "title", "label": "Name", "defaultValue": "{{ sourceData.name }}"},
        {
            "id": "case",
            "label": "Box",
            "fieldType": "Object",
            "defaultValue": "{{ sourceData.box }}",
            "fields": [{"id": "x", "defaultValue": "{{ sourceData.box.x }}"}],
        },
    ]


def test_what_there_is_not_is_told(tmp_path: Path) -> None:
    """Lists of plain values, levels that are too deep, other events, other types, a form for a list."""
    plain = item("Text Input", 0, "__array_item__")
    deep: dict[str, Any] = item("Text Input", 0, "leaf")
    for name in ("three", "two", "one"):
        deep = item("Object", 0, name, children={deep["identifier"]: deep})
    found = imported(
        tmp_path / "a",
        {
            "tags": item("Array", 1, "tags", children={"__array_item__": plain}),
            "one": deep,
            "old": item("Text", 2, "old"),
            "odd": item("Rich Text", 3, "odd", onFocus="{{ping.run()}}"),
        },
    )
    assert [field["id"] for field in fields_of(found)] == ["one", "old", "odd"]
    told = [line for line in lines(found, "left-out") if "Form1" in line]
    assert len(told) == 4
    assert all(
        any(words in line for line in told)
        for words in ("this list is left out", "levels deep at most", "no such event", "Rich Text")
    )
    listed = imported(tmp_path / "b", {"x": item("Text Input", 0, "x")}, root_type="Array")
    assert fields_of(listed) == []
    assert any("about one object" in line for line in lines(listed, "left-out"))


def test_a_schema_may_be_anything(tmp_path: Path) -> None:
    """What is no schema has no fields, and stops no import."""
    schemas: list[Any] = [None, [], "x", {}, {"__root_schema__": 5}, {"__root_schema__": {"children": [1]}}]
    for at, schema in enumerate(schemas):
        found = imported(tmp_path / str(at), {}, schema=schema)
        assert "fields" not in widgets_of(found)["Form1"]
    odd = imported(tmp_path / "odd", {"a": 5, "b": {}, "c": {"position": "x", "fieldType": 5}})
    assert [field["id"] for field in fields_of(odd)] == ["b", "c"]


def test_functions_that_are_called_at_once() -> None:
    """Only those, and the code that has its form's name is touched where it is code."""
    assert (
        code.called("{{((sourceData, f) => (sourceData.a))(F.sourceData, 1)}}", "sourceData")
        == "{{ sourceData.a }}"
    )
    assert (
        code.called("{{((sourceData) => { return 1 })(1)}}", "sourceData") == "{{ (() => { return 1 })() }}"
    )
    for other in ("{{ f(1) }}", "{{((x) => x)(1)}}", "{{((sourceData) => 1)(1) + 2}}", "text", "{{ ( }}"):
        assert code.called(other, "sourceData") is None
    text = "F.formData {{ F.formData.x + 'F.formData' + G.formData + F.isValid }}"
    assert code.unowned(text, "F", frozenset({"formData"})) == (
        "F.formData {{ formData.x + 'F.formData' + G.formData + F.isValid }}"
    )
