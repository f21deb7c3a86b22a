"""What `portico dev` adds to a server, and that nothing of it is in `portico run`."""

import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.servers import EXAMPLES, DevServer, PorticoServer
from tests.journeys.upstream import Upstream, plain
from tests.web.conftest import client_of
from tests.web.posts import Tab

BENCH = Path(__file__).parents[1] / "journeys" / "apps" / "bench"
EVENTS = "/_portico/dev/events"
HOME = "pages/Home/page.yaml"
#: Words that stand in what `portico dev` sends to browsers, and nowhere else.
MARKS = (b"portico-dev", b"_portico/dev", b"data-dev", b"portico-renew", b"assets/dev.", b"portico.dev")


@pytest.fixture
def gate() -> threading.Event:
    """What the API waits for when it is asked for `slow`."""
    return threading.Event()


@pytest.fixture
def api(gate: threading.Event) -> Iterator[Upstream]:
    """The API behind the app."""
    upstream = Upstream(plain("200 OK", b""))

    def answer(connection: socket.socket) -> None:
        if b"/slow" in upstream.requests[-1]:
            gate.wait(30)
        plain("200 OK", json.dumps({"word": "hello"}).encode())(connection)

    upstream.answer = answer
    with upstream:
        yield upstream


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A copy of the app of the journeys."""
    return Path(shutil.copytree(BENCH, tmp_path / "bench"))


@pytest.fixture
def dev(bench: Path, api: Upstream, tmp_path: Path) -> Iterator[DevServer]:
    """It, served while it is built, beside the example."""
    settings = {"OTHER_URL": api.url}
    with DevServer([bench, EXAMPLES / "jwt-login"], folder=tmp_path, settings=settings) as running:
        yield running


@contextmanager
def stream(client: httpx.Client, *visits: str, app: str = "bench", **query: str) -> Iterator[Iterator[Any]]:
    """The messages of a page, each as (event, id, data)."""
    params: list[tuple[str, str | int | float | bool | None]] = [("app", app), *query.items()]
    params += [("visit", visit) for visit in visits]
    with client.stream("GET", EVENTS, params=params) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield messages(answer.iter_lines())


def messages(lines: Iterator[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Server-sent events, read as browsers read them."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        else:
            if "data" in fields:
                yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
            fields = {}


def until(found: Iterator[Any], wanted: Callable[[Any], bool]) -> Any:
    """The first message like this."""
    return next(message for message in found if wanted(message))


def rewrite(file: Path, *pairs: tuple[str, str]) -> None:
    """Change a file of the app."""
    text = file.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)


def test_its_addresses_exist_in_no_other_command(
    client: httpx.Client, dev: DevServer, server: PorticoServer
) -> None:
    """404 from `portico run` for the stream and its assets; the control: `portico dev` has them."""
    with client_of(dev) as builder:
        with stream(builder) as found:
            assert next(found)[0] == "app"
        page = builder.get("/bench/Home").text
        script = re.search(r'src="([^"]+/dev\.[^"]+\.js)"', page)
        assert script is not None
        style = re.search(r"\./(dev\.[0-9a-f]+\.css)", builder.get(script[1]).text)
        assert style is not None
        assets = [script[1], script[1].rpartition("/")[0] + "/" + style[1]]
        assert [builder.get(path).status_code for path in assets] == [200, 200]
    for path in (
        *assets,
        EVENTS,
        f"{EVENTS}?app=probe",
        "/_portico/dev",
        "/_portico/dev/",
        "/_portico/dev/x",
    ):
        assert client.get(path).status_code == 404, path


def everything(client: httpx.Client, paths: tuple[str, ...]) -> bytes:
    """The documents at these addresses, and all that they load."""
    documents = [client.get(path).content for path in paths]
    loaded = {
        path.decode() for text in documents for path in re.findall(rb'(?:src|href)="(/_portico/[^"]+)"', text)
    }
    assert loaded
    return b"\n".join([*documents, *(client.get(path).content for path in sorted(loaded))])


def test_pages_of_run_hold_no_byte_of_it(client: httpx.Client, dev: DevServer, bench: Path) -> None:
    """Neither documents of any kind nor what they load; the control: in `portico dev` all of it is found."""
    paths = ("/", "/jwt-login/LoginPage", "/jwt-login/MainPageAsInSeed", "/jwt-login/Nowhere", "/nowhere/x")
    found = everything(client, paths)
    assert [mark for mark in MARKS if mark in found] == []
    with client_of(dev) as builder:
        assert [mark for mark in MARKS if mark not in everything(builder, paths)] == []
        ours, theirs = (one.get("/jwt-login/LoginPage").text for one in (client, builder))
    # What differs is one line, and the address of the client.
    lines = [line for line in theirs.splitlines() if "data-dev" not in line]
    assert len(lines) == len(theirs.splitlines()) - 1
    client_script = re.compile(r"portico\.[0-9a-f]+\.js")
    assert [client_script.sub("", line) for line in lines] == [
        client_script.sub("", line) for line in ours.splitlines()
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:PORT"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_the_stream_is_for_pages_of_this_server(dev: DevServer, headers: dict[str, str]) -> None:
    """Another name that leads here (DNS rebinding) and another site are refused; the control is let in."""
    given = {name: value.replace("PORT", str(dev.port)) for name, value in headers.items()}
    with client_of(dev) as builder:
        assert builder.get(EVENTS, params={"app": "bench"}, headers=given).status_code == 403
        own = {"Host": f"localhost:{dev.port}", "Sec-Fetch-Site": "same-origin"}
        with builder.stream("GET", EVENTS, params={"app": "bench"}, headers=own) as answer:
            assert answer.status_code == 200


def test_a_stream_tells_of_its_own_visits_alone(dev: DevServer) -> None:
    """Another visitor's notes are not in it, nor are those before the id that the page names."""
    with client_of(dev) as one, client_of(dev) as other:
        mine, theirs = Tab(one, "/bench/Home"), Tab(other, "/bench/Home")
        theirs.post("SayButton", NameInput="theirs")
        mine.post("SayButton", NameInput="mine")
        mine.post("SayButton", NameInput="again")
        with stream(one, mine.visit) as found:
            notes = [next(found) for _ in range(6)]
        texts = [data["text"] for _, _, data in notes if "text" in data]
        assert texts[0] == "said mine "
        assert texts[-2:] == ["said again ", "a warning"]
        with stream(one, mine.visit, theirs.visit) as found:
            assert until(found, lambda message: message[2].get("text") == "said theirs ")
        last = notes[-3][1]
        with stream(one, mine.visit, after=last) as found:
            assert until(found, lambda message: message[0] == "note")[2]["text"] == "said again "
        with stream(one, mine.visit, after="another-run.999") as found:
            assert until(found, lambda message: message[0] == "note")[2]["text"] == "said mine "


