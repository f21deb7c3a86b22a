"""DocumentViewer: what is shown in place, and what is a link."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.model.app import BrowserOrigins
from portico.ui.render import render_widget
from tests.definition.apps import write
from tests.journeys.servers import PorticoServer
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element, parse
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does
from tests.ui.sites import LOGO, view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive
from tests.ui.test_ui_image import PIXEL
from tests.ui.test_ui_looks import AXE

APP = {
    "browser": BrowserOrigins(frames=("https://docs.io",), images=("https://pics.io",)),
    "files": {"logo.svg": LOGO},
}


def viewer(address: object, **props: Any) -> Element:
    """A rendered DocumentViewer."""
    return parse(
        render_widget(view_of(widget("DocumentViewer", "Doc", docUrl=address, **props), app=APP), "Doc")
    )


@pytest.mark.parametrize(
    ("address", "tag", "shown"),
    [
        ("https://docs.io/a.pdf", "iframe", "https://docs.io/a.pdf"),
        ("https://docs.io/a%2Epdf?x=1#page=2", "iframe", "https://docs.io/a%2Epdf?x=1#page=2"),
        ("https://docs.io/a.txt", "iframe", "https://docs.io/a.txt"),
        ("https://docs.io/a.png", "iframe", "https://docs.io/a.png"),
        ("https://pics.io/a.png", "img", "https://pics.io/a.png"),
        ("logo.svg", "img", "/hr/_files/logo.svg"),
        (f"data:image/png;base64,{PIXEL}", "img", f"data:image/png;base64,{PIXEL}"),
    ],
)
def test_what_is_shown_in_place(address: str, tag: str, shown: str) -> None:
    """Of declared origins, of the app, or a picture that comes along; all but a PDF in a sandbox."""
    found = viewer(address, title="A doc").find(tag)
    assert found["src"] == shown
    assert (found.get("title") or found.get("alt")) == "A doc"
    if tag == "iframe":
        assert found.get("sandbox") == (None if "pdf" in address else "")


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("https://docs.io/a.docx", "Open a.docx"),
        ("https://docs.io/", "Open Doc"),
        ("https://evil.io/a.pdf", "Open a.pdf"),
        ("https://pics.io/a.pdf", "Open a.pdf"),
        ("http://docs.io/a.pdf", "Open a.pdf"),
        ("https://docs.io:8443/my%20doc.pdf", "Open my doc.pdf"),
        ("data:application/pdf;base64,JVBERi0=", "Save Doc.pdf"),
        ("data:text/csv;charset=utf-8,a%2Cb", "Save Doc.csv"),
    ],
)
def test_what_is_a_link(address: str, text: str) -> None:
    """To open in a tab of its own, or to save: nothing is loaded into the page."""
    tree = viewer(address)
    (link,) = tree.matching("a")
    assert (link["href"], link.text) == (address, text)
    assert ("download" in link) is text.startswith("Save")
    assert not [one for one in tree.all if one.tag in ("iframe", "img", "object", "embed")]


@pytest.mark.parametrize(
    "address",
    [
        *("", None, 5, [], "nothing", "/etc/passwd", "//docs.io/a.pdf", "https://x@docs.io/a.pdf"),
        *(
            "javascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "data:font/woff,x",
        ),
        *("data:image/svg", "file:///a.pdf", "data:text/javascript,alert(1)"),
    ],
)
def test_what_is_nothing(address: object) -> None:
    """Neither shown nor linked."""
    tree = viewer(address)
    assert tree.find("p").text == "No document to show"
    assert not [one for one in tree.all if one.tag in ("iframe", "img", "a")]


def test_no_word_breaks_out() -> None:
    """40 payloads as address and title."""
    for payload in PAYLOADS:
        for address in (payload, f"https://docs.io/{payload}.pdf", f"https://evil.io/{payload}"):
            tags = {one.tag for one in viewer(address, title=payload).all}
            assert tags <= {"", "div", "iframe", "p", "a", "img"}


def test_code_shows_another(tmp_path: Path) -> None:
    """`setURL`."""
    page = Running(
        tmp_path,
        {"name": "Doc", "type": "DocumentViewer", "docUrl": "{{ '' }}"},
        does("Go", "Doc.setURL('data:text/plain,hi')"),
    )
    assert page.widget("Doc").find("p").text == "No document to show"
    page.press("Go")
    assert page.widget("Doc").find("a")["download"] == "Doc.txt"


# In a browser


class _Text(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """A page with a script."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p id=a>words</p><script>a.textContent = 'ran'</script>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(name="other")
def _other() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Text)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_text_is_at_rest(tmp_path: Path, other: str, open_page: OpenPage) -> None:
    """What a declared origin sends is shown, and runs nothing."""
    page_yaml = f'widgets:\n  - {{name: Doc, type: DocumentViewer, docUrl: "{other}/a.html"}}\n'
    manifest = f"auth: none\nbrowser: {{frames: [{other}]}}\n"
    root = write(tmp_path, {"app.yaml": manifest, "pages/Home/page.yaml": page_yaml})
    with PorticoServer([root], folder=tmp_path) as server:
        page = open_page()
        page.goto(f"{server.url}/shop/Home")
        expect(page.frame_locator("iframe").get_by_text("words")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """No rule of axe is broken and nothing overflows."""
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    view = view_of(
        widget("DocumentViewer", "A", docUrl=f"data:image/png;base64,{PIXEL}"),
        widget("DocumentViewer", "B", docUrl="https://evil.io/" + "long" * 60 + ".pdf"),
        widget("DocumentViewer", "C", docUrl="data:application/pdf;base64,JVBERi0="),
        widget("DocumentViewer", "D"),
        app=APP,
    )
    page.goto(stage.show(view))
    alive(page)
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
