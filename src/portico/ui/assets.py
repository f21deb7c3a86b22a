"""The files that browsers load: scripts and stylesheets, each under an address that holds its hash.

An address names its content for good, so answers may be kept for ever. Everything is made and
compressed once, at start.
"""

import gzip
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portico.model.app import App, Theme
from portico.model.page import Page
from portico.ui.layout import page_css
from portico.ui.theme import app_css, theme_css

#: Where `web` mounts them.
PREFIX = "/_portico/assets/"
#: For every answer: the address changes when the content does.
CACHE_CONTROL = "public, max-age=31536000, immutable"

JAVASCRIPT = "text/javascript; charset=utf-8"
CSS = "text/css; charset=utf-8"

#: The parts of the client, one module for the browser.
CLIENT = (
    "page",
    "events",
    "answers",
    "requests",
    "modals",
    "alerts",
    "typing",
    "looks",
    "session",
    "zone",
    "listening",
    "start",
)

#: What `portico dev` adds: a part of the client, and a script of its own with its stylesheet. No app has
#: a name that begins with an underscore.
RENEWAL = "renewal"
DEV = ("document", "entries", "panel", "overlay", "stream")
DEV_SCRIPT, DEV_STYLE = "_dev.js", "_dev.css"

#: Stylesheets of types, for the pages that have one; some share theirs, some have several.
SHEETS = {
    "ButtonGroup": "choices.css menus.css",
    "Chart": "chart.css",
    "CheckboxGroup": "choices.css",
    "CurrencyInput": "amounts.css",
    "DocumentViewer": "document.css",
    "FilePicker": "files.css",
    "Iframe": "iframe.css",
    "JSONForm": "json-form.css choices.css menus.css amounts.css",
    "MenuButton": "choices.css menus.css",
    "MultiSelect": "choices.css menus.css",
    "PhoneInput": "amounts.css",
    "Placeholder": "placeholder.css",
    "Progress": "progress.css",
    "RadioGroup": "choices.css",
    "RichTextEditor": "editor.css",
    "Statbox": "progress.css",
    "Switch": "choices.css",
    "Table": "table.css menus.css",
}

#: Parts that are files of their own, for the pages that need them (`model.page.Page.parts`).
PARTS = ("recaptcha", "pictures", "menus", "amounts", "uploads", "frames", "editor")

#: One that is so large, with the library it draws by, that only servers with such a page have it.
CHART = "chart"

_PACKAGE = Path(__file__).parent.parent
_STATIC = _PACKAGE / "ui" / "static"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """A file: its bytes, the same compressed, its media type and its ETag (in quotes)."""

    body: bytes
    gzip: bytes
    type: str
    etag: str