@contextmanager
def following(server: DevServer) -> Iterator[Callable[[], dict[str, Any]]]:
    """Call what this gives after a change of the app: it returns how the app stands when it was noticed."""
    with client_of(server) as watcher, stream(watcher) as found:
        seen = next(found)[2]

        def changed() -> dict[str, Any]:
            nonlocal seen
            seen = until(found, lambda message: message[0] == "app" and message[2] != seen)[2]
            return dict(seen)

        yield changed


def test_a_script_that_never_ends_is_told(dev: DevServer, bench: Path) -> None:
    """What stopped the scripts of a page is an error in the panel too."""
    with client_of(dev) as builder, following(dev) as changed:
        rewrite(bench / HOME, ("{{ Tools.say() }}", "{{ (() => { while (true); })() }}"))
        changed()
        tab = Tab(builder, "/bench/Home")
        tab.post("SayButton")
        with stream(builder, tab.visit) as found:
            note = until(found, lambda message: message[2].get("kind") == "error")[2]
    assert note["text"].startswith("ScriptOverrun")
    assert note["page"] == "Home"


def test_an_event_under_way_ends_on_the_version_it_began_on(
    dev: DevServer, bench: Path, api: Upstream, gate: threading.Event
) -> None:
    """Its answer comes, the next event of the same page is of the new version, and then the script
    worker of the old one is gone."""
    with client_of(dev) as builder, following(dev) as changed:
        tab = Tab(builder, "/bench/Home")
        tab.post("SayButton")
        (worker,) = workers(dev.pid)
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(tab.post, "WordButton", SecretInput="slow")
            while not api.requests:
                time.sleep(0.01)
            rewrite(bench / HOME, ("First version", "Second version"))
            changed()
            assert worker in workers(dev.pid)
            gate.set()
            answer = slow.result()
        assert (answer["status"], answer["alerts"]) == (200, [])
        assert "Second version" in tab.post("SayButton")["html"]["Heading"]
        for _ in range(500):
            if worker not in workers(dev.pid):
                break
            time.sleep(0.02)
        assert len(workers(dev.pid) - {worker}) == len(workers(dev.pid)) == 1


