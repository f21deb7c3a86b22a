"""Bound looks: values of properties as classes and `data-*` attributes, never as style.

The policy forbids style attributes (hard-cases 11): the client sets what these attributes say
through CSSOM, and the classes are what is seen where no script runs.
"""

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from portico.ui.color import tone_of
from portico.ui.prose import as_text

_COLOR = re.compile(
    r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,30}|(?:rgb|hsl|hwb|oklch|oklab|lab|lch)a?\([0-9a-z%.,/\s+-]{3,60}\)"
)
_LENGTH = re.compile(r"\d{1,4}(?:\.\d{1,4})?(?:px|rem|em|%|vw|vh)?")
_LENGTHS = re.compile(rf"{_LENGTH.pattern}(?:\s+{_LENGTH.pattern}){{0,3}}")
_SHADOW = re.compile(r"none|(?!.*url)[0-9a-zA-Z#%.,()\s/-]{3,200}")

#: A number without a unit.
_BARE = re.compile(r"(?<!\S)[\d.]+(?!\S)")

#: Font sizes that have a class, in rem; the class is the index.
SIZES = (0.75, 0.875, 1.0, 1.125, 1.25, 1.5, 1.875, 2.25, 3.0, 5.0)
_OLD_SIZES = {
    "HEADING1": "1.5rem",
    "HEADING2": "1.25rem",
    "HEADING3": "1.125rem",
    "PARAGRAPH": "0.875rem",
    "PARAGRAPH2": "0.75rem",
}
_REM = {"rem": 1.0, "em": 1.0, "px": 1 / 16, "": 1 / 16}
#: How a box is framed: property → attribute, and what it may say.
_FRAME = {
    "borderColor": ("data-border-color", _COLOR),
    "borderWidth": ("data-border-width", _LENGTH),
    "borderRadius": ("data-radius", _LENGTHS),
    "boxShadow": ("data-shadow", _SHADOW),
}
#: Those whose bare numbers are pixels.
_SIZES = ("borderWidth", "borderRadius")


def choice(value: object, choices: tuple[str, ...]) -> str:
    """`value` in lower case if it is one of `choices`, else the first of them."""
    found = str(value).strip().upper()
    return (found if found in choices else choices[0]).lower()


def tone(value: object, use: str) -> str:
    """The class, after a space, that stands in for a bound colour: ` fill-red`, ` color-ink`."""
    found = tone_of(as_text(value))
    return f" {use}-{found}" if found else ""


def bound(name: str, color: object) -> Markup:
    """` data-<name>="<color>"` for a colour that the client is to set.

    Nothing for what is no colour, and for near black and near white, which the theme replaces.
    """
    text = as_text(color).strip()
    if not _COLOR.fullmatch(text) or tone_of(text) in ("ink", "surface"):
        return Markup()
    return attribute(f"data-{name}", text)


def attribute(name: str, value: str | None) -> Markup:
    """` name="value"`, or nothing for None and the empty string."""
    return Markup(f' {name}="{escape(value)}"') if value else Markup()  # noqa: S704


def frame(props: Mapping[str, object]) -> Markup:
    """The attributes of a framed box."""
    parts = [bound("background", props["backgroundColor"])]
    for name, (target, allowed) in _FRAME.items():
        text = as_text(props[name]).strip()
        if text and allowed.fullmatch(text):
            parts.append(attribute(target, _BARE.sub(r"\g<0>px", text) if name in _SIZES else text))
    return Markup().join(parts)


def font_size(value: str) -> tuple[int, str | None]:
    """The nearest class of a font size, and the exact value if it is not that class's own."""
    text = _OLD_SIZES.get(value.strip().upper(), value.strip().lower())
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,4})?)(rem|em|px|)", text)
    if found is None:
        return SIZES.index(1.0), None
    size = float(found[1]) * _REM[found[2]]
    index = min(range(len(SIZES)), key=lambda position: abs(SIZES[position] - size))
    return index, None if SIZES[index] == size else f"{size:g}rem"
