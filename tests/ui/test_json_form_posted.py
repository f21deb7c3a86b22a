"""JSONForm: what a browser posts is believed only where the view offered it, and passwords are not kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portico.ui.widgets.json_form import TYPE, posted
from tests.ui.forms import at, controls, data, form, put
from tests.ui.running import Running, does

FIELDS: list[Mapping[str, Any]] = [
    {"id": "name", "maxChars": 5},
    {"id": "role", "defaultValue": "viewer", "isDisabled": True},
    {"id": "grant", "defaultValue": "none", "isVisible": False},
    {"id": "pay", "isVisible": "{{ formData.name === 'boss' }}", "defaultValue": 1},
    {"id": "age", "fieldType": "Number Input"},
    {"id": "team", "fieldType": "Select", "options": ["red", {"label": "Two", "value": 2}]},
    {"id": "langs", "fieldType": "Multiselect", "options": ["en", "fr"]},
    {"id": "on", "fieldType": "Switch"},
    {"id": "born", "fieldType": "Datepicker"},
    {"id": "mail", "fieldType": "Email Input"},
    {"id": "notes", "fieldType": "Multiline Text Input"},
    {"id": "secret", "fieldType": "Password Input", "onChange": "{{ showAlert('typed') }}"},
    {"id": "box", "fieldType": "Object", "isDisabled": True, "fields": [{"id": "inner"}]},
    {
        "id": "rows",
        "fieldType": "Array",
        "isDisabled": "{{ formData.name === 'shut' }}",
        "defaultValue": [{"n": "1", "fixed": "f"}],
        "fields": [{"id": "n"}, {"id": "fixed", "isDisabled": True, "onChange": "{{ showAlert('no') }}"}],
    },
]
SOURCE: Mapping[str, Any] = {"name": "Ada", "pin": "4711"}

#: What no browser may set: it is not there, not to be used, or of another kind.
FORBIDDEN: list[tuple[str, Any]] = [
    *(
        ("field", place)
        for place in ("role", "grant", "pay", "box/inner", "rows/0/fixed", "rows/1/n", "rows")
    ),
    *(
        ("field", place)
        for place in ("", "pin", "__proto__", "name/", "box", "secret", "rows/n1/n", "rows/0/x")
    ),
    *(("password", place) for place in ("name", "role", "pin")),
]


def opened(folder: Path, *more: Mapping[str, Any]) -> Running:
    """The form."""
    return form(folder, *more, sourceData=SOURCE, fields=FIELDS)


def taken(page: Running, attempts: Sequence[tuple[str, str]] = FORBIDDEN) -> list[tuple[str, str]]:
    """What a browser can set although it must not."""
    return [(part, place) for part, place in attempts if put(page, place, "x", part)]


def test_what_is_hidden_or_disabled_cannot_be_set(tmp_path: Path) -> None:
    """By no address, also inside groups and rows, and not as another kind of field either."""
    page = opened(tmp_path)
    before = data(page)
    assert (taken(page), data(page)) == ([], before)
    # What the user may see by now can be set.
    put(page, "name", "boss")
    assert put(page, "pay", "x")
    assert data(page)["pay"] == "x"


@pytest.fixture
def _believing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that believes whatever is posted for any place."""

    def believes(value: object, props: Mapping[str, Any], detail: str) -> Mapping[str, Any]:
        return {**props["typed"], detail: value}

    field = replace(TYPE.inputs["field"], parse=believes)
    monkeypatch.setitem(TYPE.inputs, "field", field)


@pytest.mark.usefixtures("_believing")
def test_control_a_server_that_believes_is_found(tmp_path: Path) -> None:
    """The same attempts reach a hidden and a disabled field there."""
    page = opened(tmp_path)
    attempts = [attempt for attempt in FORBIDDEN if attempt[1] in ("role", "pay", "box/inner")]
    assert {place for _, place in taken(page, attempts)} == {"role", "pay", "box/inner"}
    assert (data(page)["role"], data(page)["box"]) == ("x", {"inner": "x"})


