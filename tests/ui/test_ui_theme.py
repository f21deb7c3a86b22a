"""Palettes can be read, whatever the brand colour; positions are a stylesheet."""

import re
from typing import Any

import pytest
from hypothesis import given, strategies

from portico.model.app import Theme
from portico.ui.color import WHITE, Color, contrast, tone_of
from portico.ui.layout import is_card, page_css
from portico.ui.render import render_page
from portico.ui.theme import palette, theme_css
from tests.ui.markup import parse
from tests.ui.sites import at, login, view_of, widget

EXTREMES = ["#004165", "#000000", "#ffffff", "#ffff00", "#00ff00", "#0000ff", "#ff0000", "#777777", "#4f46e5"]
TONES = ("red", "amber", "green", "blue", "violet", "gray")
GROUNDS = ("bg", "surface", "brand-soft")
PAIRS = [
    *(("ink", ground, 4.5) for ground in GROUNDS),
    *(("muted", ground, 4.5) for ground in GROUNDS),
    *(("brand-text", ground, 4.5) for ground in GROUNDS),
    *((f"{tone}-text", ground, 4.5) for tone in TONES for ground in (*GROUNDS, f"{tone}-soft")),
    *((f"on-{name}", name, 4.5) for name in ("brand", *TONES)),
    ("on-brand", "brand-strong", 4.5),
    ("edge", "surface", 3.0),
    ("edge", "bg", 3.0),
    ("brand-edge", "surface", 3.0),
]


def unreadable(brand: str, *, dark: bool) -> list[tuple[str, str, float]]:
    """The pairs of a palette that have too little contrast, with what they have."""
    colors = palette(brand, dark=dark)
    # As the browser sees them, from the stylesheet.
    shown = {name: Color.parse(color.hex) or WHITE for name, color in colors.items()}
    found = [(one, other, contrast(shown[one], shown[other]), least) for one, other, least in PAIRS]
    return [(one, other, round(ratio, 3)) for one, other, ratio, least in found if ratio < least]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("brand", EXTREMES)
def test_extreme_brands_can_be_read(brand: str, dark: bool) -> None:
    """Black, white, yellow and the like make a readable palette, light and dark."""
    assert unreadable(brand, dark=dark) == []


@given(strategies.integers(0, 0xFFFFFF), strategies.booleans())
def test_any_brand_can_be_read(brand: int, dark: bool) -> None:
    """So does any other colour."""
    assert unreadable(f"#{brand:06x}", dark=dark) == []


def test_the_brand_is_kept_where_it_can_be() -> None:
    """In the light, buttons have exactly the brand colour."""
    assert palette("#0f766e", dark=False)["brand"].hex == "#0f766e"


