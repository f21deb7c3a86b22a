"""PhoneInput: the number, the country that it is dialled in, and the native controls."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.widgets.countries import BY_NUMBER, COUNTRIES
from portico.ui.widgets.phone_input import parse, parse_country
from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look, show
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does
from tests.ui.stage import Stage
from tests.ui.test_ui_client import until


def phone(folder: Path, *more: Mapping[str, Any], **props: Any) -> Running:
    """A page with one PhoneInput."""
    return Running(folder, {"name": "Tel", "type": "PhoneInput", **props}, *more)


def says(page: Running, *names: str) -> list[Any]:
    """These properties of it."""
    return [page.value("Tel", name) for name in names]


@pytest.mark.parametrize(
    ("given", "text", "value"),
    [
        ("(415) 555-2671", "(415) 555-2671", "4155552671"),
        ("+49 30 901820", "+49 30 901820", "+4930901820"),
        ("{{ 4155552671 }}", "4155552671", "4155552671"),
        ("", "", ""),
        ("{{ null }}", "", ""),
        ("{{ ({}) }}", "", ""),
    ],
)
def test_text_and_value(given: str, text: str, value: str, tmp_path: Path) -> None:
    """`text` is what stands in the field, `value` its digits; `defaultText` until the user types."""
    assert says(phone(tmp_path, defaultText=given), "text", "value") == [text, value]


@pytest.mark.parametrize(
    ("given", "dial", "country"),
    [
        ("+1", "+1", "US"),
        ("49", "+49", "DE"),
        ("+44", "+44", "GB"),
        ("+999", "+999", ""),
        ("", "", ""),
        ("{{ 7 }}", "+7", "RU"),
    ],
)
def test_the_country_at_first(given: str, dial: str, country: str, tmp_path: Path) -> None:
    """dialCode as `defaultDialCode` says, and the countryCode that it stands for."""
    assert says(phone(tmp_path, defaultDialCode=given), "dialCode", "countryCode") == [dial, country]


def test_countries_are_whole() -> None:
    """Every country has a number of at most three digits, and every number one country."""
    assert len(COUNTRIES) > 240
    assert all(
        len(code) == 2 and number.isdigit() and len(number) <= 3 for code, (number, _) in COUNTRIES.items()
    )
    assert {BY_NUMBER[number] for number, _ in COUNTRIES.values()} <= COUNTRIES.keys()
    assert (COUNTRIES["DE"], COUNTRIES["US"][0], BY_NUMBER["1"]) == (("49", "Germany"), "1", "US")


def test_a_country_is_chosen(tmp_path: Path) -> None:
    """Where `allowDialCodeChange` lets users; what is posted elsewhere is dropped; a reset takes it back."""
    page = phone(tmp_path / "a", does("Reset", "resetWidget('Tel')"), allowDialCodeChange=True)
    assert page.post("Tel:country", "DE")
    assert says(page, "dialCode", "countryCode") == ["+49", "DE"]
    assert not page.post("Tel:country", "XX")
    page.press("Reset")
    assert says(page, "dialCode", "countryCode") == ["+1", "US"]
    fixed = phone(tmp_path / "b")
    assert not fixed.post("Tel:country", "DE")
    for posted in ("DE", None, "xx"):
        with pytest.raises(ValueError, match="country"):
            parse_country(posted, {"allowDialCodeChange": posted != "DE"})


@pytest.mark.parametrize(
    ("props", "posted", "message"),
    [
        ({}, "", ""),
        ({"isRequired": True}, "", "Please fill in this field."),
        ({}, "call me", "Please enter a phone number."),
        ({}, "()", "Please enter a phone number."),
        ({"regex": "^\\d{3}$"}, "12", "Please check this value."),
        ({"regex": "^\\d{3}$", "errorMessage": "Three!"}, "12", "Three!"),
        ({"regex": "^\\d{3}$"}, "123", ""),
        ({"validation": "{{ Tel.value !== '911' }}"}, "911", "Please check this value."),
    ],
)
def test_rules(props: dict[str, Any], posted: str, message: str, tmp_path: Path) -> None:
    """isRequired, regex, validation and errorMessage; what holds no digit is no phone number."""
    page = phone(tmp_path, defaultText="123", **props)
    page.post("Tel", posted)
    assert says(page, "isValid", "message") == [message == "", message]
    tree = page.widget("Tel")
    assert tree.find(id="e.Tel").text == message
    assert (tree.find(id="c.Tel").get("aria-invalid") == "true") is bool(message)


def test_typing_fires(tmp_path: Path) -> None:
    """`onTextChanged` runs with the new text."""
    page = phone(tmp_path, onTextChanged="{{ showAlert(Tel.dialCode + Tel.value) }}")
    assert page.post("Tel", " 415  555 ")
    assert (page.said, says(page, "text", "isDirty")) == (["+1415555"], ["415 555", True])
    assert not page.post("Tel", "415 555")
    for posted in (None, 5, ["1"], "1" * 101):
        with pytest.raises(ValueError, match="text"):
            parse(posted, {})


def test_methods_set_and_switch(tmp_path: Path) -> None:
    """setValue, setRequired, setDisabled and setVisibility."""
    page = phone(
        tmp_path,
        does("Put", "Tel.setValue('030 1')"),
        does("None", "Tel.setValue(null); Tel.setRequired(true)"),
        does("Off", "Tel.setDisabled(true)"),
        does("Gone", "Tel.setVisibility(false)"),
        allowDialCodeChange=True,
    )
    page.press("Put")
    assert says(page, "value") == ["0301"]
    page.press("None")
    assert says(page, "text", "isValid") == ["", False]
    page.press("Off")
    tree = page.widget("Tel")
    assert ("disabled" in tree.find("select"), "disabled" in tree.find(id="c.Tel")) == (True, True)
    page.press("Gone")
    assert says(page, "isVisible") == [False]


def test_controls_are_native(tmp_path: Path) -> None:
    """A field of type tel with label, hint, message and what autofill needs; the country before it."""
    page = phone(
        tmp_path,
        label="Phone",
        tooltip="Where you are",
        placeholderText="555 2671",
        allowDialCodeChange=True,
        autoFocus=True,
        onSubmit="{{ 1 }}",
        onFocus="{{ 1 }}",
        onBlur="{{ 1 }}",
        labelPosition="Left",
    )
    tree = page.widget("Tel")
    control = tree.find(id="c.Tel")
    assert (control["type"], control["autocomplete"], control["inputmode"]) == ("tel", "tel-national", "tel")
    assert (control["placeholder"], "autofocus" in control) == ("555 2671", True)
    assert control["data-events"] == "onSubmit onFocus onBlur"
    assert control["aria-describedby"].split() == ["h.Tel", "e.Tel"]
    assert tree.find("label")["for"] == "c.Tel"
    select = tree.find("select")
    assert (select["name"], tree.find(id=select["aria-labelledby"]).text) == ("v.Tel:country", "Country")
    assert [one["value"] for one in select.matching("option") if "selected" in one] == ["US"]
    fixed = phone(tmp_path / "b", label="", defaultDialCode="+49").widget("Tel")
    assert (list(fixed.matching("select")), fixed.text) == ([], "+49")
    assert fixed.find(id="c.Tel")["aria-label"] == "Tel"


def test_no_word_breaks_out(tmp_path: Path) -> None:
    """40 payloads as the number: text of an attribute, never elements."""
    page = phone(tmp_path)
    tags = [element.tag for element in page.widget("Tel").all]
    for payload in PAYLOADS:
        page.post("Tel", payload)
        assert [element.tag for element in page.widget("Tel").all] == tags


def test_it_is_filled_in_a_browser(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """Number and country travel with events; what is typed wrong is told."""
    page = show(stage, open_page(), phone(tmp_path, does("Send", "1"), allowDialCodeChange=True).view)
    page.select_option("#c\\.Tel\\:country", "DE")
    until(lambda: stage.posts, page)
    page.fill("#c\\.Tel", "030 1")
    page.click("#c\\.Send")
    until(lambda: stage.posts[-1]["event"] == "onClick", page)
    assert stage.posts[-1]["values"] == {"Tel": "030 1", "Tel:country": "DE"}
    expect(page.locator("#c\\.Tel")).to_have_value("030 1")


def test_it_works_without_scripts(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """A form posts both."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(phone(tmp_path, does("Send", "1"), allowDialCodeChange=True).view))
    page.select_option("#c\\.Tel\\:country", "FR")
    page.fill("#c\\.Tel", "1 23")
    page.click("#c\\.Send")
    assert {name: stage.forms[-1][name] for name in ("v.Tel", "v.Tel:country")} == {
        "v.Tel": "1 23",
        "v.Tel:country": "FR",
    }


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken, whatever state it is in."""
    widgets: list[Mapping[str, Any]] = [
        {
            "name": "A",
            "type": "PhoneInput",
            "allowDialCodeChange": True,
            "tooltip": "Some",
            "defaultText": "415",
        },
        {"name": "B", "type": "PhoneInput", "labelPosition": "Left", "isRequired": True},
        {"name": "C", "type": "PhoneInput", "label": "", "isDisabled": True, "allowDialCodeChange": True},
    ]
    look(stage, open_page, tmp_path, widgets, scheme, width)
