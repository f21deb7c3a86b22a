"""Apps that are followed: read again in a thread, taken over when they are sound, and never lost."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from watchfiles import awatch

from portico.clock import Clock
from portico.definition.load import Loaded, load
from portico.ui.widgets import CATALOGUE
from portico.web.workshop import News, Workshop

PAGE = "title: Home\nwidgets:\n  - {name: Hello, type: Text, text: hello}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small app."""
    root = tmp_path / "small"
    (root / "pages/Home").mkdir(parents=True)
    (root / "app.yaml").write_text("name: Small\nauth: none\n")
    (root / "pages/Home/page.yaml").write_text(PAGE)
    return root


def write(folder: Path, old: str, new: str) -> None:
    """Change the app's page."""
    page = folder / "pages/Home/page.yaml"
    page.write_text(page.read_text().replace(old, new))


class Reader:
    """Reads apps, counts that, and does on the way what a test wants."""

    def __init__(self) -> None:
        self.count = 0
        self.began = threading.Semaphore(0)
        self.open = threading.Event()
        self.open.set()
        self.fails = 0

    def __call__(self, folder: Path) -> Loaded:
        self.count += 1
        self.began.release()
        if self.fails:
            self.fails -= 1
            raise RuntimeError("a fault of ours")
        assert self.open.wait(30)
        return load(folder, types=CATALOGUE, settings={})


@pytest.fixture
def reader() -> Reader:
    """How the apps are read."""
    return Reader()


@pytest.fixture
async def news(folder: Path, reader: Reader) -> AsyncIterator[AsyncGenerator[News, None]]:
    """What happens to the app from now on, once it is followed."""
    workshop = Workshop([(folder, reader(folder))], read=reader, clock=Clock())
    async with aclosing(workshop.news()) as found:
        yield found


async def test_a_new_version_takes_the_place_of_the_old(
    folder: Path, news: AsyncGenerator[News, None]
) -> None:
    """An error does not: what was sound stays, with the error beside it; mended, the next is taken."""
    write(folder, "hello", "good morning")
    first = await anext(news)
    assert (first.replaced, first.state.problems) == (True, ())
    write(folder, "type: Text", "type: Txt")
    broken = await anext(news)
    assert (broken.replaced, broken.state.app, broken.state.broken) == (False, first.state.app, False)
    assert [problem.code for problem in broken.state.problems] == ["E205"]
    write(folder, "type: Txt", "type: Text")
    mended = await anext(news)
    assert (mended.replaced, mended.state.problems, mended.state.since) == (False, (), first.state.since)


async def test_requests_go_on_while_an_app_is_read(
    folder: Path, reader: Reader, news: AsyncGenerator[News, None]
) -> None:
    """Reading is work for a thread: the event loop turns meanwhile, however long it takes."""
    await asyncio.to_thread(reader.began.acquire)
    reader.open.clear()
    write(folder, "hello", "good morning")
    waiting = asyncio.ensure_future(anext(news))
    await asyncio.to_thread(reader.began.acquire)
    assert not waiting.done()
    reader.open.set()
    assert (await waiting).replaced


async def test_files_written_one_after_another_are_one_change(
    folder: Path, reader: Reader, news: AsyncGenerator[News, None]
) -> None:
    """As an editor or a version control writes them: the app is not read for each of them."""
    write(folder, "hello", "good morning")
    await anext(news)
    before = reader.count
    writing = asyncio.create_task(asyncio.to_thread(write_slowly, folder, PAGES))
    state = (await anext(news)).state
    while len(state.app.pages) < PAGES + 1:
        state = (await anext(news)).state
    await writing
    assert reader.count - before < PAGES / 2


PAGES = 60


def write_slowly(folder: Path, count: int) -> None:
    """Add pages, with a little time between them."""
    for number in range(count):
        page = folder / f"pages/Page{number}"
        page.mkdir()
        (page / "page.yaml").write_text(PAGE)
        time.sleep(0.02)


