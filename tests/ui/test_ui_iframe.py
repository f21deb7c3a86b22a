"""Iframe: what may stand in it, and what it may do."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.model.app import BrowserOrigins
from portico.ui.render import render_widget
from portico.ui.widgets.iframe import MESSAGE_LIMIT, parse_message
from tests.definition.apps import write
from tests.journeys.servers import PorticoServer
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element, parse
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does, text_of
from tests.ui.sites import view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive
from tests.ui.test_ui_looks import AXE

DECLARED = {"browser": BrowserOrigins(frames=("https://x.io",))}


def iframe(**props: Any) -> Element:
    """A rendered Iframe of an app that declares an origin."""
    return parse(render_widget(view_of(widget("Iframe", "Clip", **props), app=DECLARED), "Clip"))


def test_a_declared_page_stands_in_a_sandbox() -> None:
    """With its own origin, and no way to lead ours away."""
    found = iframe(source="https://x.io/a?b=1", title="A clip").find("iframe")
    assert (found["src"], found["title"]) == ("https://x.io/a?b=1", "A clip")
    assert "allow-top-navigation" not in found["sandbox"]
    assert iframe(source="https://x.io/a").find("iframe")["title"] == "Clip"


@pytest.mark.parametrize(
    "source",
    [
        "https://evil.io/",
        "http://x.io/",
        "https://x.io:8443/",
        "https://x.io@evil.io/",
        "//x.io/",
        "/shop/Home",
        "javascript:alert(1)",
        "data:text/html,x",
        "",
        None,
        5,
    ],
)
def test_anything_else_is_no_frame(source: object) -> None:
    """Other origins are a link at most, whatever else is none."""
    tree = iframe(source=source)
    assert list(tree.matching("iframe")) == []
    links = [one["href"] for one in tree.matching("a")]
    assert links == ([source] if str(source).startswith("http") and "@" not in str(source) else [])


def test_html_of_its_own_is_at_rest() -> None:
    """It goes before an address, and may do nothing."""
    found = iframe(source="https://x.io/", srcDoc='<p class="x">Hi</p>').find("iframe")
    assert (found["sandbox"], found["srcdoc"], "src" in found) == ("", '<p class="x">Hi</p>', False)


def test_no_word_breaks_out() -> None:
    """40 payloads as each of its words."""
    for payload in PAYLOADS:
        for name in ("source", "srcDoc", "title"):
            tags = {one.tag for one in iframe(**{"source": "https://x.io/", name: payload}).all}
            assert tags <= {"", "div", "iframe", "p", "b", "a"}


def message(data: object, origin: str = "https://x.io") -> str:
    """What the client posts."""
    return json.dumps({"data": data, "origin": origin})


@pytest.mark.parametrize(
    "posted",
    [
        None,
        1,
        "",
        "{",
        "[]",
        "{}",
        '{"data": 1}',
        message(1, "https://evil.io"),
        message("x" * MESSAGE_LIMIT),
        "[" * 50_000,
    ],
)
def test_what_is_no_message_is_dropped(posted: object) -> None:
    """Of another shape, origin or size."""
    with pytest.raises(ValueError):  # noqa: PT011  # of any kind: that is the contract
        parse_message(posted, {"source": "https://x.io/a"})


def test_code_hears_messages(tmp_path: Path) -> None:
    """`message`, its origin, the event; `setURL` changes the page."""
    frame = {
        "name": "Clip",
        "type": "Iframe",
        "source": "https://x.io/a",
        "onMessageReceived": "{{ showAlert('heard ' + Clip.message.n) }}",
    }
    seen = text_of(
        "Seen", "[Clip.message, Clip.messageMetadata?.origin.length ?? null, Clip.source.slice(-1)]"
    )
    page = Running(tmp_path, frame, seen, does("Go", "Clip.setURL('https://x.io/b')"))
    assert page.widget("Seen").text == '[null,null,"a"]'
    assert page.post("Clip:message", message({"n": 7}))
    assert page.said == ["heard 7"]
    assert page.widget("Seen").text == '[{"n":7},12,"a"]'
    page.press("Go")
    assert page.widget("Seen").text.endswith('"b"]')


# In a browser

FRAMED = b"""<!doctype html><title>Framed</title><p id=who>framed</p><script>
parent.postMessage({ hello: location.search }, "*");
try { top.location = "https://evil.example/"; } catch { document.title = "held"; }
</script>"""


class _Framed(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """The page in the frame."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(FRAMED)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(name="other")
def _other() -> Iterator[str]:
    """Another origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Framed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_page_in_a_frame_talks_to_its_app(tmp_path: Path, other: str, open_page: OpenPage) -> None:
    """Its message runs the event; `onURLChanged` and `onSrcDocChanged` tell of other addresses and HTML;
    it does not lead the page away. HTML of the app's own runs nothing."""
    root = write(
        tmp_path,
        {
            "app.yaml": f"auth: none\nbrowser: {{frames: [{other}]}}\n",
            "pages/Home/page.yaml": f"""
widgets:
  - name: Clip
    type: Iframe
    source: "{other}/?one"
    onMessageReceived: "{{{{ showAlert('heard ' + Clip.message.hello) }}}}"
    onURLChanged: "{{{{ showAlert('now ' + Clip.source.slice(-3)) }}}}"
  - {{name: Words, type: Input, label: Words, defaultText: At rest}}
  - name: Own
    type: Iframe
    srcDoc: "<p>{{{{ Words.text }}}}</p>"
    onSrcDocChanged: "{{{{ storeValue('written', Words.text) }}}}"
  - {{name: Written, type: Text, text: "{{{{ 'written ' + appsmith.store.written }}}}"}}
  - {{name: Go, type: Button, text: Go, onClick: "{{{{ Clip.setURL('{other}/?two') }}}}"}}
""",
        },
    )
    with PorticoServer([root], folder=tmp_path) as server:
        page = open_page()
        page.goto(f"{server.url}/shop/Home")
        alive(page)
        expect(page.get_by_text("heard ?one")).to_be_visible()
        expect(page.frame_locator("#w\\.Own iframe").get_by_text("At rest")).to_be_visible()
        page.get_by_role("button", name="Go").click()
        expect(page.get_by_text("now two")).to_be_visible()
        expect(page.get_by_text("heard ?two")).to_be_visible()
        page.get_by_label("Words").fill("Anew")
        expect(page.get_by_text("written Anew")).to_be_visible()
        expect(page.frame_locator("#w\\.Own iframe").get_by_text("Anew")).to_be_visible()
        assert page.url == f"{server.url}/shop/Home"


def test_what_was_not_declared_does_not_load(tmp_path: Path, other: str, open_page: OpenPage) -> None:
    """The policy alone would stop it; the widget does not even try."""
    page_yaml = f'widgets:\n  - {{name: Clip, type: Iframe, source: "{other}/"}}\n'
    root = write(tmp_path, {"app.yaml": "auth: none\n", "pages/Home/page.yaml": page_yaml})
    with PorticoServer([root], folder=tmp_path) as server:
        page = open_page()
        page.goto(f"{server.url}/shop/Home")
        expect(page.get_by_text("This app does not show pages of")).to_be_visible()
        assert page.locator("iframe").count() == 0
        assert len(page.frames) == 1


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """No rule of axe is broken and nothing overflows."""
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    view = view_of(
        widget("Iframe", "A", srcDoc="<!doctype html><html lang=en><title>t</title><main><h1>Hi</h1></main>"),
        widget("Iframe", "B", source="https://" + "evil." * 30 + "io/"),
        widget("Iframe", "C"),
    )
    page.goto(stage.show(view))
    alive(page)
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
