"""Image: pictures from where they may come, and the tools to look at them."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from portico.ui.render import render_widget
from portico.ui.widgets.image import image_url
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element, parse
from tests.ui.opened import opened
from tests.ui.payloads import PAYLOADS
from tests.ui.sites import LOGO, app_of, view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive, until
from tests.ui.test_ui_looks import AXE

CLICK = frozenset({"onClick"})

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("logo.svg", "/hr/_files/logo.svg"),
        ("a b.png", "/hr/_files/a%20b.png"),
        ("https://x.io/a.png", "https://x.io/a.png"),
        (f"data:image/png;base64,{PIXEL}", f"data:image/png;base64,{PIXEL}"),
        (PIXEL, f"data:image/png;base64,{PIXEL}"),
        ("../secret.svg", None),
        ("/etc/passwd", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("data:image/svg+xml", None),
        ("http://", None),
        ("http://[", None),
        (None, None),
        (5, None),
    ],
)
def test_pictures_come_from_known_places(given: object, url: str | None) -> None:
    """A file of the app, http(s), or data of a picture: nothing else."""
    app = app_of(files={"logo.svg": Path("logo.svg"), "a b.png": Path("a b.png")})
    assert image_url(app, given) == url


def image(**props: Any) -> Element:
    """A rendered Image."""
    return parse(render_widget(view_of(widget("Image", "Photo", **props)), "Photo"))


def test_a_picture_has_words_if_it_needs_them() -> None:
    """`alt` and the tooltip describe it; one that can be clicked always has a name."""
    assert image(image="https://x.io/a.png").find("img")["alt"] == ""
    assert image(image="https://x.io/a.png", tooltip="Ada").find("img")["alt"] == "Ada"
    assert image(image="https://x.io/a.png", tooltip="Ada", alt="Portrait").find("img")["alt"] == "Portrait"
    tree = image(image="https://x.io/a.png", events=frozenset({"onClick"}))
    assert tree.find("button")["value"] == "Photo onClick"
    assert tree.find("img")["alt"] == "Photo"


def test_the_default_stands_in() -> None:
    """Without a picture the default is shown; with one it waits for a failure."""
    assert image(defaultImage="https://x.io/d.png").find("img")["src"] == "https://x.io/d.png"
    both = image(image="https://x.io/a.png", defaultImage="https://x.io/d.png").find("img")
    assert (both["src"], both["data-fallback"]) == ("https://x.io/a.png", "https://x.io/d.png")
    assert list(image().matching("img")) == []


@pytest.mark.parametrize(
    ("given", "name"),
    [("cover", "fit-cover"), ("contain", "fit-contain"), ("auto", "fit-auto"), ("x", "fit-cover")],
)
def test_a_picture_fills_its_place(given: str, name: str) -> None:
    """`objectFit` is a class; what it cannot be is cover."""
    found = image(image="https://x.io/a.png", objectFit=given).find("img")
    assert found["class"].split() == ["image", name]


def test_methods_change_the_picture(tmp_path: Path) -> None:
    """`setImage` and `setVisibility`, called by a click; bindings read what was set."""
    page = opened(
        tmp_path,
        """
