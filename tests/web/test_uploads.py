"""Files from a browser through the whole server to another API (promise 56)."""

import base64
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from portico.runtime import uploads as store
from portico.web import uploads as web_uploads
from tests.definition.apps import write
from tests.web.served import Served, served
from tests.web.sink import Sink

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
#: More than scripts get as it is.
LARGE = b"\x89PNG\r\n\x1a\n" + secrets.token_bytes(3 << 20)

PAGE = """
title: Send
access: public
widgets:
  - name: Seen
    type: Text
    text: |
      {{ JSON.stringify(Pick.files.map((f) =>
        [f.name, f.type, f.size, f.dataFormat, String(f.data).slice(0, 60)])) }}
  - name: Pick
    type: FilePicker
    maxNumFiles: 3
    maxFileSize: 20
    allowedFileTypes: [".txt", "image/*", ".csv", ".bin"]
    fileDataType: FORMAT
    onFilesSelected: "{{ showAlert('chosen ' + Pick.files.length) }}"
  - name: OtherPick
    type: FilePicker
    isDisabled: true
  - name: Send
    type: Button
    onClick: "{{ send.run(() => showAlert('sent ' + send.data.got), (e) => showAlert(e)) }}"
  - {name: SendJson, type: Button, onClick: "{{ sendJson.run(() => {}, (e) => showAlert(e)) }}"}
  - name: SendBare
    type: Button
    onClick: "{{ sendBare.run({data: Pick.files[0].data.split(',')[1]}) }}"
  - {name: Clear, type: Button, text: Clear, onClick: "{{ resetWidget('Pick') }}"}
"""
FILES = {
    "app.yaml": "auth: none\n",
    "datasources/api.yaml": "url: ${API_URL:-http://127.0.0.1:1}\nallow_private: true\nmax_bytes: 40000000\n",
    "pages/Send/page.yaml": PAGE,
    "pages/Send/queries/send.yaml": (
        "datasource: api\nmethod: POST\npath: /files\nbody_type: multipart\n"
        'body:\n  file: "{{ Pick.files }}"\n  note: "hi"\n'
    ),
    "pages/Send/queries/sendJson.yaml": (
        "datasource: api\nmethod: POST\npath: /json\n"
        'body: |\n  {"name": {{ Pick.files[0].name }}, "data": "{{ Pick.files[0].data }}"}\n'
    ),
    "pages/Send/queries/sendBare.yaml": (
        'datasource: api\nmethod: POST\npath: /json\nbody: "{{ {bare: this.params.data} }}"\n'
    ),
    "pages/Plain/page.yaml": "title: Plain\nwidgets:\n  - {name: T, type: Text, text: x}\n",
}


@pytest.fixture(name="sink")
def _sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@asynccontextmanager
async def serving(folder: Path, sink: Sink, form: str = "Base64") -> AsyncIterator[Served]:
    """The app, whose picker reads files like this."""
    page = PAGE.replace("FORMAT", form)
    app = write(folder, {**FILES, "pages/Send/page.yaml": page})
    async with served(app, settings={"API_URL": sink.url}) as found:
        yield found


class Tab:
    """An open page in a browser whose scripts run."""

    def __init__(self, browser: httpx.AsyncClient, path: str = "/shop/Send") -> None:
        self.browser, self.path = browser, path
        self.visit, self.n = secrets.token_urlsafe(16), 0

    async def upload(self, content: Any, name: str = "a.txt", **headers: str) -> httpx.Response:
        """Send a file."""
        said = {"Portico-Event": "1", "Portico-Visit": self.visit, "Portico-Name": name, **headers}
        return await self.browser.post(f"{self.path}/_uploads", content=content, headers=said)

    async def event(self, widget: str | None, event: str, **values: Any) -> dict[str, Any]:
        """An event; the last line of its answer, with all alerts and HTML."""
        self.n += 1
        body = {"visit": self.visit, "n": self.n, "widget": widget, "event": event, "values": values}
        answer = await self.browser.post(self.path, json=body, headers={"Portico-Event": "1"})
        found: dict[str, Any] = {"alerts": [], "html": {}, "status": answer.status_code}
        for line in map(json.loads, answer.text.splitlines()):
            found["alerts"] += [alert["message"] for alert in line.get("alerts", [])]
            found["html"] |= line.get("html", {})
        return found

    async def choose(self, *files: tuple[str, bytes]) -> dict[str, Any]:
        """Send files and tell the page, as the client does."""
        ids = [(await self.upload(content, name)).json()["id"] for name, content in files]
        return await self.event("Pick", "change", Pick=json.dumps(ids))


