"""FilePicker: what it takes, what it says, and files from a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from portico.ui.render import render_widget
from portico.ui.widgets.file_picker import parse, parse_drop, reading
from tests.definition.apps import write
from tests.journeys.servers import PorticoServer
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element
from tests.ui.markup import parse as html
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does, text_of
from tests.ui.sites import view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive
from tests.ui.test_ui_looks import AXE
from tests.web.sink import Sink
from tests.web.test_uploads import PNG

NOTHING: dict[str, Any] = {"files": [], "refused": []}
PLAIN: dict[str, Any] = {"maxNumFiles": 3, "maxFileSize": 5, "allowedFileTypes": [], "selection": NOTHING}


def file(name: str = "a.txt", kind: str = "text/plain", size: int = 5, id: str = "1") -> dict[str, Any]:  # noqa: A002
    """What the runtime knows of an upload."""
    return {"id": id, "name": name, "type": kind, "size": size}


@pytest.mark.parametrize(
    ("allowed", "taken"),
    [
        ([], ["a.txt", "b.png", "c.pdf"]),
        (["*"], ["a.txt", "b.png", "c.pdf"]),
        (["image/*"], ["b.png"]),
        ([".PDF", "text/plain"], ["a.txt", "c.pdf"]),
        (["image/jpeg"], []),
        ("image/*", ["b.png"]),
        (None, ["a.txt", "b.png", "c.pdf"]),
    ],
)
def test_kinds(allowed: object, taken: list[str]) -> None:
    """By ending, by type, by family; everything if nothing is said."""
    files = [file(), file("b.png", "image/png", id="2"), file("c.pdf", "application/pdf", id="3")]
    found = parse(files, {**PLAIN, "allowedFileTypes": allowed})
    assert [one["name"] for one in found["files"]] == taken
    assert len(found["refused"]) == 3 - len(taken)


def test_sizes_and_numbers() -> None:
    """`maxFileSize` in megabytes and `maxNumFiles`; one file takes the place of another, several add up."""
    large = file("b.txt", size=2 * 1024 * 1024 + 1, id="2")
    assert parse([file(), large], {**PLAIN, "maxFileSize": 2})["refused"] == ["b.txt is larger than 2 MB."]
    assert parse([large], {**PLAIN, "maxFileSize": "x"})["refused"] == []
    assert parse([file(size=21 << 20)], {**PLAIN, "maxFileSize": 500})["refused"] != []
    held = {**PLAIN, "selection": parse([file(), file("b.txt", id="2")], PLAIN)}
    more = parse([file("c.txt", id="3"), file("d.txt", id="4")], held)
    assert [one["id"] for one in more["files"]] == ["1", "2", "3"]
    assert more["refused"] == ["d.txt is one too many: at most 3."]
    single = {**held, "maxNumFiles": 1}
    assert [one["id"] for one in parse([file(id="9")], single)["files"]] == ["9"]
    # What was refused takes the place of nothing.
    assert [one["id"] for one in parse([file("x.png", "text/plain", id="9")], single)["files"]] == ["1"]


@pytest.mark.parametrize("posted", [None, "", "[]", 1, [1], ["a"], {"files": []}])
def test_what_is_no_files_changes_nothing(posted: object) -> None:
    """Only what the runtime says of uploads is one."""
    with pytest.raises(ValueError, match="no files"):
        parse(posted, PLAIN)


def test_dropping() -> None:
    """One file less; what is not there cannot be dropped."""
    held = {**PLAIN, "selection": parse([file(), file("b.txt", id="2")], PLAIN)}
    assert [one["id"] for one in parse_drop("1", held)["files"]] == ["2"]
    with pytest.raises(ValueError, match="no such file"):
        parse_drop("3", held)


def test_readings() -> None:
    """`fileDataType`, and rows of words without `dynamicTyping`."""
    assert reading({"fileDataType": "Text", "dynamicTyping": False}) == "Text"
    assert reading({"fileDataType": "Array", "dynamicTyping": True}) == "Array"
    assert reading({"fileDataType": "Array", "dynamicTyping": False}) == "Array as text"


def test_code_reads_files_and_validity(tmp_path: Path) -> None:
    """`files`, `isValid`, `isDirty`, and what a Form makes of it; a reset takes them away. A file whose
    content nobody gave is not there."""
    form = {
        "name": "F",
        "type": "Form",
        "widgets": [
            {
                "name": "Pick",
                "type": "FilePicker",
                "isRequired": True,
                "fileDataType": "Text",
                "maxNumFiles": 2,
            }
        ],
    }
    codes = "[Pick.files, Pick.isValid, Pick.isDirty, F.isValid, F.data]"
    page = Running(tmp_path, form, text_of("Seen", codes), does("Clear", "resetWidget('Pick')"))
    assert page.widget("Seen").text == '[[],false,false,false,{"Pick":[]}]'
    page._session.turn({"k": "files", "files": {"1": "words"}})
    assert page.post("Pick", [file(), file("gone.txt", id="2")])
    shown = page.widget("Seen").text
    assert '"data":"words","dataFormat":"Text"' in shown
    assert "gone.txt" not in shown
    assert "true,true,true" in shown
    assert "gone.txt is no longer here" in page.widget("Pick").find("p", class_="message").text
    page.press("Clear")
    assert page.widget("Seen").text == '[[],false,false,false,{"Pick":[]}]'


def test_what_is_in_files_stays_on_the_server(tmp_path: Path) -> None:
    """Neither `files` nor `value` leaves the sandbox."""
    page = Running(tmp_path, {"name": "Pick", "type": "FilePicker"}, text_of("Seen", "Pick.files[0].name"))
    page._session.turn({"k": "files", "files": {"1": "hush hush"}})
    page.post("Pick", [file()])
    assert "hush" not in str(page._session.props)
    assert page.widget("Seen").text == '"a.txt"'


def picker(**props: Any) -> Element:
    """A rendered FilePicker."""
    return html(render_widget(view_of(widget("FilePicker", "Pick", **props)), "Pick"))


def test_the_control_is_native() -> None:
    """A file input with its label, kinds and limits; a required one that has no file says so."""
    tree = picker(label="Photo", allowedFileTypes=["image/*", ".PDF", "*"], maxNumFiles=2, isRequired=True)
    found = tree.find("input", type="file")
    assert (found["id"], found["name"], found["form"]) == ("c.Pick", "v.Pick", "portico")
    assert (found["accept"], found["data-most"], found["data-bytes"]) == ("image/*,.pdf", "2", "5242880")
    assert "multiple" in found
    assert "required" in found
    assert tree.find("label")["for"] == "c.Pick"
    assert picker(label="").find("input", type="file")["aria-label"] == "Pick"
    assert all("disabled" in one for one in picker(isDisabled=True).matching("button"))


def test_no_word_breaks_out() -> None:
    """40 payloads as names, messages, label and hint."""
    calm = {"files": [file("calm", "calm", id="calm")], "refused": []}
    tags = [one.tag for one in picker(selection=calm, present=["calm"], label="x", tooltip="y").all]
    for payload in PAYLOADS:
        files = {"files": [file(payload, payload, id=payload)], "refused": [payload]}
        tree = picker(
            selection=files, present=[payload], message=payload, isDirty=True, label=payload, tooltip=payload
        )
        assert [one.tag for one in tree.all] == tags


# In a browser

PAGE = """
title: Send
widgets:
  - name: F
    type: Form
    widgets:
      - {name: Name, type: Input, label: Name}
      - name: Pick
        type: FilePicker
        label: Photos
        maxNumFiles: 2
        maxFileSize: 1
        onFilesSelected: "{{ showAlert('chosen ' + Pick.files.length) }}"
      - {name: Send, type: Button, text: Send, onClick: "{{ send.run().then(() => showAlert('sent')) }}"}
  - {name: Seen, type: Text, text: "{{ 'Seen ' + Pick.files.map((file) => file.name).join(', ') }}"}