def test_contrast_is_that_of_the_standard() -> None:
    """Known values of WCAG 2.2."""
    black, grey = Color(0, 0, 0), Color.parse("#777")
    assert grey is not None
    assert round(contrast(WHITE, black), 2) == 21.0
    assert round(contrast(WHITE, grey), 2) == 4.48


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("#231F20", "ink"),
        ("#fff", "surface"),
        ("rgb(220, 38, 38)", "red"),
        ("orange", "amber"),
        ("teal", "green"),
        ("#2563eb", "blue"),
        ("purple", "violet"),
        ("#999", "gray"),
        ("url(x)", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_colours_have_tones(text: str, tone: str | None) -> None:
    """A bound colour has a near tone of the theme; what is no colour has none."""
    assert tone_of(text) == tone


def test_modes_choose_the_palettes() -> None:
    """`auto` follows the browser, `light` and `dark` do not."""
    assert "@media (prefers-color-scheme:dark){:root{" in theme_css(Theme())
    dark = theme_css(Theme(mode="dark"))
    assert "@media (prefers-color-scheme:dark){:root{" not in dark
    assert re.search(r":root\{color-scheme:(\w+)", dark) is not None
    assert re.search(r":root\{color-scheme:(\w+)", dark)[1] == "dark"  # type: ignore[index]  # asserted above


def test_a_brand_that_is_no_colour_is_the_default_one() -> None:
    """Nothing an author writes there can end the rule it stands in."""
    assert theme_css(Theme(brand="red}*{display:none")) == theme_css(Theme())


def test_every_colour_the_stylesheet_uses_is_in_the_palette() -> None:
    """No custom property is used that nothing sets."""
    css = theme_css(Theme())
    used = set(re.findall(r"var\(--([\w-]+)\)", css))
    assert used - set(re.findall(r"--([\w-]+):", css.replace(": ", ":"))) == set()


def grid(**more: Any) -> Any:
    """A page with three placed widgets and one without a place."""
    return view_of(
        widget("Text", "Low", text="low", position=at(0, 20, 64, 4)),
        widget("Text", "Right", text="right", position=at(32, 0, 32, 8)),
        widget("Text", "Left", text="left", position=at(0, 0, 32, 8)),
        widget("Text", "Loose", text="loose"),
        **more,
    )


def test_positions_are_rules_for_wide_windows() -> None:
    """A position is a place on 64 columns, where there is room for it."""
    css = page_css(grid().page)
    assert css.startswith("@media (min-width:720px){body:has(main>.grid){--wide:")
    assert ".grid>.w.at-Right{grid-column:33/span 32;grid-row:1/span 8;--height:80px}" in css
    assert "Loose" not in css
    assert page_css(login().page) == ""


def test_widgets_come_in_reading_order() -> None:
    """By top, then left; those without a position follow."""
    tree = parse(render_page(grid()))
    assert [found["data-widget"] for found in tree.all if "data-widget" in found] == [
        "Left",
        "Right",
        "Low",
        "Loose",
    ]


def test_paths_are_escaped_in_selectors() -> None:
    """Names cannot end a selector."""
    view = view_of(widget("Text", "T{b}.c", position=at(0, 0, 1, 1)))
    assert ".at-T\\7b b\\7d \\2e c{" in page_css(view.page)


def test_a_lone_form_is_a_card() -> None:
    """A page that is one form, perhaps with words and a picture, is shown in the middle."""
    assert is_card(login().page)
    assert is_card(view_of(widget("Image", "Logo"), widget("Form", "F")).page)
    assert not is_card(view_of(widget("Form", "F"), widget("Tabs", "T")).page)
    assert not is_card(view_of(widget("Form", "F"), widget("Form", "G")).page)
    assert is_card(view_of(widget("Form", "F"), widget("Button", "Other")).page)
    assert not is_card(view_of(widget("Form", "F", position=at(0, 0, 9, 9))).page)
    assert not is_card(view_of(widget("Text", "T"), widget("Button", "B")).page)


def module(*inside: Any, **more: Any) -> Any:
    """An instance of a UI module with these widgets."""
    return widget("Module", "M", *inside, **more)


NAME, PASSWORD = widget("Input", "M.name"), widget("Input", "M.password", inputType="PASSWORD")
BUTTON, LOGO = widget("Button", "M.go"), widget("Image", "M.logo")


@pytest.mark.parametrize(
    "page",
    [
        (module(LOGO, NAME, PASSWORD, BUTTON),),
        (module(widget("Form", "M.form", LOGO, NAME, PASSWORD, BUTTON)),),
        (module(NAME, PASSWORD, BUTTON), widget("Text", "T"), widget("Button", "Other")),
    ],
    ids=["widgets", "form", "beside"],
)
def test_a_module_that_is_a_small_form_is_a_card(page: Any) -> None:
    """So is a sign-in that comes from a package, perhaps with words and buttons beside it."""
    assert is_card(view_of(*page).page)


@pytest.mark.parametrize(
    "page",
    [
        (module(LOGO, widget("Text", "M.words")),),
        (module(NAME, PASSWORD),),
        (module(NAME, BUTTON, widget("Table", "M.rows")),),
        (module(BUTTON, *(widget("Input", f"M.f{at}") for at in range(5))),),
        (module(NAME, BUTTON, position=at(0, 0, 9, 9)),),
        (module(NAME, widget("Button", "M.go", position=at(0, 0, 9, 9))),),
        (module(NAME, BUTTON), widget("Form", "F")),
        (module(NAME, BUTTON), widget("Tabs", "T")),
        (module(), NAME, BUTTON),
    ],
    ids=["words", "no-button", "table", "long", "placed", "placed-inside", "two", "tabs", "not-inside"],
)
def test_any_other_module_is_not(page: Any) -> None:
    """What is no form, or a large one, has the whole width."""
    assert not is_card(view_of(*page).page)