def seen(answer: dict[str, Any]) -> Any:
    """What scripts have of the files."""
    text = re.sub(r"<[^>]*>", "", answer["html"]["Seen"])
    return json.loads(text.strip().replace("&#34;", '"').replace("&quot;", '"'))


async def test_a_small_file_is_what_scripts_read(tmp_path: Path, sink: Sink) -> None:
    """Name, type, size, and a data URL; the event of the choice runs; a query sends the very bytes."""
    async with serving(tmp_path, sink) as server, server.browser() as browser:
        tab = Tab(browser)
        chosen = await tab.choose(("my%20cat.png", PNG))
        assert chosen["alerts"] == ["chosen 1"]
        data = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
        assert seen(chosen) == [["my cat.png", "image/png", len(PNG), "Base64", data[:60]]]
        assert (await tab.event("Send", "onClick"))["alerts"] == [f"sent {len(sink.bodies[0])}"]
        assert sink.parts() == [
            ("file", "my cat.png", "image/png", PNG),
            ("note", None, "text/plain", b"hi"),
        ]
        await tab.event("SendJson", "onClick")
        assert json.loads(sink.bodies[-1]) == {"name": "my cat.png", "data": data}


@pytest.mark.parametrize("form", ["Base64", "Binary"])
async def test_a_large_file_never_enters_the_script_engine(tmp_path: Path, sink: Sink, form: str) -> None:
    """Scripts have a handle, of which a data URL's comma can be cut; requests carry the content."""
    async with serving(tmp_path, sink, form) as server, server.browser() as browser:
        tab = Tab(browser)
        ((name, kind, size, _, data),) = seen(await tab.choose(("big.png", LARGE)))
        assert (name, kind, size) == ("big.png", "image/png", len(LARGE))
        assert "portico-file-" in data
        await tab.event("Send", "onClick")
        assert sink.parts()[0] == ("file", "big.png", "image/png", LARGE)
        if form == "Base64":
            await tab.event("SendJson", "onClick")
            sent = json.loads(sink.bodies[-1])["data"]
            assert sent == f"data:image/png;base64,{base64.b64encode(LARGE).decode()}"
            await tab.event("SendBare", "onClick")
            assert base64.b64decode(json.loads(sink.bodies[-1])["bare"]) == LARGE


async def test_text_keeps_its_quotes_in_json(tmp_path: Path, sink: Sink) -> None:
    """What stands behind a handle is written as the body is."""
    text = 'a "quoted" line\n\\ and ü ' * 120_000
    async with serving(tmp_path, sink, "Text") as server, server.browser() as browser:
        tab = Tab(browser)
        await tab.choose(("a.txt", text.encode()))
        await tab.event("SendJson", "onClick")
        assert json.loads(sink.bodies[-1])["data"] == text


async def test_tables_are_rows(tmp_path: Path, sink: Sink) -> None:
    """`Array` reads CSV, numbers included."""
    async with serving(tmp_path, sink, "Array") as server, server.browser() as browser:
        chosen = await Tab(browser).choose(("a.csv", b'name,age\r\nAda,36\r\n"Bob, B.",x\r\n'))
        assert chosen["alerts"] == ["chosen 1"]
        assert seen(chosen)[0][:4] == ["a.csv", "text/csv", 31, "Array"]


async def test_without_scripts_a_form_brings_the_files(tmp_path: Path, sink: Sink) -> None:
    """A multipart post of the page: files are shown, kept by the visit, and sent by the next press."""
    async with serving(tmp_path, sink) as server, server.browser() as browser:
        page = (await browser.get("/shop/Send")).text
        assert 'enctype="multipart/form-data"' in page
        form = {"portico.visit": secrets.token_urlsafe(16), "portico.n": "0"}
        shown = await browser.post(
            "/shop/Send",
            data={**form, "portico.event": "change"},
            files=[("v.Pick", ("../../etc/cat.png", PNG, "text/html")), ("v.OtherPick", ("", b"", ""))],
        )
        assert shown.status_code == 200
        assert "chosen 1" in shown.text
        assert 'title="cat.png"' in shown.text
        sent = await browser.post(
            "/shop/Send", data={**form, "portico.n": "1", "portico.event": "Send onClick"}
        )
        assert "sent " in sent.text
        assert sink.parts()[0] == ("file", "cat.png", "image/png", PNG)
        # The same form with another file is another event; the one with this file again is not.
        for content, said in ((b"more", True), (b"more", False)):
            again = await browser.post(
                "/shop/Send",
                data={**form, "portico.n": "2", "portico.event": "change"},
                files={"v.Pick": ("more.txt", content, "text/plain")},
            )
            assert ("chosen 2" in again.text) is True, said


