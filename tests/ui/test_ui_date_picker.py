"""DatePicker: dates as code, users and the browser's own control write them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.culture import zones
from portico.ui.widgets.date_picker import parse
from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look, show
from tests.ui.opened import opened
from tests.ui.running import Running, does
from tests.ui.stage import Stage
from tests.ui.test_ui_client import until

BERLIN = (
    {"k": "learn", "zones": zones.line("Europe/Berlin")},
    {"k": "env", "zone": "Europe/Berlin", "locale": "en-GB"},
)


def picker(folder: Path, *more: Mapping[str, Any], **props: Any) -> Running:
    """A page with one DatePicker."""
    return Running(folder, {"name": "Due", "type": "DatePicker", **props}, *more)


def says(page: Running, *names: str) -> list[Any]:
    """These properties of it."""
    return [page.value("Due", name) for name in names]


@pytest.mark.parametrize(
    ("props", "selected", "formatted"),
    [
        ({}, "", ""),
        ({"defaultDate": "2026-03-04T10:30:00Z"}, "2026-03-04T10:30:00.000Z", "2026-03-04 10:30"),
        ({"defaultDate": "{{ new Date(0) }}"}, "1970-01-01T00:00:00.000Z", "1970-01-01 00:00"),
        (
            {"defaultDate": "{{ moment.utc(0).add(1, 'day') }}"},
            "1970-01-02T00:00:00.000Z",
            "1970-01-02 00:00",
        ),
        ({"defaultDate": "{{ 86400000 }}"}, "1970-01-02T00:00:00.000Z", "1970-01-02 00:00"),
        ({"defaultDate": "04/03/2026", "dateFormat": "DD/MM/YYYY"}, "2026-03-04T00:00:00.000Z", "04/03/2026"),
        (
            {"defaultDate": "2026-03-04", "dateFormat": "D MMMM, YYYY"},
            "2026-03-04T00:00:00.000Z",
            "4 March, 2026",
        ),
        ({"defaultDate": "2026-03-04", "dateFormat": "X"}, "2026-03-04T00:00:00.000Z", "1772582400"),
        ({"defaultDate": "no date"}, "", ""),
        ({"defaultDate": "{{ new Date(NaN) }}"}, "", ""),
        ({"defaultDate": "0001-01-01"}, "", ""),
    ],
)
def test_the_default_is_read_as_it_is_written(
    props: dict[str, Any], selected: str, formatted: str, tmp_path: Path
) -> None:
    """ISO 8601, dates of code and of moment, milliseconds, and text in `dateFormat`; `selectedDate` is ISO
    8601, `formattedDate` as the format says, and what is no date is empty."""
    page = picker(tmp_path, **props)
    assert says(page, "selectedDate", "formattedDate", "value") == [selected, formatted, selected]


@pytest.mark.parametrize(
    ("props", "kind", "held"),
    [
        ({}, "datetime-local", "2026-03-04T10:30"),
        ({"timePrecision": "second"}, "datetime-local", "2026-03-04T10:30:15"),
        ({"timePrecision": "millisecond"}, "datetime-local", "2026-03-04T10:30:15.500"),
        ({"timePrecision": "None"}, "date", "2026-03-04"),
        ({"dateFormat": "YYYY-MM-DD"}, "date", "2026-03-04"),
        ({"dateFormat": "LLL"}, "datetime-local", "2026-03-04T10:30"),
    ],
)
def test_the_control_is_the_browsers_own(props: dict[str, Any], kind: str, held: str, tmp_path: Path) -> None:
    """For a day and a time, to the `timePrecision`; for a day alone, where `dateFormat` shows no hour."""
    page = picker(tmp_path, defaultDate="2026-03-04T10:30:15.5Z", label="Due", tooltip="At last", **props)
    control = page.widget("Due").find(id="c.Due")
    assert (control["type"], control["value"], control["name"]) == (kind, held, "v.Due")
    assert page.widget("Due").find("label")["for"] == "c.Due"
    assert control["aria-describedby"].split() == ["h.Due", "e.Due"]
    # What it holds is no change, in whatever way the browser writes it.
    assert not page.post("Due", held)
    assert not page.post("Due", held.replace("T", " "))


def test_a_date_is_picked(tmp_path: Path) -> None:
    """`onDateSelected` runs with the new date; a reset goes back to the default."""
    page = picker(
        tmp_path,
        does("Reset", "resetWidget('Due')"),
        defaultDate="2026-03-04T10:30:00Z",
        onDateSelected="{{ showAlert(Due.formattedDate) }}",
    )
    assert page.post("Due", "2026-12-24T18:00")
    assert (page.said, page.value("Due", "isDirty")) == (["2026-12-24 18:00"], True)
    assert page.post("Due", "")
    assert says(page, "selectedDate", "formattedDate") == ["", ""]
    page.press("Reset")
    assert says(page, "selectedDate", "isDirty") == ["2026-03-04T10:30:00.000Z", False]


def test_what_is_picked_is_a_time_where_the_user_is(tmp_path: Path) -> None:
    """In Berlin 18:00 in winter is 17:00 in UTC; the default is shown as a clock there shows it."""
    page = opened(
        tmp_path,
        """
