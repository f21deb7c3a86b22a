"""Whole documents, and the files they load."""

import gzip
import re
from dataclasses import replace

import pytest

from portico.ui.assets import PARTS, PREFIX, Assets
from portico.ui.render import render_index, render_leave, render_page, render_problem, render_widget
from portico.ui.view import PageView
from portico.ui.widgets import CATALOGUE, LOOKS
from tests.ui.markup import parse
from tests.ui.sites import LOGO, app_of, at, login, main_page, view_of, widget


class Said:
    """An alert."""

    def __init__(self, message: str, style: str) -> None:
        self.message = message
        self.style = style


def everything() -> PageView:
    """A page with every type, every property set, and all that a view can hold."""
    props = {"backgroundColor": "red", "textColor": "red", "buttonColor": "red", "borderColor": "red"}
    props |= {"borderWidth": "1px", "boxShadow": "0 1px 2px #000", "borderRadius": "3px", "tooltip": "T"}
    props |= {"fontSize": "13px", "text": '<p style="color:red">x</p>', "image": "https://x.io/a.png"}
    tabs = [{"id": "a", "label": "A"}]
    return view_of(
        *(
            widget(
                kind, f"{kind}1", **{**props, "visibleTabs": tabs, "selectedTab": "a", "shouldShowTabs": True}
            )
            for kind in CATALOGUE
        ),
        visit="v" * 22,
        loading=True,
        alerts=[Said("Saved", "success"), Said("Failed", "error")],
        session_tag="tag",
        entry_url="/hr/LoginPage",
    )


def documents() -> dict[str, str]:
    """One of each kind of document."""
    assets = Assets([app_of()])
    return {
        "everything": render_page(everything()),
        "login": render_page(login()),
        "main": render_page(main_page()),
        "problem": render_problem(assets, title="Page not found", message="None here.", id="abc"),
        "problem of an app": render_problem(
            assets, title="Page not found", message="None here.", app=app_of()
        ),
        "index": render_index([app_of()], assets),
        "leave": render_leave("https://x.io/authorize?a=1&b=2", assets),
    }


@pytest.mark.parametrize("html", documents().values(), ids=documents())
def test_no_style_and_no_script_stands_in_a_document(html: str) -> None:
    """No style attribute, no handler, no inline script or stylesheet (hard-cases 11)."""
    for element in parse(html).all:
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")]
        assert element.tag != "style"
        assert element.tag != "script" or (element.get("src") and not element.text)


@pytest.mark.parametrize("html", documents().values(), ids=documents())
def test_documents_are_complete(html: str) -> None:
    """Language, character set, viewport, title, one main and one first heading; ids are unique."""
    tree = parse(html)
    assert html.startswith("<!doctype html>")
    assert tree.find("html")["lang"] == "en"
    assert tree.find("meta")["charset"] == "utf-8"
    assert tree.find("meta", name="viewport")["content"] == "width=device-width, initial-scale=1"
    assert tree.find("meta", name="color-scheme")["content"] == "light dark"
    assert tree.find("title").text
    assert (len(list(tree.matching("main"))), len(list(tree.matching("h1")))) == (1, 1)
    ids = [element["id"] for element in tree.all if "id" in element]
    assert len(ids) == len(set(ids))


def test_the_page_says_what_the_client_needs() -> None:
    """App, page, visit, number, session and entry stand on the root element (events.md)."""
    view = login(visit="v" * 22, n=3, session_tag="tag", entry_url="/hr/LoginPage", loading=True)
    root = parse(render_page(view)).find("html")
    data = {name.removeprefix("data-"): value for name, value in root.attributes.items() if name != "lang"}
    assert data == {
        "app": "hr",
        "page": "Home",
        "visit": "v" * 22,
        "n": "3",
        "session": "tag",
        "entry": "/hr/LoginPage",
        "load": "",
    }


def test_a_page_for_everybody_says_nothing_of_anybody() -> None:
    """Neither visit nor session; for a visitor who is not signed in, the session is empty."""
    root = parse(render_page(login())).find("html")
    assert ("data-visit" in root, "data-session" in root, "data-load" in root) == (False, False, False)
    assert parse(render_page(login(session_tag=""))).find("html")["data-session"] == ""