def test_rows_and_events_only_where_they_are_offered(tmp_path: Path) -> None:
    """Rows of an Array that is off, of what is none, or that are not there; events of fields that are not to
    be used."""
    page = opened(tmp_path)
    for event, place in (
        ("addRow", "name"),
        ("addRow", "box"),
        ("addRow", "nowhere"),
        ("removeRow", "rows/9"),
        ("removeRow", "rows"),
        ("removeRow", "name/0"),
    ):
        page.press("F", event, at(page, place))
        assert page.said == ["This form has changed in the meantime. Please look at it again."], (
            event,
            place,
        )
    assert not page.press("F", "fields.rows.fields.fixed.onChange", at(page, "rows/0/fixed"))
    assert not page.press("F", "fields.secret.onChange", at(page, "name"))
    assert not page.press("F", "fields.secret.onChange")
    assert page.press("F", "fields.secret.onChange", at(page, "secret"))
    put(page, "name", "shut")
    page.press("F", "addRow", at(page, "rows"))
    assert page.said == ["This form has changed in the meantime. Please look at it again."]
    assert data(page)["rows"] == [{"n": "1", "fixed": "f"}]


ODD: Sequence[Any] = (None, 5, [], {})
REFUSED: list[tuple[str, Any]] = [
    *(("age", value) for value in (*ODD, "x", "1e9999", "0x1", "NaN", True)),
    *(("team", value) for value in (*ODD, "blue", "Two", ["red"])),
    *(("langs", value) for value in (*ODD[:2], "en", ["it"], ["en", 1])),
    *(("on", value) for value in (*ODD, "yes", "")),
    *(("born", value) for value in (*ODD, "soon", "2020-02-30", "0001-01-01", "2020-01-01T00:00Z")),
    *((place, value) for place in ("name", "notes", "mail") for value in (*ODD, "x" * 100_001)),
]


@pytest.mark.parametrize(("place", "value"), REFUSED)
def test_what_cannot_be_a_value_is_refused(tmp_path: Path, place: str, value: Any) -> None:
    """Each kind of field takes what its control can hold, and nothing else."""
    page = opened(tmp_path)
    before = data(page)
    assert (put(page, place, value), data(page)) == (False, before)


def test_an_untouched_control_is_no_change(tmp_path: Path) -> None:
    """All controls are posted with every event: those that hold what they were given change nothing."""
    page = opened(tmp_path)
    before = data(page)
    for place, control in controls(page).items():
        if not control["off"] and control["kind"] != "password":
            assert not put(page, place, control["value"]), place
    assert not put(page, "secret", "", "password")
    assert data(page) == before
    put(page, "name", "\0much too long\n")
    assert data(page)["name"] == "much "


def test_a_password_is_never_shown_nor_kept(tmp_path: Path) -> None:
    """It is there while an event runs; then it is forgotten, and is in nothing that is stored or sent."""
    page = opened(tmp_path, does("Nothing", "1"))
    assert put(page, "secret", "hunter2", "password")
    assert (page.said, data(page)["secret"]) == (["typed"], "hunter2")
    assert "hunter2" not in str(page.widget("F")) + str(page.value("F", "view"))
    assert "hunter2" not in str(page.held())
    assert "hunter2" not in str(page.kept())
    assert "hunter2" in str(page.kept(all_of_it=True))  # the control
    assert list(page.passwords()) == ["hunter2"]
    page.conclude()
    assert data(page)["secret"] == ""
    assert "hunter2" not in str(page.kept(all_of_it=True)) + str(page.view.props["F"])


def test_a_password_of_the_data_is_not_shown(tmp_path: Path) -> None:
    """The control is empty, and leaves it as it was; data without a field do not
    leave either."""
    page = form(
        tmp_path,
        sourceData={"pw": "hunter2", "pin": 4711},
        fields=[{"id": "pw", "fieldType": "Password Input"}],
    )
    sent = str(page.widget("F")) + str(page.value("F", "view"))
    assert ("hunter2" in sent, "4711" in sent) == (False, False)
    assert data(page) == {"pw": "hunter2"}
    assert not put(page, "pw", "", "password")


READERS: list[Callable[[Mapping[str, Any]], object]] = [posted.held_by_fields, posted.held_by_passwords]


@pytest.mark.parametrize("view", [None, 5, [], {"controls": 5}, {"controls": {"a": None}}])
def test_odd_views_offer_nothing(view: object) -> None:
    """Where the sandbox gave no view, nothing can be set."""
    assert [read({"view": view}) for read in READERS] == [{}, {}]
    for read in (posted.field, posted.password):
        with pytest.raises(ValueError, match="no such field"):
            read("x", {"view": view, "typed": {}}, "a")
