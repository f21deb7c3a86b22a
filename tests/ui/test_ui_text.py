"""Text and Image: words as safe HTML, pictures from where they may come."""

from pathlib import Path
from typing import Any

import pytest

from portico.ui.prose import as_text, humanised, prose
from portico.ui.render import render_widget
from portico.ui.style import font_size
from portico.ui.widgets.image import image_url
from tests.ui.markup import Element, parse
from tests.ui.sites import app_of, view_of, widget

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def shown(**props: Any) -> Element:
    """A rendered Text, its inner element."""
    return parse(render_widget(view_of(widget("Text", "T", **props)), "T")).find(id="w.T").children[0]


def test_plain_text_is_escaped_and_linked() -> None:
    """Text without tags is shown as it stands; its addresses become links that give nothing away."""
    assert prose("a < b & c", links=True) == "a &lt; b &amp; c"
    found = parse(prose("See https://x.io/a?b=1&c=2, or write mailto:a@x.io.", links=True))
    links = list(found.matching("a"))
    assert [link["href"] for link in links] == ["https://x.io/a?b=1&c=2", "mailto:a@x.io"]
    assert {link["rel"] for link in links} == {"noopener noreferrer"}
    assert found.texts == ["See ", ", or write ", "."]


def test_links_can_be_switched_off() -> None:
    """`disableLink` leaves addresses as text, in HTML too."""
    assert list(parse(prose("https://x.io", links=False)).matching("a")) == []
    assert list(parse(prose('<b>x</b> <a href="https://x.io">y</a>', links=False)).matching("a")) == []


def test_only_some_schemes_are_links() -> None:
    """No other scheme becomes a link, written as text or as HTML."""
    for address in ("javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"):
        assert list(parse(prose(address, links=True)).matching("a")) == []
        inner = list(parse(prose(f'<a href="{address}">x</a>', links=True)).matching("a"))
        assert [link.get("href") for link in inner] == [None]


def test_html_is_cleaned() -> None:
    """What the author meant stays, what runs or looks like the page's own goes, content of scripts too."""
    text = (
        '<p id="w.Other" class="button" onclick="x()" data-widget="Other">Hi <b>you</b></p>'
        "<script>steal()</script><style>*{display:none}</style><!-- c --><form><input name=v.A></form>"
        '<img src=x onerror=x><iframe src="x"></iframe><svg><a xlink:href="javascript:x">s</a></svg>'
    )
    assert prose(text, links=True) == "<p>Hi <b>you</b></p>"


def test_inline_css_becomes_data_or_nothing() -> None:
    """A few properties are kept for the client; none reaches the page as a style."""
    html = prose(
        '<p style="color: red; position: fixed; text-align: center; font-size: 99999px">x</p>', links=True
    )
    assert html == '<p data-color="red" data-align="center">x</p>'
    assert 'style="color:red"' in prose('<p>write style="color:red" here</p>', links=True)


def test_values_become_words() -> None:
    """Whatever a binding gives can be shown."""
    given = [None, True, 5, 5.0, 5.5, "a", [1], {"a": None}]
    assert [as_text(value) for value in given] == ["", "true", "5", "5", "5.5", "a", "[1]", '{"a": null}']
    assert humanised("LoginButton") == "Login button"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1rem", (2, None)),
        ("16px", (2, None)),
        ("1.6rem", (5, "1.6rem")),
        ("HEADING1", (5, None)),
        ("x", (2, None)),
        ("", (2, None)),
    ],
)
def test_sizes_have_classes(given: str, expected: tuple[int, str | None]) -> None:
    """Each size has the nearest class; one between two also says its exact value."""
    assert font_size(given) == expected


def test_large_bold_text_is_a_heading() -> None:
    """What looks like a heading is one; HTML and body text are not."""
    assert shown(text="Sign in", fontSize="1.5rem", fontStyle="BOLD").tag == "h2"
    assert shown(text="Sign in", fontSize="1rem", fontStyle="BOLD").tag == "div"
    assert shown(text="Sign in", fontSize="1.5rem").tag == "div"
    assert shown(text="<p>Sign in</p>", fontSize="1.5rem", fontStyle="BOLD").tag == "div"


def test_styles_are_classes() -> None:
    """Style, alignment and overflow are classes; an unknown one is the default."""
    found = shown(text="x", fontStyle="BOLD,ITALIC", textAlign="CENTER", overflow="TRUNCATE")
    assert {"bold", "italic", "align-center", "overflow-truncate"} <= set(found["class"].split())
    assert "align-left" in shown(text="x", textAlign="JUSTIFIED")["class"].split()


def test_near_black_gives_way_to_the_theme() -> None:
    """Appsmith's own text colour would vanish in the dark: the theme's is used instead."""
    assert "data-color" not in shown(text="x", textColor="#231F20")
    assert shown(text="x", textColor="#dc2626")["data-color"] == "#dc2626"


def test_what_is_still_to_come_shimmers() -> None:
    """While the page loads, an empty text shows its place, unless the author says no."""
    html = render_widget(view_of(widget("Text", "T", text=None), loading=True), "T")
    assert "pending" in html
    assert "pending" not in render_widget(view_of(widget("Text", "T", text="x"), loading=True), "T")
    still = widget("Text", "T", text=None, animateLoading=False)
    assert "pending" not in render_widget(view_of(still, loading=True), "T")


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