- {name: Due, type: DatePicker, defaultDate: "2026-07-01T10:00:00Z"}
- {name: Shown, type: Text, text: "{{ Due.selectedDate + ' ' + Due.formattedDate }}"}
""",
    )
    page.session.turn(*BERLIN)
    assert page.shown("Shown").text == "2026-07-01T10:00:00.000Z 2026-07-01 12:00"
    page.post("Due", "picked", "2026-12-24T18:00")
    assert page.shown("Shown").text == "2026-12-24T17:00:00.000Z 2026-12-24 18:00"


@pytest.mark.parametrize(
    ("posted", "valid", "message"),
    [
        ("2026-03-01", True, ""),
        ("2026-03-31", True, ""),
        ("2026-02-28", False, "Please pick 01/03/2026 or later."),
        ("2026-04-01", False, "Please pick 31/03/2026 or earlier."),
        ("", False, "Please pick a date."),
    ],
)
def test_bounds_belong_to_what_is_allowed(posted: str, valid: bool, message: str, tmp_path: Path) -> None:
    """`minDate`, `maxDate` and `isRequired`, in the browser and here, with a message of each."""
    page = picker(
        tmp_path,
        minDate="2026-03-01",
        maxDate="{{ new Date(Date.UTC(2026, 2, 31, 12)) }}",
        dateFormat="DD/MM/YYYY",
        defaultDate="2026-03-15",
        isRequired=True,
    )
    control = page.widget("Due").find(id="c.Due")
    assert (control["min"], control["max"], "required" in control) == ("2026-03-01", "2026-03-31", True)
    page.post("Due", posted)
    assert says(page, "isValid", "message") == [valid, message]
    assert page.widget("Due").find(id="e.Due").text == message
    assert (page.widget("Due").find(id="c.Due").get("aria-invalid") == "true") is not valid


def test_methods_set_and_switch(tmp_path: Path) -> None:
    """setValue takes whatever defaultDate does, null too; setDisabled, setVisibility, setRequired."""
    page = picker(
        tmp_path,
        does("Iso", "Due.setValue('2026-03-04T10:30:00Z')"),
        does("Made", "Due.setValue(new Date(0))"),
        does("Moment", "Due.setValue(moment.utc(86400000))"),
        does("None", "Due.setValue(null); Due.setRequired(true)"),
        does("Off", "Due.setDisabled(true)"),
        does("Gone", "Due.setVisibility(false)"),
    )
    for button, selected in (
        ("Iso", "2026-03-04T10:30"),
        ("Made", "1970-01-01T00:00"),
        ("Moment", "1970-01-02T00:00"),
    ):
        page.press(button)
        assert page.value("Due", "selectedDate") == f"{selected}:00.000Z"
    page.press("None")
    assert says(page, "selectedDate", "isValid") == ["", False]
    page.press("Off")
    assert (page.enabled("Due"), "disabled" in page.widget("Due").find(id="c.Due")) == (False, True)
    page.press("Gone")
    assert page.value("Due", "isVisible") is False


@pytest.mark.parametrize(
    "posted",
    [
        "yesterday",
        "2026-02-30",
        "2026-13-01",
        "2026-03-04T25:00",
        "0001-01-01",
        "2026-03-04T10:00Z",
        None,
        1,
        [],
    ],
)
def test_parse_refuses_what_is_no_date(posted: object) -> None:
    """Only a day, or a day and a time, as a control writes them."""
    with pytest.raises(ValueError, match="not a date"):
        parse(posted, {"precision": "minute"})


def test_a_form_sees_it(tmp_path: Path) -> None:
    """The form's data hold the date in ISO 8601."""
    page = Running(
        tmp_path,
        {
            "name": "F",
            "type": "Form",
            "widgets": [
                {"name": "Due", "type": "DatePicker", "defaultDate": "2026-03-04", "isRequired": True}
            ],
        },
        {"name": "Shown", "type": "Text", "text": "{{ JSON.stringify(F.data) + F.isValid }}"},
    )
    assert page.widget("Shown").text == '{"Due":"2026-03-04T00:00:00.000Z"}true'


