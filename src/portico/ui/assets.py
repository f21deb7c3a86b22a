"""The files that browsers load: scripts and stylesheets, each under an address that holds its hash.

An address names its content for good, so answers may be kept for ever. Everything is made and
compressed once, at start.
"""

import gzip
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from portico.model.app import App, Theme
from portico.ui.layout import page_css
from portico.ui.theme import app_css, theme_css

#: Where `web` mounts them.
PREFIX = "/_portico/assets/"
#: For every answer: the address changes when the content does.
CACHE_CONTROL = "public, max-age=31536000, immutable"

JAVASCRIPT = "text/javascript; charset=utf-8"
CSS = "text/css; charset=utf-8"

_PACKAGE = Path(__file__).parent.parent
_IMPORT = b'"./idiomorph.js"'


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """A file: its bytes, the same compressed, its media type and its ETag (in quotes)."""

    body: bytes
    gzip: bytes
    type: str
    etag: str


class Assets:
    """All assets of a server that runs `apps`.

    Raises FileNotFoundError where the package was not built whole: `idiomorph.js` is missing.
    """

    def __init__(self, apps: Iterable[App] = ()) -> None:
        self._urls: dict[str, str] = {}
        self._files: dict[str, Asset] = {}
        morph = self._add(
            "idiomorph.js", _short((_PACKAGE / "_assets" / "idiomorph.js").read_text()), JAVASCRIPT
        )
        client = _short((_PACKAGE / "ui" / "static" / "portico.js").read_text())
        self._add("portico.js", client.replace(_IMPORT, f'"./{morph}"'.encode()), JAVASCRIPT)
        self._add("portico.css", _compact(theme_css(Theme())), CSS)
        for app in apps:
            self._add(f"{app.slug}.css", _compact(app_css(app)), CSS)
            for page in app.pages.values():
                if css := page_css(page):
                    self._add(f"{app.slug}/{page.name}.css", css.encode(), CSS)

    def url(self, name: str) -> str:
        """The address of `portico.js`, `portico.css`, `idiomorph.js`, `<app>.css` or
        `<app>/<Page>.css`. Raises KeyError for what there is not: pages without positions have no
        stylesheet of their own (ask with `in`)."""
        return self._urls[name]

    def __contains__(self, name: object) -> bool:
        return name in self._urls

    def get(self, path: str) -> Asset | None:
        """The asset under this last part of an address, or None."""
        return self._files.get(path)

    def _add(self, name: str, body: bytes, media_type: str) -> str:
        digest = hashlib.sha256(body).hexdigest()[:16]
        stem, _, extension = name.rpartition(".")
        file = f"{re.sub(r'[^A-Za-z0-9-]+', '-', stem)}.{digest}.{extension}"
        self._files[file] = Asset(
            body=body, gzip=gzip.compress(body, 9, mtime=0), type=media_type, etag=f'"{digest}"'
        )
        self._urls[name] = PREFIX + file
        return file


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
