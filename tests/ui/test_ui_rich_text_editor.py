"""RichTextEditor: text that is cleaned, edited as it looks or as it is written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portico.ui.render import render_widget
from portico.ui.widgets import rich_text_editor
from portico.ui.widgets.rich_text_editor import LONGEST, TYPE, parse
from tests.definition.apps import write
from tests.journeys.servers import PorticoServer
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element
from tests.ui.markup import parse as html
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does, text_of
from tests.ui.script import run
from tests.ui.sites import Tree, view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive, until
from tests.ui.test_ui_looks import AXE


def dangers(text: str) -> set[str]:
    """What of HTML is more than text, structure and links."""
    found = set()
    for element in html(text).all:
        if element.tag not in {"", *rich_text_editor.RICH}:
            found.add(element.tag)
        for name, value in element.attributes.items():
            usual = name in ("href", "title", "rel", "colspan", "rowspan")
            if not usual or (name == "href" and not value.startswith(("http:", "https:", "mailto:"))):
                found.add(f"{element.tag} {name}")
    return found


def test_what_users_send_is_cleaned() -> None:
    """40 payloads, and structure that stays."""
    assert [payload for payload in PAYLOADS if dangers(parse(payload, {"inputType": "html"}))] == []
    kept = '<h1>A</h1><p><b>b</b> <a href="https://x.io" title="t">c</a></p><ul><li>d</li></ul><hr>'
    cleaned = parse(kept, {"inputType": "html"})
    assert cleaned == kept.replace('title="t"', 'title="t" rel="noopener noreferrer"')
    assert parse('<p style="color:red" class="x" id="y">a</p>', {}) == "<p>a</p>"


def test_the_check_would_notice() -> None:
    """The control: most payloads are dangerous as they stand."""
    assert len([payload for payload in PAYLOADS if dangers(payload)]) > 30


@pytest.mark.parametrize("posted", [None, 1, [], {"a": 1}])
def test_what_is_no_text_is_dropped(posted: object) -> None:
    """It changes nothing."""
    with pytest.raises(ValueError, match="not text"):
        parse(posted, {})


def test_text_has_an_end() -> None:
    """And no NUL; Markdown stays as it was typed."""
    assert len(parse("x" * (LONGEST + 5), {})) == LONGEST
    assert parse("a\0b\r\nc <b>", {"inputType": "markdown"}) == "ab\nc <b>"


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        ("", False),
        ("<p><br></p>", False),
        ("<p>&nbsp; </p>", False),
        ("<p>a</p>", True),
        ("a", True),
    ],
)
def test_being_required_means_text(text: str, is_valid: bool) -> None:
    """Not only tags and blanks."""
    code = "[self.isValid, self.message]"
    words = "" if is_valid else "Please fill in this field."
    assert run(TYPE, {"isRequired": True, "typed": text}, code) == [is_valid, words]
    assert run(TYPE, {"typed": text}, code) == [True, ""]


def test_code_reads_and_sets_it(tmp_path: Path) -> None:
    """`text`, `value`, `setValue`, a reset, the event, and what a Form has of it."""
    form = {
        "name": "F",
        "type": "Form",
        "widgets": [
            {
                "name": "Note",
                "type": "RichTextEditor",
                "defaultText": "first",
                "onTextChange": "{{ showAlert(Note.text) }}",
            }
        ],
    }
    page = Running(
        tmp_path,
        form,
        text_of("Seen", "[Note.text, Note.isDirty, F.data.Note]"),
        does("Change", "Note.setValue('second')"),
        does("Clear", "resetWidget('Note')"),
    )
    assert page.widget("Seen").text == '["first",false,"first"]'
    assert page.post("Note", "third<script>x</script>")
    assert (page.said, page.widget("Seen").text) == (["third"], '["third",true,"third"]')
    page.press("Change")
    assert page.widget("Seen").text == '["second",true,"second"]'
    page.press("Clear")
    assert page.widget("Seen").text == '["first",false,"first"]'


def editor(name: str = "Note", **props: Any) -> Tree:
    """A RichTextEditor as a page shows it."""
    given = {key: prop for key, prop in props.items() if key not in ("events", "live")}
    derived = {key: run(TYPE, given, f"self.{key}") for key in TYPE.derived}
    return widget("RichTextEditor", name, **{**derived, **props})


def rendered(**props: Any) -> Element:
    """The rendered widget."""
    return html(render_widget(view_of(editor(**props)), "Note"))


def test_the_field_is_native() -> None:
    """A text area with its label, which holds cleaned HTML; the box of the editor is empty."""
    tree = rendered(
        labelText="Note", tooltip="Hint", isRequired=True, defaultText="<b>a</b><img src=x onerror=y>"
    )
    field = tree.find("textarea")
    assert (field["id"], field["name"], field["form"]) == ("c.Note", "v.Note", "portico")
    assert field.text == "<b>a</b>"
    assert "required" in field
    assert tree.find("label")["for"] == "c.Note"
    assert tree.find(class_="rich").children == []
    assert list(rendered(inputType="markdown", defaultText="# <b>").matching(class_="rich")) == []
    assert rendered(inputType="markdown", defaultText="# <b>").find("textarea").text == "# <b>"


def test_no_word_breaks_out() -> None:
    """40 payloads as text, label and hint."""
    for kind in ("html", "markdown"):
        tags = [one.tag for one in rendered(inputType=kind, labelText="x", tooltip="y").all]
        for payload in PAYLOADS:
            tree = rendered(inputType=kind, defaultText=payload, labelText=payload, tooltip=payload)
            assert [one.tag for one in tree.all] == tags


# In a browser

PAGE = """
title: Note
widgets:
  - name: F
    type: Form
    widgets:
      - name: Note
        type: RichTextEditor
        labelText: Note
        defaultText: "<p>Some words</p>"
      - {name: Send, type: Button, text: Send, onClick: "{{ showAlert(Note.text) }}"}
  - {name: Change, type: Button, text: Set, onClick: "{{ Note.setValue('<p>Set <b>anew</b></p>') }}"}
  - name: Evil
    type: Button
    text: Evil
    onClick: "{{ Note.setValue('<img src=x onerror=window.__xss=1>a') }}"
  - {name: Seen, type: Text, disableLink: true, text: "{{ 'Text: ' + Note.text.replaceAll('<', '[') }}"}
