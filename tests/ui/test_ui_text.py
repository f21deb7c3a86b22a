"""Text: words as safe HTML."""

from pathlib import Path
from typing import Any

import pytest

from portico.ui.prose import as_text, humanised, prose
from portico.ui.render import render_widget
from portico.ui.style import font_size
from tests.ui.markup import Element, parse
from tests.ui.opened import opened
from tests.ui.sites import view_of, widget


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


def test_a_disabled_text_is_muted() -> None:
    """`isDisabled`: the words of something that cannot be used; their colour is the muted one, and their
    links lead nowhere."""
    words = "Ask https://x.io"
    found = shown(text=words, textColor="#dc2626", isDisabled=True)
    assert "muted" in found["class"].split()
    assert ("data-color" in found, "color-red" in found["class"].split()) == (False, False)
    assert list(found.matching("a")) == []
    plain = shown(text=words, textColor="#dc2626")
    assert ("muted" in plain["class"].split(), plain["data-color"]) == (False, "#dc2626")
    assert [link["href"] for link in plain.matching("a")] == ["https://x.io"]


def test_a_required_text_has_a_star() -> None:
    """`isRequired`: the star that labels of required inputs have, and a word for those who hear the page."""
    assert shown(text="Name", isRequired=True).text == "Name * (required)"
    star, word = shown(text="Name", isRequired=True).matching("span")
    assert (star["aria-hidden"], word["class"]) == ("true", "unseen")
    assert shown(text="Name").text == "Name"


def test_methods_change_words_and_looks(tmp_path: Path) -> None:
    """`setText` and `setTextColor`, called by a click, over what was bound; `text` and `value` are what was
    set."""
    page = opened(
        tmp_path,
        """
- {name: Note, type: Text, text: "{{ 'fi' + 'rst' }}"}
- {name: Copy, type: Text, text: "{{ Note.text + Note.value }}"}
- {name: Go, type: Button, onClick: "{{ Note.setText('second'); Note.setTextColor('#dc2626') }}"}
""",
    )
    assert page.shown("Copy").text == "firstfirst"
    page.press()
    assert page.shown("Copy").text == "secondsecond"
    note = page.shown("Note").find(id="w.Note").children[0]
    assert (note.text, note["data-color"]) == ("second", "#dc2626")


def test_methods_switch(tmp_path: Path) -> None:
    """`setDisabled`, `setRequired`, `setVisibility`."""
    page = opened(
        tmp_path,
        """
- {name: Note, type: Text, text: Name}
- {name: Go, type: Button, onClick: "{{ Note.setDisabled(true); Note.setRequired(1) }}"}
- {name: Hide, type: Button, onClick: "{{ Note.setVisibility(false) }}"}
""",
    )
    page.press()
    note = page.shown("Note").find(id="w.Note").children[0]
    assert (note.text, "muted" in note["class"].split()) == ("Name * (required)", True)
    page.press("Hide")
    assert page.shown("Note").text == ""
