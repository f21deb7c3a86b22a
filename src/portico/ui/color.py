"""Colours as numbers: contrast (WCAG 2.2) and perceptual steps (OKLCH, CSS Color 4)."""

import math
import re
from dataclasses import dataclass
from typing import Self

_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*(?:[,/]\s*[\d.]+%?\s*)?\)")
_NAMED = {
    "black": "#000000",
    "white": "#ffffff",
    "gray": "#808080",
    "grey": "#808080",
    "silver": "#c0c0c0",
    "red": "#ff0000",
    "maroon": "#800000",
    "crimson": "#dc143c",
    "tomato": "#ff6347",
    "orange": "#ffa500",
    "gold": "#ffd700",
    "yellow": "#ffff00",
    "green": "#008000",
    "lime": "#00ff00",
    "olive": "#808000",
    "teal": "#008080",
    "cyan": "#00ffff",
    "blue": "#0000ff",
    "navy": "#000080",
    "purple": "#800080",
    "violet": "#ee82ee",
    "magenta": "#ff00ff",
    "pink": "#ffc0cb",
    "brown": "#a52a2a",
}

#: Chroma below which a colour counts as grey, and the lightness of near black and near white.
GREY = 0.03
DARK = 0.35
LIGHT = 0.97


@dataclass(frozen=True, slots=True)
class Color:
    """An opaque sRGB colour, each channel from 0 to 1."""

    red: float
    green: float
    blue: float

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """From `#rgb`, `#rrggbb` (alpha is ignored), `rgb(…)` or a common name; None for anything else."""
        text = text.strip().lower()
        text = _NAMED.get(text, text)
        if _HEX.fullmatch(text):
            digits = text[1:]
            pairs = [digit * 2 for digit in digits] if len(digits) < 6 else re.findall("..", digits)
            return cls(*(int(pair, 16) / 255 for pair in pairs[:3]))
        if (found := _RGB.fullmatch(text)) is not None:
            return cls(*(min(int(part), 255) / 255 for part in found.groups()))
        return None

    @classmethod
    def oklch(cls, lightness: float, chroma: float, hue: float) -> Self:
        """The colour at these coordinates (hue in radians), its chroma cut to what sRGB can show, in
        steps of eight bits: what is measured is what browsers draw."""
        low, high = 0.0, chroma
        if _in_gamut(_to_linear(lightness, chroma, hue)):
            low = chroma
        else:
            for _ in range(16):
                middle = (low + high) / 2
                low, high = (middle, high) if _in_gamut(_to_linear(lightness, middle, hue)) else (low, middle)
        parts = (_encoded(min(max(part, 0.0), 1.0)) for part in _to_linear(lightness, low, hue))
        return cls(*(round(part * 255) / 255 for part in parts))

    @property
    def hex(self) -> str:
        """As `#rrggbb`."""
        return "#" + "".join(f"{round(part * 255):02x}" for part in (self.red, self.green, self.blue))

    @property
    def luminance(self) -> float:
        """Relative luminance (WCAG 2.2)."""
        red, green, blue = (_decoded(part) for part in (self.red, self.green, self.blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    @property
    def lch(self) -> tuple[float, float, float]:
        """Lightness, chroma and hue (radians) in OKLCH."""
        red, green, blue = (_decoded(part) for part in (self.red, self.green, self.blue))
        long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
        medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
        short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
        lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
        a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
        b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
        return lightness, math.hypot(a, b), math.atan2(b, a)


WHITE = Color(1, 1, 1)
BLACK = Color(0, 0, 0)


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((one.luminance, other.luminance), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(color: Color, ground: tuple[Color, ...], ratio: float, *, darker: bool) -> Color:
    """`color`, made darker (or lighter) in small steps until it has `ratio` on every `ground`."""
    lightness, chroma, hue = color.lch
    end = 0.0 if darker else 1.0
    while min(contrast(color, other) for other in ground) < ratio and lightness != end:
        lightness = max(0.0, lightness - 0.01) if darker else min(1.0, lightness + 0.01)
        color = Color.oklch(lightness, chroma, hue)
    return color


def tone_of(text: str) -> str | None:
    """The theme's tone nearest to a bound colour: what is shown where no script can set the colour.

    `ink` for near black and `surface` for near white, which the theme replaces outright, so that a
    colour chosen on a white page does not vanish in the dark. None for what is no colour.
    """
    color = Color.parse(text)
    if color is None:
        return None
    lightness, chroma, hue = color.lch
    if chroma < GREY:
        return "ink" if lightness < DARK else "surface" if lightness > LIGHT else "gray"
    degrees = math.degrees(hue) % 360
    bounds = ((45, "red"), (115, "amber"), (200, "green"), (280, "blue"), (340, "violet"), (360, "red"))
    return next(tone for bound, tone in bounds if degrees < bound)


def _to_linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _in_gamut(parts: tuple[float, float, float]) -> bool:
    return all(-0.0005 <= part <= 1.0005 for part in parts)


def _decoded(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _encoded(part: float) -> float:
    return part * 12.92 if part <= 0.0031308 else 1.055 * float(part ** (1 / 2.4)) - 0.055
