"""`app.yaml`: what holds for the whole app."""

import re
from pathlib import Path
from typing import Literal, get_args

from portico.culture import locales, zones
from portico.definition import auth, finder, instances, oidc
from portico.definition.diagnostics import Problems
from portico.definition.draft import ManifestDraft, NavigationDraft
from portico.definition.fields import Fields, wrong_type
from portico.definition.folder import Folder
from portico.definition.names import suggestion
from portico.definition.shapes import WORD, Key, Shape, each, either, one_of
from portico.definition.source import Scalar, Table
from portico.model.app import BrowserOrigins, Theme

_BRAND = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9*]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")
_PICTURES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".ico", ".avif"})
_Mode = Literal["auto", "light", "dark"]

_THEME = Shape(
    "a theme",
    {
        "brand": Key(
            schema={"type": "string", "pattern": f"^{_BRAND.pattern}$"},
            help="The colour of buttons and links, `#rrggbb` or `#rgb`.",
        ),
        "logo": Key(schema=WORD, help="A picture beside `app.yaml` or in `assets/`."),
        "mode": Key(schema=one_of(get_args(_Mode)), help="Colours; `auto` follows the user's system."),
    },
)
_Orientation = Literal["top", "side"]
_NAVIGATION = Shape(
    "`navigation`",
    {
        "orientation": Key(
            schema=one_of(get_args(_Orientation)),
            help="Where the links stand on wide screens; above the page if not set.",
        ),
        "pages": Key(
            schema=each(WORD),
            help="The pages that have a link, in this order; without it all but the entry page, by name.",
        ),
    },
)
_BROWSER = Shape(
    "`browser`",
    {
        "images": Key(schema=each(WORD), help="Origins of images."),
        "frames": Key(schema=each(WORD), help="Origins of frames."),
        "fonts": Key(schema=each(WORD), help="Origins of fonts."),
    },
)
SHAPE = Shape(
    "app.yaml",
    {
        "name": Key(schema=WORD, help="What the app is called; without it the name of its folder."),
        "theme": Key(schema=_THEME.schema(), help="How it looks."),
        "auth": Key(
            schema=either(one_of(("none",)), auth.SHAPE.schema()),
            help="`none` for an app in which nobody signs in, or the contract with its auth API.",
            required=True,
        ),
        "home_page": Key(
            schema=WORD, help="Where the app begins without sign-in; without it the first page by name."
        ),
        "navigation": Key(
            schema=_NAVIGATION.schema(),
            help="Links to pages on every page but the entry page; users see those that they may open.",
        ),
        "packages": finder.PACKAGES,
        "modules": instances.MODULES,
        "locale": Key(
            schema=WORD, help="For visitors whose browser asks for no language there is; `en-US` by default."
        ),
        "timezone": Key(schema=WORD, help="For visitors whose time zone is not known; `UTC` by default."),
        "browser": Key(
            schema=_BROWSER.schema(), help="Origins that pages may load from, besides the app's own."
        ),
    },
)


def read(slug: str, table: Table, folder: Folder, provider: oidc.Reader, problems: Problems) -> ManifestDraft:
    """What the file says. What is wrong was reported and stands there as if it were missing."""
    fields = Fields(table, problems, SHAPE)
    name = fields.word("name")
    theme = _theme(fields, folder)
    has_auth, contract = auth.read(fields, folder, provider)
    home = fields.word("home_page")
    browser, navigation = _browser(fields), _navigation(fields)
    locale, timezone = _locale(fields), _timezone(fields)
    packages, used = finder.read(fields), instances.read_all(fields, "app.yaml")
    fields.done()
    return ManifestDraft(
        name=name.text.value if name is not None else slug,
        theme=theme,
        browser=browser,
        auth=contract,
        has_auth=has_auth,
        home_page=home,
        locale=locale,
        timezone=timezone,
        packages=packages,
        instances=used,
        navigation=navigation,
    )