async def test_a_fault_of_ours_does_not_end_it(
    folder: Path, reader: Reader, news: AsyncGenerator[News, None]
) -> None:
    """It is logged, and the next change is read."""
    write(folder, "hello", "good morning")
    await anext(news)
    for _ in range(reader.count):
        await asyncio.to_thread(reader.began.acquire)
    reader.fails = 1
    write(folder, "good morning", "good evening")
    waiting = asyncio.ensure_future(anext(news))
    await asyncio.to_thread(reader.began.acquire)
    write(folder, "good evening", "good night")
    assert (await waiting).replaced


async def test_a_change_before_the_watch_holds_is_found(folder: Path, reader: Reader) -> None:
    """Between the first reading and the watch nothing is lost."""
    workshop = Workshop([(folder, reader(folder))], read=reader, clock=Clock())
    write(folder, "hello", "good morning")
    async with aclosing(workshop.news()) as found:
        assert (await anext(found)).replaced


async def test_where_nothing_can_be_watched_files_are_looked_at(
    folder: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As when the system watches no more files: it is told, and changes are found all the same."""

    async def limited(*paths: Path, force_polling: bool | None, **options: Any) -> AsyncGenerator[Any, None]:
        if not force_polling:
            raise OSError("OS file watch limit reached")
        async for changes in awatch(*paths, force_polling=force_polling, **options):
            yield changes

    monkeypatch.setattr("portico.web.workshop.awatch", limited)
    workshop = Workshop([(folder, reader(folder))], read=reader, clock=Clock())
    async with aclosing(workshop.news()) as found:
        write(folder, "hello", "good morning")
        assert (await anext(found)).replaced
        write(folder, "good morning", "good night")
        assert (await anext(found)).replaced
    assert [record.message for record in caplog.records] == ["files are looked at, not watched"]


async def test_an_app_that_was_never_sound_has_its_place(folder: Path, reader: Reader) -> None:
    """With a version that tells its errors apart, until it is sound."""
    write(folder, "type: Text", "type: Txt")
    workshop = Workshop([(folder, reader(folder))], read=reader, clock=Clock())
    (first,) = workshop.apps
    assert (workshop.states["small"].broken, first.pages) == (True, {})
    async with aclosing(workshop.news()) as found:
        write(folder, "type: Txt", "type: Tex")
        other = await anext(found)
        assert (other.state.broken, other.replaced) == (True, True)
        assert other.state.app.version != first.version
        write(folder, "type: Tex,", "type: Text,")
        healed = await anext(found)
        assert (healed.state.broken, list(healed.state.app.pages)) == (False, ["Home"])


async def test_every_app_that_follows_a_package_is_read_again(tmp_path: Path, reader: Reader) -> None:
    """A change of a package's files is one of each app that names it by `path`, and of no other; a package
    that was not there is taken once it is."""
    package = tmp_path / "packages" / "card"
    module = package / "modules" / "Card" / "module.yaml"
    folders = []
    for name, uses in (("one", "../packages/card"), ("two", "../packages/card"), ("three", None)):
        root = tmp_path / name
        (root / "pages/Home").mkdir(parents=True)
        used = f"packages: {{card: {{path: {uses}}}}}\n" if uses else ""
        (root / "app.yaml").write_text(f"name: {name}\nauth: none\n{used}")
        widget = "{name: Card1, module: card/Card}" if uses else "{name: Hello, type: Text, text: hello}"
        (root / "pages/Home/page.yaml").write_text(f"title: Home\nwidgets:\n  - {widget}\n")
        folders.append(root)
    workshop = Workshop([(folder, reader(folder)) for folder in folders], read=reader, clock=Clock())
    assert {slug for slug, state in workshop.states.items() if state.broken} == {"one", "two"}

    module.parent.mkdir(parents=True)
    (package / "package.yaml").write_text("name: card\nversion: 1.0.0\n")
    module.write_text("kind: ui\nwidgets:\n  - {name: Hello, type: Text, text: hello}\n")
    async with aclosing(workshop.news()) as news:
        found = [await anext(news), await anext(news)]
        assert {(item.state.app.slug, item.state.broken) for item in found} == {
            ("one", False),
            ("two", False),
        }
        before = workshop.states["three"].app.version
        module.write_text(module.read_text().replace("text: hello", "text: good morning"))
        found = [await anext(news), await anext(news)]
        assert {item.state.app.slug for item in found} == {"one", "two"}
        assert all(item.replaced for item in found)
        assert workshop.states["three"].app.version == before


SHARING = """\
name: {name}
auth:
  entry_page: Home
  home_page: In
  session: shared
  sign_in: {{query: login}}
"""


def sharing(root: Path) -> Path:
    """An app that shares its sign-in."""
    for page in ("Home", "In"):
        (root / "pages" / page).mkdir(parents=True)
        (root / "pages" / page / "page.yaml").write_text(PAGE)
    for folder in ("queries", "datasources"):
        (root / folder).mkdir()
    (root / "app.yaml").write_text(SHARING.format(name=root.name))
    (root / "datasources" / "api.yaml").write_text("url: https://api.example.com\n")
    (root / "queries" / "login.yaml").write_text("datasource: api\nmethod: POST\npath: /login\n")
    return root


def moved(folder: Path, old: str, new: str) -> None:
    """The address of the sign-in changes."""
    query = folder / "queries" / "login.yaml"
    assert old in query.read_text()
    query.write_text(query.read_text().replace(old, new))


async def test_apps_that_share_a_sign_in_change_together(tmp_path: Path, reader: Reader) -> None:
    """While one has another contract, both go on as they were served, and both are told; once the second has
    it as well, both are taken over."""
    folders = [sharing(tmp_path / name) for name in ("hr", "crm")]
    workshop = Workshop([(folder, reader(folder)) for folder in folders], read=reader, clock=Clock())
    assert [state.problems for state in workshop.states.values()] == [(), ()]
    before = {slug: state.app.version for slug, state in workshop.states.items()}
    async with aclosing(workshop.news()) as news:
        moved(folders[0], "/login", "/enter")
        found = [await anext(news), await anext(news)]
        assert [item.replaced for item in found] == [False, False]
        for slug, state in workshop.states.items():
            assert [problem.code for problem in state.problems] == ["E532"]
            assert (state.app.version, state.broken) == (before[slug], False)
        moved(folders[1], "/login", "/enter")
        found = [await anext(news), await anext(news)]
        assert [item.replaced for item in found] == [True, True]
        assert {item.state.app.slug for item in found} == {"hr", "crm"}
        assert all(not state.problems for state in workshop.states.values())


async def test_an_app_that_cannot_be_read_counts_as_it_is_served(tmp_path: Path, reader: Reader) -> None:
    """Its neighbour does not get another contract meanwhile."""
    folders = [sharing(tmp_path / name) for name in ("hr", "crm")]
    workshop = Workshop([(folder, reader(folder)) for folder in folders], read=reader, clock=Clock())
    before = workshop.states["crm"].app.version
    async with aclosing(workshop.news()) as news:
        write(folders[0], "text: hello", "texd: hello")
        assert (await anext(news)).state.problems
        moved(folders[1], "/login", "/enter")
        while "E532" not in [problem.code for problem in workshop.states["crm"].problems]:
            await anext(news)
        assert workshop.states["crm"].app.version == before
        assert {problem.code for problem in workshop.states["hr"].problems} > {"E532"}


async def test_apps_that_differ_from_the_start_have_never_been_sound(tmp_path: Path, reader: Reader) -> None:
    """Neither is served until they agree."""
    folders = [sharing(tmp_path / name) for name in ("hr", "crm")]
    moved(folders[0], "/login", "/enter")
    workshop = Workshop([(folder, reader(folder)) for folder in folders], read=reader, clock=Clock())
    assert [state.broken for state in workshop.states.values()] == [True, True]
    async with aclosing(workshop.news()) as news:
        moved(folders[1], "/login", "/enter")
        found = [await anext(news), await anext(news)]
        assert [item.state.broken for item in found] == [False, False]
