"""CurrencyInput: amounts as they are written and read, the currency, and the native controls."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.widgets.currency_input import CODES, parse, parse_currency
from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look, show
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does
from tests.ui.stage import Stage
from tests.ui.test_ui_client import until


def amount(folder: Path, *more: Mapping[str, Any], **props: Any) -> Running:
    """A page with one CurrencyInput."""
    return Running(folder, {"name": "Price", "type": "CurrencyInput", **props}, *more)


def says(page: Running, *names: str) -> list[Any]:
    """These properties of it."""
    return [page.value("Price", name) for name in names]


@pytest.mark.parametrize(
    ("given", "decimals", "text", "value"),
    [
        (1234.5, 2, "1,234.50", 1234.5),
        ("1234567", 0, "1,234,567", 1234567),
        ("{{ -0.5 }}", 2, "-0.50", -0.5),
        ("", 2, "", None),
        ("{{ null }}", 2, "", None),
        ("words", 2, "words", None),
        ("{{ ({}) }}", 2, "", None),
        (1.25, 0, "1.25", 1.25),
        (7, "{{ 99 }}", "7", 7),
    ],
)
def test_the_default_is_written_as_an_amount(
    given: object, decimals: object, text: str, value: object, tmp_path: Path
) -> None:
    """`defaultText` with commas and `decimals`; `value` is the number. Nothing is rounded away."""
    assert says(amount(tmp_path, defaultText=given, decimals=decimals), "text", "value") == [text, value]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("1234.5", "1,234.50"),
        (" 1,234.5 ", "1,234.50"),
        ("+7", "7.00"),
        ("-.5", "-0.50"),
        ("0007", "7.00"),
        ("12,34", "12,34"),
        ("1.234,50", "1.234,50"),
        ("1e3", "1e3"),
        ("1.2345", "1.2345"),
        ("", ""),
        (".", "."),
        ("9" * 16, "9" * 16),
    ],
)
def test_what_is_typed_is_written_as_an_amount(typed: str, text: str) -> None:
    """Where it is one; what might mean something else stays as it is, and is told."""
    assert parse(typed, {"decimals": 2}) == text


@pytest.mark.parametrize(
    ("props", "posted", "message"),
    [
        ({}, "", ""),
        ({"isRequired": True}, "", "Please fill in this field."),
        ({}, "1.234,50", "Please enter an amount, such as 1,234.50."),
        ({}, "1.5", "Please enter a whole amount."),
        ({"decimals": 2}, "1.505", "Please enter at most 2 digits after the point."),
        ({"regex": "^1"}, "2", "Please check this value."),
        ({"validation": "{{ Price.value < 10 }}", "errorMessage": "Too much"}, "11", "Too much"),
        ({"validation": "{{ Price.value < 10 }}"}, "9", ""),
    ],
)
def test_rules(props: dict[str, Any], posted: str, message: str, tmp_path: Path) -> None:
    """isRequired, decimals, regex, validation and errorMessage, and what is no amount."""
    page = amount(tmp_path, defaultText=5, **props)
    page.post("Price", posted)
    assert says(page, "isValid", "message") == [message == "", message]
    assert page.widget("Price").find(id="e.Price").text == message


def test_typing_fires(tmp_path: Path) -> None:
    """`onTextChanged` runs with the new value; the same amount, written otherwise, is no change."""
    page = amount(
        tmp_path,
        does("Reset", "resetWidget('Price')"),
        decimals=2,
        onTextChanged="{{ showAlert(`${Price.value}`) }}",
    )
    assert page.post("Price", "1234.5")
    assert (page.said, says(page, "text", "isDirty")) == (["1234.5"], ["1,234.50", True])
    assert not page.post("Price", "1,234.50")
    page.press("Reset")
    assert says(page, "text", "value", "isDirty") == ["", None, False]
    for posted in (None, 5, ["1"], "1" * 101):
        with pytest.raises(ValueError, match="text"):
            parse(posted, {})


def test_the_currency(tmp_path: Path) -> None:
    """currencyCode is `defaultCurrencyCode` until the user chooses, where `allowCurrencyChange` lets them;
    countryCode is the country that it is of."""
    page = amount(tmp_path / "a", defaultCurrencyCode="eur", allowCurrencyChange=True)
    assert says(page, "currencyCode", "countryCode") == ["EUR", "EU"]
    assert page.post("Price:currency", "XOF")
    assert says(page, "currencyCode", "countryCode") == ["XOF", ""]
    assert not page.post("Price:currency", "ZZZ")
    assert not amount(tmp_path / "b").post("Price:currency", "EUR")
    assert says(amount(tmp_path / "c", defaultCurrencyCode=""), "currencyCode") == ["USD"]
    for posted in ("EUR", None, "eur"):
        with pytest.raises(ValueError, match="currency"):
            parse_currency(posted, {"allowCurrencyChange": posted != "EUR"})
    assert len(set(CODES)) == len(CODES) > 150


def test_methods_set_and_switch(tmp_path: Path) -> None:
    """setValue, setRequired, setDisabled and setVisibility."""
    page = amount(
        tmp_path,
        does("Put", "Price.setValue(1234.5)"),
        does("None", "Price.setValue(null); Price.setRequired(true)"),
        does("Off", "Price.setDisabled(true)"),
        does("Gone", "Price.setVisibility(false)"),
        decimals=2,
    )
    page.press("Put")
    assert says(page, "text", "value") == ["1,234.50", 1234.5]
    page.press("None")
    assert says(page, "text", "isValid") == ["", False]
    page.press("Off")
    assert "disabled" in page.widget("Price").find(id="c.Price")
    page.press("Gone")
    assert says(page, "isVisible") == [False]


def test_controls_are_native(tmp_path: Path) -> None:
    """A field with label, hint, message and a keyboard for numbers; the sign of the currency before it."""
    page = amount(
        tmp_path / "a",
        label="Price",
        tooltip="Without tax",
        placeholderText="10",
        autoFocus=True,
        decimals=2,
        onSubmit="{{ 1 }}",
        onFocus="{{ 1 }}",
        onBlur="{{ 1 }}",
        labelPosition="Left",
    )
    tree = page.widget("Price")
    control = tree.find(id="c.Price")
    assert (control["type"], control["inputmode"], control["data-decimals"]) == ("text", "decimal", "2")
    assert (control["placeholder"], "autofocus" in control) == ("10", True)
    assert control["data-events"] == "onSubmit onFocus onBlur"
    assert control["aria-describedby"].split() == ["h.Price", "e.Price"]
    assert tree.find(class_="before").text == "$"
    chosen = amount(tmp_path / "b", label="", allowCurrencyChange=True, defaultCurrencyCode="CHF").widget(
        "Price"
    )
    select = chosen.find("select")
    assert (select["name"], chosen.find(id=select["aria-labelledby"]).text) == (
        "v.Price:currency",
        "Currency",
    )
    assert [one["value"] for one in select.matching("option") if "selected" in one] == ["CHF"]
    assert chosen.find(id="c.Price")["aria-label"] == "Price"


def test_no_word_breaks_out(tmp_path: Path) -> None:
    """40 payloads as the amount: text of an attribute, never elements."""
    page = amount(tmp_path)
    tags = [element.tag for element in page.widget("Price").all]
    for payload in PAYLOADS:
        page.post("Price", payload)
        assert [element.tag for element in page.widget("Price").all] == tags


def test_it_is_filled_in_a_browser(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """What is typed is written as an amount when the field is left, as the server does; both travel."""
    page = show(
        stage, open_page(), amount(tmp_path, does("Send", "1"), decimals=2, allowCurrencyChange=True).view
    )
    for typed, shown in (
        ("1234.5", "1,234.50"),
        ("-.5", "-0.50"),
        ("0007", "7.00"),
        ("1.234,5", "1.234,5"),
        ("12", "12.00"),
    ):
        page.fill("#c\\.Price", typed)
        page.keyboard.press("Tab")
        expect(page.locator("#c\\.Price")).to_have_value(shown)
        assert parse(typed, {"decimals": 2}) == shown
    page.select_option("#c\\.Price\\:currency", "EUR")
    page.click("#c\\.Send")
    until(lambda: stage.posts and stage.posts[-1]["event"] == "onClick", page)
    assert stage.posts[-1]["values"] == {"Price": "12.00", "Price:currency": "EUR"}


def test_it_works_without_scripts(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """A form posts both."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(amount(tmp_path, does("Send", "1"), allowCurrencyChange=True).view))
    page.select_option("#c\\.Price\\:currency", "EUR")
    page.fill("#c\\.Price", "12")
    page.click("#c\\.Send")
    assert {name: stage.forms[-1][name] for name in ("v.Price", "v.Price:currency")} == {
        "v.Price": "12",
        "v.Price:currency": "EUR",
    }


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken, whatever state it is in."""
    widgets: list[Mapping[str, Any]] = [
        {
            "name": "A",
            "type": "CurrencyInput",
            "allowCurrencyChange": True,
            "tooltip": "Some",
            "defaultText": 415,
        },
        {
            "name": "B",
            "type": "CurrencyInput",
            "labelPosition": "Left",
            "isRequired": True,
            "defaultCurrencyCode": "CHF",
        },
        {"name": "C", "type": "CurrencyInput", "label": "", "isDisabled": True, "allowCurrencyChange": True},
    ]
    look(stage, open_page, tmp_path, widgets, scheme, width)