"""
QUERY = """
datasource: api
method: POST
path: /files
body_type: multipart
body: {file: "{{ Pick.files }}", name: "{{ Name.text }}"}
"""


@pytest.fixture(name="sink")
def _sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(name="server")
def _server(tmp_path: Path, sink: Sink) -> Iterator[PorticoServer]:
    root = write(
        tmp_path,
        {
            "app.yaml": "auth: none\n",
            "datasources/api.yaml": f"url: {sink.url}\nallow_private: true\n",
            "pages/Send/page.yaml": PAGE,
            "pages/Send/queries/send.yaml": QUERY,
        },
    )
    with PorticoServer([root], folder=tmp_path) as server:
        yield server


PHOTO: FilePayload = {"name": "a.png", "mimeType": "x/y", "buffer": PNG}


def chosen(page: Page) -> list[str]:
    """The names in the list of files."""
    return page.locator(".chosen .called").all_text_contents()


def test_files_are_sent_as_they_are_chosen(server: PorticoServer, sink: Sink, open_page: OpenPage) -> None:
    """Chosen, which runs onFilesSelected, and shown; one removed by keyboard, too large and too many refused
    in words; then sent."""
    page = open_page()
    page.goto(f"{server.url}/shop/Send")
    alive(page)
    picker = page.get_by_label("Photos")
    text: FilePayload = {"name": "b.txt", "mimeType": "text/plain", "buffer": b"words"}
    picker.set_input_files([PHOTO, text])
    expect(page.get_by_text("chosen 2")).to_be_visible()
    expect(page.get_by_text("Seen a.png, b.txt")).to_be_visible()
    assert chosen(page) == ["a.png", "b.txt"]
    page.get_by_label("Remove b.txt").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#w\\.Seen")).to_have_text("Seen a.png")
    large: FilePayload = {"name": "large.bin", "mimeType": "x/y", "buffer": b"x" * (2 << 20)}
    picker.set_input_files([large])
    expect(page.locator("#e\\.Pick")).to_have_text("large.bin is too large.")
    assert chosen(page) == ["a.png"]
    # Enter in the form sends it, and removes nothing.
    page.get_by_label("Name").fill("Ada")
    page.keyboard.press("Enter")
    expect(page.get_by_text("sent", exact=True)).to_be_visible()
    assert sink.parts() == [
        ("file", "a.png", "image/png", PNG),
        ("name", None, "text/plain", b"Ada"),
    ]


def test_a_failure_is_said(server: PorticoServer, open_page: OpenPage) -> None:
    """Where the server cannot be reached the picker says so, and takes files again afterwards."""
    page = open_page()
    page.goto(f"{server.url}/shop/Send")
    alive(page)
    page.route("**/_uploads", lambda route: route.abort())
    picker = page.get_by_label("Photos")
    picker.set_input_files([PHOTO])
    expect(page.locator("#e\\.Pick")).to_contain_text("a.png: It could not be sent.")
    page.unroute("**/_uploads")
    picker.set_input_files([PHOTO])
    expect(page.get_by_text("Seen a.png")).to_be_visible()
    expect(page.locator("#e\\.Pick")).to_be_hidden()


def test_it_works_without_scripts(server: PorticoServer, sink: Sink, open_page: OpenPage) -> None:
    """The form brings the file; it stays chosen for what follows."""
    page = open_page(java_script_enabled=False)
    page.goto(f"{server.url}/shop/Send")
    page.get_by_label("Photos").set_input_files([PHOTO])
    page.get_by_role("button", name="Upload").click()
    assert chosen(page) == ["a.png"]
    assert page.get_by_text("chosen 1").count() == 1
    page.get_by_label("Name").fill("Ada")
    page.get_by_role("button", name="Send").click()
    assert sink.parts()[0] == ("file", "a.png", "image/png", PNG)
    assert chosen(page) == ["a.png"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """No rule of axe is broken and nothing overflows, whatever state it is in."""
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    files = {"files": [file("long" * 60 + ".png", id="1"), file(id="2", size=3 << 20)], "refused": []}
    view = view_of(
        widget("FilePicker", "A", label="Empty", tooltip="Up to 5 MB"),
        widget("FilePicker", "B", label="Full", selection=files, present=["1", "2"], maxNumFiles=2),
        widget("FilePicker", "C", label="Wrong", isDirty=True, message="x is too large.", isRequired=True),
        widget("FilePicker", "D", label="Disabled", isDisabled=True),
    )
    page.goto(stage.show(view))
    alive(page)
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