"""


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[PorticoServer]:
    root = write(tmp_path, {"app.yaml": "auth: none\n", "pages/Note/page.yaml": PAGE})
    with PorticoServer([root], folder=tmp_path) as server:
        yield server


def opened(server: PorticoServer, page: Page) -> None:
    """The page, alive."""
    page.goto(f"{server.url}/shop/Note")
    alive(page)
    expect(page.locator(".editor")).to_have_text("Some words")


def test_text_is_edited_as_it_looks(server: PorticoServer, open_page: OpenPage) -> None:
    """Typed, formatted by keyboard and by the tools, linked; bindings follow, new HTML of the page leaves the
    editor alone, and scripts can set it."""
    page = open_page()
    opened(server, page)
    box = page.get_by_role("textbox", name="Note")
    box.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("Hello")
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Bold").click()
    expect(page.get_by_role("button", name="Bold")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#w\\.Seen")).to_contain_text("[b>Hello[/b>")
    page.get_by_role("button", name="Link").click()
    page.get_by_label("Address of the link").fill("https://x.io/a")
    page.keyboard.press("Enter")
    expect(page.locator("#w\\.Seen")).to_contain_text('[a href="https://x.io/a"')
    assert box.evaluate("(box) => box.innerHTML").count("<b>") == 1
    page.get_by_role("button", name="Bullets").click()
    expect(page.locator("#w\\.Seen")).to_contain_text("[li>")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#alerts")).to_contain_text("<li>")
    page.get_by_role("button", name="Set").click()
    expect(box.locator("b")).to_have_text("anew")
    expect(page.locator("#w\\.Note .toolbar button")).to_have_count(11)


def test_nothing_gets_in_by_other_ways(server: PorticoServer, open_page: OpenPage) -> None:
    """Neither what scripts of the app set, nor what is pasted, is more than text."""
    page = open_page()
    opened(server, page)
    page.get_by_role("button", name="Evil").click()
    expect(page.locator(".editor")).to_have_text("a")
    assert page.locator(".editor img").count() == 0
    page.locator(".editor").evaluate("""(box) => {
      box.focus();
      const data = new DataTransfer();
      data.setData("text/html", "<p style='color:red' onclick='x()'>b<img src=x onerror=window.__xss=1>"
        + "<a href='javascript:window.__xss=1'>c</a><strike>d</strike></p><script>window.__xss=1</script>");
      const options = { clipboardData: data, bubbles: true, cancelable: true };
      box.dispatchEvent(new ClipboardEvent("paste", options));
    }""")
    expect(page.locator(".editor s")).to_have_text("d")
    inside = page.locator(".editor").evaluate("(box) => box.innerHTML")
    assert not any(word in inside for word in ("style", "onclick", "img", "javascript", "script")), inside
    assert page.evaluate("window.__xss") is None
    until(lambda: "script" not in page.locator("textarea").input_value(), page)


def test_it_works_without_scripts(server: PorticoServer, open_page: OpenPage) -> None:
    """As HTML, cleaned on its way."""
    page = open_page(java_script_enabled=False)
    page.goto(f"{server.url}/shop/Note")
    page.get_by_label("Note").fill("<p>By <i>hand</i><script>x</script></p>")
    page.get_by_role("button", name="Send").click()
    assert page.locator("#alerts").inner_text().strip() == "<p>By <i>hand</i></p>"


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """No rule of axe is broken and nothing overflows, whatever state it is in."""
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    view = view_of(
        editor("A", labelText="Note", tooltip="Hint", defaultText="<h2>A</h2><p>" + "long" * 99 + "</p>"),
        editor("B", labelText="Wrong", isRequired=True, isDirty=True),
        editor("C", labelText="", isToolbarHidden=True, defaultText="c"),
        editor("D", labelText="Disabled", isDisabled=True, defaultText="d"),
        editor("E", labelText="Markdown", inputType="markdown", labelPosition="Left"),
        parts=frozenset({"editor"}),
    )
    page.goto(stage.show(view))
    alive(page)
    expect(page.locator(".editor")).to_have_count(4)
    page.locator("#w\\.A").get_by_role("button", name="Link").click()
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