def test_without_a_label_there_still_is_a_name(tmp_path: Path) -> None:
    """A DatePicker whose label is empty is named for screen readers; labelPosition is a class."""
    tree = picker(tmp_path, label="", labelPosition="Left").widget("Due")
    assert tree.find(id="c.Due")["aria-label"] == "Due"
    assert "label-left" in tree["class"].split()


def test_focus_is_told(tmp_path: Path) -> None:
    """The client posts `onFocus` and `onBlur` where something hangs on them, and a change at once."""
    control = (
        picker(tmp_path, onFocus="{{ 1 }}", onBlur="{{ 1 }}", onDateSelected="{{ 1 }}")
        .widget("Due")
        .find(id="c.Due")
    )
    assert (control["data-events"], control["data-live"]) == ("onFocus onBlur", "event")


def test_it_is_picked_in_a_browser(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """What the control holds is posted; an answer's value is shown; a day out of bounds is told."""
    view = picker(tmp_path, does("Send", "1"), dateFormat="YYYY-MM-DD", minDate="2026-03-01").view
    page = show(stage, open_page(), view)
    page.fill("#c\\.Due", "2026-03-04")
    stage.answer({"values": {"Due": "2026-05-06"}})
    page.click("#c\\.Send")
    until(lambda: stage.posts, page)
    assert stage.posts[-1]["values"] == {"Due": "2026-03-04"}
    expect(page.locator("#c\\.Due")).to_have_value("2026-05-06")
    page.fill("#c\\.Due", "2026-02-01")
    page.keyboard.press("Tab")
    expect(page.locator("#e\\.Due")).not_to_be_empty()


def test_it_works_without_scripts(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """A form posts what it holds."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(picker(tmp_path, does("Send", "1"), dateFormat="YYYY-MM-DD").view))
    page.fill("#c\\.Due", "2026-03-04")
    page.click("#c\\.Send")
    assert stage.forms[-1]["v.Due"] == "2026-03-04"


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken, whatever state it is in."""
    states: list[dict[str, Any]] = [
        {"label": "Due", "defaultDate": "2026-03-04T10:30:00Z", "tooltip": "At last"},
        {"label": "Day", "dateFormat": "YYYY-MM-DD", "labelPosition": "Left", "isRequired": True},
        {"label": "", "isDisabled": True, "defaultDate": "2026-03-04"},
    ]
    named = [{"name": f"D{at}", "type": "DatePicker", **state} for at, state in enumerate(states)]
    look(stage, open_page, tmp_path, named, scheme, width)