class Assets:
    """All assets of a server that runs `apps`; with `dev` those that only `portico dev` serves too.

    Raises FileNotFoundError where the package was not built whole: `idiomorph.js` is missing.
    """

    def __init__(self, apps: Iterable[App] = (), *, dev: bool = False) -> None:
        self._urls: dict[str, str] = {}
        self._files: dict[str, Asset] = {}
        morph = self._add("idiomorph.js", _morph(), JAVASCRIPT)
        client = _joined("client", CLIENT) + (_joined("dev", [RENEWAL]) if dev else "")
        self._add("portico.js", _naming(_short(client), "idiomorph.js", morph), JAVASCRIPT)
        for name in PARTS:
            self._add(f"{name}.js", _short(_joined("client", [name])), JAVASCRIPT)
        self._add("portico.css", _compact(theme_css(Theme())), CSS)
        if dev:
            style = self._add(DEV_STYLE, _compact((_STATIC / "dev" / "dev.css").read_text()), CSS)
            self._add(DEV_SCRIPT, _naming(_short(_joined("dev", DEV)), "dev.css", style), JAVASCRIPT)
        for app in apps:
            self.add(app)

    def add(self, app: App) -> None:
        """Take in an app, or another version of one; what pages of the one before load stays."""
        for name in [name for name in self._urls if name.startswith(f"{app.slug}/")]:
            del self._urls[name]
        if any(CHART in page.parts for page in app.pages.values()):
            self._add_chart()
        links = (_STATIC / "navigation.css").read_text() if app.navigation is not None else ""
        self._add(f"{app.slug}.css", _compact(app_css(app) + links), CSS)
        for page in app.pages.values():
            if css := _widgets_css(page) + page_css(page).encode():
                self._add(f"{app.slug}/{page.name}.css", css, CSS)

    def url(self, name: str) -> str:
        """The address of `portico.js`, `idiomorph.js`, one of `PARTS` with `.js`, `chart.js`, `portico.css`,
        `<app>.css`, `<app>/<Page>.css`, DEV_SCRIPT or DEV_STYLE. Raises KeyError for what there is not:
        pages without positions and without a type of `SHEETS` have no stylesheet of their own, and only
        `portico dev` has the last two (ask with `in`)."""
        return self._urls[name]

    def __contains__(self, name: object) -> bool:
        return name in self._urls

    def get(self, path: str) -> Asset | None:
        """The asset under this last part of an address, or None."""
        return self._files.get(path)

    def _add_chart(self) -> None:
        if f"{CHART}.js" in self:
            return
        library = _charts()
        digest = library.etag.strip('"')
        file = f"echarts.{digest}.js"
        self._files[file] = library
        self._add(f"{CHART}.js", _naming(_short(_joined("client", [CHART])), "echarts.js", file), JAVASCRIPT)

    def _add(self, name: str, body: bytes, media_type: str) -> str:
        digest = hashlib.sha256(body).hexdigest()[:16]
        stem, _, extension = name.rpartition(".")
        file = f"{re.sub(r'[^A-Za-z0-9-]+', '-', stem).strip('-')}.{digest}.{extension}"
        self._files[file] = Asset(
            body=body, gzip=gzip.compress(body, 9, mtime=0), type=media_type, etag=f'"{digest}"'
        )
        self._urls[name] = PREFIX + file
        return file


@cache
def _charts() -> Asset:
    """ECharts, compressed once for all servers of a process."""
    body = (_PACKAGE / "_assets" / "echarts.js").read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Asset(body=body, gzip=gzip.compress(body, 9, mtime=0), type=JAVASCRIPT, etag=f'"{digest}"')


def _morph() -> bytes:
    """idiomorph as a module. Its package holds modules too, but only a plain script is minified."""
    return (_PACKAGE / "_assets" / "idiomorph.js").read_bytes() + b"\nexport { Idiomorph };\n"


def _widgets_css(page: Page) -> bytes:
    """The looks of types that not every page has, for pages that have them: others do not load them."""
    types = {widget.type for widget in page.widgets.values()}
    files = dict.fromkeys(file for name, used in SHEETS.items() if name in types for file in used.split())
    return b"".join(_compact((_STATIC / file).read_text()) + b"\n" for file in files)


def _joined(folder: str, parts: Iterable[str]) -> str:
    """The parts of a script, one behind the other."""
    return "".join(f"{(_STATIC / folder / f'{part}.js').read_text()}\n" for part in parts)


def _naming(script: bytes, name: str, file: str) -> bytes:
    """The script with another asset called by the name that it is served under."""
    return script.replace(f'"./{name}"'.encode(), f'"./{file}"'.encode())


def _short(script: str) -> bytes:
    """A script without indentation and without comments that have lines of their own; there are no
    strings over several lines in these scripts."""
    script = re.sub(r"^\s*/\*(?:(?!\*/).)*\*/\s*$", "", script, flags=re.DOTALL | re.MULTILINE)
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")).encode()


def _compact(css: str) -> bytes:
    """A stylesheet without comments and indentation."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", css).strip().encode()