def _locale(fields: Fields) -> str:
    word = fields.word("locale")
    found = None if word is None else locales.canonical(word.text.value)
    if word is not None and found is None:
        fields.problems.add(
            "E231",
            word.place,
            "there is no such locale",
            received=word.text.value,
            remedy="write a language and, if it matters, a region: `de`, `de-AT`, `zh-TW`",
        )
    return found or locales.DEFAULT


def _timezone(fields: Fields) -> str:
    word = fields.word("timezone")
    if word is None or zones.exists(word.text.value):
        return zones.UTC if word is None else word.text.value
    fields.problems.add(
        "E232",
        word.place,
        "there is no such time zone",
        received=word.text.value,
        remedy=suggestion(word.text.value, zones.names(), none="write a name such as Europe/Berlin"),
    )
    return zones.UTC


def pictures(folder: Folder) -> dict[str, Path]:
    """The pictures that lie beside `app.yaml` and in `assets/`, by their names in the app."""
    found = {}
    for prefix in ("", "assets/"):
        for name in folder.names(prefix or "."):
            path = prefix + name
            if Path(name).suffix.lower() in _PICTURES and folder.data(path) is not None:
                found[path] = folder.location(path)
    return found


def _theme(fields: Fields, folder: Folder) -> Theme:
    table = fields.table_of("theme")
    if table is None:
        return Theme()
    inner = Fields(table, fields.problems, _THEME)
    brand = inner.word("brand")
    logo = inner.word("logo")
    chosen = inner.choice("mode", get_args(_Mode), "auto")
    mode: _Mode = "light" if chosen == "light" else "dark" if chosen == "dark" else "auto"
    inner.done()
    return Theme(
        brand=_brand(brand, fields.problems) or Theme().brand,
        logo=_logo(logo, folder, fields.problems),
        mode=mode,
    )


def _brand(word: Scalar | None, problems: Problems) -> str | None:
    if word is None:
        return None
    color = word.text.value
    if not _BRAND.fullmatch(color):
        problems.add(
            "E207",
            word.place,
            "`brand` is a colour",
            received=color,
            remedy='write it like "#0f766e", in quotes',
        )
        return None
    return color.lower() if len(color) == 7 else "#" + "".join(digit * 2 for digit in color[1:].lower())


def _logo(word: Scalar | None, folder: Folder, problems: Problems) -> str | None:
    if word is None:
        return None
    path = word.text.value
    name = path.removeprefix("assets/")
    if (
        "/" in name
        or name.startswith(".")
        or Path(name).suffix.lower() not in _PICTURES
        or not folder.exists(path)
    ):
        problems.add(
            "E218",
            word.place,
            "there is no such picture",
            received=path,
            remedy="name an .svg, .png, .jpg, .webp, .gif, .avif or .ico file beside app.yaml or in assets/",
        )
        return None
    return path


def _navigation(fields: Fields) -> NavigationDraft | None:
    table = fields.table_of("navigation")
    if table is None:
        return None
    inner = Fields(table, fields.problems, _NAVIGATION)
    chosen = inner.choice("orientation", get_args(_Orientation), "top")
    pages = inner.words_of("pages") if inner.node("pages") is not None else None
    inner.done()
    return NavigationDraft(orientation="side" if chosen == "side" else "top", pages=pages)


def _browser(fields: Fields) -> BrowserOrigins:
    table = fields.table_of("browser")
    if table is None:
        return BrowserOrigins()
    inner = Fields(table, fields.problems, _BROWSER)
    images, frames, fonts = (_origins(inner, key) for key in ("images", "frames", "fonts"))
    inner.done()
    return BrowserOrigins(images=images, frames=frames, fonts=fonts)


def _origins(fields: Fields, key: str) -> tuple[str, ...]:
    found = []
    for word in fields.words_of(key):
        origin = word.text.value
        # It becomes a part of a response header, where `;` and spaces would be more than an origin.
        if _ORIGIN.fullmatch(origin):
            found.append(origin)
        else:
            wrong_type(
                fields.problems,
                word,
                "this is not an origin",
                "write scheme and host like https://images.example.com, nothing after it",
                code="E220",
            )
    return tuple(found)