def test_enter_outside_a_form_presses_nothing() -> None:
    """The first button of the page's own form is disabled: then browsers do not submit it (HTML 4.10.22)."""
    form = parse(render_page(main_page(visit="v" * 22))).find("form", id="portico")
    assert "disabled" in form.find("button")


def test_alerts_are_there_without_scripts() -> None:
    """Errors and warnings are said at once, the rest politely."""
    view = login(alerts=[Said("Saved", "success"), Said("Failed", "error")])
    tree = parse(render_page(view)).find(id="alerts")
    assert tree.find(role="status").text == "Saved"
    assert tree.find(role="alert").text == "Failed"


def test_what_is_still_loading_can_be_had_without_scripts() -> None:
    """A page that is not ready has a button that posts the `load` event."""
    tree = parse(render_page(login(loading=True, visit="v" * 22)))
    button = tree.find("noscript").find("button")
    assert (button["name"], button["value"]) == ("portico.event", "load")
    assert list(parse(render_page(login())).matching("noscript")) == []


def test_pages_load_files_that_exist() -> None:
    """Every stylesheet and script of a page is one of its assets; positions are one more stylesheet."""
    placed = view_of(widget("Text", "T", text="x", position=at(0, 0, 1, 1)))
    for view, styles in ((login(), 1), (placed, 2)):
        tree = parse(render_page(view))
        urls = [found["href"] for found in tree.matching("link", rel="stylesheet")]
        assert len(urls) == styles
        urls += [tree.find("script")["src"], tree.find("link", rel="modulepreload")["href"]]
        assert all(view.assets.get(url.removeprefix(PREFIX)) for url in urls)


def test_logo_and_name_head_the_page() -> None:
    """The logo is one of the app's files, named in the theme."""
    view = login(app={"files": {"logo.svg": LOGO}, "theme": login().app.theme.__class__(logo="logo.svg")})
    tree = parse(render_page(view)).find("header")
    assert tree.find("img")["src"] == "/hr/_files/logo.svg"
    assert tree.text == "HR Portal"
    assert list(parse(render_page(login())).find("header").matching("img")) == []


def test_a_problem_has_a_way_on() -> None:
    """Title, message, the id that the log has, and a link."""
    html = render_problem(
        Assets(), title="Busy", message="Please wait.", id="abc123", back="/hr/", back_text="Back"
    )
    tree = parse(html).find("main")
    assert [part in tree.text for part in ("Busy", "Please wait.", "abc123")] == [True] * 3
    assert (tree.find("a")["href"], tree.find("a").text) == ("/hr/", "Back")


def test_the_index_lists_the_apps() -> None:
    """By name, each with its address."""
    apps = [app_of(slug="b", name="Beta"), app_of(slug="a", name="alpha")]
    assert [link["href"] for link in parse(render_index(apps, Assets())).find("main").matching("a")] == [
        "/a/",
        "/b/",
    ]
    assert "no app" in parse(render_index([], Assets())).find("main").text


def test_leaving_goes_on_by_itself_to_web_addresses_only() -> None:
    """http and https are followed, mail and telephone are offered, the rest is refused (hard-cases 24)."""
    tree = parse(render_leave("https://x.io/a?b=1&c=2", Assets()))
    assert tree.find("meta", http_equiv="refresh")["content"] == "0; url=https://x.io/a?b=1&c=2"
    assert tree.find("main").find("a")["href"] == "https://x.io/a?b=1&c=2"
    mail = parse(render_leave("mailto:a@x.io", Assets()))
    assert "mailto:a@x.io" in mail.find("main").text
    assert list(mail.matching("meta", http_equiv="refresh")) == []
    for url in ("javascript:alert(1)", "data:text/html,x", "//x.io", "/hr/Home", "https://x.io/\nb", ""):
        with pytest.raises(ValueError, match="address"):
            render_leave(url, Assets())