- {name: Photo, type: Image, image: "{{ 'https://x.io/' + 'a.png' }}"}
- {name: Source, type: Text, text: "{{ Photo.image }}", disableLink: true}
- {name: Go, type: Button, onClick: "{{ Photo.setImage('https://x.io/b.png') }}"}
- {name: Hide, type: Button, onClick: "{{ Photo.setVisibility(false) }}"}
""",
    )
    assert page.shown("Photo").find("img")["src"] == "https://x.io/a.png"
    page.press()
    assert page.shown("Photo").find("img")["src"] == page.shown("Source").text == "https://x.io/b.png"
    page.press("Hide")
    assert list(page.shown("Photo").matching("img")) == []


# Tools


def tools(**props: Any) -> list[str]:
    """The names of the tools of a picture."""
    tree = image(**{"image": "https://x.io/a.png", **props})
    return [found["aria-label"] for found in tree.all if found.get("class") == "tool"]


@pytest.mark.parametrize(
    ("props", "names"),
    [
        ({}, []),
        ({"maxZoomLevel": 1}, []),
        ({"maxZoomLevel": 4}, ["Zoom in", "Zoom out"]),
        ({"maxZoomLevel": "2"}, ["Zoom in", "Zoom out"]),
        ({"maxZoomLevel": "much"}, []),
        ({"maxZoomLevel": "nan"}, []),
        ({"maxZoomLevel": None}, []),
        ({"enableRotation": True}, ["Rotate left", "Rotate right"]),
        ({"enableDownload": True}, ["Download"]),
        ({"enableDownload": True, "image": ""}, []),
        (
            {"maxZoomLevel": 8, "enableRotation": True, "enableDownload": True},
            ["Zoom in", "Zoom out", "Rotate left", "Rotate right", "Download"],
        ),
    ],
)
def test_tools_are_those_that_the_author_offers(props: dict[str, Any], names: list[str]) -> None:
    """`maxZoomLevel`, `enableRotation` and `enableDownload`, each with names; none without a picture."""
    assert tools(**props) == names


@pytest.mark.parametrize(("given", "most"), [(4, "4"), (2.5, "2.5"), (1000, "16"), ("1e999", "16")])
def test_zoom_has_an_end(given: object, most: str) -> None:
    """`maxZoomLevel` is at most 16."""
    assert image(image="https://x.io/a.png", maxZoomLevel=given).find(class_="picture")["data-most"] == most


@pytest.mark.parametrize(
    ("source", "file", "elsewhere"),
    [
        ("https://x.io/a/my%20cat.png?w=1", "my cat.png", True),
        ("logo.svg", "logo.svg", False),
        (f"data:image/jpeg;base64,{PIXEL}", "Photo.jpg", False),
        ("data:image/svg+xml,x", "Photo.svg", False),
        (PIXEL, "Photo.png", False),
    ],
)
def test_a_download_is_a_plain_link(source: str, file: str, elsewhere: bool) -> None:
    """`enableDownload` needs no script: a link to the shown picture, with a name for its file. What another
    origin sends is not saved by browsers, and opens beside the page."""
    view = view_of(
        widget("Image", "Photo", image=source, enableDownload=True), app={"files": {"logo.svg": LOGO}}
    )
    tree = parse(render_widget(view, "Photo"))
    link = tree.find("a")
    assert (link["href"], link["download"]) == (tree.find("img")["src"], file)
    assert (link.get("target"), link.get("rel")) == (
        ("_blank", "noopener noreferrer") if elsewhere else (None, None)
    )


def test_only_pages_that_zoom_or_turn_load_the_part(tmp_path: Path) -> None:
    """A download alone needs nothing; a binding may turn out to need it."""
    for given, parts in (
        ("enableDownload: true", frozenset()),
        ("maxZoomLevel: 1", frozenset()),
        ("maxZoomLevel: 2", frozenset({"pictures"})),
        ("enableRotation: true", frozenset({"pictures"})),
        ('enableRotation: "{{ false }}"', frozenset({"pictures"})),
    ):
        page = opened(tmp_path, f"- {{name: Photo, type: Image, image: x, {given}}}")
        assert page.page.parts == parts, given


def test_no_word_breaks_out_of_its_tools() -> None:
    """40 payloads as address, name and zoom."""
    for payload in PAYLOADS:
        tree = image(image=f"https://x.io/{payload}", alt=payload, maxZoomLevel=4, enableDownload=True)
        assert [found.tag for found in tree.all][1:] == [
            *("div", "div", "div", "img", "div"),
            *("button", "svg", "path") * 2,
            *("a", "svg", "path", "span"),
        ]


def looked_at(stage: Stage, page: Page, **props: Any) -> Locator:
    """A picture with every tool, on a page whose client runs; the picture."""
    page.goto(stage.show(viewer(**props)))
    alive(page)
    picture = page.locator("#w\\.Photo img")
    expect(picture).to_have_js_property("complete", True)
    return picture


def viewer(**props: Any) -> Any:
    """A page with a picture that can be zoomed, turned and downloaded."""
    shown = {"image": "logo.svg", "alt": "The logo", "objectFit": "contain"}
    offered = {"maxZoomLevel": 4, "enableRotation": True, "enableDownload": True}
    photo = widget("Image", "Photo", **{**shown, **offered, **props})
    go = widget("Button", "Go", text="Go", events=CLICK)
    return view_of(photo, go, app={"files": {"logo.svg": LOGO}}, parts=frozenset({"pictures"}))


def width(picture: Locator) -> float:
    """How wide it is now."""
    box = picture.bounding_box()
    assert box is not None
    return box["width"]


def test_a_picture_is_zoomed_by_keyboard(stage: Stage, open_page: OpenPage) -> None:
    """The tools are seen once one of them has the focus; zoom ends where it should, says how far it is, and
    the keys move what is larger than its place."""
    page = open_page()
    picture = looked_at(stage, page)
    at_first = width(picture)
    tools, larger = page.locator(".tools"), page.get_by_role("button", name="Zoom in")
    smaller = page.get_by_role("button", name="Zoom out")
    expect(tools).to_have_css("opacity", "0")
    larger.focus()
    expect(tools).to_have_css("opacity", "1")
    expect(smaller).to_have_attribute("aria-disabled", "true")
    for _ in range(4):
        page.keyboard.press("Enter")
    expect(page.locator(".tools [role=status]")).to_have_text("Zoom 400 %")
    expect(larger).to_have_attribute("aria-disabled", "true")
    assert width(picture) == pytest.approx(4 * at_first, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sight = page.locator(".sight")
    before = sight.evaluate("(found) => found.scrollLeft")
    assert before > 0, "the middle stays in the middle"
    sight.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(before) => document.querySelector('.sight').scrollLeft > before", arg=before)
    for _ in range(2):
        smaller.click()
    assert width(picture) == pytest.approx(at_first, abs=1)
    expect(sight).not_to_have_attribute("tabindex", "0")
    assert stage.posts == []


def test_a_picture_turns(stage: Stage, open_page: OpenPage) -> None:
    """By 90 degrees either way; what lies on its side still fits into the same place."""
    page = open_page()
    picture = looked_at(stage, page)
    page.locator("#w\\.Photo").hover()
    place = page.locator(".sight").bounding_box()
    page.get_by_role("button", name="Rotate right").click()
    expect(picture).to_have_css("rotate", "90deg")
    inside = picture.bounding_box()
    assert place is not None
    assert inside is not None
    assert place["y"] - 1 <= inside["y"]
    assert inside["y"] + inside["height"] <= place["y"] + place["height"] + 1
    for _ in range(2):
        page.get_by_role("button", name="Rotate left").click()
    expect(picture).to_have_css("rotate", "-90deg")
    expect(page.locator(".tools [role=status]")).to_have_text("Rotated by 270 degrees")


def test_an_answer_leaves_the_look_alone(stage: Stage, open_page: OpenPage) -> None:
    """Rendered anew, a picture stays as its user sees it; another one begins anew."""
    page = open_page()
    picture = looked_at(stage, page)
    page.locator("#w\\.Photo").hover()
    at_first = width(picture)
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Rotate right").click()
    stage.answer({"html": {"Photo": render_widget(viewer(tooltip="another word"), "Photo")}})
    page.click("#c\\.Go")
    expect(picture).to_have_attribute("title", "another word")
    expect(picture).to_have_css("rotate", "90deg")
    expect(page.get_by_role("button", name="Zoom out")).to_have_attribute("aria-disabled", "false")
    stage.answer({"html": {"Photo": render_widget(viewer(image=PIXEL), "Photo")}})
    page.click("#c\\.Go")
    expect(picture).to_have_css("rotate", "none")
    assert width(picture) <= at_first + 1


def test_a_click_on_a_picture_with_tools_is_posted(stage: Stage, open_page: OpenPage) -> None:
    """`onClick` is the picture's own; the tools do not fire it."""
    page = open_page()
    looked_at(stage, page, events=CLICK)
    page.locator("#w\\.Photo").hover()
    page.get_by_role("button", name="Rotate right").click()
    page.get_by_role("button", name="Zoom in").click()
    page.locator("#c\\.Photo").click(position={"x": 20, "y": 40})
    until(lambda: stage.posts, page)
    assert [(post["widget"], post["event"]) for post in stage.posts] == [("Photo", "onClick")]


def test_a_download_takes_the_default_where_the_picture_failed(stage: Stage, open_page: OpenPage) -> None:
    """What is shown is what is saved, under its name."""
    page = open_page()
    picture = looked_at(stage, page, image="data:image/png;base64,broken", defaultImage="logo.svg")
    expect(picture).to_have_attribute("src", "/hr/_files/logo.svg")
    page.locator("#w\\.Photo").hover()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").click()
    assert Path(saved.value.path()).read_bytes() == LOGO.read_bytes()


def test_without_scripts_there_is_a_link(stage: Stage, open_page: OpenPage) -> None:
    """Tools that need a script are not shown; the link works."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(viewer()))
    page.locator("#w\\.Photo").hover()
    expect(page.locator("button.tool").first).to_be_hidden()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").click()
    assert saved.value.suggested_filename == "logo.svg"


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """No rule of axe is broken, and nothing overflows: as it opens, and zoomed and turned."""
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    looked_at(stage, page)
    page.add_script_tag(path=AXE)
    for name in ("", "Zoom in", "Rotate right"):
        if name:
            page.get_by_role("button", name=name).focus()
            page.keyboard.press("Enter")
        found = page.evaluate("axe.run().then((found) => found.violations)")
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
