"""How an app looks: its brand colour becomes a whole palette, light and dark, that can be read.

Every pair of text and ground that the stylesheet uses has at least 4.5:1, every edge of a control
3:1 (WCAG 2.2, 1.4.3 and 1.4.11), whatever the brand colour is.
"""

from collections.abc import Mapping
from pathlib import Path

from portico.model.app import App, Theme
from portico.ui.color import WHITE, Color, contrast, readable

TEXT = 4.5
EDGE = 3.0

_BASE = Path(__file__).parent / "static" / "portico.css"
_INDIGO = Color(0x4F / 255, 0x46 / 255, 0xE5 / 255)
#: Hues of the tones, in radians of OKLCH, and their chroma.
_TONES = {
    "red": (0.45, 0.19),
    "amber": (1.15, 0.15),
    "green": (2.6, 0.15),
    "blue": (4.5, 0.17),
    "violet": (5.2, 0.19),
    "gray": (4.8, 0.02),
}


def palette(brand: str, *, dark: bool) -> Mapping[str, Color]:
    """The colours of a theme by the names of their custom properties. A `brand` that is no colour
    counts as the default one."""
    color = Color.parse(brand) or _INDIGO
    _, chroma, hue = color.lch
    tint = min(chroma, 0.1) / 0.1
    ground = _ground(hue, tint, dark=dark)
    surfaces = (ground["bg"], ground["surface"], ground["brand-soft"])
    fill = readable(color, (ground["surface"],), EDGE, darker=False) if dark else color
    colors = {
        **ground,
        "ink": Color.oklch(0.94 if dark else 0.24, 0.015 * tint, hue),
        "muted": readable(
            Color.oklch(0.7 if dark else 0.52, 0.02 * tint, hue), surfaces, TEXT, darker=not dark
        ),
        "line": Color.oklch(0.33 if dark else 0.9, 0.014 * tint, hue),
        "edge": readable(
            Color.oklch(0.55 if dark else 0.66, 0.02 * tint, hue), surfaces, EDGE, darker=not dark
        ),
        "brand": fill,
        "on-brand": _text_on(fill),
        "brand-edge": readable(fill, (ground["surface"], ground["bg"]), EDGE, darker=not dark),
        "brand-text": readable(color, surfaces, TEXT, darker=not dark),
    }
    colors["brand-strong"] = _stronger(fill, colors["on-brand"])
    for name, (tone_hue, tone_chroma) in _TONES.items():
        colors |= _tone(name, tone_hue, tone_chroma, surfaces, dark=dark)
    return colors


def app_css(app: App) -> str:
    """The stylesheet of an app: what all apps share, then its own palette."""
    return theme_css(app.theme)


def theme_css(theme: Theme) -> str:
    """The shared stylesheet with the palette of `theme`."""
    light = _tokens(palette(theme.brand, dark=False), "light")
    dark = _tokens(palette(theme.brand, dark=True), "dark")
    root = {"light": light, "dark": dark, "auto": light}[theme.mode]
    rules = [f":root{{{root}}}", f".on-light{{{light}}}", f".on-dark{{{dark}}}"]
    if theme.mode == "auto":
        rules.insert(1, f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}")
    return _BASE.read_text() + "\n" + "\n".join(rules) + "\n"


def _ground(hue: float, tint: float, *, dark: bool) -> dict[str, Color]:
    if dark:
        return {
            "bg": Color.oklch(0.17, 0.012 * tint, hue),
            "surface": Color.oklch(0.215, 0.014 * tint, hue),
            "brand-soft": Color.oklch(0.27, 0.04 * tint, hue),
        }
    return {
        "bg": Color.oklch(0.975, 0.006 * tint, hue),
        "surface": WHITE,
        "brand-soft": Color.oklch(0.955, 0.025 * tint, hue),
    }


def _tone(
    name: str, hue: float, chroma: float, surfaces: tuple[Color, ...], *, dark: bool
) -> dict[str, Color]:
    fill = Color.oklch(0.6 if dark else 0.53, chroma, hue)
    soft = Color.oklch(0.28 if dark else 0.96, chroma * 0.25, hue)
    text = readable(fill, (*surfaces, soft), TEXT, darker=not dark)
    return {name: fill, f"on-{name}": _text_on(fill), f"{name}-text": text, f"{name}-soft": soft}


def _text_on(ground: Color) -> Color:
    """White where it can be read, else near black: one of both always has 4.5:1."""
    if contrast(WHITE, ground) >= TEXT:
        return WHITE
    _, chroma, hue = ground.lch
    return readable(Color.oklch(0.25, min(chroma, 0.04), hue), (ground,), TEXT, darker=True)


def _stronger(fill: Color, text: Color) -> Color:
    """`fill` while it is pointed at: a step away from its text, so that contrast only grows."""
    lightness, chroma, hue = fill.lch
    step = -0.06 if text.luminance > fill.luminance else 0.05
    return Color.oklch(min(max(lightness + step, 0.0), 1.0), chroma, hue)


def _tokens(colors: Mapping[str, Color], scheme: str) -> str:
    return f"color-scheme:{scheme};" + ";".join(f"--{name}:{color.hex}" for name, color in colors.items())
