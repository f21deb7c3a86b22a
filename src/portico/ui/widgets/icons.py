"""The icons of buttons, by the names that authors know: ours, and those of Blueprint for all other names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from markupsafe import Markup, escape

from portico.ui.prose import as_text, humanised

#: Icons by the names that authors know: what the button is called without a tooltip, and the lines on
#: a field of 24 by 24.
ICONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "plus": ("Add", "M12 5v14M5 12h14"),
        "minus": ("Remove", "M5 12h14"),
        "cross": ("Close", "M6 6l12 12M18 6L6 18"),
        "tick": ("Confirm", "M5 12.5l4.5 4.5L19 7.5"),
        "edit": ("Edit", "M4 20l1-4L16 5l3 3L8 19zM13.5 7.5l3 3"),
        "trash": ("Delete", "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5"),
        "duplicate": ("Duplicate", "M9 9h11v11H9zM5 15H4V4h11v1"),
        "floppy-disk": ("Save", "M4 4h13l3 3v13H4zM8 4v5h7V4M8 20v-6h8v6"),
        "search": ("Search", "M4 10.5a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0M15.2 15.2L20 20"),
        "zoom-in": (
            "Zoom in",
            "M4 10.5a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0M15.2 15.2L20 20M7.5 10.5h6m-3-3v6",
        ),
        "zoom-out": ("Zoom out", "M4 10.5a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0M15.2 15.2L20 20M7.5 10.5h6"),
        "image-rotate-left": ("Rotate left", "M4 12a8 8 0 1 0 2.3-5.6M4 3.5V8h4.5"),
        "image-rotate-right": ("Rotate right", "M20 12a8 8 0 1 1-2.3-5.6M20 3.5V8h-4.5"),
        "filter": ("Filter", "M4 5h16l-6 7.5V19l-4-2v-4.5z"),
        "refresh": ("Refresh", "M19 12a7 7 0 1 1-2-4.9M19 3v5h-5"),
        "undo": ("Undo", "M8 5L4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-3"),
        "redo": ("Redo", "M16 5l4 4l-4 4M20 9H10a5.5 5.5 0 0 0 0 11h3"),
        "download": ("Download", "M12 4v11M7.5 10.5L12 15l4.5-4.5M4 17v3h16v-3"),
        "upload": ("Upload", "M12 15V4M7.5 8.5L12 4l4.5 4.5M4 17v3h16v-3"),
        "print": ("Print", "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z"),
        "share": ("Share", "M14 4h6v6M20 4l-9 9M17 14v6H4V7h6"),
        "link": (
            "Link",
            "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7",
        ),
        "menu": ("Menu", "M4 7h16M4 12h16M4 17h16"),
        "more": ("More", "M4.5 12h1m6 0h1m6 0h1"),
        "home": ("Home", "M4 11l8-7l8 7M6 9.5V20h12V9.5M10 20v-6h4v6"),
        "user": ("User", "M8 8a4 4 0 1 0 8 0a4 4 0 1 0-8 0M4 20a8 7 0 0 1 16 0"),
        "people": (
            "People",
            "M6 8a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0M3 20a6 6 0 0 1 13 0M16 5a3.5 3.5 0 0 1 0 7m2 2q3 1 4 6",
        ),
        "log-in": ("Log in", "M13 4h7v16h-7M4 12h11M11 8l4 4l-4 4"),
        "log-out": ("Log out", "M11 4H4v16h7M9 12h11M16 8l4 4l-4 4"),
        "lock": ("Lock", "M5 11h14v9H5zM8 11V8a4 4 0 0 1 8 0v3"),
        "unlock": ("Unlock", "M5 11h14v9H5zM8 11V8a4 4 0 0 1 7.6-1.7"),
        "eye-open": (
            "Show",
            "M2.5 12Q7 5.5 12 5.5T21.5 12Q17 18.5 12 18.5T2.5 12M9 12a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
        ),
        "eye-off": ("Hide", "M2.5 12Q7 5.5 12 5.5T21.5 12Q17 18.5 12 18.5T2.5 12M5 19L19 5"),
        "cog": (
            "Settings",
            "M4 7h9m4 0h3M13 7a2 2 0 1 0 4 0a2 2 0 1 0-4 0M4 17h3m4 0h9M7 17a2 2 0 1 0 4 0a2 2 0 1 0-4 0",
        ),
        "info-sign": ("Information", "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M12 11v6M12 7.5h.01"),
        "help": (
            "Help",
            "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M9.5 9.5a2.5 2.5 0 1 1 3.6 2.3Q12 12.4 12 14M12 17h.01",
        ),
        "warning-sign": ("Warning", "M12 4l9 16H3zM12 10v5M12 17.5h.01"),
        "notifications": ("Notifications", "M6 17V11a6 6 0 0 1 12 0v6l2 1H4zM10 21h4"),
        "envelope": ("Mail", "M3 6h18v12H3zM3 7l9 7l9-7"),
        "send-message": ("Send", "M3 12L21 4l-5 16l-4.5-6.5zM11.5 13.5L21 4"),
        "phone": ("Phone", "M5 4h4l2 5l-2.5 2a12 12 0 0 0 5 5l2-2.5l5 2v4q-8 1-13-4T5 4"),
        "calendar": ("Calendar", "M4 6h16v14H4zM4 10.5h16M8 3.5V8M16 3.5V8"),
        "time": ("Time", "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M12 7v5l3.5 2"),
        "document": ("Document", "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"),
        "folder-close": ("Folder", "M3 6h6l2 2.5h10V19H3z"),
        "shopping-cart": ("Cart", "M2 4h3l3 11h10l3-8H6M9 19.5h.01M17 19.5h.01"),
        "star": ("Star", "M12 3l2.7 5.9l6.3.7l-4.7 4.3l1.3 6.3L12 17l-5.6 3.2l1.3-6.3L3 9.6l6.3-.7z"),
        "heart": ("Like", "M12 20L4.5 12.5A4.6 4.6 0 0 1 12 7a4.6 4.6 0 0 1 7.5 5.5z"),
        "flag": ("Flag", "M5 21V4h13l-3 4.5l3 4.5H5"),
        "play": ("Play", "M7 4.5v15l12-7.5z"),
        "pause": ("Pause", "M8 5v14M16 5v14"),
        "chevron-left": ("Back", "M15 5l-7 7l7 7"),
        "chevron-right": ("Forward", "M9 5l7 7l-7 7"),
        "chevron-up": ("Up", "M5 15l7-7l7 7"),
        "chevron-down": ("Down", "M5 9l7 7l7-7"),
        "arrow-left": ("Back", "M20 12H4M10 6l-6 6l6 6"),
        "arrow-right": ("Forward", "M4 12h16M14 6l6 6l-6 6"),
        "arrow-up": ("Up", "M12 20V4M6 10l6-6l6 6"),
        "arrow-down": ("Down", "M12 4v16M6 14l6 6l6-6"),
    }
)
#: What is shown for a name that is not listed; it says nothing, so the widget's own name has to.
NEUTRAL = "M5 12a7 7 0 1 0 14 0a7 7 0 1 0-14 0M12 12h.01"

_FILE = Path(__file__).parents[2] / "_assets" / "icons.json"


@dataclass(frozen=True, slots=True)
class Icon:
    """A picture: what a button with it is called that has no other name, and its paths. Ours are lines on a
    field of 24 by 24; `solid` ones are surfaces on one of 20 by 20."""

    meaning: str
    paths: tuple[str, ...]
    solid: bool = False


def find(name: object) -> Icon | None:
    """The icon of this name; None if there is none."""
    key = as_text(name).strip().lower()
    if key in ICONS:
        meaning, lines = ICONS[key]
        return Icon(meaning, (lines,))
    paths = _blueprint().get(key)
    return Icon(humanised(key), tuple(paths), solid=True) if paths is not None else None


def picture(icon: Icon | str | None, classes: str = "", more: str = "") -> Markup:
    """An icon, or the lines of one, as HTML; nothing for None. `more` is Markup of attributes."""
    if icon is None or icon == "":
        return Markup()
    found = Icon("", (icon,)) if isinstance(icon, str) else icon
    kind = "icon solid" if found.solid else "icon"
    box = "-2 -2 24 24" if found.solid else "0 0 24 24"
    paths = Markup().join(Markup('<path d="{}"/>').format(path) for path in found.paths)
    return Markup('<svg class="{}" viewBox="{}" aria-hidden="true"{}>{}</svg>').format(
        escape(f"{classes} {kind}".strip()), box, more, paths
    )


@cache
def _blueprint() -> Mapping[str, list[str]]:
    """Those of Blueprint. Read when the first is asked for: few apps need any."""
    found: Mapping[str, list[str]] = json.loads(_FILE.read_text())
    return found