async def test_files_are_taken_away(tmp_path: Path, sink: Sink) -> None:
    """By the button beside each, and by a reset."""
    async with serving(tmp_path, sink) as server, server.browser() as browser:
        tab = Tab(browser)
        shown = (await tab.choose(("a.txt", b"a"), ("b.txt", b"b")))["html"]["Pick"]
        first = re.findall(r'name="v.Pick:drop" value="([0-9a-f]{40})', shown)[0]
        dropped = await tab.event("Pick:drop", "change", **{"Pick:drop": first})
        assert [file[0] for file in seen(dropped)] == ["b.txt"]
        assert seen(await tab.event("Clear", "onClick")) == []


REFUSED = {
    "too large": (("a.txt", b"x" * (store.FILE_LIMIT + 1)), 413),
    "no header": (("a.txt", b"x"), 400),
    "no page": (("a.txt", b"x"), 404),
    "no picker": (("a.txt", b"x"), 404),
    "another site": (("a.txt", b"x"), 403),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_what_is_not_for_a_page_is_refused(tmp_path: Path, sink: Sink, why: str) -> None:
    """Too much, from elsewhere, or for a page that takes no files."""
    (name, content), status = REFUSED[why]
    paths = {"no page": "/shop/Nowhere", "no picker": "/shop/Plain"}
    headers = {"no header": {"Portico-Event": "0"}, "another site": {"Sec-Fetch-Site": "cross-site"}}
    async with serving(tmp_path, sink) as server, server.browser() as browser:
        tab = Tab(browser, paths.get(why, "/shop/Send"))
        assert (await tab.upload(content, name, **headers.get(why, {}))).status_code == status
        assert (await browser.get(f"{tab.path}/_uploads")).status_code in (404, 405), "nothing is served back"


async def test_reading_ends_at_the_limit(tmp_path: Path, sink: Sink) -> None:
    """Whatever a sender says of the length: not more than the limit and 64 KiB are read."""
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 3 * store.FILE_LIMIT:
            read += 32 << 10
            yield b"x" * (32 << 10)

    async with serving(tmp_path, sink) as server, server.browser() as browser:
        answer = await Tab(browser).upload(endless())
        assert answer.status_code == 413
        # The transport of the test reads one chunk ahead.
        assert read <= store.FILE_LIMIT + (64 << 10) + (32 << 10)
        form = {"portico.event": "change"}
        big = ("v.Pick", ("a.bin", b"x" * (web_uploads.FORM_LIMIT + (2 << 20)), "x/y"))
        assert (await browser.post("/shop/Send", data=form, files=[big])).status_code == 413
        # A page without a picker takes as much as any form holds.
        assert (await browser.post("/shop/Plain", data=form, files=[big])).status_code == 413
        small = ("v.Pick", ("a.bin", b"x", "x/y"))
        assert (await browser.post("/shop/Plain", data=form, files=[small])).status_code == 400


async def test_a_file_is_its_visits_alone(tmp_path: Path, sink: Sink) -> None:
    """The id of an upload is nothing to another visit; nor are words about a file that was never sent."""
    async with serving(tmp_path, sink) as server, server.browser() as browser, server.browser() as other:
        mine, theirs = Tab(browser), Tab(other)
        identity = (await mine.upload(b"secret", "a.txt")).json()["id"]
        assert (await theirs.event("Pick", "change", Pick=json.dumps([identity])))["alerts"] == ["chosen 0"]
        made_up = [{"id": identity, "name": "x", "type": "image/png", "size": 1}]
        await theirs.event("Pick", "change", Pick=made_up)
        await theirs.event("Send", "onClick")
        assert b"secret" not in b"".join(sink.bodies)
        assert (await mine.event("Pick", "change", Pick=json.dumps([identity])))["alerts"] == ["chosen 1"]


async def test_the_check_would_notice(tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: where files were not bound to visits, the other visit would send it."""
    monkeypatch.setattr(store.Uploads, "of", lambda self, owner: dict(self._held))
    async with serving(tmp_path, sink) as server, server.browser() as browser, server.browser() as other:
        mine, theirs = Tab(browser), Tab(other)
        identity = (await mine.upload(b"secret", "a.txt")).json()["id"]
        await theirs.event("Pick", "change", Pick=json.dumps([identity]))
        await theirs.event("Send", "onClick")
        assert b"secret" in b"".join(sink.bodies)


async def test_a_handle_of_another_visit_is_not_filled(tmp_path: Path, sink: Sink) -> None:
    """Who learns the word that stands for a file of somebody else gets nothing for it: the query fails."""
    async with (
        serving(tmp_path, sink, "Text") as server,
        server.browser() as browser,
        server.browser() as other,
    ):
        mine, theirs = Tab(browser), Tab(other)
        ((*_, handle),) = seen(await mine.choose(("a.txt", b"x" * (3 << 20))))
        assert handle.startswith("portico-file-t-")
        await theirs.choose(("b.txt", handle.encode()))
        failed = await theirs.event("SendJson", "onClick")
        assert failed["alerts"] == ["A file is no longer here. Please choose it again."]
        assert sink.bodies == []


async def test_a_disguise_and_what_is_not_wanted_are_refused(tmp_path: Path, sink: Sink) -> None:
    """By its content, not by what a browser says: no program is a picture."""
    async with serving(tmp_path, sink) as server, server.browser() as browser:
        tab = Tab(browser)
        chosen = await tab.choose(("cat.png", b"MZ\x90\x00" * 9), ("page.html", b"<p>"), ("ok.txt", b"fine"))
        assert [file[0] for file in seen(chosen)] == ["ok.txt"]
        assert "cat.png is not what its name says." in chosen["html"]["Pick"]
        assert "page.html is not one of the kinds" in chosen["html"]["Pick"]


async def test_a_disabled_picker_takes_nothing(tmp_path: Path, sink: Sink) -> None:
    """Values count only for inputs that are shown and enabled."""
    async with serving(tmp_path, sink) as server, server.browser() as browser:
        tab = Tab(browser)
        identity = (await tab.upload(b"x")).json()["id"]
        answer = await tab.event(None, "load")
        answer = await tab.event("Clear", "onClick", OtherPick=json.dumps([identity]))
        assert "OtherPick" not in answer["html"]


async def test_files_outlive_the_context_but_not_their_time(tmp_path: Path, sink: Sink) -> None:
    """A page that was let go of in between finds its files; half an hour later they are gone, and the
    request is not sent."""
    async with serving(tmp_path, sink) as server, server.browser() as browser:
        tab, other = Tab(browser), Tab(browser)
        await tab.choose(("a.png", PNG))
        server.clock.advance(timedelta(minutes=10))
        # Whoever comes makes room: the first page is only stored now.
        await other.event("Clear", "onClick")
        assert (await tab.event("Send", "onClick"))["alerts"] == [f"sent {len(sink.bodies[0])}"]
        assert sink.parts()[0][3] == PNG
        server.clock.advance(timedelta(minutes=31))
        await other.choose(("b.txt", b"b"))
        gone = await tab.event("Send", "onClick")
        assert "a.png is no longer here. Please choose it again." in gone["html"]["Pick"]
        assert [name for name, *_ in sink.parts()] == ["note"]


async def test_an_upload_of_another_process_is_looked_for_there(tmp_path: Path, sink: Sink) -> None:
    """As with timers: 421, and nothing ran; who insists goes on without the file. A made-up id of this
    process is no file."""
    both = serving(tmp_path / "a", sink), serving(tmp_path / "b", sink)
    async with both[0] as first, both[1] as second, first.browser() as one, second.browser() as two:
        there, here = Tab(one), Tab(two)
        identity = (await there.upload(b"x")).json()["id"]
        assert (await here.event("Pick", "change", Pick=json.dumps([identity])))["status"] == 421
        own = (await here.upload(b"y")).json()["id"]
        made_up = own[:8] + "0" * 32
        answer = await here.event("Pick", "change", Pick=json.dumps([own, made_up]))
        assert (answer["status"], [file[2] for file in seen(answer)]) == (200, [1])
        body = {"widget": "Pick", "event": "change", "values": {"Pick": json.dumps([identity])}}
        insisting = {"visit": here.visit, "n": 9, "insists": True, **body}
        found = await two.post("/shop/Send", json=insisting, headers={"Portico-Event": "1"})
        assert found.status_code == 200