def workers(pid: int) -> set[int]:
    """The script workers of a server."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid and b"portico.sandbox.worker" in words:
            found.add(int(process.name))
    return found


def test_pages_that_are_the_same_for_everybody_are_made_anew(dev: DevServer, bench: Path) -> None:
    """A cached page of the version before is not served, not even to a browser that still has it."""
    with client_of(dev) as builder, following(dev) as changed:
        first = builder.get("/bench/Other")
        assert "ETag" in first.headers, "the control: it is such a page"
        rewrite(bench / "pages/Other/page.yaml", ("The other page", "Another page"))
        changed()
        again = builder.get("/bench/Other", headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 200
        assert "Another page" in again.text


def test_a_file_that_is_saved_as_it_was_changes_nothing(dev: DevServer, bench: Path) -> None:
    """The version is of what the files hold: the next that is told is a real change."""
    with following(dev) as changed:
        (bench / HOME).write_text((bench / HOME).read_text())
        (bench / ".page.yaml.swp").write_text("an editor's own file")
        time.sleep(0.5)
        rewrite(bench / "app.yaml", ("name: Bench", "name: Renamed"))
        assert changed()["name"] == "Renamed"


def test_one_broken_app_leaves_the_others_alone(dev: DevServer, bench: Path) -> None:
    """Its errors are told with all that `portico check` says, and no event of the other app minds."""
    with client_of(dev) as builder, following(dev) as changed:
        rewrite(bench / HOME, ("type: Select", "type: Selekt"))
        standing = changed()
        (problem,) = standing["problems"]
        assert problem["text"] == (
            "pages/Home/page.yaml:9:11 E205 there is no widget type `Selekt`\n"
            "    received: Selekt\n    fix: did you mean `Select`?"
        )
        assert standing["broken"] is False
        assert "First version" in builder.get("/bench/Home").text
        with stream(builder, app="jwt-login") as found:
            assert next(found)[2]["problems"] == []


def test_the_panel_tells_what_the_lint_finds(dev: DevServer, bench: Path) -> None:
    """Among the problems, once somebody writes it and until somebody mends it; the page goes on."""
    with client_of(dev) as builder, following(dev) as changed:
        rewrite(bench / HOME, ("text: First version,", 'text: "First version {{ auth.token }}",'))
        told = [one for one in changed()["problems"] if one["code"] == "exposed-token"]
        assert [(one["severity"], one["received"]) for one in told] == [("finding", "auth.token")]
        assert told[0]["place"].startswith(f"{HOME}:3:")
        assert "First version" in builder.get("/bench/Home").text
        rewrite(bench / HOME, (" {{ auth.token }}", ""))
        assert "exposed-token" not in [one["code"] for one in changed()["problems"]]


def test_error_pages_say_more_to_the_builder(
    client: httpx.Client, dev: DevServer, server: PorticoServer
) -> None:
    """What only the log says in `portico run` (promise 61) stands on the page in `portico dev`."""
    words = "For you, who builds it"
    with client_of(dev) as builder:
        page = builder.get("/bench/Nowhere")
        assert (page.status_code, words in page.text) == (404, True)
    page = client.get("/jwt-login/Nowhere")
    assert (page.status_code, words in page.text) == (404, False)