@pytest.mark.parametrize(
    ("url", "to"),
    [
        ("https://x.io/authorize?state=secret", "x.io"),
        ("http://127.0.0.1:9000/a", "127.0.0.1:9000"),
        ("https://good.example@x.io/", "x.io"),
        ("https://[x/a", "https://[x/a"),
        ("tel:+123", "tel:+123"),
    ],
)
def test_leaving_says_whereto(url: str, to: str) -> None:
    """The host, as people know it, without what else an address has; or what the caller calls it."""
    assert parse(render_leave(url, Assets())).find("strong").text == to
    assert parse(render_leave(url, Assets(), to="the provider")).find("strong").text == "the provider"


def test_assets_are_named_by_their_content() -> None:
    """The name changes with the content, the compressed form is the same file."""
    one, other = Assets([app_of()]), Assets([app_of(theme=app_of().theme.__class__(brand="#ff0000"))])
    assert one.url("portico.js") == other.url("portico.js")
    assert one.url("hr.css") != other.url("hr.css")
    asset = one.get(one.url("hr.css").removeprefix(PREFIX))
    assert asset is not None
    assert gzip.decompress(asset.gzip) == asset.body
    assert asset.type == "text/css; charset=utf-8"
    assert one.get("../../theme.py") is None


def test_the_client_loads_its_only_import_by_hash() -> None:
    """The import of the morphing library leads to an asset."""
    assets = Assets()
    client = assets.get(assets.url("portico.js").removeprefix(PREFIX))
    assert client is not None
    imports = re.findall(rb'from "\./([^"]+)"', client.body)
    assert [assets.get(name.decode()) is not None for name in imports] == [True]


def test_assets_are_small() -> None:
    """What a first visit loads: scripts below 15 KB, the stylesheet below 8 KB, compressed; a part that only
    some pages need, below 3 KB."""
    assets = Assets()
    parts = [f"{name}.js" for name in PARTS]
    sizes = {
        name: len(found.gzip)
        for name in ("portico.js", "idiomorph.js", "portico.css", *parts)
        if (found := assets.get(assets.url(name).removeprefix(PREFIX)))
    }
    assert sizes["portico.js"] + sizes["idiomorph.js"] < 15_000
    assert sizes["portico.css"] < 8_000
    assert all(100 < sizes[name] < 3_000 for name in parts)


def test_parts_of_the_client_are_on_pages_that_need_them() -> None:
    """Each is a module of its own; other pages do not name it."""

    def scripts(view: PageView) -> list[str]:
        found = parse(render_page(view)).matching("script")
        return [script["src"].rpartition("/")[2].partition(".")[0] for script in found]

    assert scripts(login()) == ["portico"]
    page = replace(login().page, parts=frozenset(PARTS))
    assert scripts(replace(login(), page=page)) == ["portico", *sorted(PARTS)]


def test_every_type_has_a_look() -> None:
    """Types and looks have the same names, and all types the common properties."""
    assert (
        list(CATALOGUE)
        == list(LOOKS)
        == [
            *("Form", "JSONForm"),
            *("Input", "PhoneInput", "CurrencyInput", "DatePicker", "Select", "MultiSelect"),
            *("RadioGroup", "Checkbox", "CheckboxGroup", "Switch", "FilePicker", "RichTextEditor"),
            *("Button", "IconButton", "ButtonGroup", "MenuButton"),
            *("Text", "Image", "Divider", "Progress", "Container", "Statbox"),
            *("Tabs", "Modal", "Module", "List", "Table"),
            *("Chart", "Iframe", "DocumentViewer", "Placeholder"),
        ]
    )
    for kind in CATALOGUE.values():
        assert {"isVisible", "animateLoading"} <= kind.properties.keys() | kind.derived.keys()


@pytest.mark.parametrize("kind", CATALOGUE)
def test_odd_values_never_break_a_page(kind: str) -> None:
    """A binding may give anything, or nothing, for any property."""
    declared = [
        name for name in (*CATALOGUE[kind].properties, *CATALOGUE[kind].derived) if name != "isVisible"
    ]
    for value in (None, "", 0, 1.5, True, [], {}, [None], {"a": [1]}, "x" * 3000, "\ud83d\ude00"):
        view = view_of(widget(kind, "W", **dict.fromkeys(declared, value)))
        assert 'data-widget="W"' in render_widget(view, "W")
